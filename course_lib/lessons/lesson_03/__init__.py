"""The face of lesson 03's room: all that its notebook needs from here."""

from course_lib.lessons.lesson_03.tried import (
    OneFilter,
    morph_explorer,
    named_rightly,
    on_new_renders,
    told_to_show,
    tried_with,
)
