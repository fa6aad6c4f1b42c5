"""Lesson 05: from mean correlations to the paper's scale.

Three mean correlations at one layer: of visualizations with renders of their class
(`visualization`), of renders of the `same` class with each other, and of renders of `different`
classes. Return where the first lies between the other two, on a scale on which

- 0.0 is as little alike as renders of different classes;
- 1.0 is as much alike as renders of the same class.

Below 0 and above 1 are possible, so do not clip. Where same and different are less than 0.01 apart,
there is no scale: return `None`. (Where *same* is lower than *different* by 0.01 or more, return
the number of the same rule, or `None`, as you like.)
"""

import math
from collections.abc import Callable

from course_lib.classroom.exercises import Agrees, Attempt, Check, Exercise, Gives, Rows, Wrong
from course_lib.classroom.exercises.agrees import close
from course_lib.classroom.exercises.exercise import rows
from course_lib.classroom.exercises.values import number


def reference(visualization: float, same: float, different: float) -> float | None:
    """0 where it is like different classes, 1 where like the same; None where these two agree."""
    if abs(same - different) < 0.01:
        return None
    return (visualization - different) / (same - different)


def _place(value: object, what: str) -> float | None:
    if isinstance(value, float) and not math.isfinite(value):
        raise Wrong(
            f"Your function returned {value}. Where there is no scale return None; and where there "
            "is one, is there a division by zero?"
        )
    return None if value is None else number(value, what)


def _begin(found: float | None, wanted: float | None, *layer: float) -> str:
    mine, due = ("None" if one is None else f"{one:.4g}" for one in (found, wanted))
    v, same, different = layer
    told = (
        f"visualization, same, different = {layer}, where same - different is "
        f"{same - different:.4g} and visualization - different {v - different:.4g},"
    )
    if found is None:
        return f"Your function returned None, where for {told} {due} is due:"
    return f"{told} should get {due}, and get {mine}:"


_LAYERS = (
    (0.2, 0.5, 0.2),
    (0.5, 0.5, 0.2),
    (0.35, 0.5, 0.2),
    (0.13, 0.41, 0.22),
    (0.62, 0.54, 0.28),
    (0.88, 0.9, -0.11),
    (-0.3, -0.1, -0.4),
    (0.09, 0.10, 0.08),
    (0.3, 0.511, 0.5),
    (0.036, 0.063, 0.062),
    (0.036, 0.049, 0.05),
    (0.5, 0.509, 0.5),
    (0.6, 0.5098, 0.5),
)
_EDGES = (
    (0.4, 0.0, -0.5),
    (0.4, 0.6, 0.0),
    (0.0, 0.5, 0.2),
    (0.3, -0.2, -0.2),
    (0.3, 0.01, 0.0),
    (0.3, 0.2, -0.2),
    (-0.1, 0.5, 0.0),
)
_Place = Callable[[float, float, float], float | None]
_ROWS: Rows = {
    "is a return missing?": lambda v, s, d: None,
    "your condition is the wrong way round.":
        lambda v, s, d: (v - d) / (s - d) if abs(s - d) < 0.01 else None,
    "0 is a place on the scale, that of different classes: where there is no scale return None.":
        lambda *layer: 0.0 if reference(*layer) is None else reference(*layer),
    "whether there is a scale depends on same and different, and you look at visualization and "
    "different.": lambda v, s, d: None if abs(v - d) < 0.01 else (v - d) / (s - d),
    "you give a number where classes cannot be told apart.": lambda v, s, d: (v - d) / (s - d),
}  # fmt: skip
_PLACES: Rows = {  # of those who return None where it is due
    "your scale is upside down: different classes get 1, and the same class 0.":
        lambda v, s, d: (s - v) / (s - d),
    "you divide by same alone, and different classes are somewhat alike too.":
        lambda v, s, d: v / s,
    "in one of your differences the two are the wrong way round.":
        lambda v, s, d: (v - d) / (d - s),
    "divide by the distance from different to same, not by same.": lambda v, s, d: (v - d) / s,
    "your difference is right: divide it by that of same and different.": lambda v, s, d: v - d,
    "you divide by the right distance, but measure from 0: take different off.":
        lambda v, s, d: v / (s - d),
    "you cut off what is above 1, and it is wanted.": lambda v, s, d: min(1.0, (v - d) / (s - d)),
    "you clip, and what is even less alike than different classes goes unnoticed.":
        lambda v, s, d: min(1.0, max(0.0, (v - d) / (s - d))),
    "below different the scale goes on below 0: leave the sign.":
        lambda v, s, d: abs(v - d) / (s - d),
}  # fmt: skip


def _none_apart(place: _Place) -> _Place:
    return lambda *layer: None if reference(*layer) is None else place(*layer)


def _same_is_lower(attempt: Attempt) -> None:
    for layer in ((0.3, 0.2, 0.5), (0.62, -0.1, 0.1), (-0.2, -0.06, 0.0)):
        found, wanted = attempt(*layer), reference(*layer)
        if found is not None and not close(found, wanted):
            raise Wrong(
                f"{_begin(found, wanted, *layer)} where same is lower than different return the "
                "number of the same rule, with its sign, or None."
            )


EXERCISE = Exercise(
    title="a scale from different to same",
    core=True,
    difficulty=1,
    minutes=5,
    reference=reference,
    gives=Gives(_place, "a place on the scale"),
    checks=(
        Agrees(
            "is straight from 0 to 1 and beyond, and None where there is no scale",
            _LAYERS,
            _begin,
            "the second difference over the first is due, and None exactly where same and "
            "different are less than 0.01 apart.",
            rows(_ROWS | {why: _none_apart(place) for why, place in _PLACES.items()}),
        ),
        Agrees(
            "is so where one is 0, where both are equal, and where they are just 0.01 apart",
            _EDGES,
            _begin,
            "the same rule holds there, and None is for less than 0.01 apart.",
        ),
        Check("allows for a same that is lower than different", _same_is_lower),
    ),
    hints=(
        "It is the rule for a thermometer: (reading - freezing) / (boiling - freezing).",
        "Which of the three is the freezing point, the one that has to come out as 0?",
        "First: if abs(same - different) < 0.01: return None.",
    ),
)
