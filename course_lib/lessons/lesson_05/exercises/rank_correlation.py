"""Lesson 05: the rank correlation of two activation maps."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number

STATEMENT = """
`a` and `b` are one layer's activations for two images, tensors of one shape, such as `(C, H, W)`.
Return their **Spearman correlation**, a number between -1 and 1:

1. put each into one long row;
2. replace every value by its **rank**, its place from the smallest (0) to the largest. Values that
   are equal share one rank, the average of the places that they take up;
3. take the mean rank off, and correlate: the product of the two rows of ranks, divided by both of
   their lengths.

Ties are no detail here: after a ReLU half of the values may be the same, 0.
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


def _maps(seed: int, *, rectified: bool = False, shared: float = 0.7) -> tuple[Tensor, Tensor]:
    """Two maps (4, 6, 6) that have something in common."""
    chances = torch.Generator().manual_seed(seed)
    common, one, other = torch.randn(3, 4, 6, 6, generator=chances)
    a, b = common * shared + one, common * shared + other
    return (a.clamp(min=0.8), b.clamp(min=0.8)) if rectified else (a, b)


def _found(attempt: Attempt, a: Tensor, b: Tensor) -> float:
    return number(attempt(a, b), "the correlation")


def _gives_a_number(attempt: Attempt) -> None:
    a, b = _maps(0)
    found = _found(attempt, a, b)
    if abs(found) > 1 + 1e-5:
        raise Wrong(
            f"A correlation lies between -1 and 1, and yours is {found:.3g}: divide by the lengths "
            "of both rows."
        )


def _of_ranks(attempt: Attempt) -> None:
    a, _ = _maps(3)
    steep = (3 * a).exp()
    found = _found(attempt, a, steep)
    if abs(found - values_instead_of_ranks(a, steep)) < 1e-3:
        raise Wrong(
            f"For b = exp(3 a), which has the same order, you find {found:.2f} and not 1: that is "
            "the correlation of the values. Replace them by their ranks first."
        )
    if abs(found - 1) > 1e-3:
        raise Wrong(
            f"For b = exp(3 a), which has the same order, your correlation is {found:.2f} and not "
            "1."
        )


def _centred(attempt: Attempt) -> None:
    a, b = _maps(1)
    found, wanted = _found(attempt, a, -b), reference(a, -b)
    if abs(found - forgets_to_centre(a, -b)) < 1e-3 and abs(found - wanted) > 1e-3:
        raise Wrong(
            f"For two maps of opposite order you find {found:.2f} and not {wanted:.2f}: ranks are "
            "all positive, so take their mean off before you multiply."
        )


def _places(attempt: Attempt) -> None:
    levels = torch.arange(4.0)[:, None, None]  # channels differ, as those of a layer do
    a, b = (one + levels for one in _maps(2))
    found, wanted = _found(attempt, a, b), reference(a, b)
    if abs(found - wanted) < 1e-3:
        return
    if abs(found - sorts_once(a, b)) < 1e-3:
        raise Wrong(
            f"Two maps that correlate by {wanted:.3f} get {found:.3f}: argsort says which entry is "
            "the smallest, and so on. The rank of each entry is the inverse of that."
        )
    if abs(found - within_channels(a, b)) < 1e-3:
        raise Wrong(
            f"Two maps that correlate by {wanted:.3f} get {found:.3f}: you rank each channel by "
            "itself. Put all channels into one long row."
        )
    raise Wrong(f"Two maps of 144 values correlate by {wanted:.3f}, and you find {found:.3f}.")


def _ties(attempt: Attempt) -> None:
    a, b = _maps(4, rectified=True, shared=0.0)
    found, wanted = _found(attempt, a, b), reference(a, b)
    if abs(found - wanted) < 1e-3:
        return
    equal = int((a == a.min()).sum())
    if abs(found - leaves_gaps_out(a, b)) < 1e-3:
        raise Wrong(
            f"Two rectified maps correlate by {wanted:.3f}, and you find {found:.3f}: you number "
            "the different values, and a value that occurs 50 times takes up 50 places."
        )
    raise Wrong(
        f"Two maps of 144 values, {equal} of which are equal in the first, correlate by "
        f"{wanted:.3f}; you find {found:.3f}: equal values have to get one rank, the average of "
        "their places."
    )


def ignores_ties(a: Tensor, b: Tensor) -> float:
    x, y = (v.flatten().argsort(stable=True).argsort().double() for v in (a, b))
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / (x.norm() * y.norm()))


def values_instead_of_ranks(a: Tensor, b: Tensor) -> float:
    return _correlation(a.flatten().double(), b.flatten().double())


def forgets_to_centre(a: Tensor, b: Tensor) -> float:
    x, y = _ranks(a), _ranks(b)
    return float((x @ y) / (x.norm() * y.norm()))


def sorts_once(a: Tensor, b: Tensor) -> float:
    return _correlation(*(v.flatten().argsort(stable=True).double() for v in (a, b)))


def within_channels(a: Tensor, b: Tensor) -> float:
    pairs = zip(a.flatten(1), b.flatten(1), strict=True)
    return sum(reference(x, y) for x, y in pairs) / len(a)


def leaves_gaps_out(a: Tensor, b: Tensor) -> float:
    x, y = (torch.unique(v, return_inverse=True)[1].flatten().double() for v in (a, b))
    return _correlation(x, y)


def forgets_the_lengths(a: Tensor, b: Tensor) -> float:
    x, y = (ranks - ranks.mean() for ranks in (_ranks(a), _ranks(b)))
    return float((x @ y) / len(x))


def _ranks(values: Tensor) -> Tensor:
    _, which, counts = torch.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum(0) - 1 - (counts - 1) / 2).double()[which.flatten()]


def _correlation(x: Tensor, y: Tensor) -> float:
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / (x.norm() * y.norm()))


EXERCISE = Exercise(
    title="the correlation of two activation maps",
    core=True,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a number between -1 and 1", _gives_a_number),
        Check("looks at order, not at values", _of_ranks),
        Check("takes the mean rank off", _centred),
        Check("ranks every entry", _places),
        Check("lets equal values share a rank", _ties),
    ),
    hints=(
        "torch.unique(row, return_inverse=True, return_counts=True) gives the different values in "
        "rising order, which of them each entry is, and how many there are of each.",
        "Equal values take up `counts` places, of which the last is counts.cumsum(0) - 1. Half of "
        "(counts - 1) before it lies their average; [inverse] hands it to every entry.",
        "x = ranks - ranks.mean(), y likewise; then (x @ y) / (x.norm() * y.norm()).",
    ),
    mistakes=(
        Mistake(ignores_ties, r"Two maps of 144 values, \d+ of which are equal"),
        Mistake(values_instead_of_ranks, r"For b = exp\(3 a\).*: that is the correlation of the"),
        Mistake(forgets_to_centre, r"For two maps of opposite order"),
        Mistake(sorts_once, r"Two maps that correlate by .*: argsort says"),
        Mistake(within_channels, r"Two maps that correlate by .*: you rank each channel"),
        Mistake(leaves_gaps_out, r"Two rectified maps .*: you number the different values"),
        Mistake(forgets_the_lengths, r"A correlation lies between -1 and 1"),
    ),
)
