"""The exercises of lesson 02, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_02.exercises import (
    between_quantiles,
    calibration_error,
    most_middle_least,
    points,
    standard_error,
)

EXERCISES = (
    most_middle_least.EXERCISE,
    between_quantiles.EXERCISE,
    points.EXERCISE,
    standard_error.EXERCISE,
    calibration_error.EXERCISE,
)
