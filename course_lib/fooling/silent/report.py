"""Measurements of silent units: which an optimization wakes, which new images leave silent."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import (
    HasImages,
    device_of,
    dtype_of,
    eval_mode,
    record,
    recording,
)  # fmt: skip
from course_lib.checks import check_units, whole_numbers
from course_lib.fooling.caught import in_groups
from course_lib.fooling.silent.patches import Batches, batches_of
from course_lib.fooling.silent.twins import checked_conv, twin_of
from course_lib.progress import progress_bar
from course_lib.visualization.ascent import Visualization, visualize

_AT_ONCE = 8  # pictures drawn together


class Wakes(NamedTuple):
    """The twins that an optimization woke, and those that it did not.

    units: (n,) the channels. drawn: the visualization of each.
    response: (n,) the largest response of each twin to its own picture, with its bias.
    woke: (n,) bool, whether that is above 0.
    first: (n,) after how many updates it was awake in a snapshot; -1 if in none.
    """

    units: Tensor
    drawn: Visualization
    response: Tensor
    woke: Tensor
    first: Tensor


def wakes(
    fooled: nn.Module,
    layer: str,
    units: Sequence[int] | None = None,
    *,
    at: str | None = None,
    steps: int = 128,
    snapshots: Sequence[int] = (),
    progress: bool = True,
    **drawing: Any,
) -> Wakes:
    """Visualizations of silent units, and which of their twins these wake.

    Args:
        fooled: what `add_silent_units` returned. layer: the layer that it was given.
        units: some of its silent units; by default all of them.
        at: where the units are read, by default at the convolution; a layer behind it with the
            same channel numbers, such as its batch norm or block, tells what is left there.
        snapshots: after how many updates to look for the first time.
        drawing: whatever else `visualize` takes.

    Raises:
        KeyError, ValueError: as `twin_of` and `visualize`. IndexError: a unit without a twin.
    """
    twin = twin_of(fooled, layer)
    known = twin.units.tolist()
    chosen = _some(units, known)
    missing = [unit for unit in chosen if unit not in known]
    if missing:
        raise IndexError(f"Unit {missing[0]} of layer {layer!r} has no twin; these have: {known}.")
    groups = progress_bar(in_groups(chosen, _AT_ONCE), "waking", show=progress)
    drawing |= {"steps": steps, "snapshots": snapshots, "progress": False}
    runs = [visualize(fooled, at or layer, group, **drawing) for group in groups]
    drawn = Visualization(
        torch.cat([run.images for run in runs]),
        torch.cat([run.activations for run in runs]),
        torch.cat([run.history for run in runs], dim=1),
        {step: torch.cat([run.snapshots[step] for run in runs]) for step in runs[0].snapshots},
    )
    rows = torch.tensor([known.index(unit) for unit in chosen])
    response = _own_response(fooled, layer, drawn.images, rows)
    first = torch.full((len(chosen),), -1)
    for step in sorted(drawn.snapshots, reverse=True):
        awake = _own_response(fooled, layer, drawn.snapshots[step], rows) > 0
        first[awake] = step
    return Wakes(torch.tensor(chosen), drawn, response, response > 0, first)


def _own_response(fooled: nn.Module, layer: str, images: Tensor, rows: Tensor) -> Tensor:
    """(n,) the largest response of twin number rows[i] to picture i."""
    return twin_responses(fooled, layer, images)[torch.arange(len(rows)), rows]


def twin_responses(fooled: nn.Module, layer: str, images: Tensor | HasImages | Batches) -> Tensor:
    """(N, n): the largest response of each twin to each image; above 0 where it is awake.

    A layer that is used several times in a pass is read in its last use.
    """
    name = f"{layer}.twin"
    twin_of(fooled, layer)
    parts = [record(fooled, [name], batch)[name].flatten(2).amax(2) for batch in batches_of(images)]
    return torch.cat(parts)


def overshoot(
    network: nn.Module,
    layer: str,
    photos: Tensor | HasImages | Batches,
    units: Sequence[int] | None = None,
    *,
    steps: int = 64,
    progress: bool = True,
    **drawing: Any,
) -> Tensor:
    """(n,) by which factor each unit's visualization exceeds all photographs.

    (its largest response to the picture - mean) / (its largest response to photographs - mean), for
    the honest network. A twin has w in it, so where this is above 1, a weak dw is sure to wake.
    Lesson 04 builds it by hand.

    Args:
        layer: the dotted name of a convolution, as for `add_silent_units`.
        units: some of its channels; by default all. drawing: whatever else `visualize` takes.

    Raises:
        KeyError, IndexError, ValueError: as `add_silent_units` and `visualize`.
    """
    conv = checked_conv(network, layer)
    chosen = _some(units, range(conv.out_channels))
    check_units(chosen, layer, conv.out_channels)
    top, total, count = torch.tensor(-math.inf), torch.tensor(0.0), 0
    for batch in batches_of(photos):
        found = record(network, [layer], batch)[layer][:, chosen]
        top = torch.maximum(top, found.amax((0, 2, 3)))
        total = total + found.double().sum((0, 2, 3))
        count += found[:, 0].numel()
    own = []
    for mine in progress_bar(in_groups(chosen, _AT_ONCE), "overshoot", show=progress):
        drawn = visualize(network, layer, mine, steps=steps, progress=False, **drawing)
        found = record(network, [layer], drawn.images)[layer][:, mine]
        own.append(found.amax((2, 3)).diagonal())
    mean = (total / count).float()
    return (torch.cat(own) - mean) / (top - mean).clamp(min=1e-12)


def never_fire(
    network: nn.Module, layers: Sequence[str], photos: Tensor | HasImages | Batches
) -> dict[str, Tensor]:
    """By layer, the units that are never above 0, at any position, for any photograph.

    Such units are in honest networks too; so a unit that is silent for all photographs at hand
    convicts nobody.

    Args:
        layers: after their ReLU, or the question makes little sense.

    Returns:
        By layer, (units,) bool. The memory does not grow with the number of photographs.
    """
    top: dict[str, Tensor] = {}
    device, dtype = device_of(network), dtype_of(network)
    watched = recording(network, list(layers), channels_first=True)
    with eval_mode(network), torch.no_grad(), watched as run:
        for number, batch in enumerate(batches_of(photos)):
            if number == 0:
                run.learn_where_to_stop(batch[:1].to(device, dtype))
            for layer, found in run(batch.to(device, dtype)).items():
                assert layer is not None
                by_unit = found.movedim(1, 0).flatten(1).amax(1).cpu()
                top[layer] = torch.maximum(top[layer], by_unit) if layer in top else by_unit
    return {layer: top[layer] <= 0 for layer in layers}


def resemblance(
    judge: nn.Module, known: Tensor, images: Tensor, target: Tensor, layer: str = "inception4b"
) -> Tensor:
    """(N,) how much a judge's features of images are like those of a target, from -1 to 1.

    The cosine between the judge's mean features of an image and of the target, each less those of
    the mean known image and divided by their spread over known images.

    Args:
        judge: a network; that had no part in making the images, where there is one.
        known: (M, 3, S, S), photographs or renders. images: (N, 3, S, S). target: (1, 3, S, S),
            or one for each image.
        layer: whose channels are the features; by default one of the tiny lab's.
    """

    def features(pictures: Tensor) -> Tensor:
        # few at a time, for little memory
        parts = [record(judge, [layer], batch)[layer] for batch in pictures.split(64)]
        return torch.cat([part.mean((2, 3)) for part in parts])

    usual = features(known)
    centre, spread = usual.mean(0), usual.std(0) + 1e-6
    one, other = ((features(part) - centre) / spread for part in (images, target))
    return F.cosine_similarity(one, other)


def _some(units: Sequence[int] | None, known: Sequence[int]) -> list[int]:
    chosen = list(known) if units is None else whole_numbers(units, "units")
    if not chosen:
        raise ValueError("units=[]: give at least one unit, or leave it out for all of them.")
    return chosen
