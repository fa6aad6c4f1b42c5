"""Lesson 01: move each picture a little before the network sees it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor
from course_lib.labs.tiny.lab import open_tiny
from course_lib.visualization.spectrum import amplitude_by_frequency

STATEMENT = """
Write the simplest of these transformations. Each of the `images` `(B, 3, S, S)` moves by its own
random number of whole pixels, from `-pixels` to `pixels`, up or down, and by another one left or
right; what leaves on one side comes back on the other, which `torch.roll` does for you. Draw the
numbers from `generator`, so that a seed brings the same pictures back.
"""


def reference(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    """Move each image at random by up to so many pixels in both directions."""
    moved = []
    for image in images:
        down, right = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        moved.append(torch.roll(image, (down, right), dims=(1, 2)))
    return torch.stack(moved)


_SIZE, _PIXELS = 24, 4


def _spots(count: int = 12) -> Tensor:
    """One bright pixel in the middle of each image, of another brightness in every colour."""
    images = torch.zeros(count, 3, _SIZE, _SIZE)
    images[:, :, _SIZE // 2, _SIZE // 2] = torch.tensor([0.2, 0.5, 0.9])
    return images


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _places(moved: Tensor) -> Tensor:
    """(B, 2): how far each image's brightest pixel has come from the middle."""
    flat = moved.detach()[:, 2].flatten(1).argmax(1)
    return torch.stack([flat // _SIZE, flat % _SIZE], dim=1) - _SIZE // 2


def _gives_images(attempt: Attempt) -> None:
    images = _spots()
    moved = tensor(attempt(images, _PIXELS, _seeded(0)), "the moved images", tuple(images.shape))
    colours = moved.detach().amax((2, 3))
    if not torch.allclose(colours, images.amax((2, 3)), atol=1e-5):
        raise Wrong(
            "The colours changed places: red, green and blue are a dimension too, and only height "
            "and width should move."
        )


def _moves_each(attempt: Attempt) -> None:
    places = _places(attempt(_spots(), _PIXELS, _seeded(0)))
    if not places.any():
        raise Wrong("Nothing moved: every image is where it was.")
    for axis, name in ((0, "up or down"), (1, "left or right")):
        if not places[:, axis].any():
            raise Wrong(f"No image moved {name}: draw two numbers for each image, and use both.")
    if places.abs().max() > _PIXELS:
        raise Wrong(
            f"An image moved by {int(places.abs().max())} pixels: the most allowed is "
            f"pixels={_PIXELS}."
        )
    if len(places.unique(dim=0)) == 1:
        raise Wrong("All images moved by the same amount: draw anew for each of them.")
    many = _places(attempt(_spots(200), _PIXELS, _seeded(1)))
    if many.min() >= 0 or many.max() <= 0:
        raise Wrong("The images move only one way: draw from -pixels to pixels.")


def _uses_the_generator(attempt: Attempt) -> None:
    first = _places(attempt(_spots(), _PIXELS, _seeded(0)))
    if torch.equal(first, _places(attempt(_spots(), _PIXELS, _seeded(1)))):
        raise Wrong(
            "The moves are the same in every step, as if there were none: do not seed inside the "
            "function."
        )
    if not torch.equal(first, _places(attempt(_spots(), _PIXELS, _seeded(0)))):
        raise Wrong(
            "The same seed gave two different results: give torch.randint generator=generator."
        )


def _lets_gradients_through(attempt: Attempt) -> None:
    call = attempt.call(_spots().requires_grad_(True), _PIXELS, _seeded(0))
    if not call.value.requires_grad:
        raise Wrong(
            "No gradient comes back through your function: stay with PyTorch's operations, without "
            "detach or NumPy."
        )


def seeds_inside(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    return reference(images, pixels, torch.Generator().manual_seed(0))


def forgets_the_generator(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    moves = torch.randint(-pixels, pixels + 1, (len(images), 2)).tolist()
    return torch.stack(
        [torch.roll(i, tuple(move), dims=(1, 2)) for i, move in zip(images, moves, strict=True)]
    )


def lets_no_gradient_through(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    return reference(images.detach(), pixels, generator)


def rolls_colours(images: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    wide_first = images.permute(0, 3, 1, 2)  # so that colours stand where height does
    return reference(wide_first, pixels, generator).permute(0, 2, 3, 1)


def _outcome(jitter: Callable[[Tensor, int, torch.Generator], Tensor]) -> float:
    """How much less fine grain there is than without it; 0 where a seed brings nothing back.

    The measure: log10 of the ratio of coarse to fine amplitudes of four pictures.
    """
    torch.manual_seed(0)
    drawn = _draw(jitter)
    torch.manual_seed(1)  # a run that does not depend on the generator alone gives itself away
    if not torch.equal(drawn, _draw(jitter)):
        return 0.0
    return _calm(drawn) - _calm(_draw(lambda images, *_: images))


def _draw(jitter: Callable[[Tensor, int, torch.Generator], Tensor]) -> Tensor:
    network, generator = open_tiny("standard").network, torch.Generator().manual_seed(0)
    noise = torch.randn(4, 3, 64, 64, generator=generator)
    pixels = (0.5 + 0.01 * noise).requires_grad_(True)
    optimizer = torch.optim.Adam([pixels], lr=0.02)
    for _ in range(48):
        optimizer.zero_grad()
        seen = jitter(pixels.clamp(0, 1), 6, generator)
        (-network(seen)[torch.arange(4), [7, 3, 0, 4]].mean()).backward()
        optimizer.step()
    return pixels.detach().clamp(0, 1)


def _calm(images: Tensor) -> float:
    frequency, amplitude = amplitude_by_frequency(images)
    coarse, fine = amplitude[frequency < 8].mean(), amplitude[frequency >= 16].mean()
    return float((coarse / fine).log10())


EXERCISE = Exercise(
    title="make the picture survive a move",
    core=False,
    difficulty=2,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives images of the same shape and colours", _gives_images),
        Check("moves each image by its own amount, both ways", _moves_each),
        Check("draws from the generator", _uses_the_generator),
        Check("lets gradients through", _lets_gradients_through),
    ),
    hints=(
        "torch.randint(low, high, (2,), generator=generator) draws two numbers, never high itself.",
        "torch.roll(image, (down, right), dims=(1, 2)) moves a (3, S, S) image: dimension 0 is "
        "colour.",
        "Loop over the images, and torch.stack the moved ones. Gradients pass through both.",
    ),
    mistakes=(
        Mistake(forgets_the_generator, r"The same seed gave two different results"),
        Mistake(seeds_inside, r"The moves are the same in every step"),
        Mistake(lets_no_gradient_through, r"No gradient comes back"),
        Mistake(rolls_colours, r"The colours changed places"),
    ),
    outcome=_outcome,
    harm=0.02,
)
