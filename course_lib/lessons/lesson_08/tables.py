"""Tables of lesson 08: what each piece of evidence is worth, and how the auditors did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from course_lib.display import Message, tabulated
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE
from course_lib.lessons.lesson_08.audit.kinds import KINDS
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL

_LIES = {"circuit": "circuit", "silent": "silent units"}


def evidence_table(told: Mapping[str, Any]) -> Message:
    """The area under the ROC curve of each piece of evidence from outside, best first.

    Args:
        told: what `reference.stored` returned.
    """
    outside = [(name, row) for name, row in told["evidence"].items() if name in OUTSIDE]
    rows = sorted(outside, key=lambda item: (item[1]["of"], -item[1]["area"]["test"]["value"]))
    return tabulated(
        ["evidence", "high for", "design", "test", "95 % interval", "used", "what it is"],
        [
            [
                name, _LIES[row["of"]], f"{row['area']['design']['value']:.2f}",
                f"{row['area']['test']['value']:.2f}", _range(row["area"]["test"]["interval"]),
                "yes" if row["used_in"] else "no", row["told"],
            ]
            for name, row in rows
        ],
    )  # fmt: skip


def results_table(told: Mapping[str, Any]) -> Message:
    """How both auditors do on the test set, with intervals."""
    rows = []
    for lie, name in _LIES.items():
        for what, key in (
            ("caught", "hits"),
            ("others spared", "passes"),
            ("balanced accuracy", "balanced_accuracy"),
        ):
            rows.append([f"{name}: {what}", *(_cell(r[lie][key]) for r in _results(told))])
    rows.append(["honest networks accused", *(_cell(r["false_alarms"]) for r in _results(told))])
    rows.append(["mean Brier score", *(_number(r["brier"]) for r in _results(told))])
    return tabulated(["on the test set", *told["results"]], rows)


def verdict_table(told: Mapping[str, Any], grade: str) -> Message:
    """How often each truth of the test set got each verdict."""
    table = told["results"][grade]["verdicts"]
    says = (*KINDS, CANNOT_TELL)
    return tabulated(
        [f"{grade}: the truth", *(f"says {s}" for s in says)],
        [[kind, *(str(table[kind][s]) for s in says)] for kind in KINDS],
        numbers=True,
    )


def missed_table(told: Mapping[str, Any], grade: str) -> Message:
    """The suspects of the test set that an auditor was not right about."""
    missed = told["results"][grade]["not_right"]
    if not missed:
        return tabulated([f"{grade}: it was right about all of the test set"], [])
    return tabulated(
        [f"{grade}: suspect", "the auditor says", "gave to the truth", "the truth"],
        [[str(w["seed"]), w["says"], f"{100 * w['sure']:.0f} %", w["truth"]] for w in missed],
    )


def _results(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(told["results"].values())


def _cell(estimate: Mapping[str, Any]) -> str:
    count = f", {estimate['shown']}" if estimate.get("shown") else ""
    low, high = estimate["interval"]
    if low is None:
        return f"{100 * estimate['value']:.1f} %{count}"
    return f"{100 * estimate['value']:.1f} % ({100 * low:.1f} to {100 * high:.1f}{count})"


def _number(estimate: Mapping[str, Any]) -> str:
    return f"{estimate['value']:.3f} ({_range(estimate['interval'], digits=3)})"


def _range(interval: tuple[float | None, float | None], digits: int = 2) -> str:
    low, high = interval
    return "–" if low is None else f"{low:.{digits}f} to {high:.{digits}f}"
