"""Bets (a side, and a confidence in it), and what they are worth."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor, tensor

from course_lib.lessons.lesson_02.exercises.points import reference as brier_points
from course_lib.lessons.lesson_02.trials import SIDES, Side, Trial
from course_lib.statistics import Estimate, student_quantile, wilson

CONFIDENCES = (50, 60, 75, 90, 99)
"""The confidences that can be chosen, in percent: 50 is a guess."""


class Bet(NamedTuple):
    """The answer to a trial. confidence: one of `CONFIDENCES`."""

    trial: Trial
    chose: Side
    confidence: int

    @property
    def right(self) -> bool:
        """Whether the image on this side excites the unit more."""
        return self.chose == self.trial.higher


def place(trial: Trial, chose: Any, confidence: Any) -> Bet:
    """A bet, checked.

    Raises:
        ValueError: there is no such side or confidence.
    """
    if chose not in SIDES:
        raise ValueError(f"chose={chose!r}: give 'left' or 'right'.")
    if isinstance(confidence, bool) or confidence not in CONFIDENCES:
        raise ValueError(
            f"confidence={confidence!r}: give {', '.join(map(str, CONFIDENCES[:-1]))} or "
            f"{CONFIDENCES[-1]}, in percent."
        )
    return Bet(trial, chose, int(confidence))


def points(confidence: int, right: bool) -> float:
    """The points of a bet: 0 at 50 %; else up to 1 if it is right, and down to -3 if it is wrong.

    Brier's score (1950), on a scale on which a guess earns nothing. It is proper: on average most
    is earned by whoever says how sure they are. Lesson 02 builds this by hand.

    Args:
        confidence: in percent, 50 to 100.

    Raises:
        ValueError: it is anything else.
    """
    if not 50 <= confidence <= 100:  # also for NaN
        raise ValueError(f"confidence={confidence!r}: give percent from 50 to 100.")
    return brier_points(confidence, right)


def share_right(bets: Iterable[Bet]) -> Estimate:
    """The share of bets that are right, with an interval that takes the unit for the sample.

    Bets on one unit stand or fall together, because they share its references. So what counts as
    independent are units. See `clustered`.
    """
    bets = list(bets)
    return clustered([bet.right for bet in bets], [bet.trial.unit for bet in bets])


def mean_points(bets: Iterable[Bet]) -> Estimate:
    """The mean points of bets, with an interval that takes the unit for the sample."""
    bets = list(bets)
    return clustered(
        [points(bet.confidence, bet.right) for bet in bets],
        [bet.trial.unit for bet in bets],
        bounds=(-3.0, 1.0),
    )


def clustered(
    values: Sequence[float] | Tensor,
    clusters: Sequence[Any],
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Estimate:
    """A mean over values that come in clusters, with a 95 % interval over clusters.

    The ratio estimator of survey sampling (Cochran, 1977, section 2.11): with r the residual sum
    of each of m clusters, the variance is m / (m - 1) * sum(r ** 2) / N ** 2, and the interval
    Student's with m - 1 degrees of freedom. Where clusters are of one size, this is the interval
    of the clusters' means. Where all clusters agree, that would have no width: then it is the
    score interval (Wilson, 1927) of m trials for shares, and else there is none.

    Args:
        values: finite numbers; booleans for a share. clusters: the cluster of each.
        bounds: the least and the greatest mean that such values can have.

    Raises:
        ValueError: there is nothing, or not one cluster for each value, or a value is not finite.
    """
    numbers = np.asarray(values, dtype=float)
    if numbers.size == 0 or numbers.ndim != 1 or numbers.size != len(clusters):
        raise ValueError(
            f"{numbers.size} values and {len(clusters)} clusters: give at least one value, and a "
            "cluster for each."
        )
    if not np.isfinite(numbers).all():
        raise ValueError("Some values are NaN or infinite: give finite numbers.")
    mean = float(numbers.mean())
    sums: defaultdict[Any, float] = defaultdict(float)
    for number, cluster in zip(numbers, clusters, strict=True):
        sums[cluster] += float(number) - mean
    m = len(sums)
    variance = sum(r**2 for r in sums.values()) / numbers.size**2
    if variance < 1e-18 or m == 1:
        all_or_none = bounds == (0.0, 1.0) and mean in bounds
        low, high = wilson(m * mean, m) if all_or_none else (math.nan, math.nan)
        return Estimate(mean, low, high, m, of="units")
    half = student_quantile(m - 1) * math.sqrt(variance * m / (m - 1))
    return Estimate(mean, max(bounds[0], mean - half), min(bounds[1], mean + half), m, of="units")


def by_condition(bets: Iterable[Bet]) -> dict[str, list[Bet]]:
    """Bets by condition, in the order in which conditions first come."""
    sorted_bets: dict[str, list[Bet]] = {}
    for bet in bets:
        sorted_bets.setdefault(bet.trial.condition, []).append(bet)
    return sorted_bets


def by_unit(bets: Iterable[Bet]) -> dict[str, float]:
    """The share of bets that are right, by unit, in the units' alphabetical order."""
    bets = list(bets)
    asked = Counter(bet.trial.unit for bet in bets)
    right = Counter(bet.trial.unit for bet in bets if bet.right)
    return {unit: right[unit] / asked[unit] for unit in sorted(asked)}


def confidence_by_unit(bets: Iterable[Bet]) -> dict[str, float]:
    """The mean confidence as a share, by unit, in the units' alphabetical order."""
    sure: defaultdict[str, list[int]] = defaultdict(list)
    for bet in bets:
        sure[bet.trial.unit].append(bet.confidence)
    return {unit: sum(sure[unit]) / (100 * len(sure[unit])) for unit in sorted(sure)}


def error_by_unit(
    bets: Iterable[Bet], error: Callable[[Tensor, Tensor], float]
) -> dict[str, float]:
    """The calibration error, by unit, in the units' alphabetical order.

    Args:
        error: of confidences (T,) in percent and hits (T,), as lesson 02 builds it by hand.
    """
    bets = list(bets)
    found = {}
    for unit in by_unit(bets):
        mine = [(float(bet.confidence), float(bet.right)) for bet in bets if bet.trial.unit == unit]
        confidences, hits = tensor(mine).T
        found[unit] = float(error(confidences, hits))
    return found


def how_sure(bets: Iterable[Bet]) -> str:
    """Whether bets are "too sure", "not sure enough" or, to within five points, "just right"."""
    bets = list(bets)
    over = sum(bet.confidence / 100 - bet.right for bet in bets) / len(bets)
    return "just right" if abs(over) <= 0.05 else "too sure" if over > 0 else "not sure enough"
