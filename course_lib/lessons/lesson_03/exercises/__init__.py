"""The exercises of lesson 03, in its order."""

from __future__ import annotations

from course_lib.lessons.lesson_03.exercises import gate_on_path, smallest_k, wire

EXERCISES = (wire.EXERCISE, smallest_k.EXERCISE, gate_on_path.EXERCISE)
