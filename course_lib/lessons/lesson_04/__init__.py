"""The face of lesson 04's room: all that its notebook needs from here."""

from course_lib.fooling.plots import nearness_figure
from course_lib.fooling.silent.report import resemblance
from course_lib.lessons.lesson_04.silences import (
    nearest_to_waking,
    responses_of,
    silence_explorer,
    waking_figure,
)
