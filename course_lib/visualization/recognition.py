"""An objective measure of a picture: does *another* network see in it what it was made for?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.checks import check_images


def recognised(judge: nn.Module, images: Tensor, units: Tensor | list[int] | range) -> Tensor:
    """Whether a judge's largest logit for each picture is the one that the picture was made for.

    A picture always convinces the network that it was made for, so the judge must be another one:
    of another seed, or trained in another way.

    Args:
        judge: takes (B, 3, S, S) in [0, 1], returns logits (B, K).
        images: (N, 3, S, S) in [0, 1].
        units: for every picture the logit that it shows.

    Returns:
        (N,) bool.
    """
    check_images(images)
    wanted = torch.as_tensor(list(units))
    if len(wanted) != len(images):
        raise ValueError(f"{len(images)} images and {len(wanted)} units: give one unit an image.")
    return record(judge, [None], images)[None].argmax(1) == wanted
