"""Lesson 04: the direction in which a twin differs from its unit."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, tensor

STATEMENT = """
`difference` `(P,)` is the target's mean patch minus that of the renders, `covariance` `(P, P)` the
renders' covariance, and `w` `(P,)` the unit's filter. Return `dw` `(P,)`:

1. **Whiten**: solve `(covariance + ridge * v * I) dw = difference`, where `v` is the mean of the
   covariance's diagonal. What varies among renders anyway then counts for little.
2. Take away the part of `dw` along `w`, so that the two are **orthogonal**.
3. Make it **as long as** `w`.
"""


def reference(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    """The whitened difference, orthogonal to w and as long as it."""
    eps = ridge * covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + eps * torch.eye(len(w)).to(w), difference)
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


_Case = tuple[Tensor, Tensor, Tensor, float]


def _case(inputs: int, ridge: float, scale: float = 1.0) -> _Case:
    """Patches of so many numbers, in units of this scale."""
    chances = torch.Generator().manual_seed(inputs)
    *mix, difference, w = torch.randn(4 * inputs + 2, inputs, generator=chances).double()
    patches = torch.stack(mix) * torch.linspace(0.5, 2, inputs)
    covariance = patches.T @ patches / len(patches) + 0.2
    return scale * (difference + 0.7 * w), scale**2 * covariance, 3 * w, ridge


def _solved(difference: Tensor, covariance: Tensor, added: Tensor | float) -> Tensor:
    return torch.linalg.solve(covariance + added, difference)


def _ridge(covariance: Tensor, ridge: float) -> Tensor:
    eye: Tensor = torch.eye(len(covariance)).to(covariance)
    return eye * ridge * covariance.diagonal().mean()


def _long(dw: Tensor, w: Tensor) -> Tensor:
    return dw * w.norm() / dw.norm()


def _across(dw: Tensor, w: Tensor) -> Tensor:
    return dw - (dw @ w) / (w @ w) * w


def _begin(found: Tensor, wanted: Tensor, *case: Any) -> str:
    w, dw = case[2], found.to(wanted)
    along, right = (float(F.cosine_similarity(dw, v, dim=0).round(decimals=4)) for v in (w, wanted))
    return (
        f"The cosine of your dw and w is {along + 0:g} and should be 0, that of your dw and the "
        f"right one is {right:g} and should be 1, and your dw is {dw.norm() / w.norm():.4g} "
        "times as long as w and should be as long:"
    )


EXERCISE = Exercise(
    title="a direction that w does not see",
    core=True,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(tensor, "dw"),
    checks=(
        Agrees(
            "is whitened, orthogonal to w and as long as it",
            [_case(12, 0.1), _case(5, 2.0, 10.0), _case(3, 0.5, 0.1)],
            _begin,
            "go through the three steps in their order, with ridge as it is given.",
            (
                Mistake(
                    lambda d, c, w, r: _long(_solved(d, c, _ridge(c, r)), w),
                    "it has a part along w. Take away (dw @ w) / (w @ w) * w.",
                ),
                Mistake(
                    lambda d, c, w, r: _long(_solved(_across(d, w), c, _ridge(c, r)), w),
                    "you made the difference orthogonal to w and whitened it then, which turns it "
                    "back. Whiten first.",
                ),
                Mistake(
                    lambda d, c, w, r: _long((s := _solved(d, c, _ridge(c, r))) - (s @ w) * w, w),
                    "the part along w has to be divided by w @ w.",
                ),
                Mistake(
                    lambda d, c, w, r: _long(_across(d, w), w),
                    "this is the plain difference, not whitened: solve with the covariance.",
                ),
                Mistake(
                    lambda d, c, w, r: reference(d, c, w, 0.0),
                    "the ridge is missing: add ridge * v to the covariance's diagonal.",
                ),
                Mistake(
                    lambda d, c, w, r: reference(d, c, w, r / float(c.diagonal().mean())),
                    "the ridge counts v times, so that it means the same in any unit.",
                ),
                Mistake(
                    lambda d, c, w, r: reference(d, c, w, r * len(w)),
                    "v is the mean of the covariance's diagonal, and you took its sum.",
                ),
                Mistake(
                    lambda d, c, w, r: _long(_across(_solved(d, c, r * c.diagonal().mean()), w), w),
                    "the ridge belongs on the diagonal alone: without I it is added everywhere.",
                ),
                Mistake(
                    lambda d, c, w, r: _long(_across((c + _ridge(c, r)) @ d, w), w),
                    "you multiply by the covariance, and have to solve with it.",
                ),
                Mistake(
                    lambda d, c, w, r: _across(_solved(d, c, _ridge(c, r)), w),
                    "only the length is wrong: dw * w.norm() / dw.norm().",
                ),
                Mistake(
                    lambda d, c, w, r: reference(d, c, w, r) / w.norm(),
                    "its length is 1: multiply by that of w.",
                ),
                Mistake(lambda *case: -reference(*case), "it points away from the target."),
            ),
        ),
        Agrees(
            "is so for any ridge, and any number of inputs",
            [_case(27, 0.0, 3.0), _case(2, 0.3), _case(40, 0.01)],
            _begin,
            "use ridge as it is given, and len(w) for the size of I.",
        ),
    ),
    hints=(
        "torch.linalg.solve(matrix, vector) solves; torch.eye(P) is I; "
        "covariance.diagonal().mean() is v.",
        "The part of dw along w is (dw @ w) / (w @ w) * w. The order matters: what is orthogonal "
        "before whitening is so no more afterwards.",
        "Last of all: dw * w.norm() / dw.norm().",
    ),
)
