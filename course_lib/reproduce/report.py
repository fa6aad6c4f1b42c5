"""What a run found, as JSON and as a page that needs neither a network nor a kernel."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from course_lib.reproduce.rows import (
    Experiment,
    Row,
    Table,
    estimate_as_json,
    paper_says,
)
from course_lib.reproduce.run import Findings

SCHEMA = 1
"""Raised when the JSON's keys change."""

_HEAD = ("measure", "paper", "here", "95 % interval", "measured on")
_SOURCE = (
    "Geirhos, Zimmermann, Bilodeau, Brendel & Kim, “Don't trust your eyes: on the (un)reliability "
    "of feature visualizations”, ICML 2024"
)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 19px/1.5 system-ui, sans-serif; color: #111; background: #fff;
       max-width: 76rem; margin: 2rem auto; padding: 0 1.2rem; }}
h1 {{ line-height: 1.2; margin-bottom: .4rem; }}
h2 {{ margin-top: 3rem; border-top: 2px solid #0072B2; padding-top: 1rem; }}
p {{ max-width: 56rem; }}
img {{ max-width: 100%; height: auto; }}
figure {{ margin: 1.2rem 0 2rem; overflow-x: auto; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; margin: 1rem 0 2rem; }}
caption {{ text-align: left; font-weight: bold; padding-bottom: .4rem; }}
th, td {{ padding: .35rem .8rem; border-bottom: 1px solid #bbb; text-align: right;
         vertical-align: top; white-space: nowrap; }}
th[scope=row], thead th:first-child, th[scope=rowgroup] {{ text-align: left; }}
th[scope=row] {{ font-weight: normal; white-space: normal; }}
th[scope=rowgroup] {{ padding-top: 1.2rem; font-size: 1.1em; }}
thead th {{ border-bottom: 2px solid #111; }}
td.paper {{ color: #444; font-style: italic; }}
td.here {{ font-weight: bold; }}
td.on, thead th:last-child {{ text-align: left; }}
td.on {{ font-size: .78em; white-space: normal; min-width: 10rem; }}
small {{ display: block; font-size: .78em; color: #444; }}
.small {{ font-size: .84em; }}
.small thead th {{ white-space: normal; }}
dt {{ font-weight: bold; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{summary}</p>
{results}
{sections}
<h2>What it rests on</h2>
{rests}
</main>
</body>
</html>
"""


def as_json(findings: Findings) -> dict[str, Any]:
    """All that was found, ready for JSON; figures by their alt text."""
    material = findings.material
    settings = material.settings
    return {
        "schema": SCHEMA,
        "course": _version("dont-trust-your-eyes"),
        "torch": torch.__version__,
        "network": settings.network,
        "title": material.title,
        "weights": settings.weights,
        "photographs": {
            "folders": list(material.names),
            "built with": len(material.train.images),
            "held out": len(material.held_out),
            "classes": "ImageNet's" if material.known_classes else "the folders'",
            "units": list(material.units),
        },
        "settings": findings.identity,
        "seconds": round(findings.seconds, 1),
        "experiments": [
            {
                "name": experiment.name,
                "title": experiment.title,
                "told": experiment.told,
                "rows": [_row_as_json(findings, row) for row in experiment.rows],
                "tables": [table._asdict() for table in experiment.tables],
                "figures": [picture.alt for picture in experiment.figures],
                "numbers": experiment.numbers,
            }
            for experiment in findings.experiments
        ],
        "warned": list(findings.warned),
    }


def as_text(findings: Findings) -> str:
    """The main table as text."""
    rows = [_HEAD[:4]]
    for experiment in findings.experiments:
        rows += [_cells(findings, row)[:4] for row in experiment.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_page(findings: Findings) -> str:
    """The page: the table, and for each experiment what was done, its figures and its tables."""
    title = f"Don't Trust Your Eyes, reproduced on {findings.material.title}"
    return _PAGE.format(
        title=html.escape(title),
        summary=html.escape(_summary(findings)),
        results=_results(findings),
        sections="\n".join(_section(experiment) for experiment in findings.experiments),
        rests=_rests(findings),
    )


def packed(findings: Findings) -> bytes:
    """The JSON file."""
    return (json.dumps(as_json(findings), indent=1, ensure_ascii=False, allow_nan=False)).encode()


def _row_as_json(findings: Findings, row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "measure": row.measure,
        "paper": _paper(findings, row) or None,
        "here": estimate_as_json(row.here),
        "text": row.value,
        "images": row.images,
        "note": row.note,
    }


def _paper(findings: Findings, row: Row) -> str:
    settings = findings.material.settings
    told = paper_says(settings.network, settings.weights, row.key)
    if told and row.key.startswith("top") and not findings.material.known_classes:
        told += " of 1000 classes"  # another measure than the one beside it
    return told


def _cells(findings: Findings, row: Row) -> tuple[str, str, str, str, str]:
    return row.measure, _paper(findings, row), row.value, row.interval, row.images


def _summary(findings: Findings) -> str:
    material = findings.material
    told = (
        f"{len(material.names)} folders of photographs: {len(material.train.images)} to build with "
        f"and {len(material.held_out)} held out. The column “paper” holds what {_SOURCE}, "
        "reports; everything else was measured here."
    )
    rows = [row for experiment in findings.experiments for row in experiment.rows]
    if not any(_paper(findings, row) for row in rows):
        told += f" For {material.title} it reports none of this, so its column is empty."
    if material.settings.weights == "random":
        told += (
            " The weights are random: this shows that everything runs, and says nothing about "
            "trained networks."
        )
    return told


def _results(findings: Findings) -> str:
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in _HEAD)
    body = ""
    for experiment in findings.experiments:
        body += (
            f'<tbody>\n<tr><th scope="rowgroup" colspan="{len(_HEAD)}">'
            f"{html.escape(experiment.title)}</th></tr>\n"
        )
        for row in experiment.rows:
            cells = [html.escape(cell) for cell in _cells(findings, row)]
            note = f"<small>{html.escape(row.note)}</small>" if row.note else ""
            body += (
                f'<tr><th scope="row">{cells[0]}{note}</th><td class="paper">{cells[1]}</td>'
                f'<td class="here">{cells[2]}</td><td>{cells[3]}</td>'
                f'<td class="on">{cells[4]}</td></tr>\n'
            )
        body += "</tbody>\n"
    return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n{body}</table></div>'


def _section(experiment: Experiment) -> str:
    figures = "\n".join(f"<figure>{p._repr_html_()}</figure>" for p in experiment.figures)
    tables = "\n".join(_table(table) for table in experiment.tables)
    return (
        f"<h2>{html.escape(experiment.title)}</h2>\n<p>{html.escape(experiment.told)}</p>\n"
        f"{figures}\n{tables}"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in table.head)
    body = ""
    for name, *cells in table.rows:
        rest = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        body += f'<tr><th scope="row">{html.escape(name)}</th>{rest}</tr>\n'
    many = ' class="small"' if len(table.head) > 4 else ""
    return (
        f'<div class="wide"><table{many}>\n<caption>{html.escape(table.caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>"
    )


def _rests(findings: Findings) -> str:
    told = {name: str(value) for name, value in findings.identity.items()}
    told["computing took"] = f"{findings.seconds / 60:.1f} minutes on this machine"
    told["folders"] = ", ".join(findings.material.names)
    items = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>\n"
        for name, value in told.items()
    )
    rests = f"<dl>\n{items}</dl>"
    if findings.warned:
        warned = "".join(f"<li>{html.escape(sentence)}</li>\n" for sentence in findings.warned)
        rests = f"<p>Warned of along the way:</p>\n<ul>\n{warned}</ul>\n{rests}"
    return rests


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


__all__: Sequence[str] = ["SCHEMA", "as_json", "as_page", "as_text", "packed"]
