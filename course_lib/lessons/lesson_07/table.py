"""The table of lesson 07: every structure, three seeds, measured by `course structures`."""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course_lib.display import Message
from course_lib.labs.lab import Photos
from course_lib.lessons.lesson_07 import measures as ms
from course_lib.statistics import Estimate, mean
from course_lib.stored import pack, unpack

STORED = Path(__file__).parent / "table.json.bz2"
NAMES = ("standard", "smooth", "lipschitz", "bcos", "robust")
SEEDS = (0, 1, 2)


@dataclasses.dataclass(frozen=True)
class Measure:
    """A column of the table.

    title: its head. told: what it says, in a sentence. percent: whether it is a share.
    """

    title: str
    told: str
    percent: bool = True


MEASURES = {
    "accuracy": Measure("accuracy", "share of 4,096 new renders that it names rightly"),
    "attacked": Measure(
        "attacked", "share of 512 adversarial examples (L2 radius 1) that it names rightly"
    ),
    "recognised": Measure(
        "recognised",
        "share of its visualizations (8 logits, 3 starts) whose class a standard network of the "
        "next seed sees",
    ),
    "participant": Measure(
        "bets right", "share of bets on its logits that the simulated participant gets right"
    ),
    "path": Measure(
        "path similarity", "of its visualizations, mean over four layers in the middle", False
    ),
    "path_moved": Measure("… of moved renders", "the same for renders moved 12 pixels", False),
    "path_contrast": Measure(
        "… of renders, contrast × 3", "the same for renders of three times the contrast", False
    ),
    "bend": Measure(
        "bend",
        "how far its logits are from a straight line on the way from a render to the visualization "
        "of its class, in units of the rise (0 = linear); median over renders",
        False,
    ),
    "caught": Measure(
        "caught", "share of its visualizations that the shipped detector takes for such"
    ),
    "circuit": Measure(
        "circuit",
        "with the fooling circuit and a detector of its own: share of its 8 visualizations that, "
        "to a judge, are most like the honest ones of class c + 3",
    ),
    "circuit_answers": Measure(
        "… same answers", "the same with the circuit as without, share of 256 renders"
    ),
    "twins": Measure("twins awake", "share of its silent units that wake under optimization"),
    "twins_nearer": Measure(
        "… nearer to target",
        "share of them whose picture resembles the target more than the honest one does",
    ),
    "twins_answers": Measure(
        "… same answers", "the same with the twins as without, share of 256 renders"
    ),
}
"""What was measured, by the name that it is stored under."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """One network, and what was measured of it.

    name: of its recipe. sha256: of its weights. found: by the names of `MEASURES`.
    """

    name: str
    seed: int
    sha256: str
    found: Mapping[str, Estimate]


def measure(
    name: str,
    seed: int,
    sha256: str,
    network: nn.Module,
    judge: nn.Module,
    detector: nn.Module,
    material: ms.Material,
    accuracies: Mapping[str, Estimate],
) -> Measured:
    """All measures of one network (a few minutes on one core).

    Args:
        judge: another network, to see what pictures show. detector: the shipped one.
        accuracies: what the record of its training says, "accuracy" and "attacked".
    """
    pictures = ms.drawn(network)
    found = dict(accuracies)
    found["recognised"] = ms.seen_by(judge, pictures)
    found["participant"] = ms.bets_right(network, pictures, material)
    kinds = ("path", "path_moved", "path_contrast")
    for kind, rows in zip(kinds, ms.paths(network, pictures, material).values(), strict=True):
        found[kind] = _plain(ms.in_the_middle(rows))
    bent = ms.bend(network, pictures[:8], Photos(*(part[:64] for part in material.asked)))
    found["bend"] = _plain(float(bent.median()))
    with torch.no_grad():
        found["caught"] = _plain(float((detector(pictures) > 0).float().mean()))
    own = ms.own_detector(network, material.others.images)
    fooled = ms.with_circuit(network, own)
    lies = ms.drawn(fooled, ms.STARTS[:1])
    found["circuit"] = ms.replaced(judge, pictures[:8], lies, material.asked.images)
    found["circuit_answers"] = ms.same_answers(network, fooled, material.asked.images)
    silenced = ms.with_silent_units(network, pictures[ms.TARGET], material.others.images)
    woken = silenced.woken()
    found["twins"] = silenced.awake(woken)
    found["twins_nearer"] = silenced.nearer(
        network, woken, judge, pictures[ms.TARGET], material.asked.images
    )
    found["twins_answers"] = ms.same_answers(network, silenced.network, material.asked.images)
    return Measured(name, seed, sha256, {key: found[key] for key in MEASURES})


def _plain(value: float) -> Estimate:
    """A number of one network, without an interval of its own."""
    return Estimate(value, math.nan, math.nan, 1)


def over_seeds(rows: Iterable[Measured], name: str, key: str) -> Estimate:
    """The mean over the networks of one recipe, with Student's interval; NaN where it has none.

    Raises:
        KeyError: there is no such measure. ValueError: fewer than two networks of that name.
    """
    values = [row.found[key].value for row in rows if row.name == name]
    if len(values) < 2:
        raise ValueError(f"{len(values)} networks named {name!r}: an interval needs two at least.")
    if not all(map(math.isfinite, values)):
        return Estimate(math.nan, math.nan, math.nan, len(values), of="networks")
    return mean(values, of="networks")


# shown


def structures_table(
    rows: Sequence[Measured], keys: Sequence[str], names: Sequence[str] = NAMES
) -> Message:
    """The structures side by side: the mean over seeds, its interval, and the single values."""
    head = ["", *(MEASURES[key].title for key in keys)]
    text, page = [head], "".join(f"<th>{html.escape(title)}</th>" for title in head)
    for name in names:
        cells = [_cell(rows, name, key) for key in keys]
        text.append([name, *(" ".join(cell) for cell in cells)])
        page += f'</tr><tr><th style="text-align: left">{html.escape(name)}</th>'
        page += "".join(
            f'<td style="text-align: right">{value}<br><small>{interval}<br>{each}</small></td>'
            for value, interval, each in cells
        )
    widths = [max(len(row[i]) for row in text) for i in range(len(head))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in text]
    told = [f"{MEASURES[key].title}: {MEASURES[key].told}." for key in keys]
    note = "In each cell: the mean over three seeds, its 95 % interval, and the three values."
    small = "<br>".join(html.escape(line) for line in [note, *told])
    return Message(
        f"<table><tr>{page}</tr></table><small>{small}</small>", "\n".join([*lines, note, *told])
    )


def _cell(rows: Sequence[Measured], name: str, key: str) -> tuple[str, str, str]:
    as_text = _percent if MEASURES[key].percent else _number
    estimate = over_seeds(rows, name, key)
    each = [as_text(row.found[key].value) for row in rows if row.name == name]
    interval = "–"
    if not math.isnan(estimate.low):
        low, high = estimate.low, estimate.high
        if MEASURES[key].percent:  # Student's interval knows nothing of the ends of the scale
            low, high = max(low, 0.0), min(high, 1.0)
        interval = f"[{as_text(low)}, {as_text(high)}]"
    return as_text(estimate.value), interval, f"({', '.join(each)})"


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f}".removesuffix(".0")


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


# stored


def store(rows: Sequence[Measured], path: Path = STORED) -> Path:
    """Write measured networks as compressed JSON."""
    path.write_bytes(pack([_as_json(row) for row in rows]))
    return path


def stored(path: Path = STORED) -> list[Measured]:
    """What `course structures` measured and the course ships."""
    return [_from_json(row) for row in unpack(path.read_bytes())]


def _as_json(row: Measured) -> dict[str, Any]:
    found = {
        key: {
            "value": _kept(e.value), "interval": [_kept(e.low), _kept(e.high)], "n": e.n,
            "of": e.of, "shown": e.shown,
        }
        for key, e in row.found.items()
    }  # fmt: skip
    return {"name": row.name, "seed": row.seed, "sha256": row.sha256, "found": found}


def _from_json(row: Mapping[str, Any]) -> Measured:
    found = {}
    for key, e in row["found"].items():
        value, low, high = (
            math.nan if number is None else float(number) for number in (e["value"], *e["interval"])
        )
        found[key] = Estimate(value, low, high, e["n"], e["shown"], e["of"])
    return Measured(row["name"], row["seed"], row["sha256"], found)


def _kept(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
