"""Lesson 02: are bets as often right as they were sure?"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame, number

STATEMENT = """
`confidences` `(T,)` is how sure each bet was, in percent (50, 60, 75, 90 or 99); `hits` `(T,)` is
1.0 where it was right, else 0.0. For every confidence that occurs, take the distance between the
share of its bets that were right and the confidence, both as shares. Return the mean of these
distances **over bets**: a confidence that was given often counts more. 0 is perfect.
"""


def reference(confidences: Tensor, hits: Tensor) -> float:
    """How far, on average over bets, confidence is from the share that is right."""
    total = 0.0
    for level in confidences.unique():
        mask = confidences == level
        gap = (hits[mask].mean() - level / 100).abs()
        total += float(mask.float().mean() * gap)
    return total


def _bets(counts: dict[int, tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """Bets in a mixed order, from counts (bets, right) by confidence."""
    confidences = [c for c, (bets, _) in counts.items() for _ in range(bets)]
    hits = [float(i < right) for bets, right in counts.values() for i in range(bets)]
    order = torch.randperm(len(hits), generator=torch.Generator().manual_seed(len(hits)))
    return torch.tensor(confidences, dtype=torch.float)[order], torch.tensor(hits)[order]


_MIXED = _bets({50: (10, 7), 60: (30, 21), 90: (60, 36), 99: (20, 15)})
_RARE = _bets({60: (96, 58), 99: (4, 0)})


def _found(attempt: Attempt, bets: tuple[Tensor, Tensor]) -> float:
    return number(attempt(*bets), "a mean distance")


def _is_the_mean_distance(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _MIXED), reference(*_MIXED)
    if abs(found - wanted) < 1e-4:
        return
    told = f"For 120 bets you give {found:.3f}, and it should be {wanted:.3f}: "
    reasons = {
        lets_them_cancel: "too sure here and not sure enough there cancel in your sum; take "
        "distances, without a sign.",
        bet_by_bet: "you compare single bets with their confidence, and a single bet is right or "
        "wrong: take the share of all bets of a confidence first.",
        percent_and_share: "confidences are in percent and shares are not: divide by 100.",
        level_by_level: "all confidences count alike in your mean, and bets should.",
    }

    def fits(made: Callable[[Tensor, Tensor], float]) -> bool:
        return abs(found - made(*_MIXED)) < (1e-2 if made is percent_and_share else 1e-4)

    blame(told, fits, reasons, "look at each confidence by itself first.")


def _weighs_by_bets(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _RARE), reference(*_RARE)
    if abs(found - wanted) > 1e-4:
        raise Wrong(
            f"With 96 bets at 60 % and 4 at 99 % you give {found:.3f}, and it should be "
            f"{wanted:.3f}."
        )


def lets_them_cancel(confidences: Tensor, hits: Tensor) -> float:
    return float((hits.mean() - confidences.mean() / 100).abs())


def bet_by_bet(confidences: Tensor, hits: Tensor) -> float:
    return float((hits - confidences / 100).abs().mean())


def percent_and_share(confidences: Tensor, hits: Tensor) -> float:
    gaps = [(hits[confidences == c].mean() - c).abs() for c in confidences]
    return float(torch.stack(gaps).mean())


def level_by_level(confidences: Tensor, hits: Tensor) -> float:
    gaps = [(hits[confidences == c].mean() - c / 100).abs() for c in confidences.unique()]
    return float(torch.stack(gaps).mean())


EXERCISE = Exercise(
    title="as sure as right?",
    core=False,
    difficulty=3,
    minutes=7,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a number", lambda attempt: _found(attempt, _MIXED)),
        Check("is the mean distance over bets", _is_the_mean_distance),
        Check("weighs by bets", _weighs_by_bets),
    ),
    hints=(
        "Go through confidences.unique(): a mask picks out the bets of each.",
        "gap = (hits[mask].mean() - level / 100).abs(), and mask.float().mean() is its weight.",
        "Sum up weight * gap over the levels, and return it as a float.",
    ),
    mistakes=(
        Mistake(lets_them_cancel, r"For 120 bets .*cancel in your sum"),
        Mistake(bet_by_bet, r"For 120 bets .*you compare single bets"),
        Mistake(percent_and_share, r"For 120 bets .*confidences are in percent"),
        Mistake(level_by_level, r"For 120 bets .*all confidences count alike"),
    ),
)
