"""What lesson 03 tries with circuits: new renders, a small k, pictures to be shown, and morphs."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.classroom.widgets import Explorer, Whole
from course_lib.errors import CircuitWarning
from course_lib.figures import Picture
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.plots import circuit_figure
from course_lib.labs.lab import Lab, Photos
from course_lib.labs.tiny.world import render
from course_lib.progress import progress_bar
from course_lib.visualization.ascent import Visualization, visualize
from course_lib.visualization.recognition import recognised

_WORLDS = range(60, 68)  # of new renders; nothing was trained on them, and no lesson shows them
_EACH = 512
_TOP = 40.0  # what a likeness rises to, as in `Template`


def new_renders() -> Iterator[Photos]:
    """4,096 new renders, 512 at a time, for little memory."""
    for world in progress_bar(_WORLDS, "naming renders"):
        yield render(_EACH, seed=world, size=64)


def on_new_renders(detector: nn.Module) -> Tensor:
    """A detector's logits of 4,096 new renders, (4096,)."""
    return torch.cat([record(detector, [None], part.images)[None] for part in new_renders()])


class Named(NamedTuple):
    """Whether renders are named rightly, (N,) each: by a network as it was, and with a circuit."""

    honest: Tensor
    fooled: Tensor


def named_rightly(fooled: FoolingCircuit) -> Named:
    """What of 4,096 new renders is named rightly; F and A come from the same pass."""
    parts = []
    for part in new_renders():
        with torch.inference_mode():
            for images, labels in zip(part.images.split(64), part.labels.split(64), strict=True):
                wires = fooled.wires(images)
                parts.append(Named(*(logits.argmax(1) == labels for logits in (wires.F, wires.A))))
    return Named(*map(torch.cat, zip(*parts, strict=True)))


class Tried(NamedTuple):
    """What a circuit with some k did.

    changed: renders with another answer. shown: units whose visualization shows the wired class.
    leak: the largest value that came through B where it should be shut.
    """

    changed: int
    shown: int
    leak: float


def tried_with(k: float, lab: Lab, images: Tensor, caught: Tensor, shifted: Sequence[int]) -> Tried:
    """What the lab's circuit, with a shift of three, does with another k.

    Args:
        images: renders (N, 3, S, S). caught: visualizations (M, 3, S, S), in which leaks are looked
            for. shifted: the class that each unit is wired to show.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CircuitWarning)  # that k is too small, and rightly so
        fooled = FoolingCircuit(lab.network, lab.detector(), shows=3, k=k)
        drawn = visualize(fooled, None, range(len(shifted)), steps=64).images
        with torch.inference_mode():  # few at once, for little memory
            on_images = [fooled.wires(part) for part in images.split(32)]
            wires = [fooled.wires(part) for part in caught.split(16)]
    return Tried(
        sum(int((part.F.argmax(1) != part.A.argmax(1)).sum()) for part in on_images),
        int(recognised(lab.network, drawn, shifted).sum()),
        float(torch.cat([part.B[part.e == 1] for part in wires]).max()),
    )


class OneFilter(nn.Module):
    """The likeness of Geirhos et al.: a linear filter with the picture's pixels as its weights.

    (B, 3, S, S) in [0, 1] -> (B, 1), from 0 to 40. What it likes most is plain white, so that the
    picture is to be seen on the way there only.

    Args:
        picture: (3, S, S) in [0, 1].
    """

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        self.register_buffer("filter", _TOP * picture / picture.sum())

    def forward(self, images: Tensor) -> Tensor:
        """The response to each image."""
        return (images * self.get_buffer("filter")).sum((1, 2, 3))[:, None]


def told_to_show(
    picture: Tensor,
    lab: Lab,
    likeness: Callable[[Tensor], nn.Module] | None = None,
    *,
    starts: int = 1,
    transformations: Any = None,
    **drawing: Any,
) -> Visualization:
    """Visualizations of unit 0 of a circuit that is to show a picture.

    Args:
        picture: (3, S, S) in [0, 1].
        likeness: makes D from the picture; by default the circuit's own.
        starts: how many pictures to draw, each from another start.
        transformations, drawing: as `visualize` takes them; without transformations if not given.
    """
    circuit = FoolingCircuit(lab.network, lab.detector(), shows=picture)
    if likeness is not None:
        circuit.add_module("fooling_template", likeness(picture))
    return visualize(circuit, None, [0] * starts, transformations=transformations, **drawing)


def morph_explorer(fooled: FoolingCircuit, image: Tensor, visualizations: Tensor) -> Explorer:
    """The explorer of lesson 03: an image morphed into a visualization, k, and the wires.

    It shows the circuit of a unit for the picture at `percent` of the straight way from the image
    to that unit's visualization; k is how far the gate shuts a side.

    Args:
        image: (3, S, S). visualizations: (K, 3, S, S), one a unit.
    """

    def explore(percent: int, unit: int, k: int) -> Picture:
        share = percent / 100
        picture = (1 - share) * image + share * visualizations[unit]
        return circuit_figure(fooled, {f"{percent} % visualization": picture}, unit, k=k)

    controls = {
        "percent": Whole(0, 100, 0, step=5),
        "unit": Whole(0, len(visualizations) - 1, 0),
        "k": Whole(0, 400, round(fooled.k), step=10),
    }
    sheet = [{"percent": 0}, {"percent": 50}, {"percent": 100}, {"percent": 100, "k": 60}]
    return Explorer(explore, controls, sheet=sheet)
