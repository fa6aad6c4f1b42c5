"""Lesson 04: a unit and its twin.

`old` is what some units say, and `response` what their twins' filters say without a bias; both of
any shape, the same. Return what the units say with the twins beside them: `old`, and what a ReLU
leaves of the twin. The twin is made louder: its response **with** its `bias` counts `scale` times.
While it sleeps, the result has to be `old`, to the last digit.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Attempt, Check, Exercise, Gives, Rows, Wrong
from course_lib.classroom.exercises.exercise import rows
from course_lib.classroom.exercises.values import tensor


def reference(old: Tensor, response: Tensor, bias: float, scale: float) -> Tensor:
    """What units say with their twins beside them."""
    return old + torch.relu(scale * (response + bias))


_OLD = torch.tensor([-2.0, 5.0, 0.0, -1.0, 3.0, 0.1])
_RESPONSE = torch.tensor([1.0, 4.0, -9.0, 6.0, 8.0, 5.0])  # the last is at the very edge
_MAPS = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
_CASES = (
    (_OLD, _RESPONSE, -5.0, 100.0),
    (_MAPS, 2 * _MAPS.flip(3), -1.0, 10.0),
    (_OLD[:1], torch.tensor([-0.5]), 0.75, 0.5),
    (_OLD.double() / 7, _RESPONSE.double() / 1e3, -0.0055, 3.0),
    (_MAPS[:, 0], _MAPS[:, 1], 0.0, 1.0),
)


def _begin(
    found: Tensor, wanted: Tensor, old: Tensor, response: Tensor, bias: float, scale: float
) -> str:
    worst = int((found - wanted).abs().argmax())
    said, twin, mine, due = (t.flatten()[worst] for t in (old, response, found, wanted))
    sum_ = twin + bias
    louder = f" and speaks, {scale:g} times that" if sum_ > 0 else " and sleeps"
    return (
        f"A twin that says {twin:.4g} with a bias of {bias:g} comes to {sum_:.4g}{louder}. So "
        f"beside it, with scale={scale:g}, a unit that said {said:.4g} should say {due:.6g}, and "
        f"says {mine:.6g}:"
    )


_ROWS: Rows = {
    "the ReLU is for the twin alone, and what the unit says below 0 has to stay.":
        lambda o, r, b, s: (o + (s * (r + b)).relu()).relu(),
    "your ReLU takes away what the unit says below 0: it is for the twin alone.":
        lambda o, r, b, s: o.relu() + (s * (r + b)).relu(),
    "a sleeping twin speaks, and below 0: a ReLU has to silence it.":
        lambda o, r, b, s: o + s * (r + b),
    "a leaky ReLU lets a sleeping twin speak: below 0 nothing may be left.":
        lambda o, r, b, s: o + F.leaky_relu(s * (r + b)),
    "softplus is smooth and never quite 0: a sleeping twin has to be, with a ReLU.":
        lambda o, r, b, s: o + F.softplus(s * (r + b)),
    "GELU bends smoothly near 0: a ReLU leaves all above 0 as it is, and nothing below.":
        lambda o, r, b, s: o + F.gelu(s * (r + b)),
    "the response is made larger, and the bias is not: scale both.":
        lambda o, r, b, s: o + (s * r + b).relu(),
    "the response is not made larger with the bias: scale both.":
        lambda o, r, b, s: o + (r + s * b).relu(),
    "you made the unit louder as well: the scale is for the twin alone.":
        lambda o, r, b, s: s * (o + (r + b).relu()),
    "the twin is not loud: its response counts `scale` times.":
        lambda o, r, b, s: o + (r + b).relu(),
    "the scale is not always 100: use it as it is given.":
        lambda o, r, b, s: o + (100 * (r + b)).relu(),
    "the bias is missing: add it to the twin's response.": lambda o, r, b, s: o + (s * r).relu(),
    "you take the bias off, and it is to be added.": lambda o, r, b, s: o + (s * (r - b)).relu(),
    "an awake twin takes the unit's place: add it to what the unit says.":
        lambda o, r, b, s: torch.where(r + b > 0, s * (r + b), o),
    "you take the larger of unit and twin: add the twin, if it is awake.":
        lambda o, r, b, s: torch.maximum(o, s * (r + b)),
    "that is the twin alone: add it to what the unit says.":
        lambda o, r, b, s: (s * (r + b)).relu(),
    "the twin is taken away, and should be added.": lambda o, r, b, s: o - (s * (r + b)).relu(),
    "the twin never speaks.": lambda o, *_: o.clone(),
}  # fmt: skip
_RULE = "add a ReLU of the twin with its bias, `scale` times, to what the unit says."


def _sleeps(attempt: Attempt) -> None:
    for old, response, bias, scale in (*_CASES, (_MAPS / 3, _MAPS.abs(), -9.0, 7.0)):
        found = attempt(old, response, bias, scale)
        moved = (found != old) & (response + bias <= 0)
        if moved.any():
            raise Wrong(
                f"While the twin sleeps a unit that said {float(old[moved][0]):.9g} says "
                f"{float(found[moved][0]):.9g}, and should say the same, to the last digit: "
                "add what the ReLU leaves of the twin to old, and do nothing else to old."
            )


EXERCISE = Exercise(
    title="the unit and its twin",
    core=True,
    difficulty=1,
    minutes=5,
    reference=reference,
    gives=Gives(tensor, "what the units say"),
    checks=(
        Agrees("adds the twin, loud, when it is awake", _CASES, _begin, _RULE, rows(_ROWS)),
        Check("says the same to the last digit while the twin sleeps", _sleeps),
    ),
    hints=(
        "The ReLU is around the twin alone: old may be negative, and has to stay.",
        "Scale what is inside the ReLU, bias included, or the bias is no longer enough.",
        "old + torch.relu(scale * (response + bias))",
    ),
)
