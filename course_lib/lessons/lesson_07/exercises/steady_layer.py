"""Lesson 07: a residual layer that takes no two inputs further apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, tensor

STATEMENT = """
A residual layer `x + f(x)` usually lengthens. Where f pushes two inputs on in the very direction in
which they differ, they leave it up to 1 + L times as far apart, if f alone lengthens by up to L.
With L = 1, ten layers may lengthen 1,024 times.

Meunier et al. (2022) **pull back** instead, along what was seen. Build their layer, without a bias:

1. `H` units look at x, each with a row of `weight` `(H, D)`: relu(W x).
2. Each answer is laid back along the row that it was seen with, and all are added up: D numbers.
3. That is taken off x, times a step of 2 / |W|². Here |W| is the **spectral norm**, the most by
   which W lengthens any vector (its largest singular value).

`x` is `(N, D)`, one input a row; return `(N, D)`. No two inputs may leave it further apart (in L2)
than they came, and what no unit sees passes as it is. `weight` is never all zeros.
"""


def reference(weight: Tensor, x: Tensor) -> Tensor:
    """x, less what its units saw of it: no two inputs get further apart."""
    seen = (x @ weight.T).relu() @ weight
    return x - 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2


_norm = partial(torch.linalg.matrix_norm, ord=2)


def _case(units: int, width: int, count: int, norm: float) -> tuple[Tensor, Tensor]:
    """Weights of this spectral norm, of both signs, and inputs."""
    chances = torch.Generator().manual_seed(100 * units + 10 * width + count)
    weight = torch.randn(units, width, generator=chances)
    return weight * norm / _norm(weight), torch.randn(count, width, generator=chances)


_SQUARE = ((-1, _case(4, 4, 6, 1.5)), (1, _case(1, 1, 1, 1)), (1, _case(3, 3, 4, 3)))
_UNSEEN = [(sign * weight.abs(), -sign * x.abs()) for sign, (weight, x) in _SQUARE]
_BY_HAND = (([0.0, 2], [3.0, 4]), ([3.0, 4], [1.0, 1]), ([1.0, -2, 2], [1.0, 0, 2]))
_ONE = [(torch.eye(len(x))[:, :1] * torch.tensor(w), torch.tensor([x])) for w, x in _BY_HAND]
_MANY = [
    _case(4, 4, 40, 0.05), _case(4, 4, 40, 3), _case(2, 5, 7, 2), _case(7, 3, 30, 0.5),
    _case(1, 1, 5, 3), tuple(t.double() for t in _case(24, 16, 2, 1.1)),
]  # fmt: skip


def _told(found: Tensor, wanted: Tensor, weight: Tensor, x: Tensor) -> str:
    if len(x) == 1:
        w, given = weight.tolist(), x[0].tolist()
        due, made = ([round(value, 3) for value in y[0].tolist()] for y in (wanted, found))
        return f"With weight = {w}, x = {given} should become {due}; yours becomes {made}:"
    off, before, after = (found - wanted).norm(dim=1), torch.pdist(x), torch.pdist(found.to(x))
    i = int((after / before).argmax())
    return (
        f"With {len(weight)} units and |W| = {_norm(weight):.3g} your output is off by up to "
        f"{off.max():.3g}, and two inputs {before[i]:.3g} apart leave it {after[i]:.3g} apart:"
    )


def _scaled(factor: Callable[[Tensor], Tensor | float]) -> Callable[[Tensor, Tensor], Tensor]:
    """A mistake: what is taken off x, times a factor that depends on the weights."""
    return lambda weight, x: x - factor(weight) * (x - reference(weight, x))


EXERCISE = Exercise(
    title="a residual layer that lengthens nothing",
    core=False,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(tensor, "the layer's output"),
    checks=(
        Agrees(
            "passes what no unit sees",
            _UNSEEN,
            lambda found, wanted, weight, x: (
                "Where W x is negative for all units, x should pass as it is, and yours comes out "
                f"{found.norm() / x.norm():.2f} times as long, moved by {(found - x).norm():.3g}:"
            ),
            "nothing is seen, so nothing may be taken off.",
            (
                Mistake(lambda w, x: x - reference(w, x), "what was seen has to be taken off x."),
                Mistake(
                    lambda w, x: x - reference(w, x) / 2,
                    "shortening everything keeps the bound too, but soon leaves next to nothing.",
                ),
                Mistake(lambda w, x: x - 2 * x @ w.T @ w / _norm(w) ** 2, "where is the ReLU?"),
                Mistake(
                    lambda w, x: x - 2 * (x @ w.T @ w).relu() / _norm(w) ** 2,
                    "the ReLU is for W x, before it is laid back.",
                ),
            ),
        ),
        Agrees(
            "pulls back along a lone unit that sees",
            _ONE,
            _told,
            "lay relu(W x) back along the rows, and take 2 / |W|² times that off x.",
            (
                Mistake(_scaled(lambda w: -1), "you add what has to be taken off."),
                Mistake(_scaled(_norm), "you divide by |W|, and W is applied twice: |W|²."),
                Mistake(_scaled(lambda w: _norm(w) ** 2), "you do not divide by |W|²."),
                Mistake(
                    _scaled(lambda w: 0.5),
                    "your step is 1 / |W|², which wipes out what a lone unit sees; 2 / |W|² "
                    "reflects it.",
                ),
                Mistake(
                    lambda w, x: x - 2 * (x @ w.T).relu() @ w.T / _norm(w) ** 2,
                    "you look twice with W; the way back is along its rows, @ weight without .T.",
                ),
                Mistake(
                    lambda w, x: reference(w.T, x),
                    "W x is x @ weight.T, and the way back @ weight; yours are swapped.",
                ),
            ),
        ),
        Agrees(
            "takes the whole step and lengthens nothing, for any number of units",
            _MANY,
            _told,
            "is the step 2 / |W|², with the largest singular value, and is it taken off x?",
            (
                Mistake(
                    _scaled(lambda w: (_norm(w) / w.norm()) ** 2),
                    "you divide by the Frobenius norm, the root of all squared weights: a step "
                    "far shorter than it may be.",
                ),
            ),
            within=1e-3,
        ),
    ),
    hints=(
        "Why 2? Along the weights w of a lone open unit, x is multiplied by 1 - step · |w|². For "
        "which steps does that stay between -1 and 1?",
        "W x for every row of x is x @ weight.T, (N, H); laying back is @ weight, (N, D). "
        "torch.linalg.matrix_norm(weight, 2) is the spectral norm; weight.norm() is another.",
        "x - 2 * (x @ weight.T).relu() @ weight / torch.linalg.matrix_norm(weight, 2) ** 2",
    ),
)
