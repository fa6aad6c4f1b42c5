"""Numerical checks of what a function is: how far it is from keeping a property, on random points.

0 (up to rounding) is no violation. A check of this kind can refute membership and never prove it,
so every witness also has its proof beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import Extremes, Function, value_at

TOLERANCE = 1e-9


class Membership(NamedTuple):
    """The result of a numerical check of membership.

    violation: the largest one. tried: the number of points or pairs of points.
    """

    violation: float
    tried: int

    @property
    def holds(self) -> bool:
        """Whether no violation is larger than rounding."""
        return self.violation <= TOLERANCE


def random_points(extremes: Extremes, count: int, generator: torch.Generator) -> Tensor:
    """(count, d) points of the cube where a violation would show: a third each anywhere, at its
    vertices and around the extremes; the extremes themselves come first.
    """
    d = extremes.dimension
    points = torch.rand(count, d, generator=generator, dtype=torch.float64)
    points[::3] = points[::3].round()
    ends = torch.stack([extremes.x_min, extremes.x_max])
    near = points[1::3]
    which = torch.randint(2, (len(near),), generator=generator)
    scale = 10 ** (-4 * torch.rand(len(near), 1, generator=generator, dtype=torch.float64))
    points[1::3] = (ends[which] + scale * (near - 0.5)).clamp(0, 1)
    points[:2] = ends
    return points


def extremes_violation(function: Function, extremes: Extremes, points: Tensor) -> float:
    """The largest amount by which a function exceeds its extremes, or misses their values."""
    values = function(points)
    beyond = torch.maximum(extremes.f_min - values, values - extremes.f_max).max()
    at_min = abs(value_at(function, extremes.x_min) - extremes.f_min)
    at_max = abs(value_at(function, extremes.x_max) - extremes.f_max)
    return max(float(beyond), at_min, at_max, 0.0)


def above_chords(function: Function, first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """(N,): f less its chords from first to second, at a share (N,) in [0, 1] of each."""
    between = torch.lerp(first, second, share[:, None])
    return function(between) - torch.lerp(function(first), function(second), share)


def bent_share(function: Function, first: Tensor, second: Tensor, step: float = 1e-4) -> float:
    """The share of short segments on which f bends: small for few pieces, 1 for a smooth curve.

    Args:
        first, second: (N, d): a segment begins at `first` and goes `step` of the way to `second`.
    """
    ends = torch.lerp(first, second, step)
    middle = (first + ends) / 2
    bend = (function(first) + function(ends) - 2 * function(middle)).abs()
    return float((bend > 1e-11).double().mean())
