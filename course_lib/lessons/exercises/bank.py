"""Every exercise of the course, by its name."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path

from course_lib.lessons.exercises.exercise import Exercise

_HERE = Path(__file__).parent


def exercises(lesson: str | None = None) -> list[Exercise]:
    """The exercises of a lesson, or of all lessons, in their order.

    Each package lesson_NN lists its own as EXERCISES.
    """
    found: list[Exercise] = []
    for folder in sorted(_HERE.glob(f"lesson_{lesson or '*'}")):
        found += importlib.import_module(f"{__package__}.{folder.name}").EXERCISES
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
