"""Image parameterizations: the numbers that the optimizer changes, and the pictures they make."""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from course_lib.activations import Device
from course_lib.checks import check_images, positive_number
from course_lib.visualization.maco import needs_photographs

# Square root of the covariance of colours in natural images, the constants of Olah et al. (2017),
# scaled so that the strongest direction (grey) has length 1.
_COLOUR_ROOT = torch.tensor(
    [[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], dtype=torch.float32
)


class ImageParameterization(Protocol):
    """N pictures, as numbers that an optimizer can change.

    parameters: the leaf tensors that the optimizer changes.
    rate: a learning rate for Adam at which this parameterization does well.
    """

    parameters: list[Tensor]
    rate: float

    def images(self) -> Tensor:
        """The pictures, (N, 3, S, S) in [0, 1], differentiable in the parameters."""
        ...

    def after_step(self) -> None:
        """Bring the parameters back to where they are allowed, in place."""
        ...


class PlainPixels:
    """Every pixel a free number, cut to [0, 1] after each step: the lesson's negative example.

    Starts as grey 0.5 with normal noise of standard deviation 0.01.
    """

    rate = 0.02

    def __init__(self, count: int, size: int, seed: int, device: Device = "cpu") -> None:
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(count, 3, size, size, generator=generator, dtype=torch.float32)
        self.parameters = [(0.5 + 0.01 * noise).clamp(0, 1).to(device).requires_grad_(True)]

    def images(self) -> Tensor:
        return self.parameters[0]

    def after_step(self) -> None:
        with torch.no_grad():
            self.parameters[0].clamp_(0, 1)


def near(images: Tensor, length: float) -> Callable[..., PlainPixels]:
    """The parameterization of pictures that start as images, and stay near them: a leash.

    To be given to `visualize(image=...)`, with a small rate, few steps and no transformations
    (after Hamblin et al., 2024, "Feature accentuation").

    Args:
        images: (N, 3, S, S) in [0, 1], one for each picture. length: how far a pixel's colours may
            go from where they started.

    Raises:
        ValueError: no positive length; or, when drawn, not one image for each picture.
    """
    length = positive_number(length, "length", 0.25)
    starts = check_images(images)

    class Near(PlainPixels):
        def __init__(self, count: int, size: int, seed: int, device: Device = "cpu") -> None:
            if (count, size) != (len(starts), starts.shape[-1]):
                raise ValueError(
                    f"{len(starts)} images of {starts.shape[-1]} pixels for {count} pictures of "
                    f"{size}: give one image for each unit, of the pictures' size."
                )
            self._starts = starts.to(device, torch.float32)
            self.parameters = [self._starts.clone().requires_grad_(True)]

        def after_step(self) -> None:
            with torch.no_grad():
                moved = (self.parameters[0] - self._starts).clamp(-length, length)
                self.parameters[0].copy_((self._starts + moved).clamp(0, 1))

    return Near


class Fourier:
    """The picture's Fourier coefficients, scaled like a photograph's, in decorrelated colours.

    A step of equal size in every coefficient is then a step in the directions in which natural
    images vary: smooth before fine, grey before coloured (Olah, Mordvintsev & Schubert, 2017,
    "Preconditioning and parameterization"). The coefficient of frequency f is scaled by
    1 / max(f, 1/S), and a sigmoid keeps the pixels within (0, 1).

    Starts near grey, from normal noise. Lesson 01 builds such an image by hand.
    """

    rate = 0.05

    def __init__(self, count: int, size: int, seed: int, device: Device = "cpu") -> None:
        generator = torch.Generator().manual_seed(seed)
        shape = (count, 3, size, size // 2 + 1, 2)
        start = 0.01 * torch.randn(shape, generator=generator, dtype=torch.float32)
        self.parameters = [start.to(device).requires_grad_(True)]
        rows = torch.fft.fftfreq(size, dtype=torch.float32)
        columns = torch.fft.rfftfreq(size, dtype=torch.float32)
        frequency = torch.hypot(rows[:, None], columns[None, :]).clamp(min=1 / size)
        self._scale = (1 / frequency / 4)[..., None].to(device)
        self._colour = (_COLOUR_ROOT / _COLOUR_ROOT.norm(dim=0).max()).to(device)
        self._size = size

    def images(self) -> Tensor:
        return torch.sigmoid(self.before_sigmoid())

    def before_sigmoid(self) -> Tensor:
        """The pictures before the sigmoid, (N, 3, S, S): linear in the parameters."""
        spectrum = torch.view_as_complex(self.parameters[0] * self._scale)
        planes = torch.fft.irfft2(spectrum, s=(self._size, self._size), norm="ortho")
        return torch.einsum("ck,nkhw->nchw", self._colour, planes)

    def after_step(self) -> None:
        """Nothing: every value of the coefficients is allowed."""


PARAMETERIZATIONS: dict[str, Callable[..., ImageParameterization]] = {
    "fourier": Fourier,
    "pixels": PlainPixels,
    "maco": needs_photographs,
}
"""The parameterizations by the names that `visualize(image=...)` accepts."""
