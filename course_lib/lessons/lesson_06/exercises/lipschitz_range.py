"""Lesson 06: what a bound on the slope leaves open."""

from __future__ import annotations

import random

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake
from course_lib.lessons.lesson_06.answers import ends, range_told

STATEMENT = """
`f` changes by at most `slope` a unit of distance. Its least value `f_min` lies `to_min` away from
`x`, its greatest value `f_max` lies `to_max` away. Return the smallest and the largest value that
`f(x)` can have, `(low, high)`.
"""


def reference(
    to_min: float, to_max: float, slope: float, f_min: float, f_max: float
) -> tuple[float, float]:
    """The smallest and the largest value that f(x) can have."""
    low = max(f_min, f_max - slope * to_max)
    high = min(f_max, f_min + slope * to_min)
    return low, high


_Range = tuple[float, float]
_Case = tuple[float, float, float, float, float]


def _drawn(seed: int) -> _Case:
    """A case of any units; x may be so far away that everything is open."""
    chances = random.Random(seed)
    to_min, to_max, f_min = chances.random(), chances.random(), chances.uniform(-3, 3)
    rise, steep = 10 ** chances.uniform(-2, 3), chances.choice([1.01, 1.2, 1.9, 3])
    slope = steep * rise / (to_min + to_max)
    return to_min, to_max, slope, f_min * rise, (f_min + 1) * rise


_told = range_told("to_min to_max slope f_min f_max")


def no_clip(to_min: float, to_max: float, slope: float, f_min: float, f_max: float) -> _Range:
    return f_max - slope * to_max, f_min + slope * to_min


def mixed_up(to_min: float, to_max: float, *rest: float) -> _Range:
    return reference(to_max, to_min, *rest)


def scaled_slope(to_min: float, to_max: float, slope: float, f_min: float, f_max: float) -> _Range:
    return reference(to_min, to_max, slope * (f_max - f_min), f_min, f_max)


def inside_0_and_1(*case: float) -> _Range:
    low, high = no_clip(*case)
    return max(low, 0), min(high, 1)


EXERCISE = Exercise(
    title="what a bound on the slope leaves open",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(ends, "a pair (low, high)"),
    checks=(
        Agrees(
            "knows how far f can climb and fall, from 0 to 1",
            [(0.4, 0.6, 1.5, 0.0, 1.0), (3.0, 4.0, 0.2, 0.0, 1.0), (0.75, 0.5, 0.9, 0.0, 1.0)],
            _told,
            "f climbs from f_min on the way from x_min to x, and falls from f_max on the way from "
            "x_max to x, by at most slope times the distance.",
            (
                Mistake(lambda *case: reference(*case)[::-1], "which is which? low comes first."),
                Mistake(
                    mixed_up, "the two distances are mixed up: f climbs on the way from x_min."
                ),
                Mistake(
                    lambda *case: (case[3], reference(*case)[1]),
                    "your high end is right; your low end is f_min, but so far f cannot fall on "
                    "the way from x_max to x.",
                ),
                Mistake(
                    lambda *case: (reference(*case)[0], case[4]),
                    "your low end is right; your high end is f_max, but so far f cannot climb on "
                    "the way from x_min to x.",
                ),
                Mistake(
                    lambda to_min, to_max, slope, *values: reference(to_min, to_max, 1, *values),
                    "you take the slope for 1: f climbs by slope times the distance.",
                ),
            ),
        ),
        Agrees(
            "stays within the extremes, from 0 to 1",
            [(0.9, 0.8, 2.0, 0.0, 1.0), (0.3, 0.8, 2.0, 0.0, 1.0), (0.9, 0.2, 2.0, 0.0, 1.0)],
            _told,
            "f_min and f_max are the least and the greatest value anywhere, however far away x is.",
            (
                Mistake(
                    no_clip,
                    "that is how far f could climb and fall, but f_min and f_max are the least and "
                    "the greatest value anywhere.",
                ),
                Mistake(
                    lambda *case: (no_clip(*case)[0], reference(*case)[1]),
                    "your low end is below f_min, the least value anywhere.",
                ),
                Mistake(
                    lambda *case: (reference(*case)[0], no_clip(*case)[1]),
                    "your high end is above f_max, the greatest value anywhere.",
                ),
            ),
        ),
        Agrees(
            "works for other values",
            [
                (0.3, 0.4, 1.0, 0.2, 0.8),
                (0.9, 0.8, 2.0, 0.2, 0.8),
                (0.0, 0.7, 9.0, -5.0, -2.0),
                (0.7, 0.0, 9.0, -5.0, -2.0),
                *map(_drawn, range(12)),
            ],
            _told,
            "the same rule holds for any distances, slopes and values.",
            (
                Mistake(
                    scaled_slope,
                    "you scale the slope by f_max - f_min: it is in units of f a unit of distance "
                    "already.",
                ),
                Mistake(
                    inside_0_and_1,
                    "the least and the greatest value are f_min and f_max, and not 0 and 1.",
                ),
            ),
        ),
    ),
    hints=(
        "How high can f have climbed on its way from x_min to x? How deep can it have fallen on "
        "its way from x_max?",
        "And f never leaves f_min to f_max, however far away x is.",
        "low = max(f_min, f_max - slope * to_max); high is its mirror image, with min.",
    ),
)
