"""Lesson 04: how far beyond all images does a picture drive a unit?

`on_images` `(N, U)` holds the largest response of each of `U` units to each of `N` images, and
`on_picture` `(U,)` each unit's largest response to its own visualization. Return for every unit how
far its picture goes beyond the images, `(U,)`: 0 is the unit's mean over the images, 1 its largest
response to any of them. The scale is straight and goes on below 0 and above 1.
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows, tensor


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
_OTHERS = [(_LARGE, torch.where(even, _LARGE.mean(0), _LARGE.amax(0))) for even in (_EVEN, ~_EVEN)]
_ANYWHERE = [
    (_LARGE, _LARGE.amax(0) + torch.tensor([2.0, -3, 1, 30, 5])),
    (_LARGE, _LARGE.mean(0) - torch.tensor([2.0, 3, 1, 30, 5])),
    (_SQUARE, _SQUARE.mean(0) + torch.tensor([0.1, 30, -9, 2])),
    (_ONE, _ONE.amax(0) + 100),
    (_images(2, 7).double() / 1e3, -_images(2, 7)[1].double() / 1e3),
]


def _between(zero: Tensor, one: Tensor, picture: Tensor) -> Tensor:
    return (picture - zero) / (one - zero)


def _begin(found: Tensor, wanted: Tensor, images: Tensor, picture: Tensor) -> str:
    worst = int((found - wanted).abs().argmax())
    mean, largest, said = images.mean(0)[worst], images.amax(0)[worst], picture[worst]
    return (
        f"A unit's responses to {len(images)} images have a mean of {mean:.4g}, and the largest, "
        f"{largest:.4g}, lies {largest - mean:.4g} above it; its response to its picture, "
        f"{said:.4g}, lies {abs(said - mean):.4g} {'above' if said >= mean else 'below'} it. That "
        f"should come out as {wanted[worst]:.4g}, and does as {found[worst]:.4g}:"
    )


_ROWS: Rows = {
    "you divide the largest responses; a unit whose responses are all negative comes out upside "
    "down. Measure both from the mean.": lambda i, p: p / i.amax(0),
    "that is the ratio of the largest responses, less 1: measure both from the mean, and divide "
    "then.": lambda i, p: p / i.amax(0) - 1,
    "you measure from the largest response, and 0 is the mean.":
        lambda i, p: (p - i.amax(0)) / (i.amax(0) - i.mean(0)),
    "that is in standard deviations; here 1 is the largest response to any image.":
        lambda i, p: (p - i.mean(0)) / i.std(0),
    "you measure in standard deviations; here 1 is the largest response to any image.":
        lambda i, p: (p - i.mean(0)) / i.std(0, correction=0),
    "you take one mean and one maximum for all units: each has its own.":
        lambda i, p: _between(i.mean(), i.amax(), p),
    "your 1 is the largest response of any unit: each unit has its own.":
        lambda i, p: _between(i.mean(0), i.amax(), p),
    "you take mean and maximum along the wrong axis, over an image's units: they are due over the "
    "images, axis 0.": lambda i, p: _between(i.mean(1), i.amax(1), p),
    "your 1 is the largest absolute value, and what is far below 0 is not large.":
        lambda i, p: _between(i.mean(0), i.abs().amax(0), p),
    "your 0 is the smallest, not the mean.": lambda i, p: _between(i.amin(0), i.amax(0), p),
    "your 0 is a median, not a mean.": lambda i, p: _between(i.median(0).values, i.amax(0), p),
    "your difference is right: divide it by largest - mean.": lambda i, p: p - i.mean(0),
    "your scale is upside down.": lambda i, p: _between(i.amax(0), i.mean(0), p),
}  # fmt: skip
_CUT: Rows = {
    "you cut off what is below 0 and above 1, and beyond 1 is the point.":
        lambda i, p: reference(i, p).clamp(0, 1),
    "you cut off what is below 0, where a picture does less than the mean image.":
        lambda i, p: reference(i, p).clamp(min=0),
    "below the mean the scale goes on below 0: leave the sign.": lambda i, p: reference(i, p).abs(),
}  # fmt: skip
_RULE = (
    "divide how far the picture lies from the mean by how far the largest does, each from this "
    "very unit, with nothing added to the one or the other."
)

EXERCISE = Exercise(
    title="beyond every image",
    core=False,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(tensor, "how far each picture goes"),
    checks=(
        Agrees(
            "is 0 at a unit's mean over the images and 1 at its largest response to any",
            # as many units as images: an average over the wrong ones has this shape, too
            [(_SQUARE, torch.where(_EVEN[:4], _SQUARE.amax(0), _SQUARE.mean(0)))],
            _begin,
            _RULE,
            rows(_ROWS),
        ),
        Agrees("is so for another number of units", _OTHERS, _begin, _RULE, rows(_ROWS)),
        Agrees(
            "is straight in between and beyond, for any numbers of images and units",
            _ANYWHERE,
            _begin,
            "what is right at 0 and 1 holds beyond, too: divide the one distance by the other, "
            "with nothing added to either, not even 1e-8, and change nothing after that.",
            rows(_CUT),
        ),
    ),
    hints=(
        "A scale with two marks: (value - zero) / (one - zero).",
        "Both marks are the unit's own: on_images.mean(0) and on_images.amax(0).",
    ),
)
