"""The exercises of lesson 08, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_08.exercises import area, find_jump, my_test, steepness, updated

EXERCISES = (
    find_jump.EXERCISE,
    steepness.EXERCISE,
    area.EXERCISE,
    my_test.EXERCISE,
    updated.EXERCISE,
)
