"""Lesson 06: what the extremes of an affine function leave open in many variables."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong
from course_lib.lessons.lesson_06.answers import close, ends

STATEMENT = """
An affine function `c + g·y` of the cube is least at `x_min` and greatest at `x_max` (points,
tensors `(d,)`), with the values `f_min` and `f_max`. Return the range of its values at `x`, `(low,
high)`.

A variable with a positive slope is 0 at `x_min` and 1 at `x_max`; with a negative slope it is 1 and
then 0. All others have slope 0. The sizes of the slopes sum to `f_max - f_min`; nothing else is
known of them.
"""


def reference(
    x_min: Tensor, x_max: Tensor, x: Tensor, f_min: float, f_max: float
) -> tuple[float, float]:
    """The smallest and the largest value that f(x) can have."""
    can = (x_max - x_min).abs() == 1
    u = (x - x_min).abs()[can]
    rise = f_max - f_min
    return f_min + rise * float(u.min()), f_min + rise * float(u.max())


_Range = tuple[float, float]
_Case = tuple[Tensor, Tensor, Tensor, float, float]


def _case(x_min: list[float], x_max: list[float], x: list[float], *values: float) -> _Case:
    f_min, f_max = values
    return torch.tensor(x_min), torch.tensor(x_max), torch.tensor(x), f_min, f_max


_CORNERS = _case([0, 0, 0], [1, 1, 1], [0.2, 0.5, 0.9], 0, 1)
_FALLING = _case([0, 1.0], [1, 0.0], [0.3, 0.4], 0, 1)
_WITHOUT_SLOPE = _case([0, 0, 0.4, 1], [1, 1, 0.7, 1], [0.3, 0.5, 0.9, 0.05], 0, 1)
_SCALED = _case([0, 0], [1, 1], [0.25, 0.75], 0.2, 0.6)


def _knows_opposite_corners(attempt: Attempt) -> None:
    low, high = ends(attempt(*_CORNERS))
    if abs(high - low) < 1e-5:
        raise Wrong(
            f"You give one value, {low:.2f}. If the first variable has all the slope, f(x) is "
            "0.20; if the last one has it, 0.90: slopes are not known to be equal."
        )
    if not close((low, high), (0.2, 0.9)):
        raise Wrong(
            "With x_min at 0, x_max at 1 in every variable and x = (0.2, 0.5, 0.9), the range is "
            f"0.20 to 0.90; yours is {low:.2f} to {high:.2f}."
        )


def _knows_falling_variables(attempt: Attempt) -> None:
    low, high = ends(attempt(*_FALLING))
    if close((low, high), (0.3, 0.4)):
        raise Wrong(
            "The second variable falls from 1 at x_min to 0 at x_max. At x it is 0.4, so it has "
            "got 0.60 of the way, not 0.40: measure from x_min."
        )
    if not close((low, high), (0.3, 0.6)):
        raise Wrong(
            "With x_min = (0, 1), x_max = (1, 0) and x = (0.3, 0.4), the range is 0.30 to 0.60; "
            f"yours is {low:.2f} to {high:.2f}."
        )


def _knows_who_has_no_slope(attempt: Attempt) -> None:
    low, high = ends(attempt(*_WITHOUT_SLOPE))
    if high > 0.5 + 1e-5 or low < 0.3 - 1e-5:
        raise Wrong(
            f"Your range is {low:.2f} to {high:.2f}, and should be 0.30 to 0.50: a variable that "
            "is not 0 at one extreme and 1 at the other has slope 0, so it cannot count."
        )
    if not close((low, high), (0.3, 0.5)):
        raise Wrong(f"Your range is {low:.2f} to {high:.2f}, and should be 0.30 to 0.50.")


def _knows_other_values(attempt: Attempt) -> None:
    low, high = ends(attempt(*_SCALED))
    if close((low, high), (0.25, 0.75)):
        raise Wrong(
            "With f_min = 0.2 and f_max = 0.6 your range is 0.25 to 0.75, which are shares of the "
            "way: turn them into values."
        )
    if not close((low, high), (0.3, 0.5)):
        raise Wrong(
            "With f_min = 0.2, f_max = 0.6 and shares of the way from 0.25 to 0.75, the range is "
            f"0.30 to 0.50; yours is {low:.2f} to {high:.2f}."
        )


def equal_slopes(
    x_min: Tensor, x_max: Tensor, x: Tensor, f_min: float, f_max: float
) -> tuple[float, float]:
    can = (x_max - x_min).abs() == 1
    value = f_min + (f_max - f_min) * float((x - x_min).abs()[can].mean())
    return value, value


def from_zero(x_min: Tensor, x_max: Tensor, x: Tensor, f_min: float, f_max: float) -> _Range:
    u = x[(x_max - x_min).abs() == 1]
    rise = f_max - f_min
    return f_min + rise * float(u.min()), f_min + rise * float(u.max())


def all_variables(x_min: Tensor, x_max: Tensor, x: Tensor, f_min: float, f_max: float) -> _Range:
    u = (x - x_min).abs()
    rise = f_max - f_min
    return f_min + rise * float(u.min()), f_min + rise * float(u.max())


def shares(x_min: Tensor, x_max: Tensor, x: Tensor, f_min: float, f_max: float) -> _Range:
    return reference(x_min, x_max, x, 0.0, 1.0)


EXERCISE = Exercise(
    title="an affine function of many variables",
    core=False,
    difficulty=3,
    minutes=9,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("knows opposite corners", _knows_opposite_corners),
        Check("knows variables that fall", _knows_falling_variables),
        Check("knows variables without a slope", _knows_who_has_no_slope),
        Check("knows other values", _knows_other_values),
    ),
    hints=(
        "Suppose that a single variable has all the slope there is. What is f(x) then?",
        "f(x) = f_min + rise * u, where u is how far that variable has got from its place at x_min "
        "to its place at x_max: u = |x_i - x_min_i|. Which variables could be the one?",
        "can = (x_max - x_min).abs() == 1; u = (x - x_min).abs()[can]; the ends belong to u.min() "
        "and u.max().",
    ),
    mistakes=(
        Mistake(equal_slopes, r"You give one value, 0\.53"),
        Mistake(from_zero, r"The second variable falls from 1"),
        Mistake(all_variables, r"Your range is 0\.30 to 0\.95, and should be 0\.30 to 0\.50"),
        Mistake(shares, r"With f_min = 0\.2 and f_max = 0\.6 your range is 0\.25 to 0\.75"),
    ),
)
