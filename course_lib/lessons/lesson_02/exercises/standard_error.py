"""Lesson 02: how sure is a score, if bets on one unit stand and fall together?"""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number

STATEMENT = """
`hits` `(T,)` holds 1.0 for every bet that was right and 0.0 for the others; `units` `(T,)` says by
a whole number on which unit each bet was. All units were asked about equally often. Return the
**standard error** of the share of right bets, with the *unit* for the sample: the standard
deviation of the units' own shares (with M - 1 in its denominator, for M units), divided by √M.
"""


def reference(hits: Tensor, units: Tensor) -> float:
    """The standard error of the share of right bets, with the unit for the sample."""
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float(shares.std() / len(shares) ** 0.5)


def _bets(seed: int, units: int = 6, each: int = 20) -> tuple[Tensor, Tensor]:
    """Bets on units of different difficulty, in a random order; the units' numbers have gaps."""
    generator = torch.Generator().manual_seed(seed)
    ease = torch.linspace(0.25, 0.95, units)
    which = torch.arange(units).repeat(each)[torch.randperm(units * each, generator=generator)]
    hits = (torch.rand(units * each, generator=generator) < ease[which]).float()
    return hits, 3 * which + 1


def _found(attempt: Attempt, hits: Tensor, units: Tensor) -> float:
    return number(attempt(hits, units), "the standard error")


def _takes_units(attempt: Attempt) -> None:
    hits, units = _bets(1)
    found, wanted = _found(attempt, hits, units), reference(hits, units)
    if abs(found - wanted) < 1e-4:
        return
    told = f"For 120 bets on 6 units you give {found:.3f}, and it should be {wanted:.3f}: "
    if abs(found - trials_as_sample(hits, units)) < 1e-3:
        raise Wrong(
            told + "you took the 120 bets for the sample. Bets on one unit share its pictures, and "
            "more of them say little about other units."
        )
    if abs(found - spread_only(hits, units)) < 1e-4:
        raise Wrong(told + "that is how much units differ; divide by √M for that of their mean.")
    if abs(found - divided_by_bets(hits, units)) < 1e-4:
        raise Wrong(told + "you divide by the root of the number of bets, and M counts units.")
    if abs(found - population(hits, units)) < 1e-4:
        raise Wrong(told + "the standard deviation has M - 1 in its denominator, not M.")
    if abs(found - wanted**2) < 1e-4:
        raise Wrong(told + "that is the variance; take its root.")
    raise Wrong(told + "first a share for each unit, then their standard deviation, then √M.")


def _more_bets_are_no_more_units(attempt: Attempt) -> None:
    hits, units = _bets(2)
    once, tenfold = _found(attempt, hits, units), _found(attempt, hits.repeat(10), units.repeat(10))
    if abs(once - tenfold) > 1e-4:
        raise Wrong(
            f"The same bets ten times over bring your standard error from {once:.3f} to "
            f"{tenfold:.3f}; nothing was learned about other units."
        )


def trials_as_sample(hits: Tensor, units: Tensor) -> float:
    return float((hits.mean() * (1 - hits.mean()) / len(hits)) ** 0.5)


def spread_only(hits: Tensor, units: Tensor) -> float:
    return float(torch.stack([hits[units == u].mean() for u in units.unique()]).std())


def divided_by_bets(hits: Tensor, units: Tensor) -> float:
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float(shares.std() / len(hits) ** 0.5)


def population(hits: Tensor, units: Tensor) -> float:
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float(shares.std(unbiased=False) / len(shares) ** 0.5)


EXERCISE = Exercise(
    title="the sample is the unit",
    core=False,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a number", lambda attempt: _found(attempt, *_bets(0))),
        Check("takes the unit for the sample", _takes_units),
        Check("learns nothing from repetition", _more_bets_are_no_more_units),
    ),
    hints=(
        "First a share for every unit: the mean of its hits. What comes after that no longer knows "
        "of bets.",
        "shares = torch.stack([hits[units == u].mean() for u in units.unique()])",
        "float(shares.std() / len(shares) ** 0.5); PyTorch's std divides by M - 1.",
    ),
    mistakes=(
        Mistake(trials_as_sample, r"For 120 bets .*: you took the 120 bets"),
        Mistake(spread_only, r"For 120 bets .*: that is how much units differ"),
        Mistake(divided_by_bets, r"For 120 bets .*: you divide by the root"),
        Mistake(population, r"For 120 bets .*: the standard deviation has M - 1"),
    ),
)
