"""The face of lesson 09's room: all that its notebook needs from here."""

from course_lib.lessons.lesson_08.plots import reasons_figure
from course_lib.lessons.lesson_08.reference import open_bench
from course_lib.lessons.lesson_09.defences import seen_in
from course_lib.lessons.lesson_09.delivery import SHOWS, audited, delivered
from course_lib.lessons.lesson_09.known import (
    accused_table,
    frozen,
    kept_own_shown,
    share_accused,
    stored_defended,
)
from course_lib.lessons.lesson_09.liars import AFTER
