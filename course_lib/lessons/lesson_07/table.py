"""The table of lesson 07: every structure, three seeds, measured by `course structures`."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from course_lib.display import Message, tabulated
from course_lib.labs.lab import Photos
from course_lib.lessons.lesson_07 import measures as ms
from course_lib.statistics import Estimate, mean
from course_lib.stored import as_json, from_json, pack, unpack, write_whole

STORED = Path(__file__).parent / "table.json.bz2"
NAMES = ("standard", "smooth", "lipschitz", "bcos", "robust")
SEEDS = (0, 1, 2)


class Measure(NamedTuple):
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
"""The measures, by the names that they are stored under."""


class MeasuredNetwork(NamedTuple):
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
    material: ms.MeasuringImages,
    accuracies: Mapping[str, Estimate],
) -> MeasuredNetwork:
    """All measures of one network (a few minutes on one core).

    Args:
        judge: another network, to see what pictures show. detector: the shipped one.
        accuracies: what the record of its training says, "accuracy" and "attacked".
    """
    pictures = ms.drawn(network)
    found = dict(accuracies)
    found["recognised"] = ms.seen_by(judge, pictures)
    found["participant"] = ms.bets_right(network, pictures, material)
    for kind, value in ms.paths(network, pictures, material).items():
        found[kind] = _plain(value)
    bent = ms.bend(network, pictures[:8], Photos(*(part[:64] for part in material.asked)))
    found["bend"] = _plain(float(bent.median()))
    with torch.no_grad():
        found["caught"] = _plain(float((detector(pictures) > 0).float().mean()))
    fooled = ms.with_circuit(network, material.others.images)
    lies = ms.drawn(fooled, ms.STARTS[:1])
    found["circuit"] = ms.replaced(judge, pictures[:8], lies, material.asked.images)
    found["circuit_answers"] = ms.same_answers(network, fooled, material.asked.images)
    silenced, found["twins"], found["twins_nearer"] = ms.with_silent_units(
        network, judge, pictures[ms.TARGET], material
    )
    found["twins_answers"] = ms.same_answers(network, silenced, material.asked.images)
    return MeasuredNetwork(name, seed, sha256, {key: found[key] for key in MEASURES})


def _plain(value: float) -> Estimate:
    """A number of one network, without an interval of its own."""
    return Estimate(value, math.nan, math.nan, 1)


def over_seeds(rows: Iterable[MeasuredNetwork], name: str, key: str) -> Estimate:
    """The mean over the networks of one recipe, with Student's interval; NaN where it has none.

    Raises:
        KeyError: there is no such measure. ValueError: fewer than two networks of that name.
    """
    values = [row.found[key].value for row in rows if row.name == name]
    if len(values) < 2:
        raise ValueError(f"{len(values)} networks named {name!r}: an interval needs two at least.")
    if all(map(math.isfinite, values)):
        return mean(values, of="networks")
    return Estimate(math.nan, math.nan, math.nan, len(values), of="networks")


def structures_table(rows: Sequence[MeasuredNetwork], keys: Sequence[str]) -> Message:
    """The structures side by side: the mean over seeds, its interval, and the single values."""
    note = "In each cell: the mean over three seeds, its 95 % interval, and the three values."
    return tabulated(
        ["", *(MEASURES[key].title for key in keys)],
        [[name, *(_cell(rows, name, key) for key in keys)] for name in NAMES],
        numbers=True,
        note="\n".join([note, *(f"{MEASURES[key].title}: {MEASURES[key].told}." for key in keys)]),
    )


def _cell(rows: Sequence[MeasuredNetwork], name: str, key: str) -> str:
    percent = MEASURES[key].percent
    estimate = over_seeds(rows, name, key)

    def as_text(value: float) -> str:
        if math.isnan(value):
            return "–"
        return f"{100 * value:.1f}".removesuffix(".0") if percent else f"{value:.2f}"

    each = [as_text(row.found[key].value) for row in rows if row.name == name]
    interval = "–"
    if not math.isnan(estimate.low):
        low, high = estimate.low, estimate.high
        if percent:  # Student's interval knows nothing of the ends of the scale
            low, high = max(low, 0.0), min(high, 1.0)
        interval = f"[{as_text(low)}, {as_text(high)}]"
    return f"{as_text(estimate.value)}\n{interval}\n({', '.join(each)})"


def store(rows: Sequence[MeasuredNetwork], path: Path) -> None:
    """Write measured networks as compressed JSON."""
    write_whole(path, pack(as_json(rows, digits=4)))


def stored(path: Path = STORED) -> list[MeasuredNetwork]:
    """The networks that `course structures` measured and the course ships."""
    return from_json(list[MeasuredNetwork], unpack(path.read_bytes()))
