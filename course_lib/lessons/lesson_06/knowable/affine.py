"""Affine functions, of many variables and of one, and constant ones."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import SAME, Extremes, Function, Range
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass, above_chords


class Affine(FunctionClass):
    """Functions c + g·y of any number of variables. Lesson 06 builds the range by hand."""

    name = "affine, many variables"
    proof = (
        "A variable with g_i > 0 is 0 at x_min and 1 at x_max, one with g_i < 0 the other way "
        "round; all others have g_i = 0. The |g_i| of those that can count sum to the rise. With "
        "u_i = |x_i - x_min_i|, f(x) = f_min + sum |g_i| u_i is therefore any weighted mean of "
        "the u_i: from the smallest to the largest, each reached by a single variable."
    )

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.rise == 0 or bool(can_count(extremes).any()):
            return ""
        return (
            "in no coordinate is one of the points at 0 and the other at 1, so every slope would "
            "be 0; give points on opposite sides of the cube."
        )

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        progress = (x - extremes.x_min).abs()[can_count(extremes)]
        low, high = float(progress.min()), float(progress.max())
        return Range(extremes.f_min + extremes.rise * low, extremes.f_min + extremes.rise * high)

    def lowest(self, extremes: Extremes, x: Tensor) -> Function:
        progress = (x - extremes.x_min).abs().masked_fill(~can_count(extremes), torch.inf)
        return _along(extremes, _only(progress.argmin(), extremes.dimension))

    def highest(self, extremes: Extremes, x: Tensor) -> Function:
        progress = (x - extremes.x_min).abs().masked_fill(~can_count(extremes), -torch.inf)
        return _along(extremes, _only(progress.argmax(), extremes.dimension))

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """Shares of the rise drawn uniformly from all that are possible (a simplex)."""
        shares = -torch.rand(extremes.dimension, generator=generator, dtype=torch.float64).log()
        shares = (shares + 1e-12) * can_count(extremes)
        return _along(extremes, shares / shares.sum())

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The largest distance of f from its chords."""
        return float(above_chords(function, first, second, share).abs().max())


class AffineInOne(Affine):
    """Functions c + g y of one variable."""

    name = "affine, one variable"
    proof = (
        "A line is given by two of its points, and x_min and x_max are two: f(x) = f_min + rise "
        "|x - x_min|. So every value is known."
    )

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.dimension != 1:
            return f"they have {extremes.dimension} coordinates; give points of one coordinate."
        return super().contradiction(extremes)


class Constant(Affine):
    """Functions with one value everywhere: affine without a slope."""

    name = "constant"
    proof = "f(x) = f(x_min), whatever x is."

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.rise == 0:
            return ""
        return (
            f"a constant function does not rise from {extremes.f_min:g} to {extremes.f_max:g}; "
            "give the same value twice."
        )

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        return float((function(first) - function(second)).abs().max())


def can_count(extremes: Extremes) -> Tensor:
    """(d,) booleans: the variables whose slope need not be 0."""
    return (extremes.x_max - extremes.x_min).abs() >= 1 - SAME


def _along(extremes: Extremes, shares: Tensor) -> Function:
    """The affine function whose variables have these shares (d,) of the rise."""
    slopes = shares * (extremes.x_max - extremes.x_min).sign()
    return extremes.scaled(lambda points: (points - extremes.x_min) @ slopes)


def _only(which: Tensor, count: int) -> Tensor:
    return torch.nn.functional.one_hot(which, count).double()
