"""Lesson 03: what the detector that the circuit rests on is trained for.

The detector's answer to a picture is one logit: above 0 for "visualization", below 0 for "image",
and a sigmoid makes of it the probability of a visualization. Training lowers a **loss**. Write it:

`on_images` `(N,)` are the logits of some images, `on_visualizations` `(M,)` those of some
visualizations. For each, take **minus the natural logarithm of the probability that the detector
gives to the truth**. Average over the images, average over the visualizations, and return the mean
of these two numbers, so that both sides count equally, however many there are of each.

The logits may be large (±200), and gradients have to get through:
`torch.nn.functional.binary_cross_entropy_with_logits`, `logsigmoid` or `softplus` can do both.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, Wrong, rows, tensor


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


def _told(*numbers: Tensor) -> str:
    found, wanted, images, visualizations = (part.detach() for part in numbers)
    sides = F.softplus(images).mean(), F.softplus(-visualizations).mean()
    return (
        f"For {len(images)} images and {len(visualizations)} visualizations minus the log "
        f"of the truth's probability averages {sides[0]:.4g} over the images and {sides[1]:.4g} "
        f"over the visualizations, so the loss should be {wanted:.4g}, and yours is {found:.4g}:"
    )


def _sides(images: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """The mean of what this makes of the images' logits and of minus the visualizations'."""
    return lambda i, v: (images(i) + images(-v)) / 2


_ROWS: Rows = {
    "the sides are swapped: above 0 is a visualization.": lambda i, v: reference(-i, -v),
    "you treat images as visualizations: of an image the truth has the probability 1 - "
    "sigmoid(logit).": lambda i, v: reference(-i, v),
    "its sign is wrong: training would teach to err.": lambda i, v: -reference(i, v),
    "you add the two sides, and their mean is asked for.": lambda i, v: 2 * reference(i, v),
    "you sum within each side, and do not average.": _sides(lambda x: F.softplus(x).sum()),
    "that is the mean probability of being wrong; take minus the logarithm of the probability of "
    "being right.": _sides(lambda x: x.sigmoid().mean()),
    "you average the probabilities before the logarithm: each picture has one of its own, and "
    "these are averaged.": _sides(lambda x: -(-x).sigmoid().mean().log()),
    "you average the logits first: each picture has a logarithm of its own, and these are "
    "averaged.": _sides(lambda x: F.softplus(x.mean())),
    "you take the median of each side, not its mean.": _sides(lambda x: F.softplus(x).median()),
    "you apply a sigmoid twice: these losses take the logits as they are.":
        lambda i, v: reference(i.sigmoid(), v.sigmoid()),
    "the images are missing from it.": lambda i, v: F.softplus(-v).mean(),
    "the visualizations are missing from it.": lambda i, v: F.softplus(i).mean(),
    "you take the larger of the two sides, and their mean is asked for.":
        lambda i, v: torch.maximum(F.softplus(i).mean(), F.softplus(-v).mean()),
    "your logarithm has the base 2; take the natural.": lambda i, v: reference(i, v) / math.log(2),
    "your logarithm has the base 10: take ln.": lambda i, v: reference(i, v) / math.log(10),
}  # fmt: skip
_ALL: Rows = {
    "you average over all pictures, so that the larger side counts more.":
        lambda i, v: torch.cat([F.softplus(i), F.softplus(-v)]).mean(),
}  # fmt: skip

_ASTRAY = tuple(200 * torch.tensor(x, requires_grad=True) for x in ((0.9, -1, 0.1), (0.5, 1)))
_LARGE = [_logits(3, 2, 200.0, 6), _ASTRAY]
_EVEN = [_logits(4, 4, 1.0, 5), _logits(1, 1, 3.0, 1), _logits(4, 4, 0.1, 2)]
_UNEVEN = [_logits(2, 9, 1.0, 3), _logits(12, 3, 2.0, 4), _logits(1, 5, 2.0, 5)]
_RULE = (
    "take minus log of the probability of the truth, which is sigmoid(logit) for a visualization "
    "and 1 - sigmoid(logit) for an image; average over each side, and return the mean of both."
)
_EACH = "average over each side by itself, and then take the mean of the two."
_NO_CLAMP = (
    f"a logit of 200 on the wrong side costs 200. Clamp neither logits nor probabilities: "
    f"{_ON_LOGITS}"
)
_RIGHT = "is small where the detector is right, and large where it is wrong"

EXERCISE = Exercise(
    title="what the detector learns",
    core=True,
    difficulty=2,
    minutes=8,
    reference=reference,
    gives=Gives(_loss, "the loss, one number that gradients get through,"),
    checks=(
        Agrees(_RIGHT, _EVEN, _told, _RULE, rows(_ROWS), gradient=True),
        Agrees("lets both sides count equally", _UNEVEN, _told, _EACH, rows(_ALL), gradient=True),
        Agrees("copes with large logits", _LARGE, _told, _NO_CLAMP, gradient=True),
    ),
    hints=(
        "-log(sigmoid(x)) is softplus(-x), and -log(1 - sigmoid(x)) is softplus(x): F.softplus "
        "computes both for any x.",
        "For the images the truth is 0: F.softplus(on_images).mean(). For the visualizations it is "
        "1: F.softplus(-on_visualizations).mean().",
        "Return half of the sum of these two, as a tensor: float(...) would stop the gradients.",
    ),
)
