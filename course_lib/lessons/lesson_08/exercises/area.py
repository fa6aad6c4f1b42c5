"""Lesson 08: how well a test tells liars from the others."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame, number

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


_Scores = tuple[Tensor, Tensor]
_APART = torch.tensor([6.0, 4.0, 9.0, 2.0, 8.0]), torch.tensor([3.0, 1.0, 7.0, 5.0])
_TIED = torch.tensor([2.0, 3.0, 3.0, 1.0]), torch.tensor([2.0, 3.0, 1.0])


def _drawn(seed: int, lying: int, without: int) -> _Scores:
    """Scores of liars, which are higher by and large, and of others."""
    chances = torch.Generator().manual_seed(seed)
    return torch.randn(lying, generator=chances) + 1, torch.randn(without, generator=chances)


def _found(attempt: Attempt, scores: _Scores) -> float:
    return number(attempt(*scores), "the share of pairs")


def _counts_all_pairs(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _APART), reference(*_APART)
    if abs(found - wanted) < 1e-5:
        return
    told = (
        "For liars that score 6, 4, 9, 2, 8 and others that score 3, 1, 7, 5 the liar is "
        f"higher in 14 pairs of 20, and you give {found:.3g} in place of 0.7: "
    )
    reasons = {
        other_way_round: "you count the pairs in which the other network scores higher.",
        one_partner_each: "you compare the first liar with the first of the others, the second "
        "with the second, and so on. Each liar meets each of the others.",
        above_the_highest: "that is the share of liars above the highest score of the others. The "
        "other pairs count too.",
        above_the_mean: "that is the share of liars above the mean score of the others. Compare "
        "with each of their scores.",
        right_at_a_threshold: "that is the share of right answers with a threshold half-way "
        "between the means. Another threshold gives another share; pairs need none.",
        difference_of_means: "that is by how much the mean scores differ, in the units of the "
        "score.",
        not_divided: "that is a number of pairs; divide it by all of them, L · W.",
    }
    otherwise = "go through the pairs by hand."
    blame(told, lambda made: abs(found - made(*_APART)) < 1e-5, reasons, otherwise)


def _halves_ties(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _TIED), reference(*_TIED)
    if abs(found - wanted) < 1e-5:
        return
    told = (
        "For liars that score 2, 3, 3, 1 and others that score 2, 3, 1 there are 4 ties "
        f"in 12 pairs; you give {found:.3f}, and it should be {wanted:.3f}: "
    )
    if abs(found - ties_count_nothing(*_TIED)) < 1e-5:
        raise Wrong(told + "your ties count nothing, and half of each is due.")
    if abs(found - ties_count_whole(*_TIED)) < 1e-5:
        raise Wrong(told + "your ties count as if the liar were higher, and half of each is due.")
    raise Wrong(told + "5 pairs in which the liar is higher, and half of the ties.")


def _of_any(attempt: Attempt) -> None:
    lying, without = _drawn(0, 30, 20)
    few, many = (scores.round() for scores in _drawn(1, 7, 40))  # so that many are the same
    for what, scores in (
        ("liars that all score higher", (torch.tensor([5.0, 7.0]), torch.tensor([1.0, 2.0, 3.0]))),
        ("liars that all score lower", (torch.tensor([-5.0, -7.0]), torch.tensor([1.0, 2.0]))),
        ("scores that are all the same", (torch.full((3,), 4.0), torch.full((5,), 4.0))),
        ("a single liar and a single other network", (torch.tensor([0.2]), torch.tensor([0.1]))),
        ("30 liars and 20 others", (lying, without)),
        ("the same scores, 100 times smaller and less 1", (lying / 100 - 1, without / 100 - 1)),
        ("7 liars and 40 others", (few, many)),
    ):
        found, wanted = _found(attempt, scores), reference(*scores)
        if abs(found - wanted) > 1e-5:
            raise Wrong(f"For {what} you give {found:.3f}, and it should be {wanted:.3f}.")


def ties_count_nothing(lying: Tensor, without: Tensor) -> float:
    return float((lying[:, None] > without[None]).float().mean())


def ties_count_whole(lying: Tensor, without: Tensor) -> float:
    return float((lying[:, None] >= without[None]).float().mean())


def other_way_round(lying: Tensor, without: Tensor) -> float:
    return 1 - reference(lying, without)


def one_partner_each(lying: Tensor, without: Tensor) -> float:
    n = min(len(lying), len(without))
    higher, ties = lying[:n] > without[:n], lying[:n] == without[:n]
    return float((higher.float() + ties.float() / 2).mean())


def above_the_highest(lying: Tensor, without: Tensor) -> float:
    return float((lying > without.max()).float().mean())


def above_the_mean(lying: Tensor, without: Tensor) -> float:
    return float((lying > without.mean()).float().mean())


def right_at_a_threshold(lying: Tensor, without: Tensor) -> float:
    threshold = (lying.mean() + without.mean()) / 2
    right = (lying > threshold).sum() + (without <= threshold).sum()
    return float(right / (len(lying) + len(without)))


def difference_of_means(lying: Tensor, without: Tensor) -> float:
    return float(lying.mean() - without.mean())


def not_divided(lying: Tensor, without: Tensor) -> float:
    return reference(lying, without) * len(lying) * len(without)


EXERCISE = Exercise(
    title="how good is a test?",
    core=True,
    difficulty=2,
    minutes=7,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("counts all pairs", _counts_all_pairs),
        Check("counts half of each tie", _halves_ties),
        Check("holds for other scores", _of_any),
    ),
    hints=(
        "L and W may differ, and the order of the scores means nothing. Each liar meets each of "
        "the others once.",
        "lying[:, None] > without[None] compares all pairs, (L, W), and == finds the ties.",
        "float((higher.float() + ties.float() / 2).mean()) is the share.",
    ),
    mistakes=(
        Mistake(ties_count_nothing, r"For liars that score 2, 3, .*: your ties count nothing"),
        Mistake(ties_count_whole, r"For liars that score 2, 3, .*: your ties count as if"),
        Mistake(other_way_round, r"For liars that score 6, 4, .*: you count the pairs in which"),
        Mistake(one_partner_each, r"For liars that score 6, 4, .*: you compare the first liar"),
        Mistake(above_the_highest, r"For liars that .*: that is the share of liars above the high"),
        Mistake(above_the_mean, r"For liars that .*: that is the share of liars above the mean"),
        Mistake(right_at_a_threshold, r"For liars that .*: that is the share of right answers"),
        Mistake(difference_of_means, r"For liars that .*: that is by how much the mean scores"),
        Mistake(not_divided, r"For liars that .* you give 14 .*: that is a number of pairs"),
    ),
)
