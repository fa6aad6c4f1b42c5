"""Exercises, and what each one's file needs.

A file has, in this order: the statement, the reference, the staged checks, the common mistakes, and
the EXERCISE that holds all of it.
"""

from course_lib.classroom.exercises.attempt import Attempt, Wrong
from course_lib.classroom.exercises.exercise import Check, Exercise, Mistake
from course_lib.classroom.exercises.values import blame, number, several, tensor, whole

__all__ = [
    "Attempt", "Check", "Exercise", "Mistake", "Wrong", "blame", "number", "several", "tensor",
    "whole",
]  # fmt: skip
