"""The morph explorer of lesson 03."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from course_lib.classroom.widgets import Explorer, Whole
from course_lib.figures import Picture
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.plots import circuit_figure


def morphed(image: Tensor, visualization: Tensor, percent: int) -> Tensor:
    """The picture (3, S, S) at `percent` of the straight way from an image to a visualization."""
    share = percent / 100
    return (1 - share) * image + share * visualization


def explore_morph(
    fooled: FoolingCircuit,
    image: Tensor,
    visualizations: Tensor,
    percent: int,
    unit: int,
    k: int,
) -> Picture:
    """The circuit of a unit for a picture between an image and that unit's visualization.

    Args:
        image: (3, S, S). visualizations: (K, 3, S, S), one a unit.
        percent: how far the picture is on its way. k: how far the gate shuts a side.
    """
    picture = morphed(image, visualizations[unit], percent)
    return circuit_figure(fooled, {f"{percent} % visualization": picture}, unit, k=k)


def morph_explorer(fooled: FoolingCircuit, image: Tensor, visualizations: Tensor) -> Explorer:
    """The explorer of lesson 03: an image morphed into a visualization, k, and the wires."""
    controls = {
        "percent": Whole(0, 100, 0, step=5),
        "unit": Whole(0, len(visualizations) - 1, 0),
        "k": Whole(0, 400, round(fooled.k), step=10),
    }
    sheet = [{"percent": 0}, {"percent": 50}, {"percent": 100}, {"percent": 100, "k": 60}]
    return Explorer(partial(explore_morph, fooled, image, visualizations), controls, sheet=sheet)
