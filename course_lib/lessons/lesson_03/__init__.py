"""The face of lesson 03's room: all that its notebook needs from here."""

from __future__ import annotations

from course_lib.lessons.lesson_03.circuits import morph_explorer
