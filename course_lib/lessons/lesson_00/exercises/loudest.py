"""Lesson 00: which unit responds most?"""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, whole

STATEMENT = """
`responses` is a tensor of eight numbers: what the eight units say to one image. Which unit responds
most? Return its number, from 0 to 7.
"""


def reference(responses: Tensor) -> int:
    """The number of the unit that responds most."""
    return int(responses.argmax())


def _gives_a_number(attempt: Attempt) -> None:
    responses = torch.tensor([1.0, -2.0, 0.5, 7.3, 2.0, 0.0, -9.1, 3.0])
    value = attempt(responses)
    one = isinstance(value, float) or (isinstance(value, Tensor) and value.numel() == 1)
    if one and abs(float(value) - 7.3) < 1e-4:
        raise Wrong("You returned how much the unit responds, 7.3, and not which unit it is.")
    whole(value, "the number of a unit")


def _finds_the_largest(attempt: Attempt) -> None:
    many = torch.randn(20, 8, generator=torch.Generator().manual_seed(0))
    found = torch.tensor([whole(attempt(row), "the number of a unit") for row in many])
    if found.min() < 0 or found.max() > 7:
        raise Wrong(f"You returned {int(found.max())}; the units are numbered 0 to 7.")
    if torch.equal(found, many.argmin(1)):
        raise Wrong("You found the unit that responds least.")
    if torch.equal(found, many.abs().argmax(1)):
        raise Wrong("You went by the size of the response and forgot its sign: -3 is less than 1.")
    for row, unit in zip(many, found.tolist(), strict=True):
        if unit != int(row.argmax()):
            raise Wrong(f"Unit {unit} responds with {row[unit]:.2f}, and another one with more.")


def returns_the_response(responses: Tensor) -> float:
    return float(responses.max())


def finds_the_least(responses: Tensor) -> int:
    return int(responses.argmin())


def forgets_the_sign(responses: Tensor) -> int:
    return int(responses.abs().argmax())


EXERCISE = Exercise(
    title="which unit responds most?",
    core=True,
    difficulty=1,
    minutes=2,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a whole number", _gives_a_number),
        Check("finds the largest response", _finds_the_largest),
    ),
    hints=(
        "responses.max() is the largest response. You need the place where it stands.",
        "The method for this is argmax; int(...) makes a plain number of it.",
    ),
    mistakes=(
        Mistake(returns_the_response, r"You returned how much the unit responds"),
        Mistake(finds_the_least, r"You found the unit that responds least"),
        Mistake(forgets_the_sign, r"You went by the size of the response"),
    ),
)
