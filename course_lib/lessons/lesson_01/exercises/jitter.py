"""Lesson 01: move each picture a little before the network sees it."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong, tensor

STATEMENT = """
Write the simplest of these transformations. Each of the `images` `(B, 3, S, S)` moves by its own
random number of whole pixels, from `-pixels` to `pixels` (both can be drawn), up or down, and by
another one left or right; what leaves on one side comes back on the other, which `torch.roll` does
for you. Draw the numbers from `generator`, so that a seed brings the same pictures back.
"""


def reference(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    """Move each image at random by up to so many pixels in both directions."""
    moved = []
    for image in images:
        down, right = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        moved.append(torch.roll(image, (down, right), dims=(1, 2)))
    return torch.stack(moved)


def _noise(count: int, size: int = 9) -> Tensor:
    """Images in which no two pixels are alike; the first of all is the brightest."""
    images = torch.rand(count, 3, size, size, generator=_seeded(count)) + 0.1
    images[:, 0, 0, 0] = 2
    return images


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _places(images: Tensor, moved: Tensor) -> Tensor:
    """(B, 2): how far each image has come, down and right."""
    shape, due = tuple(moved.shape), tuple(images.shape)
    if shape != due:
        raise Wrong(f"Your function returned shape {shape}, where {due} is due.")
    moved, size = moved.detach().to(images), images.shape[2]
    brightest = moved[:, 0].flatten(1).argmax(1)
    places = torch.stack([brightest // size, brightest % size], 1)
    rolled = [i.roll(place, (1, 2)) for i, place in zip(images, places.tolist(), strict=True)]
    if not moved.allclose(torch.stack(rolled), atol=1e-4):
        same = moved.flatten(1).sort().values.allclose(images.flatten(1).sort().values)
        raise Wrong(
            "The colours changed places: red, green and blue are a dimension too, and only height "
            "and width should move (dims=(1, 2) of one image, (2, 3) of all)."
            if same and not moved.mean((2, 3)).allclose(images.mean((2, 3)))
            else "An image of yours is not its original, moved by whole pixels, with what left on "
            "one side back on the other: that is torch.roll in height and width."
        )
    return (places + size // 2) % size - size // 2


def _draws_from_the_generator(attempt: Attempt) -> None:
    images = _noise(12)
    call = attempt.call(images, 4, _seeded(0))
    _places(images, call.value)
    if not torch.equal(call.value, attempt(images, 4, _seeded(0))):
        raise Wrong(
            "The same seed gave two different results: give torch.randint generator=generator, "
            "wherever you draw."
        )
    for other in (_seeded(1), call.given[2]):  # the latter goes on where the first call ended
        if torch.equal(call.value, attempt(images, 4, other)):
            raise Wrong(
                "The moves are the same in every step, as if there were none: draw from the "
                "generator that you are given, and do not seed inside the function."
            )


def _moves_each(attempt: Attempt) -> None:
    for pixels in (2, 1, 3, 0):
        images = _noise(8, 2 * pixels + 3)
        calls = [attempt(images, pixels, _seeded(seed)) for seed in range(64)]
        places = _places(images.repeat(64, 1, 1, 1), torch.cat(calls)).view(64, 8, 2)
        if (far := int(places.abs().max())) > pixels:
            raise Wrong(f"An image moved too far: by {far}, with {pixels=}.")
        if ((places == places[:, :1]).all((0, 1)) & places.any(0).any(0)).any():
            raise Wrong(
                "All images of a call move by the same amount, one way or both: draw anew for each."
            )
        if 0 < places.max() < pixels:
            raise Wrong(
                f"In 512 moves with {pixels=} none was {pixels}, which can be drawn as well: the "
                "high of torch.randint(low, high) never comes."
            )
        ways, few = (2 * pixels + 1) ** 2, min(len(one.unique(dim=0)) for one in places.unbind(1))
        if 2 * few < ways or len(places.flatten(0, 1).unique(dim=0)) < ways:
            raise Wrong(
                f"In 64 calls with {pixels=} an image of yours came to {few} of the {ways} places "
                "within its reach: draw any whole number from -pixels to pixels, once for up or "
                "down and once more for left or right."
            )


def _lets_gradients_through(attempt: Attempt) -> None:
    for images, pixels in ((_noise(1, 5), 1), (_noise(6), 3), (_noise(2, 7).double(), 2)):
        call = attempt.call(images.requires_grad_(True), pixels, _seeded(0))
        _places(images, call.value)
        if call.value.requires_grad:
            (slope,) = torch.autograd.grad(call.value, call.given[0], call.value.detach())
        if not call.value.requires_grad or not slope.allclose(images, atol=1e-4):
            raise Wrong(
                "No gradient comes back through your function, or not to all images: stay with "
                "PyTorch's operations, without detach or NumPy."
            )


EXERCISE = Exercise(
    title="make the picture survive a move",
    core=False,
    difficulty=2,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(tensor, "the moved images"),
    checks=(
        Check(
            "keeps images whole, and draws from the generator",
            _draws_from_the_generator,
            (
                Mistake(lambda *given: reference(*given).roll(1, 1), "The colours changed places"),
                Mistake(lambda i, p, _: reference(i, p, torch.default_generator), "two different"),
                Mistake(lambda i, p, _: reference(i, p, _seeded(0)), "the same in every step"),
            ),
        ),
        Check(
            "moves each image by its own amount, both ways",
            _moves_each,
            (Mistake(lambda i, p, g: reference(i, p - 1, g), "none was 2"),),
        ),
        Check(
            "lets gradients through",
            _lets_gradients_through,
            (Mistake(lambda i, *more: reference(i.detach(), *more), "No gradient comes back"),),
        ),
    ),
    hints=(
        "torch.randint(low, high, (2,), generator=generator) draws two numbers, never high itself.",
        "torch.roll(image, (down, right), dims=(1, 2)) moves a (3, S, S) image: dimension 0 is "
        "colour.",
        "Loop over the images, and torch.stack the moved ones. Gradients pass through both.",
    ),
)
