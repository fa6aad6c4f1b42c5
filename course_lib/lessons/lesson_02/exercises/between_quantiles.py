"""Lesson 02: the images between two quantiles, from which pairs are drawn.

Put the images into the order of their `activations` `(N,)`. The least exciting has the **place** 0,
the most exciting the place 1, and the others are spread evenly in between: the image with k images
before it is at k / (N - 1). Return the numbers of all images whose place is at least `low` and at
most `high`, a tensor of whole numbers, in any order. (Equal activations may stand in any order;
`low` and `high` never lie between two of them.)
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, Wrong
from course_lib.lessons.lesson_02.numbers_of_images import image_numbers


def reference(activations: Tensor, low: float, high: float) -> Tensor:
    """Numbers of the images whose place in the order lies between two quantiles."""
    place = torch.empty(len(activations), dtype=torch.float64)
    places = torch.arange(len(activations), dtype=torch.float64) / (len(activations) - 1)
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
            "have 1 dimension: .flatten() makes one of several."
        )
    once = found.unique()
    if len(once) < len(found):
        mask = len(found) > 2 and set(once.tolist()) <= {0, 1}
        raise Wrong(
            "You return zeros and ones, a mask: the numbers of the images are where it is 1, "
            "mask.nonzero().flatten()."
            if mask
            else f"You name {len(found)} images, {len(once)} of them different: name each once. "
            "Look for places, not for activations: several images can have the same."
        )
    return once


def _told(found: Tensor, wanted: Tensor, activations: Tensor, low: float, high: float) -> str:
    among = f"From place {low:g} to {high:g} there are {len(wanted)} of {len(activations)} images"
    mine, due = set(found.tolist()), set(wanted.tolist())
    told = f"{among}; you give {len(mine)}, {len(mine & due)} of them right"
    odd = min(mine ^ due)
    if not 0 <= odd < len(activations):
        return f"{told}. You name image {odd}, and there is none:"
    below, last = int((activations < activations[odd]).sum()), len(activations) - 1
    return (
        f"{told}. You {'name' if odd in mine else 'leave out'} image {odd}, whose activation is "
        f"{float(activations[odd]):.3g}. The images below it are {below}, so that its place is "
        f"{below} / {last} = {below / last:.4g}, {'in' if odd in due else 'out'}side the band:"
    )


def _band(place: Tensor, low: float, high: float) -> Tensor:
    return ((place >= low) & (place <= high)).nonzero().flatten()


_TIED = torch.tensor([3.0, 1.0, 4.0, -2.0, 2.0, 2.0, 9.0, 2.0, 0.0])  # its ties are all inside
_UP = [
    (_activations(1), 0.75, 1.0),
    (_activations(2, 20), 0.61, 1.0),
    (_activations(13), 0.26, 1.0),
    (_activations(14, 31), 0.05, 1.0),
]
_BANDS = [
    (_activations(3), 0.25, 0.6),
    (_activations(4), 0.0, 0.1),
    (_activations(6, 2), 0.2, 1.0),
    (_activations(8, 200), 0.333, 0.41),
    (_activations(9), 0.0, 1.0),
    (-_activations(5), 0.4, 0.9),
    (_activations(7, 7).double(), 0.2, 0.3),
    (_TIED, 0.3, 0.7),
]
_EXACT = [
    (_activations(10, 9), 0.25, 0.75),
    (_activations(11, 5), 0.5, 0.5),
    (_activations(12, 17), 0.0, 0.125),
]
_PLACES = (
    Mistake(lambda a, low, high: reference(-a, low, high),
        "you give the least exciting images, and place 1 is the most exciting."),
    Mistake(lambda a, low, high: _band((a - a.min()) / (a.max() - a.min()), low, high),
        "you measure between the smallest and the largest response, and places count images."),
    Mistake(lambda a, low, high: reference(a.argsort(), low, high),
        "argsort says which image is at a position, and you read it as the position of an image."),
    Mistake(lambda a, low, high: reference(torch.arange(len(a)), low, high),
        "you give positions in the order, as if the images had been sorted: say which images stand "
        "there."),
    Mistake(_band,
        "you compare responses with low and high, and these are places in the order."),
    Mistake(lambda a, low, high: reference(a.abs(), low, high),
        "you leave the sign out: activations below 0 are the least."),
    Mistake(lambda a, low, high: reference(a, 0, high), "low is left out of account."),
    Mistake(lambda a, low, high: reference(a, low + 1e-6, high - 1e-6),
        "you leave out what is exactly at low or high."),
)  # fmt: skip
_NO_HIGH = Mistake(lambda a, low, high: reference(a, low, 1.0), "high is left out of account.")
_RULE = "the place is k / (N - 1), for k of all N images below it, and not rounded."
_EDGES = "at least low, and at most high: the edges belong to it."
_BETWEEN = "finds bands whose ends fall between two places, or on 0 or 1"

EXERCISE = Exercise(
    title="between two quantiles",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(_sorted, "the numbers of the images"),
    checks=(
        Agrees("finds all from a place on", _UP, _told, _RULE, _PLACES, any_shape=True),
        Agrees(_BETWEEN, _BANDS, _told, _RULE, (_NO_HIGH,), any_shape=True),
        Agrees("counts a place that is exactly low or high", _EXACT, _told, _EDGES, any_shape=True),
    ),
    hints=(
        "activations.argsort() says which image is at each position of the order. You need the "
        "opposite: at which position each image is.",
        "The argsort of the argsort is that opposite. Or: place = torch.empty(N); "
        "place[activations.argsort()] = torch.linspace(0, 1, N).",
        "((place >= low) & (place <= high)).nonzero().flatten()",
    ),
)
