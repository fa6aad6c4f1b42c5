"""Lesson 06: three ReLUs that make a hat.

Build a hat from three ReLUs, a hidden layer of three units: **1** at `t = centre`, **0** wherever
`t` is `radius` or more away, straight in between. `t` is a tensor `(N,)` of numbers; return the
hat's values, `(N,)`. A ReLU is `x.clamp_min(0)`.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows, tensor


def reference(t: Tensor, centre: float, radius: float) -> Tensor:
    """1 where t is the centre, 0 from the radius on, straight in between."""
    s = t - centre
    up, turn, end = (s + radius).clamp_min(0), s.clamp_min(0), (s - radius).clamp_min(0)
    return (up - 2 * turn + end) / radius


_Case = tuple[Tensor, float, float]
_HATS = ((0.5, 0.2), (-3.0, 1.5), (0.0, 0.75), (20.0, 8.0))


def _at(*places: float) -> list[_Case]:
    """The hats, each at its centre and so many radii to its right."""
    return [(centre + radius * torch.tensor(places), centre, radius) for centre, radius in _HATS]


def _told(found: Tensor, wanted: Tensor, t: Tensor, centre: float, radius: float) -> str:
    worst = int((found - wanted).abs().argmax())
    kinks = ", ".join(f"{centre + radius * place:.4g}" for place in (-1, 0, 1))
    return (
        f"With centre {centre:g} and radius {radius:g} the kinks are at {kinks}, the slopes in "
        f"between {1 / radius:.4g} and {-1 / radius:.4g}, and at t = {t[worst]:.4g} the hat should "
        f"be {round(float(wanted[worst]), 6) + 0.0:.4g} high; yours is {found[worst]:.4g}:"
    )


def _units(turn: float, end: float) -> Callable[..., Tensor]:
    """Three ReLUs of which the second and the third count so much."""

    def hat(t: Tensor, centre: float, radius: float) -> Tensor:
        s = t - centre
        return ((s + radius).relu() + turn * s.relu() + end * (s - radius).relu()) / radius

    return hat


_CLIMB: Rows = {
    "divide by the radius, so that the slope is 1 / radius and the height is 1.": (
        lambda *case: case[2] * reference(*case)
    ),
    "yours is 1 also where t is a single number beside the centre. A box is flat, and so is a hat "
    "divided by its largest value: it need not be at the centre.": (
        lambda *case: torch.ones_like(case[0])
    ),
    "your hat is too narrow, and 0 from half the radius on.": lambda t, c, r: reference(
        t, c, r / 2
    ),
    "your hat is squared, and so it is bent.": lambda *case: reference(*case) ** 2,
    "you square the distance, which makes a bump; the hat is straight.": (
        lambda *case: 1 - (1 - reference(*case)) ** 2
    ),
    "your kinks stay 0.2 from the centre, whatever the radius is.": (
        lambda t, c, r: reference(t, c, 0.2) * 0.2 / r
    ),
}
_ENDS: Rows = {
    "your hat rises to 1 and stays there: that is a step, which takes two units. The third has to "
    "end a way down.": _units(-1, 0),
    "to the right your hat rises on: at the centre the slope has to change by twice as much, from "
    "up to down.": _units(-1, 1),
    "to the right your hat sinks below 0: the third unit has to end the way down.": _units(-2, 0),
    "on both sides your hat sinks below 0: begin the way up, and end the way down.": (
        lambda t, centre, radius: 1 - (t - centre).abs() / radius
    ),
}

EXERCISE = Exercise(
    title="a hat of three ReLUs",
    core=True,
    difficulty=2,
    minutes=7,
    reference=reference,
    gives=Gives(tensor, "the hat"),
    checks=(
        Agrees(
            "climbs straight to 1 at the centre",
            [*_at(0.0), *_at(-0.4), *_at(-0.75), *_at(-1 / 3)],
            _told,
            "on its left it climbs from 0 at centre - radius to 1 at the centre, and both follow "
            "the radius that is given.",
            rows(_CLIMB),
        ),
        Agrees(
            "is 0 at the radius and farther away",
            [
                *_at(0.0, -1.0, 1.0, -2.0, 1.75, 6.0),
                (torch.tensor([1.0, 0.25, 0.75, -9, -0.5]), 0.5, 0.25),
            ],
            _told,
            "it has to be 0 wherever t is the radius or more away from the centre.",
            rows(_ENDS),
        ),
        Agrees(
            "comes straight down on the right",
            [
                *_at(*torch.linspace(-1, 1, 20).tolist()),
                *_at(0.3, 2.0, -0.9, 0.3, -7.0, -0.25),
                *((t.double(), *hat) for t, *hat in _at(-0.8, -0.6, 0.5, 0.2)),
            ],
            _told,
            "right of the centre it comes down from 1 to 0 as it went up on the left, and it does "
            "not matter which other numbers are in t.",
        ),
    ),
    hints=(
        "Each ReLU is a kink: the first begins the way up, the second turns it into a way down, "
        "the third ends the way down. Where are the three kinks?",
        "With s = t - centre the kinks are at s = -radius, 0 and radius. The slopes between them "
        "are 0, 1 / radius, -1 / radius, 0: by how much does the slope change at each kink?",
        "((s + radius).clamp_min(0) - 2 * s.clamp_min(0) + (s - radius).clamp_min(0)) / radius",
    ),
)
