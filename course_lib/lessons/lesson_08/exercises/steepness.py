"""Lesson 08: how steep a response is at each image.

A twin that is awake multiplies its unit's slope. So ask how steep a response is, at images and at
the pictures that an optimization made.

`respond` takes images `(N, 3, S, S)` and returns each one's response `(N,)`, which depends on that
image alone. Return how steep each response is, `(N,)`: the length of the **gradient** of an image's
response with respect to this image. The gradient has 3 · S · S numbers, and its length is the root
of the sum of their squares.

Leave `images` as they are, and return plain numbers, with no gradient attached.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, Wrong, listed, tensor
from course_lib.lessons.lesson_08 import responses
from course_lib.lessons.lesson_08.responses import Respond, curved, drawn_images


def reference(respond: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """The length of the gradient of each image's response, (N,)."""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.flatten(1).norm(dim=1)


def _plain(value: Any, what: str) -> Tensor:
    found = tensor(value, what)
    if found.requires_grad:
        raise Wrong(
            "What you return still has a gradient attached, so that .numpy() is an error: leave "
            "create_graph out, or return it after .detach()."
        )
    return found


def _told(found: Tensor, wanted: Tensor, respond: Respond, images: Tensor) -> str:
    what, slopes = "one image" if len(images) == 1 else f"{len(images)} images", ""
    if len(images) == 1 and images.numel() < 13:
        slopes = f", with the slopes {listed(_slope(respond, images).flatten())}"
    return (
        f"For {what} of {images.shape[2]} x {images.shape[2]} pixels, with numbers from "
        f"{images.min():.2g} to {images.max():.2g}, responses of {listed(respond(images))}{slopes}"
        f" and gradients of length {listed(wanted)}, you give {listed(found)}:"
    )


def _slope(respond: Respond, images: Tensor) -> Tensor:
    """The gradient of all that is responded, summed, with regard to the images."""
    x = images.clone().requires_grad_(True)
    return torch.autograd.grad(respond(x).sum(), x)[0]


_INSIDE = [
    *((responses.colours, drawn_images(1, n, 0.1, 0.9)) for n in (1, 2, 3)),
    (responses.straight(5.0), drawn_images(1, 6, 0.1, 0.9)),
]
_OUTSIDE = [(responses.colours, drawn_images(1, 2)), (responses.straight(5.0), drawn_images(1, 3))]
_SEVERAL = [(curved, drawn_images(n, size)) for n, size in ((4, 6), (3, 2), (7, 4))]
_FLAT = [(responses.silent, drawn_images(9, 5)), (curved, drawn_images(1, 1))]
_FLAT += [(responses.filtered, drawn_images(8, 64))]
_AT_ONE = "is the length of the gradient at one image, of a response above 0"
_LENGTH = "square all 3 · S · S slopes of the response, sum the squares, take the root."
_FREE = "these images go below 0 and above 1. Differentiate at these very images, not clamped ones."
_OWN = "each image gets the length of its own gradient, whatever it and the others respond."
_ZERO = "the root of the sum of the squares, and nothing added: 0 where a response is flat."
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
    Mistake(lambda f, x: _slope(f, x).flatten(2).norm(dim=2).mean(1),
        "you take a length for each colour, and the mean; one length is due, over all slopes."),
    Mistake(lambda f, x: reference(f, x) / f(x).abs(), "you divide by the response."),
    Mistake(lambda f, x: (_slope(f, x) * x).flatten(1).norm(dim=1),
        "you multiply the gradient by the image."),
    Mistake(lambda f, x: (f(x + 0.01) - f(x)).abs() / (0.01 * x[0].numel() ** 0.5),
        "you move along one direction, and most of a slope can lie across it. The gradient knows "
        "all directions."),
)  # fmt: skip
_APART = (
    Mistake(lambda f, x: reference(f, x) / len(x),
        "a mean over N responses divides each gradient by N; sum them."),
    Mistake(lambda f, x: reference(lambda x: f(x)[:1], x),
        "you differentiate the first response alone, and it does not depend on the other images."),
    Mistake(lambda f, x: reference(lambda x: f(x).max(), x),
        "you differentiate the largest response alone. Sum all of them."),
    Mistake(lambda f, x: reference(lambda x: f(x).relu(), x),
        "you cut responses off below 0. These are as steep as others."),
    Mistake(lambda f, x: reference(f, x.mean(0, keepdim=True)).expand(len(x)),
        "you differentiate at the mean of the images. Do it at each of them."),
    Mistake(lambda f, x: (reference(f, x).square().mean().sqrt()).expand(len(x)),
        "you take one length over all images; each has its own."),
)  # fmt: skip

EXERCISE = Exercise(
    title="how steep is it here?",
    core=True,
    difficulty=3,
    minutes=8,
    reference=reference,
    gives=Gives(_plain, "the steepness at each image (a norm over its 3 · S · S slopes)"),
    checks=(
        Agrees(_AT_ONE, _INSIDE, _told, _LENGTH, _LENGTHS),
        Agrees("is so for pixels below 0 and above 1, too", _OUTSIDE, _told, _FREE),
        Agrees("keeps several images apart", _SEVERAL, _told, _OWN, _APART),
        Agrees("holds where it is flat, and for large images", _FLAT, _told, _ZERO, slow=_SLOW),
    ),
    hints=(
        "PyTorch differentiates one number. Each response depends on its own image alone, so the "
        "gradient of the sum of all responses holds the gradient of each, image by image.",
        "Work on a copy: x = images.clone().requires_grad_(True). Then (g,) = "
        "torch.autograd.grad(respond(x).sum(), x) has the shape of the images.",
        "g.flatten(1) has a row for each image; .norm(dim=1) is the length of each row.",
    ),
)
