"""Two sides told apart by a number: ROC curve, the area under it, the best threshold."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_lib.statistics import Estimate, wilson

_RESAMPLES = 2000


class Roc(NamedTuple):
    """A ROC curve, from (0, 0) to (1, 1).

    false_alarms, hits: shares of the honest and of the liars that score at least each threshold.
    """

    false_alarms: tuple[float, ...]
    hits: tuple[float, ...]


def roc(scores: Sequence[float], lies: Sequence[bool]) -> Roc:
    """The ROC curve of a score that is to be high for lies; ties make one step.

    Raises:
        ValueError: not one truth a score, a score that is not finite, or one side only.
    """
    values, truth = _checked(scores, lies)
    thresholds = np.unique(values)[::-1]
    hits = [float((values[truth] >= t).mean()) for t in thresholds]
    alarms = [float((values[~truth] >= t).mean()) for t in thresholds]
    return Roc((0.0, *alarms), (0.0, *hits))


def best_threshold(scores: Sequence[float], lies: Sequence[bool]) -> float:
    """The threshold with the highest balanced accuracy, half-way between two scores.

    Whoever scores at least as much is called a liar.

    Raises:
        ValueError: as `roc`, or all score the same.
    """
    values, truth = _checked(scores, lies)
    ranked = np.unique(values)
    if len(ranked) < 2:
        raise ValueError("All networks score the same: no threshold can tell them apart.")
    between = (ranked[1:] + ranked[:-1]) / 2
    accuracy = [(values[truth] >= t).mean() + (values[~truth] < t).mean() for t in between]
    return float(between[int(np.argmax(accuracy))])


def area(scores: Sequence[float], lies: Sequence[bool]) -> float:
    """The area under the ROC curve: how often a liar scores higher than an honest one, ties half.

    Errors are those of `roc`.
    """
    return float(_in_order(scores, lies).mean())


def roc_estimate(scores: Sequence[float], lies: Sequence[bool]) -> Estimate:
    """The area under a score's ROC curve, with its 95 % interval by resampling either side.

    Where all pairs are in order, resampling has nothing to go by. Then the end is Wilson's (1927)
    for a share of 1 among as many as the smaller side has. NaN where all score the same. Errors are
    those of `roc`.
    """
    order = _in_order(scores, lies)
    if order.min() == order.max():
        n = min(order.shape)
        ends = {1.0: (wilson(n, n)[0], 1.0), 0.0: (0.0, wilson(0, n)[1])}
        low, high = ends.get(float(order.min()), (math.nan, math.nan))
    else:
        chance = np.random.default_rng(0)
        areas = []
        for _ in range(_RESAMPLES):
            rows, columns = (chance.integers(n, size=n) for n in order.shape)
            areas.append(order[rows][:, columns].mean())
        low, high = map(float, np.quantile(areas, [0.025, 0.975]))
    return Estimate(float(order.mean()), low, high, len(scores), of="suspects")


def _in_order(scores: Sequence[float], lies: Sequence[bool]) -> np.ndarray:
    """(liars, honest): 1 where the liar scores higher, 0.5 where both score the same."""
    values, truth = _checked(scores, lies)
    apart = values[truth][:, None] - values[~truth][None]
    return (apart > 0) + 0.5 * (apart == 0)


def _checked(scores: Sequence[float], lies: Sequence[bool]) -> tuple[np.ndarray, np.ndarray]:
    values, truth = np.asarray(scores, dtype=float), np.asarray(lies, dtype=bool)
    if values.ndim != 1 or values.shape != truth.shape:
        raise ValueError(f"{values.size} scores and {truth.size} truths: give one truth a score.")
    if not np.isfinite(values).all():
        raise ValueError("A score is not finite: give a number for each network.")
    if truth.all() or not truth.any():
        raise ValueError("All networks are of one side: give honest ones and liars.")
    return values, truth
