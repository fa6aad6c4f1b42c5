"""Right and wrong answers as learners type them, a file a lesson; a name is EXERCISE__KIND_WHAT."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from course_lib.classroom.exercises.exercise import Exercise


def answers_to(exercise: Exercise, kind: str) -> list[Callable[..., Any]]:
    """The "right" or "wrong" answers to an exercise; each runs by itself, as a cell."""
    answers = vars(importlib.import_module(f"{__name__}.lesson_{exercise.lesson}"))
    return [f for name, f in answers.items() if name.startswith(f"{exercise.name}__{kind}")]
