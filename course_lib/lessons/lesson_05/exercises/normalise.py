"""Lesson 05: from mean correlations to the paper's scale."""

from __future__ import annotations

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number

STATEMENT = """
Three mean correlations at one layer: of visualizations with renders of their class
(`visualization`), of renders of the `same` class with each other, and of renders of `different`
classes. Return where the first lies between the other two, on a scale on which

- 0.0 is as little alike as renders of different classes;
- 1.0 is as much alike as renders of the same class.

Below 0 and above 1 are possible, so do not clip. Where same and different are less than 0.01 apart,
there is no scale: return `None`. (Should *same* be the lower of the two, by more than that, either
answer will do. The reference gives a number. The library says `None` there: it asks for an interval
of same - different, over classes, that lies above 0, and your function is given no classes.)
"""


def reference(visualization: float, same: float, different: float) -> float | None:
    """0 where it is like different classes, 1 where like the same; None where these two agree."""
    if abs(same - different) < 0.01:
        return None
    return (visualization - different) / (same - different)


_LAYERS = ((0.35, 0.50, 0.20), (0.13, 0.41, 0.22), (0.62, 0.54, 0.28), (0.88, 0.90, -0.11))


def _found(attempt: Attempt, visualization: float, same: float, different: float) -> float:
    return number(attempt(visualization, same, different), "a place on the scale")


def _has_its_ends(attempt: Attempt) -> None:
    low, high = _found(attempt, 0.2, 0.5, 0.2), _found(attempt, 0.5, 0.5, 0.2)
    for ends, why in {
        (1.0, 0.0): "Your scale is upside down: what is like different classes gets 1, and what is "
        "like the same class gets 0.",
        (0.4, 1.0): "What is like different classes gets 0.40 on your scale, and not 0: you divide "
        "by same alone, but renders of different classes are somewhat alike too.",
        (0.0, -1.0): "What is like the same class gets -1 and not 1: in one of your differences "
        "the two are the wrong way round.",
        (0.0, 0.6): "What is like the same class gets 0.60 and not 1: divide by the distance from "
        "different to same, not by same.",
        (0.0, 0.3): "What is like the same class gets 0.30 and not 1: your difference is right, "
        "and still in correlations. Divide by that of same and different.",
    }.items():
        if abs(low - ends[0]) < 1e-6 and abs(high - ends[1]) < 1e-6:
            raise Wrong(why)
    if abs(low) > 1e-6 or abs(high - 1) > 1e-6:
        raise Wrong(
            f"With same = 0.5 and different = 0.2, a visualization at 0.2 gets {low:.2f} and one "
            f"at 0.5 gets {high:.2f}; they should get 0 and 1."
        )


def _is_straight(attempt: Attempt) -> None:
    for layer in _LAYERS:
        found, wanted = _found(attempt, *layer), reference(*layer)
        assert wanted is not None
        if abs(found - wanted) < 1e-6:
            continue
        if (wanted > 1 and found == 1) or (wanted < 0 and found == 0):
            raise Wrong(
                f"You clip: a value of {wanted:.2f} became {found:.0f}, and a visualization that "
                "is even less alike than different classes would go unnoticed."
            )
        raise Wrong(
            f"visualization, same, different = {layer} should get {wanted:.2f}; you give "
            f"{found:.2f}."
        )


def _knows_when_not(attempt: Attempt) -> None:
    for same, different in ((0.063, 0.062), (0.012, 0.012), (0.049, 0.048)):
        value = attempt(0.036, same, different)
        if value is not None:
            raise Wrong(
                f"With same = {same} and different = {different} you give "
                f"{number(value, 'None'):.3g}: classes cannot be told apart at this layer, so "
                "return None."
            )
    if attempt(0.09, 0.10, 0.08) is None:
        raise Wrong(
            "With same = 0.1 and different = 0.08, which are 0.02 apart, you give None; that is "
            "for less than 0.01."
        )


def upside_down(visualization: float, same: float, different: float) -> float | None:
    if abs(same - different) < 0.01:
        return None
    return (same - visualization) / (same - different)


def divides_by_same(visualization: float, same: float, different: float) -> float | None:
    return None if abs(same - different) < 0.01 else visualization / same


def no_none(visualization: float, same: float, different: float) -> float | None:
    return (visualization - different) / (same - different or 1e-9)


def swapped(visualization: float, same: float, different: float) -> float | None:
    return (
        None if abs(same - different) < 0.01 else (visualization - different) / (different - same)
    )


def distance_over_same(visualization: float, same: float, different: float) -> float | None:
    return None if abs(same - different) < 0.01 else (visualization - different) / same


def only_the_distance(visualization: float, same: float, different: float) -> float | None:
    return None if abs(same - different) < 0.01 else visualization - different


def clips(visualization: float, same: float, different: float) -> float | None:
    return (
        None
        if abs(same - different) < 0.01
        else min(1.0, max(0.0, (visualization - different) / (same - different)))
    )


EXERCISE = Exercise(
    title="a scale from different to same",
    core=True,
    difficulty=1,
    minutes=5,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("is 0 for different classes and 1 for the same", _has_its_ends),
        Check("is straight in between and beyond", _is_straight),
        Check("says None where there is no scale", _knows_when_not),
    ),
    hints=(
        "It is the rule for a thermometer: (reading - freezing) / (boiling - freezing).",
        "Which of the three is the freezing point, the one that has to come out as 0?",
        "First: if abs(same - different) < 0.01: return None.",
    ),
    mistakes=(
        Mistake(upside_down, r"Your scale is upside down"),
        Mistake(divides_by_same, r"What is like different classes gets 0\.40 .*by same alone"),
        Mistake(no_none, r"With same = 0\.063 and different = 0\.062 you give"),
        Mistake(swapped, r"What is like the same class gets -1 and not 1"),
        Mistake(distance_over_same, r"What is like the same class gets 0\.60 and not 1"),
        Mistake(only_the_distance, r"What is like the same class gets 0\.30 and not 1"),
        Mistake(clips, r"You clip"),
    ),
)
