"""Figures of lesson 08: the verdict card, evidence beside that of known suspects, ROC, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from course_lib.display import COLOURS
from course_lib.figures import (
    LEGEND,
    LEVEL,
    Picture,
    canvas,
    draw,
    line_look,
    mark_level,
    mark_look,
)
from course_lib.lessons.lesson_08.audit.auditor import Auditor
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE, WITHIN
from course_lib.lessons.lesson_08.audit.roc import area, roc
from course_lib.lessons.lesson_08.known import (
    LIE_NAMES,
    LIES,
    KnownSuspect,
    Scores,
    lie_chances,
)
from course_lib.lessons.lesson_08.reference import Audited
from course_lib.lessons.lesson_08.truth import BASE_RATES, KINDS
from course_lib.lessons.lesson_08.verdict import Verdict, brier, told_verdict

_WITHOUT, _WITH = (COLOURS[0], "o"), (COLOURS[1], "^")  # the lie: colour and shape
_SCALES = (2, 5, 10, 20, 50, 100)


def card_figure(verdict: Verdict) -> Picture:
    """What a verdict would lose for each truth, and on average over suspects as they are drawn."""
    believed = verdict.probabilities()
    losses = {kind: brier(believed, kind) for kind in KINDS}
    average = sum(BASE_RATES[kind] * losses[kind] for kind in KINDS)
    figure, (axes,) = canvas((5.2, 2.5), grid="")
    places = range(len(KINDS))
    axes.barh(places, list(losses.values()), color=COLOURS[0], height=0.6)
    for i, (kind, loss) in enumerate(losses.items()):
        axes.annotate(
            f"{loss:.2f}  (given {round(100 * believed[kind], 1):g} %)", (loss, i), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=8.5, zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
    axes.axvline(average, color="0.2", linestyle=":", linewidth=1.4)
    axes.set_yticks(places, [f"if it is\n{kind}" for kind in KINDS], fontsize=8.5)
    axes.set_xlim(0, 2.75)
    axes.set_ylim(len(KINDS) - 0.5, -0.5)
    axes.set_xlabel(
        f"lost points (dotted: {average:.2f}, the average over all suspects)", fontsize=9
    )
    sure = "" if verdict.confidence is None else f" with {100 * verdict.confidence:.0f} %"
    told = ", ".join(f"{loss:.2f} if it is {kind}" for kind, loss in losses.items())
    alt = f"The verdict {verdict.says!r}{sure} loses {told}, and {average:.2f} on average."
    return draw(figure, alt)


def evidence_figure(
    known: Sequence[KnownSuspect],
    evidence: Mapping[str, Mapping[str, float]],
    names: Sequence[str],
    *,
    code: str = "",
) -> Picture:
    """Suspects beside others whose truth is known, a line for each piece of evidence.

    Args:
        known: suspects of the design set, say.
        evidence: of each suspect, by its letter, what `evidence_of` returned.
        names: which evidence to show.
        code: whose code the suspects' evidence rests on.
    """
    grade = "white box" if any(name in WITHIN for name in names) else "black box"
    size = (8.4, 0.75 + 0.95 * len(names))
    figure, panels = canvas(size, len(names), grid="x", hidden=("top", "right", "left"))
    told = []
    for axes, name in zip(panels, names, strict=True):
        piece = OUTSIDE.get(name) or WITHIN[name]
        lie = LIES[piece.of]
        groups: dict[bool, list[float]] = {True: [], False: []}
        for row in known:
            groups[lie(row.kind)].append(row.evidence[grade][name])
        marks = {who: values[name] for who, values in evidence.items()}
        _strip(axes, groups, marks)
        axes.set_title(f"{name}: {piece.told}", fontsize=8.5, loc="left", pad=3)
        axes.set_ylabel(LIE_NAMES[piece.of], fontsize=8.5, rotation=0, ha="right", va="center")
        told.append(f"{name}: " + ", ".join(f"{who} {x:.2f}" for who, x in marks.items()))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, **LEGEND)
    alt = (
        "For each piece of evidence the values of known suspects without the lie, and below them "
        f"of those with it; letters mark the suspects of the case. {'; '.join(told)}."
    )
    return draw(figure, alt, code=code)


def _strip(axes: Axes, groups: Mapping[bool, Sequence[float]], marks: Mapping[str, float]) -> None:
    for lying, height, (colour, shape), name in (
        (False, 1.0, _WITHOUT, "known suspects without the lie"),
        (True, 0.0, _WITH, "known suspects with it"),
    ):
        values = groups[lying]
        # spread out by turns, so that equal values stay countable
        places = [height + 0.11 * (i % 5 - 2) for i in range(len(values))]
        axes.plot(
            values, places, linestyle="none", marker=shape, color=colour, markersize=4,
            alpha=0.55, label=name,
        )  # fmt: skip
    for value in marks.values():
        axes.axvline(value, color="0.15", linewidth=1.0)
    low, high = axes.get_xlim()
    for value, names in _together(marks, 0.03 * (high - low)):
        axes.annotate(
            names, (value, 1.95), xytext=(3, 0), textcoords="offset points", fontsize=9.5,
            fontweight="bold", va="top",
        )  # fmt: skip
    axes.set_ylim(-0.5, 2.0)
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=8)


def _together(marks: Mapping[str, float], near: float) -> list[tuple[float, str]]:
    """Names of marks, those that are near each other in one text at the rightmost."""
    found: list[tuple[float, str]] = []
    for who, value in sorted(marks.items(), key=lambda mark: mark[1]):
        if found and value - found[-1][0] < near:
            found[-1] = (value, f"{found[-1][1]}, {who}")
        else:
            found.append((value, who))
    return found


def roc_figure(
    tests: Mapping[str, tuple[Sequence[float], Sequence[bool]]], *, code: str = ""
) -> Picture:
    """ROC curves: the share of liars caught against that of the others accused.

    Args:
        tests: by name, the scores and whether each is of a liar.
        code: whose code the scores rest on.
    """
    figure, (axes,) = canvas((5.4, 4.4))
    axes.plot([0, 1], [0, 1], label="a coin (0.50)", **LEVEL)
    told = []
    for i, (name, (scores, lies)) in enumerate(tests.items()):
        curve, under = roc(scores, lies), area(scores, lies)
        label = f"{name} ({under:.2f})"
        axes.plot(curve.false_alarms, curve.hits, label=label, linewidth=1.8, **line_look(i))
        told.append(f"{name} has the area {under:.2f}")
    axes.set_xlabel("share of the others that are accused")
    axes.set_ylabel("share of liars that are caught")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.legend(loc="lower right", title="area under the curve", **LEGEND)
    return draw(figure, f"ROC curves from (0, 0) to (1, 1): {', '.join(told)}.", code=code)


def reasons_figure(audited: Mapping[str, Audited]) -> Picture:
    """What each piece of evidence adds to the reference auditor's log odds of either lie."""
    count = len(audited)
    rows = [
        (lie, name) for lie, parts in next(iter(audited.values())).reasons.items() for name in parts
    ]
    size = (2.4 + 2.3 * count, 1.1 + 0.34 * len(rows))
    figure, panels = canvas(size, count, count, grid="x", sharex=True, sharey=True)
    told = []
    for axes, (who, found) in zip(panels, audited.items(), strict=True):
        values = [found.reasons[lie][name] for lie, name in rows]
        for i, value in enumerate(values):
            colour, _ = _WITH if value > 0 else _WITHOUT
            axes.barh(i, value, color=colour, height=0.6, hatch="//" if value > 0 else "")
        axes.axvline(0, color="0.3", linewidth=1)
        axes.set_title(f"{who}: {told_verdict(found.verdict)}", fontsize=9.5)
        axes.tick_params(axis="x", labelsize=8)
        most = max(zip(values, rows, strict=True), key=lambda pair: abs(pair[0]))
        verdict = told_verdict(found.verdict)
        told.append(f"{who}, {verdict}, most by {most[1][1]} ({most[0]:+.1f})")
    panels[0].set_yticks(
        range(len(rows)), [f"{name} ({LIE_NAMES[lie]})" for lie, name in rows], fontsize=8.5
    )
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.supxlabel("added to the log odds of the lie (hatched: speaks for it)", fontsize=9)
    alt = f"For each suspect, what each piece of evidence adds to the log odds: {'; '.join(told)}."
    return draw(figure, alt)


def calibration_figure(results: Mapping[str, Scores]) -> Picture:
    """How often the auditors' likeliest truth is right, against how sure they are of it.

    Args:
        results: by grade.
    """
    figure, (axes,) = canvas((5.0, 3.8))
    axes.plot([0.2, 1], [0.2, 1], label="as often right as sure", **LEVEL)
    told = []
    for i, (grade, found) in enumerate(results.items()):
        bins = found.calibration
        sure = [b.confidence for b in bins]
        right = [b.right.value for b in bins]
        low = [b.right.value - b.right.low for b in bins]
        high = [b.right.high - b.right.value for b in bins]
        look = {**mark_look(i), **line_look(i), "linewidth": 1.2}
        axes.errorbar(sure, right, yerr=[low, high], label=grade, capsize=3, **look)
        told += [
            f"{grade}, {100 * b.confidence:.0f} % sure: {100 * b.right.value:.0f} % of {b.right.n}"
            for b in bins
        ]
    axes.set_xlabel("how sure (mean of a bin)")
    axes.set_ylabel("share that is right (95 % interval)")
    axes.set_ylim(0, 1.04)
    axes.legend(loc="lower right", **LEGEND)
    return draw(figure, f"How sure and how often right the auditors are: {'; '.join(told)}.")


def strength_figure(groups: Mapping[str, Sequence[KnownSuspect]], auditor: Auditor) -> Picture:
    """Which lies an auditor catches in the black box, by their strength.

    Args:
        groups: suspects by the name of their group; those of a second group are drawn hollow.
    """
    figure, (left, right) = canvas((9.2, 3.6), 2, 2, sharey=True)
    told = []
    for axes, lie in ((left, "circuit"), (right, "silent")):
        for i, (name, rows) in enumerate(groups.items()):
            liars = [row for row in rows if LIES[lie](row.kind)]
            given = [auditor.probabilities(r.evidence["black box"]) for r in liars]
            strengths = [_strength(row, lie) for row in liars]
            points = list(zip(strengths, lie_chances(given, lie), strict=True))
            told.append(_caught(axes, points, f"{LIE_NAMES[lie]}, {name}", hollow=i > 0))
        mark_level(axes, 0.5)
        axes.set_title(LIE_NAMES[lie], fontsize=9.5)
        axes.set_ylim(-0.04, 1.04)
        axes.legend(loc="lower right", **LEGEND)
    left.set_xlabel("logits that lie (left of the number: hard gate; right: smooth)", fontsize=9)
    left.set_xticks(range(1, 9))
    left.set_ylabel("probability given to the lie", fontsize=9)
    right.set_xscale("log")
    right.set_xticks(_SCALES, [f"{scale}" for scale in _SCALES])
    right.minorticks_off()
    right.set_xlabel("scale of the twins", fontsize=9)
    alt = f"How sure the auditor is of each lie, against its strength. {' '.join(told)}"
    return draw(figure, alt)


def _strength(liar: KnownSuspect, lie: str) -> float:
    """The twins' scale, or how many logits lie, a little left of it for a hard gate."""
    circuit, twins = liar.truth.circuit, liar.truth.twins
    if lie == "silent":
        assert twins is not None
        return twins.scale
    assert circuit is not None
    return len(circuit.lying) + (-0.15 if circuit.sharpness is None else 0.15)


def _caught(axes: Axes, points: Sequence[tuple[float, float]], name: str, *, hollow: bool) -> str:
    """Points (strength, probability); returns a sentence."""
    for caught, (colour, shape), word in ((True, _WITHOUT, "caught"), (False, _WITH, "missed")):
        some = [(x, y) for x, y in points if (y >= 0.5) == caught]
        if some:
            axes.plot(
                [x for x, _ in some], [y for _, y in some], linestyle="none", marker=shape,
                color=colour, markersize=5.5, alpha=0.7, label=f"{name}: {len(some)} {word}",
                markerfacecolor="none" if hollow else colour,
            )  # fmt: skip
    return f"{name}: {sum(y < 0.5 for _, y in points)} of {len(points)} are missed."
