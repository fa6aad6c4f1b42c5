"""Lesson 02: are bets as often right as they were sure?

`confidences` `(T,)` is how sure each bet was, in percent (50, 60, 75, 90 or 99); `hits` `(T,)` is
1.0 where it was right, else 0.0. For every confidence that occurs, take the distance between the
share of its bets that were right and the confidence, both as shares. Return the mean of these
distances **over bets**: a confidence that was given often counts more. 0 is perfect.
"""

from functools import partial

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number


def reference(confidences: Tensor, hits: Tensor) -> float:
    """How far, on average over bets, confidence is from the share that is right."""
    total = 0.0
    for level in confidences.unique():
        mask = confidences == level
        gap = (hits[mask].mean() - level / 100).abs()
        total += float(mask.float().mean() * gap)
    return total


def _bets(**counts: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Bets in a mixed order, from counts (bets, right) by confidence, such as at60=(5, 3)."""
    confidences = [float(c[2:]) for c, (bets, _) in counts.items() for _ in range(bets)]
    hits = [float(i < right) for bets, right in counts.values() for i in range(bets)]
    order = torch.randperm(len(hits), generator=torch.Generator().manual_seed(len(hits)))
    return torch.tensor(confidences)[order], torch.tensor(hits)[order]


def _told(found: float, wanted: float, confidences: Tensor, hits: Tensor) -> str:
    of = {c: hits[confidences == c] for c in confidences.unique().tolist()}
    levels = ", ".join(
        f"{len(h)} at {c:g} % ({int(h.sum())} right, distance {abs(h.mean() - c / 100):.4g})"
        for c, h in of.items()
    )
    terms = " + ".join(f"{len(h)} x {abs(h.mean() - c / 100):.4g}" for c, h in of.items())
    due = f"({terms}) / {len(hits)} = " * (len(of) > 1)
    return f"For the bets {levels} you give {found:.4g}, and it should be {due}{wanted:.4g}:"


def _gaps(confidences: Tensor, hits: Tensor, scale: float = 100) -> Tensor:
    """For every bet, how much more often its confidence was right than it says."""
    return torch.stack([hits[confidences == c].mean() - c / scale for c in confidences])


def level_by_level(confidences: Tensor, hits: Tensor) -> Tensor:
    levels = [hits[confidences == c].mean() - c / 100 for c in confidences.unique()]
    return torch.stack(levels).abs().mean()


def _in_bins(confidences: Tensor, hits: Tensor) -> Tensor:
    bins = confidences // 10
    return sum(
        (hits[bins == b].mean() - confidences[bins == b].mean() / 100).abs() * (bins == b).sum()
        for b in bins.unique()
    ) / len(hits)


_ONE = [
    _bets(at50=(10, 7)),
    _bets(at60=(30, 21)),
    _bets(at90=(60, 36)),
    _bets(at99=(20, 15)),
    _bets(at75=(4, 1)),
    _bets(at75=(1, 1)),
    _bets(at50=(8, 4)),
]
_SEVERAL = [
    _bets(at50=(10, 7), at60=(30, 21), at90=(60, 36), at99=(20, 15)),
    _bets(at60=(96, 58), at75=(8, 8), at99=(4, 0)),
    _bets(at99=(7, 0)),
    _bets(at60=(5, 3), at75=(4, 3)),
    _bets(at50=(3, 0), at90=(2, 2)),
    _bets(at60=(4, 4), at75=(4, 1)),  # apart: opposite signs in one bin of a width of 20
    _bets(at90=(6, 6), at99=(6, 3)),  # and in one of 10
    tuple(of.double() for of in _bets(at50=(2, 2), at60=(1, 0), at75=(4, 1), at90=(9, 9))),
]
_SQUARE = "you square the distances; take their plain mean."
_AT_ONE = (
    Mistake(lambda c, h: h.mean() - c.mean() / 100,
        "a distance has no sign: being too sure and not sure enough both count above 0."),
    Mistake(lambda c, h: c.mean() / 100 - h.mean(),
        "a distance has no sign: being too sure and not sure enough both count above 0."),
    Mistake(lambda c, h: (c.mean() / 100 - h.mean()).clamp(min=0),
        "you count only where bets were too sure, and not where they were not sure enough."),
    Mistake(lambda c, h: (h - c / 100).abs().mean(),
        "you compare single bets with their confidence, and a single bet is right or wrong: take "
        "the share of all bets of a confidence first."),
    Mistake(lambda c, h: (h - c / 100).square().mean(),
        "you square how far single bets are from their confidence (Brier's loss): take the share "
        "of all bets of a confidence first."),
    Mistake(lambda c, h: (_gaps(c, h).abs() * (c > 50)).mean(),
        "you leave out bets at 50 %, which count like the others."),
    Mistake(lambda c, h: _gaps(c, h, 1).abs().mean(),
        "confidences are in percent and shares are not: divide by 100."),
    Mistake(lambda c, h: 100 * _gaps(c, h).abs().mean(),
        "that is in percent, and a share is asked for."),
    Mistake(lambda c, h: _gaps(c, h).square().mean(), _SQUARE),
    Mistake(lambda c, h: level_by_level(c, h) * len(c.unique()) / 5,
        "you divide by 5 levels, and some may not occur; divide by the number of bets."),
)  # fmt: skip
_OVER = (
    Mistake(lambda c, h: (h.mean() - c.mean() / 100).abs(),
        "too sure at one confidence and not sure enough at another cancel in your result. Look at "
        "each confidence by itself, and take its distance, without a sign."),
    Mistake(_in_bins,
        "90 and 99 share a bin in your result: each confidence counts by itself."),
    Mistake(level_by_level, "all confidences count alike in your mean, and bets should."),
    Mistake(lambda c, h: level_by_level(c, h) * len(c.unique()),
        "you add the distances up; each counts as often as its confidence was given."),
    Mistake(lambda c, h: (_gaps(c, h).abs() * h).sum() / h.sum().clamp(min=1),
        "you weigh each confidence by its right bets; all of its bets count."),
    Mistake(lambda c, h: _gaps(c, h).square().mean().sqrt(), _SQUARE),
    Mistake(lambda c, h: _gaps(c, h).abs().max(),
        "that is the largest distance, and their mean over bets is asked for."),
    Mistake(lambda c, h: _gaps(c, h).abs().median(),
        "that is the median of the distances, and their mean over bets is asked for."),
)  # fmt: skip
_NOBODY = "a confidence that nobody gave has no share, the mean of nothing. Leave it out"
_FIRST = "the distance of the share that was right from the confidence, both as shares."
_THEN = "each distance counts as often as its confidence was given; then divide by all bets."

EXERCISE = Exercise(
    title="as sure as right?",
    core=False,
    difficulty=3,
    minutes=7,
    reference=reference,
    gives=Gives(partial(number, nan=_NOBODY), "a mean distance"),
    checks=(
        Agrees(
            "takes the distance at one confidence, if any bet is right",
            _ONE,
            _told,
            _FIRST,
            _AT_ONE,
        ),
        Agrees("takes the mean over bets", _SEVERAL, _told, _THEN, _OVER),
    ),
    hints=(
        "Go through confidences.unique(): a mask picks out the bets of each.",
        "gap = (hits[mask].mean() - level / 100).abs(), and mask.float().mean() is its weight.",
        "Sum up weight * gap over the levels, and return it as a float.",
    ),
)
