"""Lesson 02: the images that excite a unit most, middling and least."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong
from course_lib.lessons.lesson_02.numbers_of_images import image_numbers

STATEMENT = """
`activations` `(N,)` is what a unit says to N images. Return the numbers of the `count` images that
excite it **most**, of `count` from the **middle**, and of the `count` that excite it **least**: a
tensor `(3, count)`, a row for each.

The middle is that of the *order*: as many images excite the unit more than these as less (or one
more, if it does not come out even).
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


def _found(attempt: Attempt, activations: Tensor, count: int) -> list[set[int]]:
    rows = image_numbers(
        attempt(activations, count), "the numbers of the images", 2, len(activations)
    )
    if tuple(rows.shape) != (3, count):
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(rows.shape)}, where (3, {count}) is "
            "due: a row for most, middle and least."
        )
    return [set(row) for row in rows.tolist()]


def _gives_three_rows(attempt: Attempt) -> None:
    for row in _found(attempt, _activations(0), 5):
        if len(row) < 5:
            raise Wrong("One of your rows names an image twice.")


def _has_the_ends(attempt: Attempt) -> None:
    activations = _activations(1)
    most, _, least = _found(attempt, activations, 5)
    right, _, lowest = (set(row) for row in reference(activations, 5).tolist())
    if most == lowest and least == right:
        raise Wrong(
            "Most and least are exchanged: argsort begins with the smallest unless it is told "
            "descending=True."
        )
    if most != right:
        raise Wrong(
            f"Your most exciting images reach {float(activations[list(most)].max()):.2f} at best, "
            f"and there are some up to {float(activations.max()):.2f}."
        )
    quiet = set(activations.abs().argsort()[:5].tolist())
    if least == quiet:
        raise Wrong(
            "Your least exciting images are those nearest to 0, but some images are answered with "
            "less than 0: that is the least."
        )
    if least != lowest:
        raise Wrong(
            f"Your least exciting images reach down to {float(activations[list(least)].min()):.2f},"
            f" and there are some of {float(activations.min()):.2f}."
        )


def _has_the_middle(attempt: Attempt) -> None:
    for seed, count in ((2, 5), (3, 7), (4, 1)):
        activations = _activations(seed)
        _, middle, _ = _found(attempt, activations, count)
        wanted = reference(activations, count)[1].tolist()
        # with an odd number of images left over, either side may get one more
        if middle == set(wanted) or middle == set(exchanged(activations, count)[1].tolist()):
            continue
        above = int((activations > activations[list(middle)].max()).sum())
        below = int((activations < activations[list(middle)].min()).sum())
        if middle == set(halfway_in_value(activations, count)[1].tolist()):
            raise Wrong(
                f"Your middle lies halfway between the largest and the smallest response, and "
                f"{above} images excite the unit more than these, {below} less: go by the order."
            )
        raise Wrong(
            f"{above} images excite the unit more than your middle ones, and {below} less; it "
            "should be equally many."
        )


def exchanged(activations: Tensor, count: int) -> Tensor:
    order = activations.argsort()
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def by_size(activations: Tensor, count: int) -> Tensor:
    most, middle, _ = reference(activations, count)
    return torch.stack([most, middle, activations.abs().argsort()[:count]])


def halfway_in_value(activations: Tensor, count: int) -> Tensor:
    order = activations.argsort(descending=True)
    halfway = (activations.max() + activations.min()) / 2
    middle = (activations - halfway).abs().argsort()[:count]
    return torch.stack([order[:count], middle, order[-count:]])


def next_best(activations: Tensor, count: int) -> Tensor:
    order = activations.argsort(descending=True)
    return torch.stack([order[:count], order[count : 2 * count], order[-count:]])


def gives_responses(activations: Tensor, count: int) -> Tensor:
    return activations[reference(activations, count)]


EXERCISE = Exercise(
    title="most, middling, least",
    core=True,
    difficulty=1,
    minutes=5,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives three rows of image numbers", _gives_three_rows),
        Check("finds the most and the least exciting", _has_the_ends),
        Check("finds the middle of the order", _has_the_middle),
    ),
    hints=(
        "activations.argsort(descending=True) is all image numbers, from the most exciting to the "
        "least. The rest is cutting pieces out of it.",
        "The middle piece begins at (len(order) - count) // 2.",
        "torch.stack([order[:count], order[start : start + count], order[-count:]])",
    ),
    mistakes=(
        Mistake(exchanged, r"Most and least are exchanged"),
        Mistake(by_size, r"Your least exciting images are those nearest to 0"),
        Mistake(halfway_in_value, r"Your middle lies halfway between"),
        Mistake(next_best, r"\d+ images excite the unit more than your middle ones"),
        Mistake(gives_responses, r"Your function returned a tensor of shape .*decimal numbers"),
    ),
)
