"""Lesson 08: how steep a response is at each image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import (
    Agrees,
    Attempt,
    Check,
    Exercise,
    Gives,
    Mistake,
    Wrong,
    tensor,
)

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


def _weights(count: int) -> Tensor:
    """Numbers like drawn ones; torch.func.vmap, in an answer, could not draw."""
    return torch.sin(torch.arange(1.0, count + 1) ** 2)


def _straight(length: float) -> _Respond:
    """A response with the same slope everywhere: its gradient has this length."""

    def respond(images: Tensor) -> Tensor:
        flat = images.flatten(1)
        weights = _weights(flat.shape[1])
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
    return F.conv2d(images, _weights(16 * 3 * 49).view(16, 3, 7, 7)).relu().sum(1).amax((1, 2))


def _plain(value: Any, what: str) -> Tensor:
    found = tensor(value, what)
    if found.requires_grad:
        raise Wrong(
            "What you return still has a gradient attached, so that .numpy() is an error: leave "
            "create_graph out, or return it after .detach()."
        )
    return found


def _gives_one_for_each(attempt: Attempt) -> None:
    for count, size in ((4, 6), (2, 5), (1, 3)):
        found = attempt(_curved, _images(count, size))
        why = ""
        if count > 1 and found.numel() == 1:
            why = " Your norm runs over all images together; flatten(1) keeps a row for each."
        elif found.shape == (count, size, size):
            why = (
                f" Your norm runs over the 3 colours; all {3 * size**2} numbers of an image count."
            )
        if found.shape != (count,):
            raise Wrong(
                f"Your function returned a tensor of shape {tuple(found.shape)} for images "
                f"({count}, 3, {size}, {size}), where the steepness at each image should have "
                f"shape ({count},).{why}"
            )


def _told(found: Tensor, wanted: Tensor, _respond: _Respond, images: Tensor) -> str:
    what = "one image" if len(images) == 1 else f"{len(images)} images"
    return (
        f"For {what} of {images.shape[2]} x {images.shape[2]} pixels, with gradients of length "
        f"{_listed(wanted)}, you give {_listed(found)}:"
    )


def _listed(values: Tensor) -> str:
    shown = [f"{value:.4g}" for value in values.tolist()]
    return ", ".join(shown if len(shown) < 10 else [*shown[:3], "...", shown[-1]])


def _slope(respond: _Respond, images: Tensor, graph: bool = False) -> Tensor:
    """The gradient of all that is responded, summed, with regard to the images."""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x, create_graph=graph)
    return g


_ONE = [(_straight(5.0), _images(1, 6)), (_straight(0.5), _images(1, 3))]
_SEVERAL = [(_curved, _images(4, 6)), (_curved, _images(3, 2))]
_OTHERS = [
    *((_curved, _images(1, 1)), (_curved, _images(7, 4)), (_filters, _images(8, 64))),
    (_silent, _images(9, 5)),
]
_LENGTH = (
    "take the gradient of the response at these very images, sum its squares, and take the root."
)
_OWN = "each image gets the length of its own gradient, 0 where its response is flat."


def one_direction(respond: _Respond, images: Tensor) -> Tensor:
    step = torch.full_like(images, 0.01)
    return (respond(images + step) - respond(images)).abs() / step.flatten(1).norm(dim=1)


_SHAPES = (
    Mistake(lambda f, x: _slope(f, x).norm(), "Your norm runs over all images together"),
    Mistake(lambda f, x: _slope(f, x).norm(dim=1), "Your norm runs over the 3 colours"),
    Mistake(
        lambda f, x: _slope(f, x, True).flatten(1).norm(dim=1), "still has a gradient attached"
    ),
)
_LENGTHS = (
    Mistake(lambda f, x: _slope(f, x).abs().sum((1, 2, 3)),
        "you sum the absolute values; a length sums the squares and takes a root."),
    Mistake(lambda f, x: _slope(f, x).abs().amax((1, 2, 3)),
        "that is the largest of the slopes; a length counts all of them."),
    Mistake(lambda f, x: _slope(f, x).square().sum((1, 2, 3)),
        "that is the squared length, and the root is missing."),
    Mistake(lambda f, x: _slope(f, x).square().mean((1, 2, 3)).sqrt(),
        "that is the root of the mean of the squares; a length takes the root of their sum."),
    Mistake(one_direction,
        "you move along one direction, and most of a slope can lie across it. The gradient knows "
        "all directions."),
)  # fmt: skip
_APART = (
    Mistake(lambda f, x: reference(f, x) / len(x),
        "a mean over N responses divides each gradient by N; sum them."),
    Mistake(lambda f, x: _slope(lambda x: f(x)[0], x).flatten(1).norm(dim=1),
        "you differentiate the first response alone, and it does not depend on the other images."),
    Mistake(lambda f, x: _slope(lambda x: f(x).max(), x).flatten(1).norm(dim=1),
        "you differentiate the largest response alone; each image has its own."),
)  # fmt: skip

EXERCISE = Exercise(
    title="how steep is it here?",
    core=True,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(_plain, "the steepness at each image"),
    checks=(
        Check("gives a number for each image", _gives_one_for_each, _SHAPES),
        Agrees("is the length of the gradient", _ONE, _told, _LENGTH, _LENGTHS),
        Agrees("keeps several images apart", _SEVERAL, _told, _OWN, _APART),
        Agrees(
            "holds for other images and responses",
            _OTHERS,
            _told,
            _OWN,
            slow="an image of 64 x 64 pixels has 12,288 slopes. Let torch.autograd.grad find all "
            "of them at once, in place of one after the other.",
        ),
    ),
    hints=(
        "PyTorch differentiates one number. Each response depends on its own image alone, so the "
        "gradient of the sum of all responses holds the gradient of each, image by image.",
        "Work on a copy: x = images.clone().requires_grad_(True). Then (g,) = "
        "torch.autograd.grad(respond(x).sum(), x) has the shape of the images.",
        "g.flatten(1) has a row for each image; .norm(dim=1) is the length of each row.",
    ),
)
