"""The scores of lesson 08's auditors: fitted on one set of suspects, measured on another."""

import dataclasses
import math
import platform
import statistics
from collections.abc import Mapping, Sequence

import torch

from course_lib.lessons.lesson_08 import known
from course_lib.lessons.lesson_08.audit.auditor import Auditor
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE, WITHIN
from course_lib.lessons.lesson_08.audit.roc import roc_estimate
from course_lib.lessons.lesson_08.base import SHIPPED
from course_lib.lessons.lesson_08.known import LIES, AuditScores, Bin, KnownSuspect, Scores
from course_lib.lessons.lesson_08.suspect import GRADES
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, brier, verdict_of
from course_lib.maintenance.fitting import fitted, left_one_out
from course_lib.statistics import Estimate, mean, proportion

_BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.0))

Suspects = Sequence[KnownSuspect]
Probabilities = Sequence[Mapping[str, float]]


def audit_scores(design: Suspects, test: Suspects, subtle: Suspects) -> AuditScores:
    """The auditors of both grades, and all scores that the lesson shows of them.

    Args:
        design: suspects to fit them on. test: others, of all kinds. subtle: liars that lie as
            little as they can, of the kinds "circuit" and "silent units".
    """
    auditors = {grade: fitted(design, grade) for grade in GRADES}
    others, orphans = (list(map(without_ancestor, rows)) for rows in (design, test))
    evidence = {name: piece.of for part in (OUTSIDE, WITHIN) for name, piece in part.items()}
    sets = {"design": design, "test": test}
    return AuditScores(
        auditors,
        {grade: left_one_out(design, grade) for grade in GRADES},
        {grade: scored(auditors[grade], test, grade) for grade in GRADES},
        {grade: _lies(_given(fitted(others, grade), orphans, grade), orphans) for grade in GRADES},
        {grade: across(design, test, grade) for grade in GRADES},
        {grade: caught(auditors[grade], subtle, grade) for grade in GRADES},
        {name: {s: alone(name, of, sets[s]) for s in sets} for name, of in evidence.items()},
        {"torch": torch.__version__.split("+")[0], "python": platform.python_version()},
    )


def without_ancestor(row: KnownSuspect) -> KnownSuspect:
    """A suspect as it would be measured without the network that it descends from as a judge."""
    others = [i for i, origin in enumerate(SHIPPED) if origin != row.truth.origin]
    found = row.findings
    fewer = found._replace(
        votes=found.votes[others], plain=found.plain[others], early=found.early[others]
    )
    return dataclasses.replace(row, findings=fewer)


def scored(auditor: Auditor, rows: Suspects, grade: str) -> Scores:
    """The scores of an auditor on suspects that it was not fitted on."""
    given = _given(auditor, rows, grade)
    judged = [(verdict_of(p).says, p[row.kind], row) for p, row in zip(given, rows, strict=True)]
    says = [said for said, _, row in judged if row.kind == "honest"]
    alarms = [said not in ("honest", CANNOT_TELL) for said in says]
    losses = mean([brier(p, row.kind) for p, row in zip(given, rows, strict=True)], of="suspects")
    return Scores(
        _lies(given, rows),
        proportion(sum(alarms), len(alarms), of="networks"),
        losses._replace(low=max(0.0, losses.low)),  # Student's interval does not know the scale
        calibration(given, rows),
        [
            known.NotRight(row.seed, row.kind, said, p, str(row.truth))
            for said, p, row in judged
            if said != row.kind
        ],
    )


def across(design: Suspects, test: Suspects, grade: str) -> dict[str, dict[str, known.OneLie]]:
    """The scores of auditors fitted on descendants of one recipe, tested on those of the other.

    By the recipe of the networks that the auditor was fitted on, and the lie; a recipe is left out
    where too few suspects are there for either lie to be told apart.
    """
    found = {}
    for recipe in dict.fromkeys(name for name, _ in SHIPPED):
        own = [row for row in design if row.truth.origin[0] == recipe]
        others = [row for row in test if row.truth.origin[0] != recipe]
        if all(
            len({lie(r.kind) for r in rows}) == 2 for lie in LIES.values() for rows in (own, others)
        ):
            found[recipe] = _lies(_given(fitted(own, grade), others, grade), others)
    return found


def caught(auditor: Auditor, rows: Suspects, grade: str) -> dict[str, Estimate]:
    """The share of liars to whose lie an auditor gives half or more, by the lie."""
    told = {}
    for name, lie in LIES.items():
        liars = [row for row in rows if lie(row.kind)]
        chances = known.lie_chances(_given(auditor, liars, grade), name)
        told[name] = proportion(sum(c >= 0.5 for c in chances), len(liars), of="liars")
    return told


def alone(name: str, of: str, rows: Suspects) -> Estimate:
    """The area under the ROC curve of one piece of evidence. of: the lie it is high for."""
    scores = [row.evidence["white box"][name] for row in rows]
    return roc_estimate(scores, [LIES[of](row.kind) for row in rows])


def _given(auditor: Auditor, rows: Suspects, grade: str) -> list[dict[str, float]]:
    return [auditor.probabilities(row.evidence[grade]) for row in rows]


def _lies(given: Probabilities, rows: Suspects) -> dict[str, known.OneLie]:
    return {
        name: _one_lie(known.lie_chances(given, name), [lie(row.kind) for row in rows])
        for name, lie in LIES.items()
    }


def _one_lie(chances: Sequence[float], lies: Sequence[bool]) -> known.OneLie:
    found = sum(c >= 0.5 for c, lie in zip(chances, lies, strict=True) if lie)
    spared = sum(c < 0.5 for c, lie in zip(chances, lies, strict=True) if not lie)
    hits = proportion(found, sum(lies), of="suspects with the lie")
    passes = proportion(spared, len(lies) - sum(lies), of="suspects without it")
    return known.OneLie(roc_estimate(chances, lies), halves(hits, passes), hits, passes)


def halves(first: Estimate, second: Estimate) -> Estimate:
    """The mean of two independent shares, with the interval of Newcombe (1998), square and add."""
    value = (first.value + second.value) / 2
    down = math.hypot(first.value - first.low, second.value - second.low) / 2
    up = math.hypot(first.high - first.value, second.high - second.value) / 2
    return Estimate(value, value - down, value + up, first.n + second.n, of="suspects")


def calibration(given: Probabilities, rows: Suspects) -> list[Bin]:
    """Bins of the likeliest truth's probability, without those that are empty."""
    sure = [(max(p.values()), p[row.kind]) for p, row in zip(given, rows, strict=True)]
    bins = []
    for low, high in _BINS:
        inside = [(most, own == most) for most, own in sure if low < most <= high]
        if inside:
            right = proportion(sum(r for _, r in inside), len(inside), of="suspects")
            bins.append(Bin(low, high, statistics.fmean(most for most, _ in inside), right))
    return bins
