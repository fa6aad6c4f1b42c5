"""Lesson 02: the images between two quantiles, from which pairs are drawn."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, Wrong
from course_lib.lessons.lesson_02.numbers_of_images import image_numbers

STATEMENT = """
Put the images into the order of their `activations` `(N,)`. The least exciting has the **place** 0,
the most exciting the place 1, and the others are spread evenly in between: the image with k images
below it is at k / (N - 1). Return the numbers of all images whose place is at least `low` and at
most `high`, a tensor of whole numbers, in any order. (Equal activations may stand in any order.)
"""


def reference(activations: Tensor, low: float, high: float) -> Tensor:
    """Numbers of the images whose place in the order lies between two quantiles."""
    place = torch.empty(len(activations), dtype=torch.float64)
    places = torch.linspace(0, 1, len(activations), dtype=torch.float64)
    place[activations.argsort(stable=True)] = places
    return ((place >= low) & (place <= high)).nonzero().flatten()


def _activations(seed: int, count: int = 38) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, generator=generator).exp() - 1.0


def _sorted(value: object, what: str) -> Tensor:
    """The numbers, from the smallest on, each once."""
    found = image_numbers(value, what)
    if found.dim() != 1:
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(found.shape)}, where {what} should "
            "have 1 dimension."
        )
    once = found.unique()
    if len(once) < len(found):
        mask = len(found) > 2 and set(once.tolist()) <= {0, 1}
        raise Wrong(
            "You return zeros and ones, a mask: the numbers of the images are where it is 1, "
            "mask.nonzero().flatten()."
            if mask
            else f"You name {len(found)} images, {len(once)} of them different: name each once."
        )
    return once


def _told(found: Tensor, wanted: Tensor, activations: Tensor, low: float, high: float) -> str:
    among = f"From place {low:g} to {high:g} there are {len(wanted)} of {len(activations)} images"
    right = len(set(found.tolist()) & set(wanted.tolist()))
    return f"{among}; you give {len(found)}, {right} of them right:"


def by_value(activations: Tensor, low: float, high: float) -> Tensor:
    least, most = activations.min(), activations.max()
    place = (activations - least) / (most - least)
    return ((place >= low) & (place <= high)).nonzero().flatten()


def edges_left_out(activations: Tensor, low: float, high: float) -> Tensor:
    place = activations.argsort().argsort() / (len(activations) - 1)
    return ((place > low) & (place < high)).nonzero().flatten()


_TIED = torch.tensor([3.0, 1.0, 4.0, -2.0, 2.0, 2.0, 9.0, 2.0, 0.0])  # its ties are all inside
_BANDS = (
    (3, 38, (0.25, 0.6)), (4, 38, (0.0, 0.1)), (6, 2, (0.2, 1.0)), (8, 200, (0.333, 0.41)),
    (9, 38, (0.0, 1.0)),
)  # fmt: skip
_EXACT = ((10, 9, (0.25, 0.75)), (11, 5, (0.5, 0.5)), (12, 17, (0.0, 0.125)))

EXERCISE = Exercise(
    title="between two quantiles",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(_sorted, "the numbers of the images"),
    checks=(
        Agrees(
            "finds the upper end",
            [(_activations(1), 0.75, 1.0), (_activations(2, 20), 0.61, 1.0)],
            _told,
            "give each image its place in the order, and compare that with low and high.",
            (
                Mistake(
                    lambda a, low, high: reference(-a, low, high),
                    "you give the least exciting images, and place 1 is the most exciting.",
                ),
                Mistake(
                    by_value,
                    "you measure between the smallest and the largest response, and places count "
                    "images.",
                ),
                Mistake(
                    lambda a, low, high: reference(a.argsort(), low, high),
                    "argsort says which image is at a position, and you read it as the position of "
                    "an image.",
                ),
                Mistake(
                    lambda a, low, high: reference(torch.arange(len(a)), low, high),
                    "you give positions in the order, as if the images had been sorted: say which "
                    "images stand there.",
                ),
                Mistake(
                    lambda a, low, high: ((a >= low) & (a <= high)).nonzero().flatten(),
                    "you compare responses with low and high, and these are places in the order.",
                ),
                Mistake(edges_left_out, "you leave out what is exactly at low or high."),
            ),
            any_shape=True,
        ),
        Agrees(
            "finds any other band",
            [
                *((_activations(*which), *band) for *which, band in _BANDS),
                (-_activations(5), 0.4, 0.9),
                (_activations(7, 7).double(), 0.2, 0.3),
                (_TIED, 0.3, 0.7),
            ],
            _told,
            "both low and high count, wherever they are.",
            (Mistake(lambda a, low, high: reference(a, low, 1.0), "high is left out of account."),),
            any_shape=True,
        ),
        Agrees(
            "counts a place that is exactly low or high",
            [(_activations(*which), *band) for *which, band in _EXACT],
            _told,
            "at least low, and at most high: the edges belong to it.",
            any_shape=True,
        ),
    ),
    hints=(
        "activations.argsort() says which image is at each position of the order. You need the "
        "opposite: at which position each image is.",
        "The argsort of the argsort is that opposite. Or: place = torch.empty(N); "
        "place[activations.argsort()] = torch.linspace(0, 1, N).",
        "((place >= low) & (place <= high)).nonzero().flatten()",
    ),
)
