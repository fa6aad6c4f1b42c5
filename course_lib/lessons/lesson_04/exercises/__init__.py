"""The exercises of lesson 04, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_04.exercises import (
    beyond,
    exceeding,
    sleeping_bias,
    twin_direction,
    with_twin,
)

EXERCISES = (
    twin_direction.EXERCISE,
    sleeping_bias.EXERCISE,
    with_twin.EXERCISE,
    exceeding.EXERCISE,
    beyond.EXERCISE,
)
