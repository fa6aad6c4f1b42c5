"""Lesson 02: the images that excite a unit most, middling and least.

`activations` `(N,)` is what a unit says to N images. Return the numbers of the `count` images that
excite it **most**, of `count` from the **middle**, and of the `count` that excite it **least**: a
tensor `(3, count)`, a row for each; within a row any order will do.

The middle is that of the *order*: as many images excite the unit more than these as less (or one
more, if it does not come out even). Images with the same activation may stand in any order.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong
from course_lib.lessons.lesson_02.numbers_of_images import image_numbers


def reference(activations: Tensor, count: int) -> Tensor:
    """Numbers of the images that excite a unit most, middling and least, (3, count)."""
    order = activations.argsort(descending=True)
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def _activations(seed: int, count: int) -> Tensor:
    """Skewed, as those of units are, and on both sides of 0."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, generator=generator).exp() - 1.5


_TIED = torch.tensor([0.0, 2.0, 0.0, 1.0, 0.0, 2.0, 1.0, 1.0, 2.0, 0.0, 3.0, 1.0, 0.0])
# the last has no room for three rows that differ
_SIZES = ((41, 5), (30, 7), (40, 7), (41, 1), (40, 1), (9, 3), (512, 7), (12, 1), (9, 4), (5, 5))
_CASES = (
    *((_activations(seed, many), count) for seed, (many, count) in enumerate(_SIZES[:-2])),
    *((tied, count) for tied in (_TIED, torch.zeros(8, dtype=torch.float64)) for count in (2, 3)),
    *((_activations(many, many), count) for many, count in _SIZES[-2:]),
)

_ROWS = ("most", "middle", "least")
_ORDER = "cut it out of the order, which leads from the largest activation to the smallest."


def _said(rows: Tensor, activations: Tensor, count: int) -> tuple[Tensor, ...]:
    """What the unit says to the images of each row, in order: most, middle, least."""
    if tuple(rows.shape) != (3, count):
        raise Wrong(f"Your function returned shape {tuple(rows.shape)}, where (3, {count}) is due.")
    last = len(activations) - 1
    if outside := rows[(rows < 0) | (rows > last)].tolist():
        raise Wrong(f"The images are numbered from 0 to {last}, and you name {outside[0]}.")
    for which, row in zip(_ROWS, rows, strict=True):
        if len(row.unique()) < count:
            twice = int(row.mode().values)
            others = int((activations == activations[twice]).sum()) - 1
            tied = f"; {others} other images have its activation" * (others > 0)
            raise Wrong(f"Your row {which} names image {twice} twice{tied}.")
    return tuple(activations[rows].sort(1, descending=True).values)


def _nearest(value: Callable[[Tensor], Any]) -> Callable[..., Tensor]:
    """For all rows the images whose activations are nearest to a value."""
    return lambda a, count: (a - value(a)).abs().argsort()[:count].expand(3, count)


def _cut(start: Callable[[int, int], int]) -> Callable[..., Tensor]:
    """For all rows a piece of the order, which begins at `start`."""
    return lambda a, n: a.argsort(descending=True)[start(len(a), n) :][:n].expand(3, n)


def _of(seen: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """The reference's answer to something else than the activations."""
    return lambda a, count: reference(seen(a), count)


_MIDDLE = "go by the order, not by activations nearest to"
_MISTAKES = (
    Mistake(_cut(lambda n, count: 0), "these are the most exciting ones."),
    Mistake(_of(lambda a: -torch.arange(len(a))), "nothing is sorted: images come in any order."),
    Mistake(_of(Tensor.neg), "argsort begins with the smallest, unless told descending=True."),
    Mistake(_of(Tensor.abs), "you go by the size and lose the sign: -3 is less than 0."),
    Mistake(_nearest(lambda a: 0), f"{_MIDDLE} 0; in the order, that may be anywhere."),
    Mistake(_nearest(Tensor.mean), f"{_MIDDLE} the mean."),
    Mistake(_nearest(Tensor.median), f"{_MIDDLE} the median, which may lie to one side of them."),
    Mistake(_nearest(lambda a: (a.max() + a.min()) / 2), f"{_MIDDLE} what lies halfway in value."),
    Mistake(_cut(lambda n, count: n - count - 1), "a slice leaves out its end: order[-count:]."),
    Mistake(_cut(lambda n, count: n // 2), "it begins in the middle, and does not lie there."),
    Mistake(_cut(lambda n, count: count), "these come right behind the most exciting ones."),
)


def _has(row: int) -> Callable[[Attempt], None]:
    """A check of one row."""

    def said(function: Callable[..., Tensor], case: tuple[Tensor, int]) -> Tensor:
        return _said(function(*case), *case)[row]

    def fits(attempt: Attempt, mistake: Mistake) -> bool:
        wide = (case for case in _CASES if len(case[0]) > 2 * case[1] + 3)
        return all(said(attempt, case).equal(said(mistake.function, case)) for case in wide)

    def check(attempt: Attempt) -> None:
        for case in _CASES if row == 1 else _CASES[:-1]:
            found, due = said(attempt, case), said(reference, case)
            if found.equal(due) or (row == 1 and found.equal(said(_of(Tensor.neg), case))):
                continue
            (above, below), (over, under) = (
                (int((case[0] > r[0]).sum()), int((case[0] < r[-1]).sum())) for r in (found, due)
            )
            why = next((m.why for m in _MISTAKES if fits(attempt, m)), _ORDER)
            if why == _ORDER and above + below == over + under:  # a piece of it, but another
                places, when = abs(above - over), "early" if above < over else "late"
                why = f"it begins {places} place{'s' * (places > 1)} too {when} in the order."
            raise Wrong(
                f"Of {len(case[0])} images with count={case[1]}, your row {_ROWS[row]} "
                f"({found[0]:.3g} to {found[-1]:.3g}) has {above} above it and {below} below; "
                f"{over} and {under} are due ({due[0]:.3g} to {due[-1]:.3g}): {why}"
            )

    return check


EXERCISE = Exercise(
    title="most, middling, least",
    core=True,
    difficulty=1,
    minutes=5,
    reference=reference,
    gives=Gives(image_numbers, "the numbers of the images"),
    checks=(
        Check("finds the most exciting", _has(0), _MISTAKES),
        Check("finds the least exciting", _has(2)),
        Check(
            "finds the middle of the order",
            _has(1),
            (Mistake(lambda a, count: a[reference(a, count)], "decimal numbers"),),
        ),
    ),
    hints=(
        "activations.argsort(descending=True) is all image numbers, from the most exciting to the "
        "least. The rest is cutting pieces out of it.",
        "The middle piece begins at (len(order) - count) // 2.",
        "torch.stack([order[:count], order[start : start + count], order[-count:]])",
    ),
)
