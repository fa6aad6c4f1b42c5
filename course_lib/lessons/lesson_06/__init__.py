"""The face of lesson 06's room: all that its notebook needs from here."""

from course_lib.classroom.claims import commitment_of
from course_lib.lessons.lesson_06.committed import Game, least_mean_error, verify_opening
from course_lib.lessons.lesson_06.extremes import (
    FIVE,
    both_extremes,
    class_table,
    extremes_explorer,
    problem,
    proofs,
    slopes,
)
from course_lib.lessons.lesson_06.knowable.catalogue import NAMES, find_class, typical_extremes
from course_lib.lessons.lesson_06.knowable.extremes import LINE, Extremes, point, value_at
from course_lib.lessons.lesson_06.knowable.networks import TrainedNetworks
from course_lib.lessons.lesson_06.knowable.plots import (
    band_figure,
    nested_bands,
    spread_figure,
    width_maps,
)
from course_lib.lessons.lesson_06.knowable.questions import (
    class_row,
    class_rows,
    example,
    points_between,
    spread,
    witnessed,
)
