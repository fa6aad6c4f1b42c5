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


def _activations(seed: int, count: int = 41) -> Tensor:
    """Skewed, as those of units are, and on both sides of 0."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, generator=generator).exp() - 1.5


def _said(attempt: Attempt, activations: Tensor, count: int) -> tuple[Tensor, ...]:
    """What the unit says to the images of each row, in order: most, middle, least."""
    rows = attempt(activations, count)
    if tuple(rows.shape) != (3, count):
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(rows.shape)}, where (3, {count}) is "
            "due: a row for most, middle and least."
        )
    last = len(activations) - 1
    for number in rows.flatten().tolist():
        if not 0 <= number <= last:
            raise Wrong(f"The images are numbered from 0 to {last}, and you name {number}.")
    if any(len(row.unique()) < count for row in rows):
        raise Wrong("One of your rows names an image twice.")
    return tuple(activations[rows].sort(1, descending=True).values)


def _has_the_ends(attempt: Attempt) -> None:
    for seed, many, count in ((1, 41, 5), (2, 30, 7), (3, 12, 1), (4, 5, 5)):
        activations = _activations(seed, many)
        most, _, least = _said(attempt, activations, count)
        order = activations.sort(descending=True).values
        quiet = activations[activations.abs().argsort()[:count]].sort(descending=True).values
        for found, due, which, mistaken, why in (
            (
                most, order[:count], "most", order[-count:],
                "Your first row has the least exciting images: argsort begins with the smallest "
                "unless it is told descending=True.",
            ),
            (
                least, order[-count:], "least", quiet,
                "Your least exciting images are those nearest to 0, but some images are answered "
                "with less than 0: that is the least.",
            ),
        ):  # fmt: skip
            if not torch.equal(found, due):
                raise Wrong(
                    why
                    if torch.equal(found, mistaken)
                    else f"Your {count} {which} exciting images reach from {found[-1]:.2f} to "
                    f"{found[0]:.2f}, and they should from {due[-1]:.2f} to {due[0]:.2f}."
                )


def _has_the_middle(attempt: Attempt) -> None:
    for seed, many, count in (
        (5, 41, 5),
        (6, 40, 7),
        (7, 41, 1),
        (8, 40, 1),
        (9, 9, 4),
        (3, 512, 7),
    ):
        activations = _activations(seed, many)
        _, middle, _ = _said(attempt, activations, count)
        above, below = int((activations > middle[0]).sum()), int((activations < middle[-1]).sum())
        told = f"{above} images excite the unit more than your middle ones, and {below} less"
        if abs(above - below) > 1:
            halfway = (activations.max() + activations.min()) / 2
            nearest = activations[(activations - halfway).abs().argsort()[:count]]
            if torch.equal(middle, nearest.sort(descending=True).values):
                raise Wrong(
                    "Your middle lies halfway between the largest and the smallest response, and "
                    f"{told[0].lower()}{told[1:]}: go by the order."
                )
            raise Wrong(f"{told}; it should be equally many.")
        if above + below + count < many:
            left_out = many - above - below - count
            raise Wrong(f"Your middle row leaves out {left_out} images that lie between its own.")


def _takes_equal_ones(attempt: Attempt) -> None:
    for activations in (
        torch.tensor([0.0, 2.0, 0.0, 1.0, 0.0, 2.0, 1.0, 1.0, 2.0, 0.0, 3.0, 1.0, 0.0]),
        torch.zeros(8, dtype=torch.float64),
    ):
        for count in (2, 3):
            order, start = activations.sort(descending=True).values, (len(activations) - count) // 2
            most, middle, least = _said(attempt, activations, count)
            if not torch.equal(
                torch.cat([most, least]), torch.cat([order[:count], order[-count:]])
            ):
                raise Wrong("Where several images are answered alike, most or least go wrong.")
            if not any(torch.equal(middle, order[i : i + count]) for i in (start, -start - count)):
                raise Wrong("Where several images are answered alike, your middle goes wrong.")


def by_size(activations: Tensor, count: int) -> Tensor:
    most, middle, _ = reference(activations, count)
    return torch.stack([most, middle, activations.abs().argsort()[:count]])


def halfway_in_value(activations: Tensor, count: int) -> Tensor:
    most, _, least = reference(activations, count)
    halfway = (activations.max() + activations.min()) / 2
    return torch.stack([most, (activations - halfway).abs().argsort()[:count], least])


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
                Mistake(
                    lambda activations, count: reference(-activations, count),
                    "Your first row has the least exciting images",
                ),
                Mistake(by_size, "Your least exciting images are those nearest to 0"),
                Mistake(
                    lambda activations, count: activations[reference(activations, count)],
                    "decimal numbers",
                ),
            ),
        ),
        Check(
            "finds the middle of the order",
            _has_the_middle,
            (
                Mistake(halfway_in_value, "Your middle lies halfway between"),
                Mistake(
                    lambda activations, count: reference(activations, count)[[0, 0, 2]],
                    "images excite the unit more than your middle ones",
                ),
            ),
        ),
        Check("keeps to it where images are answered alike", _takes_equal_ones),
    ),
    hints=(
        "activations.argsort(descending=True) is all image numbers, from the most exciting to the "
        "least. The rest is cutting pieces out of it.",
        "The middle piece begins at (len(order) - count) // 2.",
        "torch.stack([order[:count], order[start : start + count], order[-count:]])",
    ),
)
