"""Lesson 06: what a bound on the slope leaves open."""

from __future__ import annotations

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong
from course_lib.lessons.lesson_06.answers import close, ends

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
_NEAR = (0.4, 0.6, 1.5, 0.0, 1.0)  # 0.1 to 0.6
_FAR = (0.9, 0.8, 2.0, 0.0, 1.0)  # 0 to 1
_SCALED = (0.3, 0.4, 1.0, 0.2, 0.8)  # 0.4 to 0.5


def _says_how_far_it_climbs(attempt: Attempt) -> None:
    low, high = ends(attempt(*_NEAR))
    if close((low, high), (0.4, 0.9)):
        raise Wrong(
            "The two distances are mixed up: from x_min, 0.4 away at a slope of 1.5, f climbs to "
            f"0.60 at most, and your high end is {high:.2f}."
        )
    if abs(low) < 1e-5 and abs(high - 0.6) < 1e-5:
        raise Wrong(
            "Your high end is right; your low end is f_min, but f_max is only 0.6 away, and at a "
            "slope of 1.5 f cannot fall from 1 to below 0.10 on that way."
        )
    if abs(low - 0.1) < 1e-5 and abs(high - 1) < 1e-5:
        raise Wrong(
            "Your low end is right; your high end is f_max, but f_min is only 0.4 away, and at a "
            "slope of 1.5 f cannot climb from 0 to above 0.60 on that way."
        )
    if not close((low, high), (0.1, 0.6)):
        raise Wrong(
            "With to_min = 0.4, to_max = 0.6, slope = 1.5 and values from 0 to 1, the range is "
            f"0.10 to 0.60; yours is {low:.2f} to {high:.2f}."
        )


def _stays_within_the_extremes(attempt: Attempt) -> None:
    low, high = ends(attempt(*_FAR))
    if low < -1e-5 or high > 1 + 1e-5:
        raise Wrong(
            f"Far from both extremes your range is {low:.2f} to {high:.2f}, but f_min = 0 and "
            "f_max = 1 are the least and the greatest value anywhere."
        )
    if not close((low, high), (0.0, 1.0)):
        raise Wrong(
            f"Far from both extremes all of 0 to 1 is open; your range is {low:.2f} to {high:.2f}."
        )


def _works_for_other_values(attempt: Attempt) -> None:
    low, high = ends(attempt(*_SCALED))
    if close((low, high), (0.8 - 0.24, 0.2 + 0.18)) or close((low, high), (0.38, 0.56)):
        raise Wrong(
            "With values from 0.2 to 0.8 you scale the slope by 0.6: slope is already in units of "
            "f a unit of distance."
        )
    if not close((low, high), (0.4, 0.5)):
        raise Wrong(
            "With to_min = 0.3, to_max = 0.4, slope = 1 and values from 0.2 to 0.8, the range is "
            f"0.40 to 0.50; yours is {low:.2f} to {high:.2f}."
        )


def no_clip(
    to_min: float, to_max: float, slope: float, f_min: float, f_max: float
) -> tuple[float, float]:
    return f_max - slope * to_max, f_min + slope * to_min


def mixed_up(to_min: float, to_max: float, slope: float, f_min: float, f_max: float) -> _Range:
    return max(f_min, f_max - slope * to_min), min(f_max, f_min + slope * to_max)


def from_below_only(*case: float) -> _Range:
    *_, f_min, _ = case
    return f_min, reference(*case)[1]


def from_above_only(*case: float) -> _Range:
    *_, f_max = case
    return reference(*case)[0], f_max


def scaled_slope(to_min: float, to_max: float, slope: float, f_min: float, f_max: float) -> _Range:
    ends = reference(to_min, to_max, slope * (f_max - f_min), f_min, f_max)
    return min(ends), max(ends)


EXERCISE = Exercise(
    title="what a bound on the slope leaves open",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("knows how far f can climb and fall", _says_how_far_it_climbs),
        Check("stays within the extremes", _stays_within_the_extremes),
        Check("works for other values", _works_for_other_values),
    ),
    hints=(
        "How high can f have climbed on its way from x_min to x? How deep can it have fallen on "
        "its way from x_max?",
        "And f never leaves f_min to f_max, however far away x is.",
        "low = max(f_min, f_max - slope * to_max); high is its mirror image, with min.",
    ),
    mistakes=(
        Mistake(no_clip, r"Far from both extremes your range is"),
        Mistake(mixed_up, r"The two distances are mixed up"),
        Mistake(from_below_only, r"Your high end is right; your low end is f_min"),
        Mistake(from_above_only, r"Your low end is right; your high end is f_max"),
        Mistake(scaled_slope, r"With values from 0\.2 to 0\.8 you scale the slope"),
    ),
)
