"""Lesson 04: how far beyond all images does a picture drive a unit?"""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

STATEMENT = """
`on_images` `(N, U)` holds the largest response of each of `U` units to each of `N` images, and
`on_picture` `(U,)` each unit's largest response to its own visualization. Return for every unit how
far its picture goes beyond the images, `(U,)`: 0 is the unit's mean over the images, 1 its largest
response to any of them.
"""


def reference(on_images: Tensor, on_picture: Tensor) -> Tensor:
    """How far each picture goes beyond the images: 0 is their mean, 1 their largest response."""
    mean, largest = on_images.mean(0), on_images.amax(0)
    return (on_picture - mean) / (largest - mean)


def _case(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(50, 5, generator=generator) * torch.tensor([1.0, 4, 0.3, 2, 9])
    images = images + torch.tensor([-8.0, 30, 2, 0, -3])
    return images, images.amax(0) + torch.tensor([2.0, -3, 1, 30, 5])


def _has_its_marks(attempt: Attempt) -> None:
    images, picture = _case(0)
    mean, largest = images.mean(0), images.amax(0)
    found = attempt(images, picture)
    if torch.allclose(found, picture / largest, rtol=1e-4):
        raise Wrong(
            "You divide the largest responses; a unit whose responses are all negative comes out "
            "upside down. Measure both from the mean."
        )
    if torch.allclose(found, (picture - largest) / (largest - mean), rtol=1e-4):
        raise Wrong("The largest response to an image should come out as 1, and does as 0.")
    if torch.allclose(found, (picture - mean) / images.std(0), rtol=1e-3):
        raise Wrong(
            "You measure in standard deviations; here 1 is the largest response to any image."
        )
    if torch.allclose(found, all_units_alike(images, picture), rtol=1e-4):
        raise Wrong("You take one mean and one maximum for all units: each has its own.")
    for name, value, wanted in (("mean", mean, 0.0), ("largest", largest, 1.0)):
        got = float(attempt(images, value)[0])
        if abs(got - wanted) > 1e-4:
            raise Wrong(
                f"A unit's {name} response to images comes out as {got:.2f}, not {wanted:g}."
            )


def _is_straight(attempt: Attempt) -> None:
    for seed in (1, 2):
        images, picture = _case(seed)
        found, wanted = attempt(images, picture), reference(images, picture)
        if not torch.allclose(found, wanted, rtol=1e-3, atol=1e-4):
            worst = int((found - wanted).abs().argmax())
            raise Wrong(
                f"A picture that should come out as {wanted[worst]:.2f} comes out as "
                f"{found[worst]:.2f}."
            )


def ratio(on_images: Tensor, on_picture: Tensor) -> Tensor:
    return on_picture / on_images.amax(0)


def from_the_largest(on_images: Tensor, on_picture: Tensor) -> Tensor:
    mean, largest = on_images.mean(0), on_images.amax(0)
    return (on_picture - largest) / (largest - mean)


def standard_deviations(on_images: Tensor, on_picture: Tensor) -> Tensor:
    return (on_picture - on_images.mean(0)) / on_images.std(0)


def all_units_alike(on_images: Tensor, on_picture: Tensor) -> Tensor:
    mean, largest = on_images.mean(), on_images.amax()
    return (on_picture - mean) / (largest - mean)


EXERCISE = Exercise(
    title="beyond every image",
    core=False,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check(
            "gives a number for each unit",
            lambda attempt: tensor(attempt(*_case(0)), "how far each picture goes", (5,)),
        ),
        Check("is 0 at the mean and 1 at the largest", _has_its_marks),
        Check("is straight in between and beyond", _is_straight),
    ),
    hints=(
        "A scale with two marks: (value - zero) / (one - zero).",
        "Both marks are the unit's own: on_images.mean(0) and on_images.amax(0).",
    ),
    mistakes=(
        Mistake(ratio, r"You divide the largest responses"),
        Mistake(from_the_largest, r"The largest response to an image should come out as 1"),
        Mistake(standard_deviations, r"You measure in standard deviations"),
        Mistake(all_units_alike, r"You take one mean and one maximum for all units"),
    ),
)
