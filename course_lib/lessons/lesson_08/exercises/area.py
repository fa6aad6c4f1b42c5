"""Lesson 08: how well a test tells liars from the others."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number

STATEMENT = """
A test for one lie gives each network a score, and a higher one is more suspicious. How well does it
tell liars from networks without the lie? Let it compare two, one of each: how often does the liar
get the higher score?

`lying` `(L,)` are the scores of networks with the lie, `without` `(W,)` those of networks without
it. Go through all L · W **pairs** of one and the other. Return the share of pairs in which the liar
scores higher, a number; a tie counts half.

A coin gets 0.5, and a test that is never wrong gets 1. No threshold had to be chosen. (The same
number is the area under the test's ROC curve, which shows for every threshold how many liars are
caught, and how many others are accused.)
"""


def reference(lying: Tensor, without: Tensor) -> float:
    """The share of pairs in which the liar scores higher; a tie counts half."""
    higher = lying[:, None] > without[None]
    ties = lying[:, None] == without[None]
    return float((higher.float() + ties.float() / 2).mean())


def _drawn(seed: int, lying: int, without: int) -> tuple[Tensor, Tensor]:
    """Scores of liars, which are higher by and large, and of others."""
    chances = torch.Generator().manual_seed(seed)
    return torch.randn(lying, generator=chances) + 1, torch.randn(without, generator=chances)


def _scores(lying: list[float], without: list[float]) -> tuple[Tensor, Tensor]:
    return torch.tensor(lying), torch.tensor(without)


_APART = [
    _scores([6, 4, 9, 2, 8.0], [3, 1, 7, 5.0]),
    _scores([-3, 2.5, 0.5], [1, -4, 3, -1.5, 0, 2, -6.0]),
]
_TIED = [_scores([2, 3, 3, 1.0], [2, 3, 1.0]), _scores([0, 0, -1, 4, 8.0], [0, 4, 4, -2.0])]
_DRAWN = _drawn(0, 30, 20)
_OTHERS = [
    *(_scores([-5, -7.0], [1, 2.0]), _scores([5, 7.0], [1, 2, 3.0])),
    *(_scores([0.2], [0.1]), _scores([0.1], [0.2]), _scores([4.0] * 3, [4.0] * 5)),
    _scores([1000, 1000.002], [1000.001, 999.999, 1000.002]),  # close, and no ties but for one
    *(_DRAWN, (_DRAWN[0].double() / 100 - 1, _DRAWN[1].double() / 100 - 1)),
    tuple(scores.round() for scores in _drawn(1, 7, 40)),  # so that many are the same
    _drawn(2, 120, 80),  # as many as in the lesson
]


def _listed(scores: Tensor) -> str:
    shown = [f"{score:.7g}" for score in scores.tolist()]
    return ", ".join(shown if len(shown) < 8 else [*shown[:4], "..."])


def _told(found: float, wanted: float, lying: Tensor, without: Tensor) -> str:
    pairs, ties = len(lying) * len(without), int((lying[:, None] == without).sum())
    higher = int((lying[:, None] > without).sum())
    more = f" and both the same in {ties}" if ties else ""
    return (
        f"For liars that score {_listed(lying)} and others that score {_listed(without)} the liar "
        f"is higher in {higher} of {pairs} pairs{more}; you give {found:.4g}, and it should be "
        f"{wanted:.4g}:"
    )


def _higher(lying: Tensor, without: Tensor) -> Tensor:
    return (lying[:, None] > without).float()


def right_at_a_threshold(lying: Tensor, without: Tensor) -> float:
    threshold = (lying.mean() + without.mean()) / 2
    right = (lying > threshold).sum() + (without <= threshold).sum()
    return float(right / (len(lying) + len(without)))


_COUNTING = (
    Mistake(lambda a, b: 1 - reference(a, b),
        "you count the pairs in which the other network scores higher."),
    Mistake(lambda a, b: torch.tensor([x > y for x, y in zip(a, b, strict=False)]).float().mean(),
        "you compare the first liar with the first of the others, the second with the second, and "
        "so on. Each liar meets each of the others."),
    Mistake(lambda a, b: (a > b.max()).float().mean(),
        "that is the share of liars above the highest score of the others. The other pairs count "
        "too."),
    Mistake(lambda a, b: (a > b.mean()).float().mean(),
        "that is the share of liars above the mean score of the others. Compare with each of their "
        "scores."),
    Mistake(right_at_a_threshold,
        "that is the share of right answers with a threshold half-way between the means. Another "
        "threshold gives another share; pairs need none."),
    Mistake(lambda a, b: a.mean() - b.mean(),
        "that is by how much the mean scores differ, in the units of the score."),
    Mistake(lambda a, b: _higher(a, b).sum(),
        "that is a number of pairs; divide it by all of them, L · W."),
    Mistake(lambda a, b: 2 * reference(a, b) - 1,
        "you take off the pairs in which the liar scores lower. They only count nothing."),
)  # fmt: skip
_TIES = (
    Mistake(lambda a, b: _higher(a, b).mean(), "your ties count nothing, and half of each is due."),
    Mistake(lambda a, b: 1 - _higher(b, a).mean(),
        "your ties count as if the liar were higher, and half of each is due."),
    Mistake(lambda a, b: _higher(a, b).sum() / (_higher(a, b).sum() + _higher(b, a).sum()),
        "you leave ties out; each is a pair, and counts half."),
)  # fmt: skip
_LAST = (
    Mistake(lambda a, b: max(reference(a, b), 1 - reference(a, b)),
        "yours is never below 0.5, and a test can be worse than a coin."),
    Mistake(lambda a, b: _higher(a, b).masked_fill(a[:, None].isclose(b), 0.5).mean(),
        "you take close scores for ties; only equal ones are."),
)  # fmt: skip

EXERCISE = Exercise(
    title="how good is a test?",
    core=True,
    difficulty=2,
    minutes=7,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(number, "the share of pairs"),
    checks=(
        Agrees("counts all pairs", _APART, _told, "go through the pairs by hand.", _COUNTING),
        Agrees(
            "counts half of each tie", _TIED, _told, "each pair of equal scores counts half.", _TIES
        ),
        Agrees(
            "holds for other scores",
            _OTHERS,
            _told,
            "the same rule holds for any scores.",
            _LAST,
            within=1e-5,
        ),
    ),
    hints=(
        "L and W may differ, and the order of the scores means nothing. Each liar meets each of "
        "the others once.",
        "lying[:, None] > without[None] compares all pairs, (L, W), and == finds the ties.",
        "float((higher.float() + ties.float() / 2).mean()) is the share.",
    ),
)
