"""Path similarity by layer, with its controls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache as once
from functools import partial
from typing import Any

import torch
from torch import Tensor

from course_lib.activations import record
from course_lib.fooling.caught import log_spaced
from course_lib.labs.lab import Photos
from course_lib.reproduce.cache import Cache, Part, Result
from course_lib.reproduce.circuit import honest_parts
from course_lib.reproduce.material import Material
from course_lib.reproduce.report import Entry, Experiment, Table, mean_or_none
from course_lib.sanity.controls import compare_controls, contrast, matched_contrast, shifted
from course_lib.sanity.path_similarity import LayerSimilarity, gather
from course_lib.sanity.plots import normalised_figure, similarity_figure
from course_lib.statistics import Estimate
from course_lib.stored import as_json, from_json

_LAYERS = 3  # in a part
_CLASSES = 20  # of each of which a vector a layer is in memory
_PER_CLASS = 12  # photographs, at most
_EARLIER = 3  # times fewer steps
_MOVED = 3 / 16  # of the image's edge, as in lesson 05
VISUALIZATIONS = "visualizations"

Rows = dict[str, list[LayerSimilarity]]
Kind = Callable[[], tuple[Tensor, Tensor]]
"""Makes pictures (N, 3, S, S) and the numbers of their folders (N,)."""


def groups(material: Material) -> list[tuple[str | None, ...]]:
    """The layers, a few in a part."""
    layers = material.recipe.paths
    return [layers[i : i + _LAYERS] for i in range(0, len(layers), _LAYERS)]


def similarity(cache: Cache, material: Material) -> Experiment:
    """Compare visualizations, and pictures that control for what else they are, layer by layer."""
    honest = honest_parts(cache, material)[:_CLASSES]
    places = material.drawn[:_CLASSES]
    compared = once(lambda: material.some_held_out(places, _PER_CLASS))
    kinds = _kinds(material, places, honest, compared)

    def measure(layers: Sequence[str | None]) -> Result:
        facts: dict[str, Any] = {}
        for how, positions in (("layers", True), ("channel means", False)):
            paths = gather(
                material.lab.network, layers, compared(), positions=positions, progress=False
            )
            found: Rows = {}
            for name, make in kinds.items():  # one after the other, for little memory
                found |= compare_controls(paths, {name: make()}, progress=False)
            facts |= {how: as_json(found), "photographs": paths.photos}
        return Result({}, facts)

    def answer_all() -> Result:
        found = {}
        for name, make in kinds.items():
            images, labels = make()
            logits = record(material.lab.network, [None], images)[None][:, list(material.units)]
            right = int((logits.argmax(1) == labels).sum())
            own = float(logits.gather(1, labels[:, None]).mean())
            found[name] = {"right": right, "of": len(labels), "own logit": own}
        return Result({}, {"answers": found})

    made = [
        cache.part(f"paths-{i}", partial(measure, group), version=2, after=honest)
        for i, group in enumerate(groups(material))
    ]
    answers = cache.part("paths-answers", answer_all, after=honest).facts["answers"]
    rows, means = (
        {
            name: from_json(list[LayerSimilarity], [r for p in made for r in p.facts[how][name]])
            for name in kinds
        }
        for how in ("layers", "channel means")
    )
    numbers = {"answers": answers, "layers": _whole(rows), "channel means": _whole(means)}
    return _told(material, len(places), rows, numbers, made[0].facts["photographs"])


def _told(
    material: Material, classes: int, rows: Rows, numbers: dict[str, Any], photographs: int
) -> Experiment:
    answers = numbers["answers"]
    layers = ["output" if layer is None else layer for layer in material.recipe.paths]
    early = round(len(layers) * 2 / 3)
    told_early = f"{early} of {len(layers)} layers, {layers[0]} to {layers[early - 1]}"
    made = []
    for number, (name, found) in enumerate(rows.items()):
        here, undefined = early_mean(found[:early])
        images = f"{answers[name]['of']} pictures of {classes} classes, {photographs} photographs"
        note = "" if number else f"Mean over {told_early}"
        if undefined and not number:
            note += f", without {undefined} of them in which classes cannot be told apart"
        key = "early path" if number == 0 else f"early path, {name}"
        measure = f"Path similarity in the first two thirds: {name}"
        made.append(Entry(key, measure, here, images, percent=False, note=note and f"{note}."))
    table = Table(
        "Normalised path similarity by layer: 0 is as different classes, 1 as the same class; – "
        "where these cannot be told apart; in brackets 95 % intervals over classes",
        ("layer", *rows),
        (
            ("named right", *(f"{a['right']} of {a['of']}" for a in answers.values())),
            *(
                (layer, *(_cell(found[place]) for found in rows.values()))
                for place, layer in enumerate(layers)
            ),
        ),
    )
    told = (
        f"Spearman correlations, as in the paper, of pictures with {photographs} held-out "
        f"photographs of {classes} classes. The controls change one thing in photographs, or "
        "in the visualizations: where they score as low as visualizations do, a low score says "
        "“unlike these photographs” and not yet “another path because it is a visualization”. "
        f"“Named right” is among the {len(material.names)} folders."
    )
    figures = {
        "paths": similarity_figure(rows[VISUALIZATIONS], size=(10.0, 4.6)),
        "controls": normalised_figure(rows, size=(10.0, 4.8)),
    }
    return Experiment(
        "similarity", "Path similarity", told, tuple(made), figures, (table,), numbers
    )


def _whole(rows: Rows) -> dict[str, Any]:
    """Rows ready for JSON, without their classes."""
    return {
        name: as_json([row._replace(by_class=()) for row in found], digits=4)
        for name, found in rows.items()
    }


def _cell(row: LayerSimilarity) -> str:
    if row.normalised is None or row.normalised_interval is None:
        return "–"
    low, high = row.normalised_interval
    return f"{row.normalised:.2f} ({low:.2f} to {high:.2f})"


def early_mean(rows: Sequence[LayerSimilarity]) -> tuple[Estimate | None, int]:
    """The mean normalised similarity over layers, and at how many of them it is undefined.

    With Student's interval over classes, each class being placed on the scale from the mean of
    different to the mean of same.
    """
    defined = [row for row in rows if row.normalised is not None]
    if not defined:
        return None, len(rows)
    curves = [
        [(c.visualization - row.different) / (row.same - row.different) for c in row.by_class]
        for row in defined
    ]
    by_class = torch.tensor(curves, dtype=torch.float64).mean(0)
    return mean_or_none(by_class, of="classes"), len(rows) - len(defined)


def _kinds(
    material: Material,
    places: Sequence[int],
    honest: Sequence[Part],
    compared: Callable[[], Photos],
) -> dict[str, Kind]:
    """What is compared, by name; each makes its pictures and their labels when it is called."""

    def drawn(moment: int = -1) -> tuple[Tensor, Tensor]:
        images = torch.stack([part.tensors["images"][moment].float() for part in honest])
        return images, torch.tensor(places)

    def others() -> tuple[Tensor, Tensor]:
        there = material.train.labels.tolist()
        of = [[i for i, label in enumerate(there) if label == place] for place in places]
        chosen = [i for mine in of for i in mine[:_PER_CLASS]]
        return material.train.images[chosen], material.train.labels[chosen]

    def changed(make: Kind, change: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
        images, labels = make()
        return change(images), labels

    moments = log_spaced(material.settings.steps, material.settings.moments)
    early = max(i for i, step in enumerate(moments) if step <= max(moments) / _EARLIER)
    pixels = round(_MOVED * material.size)
    return {
        VISUALIZATIONS: drawn,
        f"visualizations, {moments[early]} steps": partial(drawn, early),
        "visualizations, photographs' contrast": partial(
            changed, drawn, lambda images: matched_contrast(images, compared())
        ),
        "photographs": others,
        f"photographs, moved {pixels} px": partial(
            changed, others, lambda images: shifted(images, pixels)
        ),
        "photographs, contrast × 3": partial(changed, others, lambda x: contrast(x, 3.0)),
    }
