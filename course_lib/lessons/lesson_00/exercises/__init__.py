"""The exercises of lesson 00, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_00.exercises import loudest

EXERCISES = (loudest.EXERCISE,)
