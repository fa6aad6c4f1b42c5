"""Any function at all."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import SAME, Extremes, Function
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass


class AnyFunction(FunctionClass):
    """Every function from the cube to [0, 1]: the black box."""

    name = "black box"
    proof = (
        "Nothing ties f(x) to other values. f_min everywhere but at x_max is a member, and so is "
        "f_max everywhere but at x_min."
    )

    def lowest(self, extremes: Extremes, x: Tensor) -> Function:
        return extremes.scaled(lambda points: _is_at(points, extremes.x_max))

    def highest(self, extremes: Extremes, x: Tensor) -> Function:
        return extremes.scaled(lambda points: 1 - _is_at(points, extremes.x_min))

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """White noise: values at different points are independent."""
        waves = torch.randn(extremes.dimension, generator=generator, dtype=torch.float64) * 1e4

        def share(points: Tensor) -> Tensor:
            # all but the first digits of a fast wave: fixed for each point, as good as random
            noise = (torch.sin(points @ waves + 1) * 43758.5453).frac().abs()
            noise = torch.where(_is_at(points, extremes.x_min) > 0, 0.0, noise)
            return torch.where(_is_at(points, extremes.x_max) > 0, 1.0, noise)

        return extremes.scaled(share)


def _is_at(points: Tensor, place: Tensor) -> Tensor:
    """(N,): 1.0 for the points that are this place, else 0.0."""
    return ((points - place).abs().amax(1) <= SAME).double()
