"""Lesson 06: how high a convex function can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number
from course_lib.classroom.exercises.agrees import Case
from course_lib.lessons.lesson_06.answers import given

STATEMENT = """
A convex function of the cube is `f_min` at `x_min` and nowhere above `f_max`. Follow the ray from
`x_min` through `x` until it leaves the cube: there f is at most `f_max`, and on the way it lies
below the chord. Return the largest value that `f(x)` can have, a number. `x_min` and `x` are two
different points, tensors `(d,)`; each may lie on the cube's surface.
"""


def reference(x_min: Tensor, x: Tensor, f_min: float, f_max: float) -> float:
    """The largest value that a convex function can have at x."""
    step = x - x_min
    room = torch.where(step > 0, 1 - x_min, x_min)
    share = torch.where(step == 0, 0.0, step.abs() / room).max()
    return f_min + (f_max - f_min) * float(share)


def _case(x_min: list[float], x: list[float], f_min: float = 0, f_max: float = 1) -> Case:
    return torch.tensor(x_min), torch.tensor(x), f_min, f_max


def _drawn(count: int, dtype: torch.dtype) -> Case:
    """A ray on which some coordinates do not change, from a point that may lie on the surface."""
    chances = torch.Generator().manual_seed(count)
    x_min, x, place = torch.rand(3, count, generator=chances, dtype=dtype)
    x_min = x_min.where(place < 0.6, x_min.round())
    return x_min, x.where((place > 0.2) & (place < 0.9), x_min), 9 - count, 30 + count


_FIRST = [
    _case([0.2, 0.4], [0.4, 0.7]), _case([0.1, 0.8], [0.5, 0.95]),
    _case([0.5, 0.2, 0.0], [0.6, 0.9, 0.5]),
]  # fmt: skip
_FALLING = [
    _case([0.8, 0.5], [0.4, 0.6]), _case([0.9, 0.6], [0.6, 0.3]), _case([0.25], [0.125]),
    _case([0.96875, 0.5], [0.984375, 0.375]),  # as near to the surface as 1 / 32
]  # fmt: skip
_OTHERS = [
    _case([0.0, 0.5], [0.0, 0.75]), _case([1.0, 0.5, 1], [1.0, 0.75, 0.25]),
    _case([0.5, 0.5], [0.75, 0.5], 0.2, 0.6), _case([0.5, 0.3], [1.0, 0.4], -7, 40),
    _case([0.0, 1], [0.3, 0.8], -3, -1),
]  # fmt: skip


def _told(found: float, wanted: float, *case: Any) -> str:
    share = (wanted - case[2]) / (case[3] - case[2])
    return (
        f"With {given('x_min x f_min f_max', case)}, {share:.4g} of the way to the surface is done "
        f"and the ceiling is {wanted:.4g}; yours is {found:.4g}:"
    )


def _from(share: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., float]:
    """The ceiling from this share of the way, a mistaken one, given the steps and x_min."""
    return lambda x_min, x, low, high: low + (high - low) * float(share(x - x_min, x_min))


def _shares(step: Tensor, x_min: Tensor) -> Tensor:
    return step.abs() / torch.where(step > 0, 1 - x_min, x_min)


EXERCISE = Exercise(
    title="how high can a convex function be?",
    core=False,
    difficulty=4,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(number, "the largest value"),
    checks=(
        Agrees(
            "knows a line that rises",
            [_case([a], [b]) for a, b in ((0.2, 0.6), (0.8, 0.9), (0.0, 0.3))],
            _told,
            "compare the step from x_min to x with the way from x_min to the surface.",
            (
                Mistake(
                    _from(lambda step, _: step.max()), "that is the step, and no share of the way."
                ),
            ),
        ),
        Agrees(
            "knows the first surface",
            _FIRST,
            _told,
            "each coordinate has a share, and the ray ends where the first of them would be 1.",
            (
                Mistake(
                    _from(lambda step, x_min: _shares(step, x_min).min()),
                    "you take the smallest share, and the surface that is met first counts.",
                ),
                Mistake(
                    _from(lambda step, x_min: _shares(step, x_min).mean()),
                    "you take the mean of the shares: one surface is met first, it alone counts.",
                ),
                Mistake(
                    _from(lambda step, a: _shares(step, a)[step.abs().argmax()]),
                    "the longest step need not be the largest share of its room.",
                ),
            ),
        ),
        Agrees(
            "knows coordinates that fall",
            _FALLING,
            _told,
            "in a coordinate that falls, the surface is at 0, in one that rises, at 1.",
            (
                Mistake(
                    _from(lambda step, x_min: (step / (1 - x_min)).max()),
                    "you leave out the coordinates that fall: there is room of x_min down to 0.",
                ),
                Mistake(
                    _from(lambda step, x_min: (step.abs() / (1 - x_min)).max()),
                    "in a coordinate that falls, the room is x_min, down to 0, and not 1 - x_min.",
                ),
            ),
        ),
        Agrees(
            "works on the surface and for other values",
            [*_OTHERS, *(_drawn(n, d) for n in (3, 7, 40) for d in (torch.float32, torch.float64))],
            _told,
            "f is f_min at x_min and f_max at the surface; what does not change has a share of 0.",
            (Mistake(lambda a, x, *_: reference(a, x, 0, 1), "turn the share into a value."),),
        ),
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
)
