"""The morph explorer of lesson 03."""

from __future__ import annotations

from torch import Tensor

from course_lib.classroom.widgets import Explorer, Whole
from course_lib.figures import Picture
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.plots import circuit_figure


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
