"""An objective measure of a picture: does *another* network see in it what it was made for?"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from course_lib.activations import HasImages, record
from course_lib.checks import check_images, check_units, images_of, whole_number


def recognised(judge: nn.Module, images: Tensor | HasImages, units: Iterable[int]) -> Tensor:
    """Whether a judge's largest logit for each picture is the one that it was made for, (N,) bool.

    A picture always convinces the network that it was made for, so the judge must be another one:
    of another seed, or trained in another way.

    Args:
        judge: takes (B, 3, S, S) in [0, 1], returns logits (B, K).
        images: (N, 3, S, S) in [0, 1], or what `visualize` returns.
        units: for every picture the logit that it shows.
    """
    images = check_images(images_of(images))
    wanted = [whole_number(unit, "unit") for unit in units] if isinstance(units, Iterable) else []
    if len(wanted) != len(images):
        raise ValueError(f"{len(images)} images and {len(wanted)} units: give one unit an image.")
    logits = record(judge, [None], images)[None]
    if logits.dim() != 2:
        raise ValueError(f"The judge returned {tuple(logits.shape)}: logits (N, K) are needed.")
    check_units(wanted, None, logits.shape[1])
    return logits.argmax(1) == torch.tensor(wanted)
