"""The exercises of lesson 00, in its order."""

from __future__ import annotations

from course_lib.lessons.exercises.lesson_00 import loudest

EXERCISES = (loudest.EXERCISE,)
