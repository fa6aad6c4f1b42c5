"""Lesson 06: three ReLUs that make a hat."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

STATEMENT = """
Build a hat from three ReLUs, a hidden layer of three units: **1** at `t = centre`, **0** wherever
`t` is `radius` or more away, straight in between. `t` is a tensor `(N,)` of numbers; return the
hat's values, `(N,)`. A ReLU is `x.clamp_min(0)`.
"""


def reference(t: Tensor, centre: float, radius: float) -> Tensor:
    """1 where t is the centre, 0 from the radius on, straight in between."""
    s = t - centre
    up, turn, end = (s + radius).clamp_min(0), s.clamp_min(0), (s - radius).clamp_min(0)
    return (up - 2 * turn + end) / radius


_CENTRE, _RADIUS = 0.5, 0.2


def _at(attempt: Attempt, *places: float) -> list[float]:
    given = torch.tensor(places)
    return tensor(attempt(given, _CENTRE, _RADIUS), "the hat", (len(places),)).tolist()


def _has_its_height(attempt: Attempt) -> None:
    (top,) = _at(attempt, 0.5)
    if abs(top - _RADIUS) < 1e-5:
        raise Wrong(
            f"At the centre your hat is {top:.1f} high, which is its radius: divide by it, so that "
            "the slope is 1 / radius and the height is 1."
        )
    if abs(top - 1) > 1e-4:
        raise Wrong(f"At the centre your hat is {top:.2f} high and not 1.")


def _is_0_outside(attempt: Attempt) -> None:
    left, edge, right, far = _at(attempt, 0.1, 0.3, 0.7, 1.0)
    if abs(right - 1) < 1e-4 and abs(far - 1) < 1e-4:
        raise Wrong(
            "Your hat rises to 1 and stays there: that is a step, which takes two units. The third "
            "has to end a way down."
        )
    if far > 1 + 1e-4:
        raise Wrong(
            f"To the right your hat is {far:.1f} high and rising: at the centre the slope has to "
            "change by twice as much, from up to down."
        )
    if far < -1e-4:
        raise Wrong(
            f"To the right your hat sinks below 0, to {far:.1f}: the third unit has to end the way "
            "down."
        )
    if max(abs(left), abs(edge), abs(right), abs(far)) > 1e-4:
        raise Wrong(
            f"At 0.1, 0.3, 0.7 and 1.0, which are the radius 0.2 or more from the centre 0.5, your "
            f"hat is {left:.2f}, {edge:.2f}, {right:.2f} and {far:.2f} and not 0."
        )


def _is_straight(attempt: Attempt) -> None:
    places = torch.linspace(0.31, 0.69, 20)
    found = torch.tensor(_at(attempt, *places.tolist()))
    wanted = reference(places, _CENTRE, _RADIUS)
    worst = int((found - wanted).abs().argmax())
    if float((found - wanted).abs().max()) > 1e-4:
        raise Wrong(
            f"At {places[worst]:.2f}, centre 0.5 and radius 0.2, the hat should be "
            f"{wanted[worst]:.2f} high; yours is {found[worst]:.2f}."
        )


def a_step(t: Tensor, centre: float, radius: float) -> Tensor:
    s = t - centre
    return ((s + radius).clamp_min(0) - s.clamp_min(0)) / radius


def turns_too_little(t: Tensor, centre: float, radius: float) -> Tensor:
    return a_step(t, centre, radius) + (t - centre - radius).clamp_min(0) / radius


def never_ends(t: Tensor, centre: float, radius: float) -> Tensor:
    return a_step(t, centre, radius) - (t - centre).clamp_min(0) / radius


def no_division(t: Tensor, centre: float, radius: float) -> Tensor:
    return radius * reference(t, centre, radius)


def _outcome(hat: Callable[[Tensor, float, float], Tensor]) -> float:
    """How far apart two networks of such hats are at x, less what they miss at their extremes."""
    x_min, x, x_max = 0.0, 0.4, 0.8
    t = torch.tensor([x_min, x, x_max])
    lowest = hat(t, x_max, 0.2)
    highest = 1 - hat(t, x_min, 0.2)
    missed = lowest[0].abs() + (lowest[2] - 1).abs() + highest[0].abs() + (highest[2] - 1).abs()
    return float((highest[1] - lowest[1]).abs() - missed)


EXERCISE = Exercise(
    title="a hat of three ReLUs",
    core=True,
    difficulty=2,
    minutes=7,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("is 1 at the centre", _has_its_height),
        Check("is 0 outside", _is_0_outside),
        Check("is straight in between", _is_straight),
    ),
    hints=(
        "Each ReLU is a kink: the first begins the way up, the second turns it into a way down, "
        "the third ends the way down. Where are the three kinks?",
        "With s = t - centre the kinks are at s = -radius, 0 and radius. The slopes between them "
        "are 0, 1 / radius, -1 / radius, 0: by how much does the slope change at each kink?",
        "((s + radius).clamp_min(0) - 2 * s.clamp_min(0) + (s - radius).clamp_min(0)) / radius",
    ),
    mistakes=(
        Mistake(a_step, r"Your hat rises to 1 and stays there"),
        Mistake(turns_too_little, r"To the right your hat is [\d.]+ high and rising"),
        Mistake(never_ends, r"To the right your hat sinks below 0"),
        Mistake(no_division, r"At the centre your hat is 0\.2 high, which is its radius"),
    ),
    outcome=_outcome,
    harm=0.1,
)
