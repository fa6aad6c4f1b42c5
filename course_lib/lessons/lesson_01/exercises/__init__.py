"""The exercises of lesson 01, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_01.exercises import (
    ascent_step,
    fourier_image,
    jitter,
    pick_recognised,
    target,
)

EXERCISES = (
    ascent_step.EXERCISE,
    target.EXERCISE,
    jitter.EXERCISE,
    fourier_image.EXERCISE,
    pick_recognised.EXERCISE,
)
