"""Lesson 02: the images between two quantiles, from which pairs are drawn."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame
from course_lib.lessons.lesson_02.numbers_of_images import image_numbers

STATEMENT = """
Put the images into the order of their `activations` `(N,)`. The least exciting has the **place** 0,
the most exciting the place 1, and the others are spread evenly in between: the image with k images
below it is at k / (N - 1). Return the numbers of all images whose place is at least `low` and at
most `high`, a tensor of whole numbers, in any order.
"""


def reference(activations: Tensor, low: float, high: float) -> Tensor:
    """Numbers of the images whose place in the order lies between two quantiles."""
    place = torch.empty(len(activations), dtype=torch.float64)
    places = torch.linspace(0, 1, len(activations), dtype=torch.float64)
    place[activations.argsort(stable=True)] = places
    return ((place >= low) & (place <= high)).nonzero().flatten()


_BANDS = ((0.75, 1.0), (0.25, 0.6), (0.0, 0.1))  # for 38 images, no place is on an edge but 0 and 1


def _activations(seed: int, count: int = 38) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, generator=generator).exp() - 1.0


def _found(attempt: Attempt, activations: Tensor, low: float, high: float) -> set[int]:
    value = attempt(activations, low, high)
    found = image_numbers(value, "the numbers of the images", 1, len(activations)).tolist()
    if len(set(found)) < len(found):
        raise Wrong("You name an image twice.")
    return set(found)


def _is_the_upper_end(attempt: Attempt) -> None:
    activations = _activations(1)
    low, high = _BANDS[0]
    found = _found(attempt, activations, low, high)
    wanted = set(reference(activations, low, high).tolist())
    if found == wanted:
        return
    right = f"there are {len(wanted)} of 38 images"
    reasons = {
        upside_down: "you give the least exciting images: place 1 is the most exciting.",
        by_value: f"{right}, and you give {len(found)}: you measure between the smallest and the "
        "largest response, and places count images.",
        argsort_once: "your images are mixed up: argsort says which image is at a position, and "
        "you read it as the position of an image.",
        positions: "you give positions in the order, as if the images had been sorted: say which "
        "images stand there.",
    }
    otherwise = f"{right}; you give {len(found)}, {len(found & wanted)} of them right."
    told = "From place 0.75 to 1 "
    blame(
        told, lambda made: found == set(made(activations, low, high).tolist()), reasons, otherwise
    )


def _is_any_band(attempt: Attempt) -> None:
    for seed, (low, high) in enumerate(_BANDS, start=2):
        activations = _activations(seed)
        found = _found(attempt, activations, low, high)
        wanted = set(reference(activations, low, high).tolist())
        if found != wanted:
            raise Wrong(
                f"From place {low} to {high} there are {len(wanted)} of 38 images; you give "
                f"{len(found)}, {len(found & wanted)} of them right."
            )


def by_value(activations: Tensor, low: float, high: float) -> Tensor:
    least, most = activations.min(), activations.max()
    place = (activations - least) / (most - least)
    return ((place >= low) & (place <= high)).nonzero().flatten()


def upside_down(activations: Tensor, low: float, high: float) -> Tensor:
    return reference(-activations, low, high)


def argsort_once(activations: Tensor, low: float, high: float) -> Tensor:
    return reference(activations.argsort(), low, high)


def positions(activations: Tensor, low: float, high: float) -> Tensor:
    return reference(torch.arange(len(activations)), low, high)


def only_a_floor(activations: Tensor, low: float, high: float) -> Tensor:
    place = activations.argsort().argsort() / (len(activations) - 1)
    return (place >= low).nonzero().flatten()


EXERCISE = Exercise(
    title="between two quantiles",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check(
            "gives numbers of images", lambda attempt: _found(attempt, _activations(0), 0.25, 0.6)
        ),
        Check("finds the upper end", _is_the_upper_end),
        Check("finds any other band", _is_any_band),
    ),
    hints=(
        "activations.argsort() says which image is at each position of the order. You need the "
        "opposite: at which position each image is.",
        "The argsort of the argsort is that opposite. Or: place = torch.empty(N); "
        "place[activations.argsort()] = torch.linspace(0, 1, N).",
        "((place >= low) & (place <= high)).nonzero().flatten()",
    ),
    mistakes=(
        Mistake(by_value, r"From place 0\.75 to 1 there are .*: you measure"),
        Mistake(upside_down, r"From place 0\.75 to 1 you give the least exciting"),
        Mistake(argsort_once, r"From place 0\.75 to 1 your images are mixed up"),
        Mistake(positions, r"From place 0\.75 to 1 you give positions"),
        Mistake(only_a_floor, r"From place 0\.25 to 0\.6 there are"),
    ),
)
