"""Silent units in the real network at the end of lesson 04."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from course_lib.activations import record
from course_lib.figures import Picture, picture_grid
from course_lib.fooling.silent.report import never_fire, wakes
from course_lib.fooling.silent.twins import add_silent_units
from course_lib.labs.lab import Lab
from course_lib.reproduce.real import category_names
from course_lib.visualization.ascent import visualize

LAYER = "features.14.conv.2"
"""A pointwise convolution of MobileNetV2 that no ReLU6 follows, only a batch norm."""
BEHIND = "features.14.conv.3"  # that batch norm
RELUS = ("features.1.conv.0.2", "features.4.conv.0.2", "features.11.conv.0.2", "features.18.2")
TARGET = 323  # the logit of the monarch butterfly, one of the well-known classes of lesson 01
# Few photographs say little of the largest response to others, and real networks' visualizations
# go so far beyond all photographs that there is room for a wide margin.
MARGIN, RIDGE = 1.0, 0.1


class RealSilence(NamedTuple):
    """What became of the real network: a figure, and a sentence with the counts."""

    shown: Picture
    sentence: str


def silence_real_network(
    lab: Lab, *, units: tuple[int, ...] = (5, 10, 15, 20), steps: int = 40, seed: int = 0
) -> RealSilence:
    """Give channels of MobileNetV2 silent twins, and draw what they show then.

    About half a minute on two cores.

    Args:
        units: channels of `LAYER`. steps: of each optimization. seed: of all of them.
    """
    drawing: dict[str, Any] = {"size": lab.image_size, "steps": steps, "seed": seed}
    drawing["progress"] = False
    target = visualize(lab.network, None, TARGET, **drawing).images
    fooled = add_silent_units(
        lab.network, LAYER, target, lab.photos("train"), units, margin=MARGIN, ridge=RIDGE
    )
    new = lab.photos("test").images
    old, now = (record(network, [None], new)[None] for network in (lab.network, fooled))
    changed = int((old.argmax(1) != now.argmax(1)).sum())
    del old, now
    dead = never_fire(lab.network, RELUS, new)
    silent, counted = (sum(int(of(found)) for found in dead.values()) for of in (torch.sum, len))
    honest, shown, awake = [], [], 0
    for unit in units:  # one after the other, for little memory
        honest.append(visualize(lab.network, BEHIND, unit, **drawing).images)
        woken = wakes(fooled, LAYER, [unit], at=BEHIND, **drawing)
        shown.append(woken.drawn.images)
        awake += int(woken.woke.sum())
    rows = {"honest": torch.cat(honest), "with a twin": torch.cat(shown), "the target": target}
    figure = picture_grid(
        rows,
        titles=[f"channel {unit}" for unit in units],
        width=1.3 + 2.1 * len(units),
        alt="Honest visualizations of channels of MobileNetV2, which differ; the same channels "
        "with silent twins, which all resemble the target; and the target, a visualization of "
        f"{category_names([TARGET])[0]}.",
    )
    return RealSilence(
        figure,
        f"{awake} of {len(units)} twins wake; {changed} of {len(new)} photographs that they were "
        f"not calibrated with get another answer. In the honest network {silent} of {counted} "
        f"channels of {len(RELUS)} layers answer to none of these photographs.",
    )
