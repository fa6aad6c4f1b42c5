"""A reference auditor: from what can be measured of a network to the probability that it lies."""

from __future__ import annotations

from course_lib.lessons.lesson_08.audit.auditor import Auditor, Head, fit_auditor, fit_head
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE, WITHIN, evidence_of
from course_lib.lessons.lesson_08.audit.findings import (
    Findings,
    Inside,
    Pictures,
    draw,
    look,
    look_inside,
)
from course_lib.lessons.lesson_08.audit.kinds import KINDS
from course_lib.lessons.lesson_08.audit.roc import Roc, area, area_interval, best_threshold, roc

__all__ = [
    "KINDS", "OUTSIDE", "WITHIN", "Auditor", "Findings", "Head", "Inside", "Pictures", "Roc",
    "area", "area_interval", "best_threshold", "draw", "evidence_of", "fit_auditor", "fit_head",
    "look", "look_inside", "roc",
]  # fmt: skip
