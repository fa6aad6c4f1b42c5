"""A class of functions: its range, its witnesses, random members, membership; and the largest one.

A numerical check of membership can refute it and never prove it, so every witness also has its
proof beside it.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import (
    Extremes,
    Function,
    Place,
    Range,
    Witness,
    is_at,
    point,
    same_point,
    value_at,
)


class FunctionClass(ABC):
    """A class of functions from the cube to [0, 1]; its name in tables, the proof of its range."""

    name: str
    proof: str

    # what each class defines

    def contradiction(self, extremes: Extremes) -> str:
        """The reason why no member has these extremes, a sentence; empty if there are members."""
        return ""

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        """The range at a point that is neither extreme, where f_min < f_max."""
        return Range(extremes.f_min, extremes.f_max)

    @abstractmethod
    def ends(self, extremes: Extremes, x: Tensor) -> tuple[Function, Function]:
        """Members that take the low and the high end of the range at x, where it has a width."""

    @abstractmethod
    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A random member with these extremes, where f_min < f_max."""

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The distance of a function from the class, over pairs of points (N, d); 0 is none."""
        return 0.0

    # what all classes have in common

    def check(self, extremes: Extremes) -> None:
        """Raise a ValueError if the class has no member with these extremes."""
        if reason := self.contradiction(extremes):
            raise ValueError(f"These extremes contradict the class “{self.name}”: {reason}")

    def value_range(self, extremes: Extremes, x: Place) -> Range:
        """The values that f(x) can have: exactly, over all members with these extremes.

        Raises:
            ValueError: x is outside the cube, or no member has these extremes.
        """
        self.check(extremes)
        place = point(x, extremes.dimension)
        if extremes.rise == 0 or same_point(place, extremes.x_min):
            return Range(extremes.f_min, extremes.f_min)
        if same_point(place, extremes.x_max):
            return Range(extremes.f_max, extremes.f_max)
        low, high = self.open_values(extremes, place)
        return Range(low, max(low, high))  # rounding may swap two ends that are equal

    def witness(self, extremes: Extremes, x: Place) -> Witness:
        """Two members as far apart at x as the range is wide; errors as of `value_range`."""
        found = self.value_range(extremes, x)
        place = point(x, extremes.dimension)
        if found.width == 0:
            member = self.member(extremes, torch.Generator().manual_seed(0))
            return Witness(member, member, found)
        return Witness(*self.ends(extremes, place), found)

    def member(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A random member, drawn in a way that is the course's choice; errors as of `check`."""
        self.check(extremes)
        if extremes.rise == 0:
            return extremes.scaled(lambda points: points.new_zeros(len(points)))
        return self.draw(extremes, generator)

    def check_member(
        self, function: Function, extremes: Extremes, *, tried: int = 3000, seed: int = 0
    ) -> float:
        """The largest violation of what makes a member with these extremes; 0, up to rounding, is
        none. It is searched for at `tried` random points, and as many pairs of points.
        """
        generator = torch.Generator().manual_seed(seed)
        first = _random_points(extremes, tried, generator)
        second = _random_points(extremes, tried, generator)
        second = second[torch.randperm(tried, generator=generator)]
        share = torch.rand(tried, generator=generator, dtype=torch.float64)
        values = function(first)
        beyond = float(torch.maximum(extremes.f_min - values, values - extremes.f_max).max())
        at_min = abs(value_at(function, extremes.x_min) - extremes.f_min)
        at_max = abs(value_at(function, extremes.x_max) - extremes.f_max)
        return max(beyond, at_min, at_max, self.violation(function, first, second, share))


class AnyFunction(FunctionClass):
    """Every function from the cube to [0, 1]: the black box."""

    name = "black box"
    proof = (
        "Nothing ties f(x) to other values. f_min everywhere but at x_max is a member, and so is "
        "f_max everywhere but at x_min."
    )

    def ends(self, extremes: Extremes, x: Tensor) -> tuple[Function, Function]:
        lowest = extremes.scaled(lambda points: is_at(points, extremes.x_max).double())
        return lowest, extremes.scaled(lambda y: 1 - is_at(y, extremes.x_min).double())

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """White noise: values at different points are independent."""
        waves = torch.randn(extremes.dimension, generator=generator, dtype=torch.float64) * 1e4

        def share(points: Tensor) -> Tensor:
            # all but the first digits of a fast wave: fixed for each point, as good as random
            noise = (torch.sin(points @ waves + 1) * 43758.5453).frac().abs()
            noise = noise.masked_fill(is_at(points, extremes.x_min), 0.0)
            return noise.masked_fill(is_at(points, extremes.x_max), 1.0)

        return extremes.scaled(share)


def above_chords(function: Function, first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """(N,): f less its chords from first to second, at a share (N,) in [0, 1] of each."""
    between = torch.lerp(first, second, share[:, None])
    return function(between) - torch.lerp(function(first), function(second), share)


def _random_points(extremes: Extremes, count: int, generator: torch.Generator) -> Tensor:
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
