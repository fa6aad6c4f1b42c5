"""Lesson 09: a threshold that honest networks can live with.

A defence gives each network a score, and a network is accused if its score is **at least** a
threshold. A low one catches many liars, and accuses many who are honest. How low may it be?

`honest` is a list of scores, in any order, of networks known to be honest; `accused` is the largest
share of them that you are willing to accuse, from 0 to below 1. Return the lowest of these scores
which, as the threshold, accuses no larger share. Networks that score the same are accused together.
If even the highest score accuses too many, nobody is accused: return `float("inf")`.
(Any other threshold that accuses the same of these networks is as right.)
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong, listed
from course_lib.classroom.exercises.agrees import gives_again
from course_lib.classroom.exercises.values import number


def reference(honest: list[float], accused: float) -> float:
    """The lowest threshold that accuses at most this share of the honest."""
    for threshold in sorted(honest):
        share = sum(score >= threshold for score in honest) / len(honest)
        if share <= accused:
            return threshold
    return float("inf")


_Case = tuple[list[float], float]


def _threshold(value: object, what: str) -> float:
    one = value
    if isinstance(value, Tensor | np.ndarray | np.generic) and math.prod(value.shape) == 1:
        one = value.item()
    return math.inf if isinstance(one, float) and one == math.inf else number(one, what)


def _hit(honest: list[float], threshold: float) -> int:
    return sum(score >= threshold for score in honest)


def _accuses(
    finds: str, cases: Sequence[_Case], otherwise: str, mistakes: tuple[Mistake, ...]
) -> Check:
    """A stage in which a threshold is judged by how many it accuses."""

    def run(attempt: Attempt) -> None:
        given = [(case, attempt(*case)) for case in cases]

        def fits(rule: Callable[..., float]) -> bool:
            return all(_hit(case[0], rule(*case)) == _hit(case[0], found) for case, found in given)

        for (honest, share), found in given:
            if _hit(honest, found) != _hit(honest, reference(honest, share)):
                why = next((m.why for m in mistakes if fits(m.function)), otherwise)
                raise Wrong(f"{_told(honest, share, found)} {why}")
        gives_again(attempt, given[0][1], cases[0])

    return Check(finds, run, mistakes)


def _told(honest: list[float], share: float, found: float) -> str:
    count, due = len(honest), reference(honest, share)
    return (
        f"Of the honest scores {listed(sorted(honest), '.4g', 12)} at most {share:g} · {count} = "
        f"{share * count:.3g} may be accused. Your threshold, {found:.4g}, accuses "
        f"{_hit(honest, found)}, and {due:.4g} is due, which accuses {_hit(honest, due)}:"
    )


def _drawn(seed: int, count: int) -> list[float]:
    chances = torch.Generator().manual_seed(seed)
    return torch.randn(count, generator=chances).tolist()


def _hits(count: Callable[[int, float], int]) -> Callable[..., float]:
    """The threshold that accuses so many, of N and for the share, unless scores are the same."""
    return lambda h, share: [*sorted(h), math.inf][len(h) - count(len(h), share)]


def _quantile(honest: list[float], place: float) -> float:
    return float(torch.tensor(honest, dtype=torch.float64).quantile(place))


_SOME = (
    Mistake(lambda h, a: min(h), "the lowest score of all accuses everybody."),
    Mistake(lambda h, a: reference(h, 1 - a), "you accuse the share 1 - accused."),
    Mistake(_hits(lambda n, a: n - int(a * n)), "high scores are suspicious: count from there."),
    Mistake(_quantile, "high scores are suspicious: accused are those above the quantile."),
    Mistake(_hits(lambda n, a: int(a * n) + 1),
        "who scores exactly the threshold is accused, too: compare with >=, not >."),
    Mistake(_hits(lambda n, a: math.ceil(a * n) - 1),
        "the share itself is allowed: compare it with <=, not <."),
    Mistake(_hits(lambda n, a: math.ceil(a * n)), "you round up; that is more than the share."),
    Mistake(_hits(lambda n, a: round(a * n)), "rounding goes up as well, to more than the share."),
    Mistake(_hits(lambda n, a: 1), "the highest score always does; look for the lowest."),
    Mistake(lambda h, a: math.inf, "you accuse nobody; compare a share with accused, not a count."),
    Mistake(lambda h, a: h[-int(a * len(h))], "the scores come in any order: sort them."),
    Mistake(lambda h, a: _quantile(h, 1 - a),
        "a quantile lies between two scores, and may accuse one too many; count."),
)  # fmt: skip
_NOBODY = (
    Mistake(_hits(lambda n, a: int(a * n) or n),
        "from the end, -0 is the first place of all, so that you accuse everybody."),
    Mistake(_hits(lambda n, a: int(a * n) or 1), "the highest score accuses its own network."),
)  # fmt: skip
_TIED = (
    Mistake(_hits(lambda n, a: int(a * n)),
        "networks that score the same are accused together, and these are too many."),
    Mistake(lambda h, a: reference([*{*h}], a),
        "you count a score that occurs twice once; each is another network's."),
)  # fmt: skip
_FEW = (
    ([0.375, 0.125, 0.625, 0.5, 0.25], 0.2),
    (_drawn(0, 10), 0.28),
    (_drawn(1, 8), 0.5),
    (_drawn(2, 12), 0.1),
    (_drawn(3, 20), 0.15),
    (_drawn(4, 3), 0.7),
    ([0.125, 0.5, 0.5 + 2**-11, 0.5 + 2**-10], 0.5),
    ([1000.0, 0.5, 0.0, 0.501], 0.5),  # two of them close, on a long scale
)
_NONE = ((_drawn(5, 6), 0.1), (_drawn(6, 4), 0.0), (_drawn(7, 9), 0.25), ([0.25], 0.9))
_SAME = (
    ([0.125, 0.25, 0.5, 0.25, 0.25], 0.4),
    ([1.5, 0.5, 1.5, 1.0], 0.25),
    ([0.75] * 5, 0.9),
    ([0.25, 0.875, 0.5, 0.875, 0.75], 0.4),
    ([0.25, 0.25, 0.25, 0.75, 1.0], 0.4),
)
_TRY = "try each score, from the lowest, and count how many score at least as much."
_INF = 'where nobody may be accused return float("inf").'
_ALL = "count all that score at least the threshold, those with the same score among them."

EXERCISE = Exercise(
    title="a threshold for the honest",
    core=False,
    difficulty=3,
    minutes=8,
    reference=reference,
    gives=Gives(_threshold, "a threshold"),
    checks=(
        _accuses("accuses as many as may be", _FEW, _TRY, _SOME),
        _accuses("accuses nobody where nobody may be", _NONE, _INF, _NOBODY),
        _accuses("keeps those together that score the same", _SAME, _ALL, _TIED),
    ),
    hints=(
        "For one threshold, sum(score >= threshold for score in honest) / len(honest) is the share "
        "that it accuses.",
        "The higher the threshold, the fewer: go through sorted(honest), and return the first that "
        "accuses no more than `accused`.",
        'If the loop ends without one, return float("inf").',
    ),
)
