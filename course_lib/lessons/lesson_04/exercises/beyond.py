"""Lesson 04: how far beyond all images does a picture drive a unit?"""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, tensor

STATEMENT = """
`on_images` `(N, U)` holds the largest response of each of `U` units to each of `N` images, and
`on_picture` `(U,)` each unit's largest response to its own visualization. Return for every unit how
far its picture goes beyond the images, `(U,)`: 0 is the unit's mean over the images, 1 its largest
response to any of them. The scale is straight and goes on below 0 and above 1.
"""


def reference(on_images: Tensor, on_picture: Tensor) -> Tensor:
    """How far each picture goes beyond the images: 0 is their mean, 1 their largest response."""
    mean, largest = on_images.mean(0), on_images.amax(0)
    return (on_picture - mean) / (largest - mean)


def _images(count: int, units: int) -> Tensor:
    """Responses of units that differ in height and spread; some are negative throughout."""
    noise = torch.randn(count, units, generator=torch.Generator().manual_seed(count))
    place = torch.arange(units)
    return noise * torch.tensor([1.0, 4, 0.3, 2, 9])[place % 5] + 12 * (place - 1.5)


_LARGE, _SQUARE, _ONE = _images(50, 5), _images(4, 4), _images(7, 1)
_EVEN = torch.arange(5) % 2 == 0


def _begin(found: Tensor, wanted: Tensor, images: Tensor, picture: Tensor) -> str:
    worst = int((found - wanted).abs().argmax())
    mean, largest = images.mean(0)[worst], images.amax(0)[worst]
    return (
        f"A unit whose responses to {len(images)} images have a mean of {mean:.4g} and go up to "
        f"{largest:.4g} responds to its picture by {picture[worst]:.4g}. That should come out as "
        f"{wanted[worst]:.4g}, and does as {found[worst]:.4g}:"
    )


EXERCISE = Exercise(
    title="beyond every image",
    core=False,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(tensor, "how far each picture goes"),
    checks=(
        Agrees(
            "is 0 at the mean and 1 at the largest",
            [
                (_LARGE, torch.where(_EVEN, _LARGE.mean(0), _LARGE.amax(0))),
                (_LARGE, torch.where(_EVEN, _LARGE.amax(0), _LARGE.mean(0))),
            ],
            _begin,
            "0 is the unit's mean over the images, and 1 its largest response to any.",
            (
                Mistake(
                    lambda i, p: p / i.amax(0),
                    "you divide the largest responses; a unit whose responses are all negative "
                    "comes out upside down. Measure both from the mean.",
                ),
                Mistake(
                    lambda i, p: (p - i.amax(0)) / (i.amax(0) - i.mean(0)),
                    "you measure from the largest response, and 0 is the mean.",
                ),
                Mistake(
                    lambda i, p: (p - i.mean(0)) / i.std(0),
                    "you measure in standard deviations; here 1 is the largest response to any "
                    "image.",
                ),
                Mistake(
                    lambda i, p: (p - i.mean(0)) / i.std(0, correction=0),
                    "that is in standard deviations; here 1 is the largest response to any image.",
                ),
                Mistake(
                    lambda i, p: (p - i.mean()) / (i.amax() - i.mean()),
                    "you take one mean and one maximum for all units: each has its own.",
                ),
                Mistake(
                    lambda i, p: (p - i.amin(0)) / (i.amax(0) - i.amin(0)),
                    "your 0 is the smallest response, and should be the mean.",
                ),
                Mistake(
                    lambda i, p: (p - i.median(0).values) / (i.amax(0) - i.median(0).values),
                    "your 0 is the median, and should be the mean.",
                ),
                Mistake(
                    lambda i, p: p - i.mean(0),
                    "that is still in units of the response: divide by largest - mean.",
                ),
                Mistake(
                    lambda i, p: (i.amax(0) - p) / (i.amax(0) - i.mean(0)),
                    "your scale is upside down.",
                ),
            ),
        ),
        Agrees(
            "is straight in between and beyond, for any numbers of images and units",
            [
                (_LARGE, _LARGE.amax(0) + torch.tensor([2.0, -3, 1, 30, 5])),
                (_LARGE, _LARGE.mean(0) - torch.tensor([2.0, 3, 1, 30, 5])),
                (_SQUARE, _SQUARE.mean(0) + torch.tensor([0.1, 30, -9, 2])),
                (_ONE, _ONE.amax(0) + 100),
                (_images(2, 7).double() / 1e3, -_images(2, 7)[1].double() / 1e3),
            ],
            _begin,
            "the same straight scale holds for every unit, (value - zero) / (one - zero).",
            (
                Mistake(
                    lambda i, p: reference(i, p).clamp(0, 1),
                    "you cut off what is below 0 and above 1, and beyond 1 is the point.",
                ),
                Mistake(
                    lambda i, p: reference(i, p).clamp(min=0),
                    "you cut off what is below 0, where a picture does less than the mean image.",
                ),
                Mistake(
                    lambda i, p: reference(i, p).abs(),
                    "below the mean the scale goes on below 0: leave the sign.",
                ),
            ),
        ),
    ),
    hints=(
        "A scale with two marks: (value - zero) / (one - zero).",
        "Both marks are the unit's own: on_images.mean(0) and on_images.amax(0).",
    ),
)
