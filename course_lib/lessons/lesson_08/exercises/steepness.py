"""Lesson 08: how steep a response is at each image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, Wrong, tensor

STATEMENT = """
A twin that is awake multiplies its unit's slope. So ask how steep a response is, at images and at
the pictures that an optimization made.

`respond` takes images `(N, 3, S, S)` and returns each one's response `(N,)`, which depends on that
image alone. Return how steep each response is, `(N,)`: the length of the **gradient** of an image's
response with respect to this image. The gradient has 3 · S · S numbers, and its length is the root
of the sum of their squares.

Leave `images` as they are, and return plain numbers, with no gradient attached.
"""


def reference(respond: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """The length of the gradient of each image's response, (N,)."""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.flatten(1).norm(dim=1)


_Respond = Callable[[Tensor], Tensor]


def _images(count: int, size: int) -> Tensor:
    """Images, and a little more: their numbers run from -2 to 2."""
    chances = torch.Generator().manual_seed(10 * count + size)
    return 4 * torch.rand(count, 3, size, size, generator=chances) - 2


def _straight(length: float) -> _Respond:
    """A response with the same slope everywhere: its gradient has this length."""

    def respond(images: Tensor) -> Tensor:
        flat = images.flatten(1)
        # like drawn numbers; torch.func.vmap, in an answer, could not draw
        weights = torch.sin(torch.arange(1.0, flat.shape[1] + 1) ** 2)
        return flat @ (length * weights / weights.norm()) + 2

    return respond


def _curved(images: Tensor) -> Tensor:
    """A response, at times below 0, that is steeper at some images than at others."""
    return _straight(3.0)(images).square() - 9 + _straight(1.0)(images.flip(1, 2))


def _silent(images: Tensor) -> Tensor:
    """A response that is 0, and flat, at some images."""
    return torch.relu(_straight(0.012345)(images) - 2)


def _filters(images: Tensor) -> Tensor:
    """A largest response, of filters, as in the lesson."""
    filters = torch.sin(torch.arange(16.0 * 3 * 49) ** 2).view(16, 3, 7, 7)
    return F.conv2d(images, filters).relu().sum(1).amax((1, 2))


def _plain(value: Any, what: str) -> Tensor:
    found = tensor(value, what)
    if found.requires_grad:
        raise Wrong(
            "What you return still has a gradient attached, so that .numpy() is an error: leave "
            "create_graph out, or return it after .detach()."
        )
    return found


def _told(found: Tensor, wanted: Tensor, _respond: _Respond, images: Tensor) -> str:
    what = "one image" if len(images) == 1 else f"{len(images)} images"
    return (
        f"For {what} of {images.shape[2]} x {images.shape[2]} pixels, with gradients of length "
        f"{_listed(wanted)}, you give {_listed(found)}:"
    )


def _listed(values: Tensor) -> str:
    return ", ".join(f"{value:.4g}" for value in values.tolist())


def _slope(respond: _Respond, images: Tensor) -> Tensor:
    """The gradient of all that is responded, summed, with regard to the images."""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g


_ONE = [(_straight(5.0), _images(1, 6)), (_straight(0.5), _images(1, 3))]
_SEVERAL = [(_curved, _images(4, 6)), (_curved, _images(3, 2))]
_OTHERS = [
    *((_curved, _images(1, 1)), (_curved, _images(7, 4)), (_filters, _images(8, 64))),
    (_silent, _images(9, 5)),
]
_LENGTH = "take the gradient of the response at these images, sum its squares, take the root."
_OWN = "each image gets the length of its own gradient, 0 where its response is flat."
_SLOW = "let torch.autograd.grad find all 12,288 slopes of an image at once, not one by one."
_LENGTHS = (
    Mistake(lambda f, x: _slope(f, x).abs().sum((1, 2, 3)),
        "you sum the absolute values; a length sums the squares and takes a root."),
    Mistake(lambda f, x: _slope(f, x).abs().amax((1, 2, 3)),
        "that is the largest of the slopes; a length counts all of them."),
    Mistake(lambda f, x: _slope(f, x).square().sum((1, 2, 3)),
        "that is the squared length, and the root is missing."),
    Mistake(lambda f, x: _slope(f, x).square().mean((1, 2, 3)).sqrt(),
        "that is the root of the mean of the squares; a length takes the root of their sum."),
    Mistake(lambda f, x: (f(x + 0.01) - f(x)).abs() / (0.01 * x[0].numel() ** 0.5),
        "you move along one direction, and most of a slope can lie across it. The gradient knows "
        "all directions."),
)  # fmt: skip
_APART = (
    Mistake(lambda f, x: reference(f, x) / len(x),
        "a mean over N responses divides each gradient by N; sum them."),
    Mistake(lambda f, x: reference(lambda x: f(x)[:1], x),
        "you differentiate the first response alone, and it does not depend on the other images."),
)  # fmt: skip

EXERCISE = Exercise(
    title="how steep is it here?",
    core=True,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(_plain, "the steepness at each image (a norm over its 3 · S · S slopes)"),
    checks=(
        Agrees("is the length of the gradient", _ONE, _told, _LENGTH, _LENGTHS),
        Agrees("keeps several images apart", _SEVERAL, _told, _OWN, _APART),
        Agrees("holds for other images and responses", _OTHERS, _told, _OWN, slow=_SLOW),
    ),
    hints=(
        "PyTorch differentiates one number. Each response depends on its own image alone, so the "
        "gradient of the sum of all responses holds the gradient of each, image by image.",
        "Work on a copy: x = images.clone().requires_grad_(True). Then (g,) = "
        "torch.autograd.grad(respond(x).sum(), x) has the shape of the images.",
        "g.flatten(1) has a row for each image; .norm(dim=1) is the length of each row.",
    ),
)
