"""The face of lesson 08's room: all that its notebook needs from here."""

from course_lib.lessons.lesson_08 import casefile, plots, reference, tables
from course_lib.lessons.lesson_08.audit.evidence import evidence_of
from course_lib.lessons.lesson_08.audit.findings import Findings, largest_response
from course_lib.lessons.lesson_08.audit.roc import best_threshold, roc_estimate
from course_lib.lessons.lesson_08.known import by_chance, dealt_anew, over_ancestors
from course_lib.lessons.lesson_08.suspect import (
    Outcome,
    Suspect,
    UsedUpError,
    make_liar,
    make_suspect,
)
from course_lib.lessons.lesson_08.truth import (
    BASE_RATES,
    KINDS,
    Circuit,
    Truth,
    has_circuit,
    has_silent_units,
)
from course_lib.lessons.lesson_08.verdict import (
    CANNOT_TELL,
    VERDICTS,
    Verdict,
    brier,
    expected_loss,
    told_verdict,
    verdict_of,
)
