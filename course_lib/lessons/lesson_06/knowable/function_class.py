"""A class of functions: its range, its witnesses, random members, and membership."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import (
    Extremes,
    Function,
    Place,
    Range,
    Witness,
    point,
    same_point,
)
from course_lib.lessons.lesson_06.knowable.membership import (
    Membership,
    extremes_violation,
    random_points,
)


class FunctionClass(ABC):
    """A class of functions from the cube to [0, 1].

    Attributes:
        name: as it stands in tables, and as `catalogue.find_class` knows it.
        proof: of the range, in a few lines.
    """

    name: str
    proof: str

    # what each class defines

    def contradiction(self, extremes: Extremes) -> str:
        """The reason why no member has these extremes, a sentence; empty if there are members."""
        return ""

    @abstractmethod
    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        """The range at a point that is neither extreme, where f_min < f_max."""

    @abstractmethod
    def lowest(self, extremes: Extremes, x: Tensor) -> Function:
        """A member that takes the low end of the range at x; asked where the range has a width."""

    @abstractmethod
    def highest(self, extremes: Extremes, x: Tensor) -> Function:
        """A member that takes the high end."""

    @abstractmethod
    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A random member with these extremes, where f_min < f_max."""

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The distance of a function from the class, over pairs of points (N, d); 0 is none."""
        return 0.0

    # what all classes have in common

    def check(self, extremes: Extremes) -> None:
        """Make sure that the class has members with these extremes.

        Raises:
            ValueError: it has none.
        """
        reason = self.contradiction(extremes)
        if reason:
            raise ValueError(f"These extremes contradict the class “{self.name}”: {reason}")

    def value_range(self, extremes: Extremes, x: Place) -> Range:
        """The values that f(x) can have: exactly, over all members with these extremes.

        Args:
            x: a point of the cube.

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
        """Two members with these extremes that are as far apart at x as the range is wide.

        Raises:
            ValueError: as `value_range`.
        """
        found = self.value_range(extremes, x)
        place = point(x, extremes.dimension)
        if found.width == 0:
            member = self.member(extremes, torch.Generator().manual_seed(0))
            return Witness(member, member, found)
        return Witness(self.lowest(extremes, place), self.highest(extremes, place), found)

    def member(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A random member with these extremes. How it is drawn is the course's choice.

        Raises:
            ValueError: no member has these extremes.
        """
        self.check(extremes)
        if extremes.rise == 0:
            return extremes.scaled(lambda points: points.new_zeros(len(points)))
        return self.draw(extremes, generator)

    def check_member(
        self, function: Function, extremes: Extremes, *, tried: int = 3000, seed: int = 0
    ) -> Membership:
        """A numerical check that a function is in the class and has these extremes."""
        generator = torch.Generator().manual_seed(seed)
        first = random_points(extremes, tried, generator)
        second = random_points(extremes, tried, generator)
        second = second[torch.randperm(tried, generator=generator)]
        share = torch.rand(tried, generator=generator, dtype=torch.float64)
        beyond = extremes_violation(function, extremes, first)
        return Membership(max(beyond, self.violation(function, first, second, share)), tried)
