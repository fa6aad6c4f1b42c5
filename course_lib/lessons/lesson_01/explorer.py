"""The unit explorer: any unit of the tiny lab's networks, drawn in any of the lesson's ways."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from course_lib.activations import channel_means, record
from course_lib.classroom.widgets import Control, Explorer, OneOf, Switch, Values, Whole
from course_lib.figures import Picture, picture_grid
from course_lib.labs.lab import Lab
from course_lib.labs.tiny.lab import open_tiny
from course_lib.visualization.ascent import visualize
from course_lib.visualization.maco import maco
from course_lib.visualization.transformations import Transformations

NETWORKS = ("standard", "robust")
_RENDERS = 128  # of which those that excite a unit most are shown


def explore_unit(
    labs: Mapping[str, Lab],
    renders: Tensor,
    network: str,
    layer: str,
    unit: int,
    image: str,
    robustness: bool,
    steps: int,
    seed: int,
) -> Picture:
    """A picture of a unit's visualization beside the three renders that excite it most.

    Args:
        labs: by the name of their network. renders: (N, 3, S, S), to choose the best from.
        network: one of these names. layer: one of the lab's layers.
        unit: a channel of that layer. image: "fourier", "pixels" or "maco".
        robustness: whether the picture has to survive transformations.
        steps, seed: of the ascent.
    """
    lab = labs[network]
    drawn = visualize(
        lab.network, layer, unit, steps=steps, seed=seed,
        image=maco(renders) if image == "maco" else image,
        transformations=Transformations() if robustness else None, progress=False,
    )  # fmt: skip
    best = _responses(lab, layer, renders)[:, unit].topk(3).indices
    return picture_grid(
        torch.cat([drawn.images, renders[best]]),
        titles=["visualization", "best render", "second best", "third best"],
        columns=4,
        width=4.6,
        alt=f"A visualization of unit {unit} of {layer} in the {network} network, beside the three "
        "renders that excite the unit most.",
    )


def unit_explorer() -> Explorer:
    """The explorer of lesson 01: network, layer, unit, image kind, robustness, steps, seed."""
    labs = {network: open_tiny(network) for network in NETWORKS}
    layers = labs["robust"].layers
    renders = labs["robust"].photos("test").images[:_RENDERS].clone()  # the same for all its labs

    def last_unit(values: Values) -> int:
        lab = labs[values["network"]]
        return _responses(lab, values["layer"], renders[:1]).shape[1] - 1

    controls: dict[str, Control] = {
        "network": OneOf(NETWORKS, "robust"),
        "layer": OneOf(layers, layers[-1]),
        "unit": Whole(0, last_unit, 7, typed=True),
        "image": OneOf(("fourier", "pixels", "maco"), "fourier"),
        "robustness": Switch(True),
        "steps": Whole(16, 256, 64, step=16),
        "seed": Whole(0, 9, 0),
    }
    sheet: tuple[Values, ...] = (
        {},
        {"network": "standard"},
        {"network": "standard", "image": "pixels", "robustness": False},
        {"layer": "inception3b", "unit": 30},
        {"steps": 16},
        {"seed": 1},
    )
    return Explorer(partial(explore_unit, labs, renders), controls, sheet=sheet)


def _responses(lab: Lab, layer: str, images: Tensor) -> Tensor:
    """(images, units): a layer's responses, averaged over positions."""
    return channel_means(record(lab.network, [layer], images)[layer])
