"""The face of lesson 01's room: all that its notebook needs from here."""

from course_lib.lessons.lesson_01.blind import shuffled
from course_lib.lessons.lesson_01.explorer import unit_explorer
