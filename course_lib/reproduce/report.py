"""What a run found, as a folder keeps it and as it is shown: rows beside the paper's, figures."""

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_lib.display import Message, tabulated
from course_lib.figures import Picture, small
from course_lib.reproduce.cache import keep_file
from course_lib.statistics import Estimate, mean
from course_lib.stored import as_json

SCHEMA = 2
"""Raised when the JSON's keys change."""
JSON = "report.json"
PHOTOGRAPHS, LEASH = "photographs", "leash"
"""The figures that show photographs, which are nobody's to hand on: they are never shipped."""

SOURCE = (
    "Geirhos, Zimmermann, Bilodeau, Brendel & Kim, “Don't trust your eyes: on the (un)reliability "
    "of feature visualizations”, ICML 2024"
)
PAPER: dict[tuple[str, str], str] = {
    ("googlenet", "detector"): "99.49 %",
    ("googlenet", "top1 before"): "69.146 %",
    ("googlenet", "top1 circuit"): "68.744 %",
    ("googlenet", "top5 before"): "88.858 %",
    ("googlenet", "top5 circuit"): "88.330 %",
    ("googlenet", "shown"): "all 1000",
    ("googlenet", "early path"): "about 0",
    ("resnet50", "top1 silent"): "unchanged",
    ("resnet50", "top5 silent"): "unchanged",
}
"""What Geirhos et al. (2024) report, by the network and the row; they have nothing on others."""


class Entry(NamedTuple):
    """A measure of the table.

    key: which measure; `PAPER` has some. measure: what it is called. here: what was measured;
    None where it could not be. images: what it was measured on. unit: in which `here` is printed,
    "%" for a share, "points" for the difference of two, "" for a plain number.
    note: what a reader has to know, or why there is nothing here.
    """

    key: str
    measure: str
    here: Estimate | None
    images: str
    unit: str = "%"
    note: str = ""

    @property
    def value(self) -> str:
        """The measured value as text."""
        if self.here is None:
            return "not measured"
        number = self._number(self.here.value)
        return f"{number} ({self.here.shown})" if self.here.shown else number

    @property
    def interval(self) -> str:
        """The interval as text; empty where there is none."""
        if self.here is None or not math.isfinite(self.here.low):
            return ""
        return f"{self._number(self.here.low)} to {self._number(self.here.high)}"

    def _number(self, value: float) -> str:
        small = 0 < abs(value) < 0.01
        return f"{100 * value:.{1 + small}f} {self.unit}" if self.unit else f"{value:.2f}"


class Table(NamedTuple):
    """A table beside the measures: a head, and rows of text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Experiment(NamedTuple):
    """What an experiment found.

    title, told: its heading, and a paragraph that says what was done. figures: by a name that no
    other experiment's has. numbers: for JSON, beside what the rows hold.
    """

    name: str
    title: str
    told: str
    rows: tuple[Entry, ...]
    figures: dict[str, Picture]
    tables: tuple[Table, ...]
    numbers: dict[str, Any]


def mean_or_none(values: Sequence[float] | Tensor, *, of: str) -> Estimate | None:
    """A mean with Student's interval; None of fewer than two finite values."""
    every = torch.as_tensor(values, dtype=torch.float64)
    numbers = every[every.isfinite()]
    return mean(numbers, of=of) if len(numbers) > 1 else None


def paper_says(network: str, weights: str, key: str, *, classes: bool = True) -> str:
    """What the paper's column holds: nothing for a network that the paper does not have.

    classes: whether top-1 is over ImageNet's classes here too, and not another measure.
    """
    told = PAPER.get((network, key), "") if weights == "imagenet" else ""
    return told + " of 1000 classes" if told and key.startswith("top") and not classes else told


class RunReport(NamedTuple):
    """A result as a folder keeps it.

    told: all but the figures, as the JSON has it. figures: by their names.
    """

    told: dict[str, Any]
    figures: dict[str, Picture]

    @property
    def names(self) -> list[str]:
        """Of the experiments in it."""
        return [experiment["name"] for experiment in self.told["experiments"]]

    def experiment(self, name: str) -> dict[str, Any]:
        """What the JSON has of one of them."""
        return dict(self.told["experiments"][self.names.index(name)])

    def pictures(self, name: str) -> dict[str, Picture]:
        """The figures of an experiment that there are, by their names."""
        there = self.experiment(name)["figures"]
        return {figure: self.figures[figure] for figure in there if figure in self.figures}

    def measures(self, *names: str, images: bool = False) -> Message:
        """The table of what was measured, with the paper's values; of all without a name.

        images: with a column that says what was measured on.
        """
        rows = [row for name in names or self.names for row in self.experiment(name)["rows"]]
        columns = {"measure": "measure", "paper": "paper", "here": "text"}
        columns |= {"95 % interval": "interval"} | ({"measured on": "images"} if images else {})
        if not any(row["paper"] for row in rows):
            del columns["paper"]
        cells = [[row[key] for key in columns.values()] for row in rows]
        notes = [f"{row['measure']}: {row['note']}" for row in rows if row["note"]]
        return tabulated(list(columns), cells, note=" ".join(notes))

    def tables(self, name: str) -> Iterator[Message]:
        """The other tables of an experiment."""
        for table in self.experiment(name)["tables"]:
            yield tabulated(table["head"], table["rows"], numbers=True, note=table["caption"])

    @property
    def rests(self) -> Message:
        """What it rests on, and what was warned of along the way."""
        rows = [(name, str(value)) for name, value in self.told["settings"].items()]
        rows.append(("computing took", f"{self.told['seconds'] / 60:.1f} minutes on this machine"))
        photographs = self.told["photographs"]
        rows.append((classed(photographs), ", ".join(photographs["folders"])))
        rows += [("warned of", sentence) for sentence in self.told["warned"]]
        return tabulated(("setting", "value"), rows)

    @property
    def summary(self) -> str:
        """The photographs, and what the paper's column holds, in a few sentences."""
        told, photographs = self.told, self.told["photographs"]
        text = (
            f"{len(photographs['folders'])} {classed(photographs)} of "
            f"{photographs.get('what', 'photographs')}: {photographs['built with']} to "
            f"build with and {photographs['held out']} held out. The column “paper” holds what "
            f"{SOURCE}, reports; everything else was measured here."
        )
        if not any(row["paper"] for part in told["experiments"] for row in part["rows"]):
            text += f" For {told['title']} it reports none of this, so there is no such column."
        if told["weights"] == "random":
            text += (
                " The weights are random: this shows that everything runs, and says nothing about "
                "trained networks."
            )
        return text


def classed(photographs: Mapping[str, Any]) -> str:
    """What the classes of photographs are called, from what the JSON has of these."""
    return "classes" if photographs["classes"] == "the lab's" else "folders"


def as_told(experiment: Experiment, paper: Callable[[str], str]) -> dict[str, Any]:
    """An experiment ready for JSON, figures by their alt texts. paper: what it says, by a key."""
    rows = [
        as_json(row) | {"paper": paper(row.key), "text": row.value, "interval": row.interval}
        for row in experiment.rows
    ]
    figures = {name: figure._asdict() for name, figure in experiment.figures.items()}
    for about in figures.values():
        del about["data"]
    plain: dict[str, Any] = as_json(experiment._replace(rows=(), figures={}))
    return plain | {"rows": rows, "figures": figures}


def write_report(report: RunReport, folder: Path) -> None:
    """Keep a result in a folder: the figures, and then the JSON, which tells of all of them, its
    numbers to six digits.

    Raises:
        NotKeptError: (an OSError) it cannot be written.
    """
    for name, figure in report.figures.items():
        keep_file(folder / f"{name}.{figure.kind}", figure.data)
    told = as_json(report.told, digits=6)
    text = json.dumps(told, indent=0, ensure_ascii=False, allow_nan=False)
    keep_file(folder / JSON, text + "\n")


def read_report(folder: Path) -> RunReport:
    """What `write_report` kept; figures whose files are not there are left out.

    Raises:
        OSError: there is none. ValueError: it is damaged, or of another edition of the course.
    """
    told = json.loads((folder / JSON).read_text(encoding="utf-8"))
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ValueError(f"{folder / JSON} is of another edition of the course.")
    figures = {}
    for experiment in told["experiments"]:
        for name, about in experiment["figures"].items():
            path = folder / f"{name}.{about['kind']}"
            if path.is_file():
                figures[name] = Picture(path.read_bytes(), **about)
    return RunReport(told, figures)


def to_ship(report: RunReport, *, shown: Collection[str]) -> RunReport:
    """The part of a result that the package may hold: no photograph, no plot, and no table beside
    the measures, which only a page shows.

    shown: the figures that lessons show, which are kept in the size of a page.
    """
    kept = {
        name: small(figure)
        for name, figure in report.figures.items()
        if figure.kind == "webp" and name not in (PHOTOGRAPHS, LEASH) and name in shown
    }
    lean = [experiment | {"tables": []} for experiment in report.told["experiments"]]
    return RunReport(report.told | {"experiments": lean, "stored by": "course pictures"}, kept)
