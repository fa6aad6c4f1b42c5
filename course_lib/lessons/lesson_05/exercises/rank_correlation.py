"""Lesson 05: the rank correlation of two activation maps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number

STATEMENT = """
`a` and `b` are one layer's activations for two images, tensors of one shape, such as `(C, H, W)`.
Return their **Spearman correlation**, a number between -1 and 1:

1. put each into one long row;
2. replace every value by its **rank**, its place from the smallest (0) to the largest. Values that
   are equal share one rank, the average of the places that they take up;
3. take the mean rank off, and correlate: the product of the two rows of ranks, divided by both of
   their lengths.

Ties are no detail here: after a ReLU half of the values may be the same, 0. Nor is time: a row of
the first layer has 32,768 entries, so a loop over all pairs of them takes too long.
"""


def reference(a: Tensor, b: Tensor) -> float:
    """Spearman's correlation of two tensors of one shape, ties sharing their average rank."""
    rows = []
    for values in (a, b):
        _, which, counts = torch.unique(values, return_inverse=True, return_counts=True)
        places = counts.cumsum(0) - 1 - (counts - 1) / 2
        ranks = places.double()[which.flatten()]
        rows.append(ranks - ranks.mean())
    x, y = rows
    return float((x @ y) / (x.norm() * y.norm()))


def _maps(*shape: int) -> tuple[Tensor, Tensor]:
    """Two maps that have something in common, with channels that differ as a layer's do."""
    common, one, other = torch.randn(3, *shape, generator=torch.Generator().manual_seed(sum(shape)))
    levels = torch.arange(shape[0]).view(-1, 1, 1)
    return (common * 0.7 + one + levels).exp(), common * 0.49 + other + levels


def _tied(*shape: int) -> tuple[Tensor, Tensor]:
    """Two maps behind a ReLU, one of them with fewer different values."""
    a, b = torch.randn(2, *shape, generator=torch.Generator().manual_seed(sum(shape)))
    return a.relu(), ((a + b).relu() * 3).round()


_A, _B = _maps(4, 6, 6)
_RISING, _FALLING, _FEW, _LESS = _maps(3, 5, 2), _maps(2, 3, 7), _maps(1, 1, 2), _tied(8, 3, 3)


def _begin(found: float, wanted: float, a: Tensor, b: Tensor) -> str:
    ties = [a.numel() - len(a.unique()), b.numel() - len(b.unique())]
    equal = f", {ties[0]} and {ties[1]} of which repeat another," if any(ties) else ""
    told = f"Two maps of {a.numel()} values{equal} correlate by {wanted:.4f}, "
    return f"{told}and you find {found:.4f}:"


def _ranks(values: Tensor) -> Tensor:
    _, which, counts = torch.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum(0) - counts / 2).double()[which.flatten()]


def _of(ranks: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], float]:
    """The correlation of what takes the ranks' place."""
    return lambda a, b: float(torch.stack([ranks(a), ranks(b)]).double().corrcoef()[0, 1])


def _by_formula(a: Tensor, b: Tensor) -> float:
    n, apart = a.numel(), _ranks(a) - _ranks(b)
    return 1 - 6 * float(apart @ apart) / (n * (n**2 - 1))


EXERCISE = Exercise(
    title="the correlation of two activation maps",
    core=True,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(number, "the correlation"),
    checks=(
        Agrees(
            "correlates the ranks of values that all differ",
            [
                *((_A, _B), (_RISING[0], -_RISING[1]), (_FALLING[0], -_FALLING[0])),
                *((_A.double(), 3 * _A.double() - 7), _FEW),
            ],
            _begin,
            "a rank is a place from the smallest to the largest of the whole row. Take the mean "
            "rank off, and divide by both lengths.",
            (
                Mistake(
                    _of(lambda v: v.flatten()),
                    "that is the correlation of the values. Replace them by their ranks first.",
                ),
                Mistake(
                    _of(lambda v: v.flatten().argsort()),
                    "argsort says which entry is the smallest, and so on. The rank of each entry "
                    "is the inverse of that.",
                ),
                Mistake(
                    lambda a, b: abs(reference(a, b)),
                    "maps of opposite order have a correlation below 0, so leave its sign.",
                ),
                Mistake(lambda a, b: -reference(a, b), "the sign is wrong."),
                Mistake(
                    lambda a, b: sum(map(reference, a, b)) / len(a),
                    "you rank each channel by itself. Put all channels into one long row.",
                ),
            ),
        ),
        Agrees(
            "lets equal values share a rank, in the largest layer in time",
            [_tied(4, 6, 6), _tied(3, 2, 5), _tied(40), (_LESS[0], -_LESS[1]), _tied(8, 64, 64)],
            _begin,
            "equal values have to get one rank, the average of their places and not the first or "
            "the last of them, and each row has a length of its own.",
            (
                Mistake(
                    _of(lambda v: v.flatten().argsort(stable=True).argsort()),
                    "you give equal values different ranks, and they should share the average.",
                ),
                Mistake(
                    _of(lambda v: torch.unique(v, return_inverse=True)[1].flatten()),
                    "you number the different values, and a value that occurs 50 times takes up "
                    "50 places.",
                ),
                Mistake(
                    _by_formula,
                    "the formula with 6 and the squared differences holds only without ties.",
                ),
            ),
            slow="a map of conv1 has 32,768 entries, and comparing each with each takes a billion "
            "comparisons. Sort the row instead, or use torch.unique.",
        ),
    ),
    hints=(
        "torch.unique(row, return_inverse=True, return_counts=True) gives the different values in "
        "rising order, which of them each entry is, and how many there are of each.",
        "Equal values take up `counts` places, of which the last is counts.cumsum(0) - 1. Half of "
        "(counts - 1) before it lies their average; [inverse] hands it to every entry.",
        "x = ranks - ranks.mean(), y likewise; then (x @ y) / (x.norm() * y.norm()).",
    ),
)
