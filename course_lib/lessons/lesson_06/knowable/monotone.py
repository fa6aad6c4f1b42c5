"""Functions that never fall when a variable grows."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import SAME, Extremes, Function, Range
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass

_STEPS = 8  # of a random member


class Monotone(FunctionClass):
    """Functions that fall in no variable. Where one does, turn that variable round: 1 - x."""

    name = "monotone"
    proof = (
        "Below x_min (no coordinate larger) f is f_min, and beyond x_max it is f_max. Anywhere "
        "else both ends are reached: by a ramp up to f_max that begins after x and x_min, and by "
        "one that starts from x_min and is at f_max before x. Both are monotone and continuous."
    )

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.rise == 0 or not _is_beyond(extremes.x_min, extremes.x_max):
            return ""
        return (
            "x_min is at least x_max in every coordinate, so f(x_min) would have to be the larger "
            "value; give an x_min that is smaller somewhere."
        )

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        if _is_beyond(x, extremes.x_max):
            return Range(extremes.f_max, extremes.f_max)
        if _is_beyond(extremes.x_min, x):
            return Range(extremes.f_min, extremes.f_min)
        return super().open_values(extremes, x)

    def lowest(self, extremes: Extremes, x: Tensor) -> Function:
        room = _below(torch.stack([x, extremes.x_min]), extremes.x_max).min()
        return extremes.scaled(_ramp_up(extremes.x_max, float(room)))

    def highest(self, extremes: Extremes, x: Tensor) -> Function:
        room = _below(extremes.x_min, torch.stack([x, extremes.x_max])).min()
        return extremes.scaled(_ramp_from(extremes.x_min, float(room)))

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A weighted sum of ramps at random places, forced through the extremes by two more."""
        shape = (_STEPS, extremes.dimension)
        corners = torch.rand(shape, generator=generator, dtype=torch.float64)
        weights = torch.rand(_STEPS, generator=generator, dtype=torch.float64)
        weights = weights / weights.sum()
        widths = torch.rand(_STEPS + 2, generator=generator, dtype=torch.float64) + 1e-3
        room = float(_below(extremes.x_min[None], extremes.x_max))
        floor = _ramp_up(extremes.x_max, min(room, float(widths[-1])))
        ceiling = _ramp_from(extremes.x_min, min(room, float(widths[-2])))

        def share(points: Tensor) -> Tensor:
            steps = zip(corners, widths, weights, strict=False)
            total = sum(w * _ramp_up(c, float(r))(points) for c, r, w in steps)
            assert isinstance(total, Tensor)
            # at least the floor, at most the ceiling: neither can undo that it is monotone
            return torch.minimum(torch.maximum(total, floor(points)), ceiling(points))

        return extremes.scaled(share)

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The largest fall of f to a point that is at least as large in every coordinate."""
        fall = function(first) - function(torch.maximum(first, second))
        return max(float(fall.max()), 0.0)


def _is_beyond(first: Tensor, second: Tensor) -> bool:
    """Whether no coordinate of the first point is smaller."""
    return bool((first >= second - SAME).all())


def _below(first: Tensor, second: Tensor) -> Tensor:
    """(N,): the largest amount by which a coordinate of the first is below the second's, or 0.

    Args:
        first, second: (N, d), or one of them (d,).
    """
    return (second - first).clamp_min(0).amax(1)


def _ramp_up(place: Tensor, width: float) -> Function:
    """The ramp from 0, where a coordinate is below a place by `width` or more, to 1 beyond it."""
    return lambda points: (1 - _below(points, place) / width).clamp_min(0)


def _ramp_from(place: Tensor, width: float) -> Function:
    """The ramp from 0 below a place to 1, where a coordinate is above it by `width` or more."""
    return lambda points: (_below(place, points) / width).clamp_max(1)
