"""Lesson 05: the mean of all pairwise correlations, from one sum."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame, number

STATEMENT = """
A correlation is the product of two **unit vectors**: the centred ranks, divided by their length.
`unit_vectors` holds those of `n` renders of one class, `(n, D)`. Return the mean correlation over
all pairs of *different* renders, a number.

There are n (n - 1) ordered pairs, and you need to look at none of them. What is the squared length
of the **sum** of all unit vectors, if you multiply it out? (All products `U @ U.T` give the same
number. They are checked as right, and cost n² products and n² places in memory.)
"""


def reference(unit_vectors: Tensor) -> float:
    """The mean of all products of two different rows."""
    n = len(unit_vectors)
    total = unit_vectors.double().sum(0)
    return float((total @ total - n) / (n * (n - 1)))


def _unit_vectors(n: int, width: int = 50, shared: float = 0.5, seed: int = 0) -> Tensor:
    """Rows of length 1 that have something in common."""
    chances = torch.Generator().manual_seed(seed)
    rows = shared * torch.randn(width, generator=chances) + torch.randn(n, width, generator=chances)
    rows = rows.double() - rows.double().mean(1, keepdim=True)
    return rows / rows.norm(dim=1, keepdim=True)


def _found(attempt: Attempt, rows: Tensor) -> float:
    return number(attempt(rows), "the mean correlation")


def _of_all_pairs(attempt: Attempt) -> None:
    rows = _unit_vectors(4)
    found, wanted = _found(attempt, rows), reference(rows)
    if abs(found - wanted) < 1e-6:
        return
    told = f"Four rows whose products average {wanted:.3f} over all pairs get {found:.3f}: "
    reasons = {
        counts_itself: "each row is counted with itself, where the product is always 1.",
        all_places: "you divide by n², but only n (n - 1) products are left.",
        sum_of_lengths: "you sum the lengths; sum the vectors, and take the length of that.",
        halves_the_pairs: "the squared sum holds every pair twice, (i, j) and (j, i), so divide by "
        "n (n - 1), not by half of it.",
        length_not_squared: "the length of the sum has to be squared.",
        neighbours_only: "you have looked at neighbours only, and all pairs count.",
    }
    otherwise = "multiply the squared sum out."
    blame(told, lambda made: abs(found - made(rows)) < 1e-6, reasons, otherwise)


def _of_any_number(attempt: Attempt) -> None:
    for n in (2, 3, 40):
        rows = _unit_vectors(n, seed=n)
        found, wanted = _found(attempt, rows), reference(rows)
        if abs(found - wanted) > 1e-6:
            raise Wrong(f"For {n} rows you give {found:.3f}, and it should be {wanted:.3f}.")


def _of_many(attempt: Attempt) -> None:
    rows = _unit_vectors(1500, width=8, shared=0.2, seed=9)
    found, wanted = _found(attempt, rows), reference(rows)
    if abs(found - wanted) > 1e-6:
        raise Wrong(f"For 1,500 rows you give {found:.4f}, and it should be {wanted:.4f}.")


def counts_itself(unit_vectors: Tensor) -> float:
    total = unit_vectors.double().sum(0)
    return float(total @ total / len(unit_vectors) ** 2)


def all_places(unit_vectors: Tensor) -> float:
    n = len(unit_vectors)
    return reference(unit_vectors) * (n - 1) / n


def sum_of_lengths(unit_vectors: Tensor) -> float:
    n = len(unit_vectors)
    total = unit_vectors.double().norm(dim=1).sum()
    return float((total**2 - n) / (n * (n - 1)))


def halves_the_pairs(unit_vectors: Tensor) -> float:
    return 2 * reference(unit_vectors)


def length_not_squared(unit_vectors: Tensor) -> float:
    n = len(unit_vectors)
    return float((unit_vectors.double().sum(0).norm() - n) / (n * (n - 1)))


def neighbours_only(unit_vectors: Tensor) -> float:
    rows = unit_vectors.double()
    return float((rows[1:] * rows[:-1]).sum(1).mean())


EXERCISE = Exercise(
    title="all pairs at once",
    core=False,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("is the mean over all pairs of four rows", _of_all_pairs),
        Check("holds for other numbers of rows", _of_any_number),
        Check("holds for many", _of_many),
    ),
    hints=(
        "Multiplied out, (u1 + u2 + ... + un)² holds every product ui · uj. Which of these n² do "
        "you not want, and how much does each contribute?",
        "An image with itself gives 1, and there are n of those.",
        "total = unit_vectors.double().sum(0); then (total @ total - n) / (n * (n - 1)).",
    ),
    mistakes=(
        Mistake(counts_itself, r"Four rows whose .*: each row is counted with itself"),
        Mistake(all_places, r"Four rows whose .*: you divide by n²"),
        Mistake(sum_of_lengths, r"Four rows whose .*: you sum the lengths"),
        Mistake(halves_the_pairs, r"Four rows whose .*: the squared sum holds every pair twice"),
        Mistake(length_not_squared, r"Four rows whose .*: the length of the sum"),
        Mistake(neighbours_only, r"Four rows whose .*: you have looked at neighbours"),
    ),
)
