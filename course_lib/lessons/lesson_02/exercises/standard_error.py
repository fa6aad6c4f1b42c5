"""Lesson 02: how sure is a score, if bets on one unit stand and fall together?

`hits` `(T,)` holds 1.0 for every bet that was right and 0.0 for the others; `units` `(T,)` says by
a whole number on which unit each bet was. All units were asked about equally often. Return the
**standard error** of the share of right bets, with the *unit* for the sample: the standard
deviation of the units' own shares (with M - 1 in its denominator, for M units), divided by √M.
"""

from functools import partial

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number


def reference(hits: Tensor, units: Tensor) -> float:
    """The standard error of the share of right bets, with the unit for the sample."""
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float(shares.std() / len(shares) ** 0.5)


def _bets(seed: int, units: int = 6, each: int = 20, step: int = 1) -> tuple[Tensor, Tensor]:
    """Bets on units of different difficulty, in a random order; a step leaves gaps."""
    generator = torch.Generator().manual_seed(seed)
    ease = torch.linspace(0.25, 0.95, units)
    which = torch.arange(units).repeat(each)[torch.randperm(units * each, generator=generator)]
    hits = (torch.rand(units * each, generator=generator) < ease[which]).float()
    return hits, step * which + step - 1


def _told(found: float, wanted: float, hits: Tensor, units: Tensor) -> str:
    shares, names = _shares(hits, units), ", ".join(str(int(u)) for u in units.unique())
    return (
        f"For {len(hits)} bets on the {len(shares)} units {names}, whose shares are "
        f"{', '.join(f'{share:.4g}' for share in shares)}, with a standard deviation of "
        f"{shares.std():.3g}, you give {found:.3g}, and it should be {shares.std():.3g} / "
        f"√{len(shares)} = {wanted:.3g}:"
    )


def _shares(hits: Tensor, units: Tensor) -> Tensor:
    return torch.stack([hits[units == u].mean() for u in units.unique()])


_MIXED = [_bets(1), _bets(2, 5, 12), _bets(3, 8, 90)]
_SPACED = [_bets(4, step=3), _bets(5, 2, 9, 7), _bets(7, 3, 4, 50)]
_SAME = torch.ones(6), torch.tensor([4, 4, 9, 9, 2, 2])
_ODD = [_bets(6, 7, 1), _SAME, (_bets(8)[0].double(), _bets(8)[1])]
_SAMPLE = (
    Mistake(lambda h, u: (h.mean() * (1 - h.mean()) / len(h)) ** 0.5,
        "you took single bets for the sample. Bets on one unit share its pictures, and more of "
        "them say little about other units."),
    Mistake(lambda h, u: h.std() / len(h) ** 0.5,
        "you took single bets for the sample; first comes a share for each unit."),
    Mistake(lambda h, u: (h.mean() * (1 - h.mean()) / len(u.unique())) ** 0.5,
        "√(p (1 - p) / M) is for M single bets; take the deviation of the units' shares."),
    Mistake(lambda h, u: h.view(len(u.unique()), -1).mean(1).std() / len(u.unique()) ** 0.5,
        "you take the bets as if they were sorted by unit, and they are mixed: `units` says on "
        "which unit each was."),
    Mistake(lambda h, u: torch.stack([h[u == i].std() for i in u.unique()]).mean()
        / len(u.unique()) ** 0.5,
        "you take the deviation within each unit; what counts is how much the units' shares "
        "differ from each other."),
    Mistake(lambda h, u: (_shares(h, u).max() - _shares(h, u).min()) / 4 / len(u.unique()) ** 0.5,
        "a quarter of the range of the shares is not their standard deviation."),
    Mistake(lambda h, u: _shares(h, u).std() / 6**0.5,
        "you divide by √6 each time, and M is the number of units in this call."),
    Mistake(lambda h, u: _shares(h, u).std(),
        "that is how much units differ; divide by √M for that of their mean."),
    Mistake(lambda h, u: _shares(h, u).std() / len(h) ** 0.5,
        "you divide by the root of the number of bets, and M counts units."),
    Mistake(lambda h, u: _shares(h, u).std(unbiased=False) / len(_shares(h, u)) ** 0.5,
        "the standard deviation has M - 1 in its denominator, not M."),
    Mistake(lambda h, u: _shares(h, u).var() / len(_shares(h, u)),
        "that is the variance; take its root."),
    Mistake(lambda h, u: _shares(h, u).std() / len(_shares(h, u)),
        "divide by the root of M, not by M."),
    Mistake(lambda h, u: _shares(h, u).std() / (len(_shares(h, u)) - 1) ** 0.5,
        "divide by √M; M - 1 stands in the standard deviation alone."),
    Mistake(lambda h, u: len(h) / len(u.unique()) * reference(h, u),
        "you take the number of right bets of a unit; take their share."),
)  # fmt: skip
_RECIPE = (
    "a unit's share is the mean of its own bets; then comes the standard deviation of these "
    "shares, then √M, for M units."
)
_NAN = "look for the mean of nothing (units' numbers have gaps) or the deviation of one number"
_GAPS = "a number that no bet was on is no unit. Go through those in `units` alone."

EXERCISE = Exercise(
    title="the sample is the unit",
    core=False,
    difficulty=3,
    minutes=8,
    reference=reference,
    gives=Gives(partial(number, nan=_NAN), "the standard error"),
    checks=(
        Agrees("takes the unit for the sample", _MIXED, _told, _RECIPE, _SAMPLE),
        Agrees("copes with gaps in the units' numbers", _SPACED, _told, _GAPS),
        Agrees(
            "does so for few bets, for units that are all the same, and for float64",
            _ODD,
            _told,
            _RECIPE,
        ),
        Agrees(
            "learns nothing from repetition",
            [tuple(of.repeat(10) for of in _bets(9, step=2))],
            "The same bets ten times over should leave your standard error at {wanted:.3g}, and it "
            "is {found:.3g}:",
            "nothing was learned about other units.",
        ),
    ),
    hints=(
        "First a share for every unit: the mean of its hits. What comes after that no longer knows "
        "of bets.",
        "shares = torch.stack([hits[units == u].mean() for u in units.unique()])",
        "float(shares.std() / len(shares) ** 0.5); PyTorch's std divides by M - 1.",
    ),
)
