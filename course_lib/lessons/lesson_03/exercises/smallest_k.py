"""Lesson 03: how large must k be?"""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number

STATEMENT = """
`k` has to silence the side that is shut: `logit + offset - k` must not be positive, for any logit
that ever comes along. `on_images` are the network's logits for images, `(N, K)`; `along_the_way`
those for pictures caught along an optimization, `(M, K)`. Return the smallest `k` that would do for
all of them, a number.
"""


def reference(on_images: Tensor, along_the_way: Tensor, offset: float) -> float:
    """The smallest k that keeps the shut side silent."""
    return float(torch.maximum(on_images.max(), along_the_way.max())) + offset


def _logits(seed: int, height: float) -> Tensor:
    return height + 4 * torch.randn(40, 8, generator=torch.Generator().manual_seed(seed))


def _is_large_enough(attempt: Attempt) -> None:
    images, way = _logits(0, 0), _logits(1, 40)
    found = number(attempt(images, way, 100.0), "k")
    top = float(way.max())
    if abs(found - (float(images.max()) + 100)) < 1e-3:
        raise Wrong(
            f"k = {found:.0f} is enough for images; along the optimization a logit reaches "
            f"{top:.0f}, and {top + 100 - found:.0f} of it would leak through."
        )
    if abs(found - top) < 1e-3:
        raise Wrong("The offset is added before the ReLU as well: k has to outweigh it too.")
    if found < top + 100 - 1e-3:
        raise Wrong(
            f"k = {found:.0f} is too small: the largest logit is {top:.0f}, and with the offset "
            f"{top + 100:.0f}."
        )


def _is_the_smallest(attempt: Attempt) -> None:
    for first, second in ((0.0, 40.0), (40.0, 0.0)):
        images, way = _logits(2, first), _logits(3, second)
        found = number(attempt(images, way, 60.0), "k")
        wanted = reference(images, way, 60.0)
        if found < wanted - 1e-3:
            raise Wrong(
                "Now it is the images that have the largest logit, and your k does not silence it."
            )
        if found > wanted + 1e-3:
            raise Wrong(f"k = {found:.0f} would do, but {wanted:.0f} is enough.")
    low = _logits(2, -70.0)
    if number(attempt(low, low, 100.0), "k") > reference(low, low, 100.0) + 1e-3:
        raise Wrong(
            "Here all logits are far below 0, and your k is larger than it has to be: a very "
            "negative logit passes no ReLU, so its size does not matter."
        )


def images_only(on_images: Tensor, along_the_way: Tensor, offset: float) -> float:
    return float(on_images.max()) + offset


def optimization_only(on_images: Tensor, along_the_way: Tensor, offset: float) -> float:
    return float(along_the_way.max()) + offset


def forgets_the_offset(on_images: Tensor, along_the_way: Tensor, offset: float) -> float:
    return float(torch.maximum(on_images.max(), along_the_way.max()))


def typical_logit(on_images: Tensor, along_the_way: Tensor, offset: float) -> float:
    return float(torch.maximum(on_images.mean(), along_the_way.mean())) + offset


EXERCISE = Exercise(
    title="how large must k be?",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check(
            "gives a number",
            lambda attempt: number(attempt(_logits(0, 0), _logits(1, 40), 100.0), "k"),
        ),
        Check("silences the largest logit of an optimization", _is_large_enough),
        Check("is the smallest that serves everywhere", _is_the_smallest),
    ),
    hints=(
        "What is the largest number that logit + offset ever reaches?",
        "An optimization drives logits far beyond those of images; but nobody promised that for "
        "every unit. Look at both.",
        "float(torch.maximum(on_images.max(), along_the_way.max())) + offset",
    ),
    mistakes=(
        Mistake(images_only, r"k = \d+ is enough for images; along the optimization"),
        Mistake(optimization_only, r"Now it is the images that have the largest logit"),
        Mistake(forgets_the_offset, r"The offset is added before the ReLU as well"),
        Mistake(typical_logit, r"k = \d+ is too small"),
    ),
)
