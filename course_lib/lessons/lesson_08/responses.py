"""Responses whose steepness is known, and images, for the exercise that asks for it."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Respond = Callable[[Tensor], Tensor]


def drawn_images(count: int, size: int, low: float = -2, high: float = 2) -> Tensor:
    """Images; unless said otherwise with numbers below 0 and above 1, too."""
    chances = torch.Generator().manual_seed(10 * count + size)
    return low + (high - low) * torch.rand(count, 3, size, size, generator=chances)


def straight(length: float) -> Respond:
    """A response with the same slope everywhere: its gradient has this length."""

    def respond(images: Tensor) -> Tensor:
        flat = images.flatten(1)
        # like drawn numbers; torch.func.vmap, in an answer, could not draw
        weights = torch.sin(torch.arange(1.0, flat.shape[1] + 1) ** 2)
        return flat @ (length * weights / weights.norm()) + 2

    return respond


def colours(images: Tensor) -> Tensor:
    """Of the red, minus twice the green and the blue: the slopes can be told one by one."""
    return (images * torch.tensor([1.0, -2, 2]).view(3, 1, 1)).sum((1, 2, 3)) + 4


def curved(images: Tensor) -> Tensor:
    """A response, at times below 0, that is steeper at some images than at others."""
    return straight(3.0)(images).square() - 9 + straight(1.0)(images.flip(1, 2))


def silent(images: Tensor) -> Tensor:
    """A response that is 0, and flat, at some images."""
    return torch.relu(straight(0.012345)(images) - 2)


def filtered(images: Tensor) -> Tensor:
    """A largest response, of filters, as in the lesson."""
    filters = torch.sin(torch.arange(16.0 * 3 * 49) ** 2).view(16, 3, 7, 7)
    return F.conv2d(images, filters).relu().sum(1).amax((1, 2))
