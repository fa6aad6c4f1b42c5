"""Lesson 06: how high a convex function can be.

A convex function of the cube is `f_min` at `x_min` and nowhere above `f_max`. Follow the ray from
`x_min` through `x` until it leaves the cube: there f is at most `f_max`, and on the way it lies
below the chord. Return the largest value that `f(x)` can have, a number. `x_min` and `x` are two
different points, tensors `(d,)`; each may lie on the cube's surface.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number
from course_lib.classroom.exercises.agrees import Case
from course_lib.lessons.lesson_06.answers import given


def reference(x_min: Tensor, x: Tensor, f_min: float, f_max: float) -> float:
    """The largest value that a convex function can have at x."""
    step = x - x_min
    room = torch.where(step > 0, 1 - x_min, x_min)
    share = torch.where(step == 0, 0.0, step.abs() / room).max()
    return f_min + (f_max - f_min) * float(share)


def _case(x_min: list[float], x: list[float], f_min: float = 0, f_max: float = 1) -> Case:
    return torch.tensor(x_min), torch.tensor(x), f_min, f_max


def _drawn(count: int, dtype: torch.dtype) -> Case:
    """Some coordinates do not change, and some begin on the surface."""
    chances = torch.Generator().manual_seed(count)
    x_min, x, place = torch.rand(3, count, generator=chances, dtype=dtype)
    x_min = x_min.where(place < 0.6, x_min.round())
    return x_min, x.where((place > 0.2) & (place < 0.9), x_min), 9 - count, 30 + count


_FIRST = [
    _case([0.2, 0.4], [0.4, 0.7]), _case([0.8, 0.1], [0.95, 0.5]),
    _case([0.5, 0.2, 0.0], [0.6, 0.9, 0.5]),
]  # fmt: skip
_FALLING = [_case([0.8, 0.5], [0.4, 0.6]), _case([0.9, 0.6], [0.6, 0.3]), _case([0.25], [0.125])]
_OTHERS = [_case([0.5, 0.25], [0.75, 0.375], 0.2, 0.6), _case([0.5, 0.3], [1.0, 0.4], -7, 40)]
_SURFACE = [
    _case([0.0, 0.5], [0.0, 0.75]), _case([0.0, 0.5], [0.25, 0.5]),
    _case([0.96875, 0.5], [0.984375, 0.375]), _case([1.0, 0.5, 1], [1.0, 0.75, 0.25]),
    _case([1 - 2**-9, 0.5], [1 - 2**-11, 0.6]), _case([1 - 2**-20, 0.5], [1 - 2**-22, 0.6]),
]  # fmt: skip


def _told(found: float, wanted: float, *case: Any) -> str:
    rays = [(a, b) for a, b in zip(case[0].tolist(), case[1].tolist(), strict=True) if a != b]
    shares = [f"{abs(b - a):.3g} / {1 - a if b > a else a:.3g}" for a, b in rays]
    return (
        f"With {given('x_min x f_min f_max', case)}, the steps as shares of the room up to 1 or "
        f"down to 0 are {', '.join(shares[:6])}{', ...' * (len(shares) > 6)}, the largest is "
        f"{(wanted - case[2]) / (case[3] - case[2]):.4g}, the ceiling {wanted:.4g}; yours is "
        f"{found:.4g}:"
    )


def _row(share: Callable[[Tensor, Tensor], Tensor], why: str) -> Mistake:
    return Mistake(lambda a, x, low, high: low + (high - low) * float(share(x - a, a)), why)


def _shares(step: Tensor, x_min: Tensor) -> Tensor:
    return step.abs() / torch.where(step > 0, 1 - x_min, x_min)


EXERCISE = Exercise(
    title="how high can a convex function be?",
    core=False,
    difficulty=4,
    minutes=10,
    reference=reference,
    gives=Gives(number, "the largest value"),
    checks=(
        Agrees(
            "knows a line that rises",
            [_case([a], [b]) for a, b in ((0.2, 0.6), (0.8, 0.9), (0.25, 0.8125))],
            _told,
            "compare the step from x_min to x with the room from x_min to the surface.",
            (
                _row(lambda step, _: step.max(), "that is the step, and no share of the room."),
                _row(lambda step, a: a + step, "that is x itself: measure the step from x_min."),
                _row(lambda step, a: 1 - step / (1 - a), "you start at f_max: f(x_min) is f_min."),
                _row(
                    lambda step, a: step / a.maximum(1 - a),
                    "you take the larger of the two rooms; the one that x moves into counts.",
                ),
            ),
        ),
        Agrees(
            "knows the first surface",
            _FIRST,
            _told,
            "of each coordinate's own share the largest counts; lengths and sums do not.",
            (
                _row(lambda *ray: _shares(*ray).min(), "you take the smallest share."),
                _row(lambda *ray: _shares(*ray).mean(), "you take the mean of the shares."),
                _row(lambda *ray: _shares(*ray).sum().clamp(max=1), "you add the shares up."),
                _row(
                    lambda step, a: _shares(step, a)[step.abs().argmax()],
                    "you take the longest step's share.",
                ),
            ),
        ),
        Agrees(
            "knows coordinates that fall",
            _FALLING,
            _told,
            "in a coordinate that falls, the surface is at 0, in one that rises, at 1.",
            (
                _row(lambda step, a: (step / (1 - a)).max(), "you leave out those that fall."),
                _row(
                    lambda step, a: (step.abs() / (1 - a)).max(),
                    "in a coordinate that falls, the room is x_min, down to 0, and not 1 - x_min.",
                ),
            ),
        ),
        Agrees(
            "works for other values",
            _OTHERS,
            _told,
            "f_min + (f_max - f_min) times the share: f is f_min at x_min, f_max at the surface.",
            (Mistake(lambda a, x, *_: reference(a, x, 0, 1), "turn the share into a value."),),
        ),
        Agrees(
            "works at the surface",
            [
                *_SURFACE,
                *(_drawn(n, d) for n in (3, 7, 40) for d in (torch.float32, torch.float64)),
            ],
            _told,
            "however small the room, a step counts as a share of it.",
            here="Here x_min lies on the surface or near; what does not change, 0 / 0, counts 0.",
        ),
    ),
    hints=(
        "The chord is as far up as x is on the ray, from x_min to the surface. Which share is it?",
        "Each coordinate has a share: |step_i| / room_i, with room of 1 - x_min_i if it grows, of "
        "x_min_i if it falls. The ray ends where the first would be 1: the largest share counts.",
        "room = torch.where(x > x_min, 1 - x_min, x_min); what does not change has a share of 0.",
    ),
)
