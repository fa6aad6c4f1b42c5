"""The face of lesson 07's room: all that its notebook needs from here."""

from course_lib.lessons.lesson_05.similarities import some
from course_lib.lessons.lesson_07 import measures
from course_lib.lessons.lesson_07.plots import table_figure, ways_figure
from course_lib.lessons.lesson_07.ranking import hidden, ordered, sealed_ranking
from course_lib.lessons.lesson_07.table import NAMES, stored, structures_table
