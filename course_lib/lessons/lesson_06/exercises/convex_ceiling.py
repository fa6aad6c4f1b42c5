"""Lesson 06: how high a convex function can be."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number

STATEMENT = """
A convex function of the cube is `f_min` at `x_min` and nowhere above `f_max`. Follow the ray from
`x_min` through `x` until it leaves the cube: there f is at most `f_max`, and on the way it lies
below the chord. Return the largest value that `f(x)` can have, a number. `x_min` and `x` are
points, tensors `(d,)`; `x_min` may lie on the cube's surface.
"""


def reference(x_min: Tensor, x: Tensor, f_min: float, f_max: float) -> float:
    """The largest value that a convex function can have at x."""
    step = x - x_min
    room = torch.where(step > 0, 1 - x_min, x_min)
    share = torch.where(step == 0, 0.0, step.abs() / room).max()
    return f_min + (f_max - f_min) * float(share)


_Case = tuple[Tensor, Tensor, float, float]
_LINE = (torch.tensor([0.2]), torch.tensor([0.6]), 0.0, 1.0)  # 0.5
_SQUARE = (torch.tensor([0.2, 0.4]), torch.tensor([0.4, 0.7]), 0.0, 1.0)  # shares 0.25 and 0.5
_FALLING = (torch.tensor([0.8, 0.5]), torch.tensor([0.4, 0.6]), 0.0, 1.0)  # shares 0.5 and 0.2
_SCALED = (torch.tensor([0.5, 0.5]), torch.tensor([0.75, 0.5]), 0.2, 0.6)  # 0.4
_SURFACE = (torch.tensor([0.0, 0.5]), torch.tensor([0.0, 0.75]), 0.0, 1.0)  # 0.5


def _found(attempt: Attempt, case: _Case) -> float:
    return number(attempt(*case), "the largest value")


def _knows_a_line(attempt: Attempt) -> None:
    found = _found(attempt, _LINE)
    if abs(found - 0.4) < 1e-5:
        raise Wrong(
            "From x_min = 0.2 to x = 0.6 is a step of 0.4, but the surface is 0.8 away: 0.50 of "
            "the way is done, not 0.40."
        )
    if abs(found - 0.5) > 1e-5:
        raise Wrong(f"With x_min = 0.2 and x = 0.6 the ceiling is 0.50; yours is {found:.2f}.")


def _knows_the_first_surface(attempt: Attempt) -> None:
    found = _found(attempt, _SQUARE)
    if abs(found - 0.25) < 1e-5:
        raise Wrong(
            "With shares of 0.25 and 0.50 you take the smaller: the ray leaves the cube through "
            "the surface that it meets first, which is the second coordinate's."
        )
    if abs(found - 0.375) < 1e-5:
        raise Wrong(
            "With shares of 0.25 and 0.50 you take their mean: one surface is met first, and it "
            "alone counts."
        )
    if abs(found - 0.5) > 1e-5:
        raise Wrong(
            f"With x_min = (0.2, 0.4) and x = (0.4, 0.7) the ceiling is 0.50; yours is {found:.2f}."
        )


def _knows_both_directions(attempt: Attempt) -> None:
    found = _found(attempt, _FALLING)
    if abs(found - 0.5) > 1e-5:
        raise Wrong(
            "From x_min = (0.8, 0.5) to x = (0.4, 0.6) the first coordinate falls, with room of "
            f"0.8 down to the surface, so 0.50 of the way is done; your ceiling is {found:.2f}."
        )
    scaled = _found(attempt, _SCALED)
    if abs(scaled - 0.4) > 1e-5:
        raise Wrong(
            "With f_min = 0.2, f_max = 0.6 and half of the way done, the ceiling is 0.40; yours is "
            f"{scaled:.2f}."
        )


def _works_on_the_surface(attempt: Attempt) -> None:
    found = _found(attempt, _SURFACE)
    if abs(found - 0.5) > 1e-5:
        raise Wrong(
            "With x_min = (0, 0.5), on the surface, and x = (0, 0.75) the ceiling is 0.50; yours "
            f"is {found:.2f}."
        )


def takes_the_step(x_min: Tensor, x: Tensor, f_min: float, f_max: float) -> float:
    return f_min + (f_max - f_min) * float((x - x_min).abs().max())


def smallest_share(x_min: Tensor, x: Tensor, f_min: float, f_max: float) -> float:
    room = torch.where(x > x_min, 1 - x_min, x_min)
    return f_min + (f_max - f_min) * float(((x - x_min).abs() / room).min())


def one_direction(x_min: Tensor, x: Tensor, f_min: float, f_max: float) -> float:
    return f_min + (f_max - f_min) * float(((x - x_min) / (1 - x_min)).max())


def divides_by_zero(x_min: Tensor, x: Tensor, f_min: float, f_max: float) -> float:
    room = torch.where(x > x_min, 1 - x_min, x_min)
    return f_min + (f_max - f_min) * float(((x - x_min).abs() / room).max())


EXERCISE = Exercise(
    title="how high can a convex function be?",
    core=False,
    difficulty=4,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("knows a line", _knows_a_line),
        Check("knows the first surface", _knows_the_first_surface),
        Check("knows both directions and other values", _knows_both_directions),
        Check("works on the surface", _works_on_the_surface),
    ),
    hints=(
        "Which share of the ray, from x_min to the surface, is done at x? The chord is as far up "
        "as that.",
        "In a coordinate that grows on the way, there is room of 1 - x_min_i up to the surface; in "
        "one that falls, room of x_min_i. Each coordinate alone gives a share: |step_i| / room_i. "
        "The ray leaves the cube through the first surface that it meets: the largest share "
        "counts.",
        "room = torch.where(x > x_min, 1 - x_min, x_min), and coordinates that do not change (0 / "
        "0 on the surface) have a share of 0.",
    ),
    mistakes=(
        Mistake(takes_the_step, r"From x_min = 0\.2 to x = 0\.6 is a step of 0\.4"),
        Mistake(smallest_share, r"With shares of 0\.25 and 0\.50 you take the smaller"),
        Mistake(one_direction, r"From x_min = \(0\.8, 0\.5\) to x"),
        Mistake(divides_by_zero, r"Your function returned nan"),
    ),
)
