"""The lessons, a room each: exercises, exit ticket and helpers of lesson NN lie in lesson_NN."""

from __future__ import annotations

from course_lib.classroom.answers import stamp
from course_lib.classroom.lesson import Lesson, start

__all__ = ["Lesson", "stamp", "start"]
