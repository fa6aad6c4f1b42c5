"""Networks to audit: some honest, some lying, the truth of each sealed until a verdict is given."""

from __future__ import annotations

from course_lib.lessons.lesson_08.audit.kinds import KINDS
from course_lib.lessons.lesson_08.suspect import (
    Outcome,
    Suspect,
    UsedUpError,
    make_liar,
    make_suspect,
)
from course_lib.lessons.lesson_08.truth import BASE_RATES, Circuit, Truth
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, VERDICTS, Verdict, brier, verdict_of

__all__ = [
    "BASE_RATES", "CANNOT_TELL", "KINDS", "VERDICTS", "Circuit", "Outcome", "Suspect", "Truth",
    "UsedUpError", "Verdict", "brier", "make_liar", "make_suspect", "verdict_of",
]  # fmt: skip
