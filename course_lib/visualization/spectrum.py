"""How much of an image is coarse and how much is fine: its amplitude spectrum."""

import torch
from torch import Tensor

from course_lib.checks import check_images


def amplitude_by_frequency(images: Tensor) -> tuple[Tensor, Tensor]:
    """The mean amplitude of the brightness of images (N, 3, S, S), by spatial frequency.

    Frequencies (F,) are in cycles per image, 1 to S/2; an amplitude (F,) is the root mean square
    over images and over all Fourier coefficients within half a cycle of that frequency.
    """
    check_images(images)
    size = images.shape[-1]
    spectrum = torch.fft.fft2(images.mean(1)).abs() * 2 / size**2
    radius = frequency_of(images)
    frequencies = torch.arange(1, size // 2 + 1)
    power = torch.stack([spectrum[:, radius == f].square().mean() for f in frequencies.tolist()])
    return frequencies, power.sqrt()


def frequency_of(images: Tensor) -> Tensor:
    """Spatial frequency of every Fourier coefficient (S, S), in whole cycles per image."""
    rows = torch.fft.fftfreq(images.shape[-1], device=images.device) * images.shape[-1]
    return torch.hypot(rows[:, None], rows[None, :]).round().long()
