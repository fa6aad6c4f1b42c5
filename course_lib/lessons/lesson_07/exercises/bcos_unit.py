"""Lesson 07: a unit that answers strongly only to what its weights look like."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

STATEMENT = """
A linear unit answers `w · x`: long weights or a long input are enough for a strong answer, even if
the two hardly look alike. A **B-cos** unit (Böhle et al., 2022; here with B = 2) answers

    (ŵ · x) |cos(ŵ, x)|        with ŵ = w / |w|

Its weights have length 1, and the answer shrinks by how far x points elsewhere. For any one x the
cosine is just a number, so that the unit is still a linear map of that x.

`weights` `(O, D)` holds one unit a row, `inputs` `(N, D)` one input a row. Return the answers,
`(N, O)`. An input of zeros gets 0. Stay with PyTorch: the gradient has to reach the inputs, through
the cosine too.
"""


def reference(weights: Tensor, inputs: Tensor) -> Tensor:
    """(ŵ · x) |cos(ŵ, x)| for each input and unit, with ŵ of length 1."""
    unit = weights / weights.norm(dim=1, keepdim=True)
    linear = inputs @ unit.T
    length = inputs.norm(dim=1, keepdim=True)
    return linear * (linear / length.clamp(min=1e-12)).abs()


def _case(seed: int, units: int = 3, inputs: int = 5, width: int = 4) -> tuple[Tensor, Tensor]:
    """Units whose weights differ in length, and inputs."""
    chances = torch.Generator().manual_seed(seed)
    weights = torch.randn(units, width, generator=chances)
    lengths = torch.linspace(0.5, 2, units)[:, None]
    return weights * lengths, 2 * torch.randn(inputs, width, generator=chances)


def _found(attempt: Attempt, weights: Tensor, inputs: Tensor) -> Tensor:
    shape = (len(inputs), len(weights))
    return tensor(attempt(weights, inputs), "the answers", shape).detach()


def _weights_of_length_1(attempt: Attempt) -> None:
    weights, inputs = _case(0)
    before = _found(attempt, weights, inputs)
    longer = weights * torch.tensor([[10.0], [1.0], [1.0]])
    after = _found(attempt, longer, inputs)
    if not torch.allclose(before[:, 1:], after[:, 1:], atol=1e-4):
        raise Wrong(
            "If the first unit's weights get ten times as long, the other units' answers change: "
            "divide each row of the weights by its own length, that of dim=1."
        )
    if not torch.allclose(before[:, 0], after[:, 0], atol=1e-4):
        ratio = float(after[:, 0].norm() / before[:, 0].norm().clamp(min=1e-12))
        raise Wrong(
            f"With weights ten times as long the unit's answers are {ratio:.3g} times as strong, "
            "and should stay as they are: divide the weights by their length, everywhere."
        )


def _by_hand(attempt: Attempt) -> None:
    weights, inputs = torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0], [-3.0, 4.0]])
    found, opposite = _found(attempt, weights, inputs)[:, 0].tolist()
    if abs(found - 1.8) < 1e-3 and abs(opposite + 1.8) < 1e-3:
        return
    told = (
        "For w = (1, 0) and x = (3, 4), ŵ · x is 3 and the cosine 0.6, so the answer is 1.8; yours "
        f"is {found:.3g}: "
    )
    if abs(found - 1.8) < 1e-3 and abs(opposite - 1.8) < 1e-3:
        raise Wrong(
            "For x = (-3, 4), which points away from w = (1, 0), the answer is -1.8, and yours is "
            "1.8: the sign is lost, so take |cos|, and leave ŵ · x its sign."
        )
    for value, why in {
        3: "that is ŵ · x alone, a linear unit; the cosine is missing.",
        0.6: "that is the cosine alone, which no longer knows how long x is.",
        0.36: "you divide by the length of x twice. One of the two factors is ŵ · x, as it is.",
        9: "you never divide by the length of x, so there is no cosine.",
    }.items():
        if abs(found - value) < 1e-3:
            raise Wrong(told + why)
    raise Wrong(
        f"For w = (1, 0), the inputs (3, 4) and (-3, 4) should get 1.8 and -1.8; you give "
        f"{found:.3g} and {opposite:.3g}."
    )


def _for_many(attempt: Attempt) -> None:
    for seed, units, inputs, width in ((1, 3, 5, 4), (2, 1, 7, 30), (3, 6, 1, 2)):
        weights, x = _case(seed, units, inputs, width)
        found, wanted = _found(attempt, weights, x), reference(weights, x)
        worst = float((found - wanted).abs().max())
        if worst > 1e-3:
            raise Wrong(
                f"For {units} units and {inputs} inputs of {width} numbers, one of your answers "
                f"is off by {worst:.2g}."
            )


def _zeros(attempt: Attempt) -> None:
    weights, inputs = _with_zeros(4)
    value = attempt(weights, inputs)
    if isinstance(value, Tensor) and value.shape == (3, 2) and bool(value[1].isnan().any()):
        raise Wrong(
            "An input of zeros gets NaN: its length is 0, and 0 / 0 is no number. Keep the length "
            "above 0, with clamp(min=1e-12), say."
        )
    found = tensor(value, "the answers", (3, 2)).detach()
    if float(found[1].abs().max()) > 1e-6:
        raise Wrong(f"An input of zeros gets {float(found[1].abs().max()):.2g}, and should get 0.")


def _has_a_gradient(attempt: Attempt) -> None:
    weights, inputs = _with_zeros(5)
    call = attempt.call(weights, inputs.requires_grad_())
    answers = tensor(call.value, "the answers", (3, 2))
    found = None
    if answers.requires_grad:
        (found,) = torch.autograd.grad(answers.sum(), call.given[1], allow_unused=True)
    if found is None:
        raise Wrong(
            "No gradient reaches the inputs, so nobody can visualize this unit: leave out detach, "
            "no_grad, item and NumPy."
        )
    if not bool(found[1].isfinite().all()):
        raise Wrong(
            f"For an input of zeros your gradient is {float(found[1].sum())}, and that spoils the "
            "gradient of everything before it: "
            "look for a root or a division at 0. inputs.norm(dim=1, keepdim=True).clamp(min=1e-12) "
            "is safe."
        )
    held = _gradient(holds_the_cosine, weights, inputs)
    if torch.allclose(found, held, atol=1e-3):
        raise Wrong(
            "Your gradient takes the cosine for a constant. That gives the linear map of one x, "
            "and here x moves: leave out detach."
        )
    off = (found - _gradient(reference, weights, inputs)).norm(dim=1)
    if not float(off[[0, 2]].max()) < 1e-2:
        raise Wrong(f"Your gradient is off by {float(off.max()):.2g}, though your answers are not.")


def _with_zeros(seed: int) -> tuple[Tensor, Tensor]:
    """Two units, and three inputs, of which the second is zero."""
    weights, inputs = _case(seed, units=2, inputs=3)
    return weights, inputs * torch.tensor([[1.0], [0.0], [1.0]])


def _gradient(unit: Callable[[Tensor, Tensor], Tensor], weights: Tensor, inputs: Tensor) -> Tensor:
    x = inputs.detach().clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(unit(weights, x).sum(), x)[0]


def loses_the_sign(weights: Tensor, inputs: Tensor) -> Tensor:
    unit = weights / weights.norm(dim=1, keepdim=True)
    linear = inputs @ unit.T
    return linear * linear / inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)


def weights_as_they_are(weights: Tensor, inputs: Tensor) -> Tensor:
    return reference(weights, inputs) * weights.norm(dim=1)


def one_length_for_all(weights: Tensor, inputs: Tensor) -> Tensor:
    return reference(weights, inputs) * (weights.norm(dim=1) / weights.norm()) ** 2


def linear_only(weights: Tensor, inputs: Tensor) -> Tensor:
    return inputs @ (weights / weights.norm(dim=1, keepdim=True)).T


def cosine_only(weights: Tensor, inputs: Tensor) -> Tensor:
    return linear_only(weights, inputs) / _length(inputs)


def cosine_twice(weights: Tensor, inputs: Tensor) -> Tensor:
    return reference(weights, inputs) / _length(inputs)


def never_divided(weights: Tensor, inputs: Tensor) -> Tensor:
    return reference(weights, inputs) * _length(inputs)


def nan_at_zero(weights: Tensor, inputs: Tensor) -> Tensor:
    return never_divided(weights, inputs) / inputs.norm(dim=1, keepdim=True)


def root_at_zero(weights: Tensor, inputs: Tensor) -> Tensor:
    length = inputs.square().sum(1, keepdim=True).sqrt().clamp(min=1e-12)
    return never_divided(weights, inputs) / length


def holds_the_cosine(weights: Tensor, inputs: Tensor) -> Tensor:
    return linear_only(weights, inputs) * cosine_only(weights, inputs).abs().detach()


def _length(inputs: Tensor) -> Tensor:
    return inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)


EXERCISE = Exercise(
    title="a unit that has to look like what it answers to",
    core=True,
    difficulty=2,
    minutes=7,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("answers for each input and unit", lambda attempt: _found(attempt, *_case(0))),
        Check("gives weights the length 1", _weights_of_length_1),
        Check("multiplies by |cos|", _by_hand),
        Check("holds for other sizes", _for_many),
        Check("is 0 for an input of zeros", _zeros),
        Check("has a gradient", _has_a_gradient),
    ),
    hints=(
        "cos(ŵ, x) is ŵ · x, divided by the length of x. So you need one matrix product, and use "
        "it twice.",
        "unit = weights / weights.norm(dim=1, keepdim=True); linear = inputs @ unit.T has shape "
        "(N, O). length = inputs.norm(dim=1, keepdim=True) has shape (N, 1).",
        "linear * (linear / length.clamp(min=1e-12)).abs(): the clamp keeps 0 / 0 away.",
    ),
    mistakes=(
        Mistake(loses_the_sign, r"For x = \(-3, 4\), which points away"),
        Mistake(weights_as_they_are, r"With weights ten times as long .* are 10 times as strong"),
        Mistake(one_length_for_all, r"If the first unit's weights get ten times as long"),
        Mistake(linear_only, r"For w = \(1, 0\) and .*: that is ŵ · x alone"),
        Mistake(cosine_only, r"For w = \(1, 0\) and .*: that is the cosine alone"),
        Mistake(cosine_twice, r"For w = \(1, 0\) and .*: you divide by the length of x twice"),
        Mistake(never_divided, r"For w = \(1, 0\) and .*: you never divide by the length"),
        Mistake(nan_at_zero, r"An input of zeros gets NaN"),
        Mistake(root_at_zero, r"For an input of zeros your gradient is nan"),
        Mistake(holds_the_cosine, r"Your gradient takes the cosine for a constant"),
    ),
)
