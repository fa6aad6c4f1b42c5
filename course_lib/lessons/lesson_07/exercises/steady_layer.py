"""Lesson 07: a residual layer that takes no two inputs further apart."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

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


def _weight(seed: int, units: int, width: int, norm: float) -> Tensor:
    """Weights of this spectral norm, of both signs."""
    weight = torch.randn(units, width, generator=torch.Generator().manual_seed(seed))
    return weight * norm / torch.linalg.matrix_norm(weight, 2)


def _inputs(seed: int, count: int, width: int) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def _found(attempt: Attempt, weight: Tensor, x: Tensor) -> Tensor:
    return tensor(attempt(weight, x), "the layer's output", tuple(x.shape)).detach()


def _passes_what_is_not_seen(attempt: Attempt) -> None:
    weight, x = _weight(1, 4, 4, 1.5).abs(), -_inputs(1, 6, 4).abs()
    found = _found(attempt, weight, x)
    if torch.allclose(found, x, atol=1e-4):
        return
    ratios = found.norm(dim=1) / x.norm(dim=1)
    if float(ratios.max()) < 1e-4:
        raise Wrong(
            "Where W x is negative for all units, x should pass as it is, and nothing of it comes "
            "out: what was seen has to be taken off x."
        )
    if torch.allclose(found, ratios.mean() * x, atol=1e-4):
        raise Wrong(
            f"Where W x is negative for all units, x should pass as it is, and yours comes out "
            f"{float(ratios.mean()):.2f} times as long: a layer that shortens everything keeps the "
            "bound too, and a chain of them leaves next to nothing."
        )
    raise Wrong(
        "Where W x is negative for all units, x should pass as it is, and yours is moved by "
        f"{float((found - x).norm(dim=1).mean()):.2f}: is the ReLU missing?"
    )


def _lengthens_nothing(attempt: Attempt) -> None:
    for norm in (0.5, 3.0):
        for weight, x in (_along(norm), (_weight(2, 4, 4, norm), _inputs(2, 40, 4))):
            found = _found(attempt, weight, x)
            before, after = torch.pdist(x), torch.pdist(found)
            worst = int((after / before).argmax())
            ratio = float(after[worst] / before[worst])
            if ratio > 1 + 1e-3:
                raise Wrong(
                    f"Two inputs {float(before[worst]):.2f} apart leave your layer "
                    f"{float(after[worst]):.2f} apart, with |W| = {norm:g}: "
                    + _why(found, weight, x, "is the step 2 / |W|², and is it taken off x?")
                )


def _goes_all_the_way(attempt: Attempt) -> None:
    for units, norm in ((4, 1.0), (4, 3.0), (7, 0.5), (2, 2.0)):
        weight, x = _weight(3 + units, units, 4, norm), _inputs(3, 30, 4)
        found, wanted = _found(attempt, weight, x), reference(weight, x)
        off = float((found - wanted).norm(dim=1).max())
        if off > 1e-3:
            raise Wrong(
                f"With {units} units and |W| = {norm:g} your output is off by up to {off:.2f}: "
                + _why(found, weight, x, "look at the three steps one by one.")
            )


def _along(norm: float) -> tuple[Tensor, Tensor]:
    """Weights above 0, and inputs along the direction that they lengthen most."""
    weight = _weight(4, 4, 4, 1.0).abs() + 0.1
    weight = weight * norm / torch.linalg.matrix_norm(weight, 2)
    direction = torch.linalg.svd(weight).Vh[0].abs()
    return weight, torch.linspace(-1, 2, 7)[:, None] * direction


def _why(found: Tensor, weight: Tensor, x: Tensor, otherwise: str) -> str:
    """What went wrong, if it is one of the common mistakes."""
    reasons = {
        adds: "you add what has to be taken off.",
        not_squared: "you divide by |W|, and W is applied twice: divide by |W|².",
        never_divided: "you do not divide by |W|².",
        half_the_step: "your step is 1 / |W|², half as long: it wipes out what a lone open unit "
        "sees, where 2 / |W|² reflects it at full length.",
        frobenius: "you divide by the Frobenius norm, the root of all squared weights. No two "
        "inputs get further apart, but with many units the step is far shorter than it may be.",
        looks_again: "you look twice with W; the way back is along its rows, @ weight without .T.",
        swapped: "W x is x @ weight.T, and the way back @ weight; yours are swapped.",
    }
    for mistake, reason in reasons.items():
        try:
            made = mistake(weight, x)
        except RuntimeError:  # the shapes do not fit
            continue
        if torch.allclose(found, made, atol=1e-4):
            return reason
    return otherwise


def adds(weight: Tensor, x: Tensor) -> Tensor:
    seen = (x @ weight.T).relu() @ weight
    return x + 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2


def half_the_step(weight: Tensor, x: Tensor) -> Tensor:
    return (x + reference(weight, x)) / 2


def not_squared(weight: Tensor, x: Tensor) -> Tensor:
    return x - (x - reference(weight, x)) * torch.linalg.matrix_norm(weight, 2)


def never_divided(weight: Tensor, x: Tensor) -> Tensor:
    return x - 2 * (x @ weight.T).relu() @ weight


def frobenius(weight: Tensor, x: Tensor) -> Tensor:
    return x - 2 * (x @ weight.T).relu() @ weight / weight.norm() ** 2


def looks_again(weight: Tensor, x: Tensor) -> Tensor:
    seen = (x @ weight.T).relu() @ weight.T
    return x - 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2


def swapped(weight: Tensor, x: Tensor) -> Tensor:
    return reference(weight.T, x)


def no_relu(weight: Tensor, x: Tensor) -> Tensor:
    return x - 2 * x @ weight.T @ weight / torch.linalg.matrix_norm(weight, 2) ** 2


def halves_everything(weight: Tensor, x: Tensor) -> Tensor:
    return (3 * x - reference(weight, x)) / 4


EXERCISE = Exercise(
    title="a residual layer that lengthens nothing",
    core=False,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check(
            "keeps the shape",
            lambda attempt: _found(attempt, _weight(0, 4, 4, 1.0), _inputs(0, 6, 4)),
        ),
        Check("passes what no unit sees", _passes_what_is_not_seen),
        Check("takes no two inputs further apart", _lengthens_nothing),
        Check("takes the whole step, for any number of units", _goes_all_the_way),
    ),
    hints=(
        "Why 2? Along the weights w of a lone open unit, x is multiplied by 1 - step · |w|². For "
        "which steps does that stay between -1 and 1?",
        "W x for every row of x is x @ weight.T, (N, H); laying back is @ weight, (N, D). "
        "torch.linalg.matrix_norm(weight, 2) is the spectral norm; weight.norm() is another.",
        "x - 2 * (x @ weight.T).relu() @ weight / torch.linalg.matrix_norm(weight, 2) ** 2",
    ),
    mistakes=(
        Mistake(adds, r"Two inputs .* apart, with \|W\| = 0\.5: you add"),
        Mistake(half_the_step, r"With 4 units .*: your step is 1 / \|W\|²"),
        Mistake(not_squared, r"Two inputs .* apart, with \|W\| = 3: you divide by \|W\|"),
        Mistake(never_divided, r"Two inputs .* apart, with \|W\| = 3: you do not divide"),
        Mistake(frobenius, r"With 4 units .*: you divide by the Frobenius norm"),
        Mistake(looks_again, r"Two inputs .* apart, with .*: you look twice with W"),
        Mistake(swapped, r"With 4 units .*: W x is x @ weight\.T"),
        Mistake(no_relu, r"Where W x is negative for all units, .* is the ReLU missing"),
        Mistake(halves_everything, r"Where W x is negative for all units, .* 0\.50 times as long"),
    ),
)
