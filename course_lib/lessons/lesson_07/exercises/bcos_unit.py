"""Lesson 07: a unit that answers strongly only to what its weights look like.

A linear unit answers `w · x`: long weights or a long input are enough for a strong answer, even if
the two hardly look alike. A **B-cos** unit (Böhle et al., 2022; here with B = 2) answers

    (ŵ · x) |cos(ŵ, x)|        with ŵ = w / |w|

Its weights have length 1, and the answer shrinks by how far x points elsewhere. For any one x the
cosine is just a number, so that the unit is still a linear map of that x.

`weights` `(O, D)` holds one unit a row, `inputs` `(N, D)` one input a row. Return the answers,
`(N, O)`. An input of zeros gets 0. Stay with PyTorch: the gradient has to reach the inputs, through
the cosine too, and must not be NaN, even for zeros.
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Check, Exercise, Gives, Rows, rows, tensor
from course_lib.classroom.exercises.attempt import Attempt, Wrong


def reference(weights: Tensor, inputs: Tensor) -> Tensor:
    """(ŵ · x) |cos(ŵ, x)| for each input and unit, with ŵ of length 1."""
    unit = weights / weights.norm(dim=1, keepdim=True)
    linear = inputs @ unit.T
    length = inputs.norm(dim=1, keepdim=True)
    return linear * (linear / length.clamp(min=1e-12)).abs()


def _case(units: int, inputs: int, width: int, length: float = 2) -> tuple[Tensor, Tensor]:
    """Units whose weights differ in length, and inputs of about such a length."""
    chances = torch.Generator().manual_seed(100 * units + 10 * inputs + width)
    weights = torch.randn(units, width, generator=chances) * torch.linspace(0.5, 2, units)[:, None]
    return weights, (length * torch.randn(inputs, width, generator=chances)).requires_grad_()


def _by_hand(*weights: list[float]) -> tuple[Tensor, Tensor]:
    return torch.tensor(weights), torch.tensor([[3.0, 4.0], [-4.0, 3.0], [-2.4, -0.7]])


def _told(found: Tensor, wanted: Tensor, weights: Tensor, inputs: Tensor) -> str:
    i, o = divmod(int((found - wanted).abs().argmax()), len(weights))
    pair = (weights[o], inputs[i].detach())
    said, cosine = pair[0] @ pair[1] / pair[0].norm(), torch.cosine_similarity(*pair, dim=0)
    w, x = (", ".join(f"{value:.3g}" for value in row.tolist()) for row in pair)
    return (
        f"For w = ({w}) and x = ({x}), |w| is {pair[0].norm():.3g}, ŵ · x is {said:.3g}, |x| is "
        f"{pair[1].norm():.3g} and the cosine {cosine:.3g}, so the answer is {wanted[i, o]:.3g}; "
        f"yours is {found[i, o]:.3g}:"
    )


def _length(inputs: Tensor) -> Tensor:
    return inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)


def linear_only(weights: Tensor, inputs: Tensor) -> Tensor:
    return inputs @ (weights / weights.norm(dim=1, keepdim=True)).T


def _zeros(attempt: Attempt) -> None:
    weights, x = _case(2, 3, 4)
    x = (x.detach() * torch.tensor([[1.0], [0.0], [1.0]])).requires_grad_()
    here = "One of the inputs is all zeros here, and its length is 0."
    Agrees("", [(weights, x), (weights, x[1:2])], _told, "zeros get 0.", here=here).run(attempt)
    call = attempt.call(weights, x)
    (slope,) = torch.autograd.grad(call.value.sum(), call.given[1])
    if not bool(slope.isfinite().all()):
        raise Wrong(
            "For an input of zeros your gradient is NaN or infinite: look for a root or a division "
            "at 0. inputs.norm(dim=1, keepdim=True).clamp(min=1e-12) is safe."
        )


_COSINE: Rows = {
    "that is ŵ · x alone, a linear unit; the cosine is missing.": linear_only,
    "that is the cosine alone.": lambda w, x: linear_only(w, x) / _length(x),
    "you never divide by |x|.": lambda w, x: reference(w, x) * _length(x),
    "the sign of ŵ · x is lost.": lambda w, x: reference(w, x).abs(),
    "|cos| is squared.": lambda w, x: linear_only(w, x) ** 3 / _length(x) ** 2,
    "you divide by one length for all inputs; each has its own, of dim=1.": (
        lambda w, x: reference(w, x) * _length(x) / x.norm()
    ),
    "w is a row: norm(dim=1), not 0.": lambda w, x: 2 * reference(w.sign(), x),
}
_LENGTHS: Rows = {
    "|w| still counts in yours.": lambda w, x: reference(w, x) * w.norm(dim=1),
    "you divide by one length for all units, and each row has its own, of dim=1.": (
        lambda w, x: reference(w, x) * (w.norm(dim=1) / w.norm()) ** 2
    ),
}
_AT_ZERO: Rows = {
    "division by zero": lambda w, x: reference(w, x) + 0 / x.sum(1)[:, None],
    "gradient is NaN": lambda w, x: reference(w, x) + 0 * x.abs().sqrt().sum(),
}

EXERCISE = Exercise(
    title="a unit that has to look like what it answers to",
    core=True,
    difficulty=2,
    minutes=7,
    reference=reference,
    gives=Gives(tensor, "the answers"),
    checks=(
        Agrees(
            "multiplies by |cos|, for one unit and long inputs, the weights of length 1",
            [_by_hand([0.8, 0.6]), _by_hand([0.6, -0.8])],
            _told,
            "multiply ŵ · x, as it is, by the cosine without its sign.",
            within=1e-2,
            mistakes=rows(_COSINE),
        ),
        Agrees(
            "gives weights the length 1",
            [_by_hand([8.0, 6.0]), tuple(t.double() for t in _by_hand([3.0, 4.0], [0.0, -0.1]))],
            _told,
            "divide each row of the weights by its own length, that of dim=1, everywhere.",
            within=1e-2,
            mistakes=rows(_LENGTHS),
        ),
        Agrees(
            "divides short inputs by their own length, too",
            [(w, x / length) for w, x in [_by_hand([0.6, -0.8])] for length in (10, 100)],
            _told,
            "|x| itself divides, however short: add nothing to it, and clamp at 1e-12 at most.",
        ),
        Agrees(
            "holds for other sizes, and has a gradient",
            [_case(1, 7, 6), _case(6, 1, 2), _case(4, 4, 4), _case(2, 3, 1), _case(3, 4, 5, 0.01)],
            _told,
            "that is (ŵ · x) |cos|, each unit with each input.",
            within=1e-3,
            gradient=True,
        ),
        Check(
            "is 0 for an input of zeros, and the gradient is finite there",
            _zeros,
            rows(_AT_ZERO),
        ),
    ),
    hints=(
        "cos(ŵ, x) is ŵ · x / |x|: you need one matrix product, and use it twice.",
        "unit = weights / weights.norm(dim=1, keepdim=True), linear = inputs @ unit.T, length = "
        "inputs.norm(dim=1, keepdim=True): linear is (N, O), length (N, 1).",
        "linear * (linear / length.clamp(min=1e-12)).abs(): the clamp keeps 0 / 0 away.",
    ),
)
