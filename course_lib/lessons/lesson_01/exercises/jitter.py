"""Lesson 01: move each picture a little before the network sees it.

Write the simplest of these transformations. Each of the `images` `(B, 3, S, S)` moves by its own
random number of whole pixels, from `-pixels` to `pixels` (both can be drawn), up or down, and by
another one left or right; what leaves on one side comes back on the other, which `torch.roll` does
for you. Draw the numbers from `generator`, so that a seed brings the same pictures back. Gradients
have to get back to the images, so stay with PyTorch.
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong, tensor


def reference(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    """Move each image at random by up to so many pixels in both directions."""
    moved = []
    for image in images:
        down, right = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        moved.append(torch.roll(image, (down, right), dims=(1, 2)))
    return torch.stack(moved)


def _noise(count: int, size: int = 9) -> Tensor:
    """Images in which no two pixels are alike; the first of each colour is its brightest."""
    images = torch.rand(count, 3, size, size, generator=_seeded(count)) + 0.1
    images[:, :, 0, 0] = torch.tensor([4.0, 3.0, 2.0])
    return images


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _places(images: Tensor, moved: Tensor) -> Tensor:
    """(B, 2): how far each image has come, down and right."""
    if moved.shape != images.shape:
        raise Wrong(
            f"Your function returned shape {[*moved.shape]}, where {[*images.shape]} is due."
        )
    moved, size = moved.detach().to(images), images.shape[2]
    brightest = moved.flatten(2).argmax(2)
    places = torch.stack([brightest // size, brightest % size], 2)
    planes = zip(images.flatten(0, 1), places.flatten(0, 1).tolist(), strict=True)
    rolled = torch.stack([plane.roll(place, (0, 1)) for plane, place in planes]).view_as(images)
    if not moved.allclose(rolled, atol=1e-4):
        long = zip(images.flatten(1), moved.flatten(1), strict=True)
        if all(a.roll(int(b.argmax())).allclose(b, atol=1e-4) for a, b in long):
            told = "A roll without dims takes pixels to other rows and colours: dims=(1, 2)."
        elif not moved.flatten(1).sort().values.allclose(images.flatten(1).sort().values):
            told = "Some of an image's pixels are gone: what leaves comes back on the other side."
        elif not moved.mean((2, 3)).allclose(images.mean((2, 3))):
            told = "The colours changed places: roll height and width (dims=(1, 2) of one image)."
        else:
            told = "The pixels are in another order than torch.roll in height and width makes."
        raise Wrong(told)
    if not places.equal(places[:, :1].expand_as(places)):
        raise Wrong("The colours of an image move each by itself: one move is due for all three.")
    return (places[:, 0] + size // 2) % size - size // 2


def _draws_from_the_generator(attempt: Attempt) -> None:
    images = _noise(12)
    call = attempt.call(images, 4, _seeded(0))
    _places(images, call.value)
    if not torch.equal(call.value, attempt(images, 4, _seeded(0))):
        raise Wrong(
            "The same seed gave two different results: give generator=generator, wherever you draw."
        )
    if torch.equal(call.value, attempt(images, 4, _seeded(1))):
        raise Wrong("With another seed your images move as before: draw from the generator given.")
    if torch.equal(call.value, attempt(images, 4, call.given[2])):
        raise Wrong(
            "Called again with the same generator, which goes on where it was, your images move "
            "just as before: draw from it, and not from a new one, seeded anew."
        )


def _moves_each(attempt: Attempt) -> None:
    for pixels, count in ((2, 8), (1, 12), (3, 9), (0, 5)):
        images = _noise(count, 2 * pixels + 3)
        calls = [attempt(images, pixels, _seeded(seed)) for seed in range(64)]
        places = _places(images.repeat(64, 1, 1, 1), torch.cat(calls)).view(64, count, 2)
        if (far := int(places.abs().max())) > pixels:
            raise Wrong(f"An image moved too far: by {far}, with {pixels=}.")
        if ((places == places[:, :1]).all((0, 1)) & places.any(0).any(0)).any():
            raise Wrong("All images of a call move alike, one way or both: draw anew for each.")
        if 0 < places.max() < pixels:
            raise Wrong(
                f"None of {64 * count} moves with {pixels=} was {pixels}: randint omits its high."
            )
        each = [(i, one.unique(dim=0)) for i, one in enumerate(places.unbind(1))]
        number, few = min(each, key=lambda pair: len(pair[1]))
        down, right = (few[:, way].unique().tolist() for way in (0, 1))
        ways = (2 * pixels + 1) ** 2
        if 2 * len(few) < ways or len(places.flatten(0, 1).unique(dim=0)) < ways:
            raise Wrong(
                f"In 64 calls with {pixels=} image {number} moved down by {down} and right by "
                f"{right}, to {len(few)} of {ways} places: draw any whole number from -{pixels} to "
                f"{pixels} for down, and another one for right, for each image."
            )
        drawn = places.flatten(1)  # two numbers for each image of a call
        if pixels and (drawn[:, :, None] == drawn[:, None]).all(0).sum() > drawn.shape[1]:
            raise Wrong(
                f"Two of a call's {2 * count} numbers are always the same: draw two for each of "
                f"its {count} images."
            )


def _lets_gradients_through(attempt: Attempt) -> None:
    for images, pixels in ((_noise(1, 5), 1), (_noise(6), 3), (_noise(2, 7).double(), 2)):
        call = attempt.call(images.requires_grad_(True), pixels, _seeded(0))
        _places(images, call.value)
        if call.value.requires_grad:
            (slope,) = torch.autograd.grad(call.value, call.given[0], call.value.detach())
        if not call.value.requires_grad or not slope.allclose(images, atol=1e-4):
            raise Wrong("No gradient comes back to every image: stay with PyTorch, without detach.")


EXERCISE = Exercise(
    title="make the picture survive a move",
    core=False,
    difficulty=2,
    minutes=8,
    reference=reference,
    gives=Gives(tensor, "the batch of moved images"),
    checks=(
        Check(
            "moves whole pixels, and draws from the generator",
            _draws_from_the_generator,
            (
                Mistake(lambda *given: reference(*given).roll(1, 1), "The colours changed places"),
                Mistake(lambda i, p, _: reference(i, p, torch.default_generator), "two different"),
                Mistake(lambda i, p, _: reference(i, p, _seeded(0)), "With another seed"),
            ),
        ),
        Check(
            "moves each image by its own amount, both ways",
            _moves_each,
            (Mistake(lambda i, p, g: reference(i, p - 1, g), "None of 512"),),
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
