"""Functions that change by at most so much a step: Lipschitz, with a bound known or not."""

import math

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import Extremes, Function, Range, value_at
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass

_ROUNDING = 1e-9  # a bound that equals the forced slope must not fail by its last digit
_DRAWN = 12  # values that a random member is drawn through, besides the extremes

Tips = list[tuple[Tensor, float]]
"""Places (d,), and the values there."""


def distance(points: Tensor, place: Tensor, norm: float = 2.0) -> Tensor:
    """(N,): the distances of points (N, d) from one place (d,), or each from its own (N, d)."""
    return torch.linalg.vector_norm(points - place, ord=norm, dim=1)


def forced_slope(extremes: Extremes, norm: float = 2.0) -> float:
    """The slope that the extremes force: rise over distance. No smaller bound is possible."""
    apart = distance(extremes.x_min[None], extremes.x_max, norm)
    return extremes.rise / float(apart) if extremes.rise else 0.0


class Lipschitz(FunctionClass):
    """Functions with |f(a) - f(b)| <= bound * |a - b| for all a and b, the bound known: L, in units
    of f a unit of the norm. Lesson 06 builds the range by hand.

    Raises:
        ValueError: the bound is not positive, or the norm is not 1, 2 (Euclidean) or math.inf.
    """

    proof = (
        "f(x) is at most L |x - x_min| above f_min and at most L |x - x_max| below f_max. The "
        "cones max(f_min, f_max - L |y - x_max|) and min(f_max, f_min + L |y - x_min|) keep the "
        "bound and reach both ends (McShane's extension)."
    )

    def __init__(self, bound: float, norm: float = 2.0, name: str = "Lipschitz, L known") -> None:
        if not (isinstance(bound, int | float) and math.isfinite(bound) and bound > 0):
            raise ValueError(f"L={bound!r}: give a positive, finite number.")
        if norm not in (1, 2, math.inf):
            raise ValueError(f"norm={norm!r}: give 1, 2 or math.inf.")
        self.bound, self.norm, self.name = float(bound), float(norm), name

    def contradiction(self, extremes: Extremes) -> str:
        forced = forced_slope(extremes, self.norm)
        if self.bound >= forced * (1 - _ROUNDING):
            return ""
        return (
            f"L={self.bound:g} is smaller than the slope {forced:g} that they force; give L of at "
            f"least {forced:g}."
        )

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        up = self.bound * float(distance(x[None], extremes.x_min, self.norm))
        down = self.bound * float(distance(x[None], extremes.x_max, self.norm))
        low = max(extremes.f_min, extremes.f_max - down)
        return Range(low, min(extremes.f_max, extremes.f_min + up))

    def ends(self, extremes: Extremes, x: Tensor) -> tuple[Function, Function]:
        return self._cones(extremes, _tips(extremes))

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A random mixture of the least and the greatest function through random values at random
        points, each within the range that those before it leave open.
        """
        tips = _tips(extremes)
        least, greatest = self._cones(extremes, tips)
        for _ in range(_DRAWN):
            place = torch.rand(extremes.dimension, generator=generator, dtype=torch.float64)
            low, high = value_at(least, place), value_at(greatest, place)
            share = float(torch.rand(1, generator=generator, dtype=torch.float64))
            tips.append((place, low + share * max(high - low, 0.0)))  # both functions see it
        share = float(torch.rand(1, generator=generator, dtype=torch.float64))
        return lambda points: torch.lerp(least(points), greatest(points), share)

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        close = torch.lerp(first, second, 1e-3 * share[:, None])  # steep places are often narrow
        return max(self.beyond(function, first, to) for to in (second, close))

    def beyond(self, function: Function, first: Tensor, second: Tensor) -> float:
        """The largest |f(a) - f(b)| less L * |a - b|, over pairs of points (N, d); at least 0."""
        change = (function(first) - function(second)).abs()
        return max(float((change - self.bound * distance(first, second, self.norm)).max()), 0.0)

    def _cones(self, extremes: Extremes, tips: Tips) -> tuple[Function, Function]:
        """The least and the greatest function through these tips that keep the bound."""

        def cones(points: Tensor, slope: float) -> Tensor:
            return torch.stack([v + slope * distance(points, p, self.norm) for p, v in tips])

        return (
            lambda points: cones(points, -self.bound).amax(0).clamp_min(extremes.f_min),
            lambda points: cones(points, self.bound).amin(0).clamp_max(extremes.f_max),
        )


class LipschitzUnknown(FunctionClass):
    """Functions that are Lipschitz in the Euclidean norm, with some bound that nobody knows."""

    name = "Lipschitz, L unknown"
    proof = (
        "With L = (f_max - f_min) / the smallest distance between x, x_min and x_max, the range "
        "for a known L is all of [f_min, f_max]; and no one said that L is smaller."
    )

    def ends(self, extremes: Extremes, x: Tensor) -> tuple[Function, Function]:
        places = torch.stack([extremes.x_min, extremes.x_max])
        nearest = min(float(distance(places, x).min()), float(distance(places[:1], places[1])))
        return Lipschitz(extremes.rise / nearest).ends(extremes, x)

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A random member for a random L, between one and thirty times the forced slope."""
        times = 30 ** float(torch.rand(1, generator=generator))
        return Lipschitz(times * forced_slope(extremes)).draw(extremes, generator)

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The jump over the shortest steps, beyond a slope of 10^6: a finite L leaves none."""
        close = torch.lerp(first, second, 1e-7 * share[:, None])
        return Lipschitz(1e6).beyond(function, first, close)


def _tips(extremes: Extremes) -> Tips:
    return [(extremes.x_min, extremes.f_min), (extremes.x_max, extremes.f_max)]
