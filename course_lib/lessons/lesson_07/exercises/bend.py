"""Lesson 07: how far a logit is from linear, on the way to a visualization."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number

STATEMENT = """
If a logit were linear in the image, its two ends would tell all about the straight way between
them. How far from that is it? `values` `(T,)` is a logit at T evenly spaced places of the straight
way from an image (first) to a visualization (last).

Lay a straight line through the first and the last value. Return the **largest distance** of a value
from that line, above or below, in units of |last - first|, a number: 0 for a linear function, and 1
where it is off by as much as the whole rise. The first and the last value differ.
"""


def reference(values: Tensor) -> float:
    """The largest distance from the line through both ends, in units of |last - first|."""
    line = torch.linspace(float(values[0]), float(values[-1]), len(values)).to(values)
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


_HUMP = torch.tensor([1.0, 4.0, 7.0, 6.5, 5.0])  # 4 above the line from 1 to 5, beyond its end
_SAG = torch.tensor([3.0, 5.0, 2.0, 4.0, 9.0, 11.0])  # below its line, and a little above it


def _winding(seed: int) -> Tensor:
    """A way that rises by 6 and winds."""
    steps = 5 + 4 * seed
    noise = torch.randn(steps, generator=torch.Generator().manual_seed(seed))
    noise[0] = noise[-1] = 0
    return torch.linspace(1.0, 7.0, steps) + 2 * noise


def _listed(values: Tensor) -> str:
    shown = [f"{v:.3g}" for v in values.tolist()]
    return ", ".join(shown if len(shown) < 8 else [*shown[:4], "...", shown[-1]])


def _off(values: Tensor) -> Tensor:
    return values - torch.linspace(float(values[0]), float(values[-1]), len(values))


def _rise(values: Tensor) -> Tensor:
    return (values[-1] - values[0]).abs()


def short_line(values: Tensor) -> Tensor:
    line = torch.lerp(values[0], values[-1], torch.arange(len(values)) / len(values))
    return (values - line).abs().max() / _rise(values)


def best_fit(values: Tensor) -> Tensor:
    place = torch.linspace(-1, 1, len(values))
    line = values.mean() + (place @ values) / (place @ place) * place
    return (values - line).abs().max() / _rise(values)


EXERCISE = Exercise(
    title="how straight is the way to a visualization?",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(number, "the bend"),
    checks=(
        Agrees(
            "is 0 for a straight line",
            [(torch.linspace(2.0, 7.0, 6),)],
            "The values 2, 3, 4, 5, 6, 7 lie on a straight line and should get 0; you give "
            "{found:.3g}:",
            "compare each value with the line through the first and the last.",
            (
                Mistake(
                    lambda v: (v - v[0]).abs().max() / _rise(v),
                    "you compare with the first value everywhere, and the line rises.",
                ),
                Mistake(
                    lambda v: (v - v.mean()).abs().max() / _rise(v),
                    "you compare with the mean everywhere, and the line rises.",
                ),
                Mistake(
                    short_line,
                    "your line does not reach the last value. With T places, the last lies at "
                    "T - 1 steps.",
                ),
            ),
        ),
        Agrees(
            "is the largest distance, in units of the rise",
            [(_HUMP,)],
            "The values 1, 4, 7, 6.5, 5 are at most 4 above the line 1, 2, 3, 4, 5, which rises "
            "by 4, and should get 1; you give {found:.3g}:",
            "the largest distance from the line, divided by the rise.",
            (
                Mistake(
                    lambda v: _off(v).abs().max(),
                    "divide by |last - first|, so that the scale of a logit does not matter.",
                ),
                Mistake(lambda v: (-_off(v)).max() / _rise(v), "you miss what is above the line."),
                Mistake(lambda v: _off(v).abs().mean() / _rise(v), "that is the mean distance."),
                Mistake(
                    lambda v: _off(v).abs().max() / v.abs().max(),
                    "you divide by the largest value; a rise is a difference.",
                ),
                Mistake(
                    lambda v: _off(v).abs().max() / (v.max() - v.min()),
                    "you divide by largest - smallest; the rise is |last - first|.",
                ),
                Mistake(best_fit, "your line is the best fit; it has to go through both ends."),
            ),
        ),
        Agrees(
            "sees what is below the line",
            [(_SAG,)],
            "The values 3, 5, 2, 4, 9, 11 are up to 4.2 below their line, with a rise of 8, and "
            "should get {wanted:.3f}; you give {found:.3g}:",
            "the largest distance counts, above or below.",
            (Mistake(lambda v: _off(v).max() / _rise(v), "you miss what is below the line."),),
        ),
        Agrees(
            "holds for other ways, falling ones too",
            [(v,) for v in (_SAG.flip(0), _HUMP - 3, 9 * _HUMP.double(), *map(_winding, range(3)))],
            lambda found, wanted, v: (
                f"For the {len(v)} values {_listed(v)} you give {found:.3f}, and it should be "
                f"{wanted:.3f}:"
            ),
            "the same rule holds for any values.",
            (
                Mistake(
                    lambda v: _off(v).abs().max() / (v[-1] - v[0]),
                    "a distance is never below 0: divide by the absolute value of last - first.",
                ),
            ),
        ),
    ),
    hints=(
        "Make the line first: T numbers, evenly spaced, from values[0] to values[-1].",
        "torch.linspace(float(values[0]), float(values[-1]), len(values)) is that line. What is "
        "its distance from the values at each place?",
        "float((values - line).abs().max() / (values[-1] - values[0]).abs())",
    ),
)
