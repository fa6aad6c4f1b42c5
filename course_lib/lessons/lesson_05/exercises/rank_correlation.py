"""Lesson 05: the rank correlation of two activation maps.

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

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, number, rows


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
    a, b = torch.randn(2, *shape, generator=torch.Generator().manual_seed(sum(shape)))
    return a.relu(), ((a + b).relu() * 3).round()


_A, _B = _maps(4, 6, 6)
_RISING, _FALLING, _FEW, _LESS = _maps(3, 5, 2), _maps(2, 3, 7), _maps(1, 1, 2), _tied(8, 3, 3)
_DIFFERENT = [
    (torch.tensor([[[2.5, -1, 9, 4, 0.5]]]), torch.tensor([[[30.0, 10, 20, 70, -40]]])),
    (_A, _B),
    (_RISING[0], -_RISING[1]),
    (_FALLING[0], -_FALLING[0]),
    (_A.double(), 3 * _A.double() - 7),
    (1e-6 * _A.double(), _B),
    _FEW,
]
_EQUAL = [
    (torch.tensor([[[0.0, 5, 0, 0, 7, 5]]]), torch.tensor([[[1.0, 2, 2, 0, 3, 0]]])),
    _tied(4, 6, 6),
    _tied(3, 2, 5),
    _tied(40),
    (_LESS[0], -_LESS[1]),
]


def _begin(found: float, wanted: float, a: Tensor, b: Tensor) -> str:
    ends = f"correlate by {wanted:.4f}, and you find {found:.4f}:"
    if a.numel() > 9:
        return f"Two maps of {a.numel()} values {ends}"
    x, y = map(_off, (a, b))
    return (
        f"a = {a.flatten().tolist()} and b = {b.flatten().tolist()} have the ranks "
        f"{_ranks(a).tolist()} and {_ranks(b).tolist()}; with their means off, these have a "
        f"product of {x @ y:.4g} and lengths of {x.norm():.4g} and {y.norm():.4g}. They {ends}"
    )


def _ranks(values: Tensor, last: float = 0.5) -> Tensor:
    """For last=1 the last of the places that equal values take up, for 0 the first."""
    _, which, counts = torch.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum(0) - 1 - (1 - last) * (counts - 1)).double()[which.flatten()]


def _off(values: Tensor) -> Tensor:
    return _ranks(values) - _ranks(values).mean()


def _of(ranks: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], float]:
    return lambda a, b: float(torch.stack([ranks(a), ranks(b)]).double().corrcoef()[0, 1])


def _places(values: Tensor, alike: float = torch.nan) -> Tensor:
    places, same = values.flatten().argsort(stable=True).argsort().double(), values == alike
    return torch.where(same.flatten(), places[same.flatten()].mean(), places)


_ROWS: Rows = {
    "these are the values. Replace them by their ranks first.": _of(lambda v: v.flatten()),
    "argsort orders entries; ranks are its inverse.": _of(lambda v: v.flatten().argsort()),
    "you rank each channel by itself.": lambda a, b: sum(map(reference, a, b)) / len(a),
    "take the mean rank off.": lambda a, b: F.cosine_similarity(_ranks(a) + 1, _ranks(b) + 1, 0),
    "that is a covariance: divide by both lengths.": lambda a, b: _off(a) @ _off(b) / a.numel(),
}
_TIES: Rows = {
    "you give equal values different ranks, and they should share the average.": _of(_places),
    "equal values get the first of their places, not the average.": _of(lambda v: _ranks(v, 0)),
    "equal values get the last of their places, not the average.": _of(lambda v: _ranks(v, 1)),
    "in yours zeros share a rank, other equal values do not.": _of(lambda v: _places(v, 0.0)),
    "you leave zeros out.": lambda a, b: reference(*(v[(a != 0) & (b != 0)] for v in (a, b))),
    "you number the different values, and a value that occurs 50 times takes up 50 places.":
        _of(lambda v: torch.unique(v, return_inverse=True)[1].flatten()),
    "you divide by one length twice.": lambda a, b: _off(a) @ _off(b) / _off(a).norm() ** 2,
}  # fmt: skip

_RANK = "rank the whole row, take the mean rank off, and divide by both lengths."
_SHARE = "equal values share the average of their places; divide by the length of either row."

EXERCISE = Exercise(
    title="the correlation of two activation maps",
    core=True,
    difficulty=3,
    minutes=10,
    reference=reference,
    gives=Gives(number, "the correlation"),
    checks=(
        Agrees(
            "correlates the ranks of values that all differ",
            _DIFFERENT,
            _begin,
            _RANK,
            rows(_ROWS),
        ),
        Agrees("lets equal values share a rank", _EQUAL, _begin, _SHARE, rows(_TIES)),
        Agrees(
            "copes with the largest layer in time",
            [_tied(8, 64, 64)],
            _begin,
            _SHARE,
            slow="a map of conv1 has 32,768 values, and comparing each with each takes a billion "
            "comparisons. Sort the row instead, or use torch.unique.",
            smaller=(_tied(8, 16, 32), 8),
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
