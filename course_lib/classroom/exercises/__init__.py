"""Exercises, and what each one's file needs.

A file has, in this order: its docstring, which below its title is the statement, the reference, the
cases, the common mistakes, and the EXERCISE that holds all of it. A stage that compares answers
with the reference's is an `Agrees`, in which a mistake is one row; any other is a `Check`.
"""

from course_lib.classroom.exercises.agrees import Agrees
from course_lib.classroom.exercises.attempt import Attempt, Gives, Wrong
from course_lib.classroom.exercises.exercise import Check, Exercise, Mistake, Rows, rows
from course_lib.classroom.exercises.values import listed, number, pair, several, tensor, whole

__all__ = [
    "Agrees", "Attempt", "Check", "Exercise", "Gives", "Mistake", "Rows", "Wrong", "listed",
    "number", "pair", "rows", "several", "tensor", "whole",
]  # fmt: skip
