"""Lesson 03: what the detector that the circuit rests on is trained for."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, Wrong, tensor

STATEMENT = """
The detector's answer to a picture is one logit: above 0 for "visualization", below 0 for "image",
and a sigmoid makes of it the probability of a visualization. Training lowers a **loss**. Write it:

`on_images` `(N,)` are the logits of some images, `on_visualizations` `(M,)` those of some
visualizations. For each, take **minus the natural logarithm of the probability that the detector
gives to the truth**. Average over the images, average over the visualizations, and return the mean
of these two numbers, so that both sides count equally, however many there are of each.

The logits may be large (±200), and gradients have to get through:
`torch.nn.functional.binary_cross_entropy_with_logits`, `logsigmoid` or `softplus` can do both.
"""


def reference(on_images: Tensor, on_visualizations: Tensor) -> Tensor:
    """The loss of a detector, a tensor of one number: both sides count equally."""
    images = torch.nn.functional.softplus(on_images).mean()
    visualizations = torch.nn.functional.softplus(-on_visualizations).mean()
    return (images + visualizations) / 2


_ON_LOGITS = (
    "the sigmoid of a large logit is 0 or 1 to the last digit, and its logarithm is lost: use "
    "softplus, logsigmoid or binary_cross_entropy_with_logits on the logits as they are."
)


def _loss(value: object, what: str) -> Tensor:
    if isinstance(value, Tensor) and not value.isfinite().all():
        raise Wrong(f"Your function returned a loss that is NaN or infinite: {_ON_LOGITS}")
    loss = tensor(value, what)
    return loss.reshape(()) if loss.numel() == 1 else loss


def _logits(n: int, m: int, scale: float, seed: int) -> tuple[Tensor, Tensor]:
    chances = torch.Generator().manual_seed(seed)
    images = scale * (torch.randn(n, generator=chances) - 0.5)
    visualizations = scale * (torch.randn(m, generator=chances) + 0.8)
    return images.requires_grad_(), visualizations.requires_grad_()


_LARGE = tuple(200 * torch.tensor(side, requires_grad=True) for side in ((0.9, -1, 0.1), (0.5, 1)))


def _told(*numbers: Tensor) -> str:
    found, wanted, images, visualizations = (part.detach() for part in numbers)
    return (
        f"For {len(images)} images with logits around {float(images.mean()):.1f} and "
        f"{len(visualizations)} visualizations around {float(visualizations.mean()):.1f} the "
        f"loss should be {float(wanted):.4g}, and yours is {float(found):.4g}:"
    )


def _all_alike(on_images: Tensor, on_visualizations: Tensor) -> Tensor:
    sides = F.softplus(on_images), F.softplus(-on_visualizations)
    return torch.cat(sides).mean()


EXERCISE = Exercise(
    title="what the detector learns",
    core=True,
    difficulty=2,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(_loss, "the loss, one number that gradients get through,"),
    checks=(
        Agrees(
            "is small where the detector is right, and large where it is wrong",
            [_logits(4, 4, 1.0, 0), _logits(1, 1, 3.0, 1), _logits(4, 4, 0.1, 2)],
            _told,
            "take minus log of the probability of the truth, which is sigmoid(logit) for a "
            "visualization and 1 - sigmoid(logit) for an image; average over each side, and return "
            "the mean of both.",
            (
                Mistake(
                    lambda i, v: reference(-i, -v),
                    "you have the sides the wrong way round: a logit above 0 stands for a "
                    "visualization.",
                ),
                Mistake(
                    lambda i, v: -reference(i, v),
                    "its sign is wrong, so that training would teach the detector to err.",
                ),
                Mistake(
                    lambda i, v: 2 * reference(i, v),
                    "you add the two sides, and their mean is asked for.",
                ),
                Mistake(
                    lambda i, v: (i.sigmoid().mean() + (-v).sigmoid().mean()) / 2,
                    "that is the mean probability of being wrong; take minus the logarithm of the "
                    "probability of being right.",
                ),
                Mistake(lambda i, v: F.softplus(-v).mean(), "the images are missing from it."),
                Mistake(
                    lambda i, v: F.softplus(i).mean(), "the visualizations are missing from it."
                ),
                *(
                    Mistake(
                        lambda i, v, base=base: reference(i, v) / math.log(base),
                        f"your logarithm is that to the base {base}; take the natural one.",
                    )
                    for base in (2, 10)
                ),
            ),
            gradient=True,
        ),
        Agrees(
            "lets both sides count equally",
            [_logits(2, 9, 1.0, 3), _logits(12, 3, 2.0, 4), _logits(1, 5, 2.0, 5)],
            _told,
            "average over each side by itself, and then take the mean of the two.",
            (
                Mistake(
                    _all_alike,
                    "you average over all pictures, so that the larger side counts more.",
                ),
            ),
            gradient=True,
        ),
        Agrees(
            "copes with large logits",
            [_logits(3, 2, 200.0, 6), _LARGE],
            _told,
            _ON_LOGITS,
            gradient=True,
        ),
    ),
    hints=(
        "-log(sigmoid(x)) is softplus(-x), and -log(1 - sigmoid(x)) is softplus(x): F.softplus "
        "computes both for any x.",
        "For the images the truth is 0: F.softplus(on_images).mean(). For the visualizations it is "
        "1: F.softplus(-on_visualizations).mean().",
        "Return half of the sum of these two, as a tensor: float(...) would stop the gradients.",
    ),
)
