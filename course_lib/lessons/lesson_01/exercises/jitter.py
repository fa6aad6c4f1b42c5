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
    """Images in which no two pixels are alike."""
    shape = (count, 3, size, size)
    return torch.rand(shape, generator=torch.Generator().manual_seed(count)) + 0.1


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _places(images: Tensor, moved: Tensor) -> Tensor:
    """(B, 2): how far each image has come, down and right."""
    if moved.shape != images.shape:
        due, shape = tuple(images.shape), tuple(moved.shape)
        raise Wrong(
            f"Your function returned a tensor of shape {shape}, where the images have shape {due}."
        )
    places = torch.full((len(images), 2), 99)
    half = range(-(images.shape[2] // 2), images.shape[2] // 2 + 1)
    for place in ((down, right) for down in half for right in half):
        same = (
            torch.isclose(images.roll(place, (2, 3)), moved.to(images), atol=1e-4).flatten(1).all(1)
        )
        places[same] = torch.tensor(place)
    for image, found in zip(images[places[:, 0] == 99], moved[places[:, 0] == 99], strict=True):
        _refuse(image, found.detach().to(image))
    return places


def _refuse(image: Tensor, found: Tensor) -> None:
    """Say why an image is not its original moved by whole pixels."""
    if (found == 0).any():
        raise Wrong(
            "Your images have become black where something left: it comes back on the other side."
        )
    same = found.flatten().sort().values.allclose(image.flatten().sort().values)
    if same and not found.mean((1, 2)).allclose(image.mean((1, 2))):
        raise Wrong(
            "The colours changed places: red, green and blue are a dimension too, and only height "
            "and width should move (dims=(1, 2) of one image, (2, 3) of all)."
        )
    raise Wrong(
        "An image of yours is not its original, moved by whole pixels, with what left on one side "
        "back on the other: that is torch.roll in height and width."
    )


def _moves_whole_images(attempt: Attempt) -> None:
    for images, pixels in ((_noise(1, 5), 1), (_noise(6), 3), (_noise(2, 7).double(), 2)):
        places = _places(images, attempt(images, pixels, _seeded(0)))
        if len(images) == 6 and not places.any():
            raise Wrong("Nothing moved: every image is where it was.")
    if _places(images, attempt(images, 0, _seeded(0))).any():
        raise Wrong("With pixels=0 nothing should move.")


def _moves_each(attempt: Attempt) -> None:
    for pixels in (2, 1, 3):
        images = _noise(8, 2 * pixels + 3)
        calls = [attempt(images, pixels, _seeded(seed)) for seed in range(64)]
        places = _places(images.repeat(64, 1, 1, 1), torch.cat(calls)).view(64, 8, 2)
        if told := _all_of_them(places, pixels):
            raise Wrong(told)


def _all_of_them(places: Tensor, pixels: int) -> str:
    """What is wrong with the moves (calls, images, 2) as a whole; or ""."""
    down, right = places.unbind(2)
    if not down.any() or not right.any():
        return "All moves are up or down, or all left or right: draw two numbers for each image."
    if (places == places[:, :1]).all((0, 1)).any():
        return "All images of a call move by the same amount: draw anew for each of them."
    if torch.equal(down, right) or torch.equal(down, -right):
        return "Each image moves as far left or right as it does up or down: draw two numbers."
    most, least, ways = int(places.max()), int(places.min()), (2 * pixels + 1) ** 2
    if max(most, -least) > pixels:
        return f"An image moved by {max(most, -least)} pixels: the most allowed is {pixels=}."
    if least >= 0 or most <= 0:
        return "The images move only one way: draw from -pixels to pixels."
    if most < pixels or least > -pixels:
        never = pixels if most < pixels else -pixels
        return (
            f"In 512 moves with {pixels=} none was {never}, which can be drawn as well: the high "
            "of torch.randint(low, high) never comes."
        )
    stuck = (places == places[:1]).all((0, 2)).any()
    if stuck or len(places.flatten(0, 1).unique(dim=0)) < ways:
        return (
            f"Each image should come to each of {ways} places within {pixels=} at times, and yours "
            "do not: draw any whole number from -pixels to pixels, twice for each image."
        )
    return ""


def _uses_the_generator(attempt: Attempt) -> None:
    images = _noise(12)
    call = attempt.call(images, 4, _seeded(0))
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


def _lets_gradients_through(attempt: Attempt) -> None:
    images = _noise(5).requires_grad_(True)
    call = attempt.call(images, 4, _seeded(0))
    if call.value.requires_grad:
        (slope,) = torch.autograd.grad(call.value, call.given[0], call.value.detach())
        if torch.allclose(slope, images.detach(), atol=1e-4):
            return
    raise Wrong(
        "No gradient comes back through your function, or not to all images: stay with PyTorch's "
        "operations, without detach or NumPy."
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
            "moves whole images, and what leaves comes back",
            _moves_whole_images,
            (
                Mistake(
                    lambda i, *more: reference(i.transpose(1, 3), *more).transpose(1, 3),
                    "The colours changed places",
                ),
            ),
        ),
        Check(
            "draws from the generator",
            _uses_the_generator,
            (
                Mistake(
                    lambda images, pixels, _: reference(images, pixels, torch.default_generator),
                    "The same seed gave two different results",
                ),
                Mistake(
                    lambda images, pixels, _: reference(images, pixels, _seeded(0)),
                    "The moves are the same in every step",
                ),
            ),
        ),
        Check(
            "moves each image by its own amount, both ways",
            _moves_each,
            (Mistake(lambda i, p, g: reference(i, p - 1, g) if p else i.clone(), "none was 2"),),
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
