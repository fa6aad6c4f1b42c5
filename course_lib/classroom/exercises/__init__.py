"""Exercises: statement, stub, reference, staged checks, hints and common mistakes of each.

What every exercise's file needs is handed on from here.
"""

from course_lib.classroom.exercises.attempt import Attempt, Wrong
from course_lib.classroom.exercises.exercise import Check, Exercise, Mistake
from course_lib.classroom.exercises.values import blame, number, several, tensor, whole

__all__ = [
    "Attempt", "Check", "Exercise", "Mistake", "Wrong", "blame", "number", "several", "tensor",
    "whole",
]  # fmt: skip
