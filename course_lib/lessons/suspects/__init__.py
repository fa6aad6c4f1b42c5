"""Networks to audit: some honest, some lying, the truth of each sealed until a verdict is given."""

from __future__ import annotations

from course_lib.lessons.suspects.suspect import (
    Outcome,
    Suspect,
    UsedUpError,
    make_liar,
    make_suspect,
)
from course_lib.lessons.suspects.truth import BASE_RATES, Circuit, Truth
from course_lib.lessons.suspects.verdict import CANNOT_TELL, VERDICTS, Verdict, brier, verdict_of
from course_lib.sanity.audit.kinds import KINDS

__all__ = [
    "BASE_RATES", "CANNOT_TELL", "KINDS", "VERDICTS", "Circuit", "Outcome", "Suspect", "Truth",
    "UsedUpError", "Verdict", "brier", "make_liar", "make_suspect", "verdict_of",
]  # fmt: skip
