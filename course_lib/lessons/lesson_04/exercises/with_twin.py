"""Lesson 04: a unit and its twin."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

STATEMENT = """
`old` is what some units say, and `response` what their twins' filters say without a bias; both of
any shape, the same. Return what the units say with the twins beside them: `old`, and what a ReLU
leaves of the twin. The twin is made louder: its response **with** its `bias` counts `scale` times.
While it sleeps, the result has to be `old`, to the last digit.
"""


def reference(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    """What units say with their twins beside them."""
    return old + torch.relu(scale * (response + bias))


_OLD = torch.tensor([-2.0, 5.0, 0.0, -1.0, 3.0, 0.1])
_RESPONSE = torch.tensor([1.0, 4.0, -9.0, 6.0, 8.0, 4.9])
_BIAS, _SCALE = -5.0, 100.0


def _result(attempt: Attempt) -> Tensor:
    return tensor(attempt(_OLD, _RESPONSE, _BIAS, _SCALE), "what the units say", (6,))


def _sleeps(attempt: Attempt) -> None:
    found, asleep = _result(attempt), _RESPONSE + _BIAS <= 0
    if torch.allclose(found[asleep], torch.relu(_OLD[asleep])):
        raise Wrong(
            f"A unit that said {_OLD[0]:.0f} says {found[0]:.0f} beside a sleeping twin: the ReLU "
            "is for the twin alone."
        )
    if torch.allclose(found, _OLD + _SCALE * (_RESPONSE + _BIAS)):
        raise Wrong("A sleeping twin speaks, and below 0: a ReLU has to silence it.")
    if torch.allclose(found, _OLD + torch.relu(_SCALE * _RESPONSE + _BIAS)):
        raise Wrong(
            "The bias is not made larger with the response, so it is 100 times too small, and "
            "renders wake the twin: scale both."
        )
    if torch.allclose(found[asleep], _SCALE * _OLD[asleep]):
        raise Wrong("You made the unit louder as well: the scale is for the twin alone.")
    if not torch.equal(found[asleep], _OLD[asleep]):
        worst = int((found - _OLD)[asleep].abs().argmax())
        raise Wrong(
            f"While the twin sleeps a unit that said {_OLD[asleep][worst]:.1f} says "
            f"{found[asleep][worst]:.1f}, and should say the same."
        )


def _is_added(attempt: Attempt) -> None:
    found, awake = _result(attempt), _RESPONSE + _BIAS > 0
    wanted = reference(_OLD, _RESPONSE, _BIAS, _SCALE)
    if torch.allclose(found[awake], _OLD[awake]):
        raise Wrong("The twin never speaks.")
    if torch.allclose(found[awake], _OLD[awake] + (_RESPONSE + _BIAS)[awake]):
        raise Wrong("The twin is awake, but not loud: its response counts `scale` times.")
    if torch.allclose(found[awake], (wanted - _OLD)[awake]):
        raise Wrong("An awake twin takes the unit's place: add it to what the unit says.")
    if not torch.allclose(found[awake], wanted[awake]):
        raise Wrong(
            f"An awake twin brings the unit to {found[awake][0]:.0f}, and should to "
            f"{wanted[awake][0]:.0f}."
        )
    maps = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    tensor(attempt(maps, 2 * maps, -1.0, 10.0), "what the units say", (2, 3, 4, 4))
    if not torch.allclose(attempt(maps, 2 * maps, -1.0, 10.0), reference(maps, 2 * maps, -1.0, 10)):
        raise Wrong("With scale=10 and bias=-1 it is wrong: use scale and bias as they are given.")


def relu_around_both(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    return torch.relu(old + torch.relu(scale * (response + bias)))


def no_relu(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    return old + scale * (response + bias)


def bias_not_scaled(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    return old + torch.relu(scale * response + bias)


def both_louder(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    return scale * (old + torch.relu(response + bias))


def not_loud(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    return old + torch.relu(response + bias)


def takes_its_place(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    twin = torch.relu(scale * (response + bias))
    return torch.where(twin > 0, twin, old)


EXERCISE = Exercise(
    title="the unit and its twin",
    core=True,
    difficulty=1,
    minutes=5,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives what the units say", _result),
        Check("is silent while the twin sleeps", _sleeps),
        Check("adds the twin, loud, when it is awake", _is_added),
    ),
    hints=(
        "The ReLU is around the twin alone: old may be negative, and has to stay.",
        "Scale what is inside the ReLU, bias included, or the bias is no longer enough.",
        "old + torch.relu(scale * (response + bias))",
    ),
    mistakes=(
        Mistake(relu_around_both, r"A unit that said -2 says 0 beside a sleeping twin"),
        Mistake(no_relu, r"A sleeping twin speaks, and below 0"),
        Mistake(bias_not_scaled, r"The bias is not made larger with the response"),
        Mistake(both_louder, r"You made the unit louder as well"),
        Mistake(not_loud, r"The twin is awake, but not loud"),
        Mistake(takes_its_place, r"An awake twin takes the unit's place"),
    ),
)
