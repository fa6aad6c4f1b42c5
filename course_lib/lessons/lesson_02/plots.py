"""Figures of bets: scores, calibration, and a class in one plot."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from course_lib.figures import LEGEND, LEVEL, Picture, canvas, draw, mark_level, mark_look
from course_lib.lessons.lesson_02.bet import CONFIDENCES, Bet, share_right
from course_lib.lessons.lesson_02.codes import Tally, pool
from course_lib.lessons.lesson_02.participant import SIMULATED
from course_lib.statistics import Estimate, mean


def score_figure(
    groups: Mapping[str, Mapping[str, Estimate]], *, who: str = SIMULATED, code: str = ""
) -> Picture:
    """Shares of right bets with their intervals: a column a condition, a mark a group.

    Args:
        groups: by the name of the group, estimates by condition.
        who: whose bets they are; it is written over the figure.
        code: whose code the figure rests on.
    """
    columns = list(dict.fromkeys(c for estimates in groups.values() for c in estimates))
    figure, (axes,) = canvas((7.2, 3.5))
    axes.set_title(who, fontsize=10)
    _columns(axes, columns)
    for i, (name, estimates) in enumerate(groups.items()):
        shift = (i - (len(groups) - 1) / 2) * 0.16
        places = [columns.index(condition) + shift for condition in estimates]
        _with_intervals(axes, places, list(estimates.values()), i, name)
    axes.set_xlabel("what was shown")
    _legend(axes)
    numbers = "; ".join(
        f"{name}: " + ", ".join(f"{c} {e.value:.2f}" for c, e in estimates.items())
        for name, estimates in groups.items()
    )
    alt = f"Shares of right bets ({who}), each with its interval over units. {numbers}."
    return draw(figure, alt, code=code)


def bet_calibration_figure(groups: Mapping[str, Sequence[Bet]], *, code: str = "") -> Picture:
    """The shares of right bets by confidence, with intervals over units.

    Args:
        groups: bets by the name of their group, which says whose they are.
        code: whose code the figure rests on.
    """
    figure, (axes,) = canvas((5.6, 4.2))
    _confidences(axes)
    for i, (name, bets) in enumerate(groups.items()):
        at = {c: [bet for bet in bets if bet.confidence == c] for c in CONFIDENCES}
        at = {confidence: mine for confidence, mine in at.items() if mine}
        shift = (i - (len(groups) - 1) / 2) * 1.0
        _with_intervals(
            axes, [c + shift for c in at], [share_right(mine) for mine in at.values()], i,
            f"{name} ({len(bets)} bets)", linestyle="-",
        )  # fmt: skip
    _legend(axes)
    alt = (
        f"Calibration of {', '.join(groups)}: the share of right bets against the confidence from "
        "50 to 99 percent, with the diagonal of perfect calibration."
    )
    return draw(figure, alt, code=code)


def class_figure(
    results: Sequence[Tally], *, simulated: Mapping[int, Tally] | None = None
) -> Picture:
    """A class in one plot: everybody's scores by condition, and the class's calibration.

    A dot is a participant. The mean's interval is over participants: it says what others would
    score on the same trials, and nothing about other units.

    Args:
        results: of people, one each, all of the same trials.
        simulated: the simulated participant's results, by the seed of their trials. That of the
            same trials is shown beside the people's, and never counted among them.

    Raises:
        ValueError: there are no results, they cannot be pooled, or one of `simulated` is of a
            person or of other trials than it says.
    """
    whole = pool(results)
    if whole.who != "person":
        raise ValueError("These are the simulated participant's results: give those of people.")
    for seed, result in (simulated or {}).items():
        if result.who != "simulated":
            raise ValueError("simulated holds the result of a person: leave it out.")
        if result.seed != seed:
            raise ValueError(f"simulated names a result of seed {result.seed} by {seed}: mend it.")
    machine = (simulated or {}).get(whole.seed)
    figure, (left, right) = canvas((9.0, 3.9), 2, 2, width_ratios=(1.25, 1))
    _columns(left, list(whole.counts))
    for place, condition in enumerate(whole.counts):
        shares = [_share(result, condition) for result in results if condition in result.counts]
        # side by side, so that equal scores stay countable
        places = [place + ((i + 0.5) / len(shares) - 0.5) * 0.4 for i in range(len(shares))]
        left.plot(places, shares, markersize=5, alpha=0.55, **mark_look(place))
        if len(shares) > 1:
            _with_intervals(left, [place - 0.3], [mean(shares)], place, "")
        if machine is not None and condition in machine.counts:
            left.plot(
                place + 0.3, _share(machine, condition), color="black", marker="X",
                linestyle="none", markersize=8, label=None if place else f"{SIMULATED}, no person",
            )  # fmt: skip
    people = f"{whole.participants} {'person' if whole.participants == 1 else 'people'}"
    left.set_title(people, fontsize=10)
    _legend(left)
    _confidences(right)
    for i, (condition, rows) in enumerate(whole.counts.items()):
        known = [(c, row) for c, row in zip(CONFIDENCES, rows, strict=True) if row.bets]
        look = {**mark_look(i), "linestyle": "-", "linewidth": 1.2, "markersize": 6}
        shares = [row.right / row.bets for _, row in known]
        right.plot([c for c, _ in known], shares, label=condition, **look)
    _legend(right)
    numbers = ", ".join(f"{c} {_share(whole, c):.2f}" for c in whole.counts)
    alt = f"Bets of {people}: a dot a person for each condition, and how sure they were. Means: "
    return draw(figure, f"{alt}{numbers}.")


def _share(result: Tally, condition: str) -> float:
    total = result.total(condition)
    return total.right / total.bets


def _with_intervals(
    axes: Axes,
    places: Sequence[float],
    estimates: Sequence[Estimate],
    number: int,
    name: str,
    *,
    linestyle: str = "none",
) -> None:
    values = [e.value for e in estimates]
    below = [0.0 if math.isnan(e.low) else max(0.0, e.value - e.low) for e in estimates]
    above = [0.0 if math.isnan(e.high) else max(0.0, e.high - e.value) for e in estimates]
    look = {**mark_look(number), "linestyle": linestyle, "linewidth": 1.2, "markersize": 6.5}
    axes.errorbar(places, values, yerr=[below, above], label=name or None, capsize=3, **look)


def _columns(axes: Axes, conditions: Sequence[str]) -> None:
    mark_level(axes, 0.5, "chance")
    axes.set_xticks(range(len(conditions)), conditions, fontsize=9)
    axes.set_xlim(-0.5, len(conditions) - 0.5)
    axes.set_ylabel("share of bets that are right")
    axes.set_ylim(0, 1.04)


def _confidences(axes: Axes) -> None:
    axes.plot([50, 100], [0.5, 1.0], label="as often right as sure", **LEVEL)
    axes.set_xlabel("how sure (%)")
    axes.set_xticks(CONFIDENCES)
    axes.set_ylabel("share of bets that are right")
    axes.set_ylim(0, 1.04)


def _legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", **LEGEND)
