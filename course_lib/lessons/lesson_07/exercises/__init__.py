"""The exercises of lesson 07, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_07.exercises import (
    agreement,
    bcos_unit,
    bend,
    steady_layer,
    steepest,
)

EXERCISES = (
    steady_layer.EXERCISE,
    bcos_unit.EXERCISE,
    bend.EXERCISE,
    agreement.EXERCISE,
    steepest.EXERCISE,
)
