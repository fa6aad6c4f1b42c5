"""What lesson 05 shows of path similarities: a table, an explorer, and the real network."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.activations import record
from course_lib.figures import Picture
from course_lib.labs import open_lab
from course_lib.labs.imagenet import weights_file
from course_lib.labs.lab import Lab, Photos
from course_lib.lessons.display import Message
from course_lib.lessons.real import NETWORK, real_photos_folder
from course_lib.lessons.widgets import Control, Explorer, OneOf, Values
from course_lib.progress import progress_bar
from course_lib.sanity.controls import compare_controls, contrast, named_as_class
from course_lib.sanity.path_similarity import METRICS, LayerSimilarity, PhotoPaths, gather
from course_lib.sanity.plots import normalised_figure
from course_lib.visualization.ascent import visualize

Pictures = Mapping[str, tuple[Tensor, Tensor]]
"""Pictures (N, 3, S, S) and the classes that they are of (N,), by the name of their kind."""


def some(photos: Photos, count: int) -> Photos:
    """The first so many, copied, so that the rest of the memory can be given back."""
    return Photos(photos.images[:count].clone(), photos.labels[:count].clone())


def at(rows: Sequence[LayerSimilarity], layer: str | None) -> LayerSimilarity:
    """The row of a layer.

    Raises:
        KeyError: there is none.
    """
    for row in rows:
        if row.layer == layer:
            return row
    raise KeyError(layer)


def score(rows: Sequence[LayerSimilarity], layer: str | None) -> float:
    """The normalised similarity at a layer, NaN where it is None."""
    value = at(rows, layer).normalised
    return float("nan") if value is None else value


def recorded(lab: Lab, images: Tensor) -> list[dict[str, Tensor]]:
    """For each image what every layer of the lab's network says to it, by the layer's name."""
    found = record(lab.network, lab.layers, images)
    return [{layer: found[layer][i] for layer in lab.layers} for i in range(len(images))]


def rank_vectors(lab: Lab, layer: str, images: Tensor) -> Tensor:
    """(N, D) float64: the centred ranks of what a layer says to each image, of length 1."""
    rows = []
    for answer in record(lab.network, [layer], images)[layer]:
        _, which, counts = torch.unique(answer, return_inverse=True, return_counts=True)
        ranks = (counts.cumsum(0) - counts / 2).double()[which.flatten()]
        ranks = ranks - ranks.mean()
        rows.append(ranks / ranks.norm())
    return torch.stack(rows)


def rates(lab: Lab, pictures: Pictures) -> dict[str, float]:
    """By kind, the share of the pictures that the network names as their class."""
    return {
        name: named_as_class(lab.network, images, labels, lab.unit_of_class).float().mean().item()
        for name, (images, labels) in pictures.items()
    }


def table(
    found: Mapping[str, Sequence[LayerSimilarity]],
    layers: Sequence[str | None],
    named: Mapping[str, float] | None = None,
) -> Message:
    """Normalised similarities at a few layers, a row a kind of picture; "–" where it is None.

    Args:
        named: by kind, the share of its pictures that are named rightly.
    """
    head = ["", *(["named rightly"] if named is not None else [])]
    head += ["output" if layer is None else layer for layer in layers]
    rows = []
    for name, curve in found.items():
        values = [at(curve, layer).normalised for layer in layers]
        cells = [name, *([f"{100 * named[name]:.0f} %"] if named is not None else [])]
        rows.append(cells + ["–" if value is None else f"{value:.2f}" for value in values])
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    text = "\n".join(
        "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in pairs)
        for pairs in (enumerate(zip(row, widths, strict=True)) for row in [head, *rows])
    )
    page = "".join(f'<th style="text-align: right">{html.escape(cell)}</th>' for cell in head)
    for name, *cells in rows:
        page += f'</tr><tr><th style="text-align: left">{html.escape(name)}</th>'
        page += "".join(f'<td style="text-align: right">{html.escape(cell)}</td>' for cell in cells)
    return Message(f"<table><tr>{page}</tr></table>", text)


# the explorer


class _Gathered:
    """The renders' half of the comparison, worked out when it is first asked for."""

    def __init__(
        self, labs: Mapping[str, Lab], renders: Photos, known: Mapping[str, PhotoPaths]
    ) -> None:
        self._labs, self._renders = labs, renders
        self._known = {(name, paths.metric): paths for name, paths in known.items() if name in labs}

    def __call__(self, network: str, metric: str) -> PhotoPaths:
        if (network, metric) in self._known:
            return self._known[network, metric]
        lab = self._labs[network]  # not kept, because it is large, and soon done again
        return gather(
            lab.network, lab.layers, self._renders.images, self._renders.labels, metric,
            progress=False,
        )  # fmt: skip


def explore_paths(
    gathered: _Gathered,
    kinds: Mapping[str, Pictures],
    network: str,
    metric: str,
    pictures: str,
) -> Picture:
    """The curve of one kind of picture, beside that of the visualizations.

    Args:
        gathered: what is known of the renders.
        kinds: by network, its pictures by kind; one kind is "visualizations".
        network, metric, pictures: what to show; "pictures" is a kind.
    """
    shown = dict.fromkeys(("visualizations", pictures))
    chosen = {name: kinds[network][name] for name in shown}
    found = compare_controls(gathered(network, metric), chosen, progress=False)
    return normalised_figure(found, bands=len(found) == 1)  # two bands would hide each other


def path_explorer(
    labs: Mapping[str, Lab],
    renders: Photos,
    kinds: Mapping[str, Pictures],
    known: Mapping[str, PhotoPaths],
) -> Explorer:
    """Choose a network, a metric and a kind of picture.

    Args:
        labs: by the networks' names. renders: to compare with.
        kinds: by network, its pictures by kind, the same kinds for each.
        known: by network, what was already gathered of these renders.
    """
    networks = tuple(kinds)
    names = tuple(kinds[networks[0]])
    controls: dict[str, Control] = {
        "network": OneOf(networks, networks[0]),
        "metric": OneOf(METRICS, METRICS[0]),
        "pictures": OneOf(names, names[0]),
    }
    beside = names[min(2, len(names) - 1)]
    sheet: tuple[Values, ...] = (
        {"pictures": beside},
        {"pictures": beside, "metric": METRICS[1]},
        {"pictures": beside, "network": networks[-1]},
        {"pictures": names[-1], "network": networks[-1]},
    )
    shown = {name: labs[name] for name in networks}
    function = partial(explore_paths, _Gathered(shown, renders, known), kinds)
    return Explorer(function, controls, sheet=sheet)


# the real network

REAL_LAYERS = (
    "features.2", "features.7", "features.11", "features.14", "features.15", "features.16",
    "features.17", "features.18", None,
)  # fmt: skip


class RealPaths(NamedTuple):
    """What was found in the real network.

    found: by kind of picture, its rows. rates: how many of each kind are named rightly.
    """

    found: dict[str, list[LayerSimilarity]]
    rates: dict[str, float]


def real_paths(
    *, per_class: int = 6, steps: Sequence[int] = (18, 36), download: bool = False
) -> RealPaths | None:
    """The check on MobileNetV2: one visualization a class, and photographs at high contrast.

    Args:
        per_class: how many photographs of each class to compare with, and to change, at most.
        steps: how far to climb; the visualizations of each are compared.
        download: fetch what is missing, the weights (14 MB) and Imagenette (340 MB).

    Returns:
        None, after a sentence that says so, where weights or photographs are not at hand.
    """
    folder = real_photos_folder()
    if not download and not (folder and weights_file(NETWORK).is_file()):
        print("No real network on this machine, so this section is skipped. With a connection,")
        print("real_paths(download=True) fetches MobileNetV2's weights and some photographs.")
        return None
    lab = open_lab("imagenet", network=NETWORK, photos=folder, photos_per_class=per_class)
    photos = lab.photos("test")
    paths = gather(lab.network, REAL_LAYERS, photos.images, photos.labels, progress=False)
    del photos  # a laptop has little memory to spare, so nothing is kept longer than it is needed
    runs = [
        visualize(
            lab.network, None, unit, size=lab.image_size, steps=max(steps), snapshots=steps,
            progress=False,
        )
        for unit in progress_bar(lab.unit_of_class, "visualizing")
    ]  # fmt: skip
    others = lab.photos("train")
    found: dict[str, list[LayerSimilarity]] = {}
    named: dict[str, float] = {}

    def add(name: str, images: Tensor, labels: Tensor) -> None:
        kind = {name: (images, labels)}
        found.update(compare_controls(paths, kind, progress=False))
        named.update(rates(lab, kind))

    for count in steps:
        drawn = torch.cat([run.snapshots[count] for run in runs])
        add(f"visualizations, {count} steps", drawn, torch.arange(len(drawn)))
    del runs
    add("photographs", others.images, others.labels)
    for batch in others.images.split(4):
        batch.copy_(contrast(batch, 3.0))
    add("photographs, contrast × 3", others.images, others.labels)
    return RealPaths(found, named)
