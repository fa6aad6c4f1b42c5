"""Path similarities in lesson 05: a table, an explorer, and what stored runs found."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.activations import record
from course_lib.classroom.widgets import Control, Explorer, OneOf, Values
from course_lib.display import Message, tabulated
from course_lib.figures import Picture
from course_lib.labs.lab import Lab, Photos
from course_lib.reproduce.real import reproduced
from course_lib.reproduce.similarity import reading_of
from course_lib.sanity.controls import compare_controls
from course_lib.sanity.path_similarity import (
    METRICS,
    LayerSimilarity,
    PhotoPaths,
    centred_ranks,
    gather,
)
from course_lib.sanity.plots import Rows, normalised_figure
from course_lib.statistics import Estimate, paired_difference
from course_lib.stored import from_json

Pictures = Mapping[str, tuple[Tensor, Tensor]]
"""Pictures (N, 3, S, S) and the classes that they are of (N,), by the name of their kind."""


def some(photos: Photos, count: int) -> Photos:
    """The first `count` photographs, copied, so that the rest of the memory can be given back."""
    return Photos(photos.images[:count].clone(), photos.labels[:count].clone())


def at(rows: Rows, layer: str | None) -> LayerSimilarity:
    """The row of a layer.

    Raises:
        KeyError: there is none.
    """
    return {row.layer: row for row in rows}[layer]


def score(rows: Rows, layer: str | None) -> float:
    """The normalised similarity at a layer, NaN where it is None."""
    value = at(rows, layer).normalised
    return float("nan") if value is None else value


def recorded(lab: Lab, images: Tensor) -> list[dict[str, Tensor]]:
    """For each image the activations of every layer of the lab's network, by the layer's name."""
    found = record(lab.network, lab.layers, images)
    return [{layer: found[layer][i] for layer in lab.layers} for i in range(len(images))]


def rank_vectors(lab: Lab, layer: str, images: Tensor) -> Tensor:
    """(N, D) float64: the centred ranks of a layer's activations for each image, of length 1."""
    activations = record(lab.network, [layer], images)[layer]
    return functional.normalize(centred_ranks(activations.flatten(1)), dim=1)


class Response(NamedTuple):
    """A network's answers to pictures of a kind.

    correct: the share that is classified correctly. logit: the mean of each one's own logit.
    """

    correct: float
    logit: float


def responses(lab: Lab, pictures: Pictures) -> dict[str, Response]:
    """By kind, the share of pictures classified correctly and the mean of their own logits."""
    found = {}
    for name, (images, labels) in pictures.items():
        logits = record(lab.network, [None], images)[None][:, list(lab.unit_of_class)]
        own = logits.gather(1, labels[:, None])[:, 0]
        correct = (logits.argmax(1) == labels).float().mean()
        found[name] = Response(float(correct), float(own.mean()))
    return found


def estimated(rows: Rows, layer: str | None) -> Estimate:
    """The normalised similarity at a layer, with its interval over classes.

    Raises:
        KeyError: there is no such layer. ValueError: its normalised similarity is None.
    """
    row = at(rows, layer)
    if row.normalised is None or row.normalised_interval is None:
        raise ValueError(f"At {layer} same and different cannot be told apart: take another layer.")
    return Estimate(row.normalised, *row.normalised_interval, row.classes, of="classes")


def difference(first: Rows, second: Rows, layers: Sequence[str | None]) -> Estimate:
    """The score of one kind of picture less that of another, on average over some layers.

    Paired by class, in units of the scale from different to same, with Student's interval over
    classes; both kinds may be of different networks.
    """
    return mean_difference([first], [second], layers)


def mean_difference(
    first: Sequence[Rows], second: Sequence[Rows], layers: Sequence[str | None]
) -> Estimate:
    """The `difference` averaged over networks, one of each kind's rows a network.

    The networks are averaged class by class, so that the interval is one over classes: it says
    nothing about other networks.
    """
    mine, others = (
        torch.stack([_by_class(rows, layers) for rows in kind]).mean(0) for kind in (first, second)
    )
    return paired_difference(mine, others, of="classes")


def _by_class(rows: Rows, layers: Sequence[str | None]) -> Tensor:
    """The place of each class from different (0) to same (1), averaged over layers."""

    places = []
    for row in (at(rows, layer) for layer in layers):
        scale = row.same - row.different
        places.append([(c.visualization - row.different) / scale for c in row.by_class])
    return torch.tensor(places, dtype=torch.float64).mean(0)


def which_higher(less: Estimate, first: str, second: str) -> str:
    """The name of the higher one of two, or "cannot say" where the difference may be 0.

    Args:
        less: the first's value less the second's.
    """
    return first if less.low > 0 else second if less.high < 0 else "cannot say"


def listed(names: Iterable[str] | None) -> str | None:
    """Names in one line, in a fixed order, to compare a prediction with; None stays None."""
    return None if names is None else ", ".join(sorted(names)) or "none"


def path_table(
    found: Mapping[str, Rows],
    layers: Sequence[str | None],
    answers: Mapping[str, Response] | None = None,
) -> Message:
    """Normalised similarities at a few layers, a row a kind of picture; "–" where it is None.

    Args:
        answers: of `responses` for the same kinds, shown in two columns more.
    """
    head = ["", "correct", "own logit"] if answers else [""]
    rows = []
    for name, curve in found.items():
        values = [at(curve, layer).normalised for layer in layers]
        cells = ["–" if value is None else f"{value:.2f}" for value in values]
        if answers:
            cells = [f"{100 * answers[name].correct:.0f} %", f"{answers[name].logit:.1f}", *cells]
        rows.append([name, *cells])
    return tabulated(
        [*head, *("output" if layer is None else layer for layer in layers)], rows, numbers=True
    )


COMPARED = ("every position", "channel means")
"""The two forms of a path: with positions, as in the paper, or without them."""


def path_explorer(
    labs: Mapping[str, Lab],
    renders: Photos,
    kinds: Mapping[str, Pictures],
    known: Mapping[str, PhotoPaths],
    layers: Sequence[str | None],
) -> Explorer:
    """The explorer of lesson 05: network, metric, whether positions count, kind of picture.

    It shows the curve of one kind of picture, beside that of the visualizations.

    Args:
        labs: by the networks' names. renders: to compare with.
        kinds: by network, its pictures by kind, the same kinds for each; one is "visualizations".
        known: by network, the paths of these renders at these layers that were gathered before.
        layers: to show.
    """
    networks = tuple(kinds)
    names = tuple(kinds[networks[0]])
    known = {name: known[name] for name in networks if name in known}  # the rest takes memory

    def explore(network: str, metric: str, compared: str, pictures: str) -> Picture:
        positions = compared == COMPARED[0]
        paths = known.get(network)
        if paths is None or (paths.metric, paths.positions) != (metric, positions):
            paths = gather(  # not kept, because it is large, and soon done again
                labs[network].network, layers, *renders, metric, positions=positions, progress=False
            )
        chosen = {name: kinds[network][name] for name in ("visualizations", pictures)}
        return normalised_figure(compare_controls(paths, chosen, progress=False), size=(6.5, 3.6))

    controls: dict[str, Control] = {
        "network": OneOf(networks, networks[0]),
        "metric": OneOf(METRICS, METRICS[0]),
        "compared": OneOf(COMPARED, COMPARED[0]),
        "pictures": OneOf(names, names[-1]),
    }
    sheet: tuple[Values, ...] = (
        {"metric": METRICS[1]},
        {"metric": METRICS[2]},
        {"network": networks[-1]},
        {"network": networks[-1], "compared": COMPARED[1]},
    )
    return Explorer(explore, controls, sheet=sheet)


class RealPaths(NamedTuple):
    """What `course reproduce` found in the real network.

    found: by kind of picture, its rows. means: the same from channel means. responses: how the
    network answers to each kind. told: where all this comes from, in a sentence.
    """

    found: dict[str, list[LayerSimilarity]]
    means: dict[str, list[LayerSimilarity]]
    responses: dict[str, Response]
    told: str


def real_paths() -> RealPaths:
    """The check on MobileNetV2, as `reproduced` has it."""
    real = reproduced("similarity")
    found, means = (
        from_json(dict[str, list[LayerSimilarity]], real.numbers[how])
        for how in ("layers", "channel means")
    )
    answers = real.numbers["answers"].items()
    answered = {kind: Response(a["right"] / a["of"], a["own logit"]) for kind, a in answers}
    return RealPaths(found, means, answered, real.origin)


class AgainstControls(NamedTuple):
    """How much more visualizations score than innocent images, over the first two thirds.

    less: by their number of steps and by the change, "moved" or "contrast × 3"; None where classes
    cannot be told apart. unchanged: visualizations of the most steps less unchanged images, NaN
    likewise. told: where this comes from, in a sentence.
    """

    less: dict[tuple[int, str], Estimate | None]
    unchanged: float
    told: str


_LESS = re.compile(r"early path, (\d+) steps less (\w+), (moved|contrast × 3)")


def against_controls(run: str) -> AgainstControls:
    """What a run of `course reproduce` found, as `reproduced` has it."""
    found = reproduced("similarity", run)
    less, what = dict[tuple[int, str], Estimate | None](), ""
    for key, here in found.numbers.items():
        if match := _LESS.match(key):
            steps, what, change = match.groups()
            less[int(steps), change] = here and from_json(Estimate, here)
    ends = (found.numbers["early path"], found.numbers[f"early path, {what}"])
    mine, others = (float("nan") if end is None else end["value"] for end in ends)
    return AgainstControls(less, mine - others, found.origin)


def controls_table(labs: Mapping[str, AgainstControls]) -> Message:
    """A row for each lab and number of steps: visualizations less both kinds of innocent images."""

    def cell(less: Estimate | None) -> str:
        if less is None:
            return "–"
        return f"{less.value:.2f} ({less.low:.2f} to {less.high:.2f})\n{reading_of(less)}"

    changes = ("moved", "contrast × 3")
    rows = [
        (f"{name}, {steps} steps", *(cell(found.less[steps, change]) for change in changes))
        for name, found in labs.items()
        for steps in sorted({steps for steps, _ in found.less})
    ]
    note = "Score over the first two thirds of the layers; in brackets 95 % intervals over classes."
    return tabulated(("visualizations", *(f"less {c}" for c in changes)), rows, note=note)
