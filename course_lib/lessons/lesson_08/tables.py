"""Tables of lesson 08: what each piece of evidence is worth, and how the auditors did."""

import math
from collections.abc import Iterable, Mapping

from course_lib.display import Message, tabulated
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE
from course_lib.lessons.lesson_08.known import LIE_NAMES, AuditScores, OneLie
from course_lib.statistics import Estimate

_SAME_FOUR = "Intervals are for further suspects of the same four ancestors."


def evidence_table(scores: AuditScores, names: Iterable[str] = tuple(OUTSIDE)) -> Message:
    """The area under the ROC curve of pieces of evidence from outside, best first."""
    used = {name for a in scores.auditors.values() for head in a for name in head.features}
    rows = []
    best = sorted(names, key=lambda n: (OUTSIDE[n].of, -scores.evidence[n]["test"].value))
    for name in best:
        piece, area = OUTSIDE[name], scores.evidence[name]
        values = [f"{area[which].value:.2f}" for which in ("design", "test")]
        told = [_range(area["test"]), "yes" if name in used else "no", piece.told]
        rows.append([name, LIE_NAMES[piece.of], *values, *told])
    head = ["evidence", "high for", "design", "test", "95 % interval", "used", "what it is"]
    return tabulated(head, rows, note=_SAME_FOUR)


def results_table(scores: AuditScores) -> Message:
    """The scores of both auditors on the test set, with intervals."""
    results = scores.results.values()
    rows = []
    for lie, name in LIE_NAMES.items():
        found = [result.lies[lie] for result in results]
        rows += [
            [f"{name}: caught", *(_percent(one.hits) for one in found)],
            [f"{name}: others spared", *(_percent(one.passes) for one in found)],
            [f"{name}: balanced accuracy", *(_percent(one.balanced_accuracy) for one in found)],
        ]
    rows.append(["honest networks accused", *(_percent(r.false_alarms) for r in results)])
    losses = [f"{r.brier.value:.3f} ({_range(r.brier, digits=3)})" for r in results]
    rows.append(["mean Brier score", *losses])
    return tabulated(["on the test set", *scores.results], rows, note=_SAME_FOUR)


def across_table(across: Mapping[str, Mapping[str, OneLie]]) -> Message:
    """The scores of auditors that were fitted on one recipe's descendants, tested on the other's.

    across: by the recipe of the networks that an auditor was fitted on, and the lie.
    """
    other = dict(zip(across, reversed(list(across)), strict=True))
    rows = [
        [fitted, other[fitted], LIE_NAMES[lie], one.hits.shown, one.passes.shown,
         f"{100 * one.balanced_accuracy.value:.1f} %"]
        for fitted, lies in across.items()
        for lie, one in lies.items()
    ]  # fmt: skip
    head = ["fitted on", "tested on", "lie", "caught", "others spared", "balanced accuracy"]
    return tabulated(head, rows)


def missed_table(scores: AuditScores, grade: str) -> Message:
    """The suspects of the test set that an auditor was not right about."""
    missed = scores.results[grade].not_right
    if not missed:
        return tabulated([f"{grade}: it was right about all of the test set"], [])
    return tabulated(
        [f"{grade}: suspect", "the auditor says", "gave to the truth", "the truth"],
        [[str(one.seed), one.says, f"{100 * one.sure:.0f} %", one.truth] for one in missed],
    )


def _percent(estimate: Estimate) -> str:
    count = f", {estimate.shown}" if estimate.shown else ""
    value = f"{100 * estimate.value:.1f} %"
    if math.isnan(estimate.low):
        return f"{value}{count}"
    return f"{value} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f}{count})"


def _range(estimate: Estimate, digits: int = 2) -> str:
    if math.isnan(estimate.low):
        return "–"
    return f"{estimate.low:.{digits}f} to {estimate.high:.{digits}f}"
