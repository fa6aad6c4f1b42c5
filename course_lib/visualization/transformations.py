"""Random transformations that a picture must survive: jitter, rotation and scale, in one warp."""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F


class Transformations(NamedTuple):
    """The limits within which a picture is moved, turned and zoomed at random in each step.

    Lesson 01 builds the jitter by hand.

    jitter: in fractions of the picture's edge, each direction.
    rotate: in degrees, each direction.
    scale: as a factor; 1.1 zooms by between 1/1.1 and 1.1.
    """

    jitter: float = 0.1
    rotate: float = 10.0
    scale: float = 1.2


NONE = Transformations(jitter=0.0, rotate=0.0, scale=1.0)
"""No transformation: the network sees the picture as it is."""


def checked_transformations(transformations: Any) -> Transformations:
    """Three numbers, or None for none, as `Transformations`.

    Raises:
        ValueError: they make no sense.
    """
    if transformations is None:
        return NONE
    try:
        jitter, rotate, scale = (float(number) for number in transformations)
        sensible = all(map(math.isfinite, (jitter, rotate, scale)))
        sensible = sensible and jitter >= 0 and rotate >= 0 and scale >= 1
    except (TypeError, ValueError):
        sensible = False
    if not sensible:
        raise ValueError(
            f"transformations={transformations!r}: give Transformations(jitter, rotate, scale) "
            "with jitter and rotate of 0 or more and scale of 1 or more, or None."
        )
    return Transformations(jitter, rotate, scale)


def warp(images: Tensor, transformations: Transformations, generator: torch.Generator) -> Tensor:
    """Each picture (N, 3, S, S) under random transformations of its own, as by `moved`.

    Args:
        generator: on the CPU, so that a seed means the same on every device.
    """
    if transformations == NONE:
        return images
    count = len(images)
    draws = 2 * torch.rand(4, count, generator=generator, dtype=torch.float32) - 1
    angle = math.radians(transformations.rotate) * draws[0]
    zoom = torch.exp(-math.log(transformations.scale) * draws[1])
    return moved(images, angle, zoom, transformations.jitter * draws[2:])


def moved(images: Tensor, angle: Tensor, zoom: Tensor, shift: Tensor) -> Tensor:
    """Each picture (N, 3, S, S) turned, zoomed and shifted by its own amounts, in one resampling.

    It is bilinear; what lies outside the picture is its mirror image.

    Args:
        angle: (N,) in radians. zoom: (N,), below 1 enlarges. shift: (2, N), in fractions of the
            picture's edge.
    """
    cos, sin = zoom * torch.cos(angle), zoom * torch.sin(angle)
    right, down = 2 * shift  # the grid's coordinates run from -1 to 1
    matrix = torch.stack([cos, -sin, right, sin, cos, down], dim=1).view(len(images), 2, 3)
    grid = F.affine_grid(matrix.to(images), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
