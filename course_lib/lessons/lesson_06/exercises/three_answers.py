"""Lesson 06: three questions, answered from a range."""

from __future__ import annotations

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong
from course_lib.lessons.lesson_06.answers import truths

STATEMENT = """
All that is known of `f(x)` is that it lies between `low` and `high`, and any value there is
possible. Return three truth values:

- `exact`: can `f(x)` be told exactly? (Forgive a width of `1e-9`, which is rounding.)
- `within`: is there a guess that is off by at most `epsilon`, whatever `f(x)` is?
- `side`: is it known whether `f(x)` is nearer to `f_min` or to `f_max`? (A value right in the
  middle between them counts for either side.)
"""


def reference(
    low: float, high: float, f_min: float, f_max: float, epsilon: float
) -> tuple[bool, bool, bool]:
    """Whether f(x) can be told exactly, to within epsilon, and as to its side."""
    width, middle = high - low, (f_min + f_max) / 2
    side = high <= middle + 1e-9 or low >= middle - 1e-9
    return width <= 1e-9, width <= 2 * epsilon + 1e-9, side


def _told(
    attempt: Attempt, low: float, high: float, f_min: float = 0.0, f_max: float = 1.0
) -> tuple[bool, ...]:
    answers = attempt(low, high, f_min, f_max, 0.05)
    return truths(answers, 3, "a triple (exact, within, side)")


def _knows_exact(attempt: Attempt) -> None:
    if not _told(attempt, 0.3, 0.3)[0]:
        raise Wrong("A range from 0.3 to 0.3 is one value: exact should be True.")
    if _told(attempt, 0.30, 0.31)[0]:
        raise Wrong("A range from 0.30 to 0.31 is more than one value: exact should be False.")
    if not _told(attempt, 0.3, 0.3 + 1e-12)[0]:
        raise Wrong("A width of 1e-12 is rounding: compare with 1e-9, not with ==.")


def _knows_within(attempt: Attempt) -> None:
    if not _told(attempt, 0.30, 0.38)[1]:
        raise Wrong(
            "From 0.30 to 0.38, the guess 0.34 is off by at most 0.04, so with epsilon = 0.05 "
            "within should be True; you ask for twice as much."
        )
    if _told(attempt, 0.30, 0.42)[1]:
        raise Wrong(
            "From 0.30 to 0.42, the best guess 0.36 can be off by 0.06, so with epsilon = 0.05 "
            "within should be False."
        )


def _knows_the_side(attempt: Attempt) -> None:
    if _told(attempt, 0.3, 0.6)[2]:
        raise Wrong(
            "From 0.3 to 0.6 there are values on both sides of 0.5, so side should be False: that "
            "more of the range is on one side does not decide it."
        )
    if not _told(attempt, 0.1, 0.3)[2]:
        raise Wrong("All values from 0.1 to 0.3 are nearer to 0 than to 1: side should be True.")
    if not _told(attempt, 0.7, 0.9)[2]:
        raise Wrong("All values from 0.7 to 0.9 are nearer to 1 than to 0: side should be True.")
    if _told(attempt, 0.3, 0.45, 0.2, 0.6)[2] or not _told(attempt, 0.45, 0.6, 0.2, 0.6)[2]:
        raise Wrong(
            "With f_min = 0.2 and f_max = 0.6 the middle is 0.4: from 0.30 to 0.45 leaves the side "
            "open, and from 0.45 to 0.60 does not."
        )
    if not _told(attempt, 0.1, 0.5)[2]:
        raise Wrong("From 0.1 to 0.5, with 0.5 right in the middle: side should be True.")


def width_within_epsilon(
    low: float, high: float, f_min: float, f_max: float, epsilon: float
) -> tuple[bool, bool, bool]:
    width, middle = high - low, (f_min + f_max) / 2
    return width <= 1e-9, width <= epsilon, high <= middle or low >= middle


def side_of_the_guess(*case: float) -> tuple[bool, bool, bool]:
    low, high, f_min, f_max, _ = case
    exact, within, _ = reference(*case)
    return exact, within, (low + high) / 2 != (f_min + f_max) / 2


def half_is_the_middle(*case: float) -> tuple[bool, bool, bool]:
    low, high, _, _, epsilon = case
    return reference(low, high, 0.0, 1.0, epsilon)


def minimum_only(*case: float) -> tuple[bool, bool, bool]:
    _, high, f_min, f_max, _ = case
    exact, within, _ = reference(*case)
    return exact, within, high <= (f_min + f_max) / 2


EXERCISE = Exercise(
    title="three questions to a range",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("knows what is exact", _knows_exact),
        Check("knows what is within epsilon", _knows_within),
        Check("knows the side", _knows_the_side),
    ),
    hints=(
        "The best guess is the middle of the range. How far off can it be?",
        "The side is known where the whole range is on one side of the middle between f_min and "
        "f_max.",
        "width <= 1e-9; width <= 2 * epsilon + 1e-9; high <= middle or low >= middle",
    ),
    mistakes=(
        Mistake(width_within_epsilon, r"From 0\.30 to 0\.38, the guess 0\.34 is off"),
        Mistake(side_of_the_guess, r"From 0\.3 to 0\.6 there are values on both sides"),
        Mistake(half_is_the_middle, r"With f_min = 0\.2 and f_max = 0\.6 the middle is 0\.4"),
        Mistake(minimum_only, r"All values from 0\.7 to 0\.9 are nearer to 1"),
    ),
)
