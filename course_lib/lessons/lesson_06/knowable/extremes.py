"""The result of two perfect visualizations: where a function is extreme, and its values.

The setting of the theory of Geirhos et al. (ICML 2024): a function from the unit cube [0, 1]^d to
[0, 1]. The minimum and the maximum are *attained* at the given points; they may be attained at
other points too. Demanding that they are not changes no closure: all classes here are convex sets,
so as soon as one member has unique extremes, a little of it mixed into any other makes the other's
extremes unique as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]
"""Takes points (N, d) float64 of the cube, returns their values (N,)."""

Place = Tensor | Sequence[float] | float
"""A point of the cube: (d,) numbers in [0, 1], or one number where d = 1."""

SAME = 1e-9
"""Points that are no further apart in any coordinate count as the same point."""


class Range(NamedTuple):
    """The closed interval of the values that are left open."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """The largest disagreement between two members."""
        return self.high - self.low

    @property
    def middle(self) -> float:
        """The guess whose largest error is the smallest: half the width."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, eq=False)
class Extremes:
    """The places where a function is extreme, and its values there, in [0, 1].

    x_min, x_max: (d,) float64, points of the cube, made from anything that `point` takes.

    Raises:
        ValueError: a point is outside the cube, the two are of different dimensions, the values
            are not 0 <= f_min <= f_max <= 1, or one point is to have two values.
    """

    x_min: Tensor
    x_max: Tensor
    f_min: float = 0.0
    f_max: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "x_min", point(self.x_min, name="x_min"))
        object.__setattr__(self, "x_max", point(self.x_max, name="x_max"))
        if len(self.x_min) != len(self.x_max):
            raise ValueError(
                f"x_min has {len(self.x_min)} coordinates and x_max {len(self.x_max)}: give two "
                "points of the same cube."
            )
        if not 0 <= self.f_min <= self.f_max <= 1:  # also false for NaN
            raise ValueError(
                f"f_min={self.f_min} and f_max={self.f_max}: give 0 <= f_min <= f_max <= 1."
            )
        if same_point(self.x_min, self.x_max) and self.f_min < self.f_max:
            raise ValueError(
                f"x_min and x_max are the same point, which cannot have the values {self.f_min:g} "
                f"and {self.f_max:g}: give two points, or one value."
            )

    @property
    def dimension(self) -> int:
        """The number of variables of the function."""
        return len(self.x_min)

    @property
    def rise(self) -> float:
        """f_max - f_min."""
        return self.f_max - self.f_min

    def scaled(self, share: Function) -> Function:
        """The function f_min + rise * share, from one with values in [0, 1]."""
        return lambda points: self.f_min + self.rise * share(points)


class Witness(NamedTuple):
    """Two members of a class with the same extremes, as far apart at a point as members can be.

    lowest, highest: the members. range: the values that are left open; lowest takes the low end at
    the point and highest the high end, so the ends are attained.
    """

    lowest: Function
    highest: Function
    range: Range


def point(place: Place, dimension: int | None = None, *, name: str = "x") -> Tensor:
    """A place as a tensor (d,) of float64.

    Raises:
        ValueError: it is no point of the cube, or of a cube of another dimension.
    """
    try:
        found = torch.atleast_1d(torch.as_tensor(place, dtype=torch.float64).detach())
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name}={place!r}: give numbers in [0, 1], one a variable.") from None
    if found.dim() != 1 or len(found) == 0:
        raise ValueError(
            f"{name} has shape {tuple(found.shape)}: give one point, (d,) numbers in [0, 1]."
        )
    if dimension is not None and len(found) != dimension:
        raise ValueError(
            f"{name} has {len(found)} coordinates: give {dimension}, as the extremes have."
        )
    outside = (~((found >= 0) & (found <= 1))).nonzero().flatten().tolist()
    if outside:
        first = outside[0]
        raise ValueError(
            f"{name} lies outside the unit cube (coordinate {first} is {float(found[first]):g}): "
            "give numbers in [0, 1]."
        )
    return found


def same_point(first: Tensor, second: Tensor) -> bool:
    """Whether two points (d,) are the same, up to `SAME`."""
    return bool(is_at(first[None], second))


def is_at(points: Tensor, place: Tensor) -> Tensor:
    """(N,) booleans: which of the points (N, d) are this place, up to `SAME`."""
    return (points - place).abs().amax(1) <= SAME


def value_at(function: Function, place: Tensor) -> float:
    """A function's value at one point (d,)."""
    return float(function(place[None])[0])


LINE = Extremes(torch.zeros(1), torch.ones(1))
"""The visualizations of the lesson's first half: f(0) = 0 is least and f(1) = 1 greatest."""
