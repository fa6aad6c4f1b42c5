"""The exercises of lesson 05, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_05.exercises import mean_pairwise, normalise, rank_correlation

EXERCISES = (
    rank_correlation.EXERCISE,
    normalise.EXERCISE,
    mean_pairwise.EXERCISE,
)
