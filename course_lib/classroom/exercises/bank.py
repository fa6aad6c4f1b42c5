"""Every exercise of the course, by its name."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path

from course_lib.classroom.exercises.exercise import Exercise

_ROOMS = Path(__file__).parents[2] / "lessons"


def exercises(lesson: str | None = None) -> list[Exercise]:
    """The exercises of a lesson, or of all lessons, in their order.

    Each room lesson_NN lists its own in `exercises`, as EXERCISES.
    """
    found: list[Exercise] = []
    for room in sorted(_ROOMS.glob(f"lesson_{lesson or '*'}/exercises")):
        name = f"course_lib.lessons.{room.parent.name}.exercises"
        found += importlib.import_module(name).EXERCISES
    return found


def find(name: str, lesson: str | None = None) -> Exercise:
    """The exercise of this name.

    Raises:
        ValueError: there is none; the message names those that are.
    """
    known = {exercise.name: exercise for exercise in exercises(lesson)}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(str(name), known, n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(
        f"There is no exercise {name!r}.{meant} The exercises are: {', '.join(known)}."
    )
