"""Lesson 03: wire the circuit."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor
from course_lib.fooling.circuit import OFFSET, K

STATEMENT = """
Wire units A, B and C. `f` and `d` are logits, `(N,)`, and lie between `-offset` and `k - offset`;
`e`, `(N,)` as well, is 0 for an image, 1 for a visualization, and between them where E is not sure.

- **B** is to be `f + offset` where `e` is 0, and exactly 0 where `e` is 1.
- **C** is to be `d + offset` where `e` is 1, and exactly 0 where `e` is 0.
- **A** adds B and C, and takes the offset off again.

B and C may be nothing but a ReLU of a weighted sum of their inputs and a constant: a single unit of
a network. So no `if` or `where`, and no product of `e` with `f` or `d`. Return `(a, b, c)`.
"""


def reference(
    f: Tensor, d: Tensor, e: Tensor, k: float, offset: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Units A, B and C of the fooling circuit."""
    b = torch.relu(f + offset - k * e)
    c = torch.relu(d + offset + k * e - k)
    return b + c - offset, b, c


_Units = tuple[Tensor, Tensor, Tensor]


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    f = torch.tensor([12.0, -40.0, 3.0, 7.0, -9.0, 30.0])
    d = torch.tensor([-5.0, 20.0, 60.0, -70.0, 15.0, 2.0])
    return f, d, torch.tensor([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])


def _units(attempt: Attempt) -> _Units:
    f, d, e = _inputs()
    value = attempt(f, d, e, K, OFFSET)
    if value is None:
        tensor(value, "(a, b, c)")
    if not isinstance(value, tuple | list) or len(value) != 3:
        # an array, a number or a single tensor gets the sentence for its kind
        told = tensor(value, "(a, b, c), three tensors,")
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(told.shape)}, where (a, b, c), three "
            "tensors, are due."
        )
    a, b, c = (tensor(part, "each of a, b, c", (6,)) for part in value)
    return a, b, c


def _is_a_relu(attempt: Attempt) -> None:
    _, b, c = _units(attempt)
    if b.min() < 0 or c.min() < 0:
        raise Wrong(
            f"One of B and C is {min(b.min().item(), c.min().item()):.0f}, and a ReLU is never "
            "negative."
        )


def _passes_the_right_side(attempt: Attempt) -> None:
    f, d, e = _inputs()
    a, b, c = _units(attempt)
    natural = e == 0
    if torch.allclose(a[natural], d[natural]) and torch.allclose(a[~natural], f[~natural]):
        raise Wrong(
            "The sides are swapped: for an image the circuit answers D, and for a visualization F."
        )
    if (b[~natural] > 0).all() and (c[natural] > 0).all():
        raise Wrong("Nothing shuts a side: B answers to visualizations, and C to images.")
    if torch.allclose(b[natural], torch.relu(f[natural])):
        raise Wrong(
            f"Negative logits are lost: F = {f[1]:.0f} came out as {a[1]:.0f}. The offset must go "
            "in before the ReLU."
        )
    wanted = torch.where(natural, f, d)
    if torch.allclose(a, wanted + OFFSET):
        raise Wrong(f"A is too large by {OFFSET:.0f}, the offset: take it off again.")
    if torch.allclose(a, wanted - OFFSET):
        raise Wrong(
            f"A is too small by {OFFSET:.0f}: one side is open, so take the offset off once."
        )
    right = {
        "B": (b, torch.where(natural, f + OFFSET, 0)),
        "C": (c, torch.where(natural, 0, d + OFFSET)),
        "A": (a, wanted),
    }
    for unit, (found, due) in right.items():
        if torch.allclose(found, due, atol=1e-3):
            continue
        worst = int((found - due).abs().argmax())
        raise Wrong(
            f"For F = {f[worst]:.0f}, D = {d[worst]:.0f} and e = {e[worst]:.0f} unit {unit} is "
            f"{found[worst]:.0f}, and should be {due[worst]:.0f}."
        )


def _are_single_units(attempt: Attempt) -> None:
    f, d, _ = _inputs()
    half = torch.full((6,), 0.5)
    _, b, c = attempt(f, d, half, K, OFFSET)
    _, wanted_b, wanted_c = reference(f, d, half, K, OFFSET)
    if torch.allclose(b, half * (f + OFFSET), atol=1e-3):
        raise Wrong(
            "You multiply by the gate. A unit of a network weighs its inputs and adds them up; it "
            "can't multiply one by another."
        )
    if not (torch.allclose(b, wanted_b, atol=1e-3) and torch.allclose(c, wanted_c, atol=1e-3)):
        raise Wrong(
            f"With e = 0.5 and F = {f[5]:.0f}, B is {b[5]:.0f}; a ReLU of a weighted sum that is "
            f"right at e = 0 and e = 1 gives {wanted_b[5]:.0f}. Is there an if or a where?"
        )


def _serves_any_numbers(attempt: Attempt) -> None:
    f, d, e = _inputs()
    a = attempt(f, d, e, 1000.0, 400.0)[0]
    if not torch.allclose(a, torch.where(e == 0, f, d), atol=1e-3):
        raise Wrong("With k=1000 and offset=400 A is wrong: use k and offset as they are given.")


def swaps_the_sides(
    f: Tensor, d: Tensor, e: Tensor, k: float, offset: float
) -> tuple[Tensor, Tensor, Tensor]:
    b = torch.relu(f + offset + k * e - k)
    c = torch.relu(d + offset - k * e)
    return b + c - offset, b, c


def keeps_the_offset(f: Tensor, d: Tensor, e: Tensor, k: float, offset: float) -> _Units:
    a, b, c = reference(f, d, e, k, offset)
    return a + offset, b, c


def takes_the_offset_twice(f: Tensor, d: Tensor, e: Tensor, k: float, offset: float) -> _Units:
    a, b, c = reference(f, d, e, k, offset)
    return a - offset, b, c


def loses_negative_logits(f: Tensor, d: Tensor, e: Tensor, k: float, offset: float) -> _Units:
    return reference(f, d, e, k, 0.0)


def forgets_the_relu(f: Tensor, d: Tensor, e: Tensor, k: float, offset: float) -> _Units:
    b = f + offset - k * e
    c = d + offset + k * e - k
    return b + c - offset, b, c


def forgets_the_gate(f: Tensor, d: Tensor, e: Tensor, k: float, offset: float) -> _Units:
    return reference(f, d, e, 0.0, offset)


def multiplies_by_the_gate(f: Tensor, d: Tensor, e: Tensor, k: float, offset: float) -> _Units:
    b, c = torch.relu(f + offset) * (1 - e), torch.relu(d + offset) * e
    return b + c - offset, b, c


def chooses_a_side(f: Tensor, d: Tensor, e: Tensor, k: float, offset: float) -> _Units:
    b = torch.where(e == 0, f + offset, 0.0)
    c = torch.where(e == 0, 0.0, d + offset)
    return b + c - offset, b, c


EXERCISE = Exercise(
    title="three units, one gate",
    core=True,
    difficulty=3,
    minutes=12,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives A, B and C", _units),
        Check("B and C are ReLUs", _is_a_relu),
        Check("passes the right side, as it is", _passes_the_right_side),
        Check("B and C are single units", _are_single_units),
        Check("serves any k and offset", _serves_any_numbers),
    ),
    hints=(
        "A ReLU is silenced by subtracting from its sum whatever is larger than the sum can be: k.",
        "For B, subtract k times e. For C, k has to be subtracted where e is 0, and not where it "
        "is 1: subtract k, and add k times e.",
        "torch.relu(f + offset - k * e) is B. The offset carries negative logits through the ReLU; "
        "A subtracts it once, because only one of B and C is open.",
    ),
    mistakes=(
        Mistake(swaps_the_sides, r"The sides are swapped"),
        Mistake(keeps_the_offset, r"A is too large by 100"),
        Mistake(takes_the_offset_twice, r"A is too small by 100"),
        Mistake(loses_negative_logits, r"Negative logits are lost"),
        Mistake(forgets_the_relu, r"One of B and C is -"),
        Mistake(forgets_the_gate, r"Nothing shuts a side"),
        Mistake(multiplies_by_the_gate, r"You multiply by the gate"),
        Mistake(chooses_a_side, r"With e = 0.5 and F = 30"),
    ),
)
