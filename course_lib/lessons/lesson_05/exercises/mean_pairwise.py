"""Lesson 05: the mean of all pairwise correlations, from one sum.

A correlation is the product of two **unit vectors**: the centred ranks, divided by their length.
`unit_vectors` holds those of `n` renders of one class, `(n, D)`. Return the mean correlation over
all pairs of *different* renders, a number.

There are n (n - 1) ordered pairs, and you need to look at none of them. What is the squared length
of the **sum** of all unit vectors, if you multiply it out? (All products `U @ U.T` give the same
number. They are checked as right, and cost n² products and n² places in memory. A loop over pairs
may be too slow for the last check, which has 4,000 renders.)
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, number, rows


def reference(unit_vectors: Tensor) -> float:
    """The mean of all products of two different rows."""
    n = len(unit_vectors)
    total = unit_vectors.double().sum(0)
    return float((total @ total - n) / (n * (n - 1)))


def _rows(n: int, width: int, shared: float = 0.7) -> Tensor:
    """Centred rows of length 1 that have something in common."""
    chances = torch.Generator().manual_seed(n)
    rows = shared * torch.randn(width, generator=chances) + torch.randn(n, width, generator=chances)
    rows = rows.double() - rows.double().mean(1, keepdim=True)
    return rows / rows.norm(dim=1, keepdim=True)


def _begin(found: float, wanted: float, rows: Tensor) -> str:
    n = len(rows)
    return (
        f"{n} rows of {rows.shape[1]} have {n * (n - 1)} ordered pairs, whose products add up to "
        f"{wanted * n * (n - 1):.5g} and average {wanted:.5f} (the sum of all rows has a length of "
        f"{_length(rows):.5g}). You give {found:.5f}:"
    )


def _length(rows: Tensor) -> float:
    return float(rows.double().sum(0).norm())


def _mean(total: Tensor, n: int) -> float:
    return float((total @ total - n) / (n * (n - 1)))


_ROWS: Rows = {
    "each row is counted with itself, where the product is always 1.":
        lambda rows: _length(rows) ** 2 / len(rows) ** 2,
    "you divide by n², and n (n - 1) are left.": lambda rows: reference(rows) * (1 - 1 / len(rows)),
    "the n products of a row with itself are still in the sum.":
        lambda rows: _length(rows) ** 2 / (len(rows) * (len(rows) - 1)),
    "you take 1 off, and n products of a row with itself are in the squared length.":
        lambda rows: (_length(rows) ** 2 - 1) / (len(rows) * (len(rows) - 1)),
    "that is the sum over all ordered pairs; divide by their number, n (n - 1).":
        lambda rows: reference(rows) * len(rows) * (len(rows) - 1),
    "the squared sum holds every pair twice, and n (n - 1) counts it twice, too: do not halve once "
    "more.": lambda rows: reference(rows) / 2,
    "the squared sum holds every pair twice, (i, j) and (j, i), so divide by n (n - 1), not by "
    "half of it.": lambda rows: 2 * reference(rows),
    "that is what the lengths alone give: sum the vectors, then take the length.": lambda rows: 1.0,
    "the length of the sum has to be squared.":
        lambda rows: (_length(rows) - len(rows)) / (len(rows) * (len(rows) - 1)),
    "you have looked at neighbours only, and all pairs count.":
        lambda rows: (rows[1:] * rows[:-1]).sum(1).mean(),
    "you have looked at neighbours in a ring only, and all pairs count.":
        lambda rows: (rows * rows.roll(1, 0)).sum(1).mean(),
    "you compare the first row with the others only.": lambda rows: (rows[1:] @ rows[0]).mean(),
    "you have compared the first half of the rows with the second only: two of the same half are a "
    "pair, too.": lambda rows: (rows[: len(rows) // 2] @ rows[len(rows) // 2 :].T).mean(),
    "you compare each row with the mean of all, which holds this very row: pairs of two different "
    "rows are due.": lambda rows: (rows @ F.normalize(rows.mean(0), dim=0)).mean(),
    "that is the median over all pairs: take a mean.":
        lambda rows: (rows @ rows.T)[~torch.eye(len(rows), dtype=torch.bool)].median(),
    "a mean correlation may be negative, so leave its sign.": lambda rows: abs(reference(rows)),
    "your sum is 0: you take the mean row off first, or sum over the wrong axis, within rows.":
        lambda rows: -1 / (len(rows) - 1),
    "that is from the mean of the rows, and their sum is due.":
        lambda rows: _mean(rows.mean(0), len(rows)),
    "n is the number of rows, and you have taken their width.":
        lambda rows: _mean(rows.sum(0), rows.shape[1]),
}  # fmt: skip
_CASES = [
    (F.normalize(torch.tensor([[1.0, -1, 0], [1, 1, -2], [0, 1, -1], [2, -1, -1]])),),
    (_rows(4, 50),),
    (_rows(3, 7).float(),),
    (_rows(5, 5),),
    (_rows(2, 9),),  # as many rows as columns, and fewer
    (torch.stack([_rows(2, 9)[0], -_rows(2, 9)[0]]),),  # opposite
    (_rows(40, 12, 0.0),),
    (_rows(6, 8)[:1].repeat(3, 1),),  # unrelated, and equal
]
_MULTIPLY = "multiply the squared sum out, and see which of the n² products you do not want."

EXERCISE = Exercise(
    title="all pairs at once",
    core=False,
    difficulty=3,
    minutes=10,
    reference=reference,
    gives=Gives(number, "the mean correlation"),
    checks=(
        Agrees("is the mean over all pairs", _CASES, _begin, _MULTIPLY, rows(_ROWS)),
        Agrees(
            "holds for many",
            [(_rows(30, 3),), (_rows(4000, 3, 0.2),)],
            _begin,
            "that is right for a few rows and wrong for many.",
            slow="4,000 rows make 8 million pairs, too many for a loop. Do you need the pairs at "
            "all, if you have the sum of the rows?",
        ),
    ),
    hints=(
        "Multiplied out, (u1 + u2 + ... + un)² holds every product ui · uj. Which of these n² do "
        "you not want, and how much does each contribute?",
        "An image with itself gives 1, and there are n of those.",
        "total = unit_vectors.double().sum(0); then (total @ total - n) / (n * (n - 1)).",
    ),
)
