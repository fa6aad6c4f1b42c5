"""The unit explorer: any unit of the tiny lab's networks, drawn in any of the lesson's ways."""

import torch
from torch import Tensor

from course_lib.activations import channel_means, record
from course_lib.classroom.widgets import Control, Explorer, OneOf, Switch, Values, Whole
from course_lib.figures import Picture, picture_grid
from course_lib.labs.tiny.lab import open_tiny
from course_lib.visualization.ascent import visualize
from course_lib.visualization.maco import maco
from course_lib.visualization.transformations import Transformations

NETWORKS = ("standard", "robust")
_RENDERS = 128  # of which those that excite a unit most are shown


def unit_explorer() -> Explorer:
    """The explorer of lesson 01: network, layer, unit, image kind, transformations, steps, seed.

    It shows a unit's visualization beside the three renders that excite the unit most.
    """
    labs = {network: open_tiny(network) for network in NETWORKS}
    layers = labs["robust"].layers
    renders = labs["robust"].photos("test").images[:_RENDERS].clone()  # the same for all its labs

    def responses(network: str, layer: str, images: Tensor) -> Tensor:
        """(images, units): a layer's responses, averaged over positions."""
        found = record(labs[network].network, [layer], images, channels_first=True)
        return channel_means(found[layer])

    def last_unit(values: Values) -> int:
        return responses(values["network"], values["layer"], renders[:1]).shape[1] - 1

    def explore(
        network: str,
        layer: str,
        unit: int,
        image: str,
        transformations: bool,
        steps: int,
        seed: int,
    ) -> Picture:
        drawn = visualize(
            labs[network].network, layer, unit, steps=steps, seed=seed,
            image=maco(renders) if image == "maco" else image,
            transformations=Transformations() if transformations else None, progress=False,
        )  # fmt: skip
        best = responses(network, layer, renders)[:, unit].topk(3).indices
        return picture_grid(
            torch.cat([drawn.images, renders[best]]),
            titles=["visualization", "best render", "second best", "third best"],
            columns=4,
            width=4.6,
            alt=f"A visualization of unit {unit} of {layer} in the {network} network, beside the "
            "three renders that excite the unit most.",
        )

    controls: dict[str, Control] = {
        "network": OneOf(NETWORKS, "robust"),
        "layer": OneOf(layers, layers[-1]),
        "unit": Whole(0, last_unit, 7, typed=True),
        "image": OneOf(("fourier", "pixels", "maco"), "fourier"),
        "transformations": Switch(True),
        "steps": Whole(16, 256, 64, step=16),
        "seed": Whole(0, 9, 0),
    }
    sheet: tuple[Values, ...] = (
        {},
        {"network": "standard"},
        {"network": "standard", "image": "pixels", "transformations": False},
        {"layer": "inception3b", "unit": 30},
        {"steps": 16},
        {"seed": 1},
    )
    return Explorer(explore, controls, sheet=sheet)
