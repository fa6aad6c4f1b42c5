"""Lesson 08: how steep a response is at each image."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame, tensor

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


def _images(count: int, seed: int) -> Tensor:
    return torch.rand(count, 3, 6, 6, generator=torch.Generator().manual_seed(seed))


def _weights(length: float, seed: int) -> Tensor:
    weights = torch.randn(3 * 6 * 6, generator=torch.Generator().manual_seed(seed))
    return length * weights / weights.norm()


def _straight(images: Tensor) -> Tensor:
    """A response with the same slope everywhere: its gradient has length 5."""
    return images.flatten(1) @ _weights(5.0, seed=1) + 2


def _curved(images: Tensor) -> Tensor:
    """A response that is steeper at some images than at others."""
    flat = images.flatten(1)
    return (flat @ _weights(3.0, seed=2)).square() + flat @ _weights(1.0, seed=3)


def _found(attempt: Attempt, respond: _Respond, images: Tensor) -> Tensor:
    return tensor(attempt(respond, images), "the steepness at each image", (len(images),))


def _gives_one_for_each(attempt: Attempt) -> None:
    images = _images(4, seed=0)
    value = attempt(_curved, images)
    if isinstance(value, Tensor) and value.shape == ():
        raise Wrong(
            f"For 4 images you return one number, {float(value):.3g}: your norm runs over all "
            "images together. flatten(1) keeps a row for each."
        )
    if isinstance(value, Tensor) and value.shape == (4, 6, 6):
        raise Wrong(
            "For 4 images of 6 x 6 pixels you return a tensor of shape (4, 6, 6), a number for "
            "each pixel: your norm runs over the 3 colours, and all 108 numbers of an image count."
        )
    found = tensor(value, "the steepness at each image", (4,))
    if found.requires_grad:
        raise Wrong(
            "What you return still has a gradient attached, so that .numpy() is an error: leave "
            "create_graph out, or return it after .detach()."
        )
    if found.min() < 0:
        raise Wrong(f"For one image you give {float(found.min()):.3g}, and no length is below 0.")


def _of_one_image(attempt: Attempt) -> None:
    images = _images(1, seed=4)
    found = float(_found(attempt, _straight, images))
    if abs(found - 5) <= 5e-3:
        return
    told = f"For one image whose gradient has length 5, you give {found:.3g}: "
    reasons = {
        sum_of_sizes: "you sum the absolute values; a length sums the squares and takes a root.",
        largest_size: "that is the largest of the 108 slopes; a length counts all of them.",
        squared_length: "that is the squared length, and the root is missing.",
        one_direction: "you move along one direction, and most of a slope can lie across it. The "
        "gradient knows all directions.",
    }
    otherwise = "take the root of the sum of all squared slopes."
    blame(
        told,
        lambda made: abs(found - float(made(_straight, images))) <= 1e-3 * found,
        reasons,
        otherwise,
    )


def _of_several(attempt: Attempt) -> None:
    images = _images(4, seed=5)
    found, wanted = _found(attempt, _curved, images), reference(_curved, images)
    if _all_same(found, wanted):
        return
    told = f"For 4 images you give {_listed(found)}, and it should be {_listed(wanted)}: "
    reasons = {
        mean_of_responses: "that is a quarter of it everywhere. A mean over 4 responses divides "
        "each gradient by 4; sum them.",
        first_response: "you differentiate the first response alone, and it does not depend on "
        "the other images.",
    }
    otherwise = "each image gets the length of its own gradient."
    blame(told, lambda made: _all_same(found, made(_curved, images)), reasons, otherwise)


def _leaves_the_images(attempt: Attempt) -> None:
    images = _images(3, seed=6)
    call = attempt.call(_curved, images)
    given = call.given[1]
    if not torch.equal(given.detach(), images):
        most = float((given.detach() - images).abs().max())
        raise Wrong(
            f"Your function changes the images that it is given, by up to {most:.3g}: work on "
            "images.clone()."
        )
    if given.requires_grad:
        raise Wrong(
            "You switch the gradient on in the images that you are given, and there it stays, so "
            "that images.numpy() is an error afterwards: work on images.clone()."
        )


def _of_any(attempt: Attempt) -> None:
    for count in (1, 2, 7):
        images = 4 * _images(count, seed=6 + count) - 2
        found, wanted = _found(attempt, _curved, images), reference(_curved, images)
        if not _all_same(found, wanted):
            raise Wrong(
                f"For {count} images you give {_listed(found)}, and it should be {_listed(wanted)}."
            )


def _all_same(found: Tensor, wanted: Tensor) -> bool:
    return torch.allclose(found.double(), wanted.double(), rtol=1e-3, atol=1e-6)


def _listed(values: Tensor) -> str:
    shown = [f"{value:.3g}" for value in values.tolist()]
    return ", ".join(shown if len(shown) < 6 else [*shown[:3], "...", shown[-1]])


def whole_batch(respond: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.norm()


def mean_of_responses(respond: _Respond, images: Tensor) -> Tensor:
    return _slope(lambda x: respond(x).mean(), images).norm(dim=1)


def first_response(respond: _Respond, images: Tensor) -> Tensor:
    return _slope(lambda x: respond(x)[0], images).norm(dim=1)


def sum_of_sizes(respond: _Respond, images: Tensor) -> Tensor:
    return _slope(lambda x: respond(x).sum(), images).abs().sum(1)


def largest_size(respond: _Respond, images: Tensor) -> Tensor:
    return _slope(lambda x: respond(x).sum(), images).abs().amax(1)


def squared_length(respond: _Respond, images: Tensor) -> Tensor:
    return _slope(lambda x: respond(x).sum(), images).square().sum(1)


def colours_only(respond: _Respond, images: Tensor) -> Tensor:
    return _slope(lambda x: respond(x).sum(), images).view_as(images).norm(dim=1)


def _slope(number: _Respond, images: Tensor) -> Tensor:
    """The gradient of a number that the images give, a row for each image."""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(number(x), x)
    return g.flatten(1)


def one_direction(respond: _Respond, images: Tensor) -> Tensor:
    step = torch.full_like(images, 0.01)
    change = (respond(images + step) - respond(images)).abs()
    return change / step.flatten(1).norm(dim=1)


def keeps_the_graph(respond: _Respond, images: Tensor) -> Tensor:
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x, create_graph=True)
    return g.flatten(1).norm(dim=1)


def on_the_given(respond: _Respond, images: Tensor) -> Tensor:
    x = images.requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.flatten(1).norm(dim=1)


EXERCISE = Exercise(
    title="how steep is it here?",
    core=True,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a number for each image", _gives_one_for_each),
        Check("is the length of the gradient", _of_one_image),
        Check("keeps several images apart", _of_several),
        Check("leaves the images as they are", _leaves_the_images),
        Check("holds for any number of images", _of_any),
    ),
    hints=(
        "PyTorch differentiates one number. Each response depends on its own image alone, so the "
        "gradient of the sum of all responses holds the gradient of each, image by image.",
        "Work on a copy: x = images.clone().requires_grad_(True). Then (g,) = "
        "torch.autograd.grad(respond(x).sum(), x) has the shape of the images.",
        "g.flatten(1) has a row for each image; .norm(dim=1) is the length of each row.",
    ),
    mistakes=(
        Mistake(whole_batch, r"For 4 images you return one number"),
        Mistake(mean_of_responses, r"For 4 images you give .*: that is a quarter of it"),
        Mistake(first_response, r"For 4 images you give .*: you differentiate the first"),
        Mistake(sum_of_sizes, r"For one image .*: you sum the absolute values"),
        Mistake(largest_size, r"For one image .*: that is the largest of the 108"),
        Mistake(squared_length, r"For one image .* you give 25: that is the squared length"),
        Mistake(colours_only, r"For 4 images of 6 x 6 pixels you return"),
        Mistake(one_direction, r"For one image .*: you move along one direction"),
        Mistake(keeps_the_graph, r"What you return still has a gradient attached"),
        Mistake(on_the_given, r"You switch the gradient on in the images"),
    ),
)
