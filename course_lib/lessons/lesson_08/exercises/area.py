"""Lesson 08: how well a test tells liars from the others.

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

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, listed, number


def reference(lying: Tensor, without: Tensor) -> float:
    """The share of pairs in which the liar scores higher; a tie counts half."""
    higher = lying[:, None] > without[None]
    ties = lying[:, None] == without[None]
    return float((higher.float() + ties.float() / 2).mean())


def _drawn(seed: int, lying: int, without: int) -> tuple[Tensor, Tensor]:
    """Scores of liars, which are higher by and large, and of others."""
    chances = torch.Generator().manual_seed(seed)
    return torch.randn(lying, generator=chances) + 1, torch.randn(without, generator=chances)


def _scores(*sides: list[float]) -> tuple[Tensor, ...]:
    return tuple(map(torch.tensor, sides))


_WHOLE = [
    _scores([6, 4, 9, 2, 8.0], [3, 1, 7, 5.0]),
    _scores([2, 7.0], [4, 1, 3, 8, 5.0]),
    _scores([9, 11, 10.0], [2, 4.0]),
    _scores([1, 3.0], [4, 2, 5.0]),
    _scores([3, 4.0], [1, 5, 2.0]),
]
_TWICE = [_scores([1, 3, 3, 3.0], [2.0]), _scores([2, 5.0], [4, 1, 4, 4, 6, 4.0])]
_TIED = [_scores([2, 3, 3, 1.0], [2, 3, 1.0]), _scores([2, 2, 1, 6, 10.0], [2, 6, 6, 0.0])]
_DRAWN = _drawn(0, 30, 20)
_OTHERS = [
    _scores([-3, 2.5, 0.5], [1, -4, 3, -1.5, 0, 2, -6.0]),
    _scores([-5, -7.0], [1, 2.0]),
    _scores([4.0] * 3, [4.0] * 5),
    _scores([4.0], [5.0]),
    _scores([0.01, 100, -90], [0, 0.02, 50, -0.01]),
    _scores([1000, 1000.002], [1000.001, 999.999, 1000.002]),  # close, and no ties but for one
    _DRAWN,
    (_DRAWN[0].double() / 100 - 1, _DRAWN[1].double() / 100 - 1),
    tuple(scores.round() for scores in _drawn(1, 7, 40)),  # so that many are the same
    _drawn(2, 120, 80),  # as many as in the lesson
]


def _told(found: float, wanted: float, lying: Tensor, without: Tensor) -> str:
    above, ties = (lying[:, None] > without).sum(1), int((lying[:, None] == without).sum())
    one_by_one = f" ({', '.join(map(str, above.tolist()))}, liar by liar)" * (1 < len(lying) < 8)
    higher, pairs = int(above.sum()), len(lying) * len(without)
    more = f" and both the same in {ties}" * (ties > 0)
    share = f"({higher} + {ties} / 2) / {pairs}" if ties else f"{higher} / {pairs}"
    return (
        f"For liars that score {listed(lying, '.7g', 7)} and others that score "
        f"{listed(without, '.7g', 7)} the liar is higher in {higher} of {pairs} pairs{one_by_one}"
        f"{more}; you give {found:.4g}, and it should be {share} = {wanted:.4g}:"
    )


def _higher(lying: Tensor, without: Tensor) -> Tensor:
    return (lying[:, None] > without).float()


def _by_place(lying: Tensor, without: Tensor) -> Tensor:
    return torch.tensor([a > b for a, b in zip(lying, without, strict=False)]).float().mean()


_COUNTING = (
    Mistake(lambda a, b: 1 - reference(a, b),
        "you count the pairs in which the other network scores higher."),
    Mistake(_by_place,
        "you compare the first liar with the first of the others, the second with the second, and "
        "so on. Each liar meets each of the others."),
    Mistake(lambda a, b: _by_place(a.sort().values, b.sort().values),
        "you sort both and compare them place by place. Each liar meets each of the others."),
    Mistake(lambda a, b: (a > b.mean()).float().mean(),
        "that is the share of liars above the mean score of the others. Compare with each of their "
        "scores."),
    Mistake(lambda a, b: (a > b.median()).float().mean(),
        "that is the share of liars above the median of the others. Compare with each."),
    Mistake(lambda a, b: torch.sigmoid(a[:, None] - b).mean(),
        "you count by how much the liar is higher (a sigmoid), and only whether matters."),
    Mistake(lambda a, b: _higher(a, b).sum() / len(a) ** 2,
        "you divide by L · L, and there are L · W pairs."),
    Mistake(lambda a, b: 2 * reference(a, b) - 1,
        "you take off the pairs in which the liar scores lower. They only count nothing."),
    Mistake(lambda a, b: max(reference(a, b), 1 - reference(a, b)),
        "yours is never below 0.5, and a test can be worse than a coin."),
)  # fmt: skip
_COUNT = (
    "each pair in which the liar is higher counts 1, no matter by how much, each other pair 0; "
    "divide by all."
)
_REPEATED = Mistake(lambda a, b: _higher(a.unique(), b.unique()).mean(),
    "you drop repeated scores (unique, or a set). Each is another network's.")  # fmt: skip
_TIES = (
    Mistake(lambda a, b: _higher(a, b).mean(), "your ties count nothing; half of each is due."),
    Mistake(lambda a, b: 1 - _higher(b, a).mean(),
        "your ties count as if the liar were higher, and half of each is due."),
    Mistake(lambda a, b: _higher(a, b).sum() / (_higher(a, b).sum() + _higher(b, a).sum()),
        "you leave ties out; each is a pair, and counts half."),
)  # fmt: skip
_ODD = (
    Mistake(lambda a, b: reference(a.abs(), b.abs()),
        "you drop the minus of scores below 0, which are lower than all above."),
    Mistake(lambda a, b: _higher(a, b).masked_fill(a[:, None].isclose(b), 0.5).mean(),
        "you take close scores for ties; only equal ones are."),
)  # fmt: skip
_ANY = "only which of the two is higher counts: close to each other, far apart or below 0."

EXERCISE = Exercise(
    title="how good is a test?",
    core=True,
    difficulty=2,
    minutes=7,
    reference=reference,
    gives=Gives(number, "the share of pairs"),
    checks=(
        Agrees("counts pairs of a few whole scores", _WHOLE, _told, _COUNT, _COUNTING),
        Agrees("counts repeated scores", _TWICE, _told, _COUNT, (_REPEATED,)),
        Agrees("counts half of a tie", _TIED, _told, "each tie counts half a pair.", _TIES),
        Agrees("holds for other scores", _OTHERS, _told, _ANY, _ODD, within=1e-5),
    ),
    hints=(
        "L and W may differ, and the order of the scores means nothing. Each liar meets each of "
        "the others once.",
        "lying[:, None] > without[None] compares all pairs, (L, W), and == finds the ties.",
        "float((higher.float() + ties.float() / 2).mean()) is the share.",
    ),
)
