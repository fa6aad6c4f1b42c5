"""Lesson 04: the direction in which a twin differs from its unit.

`difference` `(P,)` is the target's mean patch minus that of the renders, `covariance` `(P, P)` the
renders' covariance, and `w` `(P,)` the unit's filter. Return `dw` `(P,)`:

1. **Solve** `(covariance + ridge * v * I) dw = difference`, where `v` is the mean of the
   covariance's diagonal. What varies among renders anyway then counts for little.
2. Take away the part of `dw` along `w`, so that the two are **orthogonal**.
3. Make it **as long as** `w`.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows, tensor


def reference(difference: Tensor, covariance: Tensor, w: Tensor, ridge: float) -> Tensor:
    """The inverse covariance times the difference, orthogonal to w and as long as it."""
    eps = ridge * covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + eps * torch.eye(len(w)).to(w), difference)
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


_Case = tuple[Tensor, Tensor, Tensor, float]


def _case(inputs: int, ridge: float, scale: float = 1.0) -> _Case:
    """Patches of so many numbers, in units of this scale."""
    chances = torch.Generator().manual_seed(inputs)
    *mix, difference, w = torch.randn(4 * inputs + 2, inputs, generator=chances).double()
    patches = torch.stack(mix) * torch.linspace(0.5, 2, inputs)
    covariance = patches.T @ patches / len(patches) + 0.2
    return scale * (difference + 0.7 * w), scale**2 * covariance, 3 * w, ridge


def _ridge(covariance: Tensor, ridge: float) -> Tensor:
    eye: Tensor = torch.eye(len(covariance)).to(covariance)
    return eye * ridge * covariance.diagonal().mean()


def _long(dw: Tensor, w: Tensor) -> Tensor:
    return dw * w.norm() / dw.norm()


def _across(dw: Tensor, w: Tensor) -> Tensor:
    return dw - (dw @ w) / (w @ w) * w


def _begin(found: Tensor, wanted: Tensor, *case: Any) -> str:
    """What is wrong with it, by the last step that shows."""
    _, _, w, ridge = case
    dw = found.to(wanted)
    along, right = (float(F.cosine_similarity(dw, v, dim=0)) for v in (w, wanted))
    told = f"For {len(w)} inputs and ridge={ridge:g} your dw "
    if abs(along) > 1e-4:
        return f"{told}is not orthogonal to w, the cosine of the two is {along:.3g} (step 2):"
    times = float(dw.norm() / w.norm())
    length = "is as long as w" if abs(times - 1) < 1e-4 else f"is {times:.4g} times as long as w"
    if right > 0.9999:
        return f"{told}points the right way, but {length} (step 3):"
    return (
        f"{told}is orthogonal to w and {length}, and does not point the right way, the cosine of "
        f"yours and the right one is {right:.4g} (see step 1):"
    )


def _done(solve: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Steps 2 and 3 behind another first one."""
    return lambda d, c, w, r: _long(_across(solve(d, c, w, r), w), w)


def _step1(*case: Any) -> Tensor:
    return torch.linalg.solve(case[1] + _ridge(case[1], case[3]), case[0])


def _root(d: Tensor, c: Tensor, w: Tensor, r: float) -> Tensor:
    values, vectors = torch.linalg.eigh(c + _ridge(c, r))
    return vectors @ ((vectors.T @ d) / values.sqrt())


_ROWS: Rows = {
    "take away (dw @ w) / (w @ w) * w.": lambda *case: _long(_step1(*case), case[2]),
    "you made the difference orthogonal to w and solved then, which turns it back. Solve "
    "first.": lambda d, c, w, r: _long(_step1(_across(d, w), c, w, r), w),
    "you take the part along w away twice over.":
        lambda *case: _long(2 * _across(s := _step1(*case), case[2]) - s, case[2]),
    "you take dw's part off w.": lambda *case: _long(_across(case[2], _step1(*case)), case[2]),
    "this is the plain difference: solve first.": _done(lambda d, c, w, r: d),
    "you divide by the diagonal alone: how two inputs vary together counts, too. Solve with the "
    "whole covariance.": _done(lambda d, c, w, r: d / (c + _ridge(c, r)).diagonal()),
    "you divide by the root of the covariance: solve with the covariance itself.": _done(_root),
    "the ridge is missing: add ridge * v * I.": lambda d, c, w, r: reference(d, c, w, 0.0),
    "v is missing, and ridge counts v times: ridge * v is due.":
        lambda d, c, w, r: reference(d, c, w, r / float(c.diagonal().mean())),
    "your ridge is always 0.01, whatever `ridge`.": lambda d, c, w, r: reference(d, c, w, 0.01),
    "v is the diagonal's mean, not its sum.": lambda d, c, w, r: reference(d, c, w, r * len(w)),
    "v is the mean of the covariance's diagonal, and you took that of all its entries.":
        lambda d, c, w, r: reference(d, c, w, r * float(c.mean() / c.diagonal().mean())),
    "the ridge belongs on the diagonal alone: without I it is added everywhere.":
        _done(lambda d, c, w, r: torch.linalg.solve(c + r * c.diagonal().mean(), d)),
    "you make it as long as w first, and shorten it when you take the part along w away: the "
    "length comes last.": lambda *case: _across(_long(_step1(*case), case[2]), case[2]),
    "its length is 1: multiply by that of w.": lambda d, c, w, r: reference(d, c, w, r) / w.norm(),
    "it points away from the target.": lambda *case: -reference(*case),
}  # fmt: skip
_SOME = [_case(12, 0.1), _case(5, 2.0, 10.0), _case(3, 0.5, 0.1)]
_OTHERS = [_case(27, 0.0, 3.0), _case(2, 0.3), _case(40, 0.01)]
_RULE = (
    "step 1 solves, with all of the covariance and ridge * v on its diagonal; 2 takes off w times "
    "(dw @ w) / (w @ w); 3 comes last, times w.norm() / dw.norm()."
)
_AS_GIVEN = "use ridge as it is given, and len(w) for the size of I."

EXERCISE = Exercise(
    title="a direction that w does not see",
    core=True,
    difficulty=3,
    minutes=10,
    reference=reference,
    gives=Gives(tensor, "dw"),
    checks=(
        Agrees(
            "is solved for, orthogonal to w and as long as it", _SOME, _begin, _RULE, rows(_ROWS)
        ),
        Agrees("is so for any ridge, and any number of inputs", _OTHERS, _begin, _AS_GIVEN),
    ),
    hints=(
        "torch.linalg.solve(matrix, vector) solves; torch.eye(P) is I; "
        "covariance.diagonal().mean() is v.",
        "The part of dw along w is (dw @ w) / (w @ w) * w. The order matters: what is orthogonal "
        "before solving is so no more afterwards.",
        "Last of all: dw * w.norm() / dw.norm().",
    ),
)
