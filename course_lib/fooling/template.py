"""Unit D of the fooling circuit when a picture is to be shown: the likeness of an image to it."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.visualization.transformations import Transformations, moved

_TOP = 40.0  # about as large as a logit along an optimization
_COARSE = 64  # moved copies are compared at this size at most: their fine detail blurs anyway
_MOVES = (-0.8, -0.4, 0.0, 0.4, 0.8)  # of the largest turn and zoom
_AS_IT_IS = 0.5  # the weight of the picture where it is, against its moved copies
_SOFTNESS = 0.02  # of the choice between moved copies
_PULL = 0.03  # towards the picture that was not moved


class Template(nn.Module):
    """(B, 3, S, S) in [0, 1] -> (B, 1), between -40 and about 40: likeness to one picture.

    With d the mean squared difference in units of the picture's own variance, 40 (1 - d) / (1 + d).
    A part of d compares with the picture as it is. The other part compares with the nearest of its
    copies that are moved, turned and zoomed as far as `Transformations()` goes. Without the second,
    an optimization through random transformations ends at the picture's blurred average; without
    the first, it ends at one of the copies.

    Args:
        picture: (3, S, S) in [0, 1]. Images of another size are compared at theirs.
    """

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        self.register_buffer("picture", picture.detach().clone())
        self._bank: tuple[Tensor, Tensor, Tensor] | None = None

    def forward(self, images: Tensor) -> Tensor:
        """The likeness of each image."""
        picture = resized(self.get_buffer("picture").to(images), images.shape[-1])
        spread = _spread(picture)
        plain = (images - picture).square().mean((1, 2, 3)) / spread
        nearest = self._to_nearest_copy(images, picture)
        distance = _AS_IT_IS * plain + (1 - _AS_IT_IS) * nearest
        return (_TOP * (1 - distance) / (1 + distance))[:, None]

    def _to_nearest_copy(self, images: Tensor, picture: Tensor) -> Tensor:
        """A soft minimum, (B,), over moved copies and all shifts, by way of Fourier transforms."""
        size = min(images.shape[-1], _COARSE)
        images, picture = _shrunk(images, size), resized(picture, size)
        spectra, power, price = self._moved_copies(picture)
        both = (torch.fft.rfft2(images)[:, None] * spectra).sum(2)
        products = torch.fft.irfft2(both, s=(size, size))
        reach = (price.shape[-1] - 1) // 2
        near = torch.arange(-reach, reach + 1, device=images.device) % size
        products = products.index_select(-2, near).index_select(-1, near)
        own = images.square().mean((1, 2, 3))[:, None, None, None]
        distances = own + power[:, None, None] - 2 * products / picture.numel()
        distances = (distances / _spread(picture) + price).flatten(1)
        return -_SOFTNESS * torch.logsumexp(-distances / _SOFTNESS, dim=1)

    def _moved_copies(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of M copies: their conjugate spectra, mean squares, and the price of each shift."""
        kept, wanted = self._bank, (picture.device, picture.dtype, picture.shape[-1])
        if kept is not None and (kept[1].device, kept[1].dtype, kept[0].shape[-2]) == wanted:
            return kept
        most = Transformations()
        moves = torch.tensor(_MOVES)
        grid = torch.cartesian_prod(moves, moves)
        count, size = len(grid), picture.shape[-1]
        with torch.no_grad():
            copies = moved(
                picture.expand(count, -1, -1, -1),
                math.radians(most.rotate) * grid[:, 0],
                torch.exp(math.log(most.scale) * grid[:, 1]),
                torch.zeros(2, count),
            )
            reach = max(1, round(most.jitter * size))
            shift = torch.linspace(-1, 1, 2 * reach + 1).square()
            price = _PULL * (grid.square().sum(1)[:, None, None] + shift[:, None] + shift)
            power = copies.square().mean((1, 2, 3))
            self._bank = torch.fft.rfft2(copies).conj(), power, price.to(picture)
        return self._bank


def _spread(picture: Tensor) -> Tensor:
    """The picture's variance; a plain one counts as having a little."""
    return (picture - picture.mean((1, 2), keepdim=True)).square().mean() + 1e-4


def _shrunk(images: Tensor, size: int) -> Tensor:
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, (size, size), mode="bilinear", antialias=True, align_corners=False)


def resized(picture: Tensor, size: int) -> Tensor:
    """A picture (3, S, S) in [0, 1] at another size, (3, size, size)."""
    return picture if picture.shape[-1] == size else _shrunk(picture[None], size)[0].clamp(0, 1)
