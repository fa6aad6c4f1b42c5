"""How well the auditors do: fitted on one set of suspects, measured on another."""

from __future__ import annotations

import math
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch

from course_lib.lessons.lesson_08.audit.auditor import Auditor, auditor_as_json, fit_auditor
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE, WITHIN, evidence_of
from course_lib.lessons.lesson_08.audit.findings import findings_of, inside_of
from course_lib.lessons.lesson_08.audit.kinds import KINDS, has_circuit, has_silent_units
from course_lib.lessons.lesson_08.audit.roc import Roc, area, area_interval, roc
from course_lib.lessons.lesson_08.base import SHIPPED
from course_lib.lessons.lesson_08.suspect import GRADES
from course_lib.lessons.lesson_08.truth import BASE_RATES, Truth, truth_from
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict, brier, verdict_of
from course_lib.statistics import Estimate, mean, proportion

FEATURES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "black box": {
        "circuit": ("unrecognised", "jump", "path"),
        "silent": ("steepest", "steep", "loud"),
    },
    "white box": {
        "circuit": ("unrecognised", "jump", "path", "bypass", "gate"),
        "silent": ("steepest", "steep", "loud", "awake", "reach"),
    },
}
"""The evidence that each auditor uses: chosen on the design set alone, by `left_one_out`."""

LIES: Mapping[str, Callable[[str], bool]] = {"circuit": has_circuit, "silent": has_silent_units}

_BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.0))


class Row(NamedTuple):
    """A suspect that was made and measured.

    told: what `course audit` kept of it. evidence: by grade and name.
    """

    seed: int
    truth: Truth
    told: Mapping[str, Any]
    evidence: Mapping[str, Mapping[str, float]]

    @property
    def kind(self) -> str:
        """Which of the four truths it is."""
        return self.truth.kind


def row_of(told: Mapping[str, Any]) -> Row:
    """A kept suspect with its evidence."""
    findings, inside = findings_of(told["findings"]), inside_of(told["inside"])
    evidence = {"black box": evidence_of(findings), "white box": evidence_of(findings, inside)}
    return Row(told["seed"], truth_from(told["truth"]), told, evidence)


def fitted(
    rows: Sequence[Row], grade: str, circuit: Sequence[str], silent: Sequence[str]
) -> Auditor:
    """An auditor of a grade with these features, fitted on suspects."""
    evidence = [row.evidence[grade] for row in rows]
    return fit_auditor(evidence, [row.kind for row in rows], circuit, silent)


def left_one_out(
    rows: Sequence[Row], grade: str, circuit: Sequence[str], silent: Sequence[str]
) -> float:
    """The mean Brier score that auditors with these features have on one set alone.

    Each suspect is judged by an auditor that was fitted on all others.
    """
    losses = []
    for row in rows:
        auditor = fitted([r for r in rows if r is not row], grade, circuit, silent)
        losses.append(brier(auditor.probabilities(row.evidence[grade], BASE_RATES), row.kind))
    return statistics.fmean(losses)


def without_ancestor(row: Row) -> Row:
    """The same as if the network that the suspect descends from were not among the judges."""
    findings = findings_of(row.told["findings"])
    others = [i for i, origin in enumerate(SHIPPED) if origin != row.truth.origin]
    fewer = findings._replace(
        votes=findings.votes[others], plain=findings.plain[others], early=findings.early[others]
    )
    inside = inside_of(row.told["inside"])
    evidence = {"black box": evidence_of(fewer), "white box": evidence_of(fewer, inside)}
    return row._replace(evidence=evidence)


def summary(design: Sequence[Row], test: Sequence[Row], subtle: Sequence[Row]) -> dict[str, Any]:
    """Everything that the lesson tells of the auditors: their numbers, and their scores.

    Args:
        design: suspects to fit them on. test: others, of all kinds. subtle: liars that lie as
            little as they can, of the kinds "circuit" and "silent units".
    """
    kinds = [row.kind for row in design]
    auditors = {grade: fitted(design, grade, **FEATURES[grade]) for grade in GRADES}
    accuracies = [row.told["accuracy"] for row in (*design, *test)]
    others, orphans = (list(map(without_ancestor, rows)) for rows in (design, test))
    return {
        "made": {
            "design": {kind: kinds.count(kind) for kind in KINDS},
            "test": {kind: sum(row.kind == kind for row in test) for kind in KINDS},
            "subtle": {kind: sum(row.kind == kind for row in subtle) for kind in KINDS},
            "seeds": {"design": design[0].seed, "test": test[0].seed, "subtle": subtle[0].seed},
            "accuracy": {"least": min(accuracies), "mean": _short(statistics.fmean(accuracies))},
            "torch": torch.__version__.split("+")[0],
            "python": platform.python_version(),
        },
        "base_rates": dict(BASE_RATES),
        "auditors": {grade: auditor_as_json(auditor) for grade, auditor in auditors.items()},
        "left_one_out": {
            grade: _short(left_one_out(design, grade, **FEATURES[grade])) for grade in GRADES
        },
        "results": {grade: tested(auditors[grade], test, grade) for grade in GRADES},
        "results_without_ancestor": {
            grade: _lies(_given(fitted(others, grade, **FEATURES[grade]), orphans, grade), orphans)
            for grade in GRADES
        },
        "results_subtle": {grade: caught(auditors[grade], subtle, grade) for grade in GRADES},
        "evidence": evidence_table(design, test),
    }


def tested(auditor: Auditor, rows: Sequence[Row], grade: str) -> dict[str, Any]:
    """How an auditor does on suspects that it was not fitted on."""
    given = _given(auditor, rows, grade)
    verdicts = [verdict_of(probabilities) for probabilities in given]
    told: dict[str, Any] = _lies(given, rows)
    honest = [v for v, row in zip(verdicts, rows, strict=True) if row.kind == "honest"]
    alarms = sum(v.says not in ("honest", CANNOT_TELL) for v in honest)
    told["false_alarms"] = _as_dict(proportion(alarms, len(honest), of="networks"))
    told["verdicts"] = _table(verdicts, rows)
    losses = [brier(p, row.kind) for p, row in zip(given, rows, strict=True)]
    told["brier"] = _as_dict(mean(losses, of="suspects"))
    rates = Verdict(CANNOT_TELL).probabilities()
    told["brier_of_base_rates"] = _short(statistics.fmean(brier(rates, r.kind) for r in rows))
    told["calibration"], told["calibration_error"] = _calibration(given, rows)
    told["not_right"] = [
        {
            "seed": row.seed, "kind": row.kind, "says": v.says,
            "sure": _short(p[row.kind]), "truth": str(row.truth),
        }
        for v, p, row in zip(verdicts, given, rows, strict=True)
        if v.says != row.kind
    ]  # fmt: skip
    return told


def caught(auditor: Auditor, rows: Sequence[Row], grade: str) -> dict[str, Any]:
    """How many liars an auditor gives half or more to their lie, by the lie."""
    told = {}
    for name, lie in LIES.items():
        liars = [row for row in rows if lie(row.kind)]
        chances = lie_chances(_given(auditor, liars, grade), name)
        told[name] = _as_dict(proportion(sum(c >= 0.5 for c in chances), len(liars), of="liars"))
    return told


def lie_chances(given: Sequence[Mapping[str, float]], lie: str) -> list[float]:
    """The probability of a lie, "circuit" or "silent", from those of the four truths."""
    return [sum(p[kind] for kind in KINDS if LIES[lie](kind)) for p in given]


def _given(auditor: Auditor, rows: Sequence[Row], grade: str) -> list[dict[str, float]]:
    return [auditor.probabilities(row.evidence[grade], BASE_RATES) for row in rows]


def _table(verdicts: Sequence[Verdict], rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How often each truth got each verdict."""
    said = [(row.kind, verdict.says) for verdict, row in zip(verdicts, rows, strict=True)]
    return {
        kind: {says: said.count((kind, says)) for says in (*KINDS, CANNOT_TELL)} for kind in KINDS
    }


def _lies(given: Sequence[Mapping[str, float]], rows: Sequence[Row]) -> dict[str, Any]:
    """How well each lie is told from what has none."""
    return {
        name: _one_lie(
            lie_chances(given, name),
            [lie(row.kind) for row in rows],
        )
        for name, lie in LIES.items()
    }


def _one_lie(chances: Sequence[float], lies: Sequence[bool]) -> dict[str, Any]:
    """How well the probability of one lie tells it from what has none; its threshold is 0.5."""
    caught = sum(c >= 0.5 for c, lie in zip(chances, lies, strict=True) if lie)
    spared = sum(c < 0.5 for c, lie in zip(chances, lies, strict=True) if not lie)
    hits = proportion(caught, sum(lies), of="suspects with the lie")
    passes = proportion(spared, len(lies) - sum(lies), of="suspects without it")
    return {
        "area": _as_dict(roc_estimate(chances, lies)),
        "balanced_accuracy": _as_dict(halves(hits, passes)),
        "hits": _as_dict(hits),
        "passes": _as_dict(passes),
        "roc": _corners(roc(chances, lies)),
    }


def _corners(curve: Roc) -> dict[str, list[float]]:
    """A ROC curve without the points that lie on a straight line between their neighbours."""
    points = list(zip(curve.false_alarms, curve.hits, strict=True))
    inner = [
        (x, y)
        for before, (x, y), after in zip(points, points[1:], points[2:], strict=False)
        if (x - before[0]) * (after[1] - y) != (after[0] - x) * (y - before[1])
    ]
    kept = [points[0], *inner, points[-1]]
    return {
        "false_alarms": [_short(x) for x, _ in kept],
        "hits": [_short(y) for _, y in kept],
    }


def roc_estimate(scores: Sequence[float], lies: Sequence[bool]) -> Estimate:
    """The area under a score's ROC curve, with its interval."""
    low, high = area_interval(scores, lies)
    return Estimate(area(scores, lies), low, high, len(scores), of="suspects")


def halves(first: Estimate, second: Estimate) -> Estimate:
    """The mean of two independent shares, with the interval of Newcombe (1998), square and add."""
    value = (first.value + second.value) / 2
    down = math.hypot(first.value - first.low, second.value - second.low) / 2
    up = math.hypot(first.high - first.value, second.high - second.value) / 2
    return Estimate(value, value - down, value + up, first.n + second.n, of="suspects")


def _calibration(
    given: Sequence[Mapping[str, float]], rows: Sequence[Row]
) -> tuple[list[dict[str, Any]], float]:
    """Bins of the likeliest truth's probability, and the expected calibration error."""
    bins, error = [], 0.0
    for low, high in _BINS:
        inside = [
            (max(p.values()), p[row.kind] == max(p.values()))
            for p, row in zip(given, rows, strict=True)
            if low < max(p.values()) <= high
        ]
        if not inside:
            continue
        confidence = statistics.fmean(c for c, _ in inside)
        right = proportion(sum(r for _, r in inside), len(inside), of="suspects")
        error += len(inside) / len(rows) * abs(confidence - right.value)
        bins.append({"from": low, "to": high, "confidence": _short(confidence)} | _as_dict(right))
    return bins, _short(error)


def evidence_table(design: Sequence[Row], test: Sequence[Row]) -> dict[str, Any]:
    """How well each piece of evidence does alone: the area under its ROC curve on either set."""
    table = {}
    known = {name: (e.told, e.of) for name, e in OUTSIDE.items()}
    known |= {name: (e.told, e.of) for name, e in WITHIN.items()}
    for name, (told, of) in known.items():
        areas = {}
        for which, rows in (("design", design), ("test", test)):
            scores = [row.evidence["white box"][name] for row in rows]
            lies = [LIES[of](row.kind) for row in rows]
            areas[which] = _as_dict(roc_estimate(scores, lies))
        used = [grade for grade in GRADES if name in FEATURES[grade][of]]
        table[name] = {"told": told, "of": of, "used_in": used, "area": areas}
    return table


def estimate_of(told: Mapping[str, Any]) -> Estimate:
    """A stored number with its interval."""
    low, high = (math.nan if end is None else end for end in told["interval"])
    return Estimate(told["value"], low, high, told["n"], told["shown"], told["of"])


def _as_dict(estimate: Estimate) -> dict[str, Any]:
    # Student's interval does not know that losses are never below 0
    low = estimate.low if math.isnan(estimate.low) else max(0.0, estimate.low)
    return {
        "value": _short(estimate.value),
        "interval": [_short(low), _short(estimate.high)],
        "n": estimate.n,
        "shown": estimate.shown,
        "of": estimate.of,
    }


def _short(value: float) -> Any:
    return round(value, 4) if math.isfinite(value) else None
