"""What the lessons need besides the science: exercises, claims, widgets, statistics."""

from __future__ import annotations

from course_lib.lessons.answers import stamp
from course_lib.lessons.lesson import Lesson, start

__all__ = ["Lesson", "stamp", "start"]
