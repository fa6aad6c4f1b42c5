"""Path similarity by layer, with its controls."""

from collections.abc import Callable, Sequence
from functools import cache as once
from functools import partial
from typing import Any

import torch
from torch import Tensor

from course_lib.activations import record
from course_lib.labs.lab import Photos
from course_lib.reproduce.cache import Cache, Part, Result
from course_lib.reproduce.circuit import honest_starts
from course_lib.reproduce.lab import LabMaterial
from course_lib.reproduce.material import Material, of_classes
from course_lib.reproduce.report import Entry, Experiment, Table, mean_or_none
from course_lib.sanity import controls
from course_lib.sanity.path_similarity import LayerSimilarity, gather
from course_lib.sanity.plots import normalised_figure, normalised_panels, similarity_figure
from course_lib.statistics import Estimate, paired_difference
from course_lib.stored import as_json, from_json

_CLASSES = 20  # of each of which a vector a layer is in memory
_MOVED, _NUDGED = 3 / 16, 1 / 16  # of the image's edge, as in lesson 05
_SAME = 0.3  # on the scale from different to same, within which scores count as the same, as there
_CONTRASTS, _EXCITING = ("contrast × ⅓", "contrast × 3, then × ⅓"), " that excite the logit most"
_LEAST_SCALE = 1 / 40  # of the largest, for a layer to be in the figure of the controls
_WEIGHTED = (
    "Means over layers weigh each by how far same and different are apart there, since a place on "
    "a short scale is mostly chance; the figure of the controls leaves out the shortest. "
)
_BEST = 3  # of these for a logit
VISUALIZATIONS = "visualizations"
Forms = dict[str, tuple[str, bool]]
"""By what a form of the measure is called: its metric, and whether positions count."""
_FORMS: Forms = {"layers": ("spearman", True), "channel means": ("spearman", False)}
_MORE_FORMS: Forms = {"cosine": ("cosine", True), "pearson": ("pearson", True)}

Rows = dict[str, list[LayerSimilarity]]
Kind = Callable[[], tuple[Tensor, Tensor]]
"""Makes pictures (N, 3, S, S) and the numbers of their classes (N,)."""
Change = Callable[[Tensor], Tensor]


def groups(material: Material) -> list[tuple[str | None, ...]]:
    """The layers, a few in a part."""
    layers = material.recipe.paths
    few = material.layers_at_once
    return [layers[i : i + few] for i in range(0, len(layers), few)]


def similarity(cache: Cache, material: Material) -> Experiment:
    """Compare visualizations, and pictures that control for what else they are, layer by layer."""
    honest = [start[:_CLASSES] for start in honest_starts(cache, material)]
    places = material.drawn[:_CLASSES]
    compared = once(lambda: material.some_held_out(places, material.per_class[0]))
    few, more = _kinds(material, places, honest, compared)
    kinds, forms = few | more, _FORMS | (_MORE_FORMS if more else {})
    names = {how: list(kinds if how == "layers" else few) for how in forms}

    def measure(layers: Sequence[str | None]) -> Result:
        facts: dict[str, Any] = {}
        for how, (metric, positions) in forms.items():
            paths = gather(
                material.lab.network, layers, compared(), metric=metric, positions=positions,
                progress=False,
            )  # fmt: skip
            found: Rows = {}
            for name in names[how]:  # one after the other, for little memory
                found |= controls.compare_controls(paths, {name: kinds[name]()}, progress=False)
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

    after = [part for start in honest for part in start]
    made = [
        cache.part(f"paths-{i}", partial(measure, group), version=2, after=after)
        for i, group in enumerate(groups(material))
    ]
    answers = cache.part("paths-answers", answer_all, after=after).facts["answers"]
    by_form = {
        how: {
            name: from_json(list[LayerSimilarity], [r for p in made for r in p.facts[how][name]])
            for name in names[how]
        }
        for how in forms
    }
    numbers = {"answers": answers} | {how: _whole(rows) for how, rows in by_form.items()}
    return _told(material, len(places), by_form, numbers, made[0].facts["photographs"])


def _told(
    material: Material,
    classes: int,
    by_form: dict[str, Rows],
    numbers: dict[str, Any],
    photographs: int,
) -> Experiment:
    rows, answers, what = by_form["layers"], numbers["answers"], material.what
    layers = ["output" if layer is None else layer for layer in material.recipe.paths]
    early = round(len(layers) * 2 / 3)
    first = {name: found[:early] for name, found in rows.items()}
    told_early = f"{early} of {len(layers)} layers, {layers[0]} to {layers[early - 1]}"
    made = []
    for name, found in first.items():
        here, undefined = early_mean(found, weighted=material.recipe.weighted)
        key, note = f"early path, {name}", ""
        if name == VISUALIZATIONS:
            some = f", without {undefined} of them in which classes cannot be told apart"
            key, note = "early path", f"Mean over {told_early}{some if undefined else ''}."
        images = f"{answers[name]['of']} pictures of {classes} classes, {photographs} {what}"
        measure = f"Path similarity in the first two thirds: {name}"
        made.append(Entry(key, measure, here, images, unit="", note=note))
    made += _as_low(material, first)
    told = (
        f"Spearman correlations, as in the paper, of pictures with {photographs} held-out "
        f"{what} of {classes} classes. The controls change one thing in {what}, or "
        "in the visualizations: where they score as low as visualizations do, a low score says "
        f"“unlike these {what}” and not yet “another path because it is a visualization”. "
        f"{_WEIGHTED if material.recipe.weighted else ''}"
        f"“Named right” is among the {len(material.names)} {material.classed}."
    )
    figures = {"paths": similarity_figure(rows[VISUALIZATIONS], photos=what, size=(10.0, 4.6))}
    tables = [_raw_table(layers, rows[VISUALIZATIONS], what)]
    if isinstance(material, LabMaterial):
        panels = _panels(material, rows)
        curves = {
            title: {
                name.partition(", ")[2] or name: _with_scale(found) for name, found in group.items()
            }
            for title, group in panels.items()
        }
        figures["controls"] = normalised_panels(curves, size=(6.0, 3.0))
        tables += [_table(layers, found, answers) for found in panels.values()]
        tables.append(_form_table(layers, by_form))
    else:
        figures["controls"] = normalised_figure(rows, size=(10.0, 4.8))
        tables.append(_table(layers, rows, answers))
    return Experiment(
        "similarity", "Path similarity", told, tuple(made), figures, tuple(tables), numbers
    )


def _by_layer(caption: str, layers: Sequence[str], columns: dict[str, list[str]]) -> Table:
    """A table with a row a layer. columns: by their heads."""
    return Table(caption, ("layer", *columns), tuple(zip(layers, *columns.values(), strict=True)))


def _table(layers: Sequence[str], rows: Rows, answers: dict[str, Any]) -> Table:
    caption = (
        "Normalised path similarity by layer: 0 is as different classes, 1 as the same class; – "
        "where these cannot be told apart; in brackets 95 % intervals over classes"
    )
    columns = {
        name: [f"{answers[name]['right']} of {answers[name]['of']}", *map(_cell, found)]
        for name, found in rows.items()
    }
    return _by_layer(caption, ("named right", *layers), columns)


def _raw_table(layers: Sequence[str], rows: list[LayerSimilarity], what: str) -> Table:
    columns = {
        f"{what}, same class": [_with(row.same, row.same_interval, 3) for row in rows],
        f"{what}, different classes": [
            _with(row.different, row.different_interval, 3) for row in rows
        ],
        VISUALIZATIONS: [_with(row.visualization, row.visualization_interval, 3) for row in rows],
    }
    caption = "Mean Spearman correlations by layer, with 95 % intervals over classes"
    return _by_layer(caption, layers, columns)


def _form_table(layers: Sequence[str], by_form: dict[str, Rows]) -> Table:
    names = {"layers": "spearman", "channel means": "spearman, channel means"}
    columns = {
        names.get(how, how): list(map(_cell, rows[VISUALIZATIONS])) for how, rows in by_form.items()
    }
    caption = "Normalised path similarity of visualizations by layer, in other forms of the measure"
    return _by_layer(caption, layers, columns)


def _cell(row: LayerSimilarity) -> str:
    if row.normalised is None or row.normalised_interval is None:
        return "–"
    return _with(row.normalised, row.normalised_interval, 2)


def _with(value: float, interval: tuple[float, float], digits: int) -> str:
    """A number with its interval."""
    number, low, high = (f"{one:.{digits}f}" for one in (value, *interval))
    return f"{number} ({low} to {high})"


def _as_low(material: Material, early: Rows) -> list[Entry]:
    """How much higher visualizations of so many steps score than each of two innocent changes."""
    moved, strong = _innocent(material)
    drawn = {material.steps: VISUALIZATIONS} | {n: _of_steps(n) for n in material.earlier}
    made = []
    for steps, vis in sorted(drawn.items()):
        for control in (moved, strong):
            mine, others = (
                _by_class(early[name], material.recipe.weighted) for name in (vis, control)
            )
            here = None
            if mine is not None and others is not None and len(mine) > 1:
                here = paired_difference(mine, others, of="classes")
            reading = "" if here is None else f": {reading_of(here)}"
            measure = f"Visualizations, {steps} steps, less {control}{reading}"
            key = f"early path, {steps} steps less {control}"
            of = f"pairs of {len(material.drawn)} classes"
            made.append(Entry(key, measure, here, of, unit=""))
    return made


def reading_of(less: Estimate) -> str:
    """What a difference, visualizations less a control, says of "as low"."""
    if abs(less.low) <= _SAME and abs(less.high) <= _SAME:
        return f"as low, within {_SAME}"
    if less.low > 0:
        return "the control is lower"
    return "visualizations are lower" if less.high < 0 else "cannot be told apart"


def _with_scale(rows: list[LayerSimilarity]) -> list[LayerSimilarity]:
    """The rows of layers with room between same and different; a curve would leap at the others."""
    most = max(row.same - row.different for row in rows)
    return [row for row in rows if row.same - row.different >= _LEAST_SCALE * most]


def _whole(rows: Rows) -> dict[str, Any]:
    """Rows ready for JSON, without their classes."""
    return {
        name: as_json([row._replace(by_class=()) for row in found], digits=4)
        for name, found in rows.items()
    }


def early_mean(
    rows: Sequence[LayerSimilarity], *, weighted: bool = False
) -> tuple[Estimate | None, int]:
    """The mean normalised similarity over layers, and at how many of them it is undefined.

    With Student's interval over classes, each class being placed on the scale from the mean of
    different to the mean of same. weighted: whether each layer counts by how long that scale is.
    """
    by_class = _by_class(rows, weighted)
    found = None if by_class is None else mean_or_none(by_class, of="classes")
    return found, sum(row.normalised is None for row in rows)


def _by_class(rows: Sequence[LayerSimilarity], weighted: bool) -> Tensor | None:
    """(classes,) each one's place from different to same, averaged over layers with a scale."""
    rows = [row for row in rows if row.normalised is not None]
    if not rows:
        return None
    places = [[one.visualization - row.different for one in row.by_class] for row in rows]
    scales = [[row.same - row.different] for row in rows]
    above, scale = (torch.tensor(numbers, dtype=torch.float64) for numbers in (places, scales))
    return above.sum(0) / scale.sum() if weighted else (above / scale).mean(0)


def _kinds(
    material: Material,
    places: Sequence[int],
    honest: Sequence[Sequence[Part]],
    compared: Callable[[], Photos],
) -> tuple[dict[str, Kind], dict[str, Kind]]:
    """What is compared, by name; and, in labs alone, the other controls of lesson 05 and the
    visualizations of each start by themselves. honest: by start, a part a place.
    """
    what, edge, numbers = material.what, material.size, torch.tensor(places)

    def drawn(
        starts: Sequence[Sequence[Part]] = honest, steps: int = material.steps
    ) -> tuple[Tensor, Tensor]:
        moment = material.moments.index(steps)
        images = [part.tensors["images"][moment] for start in starts for part in start]
        return torch.stack(images).float(), numbers.repeat(len(starts))

    def others() -> tuple[Tensor, Tensor]:
        return of_classes(material.train, places, material.per_class[1])

    def best() -> tuple[Tensor, Tensor]:
        units = [material.units[place] for place in places]
        which = controls.best_of(material.lab.network, None, units, material.train, each=_BEST)
        return material.train.images[which.flatten()], numbers.repeat_interleave(_BEST)

    def changed(make: Kind, change: Change) -> Kind:
        def made() -> tuple[Tensor, Tensor]:
            images, labels = make()
            return change(images), labels

        return made

    def shifted(share: float) -> Change:
        return partial(controls.shifted, pixels=round(share * edge))

    def contrast(factor: float) -> Change:
        return partial(controls.contrast, factor=factor)

    moved, strong = _innocent(material)
    few: dict[str, Kind] = {
        VISUALIZATIONS: drawn,
        **{_of_steps(steps): partial(drawn, steps=steps) for steps in material.earlier},
        f"{VISUALIZATIONS}, {what}' contrast": once(
            changed(drawn, lambda images: controls.matched_contrast(images, compared()))
        ),
        what: others,
        moved: changed(others, shifted(_MOVED)),
        strong: changed(others, contrast(3.0)),
    }
    if not isinstance(material, LabMaterial):
        return few, {}
    kept = once(others)
    changes: dict[str, Change] = {
        _moved(material, _NUDGED): shifted(_NUDGED),
        f"{what}, {_CONTRASTS[0]}": contrast(1 / 3),
        f"{what}, {_CONTRASTS[1]}": lambda images: contrast(1 / 3)(contrast(3.0)(images)),
        f"{what}, blurred": partial(controls.blurred, sigma=edge / 64),
        f"{what}, noise": partial(controls.noisy, amount=0.1),
        f"{what}, inverted": controls.inverted,
        f"{what}, grey": controls.grey,
    }
    return few, {
        **{f"{VISUALIZATIONS}, start {i}": partial(drawn, [one]) for i, one in enumerate(honest)},
        f"{VISUALIZATIONS}, {what}' spectrum": once(
            changed(drawn, lambda images: controls.matched_spectrum(images, compared()))
        ),
        **{name: changed(kept, change) for name, change in changes.items()},
        f"{what}{_EXCITING}": once(best),
    }


def _panels(material: Material, rows: Rows) -> dict[str, Rows]:
    """The kinds in groups of at most four, each with the visualizations, by a title."""
    what, (moved, strong) = material.what, _innocent(material)
    groups: dict[str, list[str]] = {
        "steps": [_of_steps(steps) for steps in material.earlier],
        "starts": [name for name in rows if ", start " in name],
        "position": [what, moved, _moved(material, _NUDGED)],
        "contrast": [strong, *(f"{what}, {name}" for name in _CONTRASTS)],
        "made like the images": [name for name in rows if "' " in name],
        "fine detail": [f"{what}, blurred", f"{what}, noise"],
        "colours, and a strong response": [
            f"{what}{ending}" for ending in (", inverted", ", grey", _EXCITING)
        ],
    }
    return {
        title: {name: rows[name] for name in (VISUALIZATIONS, *names)}
        for title, names in groups.items()
    }


def _of_steps(steps: int) -> str:
    return f"{VISUALIZATIONS}, {steps} steps"


def _moved(material: Material, share: float) -> str:
    return f"{material.what}, moved {round(share * material.size)} px"


def _innocent(material: Material) -> tuple[str, str]:
    """The names of the two controls that were found to score low in renders."""
    return _moved(material, _MOVED), f"{material.what}, contrast × 3"
