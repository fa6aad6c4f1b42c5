"""Lesson 03: wire the circuit.

Wire units A, B and C. `f` and `d` are logits, `(N,)`, and lie between `-offset` and `k - offset`;
`e`, `(N,)` as well, is 0 for an image, 1 for a visualization, and between them where E is not sure.

- **B** is to be `f + offset` where `e` is 0, and exactly 0 where `e` is 1.
- **C** is to be `d + offset` where `e` is 1, and exactly 0 where `e` is 0.
- **A** adds B and C, and takes the offset off again.

B and C may be nothing but a ReLU of a weighted sum of their inputs and a constant: a single unit of
a network. So no `if` or `where`, and no product of `e` with `f` or `d`. Return `(a, b, c)`.
"""

from itertools import permutations
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Attempt, Check, Exercise, Gives, Mistake, Wrong
from course_lib.classroom.exercises.agrees import close
from course_lib.classroom.exercises.exercise import Rows, rows
from course_lib.classroom.exercises.values import several, tensor

_Units = tuple[Tensor, ...]


def reference(
    f: Tensor, d: Tensor, e: Tensor, k: float, offset: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Units A, B and C of the fooling circuit."""
    b = torch.relu(f + offset - k * e)
    c = torch.relu(d + offset + k * e - k)
    return b + c - offset, b, c


def _read(value: object, what: str) -> _Units:
    return tuple(tensor(part, "each of a, b, c") for part in several(value, 3, what))


_F = torch.tensor([12.0, -40.0, -99.6, 7.0, -100.0, 150.0, -9.0, 145.0])  # with both edges
_D = torch.tensor([-5.0, 150.0, 60.0, 146.0, 15.0, -100.0, 2.0, -99.5])
_E = torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])


def _other(k: float, offset: float) -> tuple[Tensor | float, ...]:
    """Logits anywhere between -offset and k - offset, two of each gate."""
    f, d = torch.rand(2, 4, generator=torch.Generator().manual_seed(0)).double()
    return k * f - offset, k * d - offset, torch.tensor([0.0, 0, 1, 1]).double(), k, offset


def _begin(found: _Units, wanted: _Units, *given: Any) -> str:
    f, d, e, k, offset = given
    i = next(i for i in (1, 2, 0) if not close(found[i], wanted[i]))
    mine, due = found[i], wanted[i]
    if mine.shape != due.shape:
        raise Wrong(
            f"{'ABC'[i]} has shape {tuple(mine.shape)}, and should have {tuple(due.shape)}, that "
            "of f, d and e."
        )
    at = int((mine - due).abs().argmax())
    rule = "B + C - offset" if i == 0 else f"{' FD'[i]} + offset"
    value = "exactly 0" if i and e[at] != i - 1 else f"{rule}, {due[at]:.6g}"
    return (
        f"With k = {k:g}, offset = {offset:g}, F = {f[at]:.6g}, D = {d[at]:.6g}, e = {e[at]:.0f} "
        f"unit {'ABC'[i]} is {mine[at]:.6g}, and should be {value}:"
    )


def _like(*given: Any, bend: Any = F.relu, off: float = 1.0, behind: float = 0.0) -> _Units:
    f, d, e, k, o = given
    b, c = bend(f + o - k * e) + behind, bend(d + o + k * e - k) + behind
    return b + c - off * o - behind, b, c


_ROWS: Rows = {
    "the sides are swapped: F is for an image.": lambda f, d, e, *g: _like(f, d, 1 - e, *g),
    "A is too large by the offset: take it off again.": lambda *g: _like(*g, off=0),
    "A is too small by the offset: take it off only once.": lambda *g: _like(*g, off=2),
    "negative logits are lost: add the offset before the ReLU.": lambda *g: _like(*g[:4], 0.0),
    "you add the offset behind the ReLU, where negative logits are lost: it must go in before.":
        lambda *g: _like(*g[:4], 0.0, off=0, behind=g[4]),
    "your shut side is below 0. Where is the ReLU?": lambda *g: _like(*g, bend=lambda x: x),
    "softplus is smooth, a ReLU is 0 where its sum is.": lambda *g: _like(*g, bend=F.softplus),
    "that is GELU, and a ReLU leaves all above 0 as it is.": lambda *g: _like(*g, bend=F.gelu),
    "nothing shuts a side, B or C: k is missing.": lambda *g: _like(*g[:3], 0.0, g[4]),
    "half of k does not shut a side: take all of it.": lambda *g: _like(*g[:3], g[3] / 2, g[4]),
    "k is not always 250, nor the offset 100.": lambda *g: _like(*g[:3], 250.0, 100.0),
}  # fmt: skip
_ORDERS = tuple(
    Mistake(
        lambda *g, order=order: tuple(reference(*g)[i] for i in order),
        "these are the right units in another order; return (a, b, c).",
    )
    for order in list(permutations(range(3)))[1:]
)


def _are_single_units(attempt: Attempt) -> None:
    for few in ([-60.0, 0, 20, 149], [-60.0, -20, 0, 20]):  # a weight is not the batch's
        _is_a_single_unit(attempt, torch.tensor(few).double())


def _is_a_single_unit(attempt: Attempt, some: Tensor) -> None:
    """Whether B and C are relu(logit + offset - w * gate) with one w, which may exceed k."""
    k, offset = 250.0, 100.0
    gates = 2.0 ** -torch.arange(1, 33).double()  # down to where a w of a billion shuts no unit
    logits, gate = torch.cartesian_prod(some, gates).T
    for name, shut in (("B", 0), ("C", 1)):
        e = (gate - shut).abs()
        a, *units = attempt(logits, logits.flip(0), e, k, offset)
        if not close(a, units[0] + units[1] - offset):
            raise Wrong("Where e lies between 0 and 1, A is not B + C - offset: add both, always.")
        unit, sums = units[shut], (logits.flip(0) if shut else logits) + offset
        if close(unit, sums * (1 - gate)):
            raise Wrong("You multiply by the gate. A unit can only weigh its inputs and add them.")
        weight = ((sums - unit) / gate)[unit > 0].median()  # NaN if B or C is shut everywhere
        if not weight > 0.99 * k or not close(unit, (sums - weight * gate).relu()):
            raise Wrong(
                f"Where e lies between 0 and 1, {name} is not the ReLU of a weighted sum that is "
                "right at e = 0 and at e = 1, for any logits up to k - offset: is there an if, a "
                "where, a rounded e, a weight of the logits' making, or a power?"
            )


EXERCISE = Exercise(
    title="three units, one gate",
    core=True,
    difficulty=3,
    minutes=12,
    reference=reference,
    gives=Gives(_read, "(a, b, c), three tensors"),
    checks=(
        Agrees(
            "passes the right side, as it is, and shuts the other",
            [(_F, _D, _E, 250.0, 100.0), *map(_other, (1000.0, 3.0, 4e6), (400.0, 0.5, 1e6))],
            _begin,
            "each unit's sum takes its logit, the offset and, where it has to be shut, all of k.",
            (*_ORDERS, *rows(_ROWS)),
        ),
        Check("B and C are single units", _are_single_units),
    ),
    hints=(
        "A ReLU is silenced by subtracting from its sum whatever is larger than the sum can be: k.",
        "For B, subtract k times e. For C, k has to be subtracted where e is 0, and not where it "
        "is 1: subtract k, and add k times e.",
        "torch.relu(f + offset - k * e) is B. The offset carries negative logits through the ReLU; "
        "A subtracts it once, because only one of B and C is open.",
    ),
)
