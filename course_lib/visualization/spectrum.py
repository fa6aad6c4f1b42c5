"""How much of an image is coarse and how much is fine: its amplitude spectrum."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.checks import check_images


def amplitude_by_frequency(images: Tensor) -> tuple[Tensor, Tensor]:
    """The mean amplitude of the images' brightness, by spatial frequency.

    Args:
        images: (N, 3, S, S) in [0, 1].

    Returns:
        Frequencies (F,) in cycles per image, 1 to S/2, and amplitudes (F,): the root mean square
        over images and over all Fourier coefficients within half a cycle of that frequency.
    """
    check_images(images)
    size = images.shape[-1]
    grey = images.mean(1)
    spectrum = torch.fft.fft2(grey).abs() * 2 / size**2
    rows = torch.fft.fftfreq(size) * size
    radius = torch.hypot(rows[:, None], rows[None, :]).round().long()
    frequencies = torch.arange(1, size // 2 + 1)
    power = torch.stack([spectrum[:, radius == f].square().mean() for f in frequencies.tolist()])
    return frequencies, power.sqrt()
