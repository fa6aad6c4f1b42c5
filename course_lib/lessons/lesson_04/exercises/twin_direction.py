"""Lesson 04: the direction in which a twin differs from its unit."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

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


def _case(seed: int, inputs: int = 12, ridge: float = 0.1) -> _Case:
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(inputs, inputs, generator=generator).double()
    mix *= torch.linspace(0.1, 4, inputs).double()
    difference, w = torch.randn(2, inputs, generator=generator).double()
    return difference + 0.7 * w, mix.T @ mix / inputs, 3 * w, ridge


def _is_orthogonal(attempt: Attempt) -> None:
    case = _case(0)
    w = case[2]
    dw = tensor(attempt(*case), "dw", (len(w),)).to(w)
    if float(dw.norm()) == 0:
        raise Wrong("Your dw is zero: there is no direction left.")
    if abs(float(torch.cosine_similarity(dw, w, dim=0))) <= 1e-6:
        return
    if _parallel(dw, not_orthogonal(*case)):
        raise Wrong("Your dw has a part along w: take away (dw @ w) / (w @ w) * w.")
    if _parallel(dw, orthogonal_too_early(*case)):
        raise Wrong(
            "You made the difference orthogonal to w and whitened it then, which turns it back: "
            "whiten first."
        )
    raise Wrong(
        f"The cosine of your dw and w is {float(torch.cosine_similarity(dw, w, dim=0)):.2f}, and "
        "should be 0: is the part along w divided by w @ w?"
    )


def _is_whitened(attempt: Attempt) -> None:
    for case in (_case(0), _case(1), _case(1, ridge=2.0)):
        w = case[2]
        dw, wanted = tensor(attempt(*case), "dw", (len(w),)).to(w), reference(*case)
        if _parallel(dw, wanted):
            continue
        if _parallel(dw, not_whitened(*case)):
            raise Wrong("This is the plain difference, not whitened: solve with the covariance.")
        if _parallel(dw, no_ridge(*case)):
            raise Wrong("The ridge is missing: add ridge * v to the covariance's diagonal.")
        raise Wrong(
            f"Your dw points elsewhere: its cosine with the right one is "
            f"{float(torch.cosine_similarity(dw, wanted, dim=0)):.2f}."
        )


def _has_the_length(attempt: Attempt) -> None:
    case = _case(2)
    w = case[2]
    ratio = float(attempt(*case).to(w).norm() / w.norm())
    if abs(ratio - 1) > 1e-4:
        raise Wrong(f"Your dw is {ratio:.3g} times as long as w, and should be as long.")
    if float(attempt(*case).to(w) @ reference(*case)) < 0:
        raise Wrong("Your dw points away from the target.")


def _parallel(one: Tensor, other: Tensor) -> bool:
    return float(torch.cosine_similarity(one, other, dim=0).abs()) > 1 - 1e-6


def not_orthogonal(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    eps = ridge * covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + eps * torch.eye(len(w)).to(w), difference)
    return dw * w.norm() / dw.norm()


def orthogonal_too_early(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    eps = ridge * covariance.diagonal().mean()
    before = difference - (difference @ w) / (w @ w) * w
    dw = torch.linalg.solve(covariance + eps * torch.eye(len(w)).to(w), before)
    return dw * w.norm() / dw.norm()


def not_divided(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    eps = ridge * covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + eps * torch.eye(len(w)).to(w), difference)
    dw = dw - (dw @ w) * w
    return dw * w.norm() / dw.norm()


def not_whitened(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    dw = difference - (difference @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


def no_ridge(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    return reference(difference, covariance, w, 0.0)


def any_length(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    eps = ridge * covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + eps * torch.eye(len(w)).to(w), difference)
    return dw - (dw @ w) / (w @ w) * w


EXERCISE = Exercise(
    title="a direction that w does not see",
    core=True,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a direction", lambda attempt: tensor(attempt(*_case(0)), "dw", (12,))),
        Check("is orthogonal to w", _is_orthogonal),
        Check("is whitened", _is_whitened),
        Check("is as long as w", _has_the_length),
    ),
    hints=(
        "torch.linalg.solve(matrix, vector) solves; torch.eye(P) is I; "
        "covariance.diagonal().mean() is v.",
        "The part of dw along w is (dw @ w) / (w @ w) * w. The order matters: what is orthogonal "
        "before whitening is so no more afterwards.",
        "Last of all: dw * w.norm() / dw.norm().",
    ),
    mistakes=(
        Mistake(not_orthogonal, r"Your dw has a part along w"),
        Mistake(orthogonal_too_early, r"You made the difference orthogonal to w and whitened"),
        Mistake(not_divided, r"The cosine of your dw and w is"),
        Mistake(not_whitened, r"This is the plain difference, not whitened"),
        Mistake(no_ridge, r"The ridge is missing"),
        Mistake(any_length, r"Your dw is [\d.e+-]+ times as long as w"),
    ),
)
