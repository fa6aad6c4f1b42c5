"""Figures of lesson 08: the verdict card, evidence beside that of known suspects, ROC, reasons."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from course_lib.display import COLOURS
from course_lib.figures import LEGEND, LEVEL, Picture, canvas, draw, line_look, mark_look
from course_lib.lessons.lesson_08.audit.auditor import Auditor
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE, WITHIN
from course_lib.lessons.lesson_08.audit.roc import area, roc
from course_lib.lessons.lesson_08.known import LIE_NAMES, LIES, KnownSuspect, Scores, lie_chances
from course_lib.lessons.lesson_08.reference import Audited
from course_lib.lessons.lesson_08.truth import KINDS
from course_lib.lessons.lesson_08.verdict import Verdict, brier, expected_loss, told_verdict

_WITHOUT, _WITH = (COLOURS[0], "o"), (COLOURS[1], "^")  # the lie: colour and shape
_GROUPS = (
    (False, 1.0, _WITHOUT, "known suspects without the lie"),
    (True, 0.0, _WITH, "known suspects with it"),
)  # whether they lie, height, look, and name
_SCALES = (2, 5, 10, 20, 50, 100)


def card_figure(verdict: Verdict) -> Picture:
    """What a verdict would lose for each truth, and on average over suspects as they are drawn."""
    believed = verdict.probabilities()
    losses = {kind: brier(believed, kind) for kind in KINDS}
    average = expected_loss(verdict)
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
    axes.set(xlim=(0, 2.75), ylim=(len(KINDS) - 0.5, -0.5))
    label = f"lost points (dotted: {average:.2f}, the average over all suspects)"
    axes.set_xlabel(label, fontsize=9)
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
        known: suspects of the design set, say. names: which evidence to show.
        evidence: of each suspect, by its letter. code: whose code it rests on.
    """
    grade = "white box" if any(name in WITHIN for name in names) else "black box"
    size = (8.4, 0.75 + 0.95 * len(names))
    figure, panels = canvas(size, len(names), grid="x", hidden=("top", "right", "left"))
    told = []
    for axes, name in zip(panels, names, strict=True):
        piece = OUTSIDE.get(name) or WITHIN[name]
        for lying, height, (colour, shape), label in _GROUPS:
            some = [row for row in known if LIES[piece.of](row.kind) == lying]
            # spread out by turns, so that equal values stay countable
            places = [height + 0.11 * (i % 5 - 2) for i in range(len(some))]
            axes.plot(
                [row.evidence[grade][name] for row in some], places, linestyle="none", marker=shape,
                color=colour, markersize=4, alpha=0.55, label=label,
            )  # fmt: skip
        marks = {who: values[name] for who, values in evidence.items()}
        _mark(axes, marks)
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


def _mark(axes: Axes, marks: Mapping[str, float]) -> None:
    """A line and a name for each mark; marks that are near each other share a text."""
    for value in marks.values():
        axes.axvline(value, color="0.15", linewidth=1.0)
    low, high = axes.get_xlim()
    texts: list[tuple[float, str]] = []  # each at the rightmost of its marks
    for who, value in sorted(marks.items(), key=lambda mark: mark[1]):
        if texts and value - texts[-1][0] < 0.03 * (high - low):
            texts[-1] = (value, f"{texts[-1][1]}, {who}")
        else:
            texts.append((value, who))
    for value, names in texts:
        axes.annotate(
            names, (value, 1.95), xytext=(3, 0), textcoords="offset points", fontsize=9.5,
            fontweight="bold", va="top",
        )  # fmt: skip
    axes.set(ylim=(-0.5, 2.0), yticks=[])
    axes.tick_params(axis="x", labelsize=8)


def roc_figure(
    tests: Mapping[str, tuple[Sequence[float], Sequence[bool]]], *, code: str = ""
) -> Picture:
    """ROC curves: the share of liars caught against that of the others accused.

    tests: by name, the scores and whether each is of a liar. code: whose code they rest on.
    """
    figure, (axes,) = canvas((5.4, 4.4))
    axes.plot([0, 1], [0, 1], label="a coin (0.50)", **LEVEL)
    told = []
    for i, (name, (scores, lies)) in enumerate(tests.items()):
        curve, under = roc(scores, lies), area(scores, lies)
        label = f"{name} ({under:.2f})"
        axes.plot(curve.false_alarms, curve.hits, label=label, linewidth=1.8, **line_look(i))
        told.append(f"{name} has the area {under:.2f}")
    axes.set(
        xlabel="share of the others that are accused", ylabel="share of liars that are caught",
        xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal",
    )  # fmt: skip
    axes.legend(loc="lower right", title="area under the curve", **LEGEND)
    return draw(figure, f"ROC curves from (0, 0) to (1, 1): {', '.join(told)}.", code=code)


def reasons_figure(audited: Mapping[str, Audited]) -> Picture:
    """What each piece of evidence adds to the reference auditor's log odds of either lie."""
    count = len(audited)
    first, *_ = audited.values()
    rows = [(lie, name) for lie, parts in first.reasons.items() for name in parts]
    size = (2.4 + 2.3 * count, 1.1 + 0.34 * len(rows))
    figure, panels = canvas(size, count, count, grid="x", sharex=True, sharey=True)
    told = []
    for axes, (who, found) in zip(panels, audited.items(), strict=True):
        values = [found.reasons[lie][name] for lie, name in rows]
        for i, value in enumerate(values):
            (colour, _), hatch = (_WITH, "//") if value > 0 else (_WITHOUT, "")
            axes.barh(i, value, color=colour, height=0.6, hatch=hatch)
        axes.axvline(0, color="0.3", linewidth=1)
        verdict = told_verdict(found.verdict)
        axes.set_title(f"{who}: {verdict}", fontsize=9.5)
        axes.tick_params(axis="x", labelsize=8)
        most, (_, name) = max(zip(values, rows, strict=True), key=lambda pair: abs(pair[0]))
        told.append(f"{who}, {verdict}, most by {name} ({most:+.1f})")
    labels = [f"{name} ({LIE_NAMES[lie]})" for lie, name in rows]
    panels[0].set_yticks(range(len(rows)), labels, fontsize=8.5)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.supxlabel("added to the log odds of the lie (hatched: speaks for it)", fontsize=9)
    alt = f"For each suspect, what each piece of evidence adds to the log odds: {'; '.join(told)}."
    return draw(figure, alt)


def calibration_figure(results: Mapping[str, Scores]) -> Picture:
    """How often the auditors' likeliest truth is right, against how sure they are; by grade."""
    figure, (axes,) = canvas((5.0, 3.8))
    axes.plot([0.2, 1], [0.2, 1], label="as often right as sure", **LEVEL)
    told = []
    for i, (grade, found) in enumerate(results.items()):
        sure = [b.confidence for b in found.calibration]
        right = [b.right for b in found.calibration]
        ends = [e.value - e.low for e in right], [e.high - e.value for e in right]
        look = {**mark_look(i), **line_look(i), "linewidth": 1.2}
        values = [e.value for e in right]
        axes.errorbar(sure, values, yerr=ends, label=grade, capsize=3, **look)
        told += [
            f"{grade}, {100 * s:.0f} % sure: {100 * e.value:.0f} % of {e.n}"
            for s, e in zip(sure, right, strict=True)
        ]
    label = "share that is right (95 % interval)"
    axes.set(xlabel="how sure (mean of a bin)", ylabel=label, ylim=(0, 1.04))
    axes.legend(loc="lower right", **LEGEND)
    return draw(figure, f"How sure and how often right the auditors are: {'; '.join(told)}.")


def strength_figure(groups: Mapping[str, Sequence[KnownSuspect]], auditor: Auditor) -> Picture:
    """Which lies an auditor catches in the black box, by their strength.

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
        axes.axhline(0.5, **LEVEL)
        axes.set_title(LIE_NAMES[lie], fontsize=9.5)
        axes.set_ylim(-0.04, 1.04)
        axes.legend(loc="lower right", **LEGEND)
    left.set_xlabel("logits that lie (left of the number: hard gate; right: smooth)", fontsize=9)
    left.set_xticks(range(1, 9))
    left.set_ylabel("probability given to the lie", fontsize=9)
    right.set_xscale("log")
    right.set_xticks(_SCALES, map(str, _SCALES))
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
