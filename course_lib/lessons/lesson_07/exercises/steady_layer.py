"""Lesson 07: a residual layer that takes no two inputs further apart.

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

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, tensor
from course_lib.classroom.exercises.agrees import close


def reference(weight: Tensor, x: Tensor) -> Tensor:
    """x, less what its units saw of it: no two inputs get further apart."""
    seen = (x @ weight.T).relu() @ weight
    return x - 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2


def one_by_one(weight: Tensor, x: Tensor) -> Tensor:
    for row in weight:
        x = x - 2 * (x @ row).relu()[:, None] * row / _norm(weight) ** 2
    return x


_norm = partial(torch.linalg.matrix_norm, ord=2)


def _case(units: int, width: int, count: int, norm: float) -> tuple[Tensor, Tensor]:
    """Weights of this spectral norm, of both signs, and inputs."""
    chances = torch.Generator().manual_seed(100 * units + 10 * width + count)
    weight = torch.randn(units, width, generator=chances)
    return weight * norm / _norm(weight), torch.randn(count, width, generator=chances)


_SQUARE = ((-1, _case(4, 4, 6, 1.5)), (1, _case(1, 1, 1, 1)), (1, _case(3, 3, 4, 3)))
_UNSEEN = [(sign * weight.abs(), -sign * x.abs()) for sign, (weight, x) in _SQUARE]
# rows at right angles, the first as long as |W|; each x is seen by one unit
_TWO, _THREE = [[3.0, 4], [-0.8, 0.6]], [[1.0, -2, 2], [0.2, 0.2, 0.1], [-0.2, 0.1, 0.2]]
_SEEN = (_TWO, [2.0, 1]), (_TWO, [-2.0, 1]), (_THREE, [2.0, -3, 1]), (_THREE, [0.0, 2, 1])
_ONE = [(torch.tensor(weight), torch.tensor([x])) for weight, x in _SEEN]
_MANY = [
    _case(4, 4, 40, 0.05), _case(4, 4, 40, 3), _case(2, 5, 7, 2), _case(7, 3, 30, 0.5),
    _case(1, 1, 5, 3), tuple(t.double() for t in _case(24, 16, 2, 1.1)),
]  # fmt: skip


def _told(found: Tensor, wanted: Tensor, weight: Tensor, x: Tensor) -> str:
    norm, answers = float(_norm(weight)), (x @ weight.T).relu()
    seen, off = answers @ weight, x - found
    step = float((off * seen).sum() / seen.square().sum())
    used = abs(2 / (step or 1)) ** 0.5
    as_if = f", moved {step * norm**2 / 2:.3g} times as far, as if |W| were {used:.3g}"
    as_if *= step > 0 and close(off, step * seen, 1e-3)
    if len(x) == 1:
        w = "; ".join(f"{row.tolist()}" for row in weight.double().round(decimals=2))
        given, laid, said, due, made = (
            y[0].double().round(decimals=3).tolist() for y in (x, seen, answers, wanted, found)
        )
        return (
            f"With the rows {w} and x = {given}, relu(W x) is {said}, laid back {laid}, |W|² is "
            f"{norm**2:.3g}, and x should become {due}; yours becomes {made}{as_if}:"
        )
    before, after = torch.pdist(x), torch.pdist(found.to(x))
    i = int((after / before).argmax())
    return (
        f"With {len(weight)} units and |W| = {norm:.3g} two inputs {before[i]:.3g} apart leave "
        f"your layer {after[i]:.3g} apart{as_if}:"
    )


def _row(factor: Callable[[Tensor], Tensor | float], why: str) -> Mistake:
    return Mistake(lambda weight, x: x - factor(weight) * (x - reference(weight, x)), why)


def _norm_row(norm: Callable[[Tensor], Tensor], what: str) -> Mistake:
    why = f"your |W| is {what}: the largest singular value is due."
    return _row(lambda weight: (_norm(weight) / norm(weight)) ** 2, why)


EXERCISE = Exercise(
    title="a residual layer that lengthens nothing",
    core=False,
    difficulty=3,
    minutes=10,
    reference=reference,
    gives=Gives(tensor, "the layer's output"),
    checks=(
        Agrees(
            "passes what no unit sees",
            _UNSEEN,
            lambda found, wanted, weight, x: (
                "Where W x is negative for all units, relu(W x) is 0 and x passes; yours comes out "
                f"{found.norm() / x.norm():.2f} times as long, moved by {(found - x).norm():.3g}:"
            ),
            "nothing is seen, so nothing may be taken off, and the ReLU comes right after W x.",
            (
                Mistake(lambda w, x: x - reference(w, x), "what was seen has to be taken off x."),
                Mistake(lambda w, x: x - reference(w, x) / 2, "you shorten what is not seen, too."),
                Mistake(lambda w, x: x - 2 * x @ w.T @ w / _norm(w) ** 2, "where is the ReLU?"),
            ),
        ),
        Agrees(
            "pulls back along a single unit that sees",
            _ONE,
            _told,
            "2 / |W|² times that comes off; |W|, one for all rows, is the largest singular value.",
            (
                _row(lambda w: -1, "you add what has to be taken off."),
                _row(_norm, "you divide by |W|, and W is applied twice: |W|²."),
                _row(lambda w: _norm(w) ** 2, "you do not divide by |W|²."),
                _row(lambda w: 0.5, "your step is 1 / |W|², and 2 / |W|² is due."),
                _row(lambda w: 1 / len(w), "you also divide by the number of units."),
                _norm_row(torch.norm, "the Frobenius norm"),
                _norm_row(lambda w: w.abs().max(), "the largest weight"),
                _norm_row(partial(_norm, ord=-2), "the smallest one"),
                Mistake(
                    lambda w, x: x - 2 * (x @ w.T).relu() @ w.T / _norm(w) ** 2,
                    "you look twice with W; the way back is along its rows, @ weight without .T.",
                ),
                Mistake(lambda w, x: reference(w.T, x), "W x is x @ weight.T, back is @ weight."),
            ),
        ),
        Agrees(
            "takes the whole step and lengthens nothing, for any number of units",
            _MANY,
            _told,
            "the step is 2 / |W|², with the largest singular value, however small it is.",
            (
                _norm_row(lambda w: w.norm(dim=1).max(), "the longest row's length"),
                Mistake(
                    one_by_one,
                    "each unit sees what those before it left of x: all of them see x itself.",
                ),
            ),
            within=1e-3,
        ),
    ),
    hints=(
        "Along a lone open unit x is multiplied by 1 - step · |w|². When is that in -1 to 1?",
        "W x is x @ weight.T, the way back @ weight, |W| torch.linalg.matrix_norm(weight, 2).",
        "x - 2 * (x @ weight.T).relu() @ weight / torch.linalg.matrix_norm(weight, 2) ** 2",
    ),
)
