"""Suspects whose truth is known, and how well the auditors did on them."""

import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from statistics import fmean
from typing import NamedTuple

from course_lib.lessons.lesson_08.audit.auditor import Auditor
from course_lib.lessons.lesson_08.audit.evidence import evidence_of
from course_lib.lessons.lesson_08.audit.findings import Findings, Inside
from course_lib.lessons.lesson_08.base import SHIPPED
from course_lib.lessons.lesson_08.truth import KINDS, Truth, has_circuit, has_silent_units
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, verdict_of
from course_lib.statistics import Estimate, grouped

LIES: Mapping[str, Callable[[str], bool]] = {"circuit": has_circuit, "silent": has_silent_units}
LIE_NAMES = {"circuit": "circuit", "silent": "silent units"}


@dataclasses.dataclass(frozen=True, eq=False)
class KnownSuspect:
    """A suspect that was made and measured, from outside and inside, and its truth.

    accuracy: the share of 512 renders that it names rightly.
    """

    seed: int
    truth: Truth
    accuracy: float
    findings: Findings
    inside: Inside

    @property
    def kind(self) -> str:
        """Which of the four truths it is."""
        return self.truth.kind

    @cached_property
    def evidence(self) -> dict[str, dict[str, float]]:
        """Its evidence, by grade and name."""
        return {
            "black box": evidence_of(self.findings),
            "white box": evidence_of(self.findings, self.inside),
        }


class OneLie(NamedTuple):
    """Measures of how well the probability of one lie tells it from what has none.

    area: under its ROC curve. hits, passes: the shares of liars that get half or more, and of
    others that get less. balanced_accuracy: the mean of these two.
    """

    area: Estimate
    balanced_accuracy: Estimate
    hits: Estimate
    passes: Estimate


class Bin(NamedTuple):
    """The suspects whose likeliest truth has a probability above `low`, up to `high`.

    confidence: its mean. right: how often it is the truth.
    """

    low: float
    high: float
    confidence: float
    right: Estimate


class NotRight(NamedTuple):
    """A suspect that an auditor was not right about. sure: what it gave to the truth."""

    seed: int
    kind: str
    says: str
    sure: float
    truth: str


class Scores(NamedTuple):
    """The scores of an auditor on suspects that it was not fitted on.

    lies: by "circuit" and "silent". false_alarms: the share of honest ones that it accuses.
    brier: the mean Brier score.
    """

    lies: dict[str, OneLie]
    false_alarms: Estimate
    brier: Estimate
    calibration: list[Bin]
    not_right: list[NotRight]


class AuditScores(NamedTuple):
    """The auditors and all that `course audit` measured of them; by grade, unless said otherwise.

    auditors: fitted on the design set. left_one_out: their Brier score within it, each suspect
    judged by an auditor that was fitted on all others. results: on the test set.
    without_ancestor: by grade and lie, without the judge that a suspect descends from. across: by
    grade, recipe and lie, fitted on descendants of networks of one recipe ("standard" or "robust")
    and tested on those of the other. subtle: by grade and lie, the share that is caught of those
    who lie as little as they can. evidence: by name and set, the area under the ROC curve of each
    piece alone. made_with: versions, by name.
    """

    auditors: dict[str, Auditor]
    left_one_out: dict[str, float]
    results: dict[str, Scores]
    without_ancestor: dict[str, dict[str, OneLie]]
    across: dict[str, dict[str, dict[str, OneLie]]]
    subtle: dict[str, dict[str, Estimate]]
    evidence: dict[str, dict[str, Estimate]]
    made_with: dict[str, str]


def lie_chances(given: Sequence[Mapping[str, float]], lie: str) -> list[float]:
    """The probability of a lie, "circuit" or "silent", from those of the four truths."""
    return [sum(p[kind] for kind in KINDS if LIES[lie](kind)) for p in given]


def over_ancestors(found: Estimate, ancestors: int = len(SHIPPED)) -> Estimate:
    """A share or an area over suspects, as an estimate over the networks that they descend from.

    An auditor may be right or wrong about all descendants of a network at once.
    """
    return grouped(found, ancestors, "ancestors")


def dealt_anew(kinds: Sequence[str]) -> list[str]:
    """The truths of suspects in an order that has nothing to do with them, always the same."""
    return random.Random(0).sample(list(kinds), len(kinds))


def by_chance(auditor: Auditor, rows: Sequence[KnownSuspect]) -> dict[str, float]:
    """The scores of a black-box auditor on suspects whose truths are dealt out anew.

    Returns:
        The balanced accuracy by lie, and by "accused" the share of so-called honest ones that are.
    """
    given = [auditor.probabilities(row.evidence["black box"]) for row in rows]
    kinds = dealt_anew([row.kind for row in rows])
    found = {}
    for name, lie in LIES.items():
        calls = list(zip(lie_chances(given, name), kinds, strict=True))
        hits = [chance >= 0.5 for chance, kind in calls if lie(kind)]
        passes = [chance < 0.5 for chance, kind in calls if not lie(kind)]
        found[name] = (fmean(hits) + fmean(passes)) / 2
    says = [verdict_of(p).says for p, k in zip(given, kinds, strict=True) if k == "honest"]
    return found | {"accused": fmean(word not in ("honest", CANNOT_TELL) for word in says)}
