"""The bank: every exercise of the course, by its name."""

import difflib
import importlib

from course_lib.classroom.exercises.exercise import Exercise
from course_lib.classroom.rooms import exercise_names


def exercises(lesson: str | None = None) -> list[Exercise]:
    """The exercises of a lesson, or of all lessons, in their order."""
    return [
        _load(number, name) for name, number in exercise_names().items() if lesson in (None, number)
    ]


def find(name: str, lesson: str | None = None) -> Exercise:
    """The exercise of this name, the only one imported; else a ValueError names those there are."""
    known = {n: number for n, number in exercise_names().items() if lesson in (None, number)}
    if name in known:
        return _load(known[name], name)
    near = difflib.get_close_matches(str(name), known, n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(
        f"There is no exercise {name!r}.{meant} The exercises are: {', '.join(known)}."
    )


def _load(lesson: str, name: str) -> Exercise:
    module = importlib.import_module(f"course_lib.lessons.lesson_{lesson}.exercises.{name}")
    exercise: Exercise = module.EXERCISE
    return exercise
