"""Lesson 06: what a bound on the slope leaves open.

`f` changes by at most `slope` a unit of distance. Its least value `f_min` lies `to_min` away from
`x`, its greatest value `f_max` lies `to_max` away. Return the smallest and the largest value that
`f(x)` can have, `(low, high)`.
"""

import random
from collections.abc import Callable

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows
from course_lib.lessons.lesson_06.answers import ends, range_told


def reference(
    to_min: float, to_max: float, slope: float, f_min: float, f_max: float
) -> tuple[float, float]:
    """The smallest and the largest value that f(x) can have."""
    low = max(f_min, f_max - slope * to_max)
    high = min(f_max, f_min + slope * to_min)
    return low, high


_Range = tuple[float, float]


def _drawn(seed: int) -> tuple[float, ...]:
    """A case of any units; x may be so far away that everything is open."""
    chances = random.Random(seed)
    to_min, to_max, f_min = chances.random(), chances.random(), chances.uniform(-3, 3)
    rise, steep = 10 ** chances.uniform(-2, 3), chances.choice([1.01, 1.2, 1.9, 3])
    slope = steep * rise / (to_min + to_max)
    return to_min, to_max, slope, f_min * rise, (f_min + 1) * rise


def _steps(to_min: float, to_max: float, slope: float, f_min: float, f_max: float) -> str:
    low, high = no_clip(to_min, to_max, slope, f_min, f_max)
    below = ", but not below f_min" * (low < f_min)
    above = ", but not above f_max" * (high > f_max)
    return (
        f"f can fall from f_max = {f_max:.4g} by slope · to_max = {slope * to_max:.4g}, to "
        f"{low:.4g}{below}, and climb from f_min = {f_min:.4g} by slope · to_min = "
        f"{slope * to_min:.4g}, to {high:.4g}{above}"
    )


_told = range_told("to_min to_max slope f_min f_max", _steps)


def no_clip(to_min: float, to_max: float, slope: float, f_min: float, f_max: float) -> _Range:
    return f_max - slope * to_max, f_min + slope * to_min


def _slope(change: Callable[[float, float], float]) -> Callable[..., _Range]:
    """With the slope that becomes of it and f_max - f_min."""
    return lambda a, b, slope, low, high: reference(a, b, change(slope, high - low), low, high)


def _mixed(low: Callable[..., _Range], high: Callable[..., _Range]) -> Callable[..., _Range]:
    """The low end of the one and the high end of the other."""
    return lambda *case: (low(*case)[0], high(*case)[1])


_FAR: Rows = {
    "which is which? low comes first.": lambda *case: reference(*case)[::-1],
    "the two distances are mixed up: f climbs on the way from x_min.": (
        lambda a, b, *rest: reference(b, a, *rest)
    ),
    "your high end is right; your low end is f_min, but so far f cannot fall.": (
        _mixed(lambda *case: case[3:], reference)
    ),
    "your low end is right; your high end is f_max, but so far f cannot climb.": (
        _mixed(reference, lambda *case: case[3:])
    ),
    "you take the slope for 1.": _slope(lambda *_: 1),
    "you divide the distance by the slope: f climbs by slope times the distance.": (
        _slope(lambda slope, _: 1 / slope)
    ),
}
_VALUES: Rows = {
    "you fall from 1 and climb from 0, where f_max and f_min are given.": (
        lambda a, b, slope, *_: reference(a, b, slope, 0, 1)
    ),
    "your low end is right; your high end climbs from 0 and not from f_min.": (
        _mixed(reference, lambda *case: (0, min(case[4], case[2] * case[0])))
    ),
    "those are shares of the way from f_min to f_max: give values.": (
        lambda *case: tuple((end - case[3]) / (case[4] - case[3]) for end in reference(*case))
    ),
    "leave the slope as it is: you scale it by f_max - f_min.": (
        _slope(lambda slope, rise: slope * rise)
    ),
    "you cut off at 0 and 1, and not at f_min and f_max.": (
        lambda *case: (max(no_clip(*case)[0], 0), min(no_clip(*case)[1], 1))
    ),
}

EXERCISE = Exercise(
    title="what a bound on the slope leaves open",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(ends, "a pair (low, high)"),
    checks=(
        Agrees(
            "knows how far f can climb and fall, from 0 to 1",
            [(0.4, 0.6, 1.5, 0.0, 1.0), (3.0, 4.0, 0.2, 0.0, 1.0), (0.75, 0.5, 0.9, 0.0, 1.0)],
            _told,
            "it falls on the way from x_max, climbs on the way from x_min, and both always count.",
            rows(_FAR),
        ),
        Agrees(
            "stays within the extremes, from 0 to 1",
            [(0.9, 0.8, 2.0, 0.0, 1.0), (0.3, 0.8, 2.0, 0.0, 1.0), (0.9, 0.2, 2.0, 0.0, 1.0)],
            _told,
            "no value is below f_min or above f_max, however far away x is.",
            rows({"you cut off neither at f_min nor at f_max, the extremes.": no_clip}),
        ),
        Agrees(
            "works for other values",
            [(0.3, 0.4, 1.0, 0.2, 0.8), (0.9, 0.8, 2.0, 0.2, 0.8)]
            + [(a, 0.7 - a, 9.0, -5.0, -2.0) for a in (0.0, 0.7)]
            + [_drawn(seed) for seed in range(12)],
            _told,
            "start from f_max and f_min, whatever they are, and stop at them.",
            rows(_VALUES),
        ),
    ),
    hints=(
        "How high can f have climbed on its way from x_min to x? How deep can it have fallen on "
        "its way from x_max?",
        "And f never leaves f_min to f_max, however far away x is.",
        "low = max(f_min, f_max - slope * to_max); high is its mirror image, with min.",
    ),
)
