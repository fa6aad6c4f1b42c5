"""The exercises of lesson 06, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_06.exercises import (
    affine_range,
    convex_ceiling,
    hat,
    lipschitz_range,
    three_answers,
)

EXERCISES = (
    hat.EXERCISE,
    lipschitz_range.EXERCISE,
    three_answers.EXERCISE,
    affine_range.EXERCISE,
    convex_ceiling.EXERCISE,
)
