"""Lesson 06: three questions, answered from a range.

All that is known of `f(x)` is that it lies between `low` and `high`, and any value there is
possible. Return three truth values:

- `exact`: can `f(x)` be told exactly? (Forgive a width of `1e-9`, which is rounding.)
- `within`: is there a guess that is off by at most `epsilon`, whatever `f(x)` is?
- `side`: is it known whether `f(x)` is nearer to `f_min` or to `f_max`? (A value right in the
  middle between them counts for either side.)
"""

from collections.abc import Callable

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows
from course_lib.lessons.lesson_06.answers import truths


def reference(
    low: float, high: float, f_min: float, f_max: float, epsilon: float
) -> tuple[bool, bool, bool]:
    """Whether f(x) can be told exactly, to within epsilon, and as to its side."""
    width, middle = high - low, (f_min + f_max) / 2
    side = high <= middle + 1e-9 or low >= middle - 1e-9
    return width <= 1e-9, width <= 2 * epsilon + 1e-9, side


_Answers = tuple[bool, bool, bool]
_WITHIN = (
    (0.3, 0.38, 0, 1, 0.05), (0.3, 0.42, 0, 1, 0.05), (0.3, 0.4, 0, 1, 0.03), (0.3, 0.4, 0, 1, 0.2),
    (0.125, 0.375, 0, 1, 0.125), (0.3, 0.408, 0, 1, 0.05),
)  # fmt: skip
_SIDES = (
    (0.3, 0.6), (0.1, 0.3), (0.7, 0.9), (0.4, 0.7), (0, 1), (0.25, 0.5), (0.5, 0.75), (0.5, 0.5),
    (0.4999, 0.9), (0.1, 0.5001),
)  # fmt: skip
_OTHERS = (
    (0.3, 0.45, 0.2, 0.6, 0.05), (0.45, 0.6, 0.2, 0.6, 0.05), (-3, -2.5, -5, -1, 0.2),
    (-3, -2.5, -5, -1, 0.25), (5, 5 + 1e-8, -1e3, 1e3, 0.01), (-40, 30, -50, 150, 10),
    (40, 60, -50, 150, 10), (60, 70, -50, 150, 10), (7.5, 7.5, 7, 9, 0), (8.5, 9, 7, 9, 0),
    (50, 50 + 2e-8, -1e3, 1e3, 0.01),
)  # fmt: skip


def _told(found: _Answers, wanted: _Answers, *case: float) -> str:
    """The first question that is answered wrong, and what decides it."""
    low, high, f_min, f_max, epsilon = case
    wrong = next(i for i in range(3) if found[i] != wanted[i])
    middle, side = (f_min + f_max) / 2, "on one side" if wanted[2] else "on both sides"
    why = (
        f"the width is {high - low:.3g}, and up to 1e-9 counts as exact",
        f"half the width is {(high - low) / 2:.4g}, so far off a guess in the middle can be, and "
        f"up to epsilon = {epsilon:g} is allowed",
        f"the middle between f_min and f_max is {middle:g}, and the range lies {side} of it",
    )[wrong]
    return (
        f"From {low:.11g} to {high:.11g}, with f_min = {f_min:g}, f_max = {f_max:g} and epsilon = "
        f"{epsilon:g}, {('exact', 'within', 'side')[wrong]} should be {wanted[wrong]}: {why};"
    )


def _but(question: int, asks: Callable[..., bool]) -> Callable[..., tuple[bool, ...]]:
    """The right answers, but for this mistaken one."""
    return lambda *case: tuple(
        asks(*case) if i == question else right for i, right in enumerate(reference(*case))
    )


_EXACT: Rows = {
    "you give within before exact.": lambda *case: (*reference(*case)[1::-1], reference(*case)[2]),
    "you answer True for f_max's side only, and this range lies on f_min's.": (
        _but(2, lambda low, high, a, b, _: low >= (a + b) / 2)
    ),
    "you forgive no rounding.": _but(0, lambda low, high, *_: low == high),
}
_EPSILON: Rows = {
    "you ask for twice as much, a width of at most epsilon.": (
        _but(1, lambda low, high, *case: high - low <= case[2])
    ),
    "off by exactly epsilon is at most epsilon, too.": (
        _but(1, lambda low, high, *case: high - low < 2 * case[2])
    ),
}
_SIDE: Rows = {
    "that more of the range is on one side does not decide it.": (
        _but(2, lambda low, high, a, b, _: low + high != a + b)
    ),
    "all of the range may also be nearer to f_max.": (
        _but(2, lambda low, high, a, b, _: high <= (a + b) / 2)
    ),
    "a value right in the middle counts for either side: <= and >=.": (
        _but(2, lambda low, high, a, b, _: high < (a + b) / 2 or low > (a + b) / 2)
    ),
}

EXERCISE = Exercise(
    title="three questions to a range",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(truths, "a triple (exact, within, side)"),
    checks=(
        Agrees(
            "knows what is exact",
            [(0.3, 0.3 + width, 0, 1, 0.05) for width in (0, 0.01, 1e-12, 8e-10, 1.5e-9, 1e-8)],
            _told,
            "that alone decides it.",
            rows(_EXACT),
        ),
        Agrees(
            "knows what is within epsilon",
            _WITHIN,
            _told,
            "within is decided by half the width and the given epsilon, side by the middle.",
            rows(_EPSILON),
        ),
        Agrees(
            "knows the side, with the middle at 0.5",
            [(low, high, 0, 1, 0.05) for low, high in _SIDES],
            _told,
            "where both ends of the range lie decides it, and nothing else, not even epsilon.",
            rows(_SIDE),
        ),
        Agrees(
            "holds for other values",
            _OTHERS,
            _told,
            "that alone decides it, whatever f_min, f_max and epsilon are.",
            rows(
                {"the middle is not always 0.5.": lambda a, b, _, __, e: reference(a, b, 0, 1, e)}
            ),
        ),
    ),
    hints=(
        "The best guess is the middle of the range. How far off can it be?",
        "The side is known where the whole range is on one side of the middle between f_min and "
        "f_max.",
        "width <= 1e-9; width <= 2 * epsilon + 1e-9; high <= middle or low >= middle",
    ),
)
