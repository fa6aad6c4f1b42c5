"""The lessons, a room each: exercises, exit ticket and helpers of lesson NN lie in lesson_NN."""

from course_lib.classroom.answers import stamp
from course_lib.classroom.lesson import Lesson, start
from course_lib.lessons.first_edition import keep_old_paths

__all__ = ["Lesson", "stamp", "start"]

keep_old_paths()
