"""Lesson 02: the images that excite a unit most, middling and least."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong
from course_lib.lessons.lesson_02.numbers_of_images import image_numbers

STATEMENT = """
`activations` `(N,)` is what a unit says to N images. Return the numbers of the `count` images that
excite it **most**, of `count` from the **middle**, and of the `count` that excite it **least**: a
tensor `(3, count)`, a row for each; within a row any order will do.

The middle is that of the *order*: as many images excite the unit more than these as less (or one
more, if it does not come out even). Images with the same activation may stand in any order.
"""


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
_SIZES = ((41, 5), (30, 7), (12, 1), (5, 5), (40, 7), (41, 1), (40, 1), (9, 4), (512, 7))
_CASES = (
    *((_activations(seed, many), count) for seed, (many, count) in enumerate(_SIZES)),
    *((tied, count) for tied in (_TIED, torch.zeros(8, dtype=torch.float64)) for count in (2, 3)),
)


def _said(rows: Tensor, activations: Tensor, count: int) -> tuple[Tensor, ...]:
    """What the unit says to the images of each row, in order: most, middle, least."""
    if tuple(rows.shape) != (3, count):
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(rows.shape)}, where (3, {count}) is "
            "due: a row for most, middle and least."
        )
    last = len(activations) - 1
    if outside := rows[(rows < 0) | (rows > last)].tolist():
        raise Wrong(f"The images are numbered from 0 to {last}, and you name {outside[0]}.")
    if any(len(row.unique()) < count for row in rows):
        raise Wrong("One of your rows names an image twice.")
    return tuple(activations[rows].sort(1, descending=True).values)


def upside_down(activations: Tensor, count: int) -> Tensor:
    return reference(-activations, count)


def by_size(activations: Tensor, count: int) -> Tensor:
    most, middle, _ = reference(activations, count)
    return torch.stack([most, middle, activations.abs().argsort()[:count]])


def halfway_in_value(activations: Tensor, count: int) -> Tensor:
    most, _, least = reference(activations, count)
    halfway = (activations.max() + activations.min()) / 2
    return torch.stack([most, (activations - halfway).abs().argsort()[:count], least])


def _has_the_ends(attempt: Attempt) -> None:
    for case in _CASES:
        rows, right = _said(attempt(*case), *case), _said(reference(*case), *case)
        for row, which, mistaken, why in (
            (
                0, "most", upside_down,
                "Your first row has the least exciting images: argsort begins with the smallest "
                "unless it is told descending=True.",
            ),
            (
                2, "least", by_size,
                "Your least exciting images are those nearest to 0, but some images are answered "
                "with less than 0: that is the least.",
            ),
        ):  # fmt: skip
            found, due = rows[row], right[row]
            if not found.equal(due):
                raise Wrong(
                    why
                    if found.equal(_said(mistaken(*case), *case)[row])
                    else f"Of {len(case[0])} images with count={case[1]}, your {which} exciting "
                    f"ones reach from {found[-1]:.2f} to {found[0]:.2f}, and they should from "
                    f"{due[-1]:.2f} to {due[0]:.2f}."
                )


def _has_the_middle(attempt: Attempt) -> None:
    for case in _CASES:
        found, due, as_good, halfway = (
            _said(function(*case), *case)[1]
            for function in (attempt, reference, upside_down, halfway_in_value)
        )
        if not found.equal(due) and not found.equal(as_good):
            above, below, over, under = (
                int(there.sum())
                for row in (found, due)
                for there in (case[0] > row[0], case[0] < row[-1])
            )
            why = ": go by the order, not by what lies halfway in value" * found.equal(halfway)
            raise Wrong(
                f"Of {len(case[0])} images with count={case[1]}, your middle ones have {above} "
                f"above them and {below} below, where {over} and {under} would do{why}."
            )


EXERCISE = Exercise(
    title="most, middling, least",
    core=True,
    difficulty=1,
    minutes=5,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(image_numbers, "the numbers of the images"),
    checks=(
        Check(
            "finds the most and the least exciting",
            _has_the_ends,
            (
                Mistake(upside_down, "Your first row has the least exciting images"),
                Mistake(by_size, "Your least exciting images are those nearest to 0"),
                Mistake(lambda a, count: a[reference(a, count)], "decimal numbers"),
            ),
        ),
        Check(
            "finds the middle of the order",
            _has_the_middle,
            (
                Mistake(halfway_in_value, "go by the order, not by what lies halfway in value."),
                Mistake(lambda *case: reference(*case)[[0, 0, 2]], "your middle ones have 0 above"),
            ),
        ),
    ),
    hints=(
        "activations.argsort(descending=True) is all image numbers, from the most exciting to the "
        "least. The rest is cutting pieces out of it.",
        "The middle piece begins at (len(order) - count) // 2.",
        "torch.stack([order[:count], order[start : start + count], order[-count:]])",
    ),
)
