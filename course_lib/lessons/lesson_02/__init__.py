"""The face of lesson 02's room: all that its notebook needs from here."""

from course_lib.lessons.lesson_02 import trials
from course_lib.lessons.lesson_02.bet import (
    by_condition,
    by_unit,
    confidence_by_unit,
    error_by_unit,
    how_sure,
    share_right,
)
from course_lib.lessons.lesson_02.codes import encode, read_codes, tally
from course_lib.lessons.lesson_02.experiment import begin
from course_lib.lessons.lesson_02.participant import (
    SIMULATED,
    SimulatedParticipant,
    beyond_others,
    by_contrast,
    own_and_others,
)
from course_lib.lessons.lesson_02.plots import bet_calibration_figure, class_figure, score_figure
from course_lib.lessons.lesson_02.real import real_questions
from course_lib.lessons.lesson_02.widget import BettingTable, bets_summary
