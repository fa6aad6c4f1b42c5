"""The face of lesson 05's room: all that its notebook needs from here."""

from course_lib.lessons.lesson_05.similarities import (
    against_controls,
    controls_table,
    difference,
    estimated,
    listed,
    mean_difference,
    path_explorer,
    path_table,
    rank_vectors,
    real_paths,
    recorded,
    responses,
    score,
    some,
    which_higher,
)
