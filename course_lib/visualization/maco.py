"""MACO: pictures whose Fourier magnitudes are those of photographs; only the phases are turned."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, NoReturn

import torch
from torch import Tensor

from course_lib.activations import Device, HasImages, batches
from course_lib.checks import check_images, images_of

_DARKEST = 1 / 32  # a pixel is taken to lie at least so far from black and from white
_FLAT = 1e-3  # less contrast than that, before the sigmoid, is a tenth of a grey level
_SMALLEST = 3  # the edge, in pixels, from which on a picture has a wave whose phase is free


class Spectrum(NamedTuple):
    """The magnitudes and colours of photographs, measured where the sigmoid is undone.

    A pixel p in [0, 1] becomes log(p / (1 - p)); this is turned into three colour axes along which
    the photographs vary independently of each other, and each axis into waves.

    magnitude: (3, S, S // 2 + 1), the mean over photographs of the absolute Fourier coefficients
        (`torch.fft.rfft2`, divided by S * S) of each colour axis; 0 for the zero frequency.
    axes: (3, 3), orthonormal; its columns are the colour axes, the strongest first.
    mean: (3,), the mean colour.
    """

    magnitude: Tensor
    axes: Tensor
    mean: Tensor


class Maco:
    """The phases of a picture's waves, and nothing else.

    A picture's Fourier magnitudes are those of the spectrum, exactly, before the sigmoid that keeps
    pixels within (0, 1); its mean colour there is the photographs' (Fel et al., 2023, "Unlocking
    feature visualization for deeper networks with magnitude constrained optimization", arXiv
    2306.06805). It can therefore neither gain contrast nor turn into fine grain.

    Two things are done otherwise than in the paper, which standardises a picture before the
    sigmoid: the spectrum is measured where the sigmoid is undone, so that contrast and mean colour
    are the photographs' own; and the colour axes are the photographs', too. There is no
    transparency map.

    What this buys depends on the images. In the tiny lab it buys nothing: other networks recognise
    slightly fewer of its pictures than of the other two kinds' (the README has the numbers, which
    `tests/benchmarks/test_image_kinds.py` measures). A render has few directions; the average over
    renders, and so every MACO picture, has all of them.

    Starts from random phases.
    """

    rate = 0.1

    def __init__(
        self, spectrum: Spectrum, count: int, size: int, seed: int, device: Device = "cpu"
    ) -> None:
        if size < _SMALLEST:
            raise ValueError(
                f"size={size}: a MACO picture has an edge of at least {_SMALLEST} pixels, below "
                "which no wave's phase is free."
            )
        generator = torch.Generator().manual_seed(seed)
        shape = (count, 3, size, size // 2 + 1)
        start = 2 * torch.rand(shape, generator=generator, dtype=torch.float32) - 1
        self.parameters = [(math.pi * start).to(device).requires_grad_(True)]
        self._magnitude = resized_magnitude(spectrum.magnitude, size).to(device)
        self._axes = spectrum.axes.to(device)
        self._mean = spectrum.mean[:, None, None].to(device)
        self._paired = _paired_columns(size).to(device)
        self._opposite = _opposite_rows(size).to(device)
        self._size = size

    def planes(self) -> Tensor:
        """The pictures before colours and sigmoid, (N, 3, S, S), by colour axis."""
        phase = self.parameters[0]
        # In these columns a real picture's rows come in pairs of opposite phase; without that the
        # inverse transform would drop a part, and the magnitudes would no longer be exact.
        columns = phase[..., self._paired]
        columns = columns - columns[..., self._opposite, :]
        phase = phase.index_copy(-1, self._paired, columns)
        spectrum = torch.polar(self._magnitude.expand_as(phase), phase)
        return torch.fft.irfft2(spectrum, s=(self._size, self._size), norm="forward")

    def images(self) -> Tensor:
        return torch.sigmoid(torch.einsum("ck,nkhw->nchw", self._axes, self.planes()) + self._mean)

    def after_step(self) -> None:
        """Nothing: every phase is allowed."""


def maco(photos: Tensor | HasImages) -> Callable[[int, int, int, Device], Maco]:
    """The image kind whose spectrum is that of photographs, for `visualize(image=...)`.

    >>> visualize(lab.network, None, 3, image=maco(lab.photos("train")))

    The spectrum is measured once, here. Pictures may be smaller than the photographs, which leaves
    out the waves that are too fine for them, or larger: they are then smooth, because nothing is
    known of finer waves than the photographs'.

    Args:
        photos: (N, 3, S, S) in [0, 1], or what `lab.photos` returns; the more, the smoother it is.

    Raises:
        NoImagesError: (a ValueError) no photographs.
        ValueError: other images than these, or images without any structure.
    """
    return partial(Maco, spectrum_of(check_images(images_of(photos), "photos")))


def needs_photographs(*_: object) -> NoReturn:
    """The image kind "maco" by its name alone, which is an error that says what to give instead."""
    raise ValueError(
        "image='maco' needs photographs to take its spectrum from: give "
        "image=course_lib.maco(photos), for example course_lib.maco(lab.photos('train'))."
    )


def spectrum_of(images: Tensor) -> Spectrum:
    """The spectrum of images (N, 3, S, S) in [0, 1]; a few batches of them in memory at a time.

    Raises:
        ValueError: every image is of one colour.
    """
    size = images.shape[-1]
    mean = torch.zeros(3, dtype=torch.float64)
    products = torch.zeros(3, 3, dtype=torch.float64)
    for batch in _before_sigmoid(images):
        colours = batch.transpose(0, 1).flatten(1)
        mean += colours.sum(1)
        products += colours @ colours.T
    pixels = len(images) * size**2
    mean = mean / pixels
    axes = torch.linalg.eigh(products / pixels - mean.outer(mean)).eigenvectors.flip(1)
    largest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    axes = axes * largest.sign()  # which the library that finds them leaves open
    magnitude = torch.zeros(3, size, size // 2 + 1, dtype=torch.float64)
    for batch in _before_sigmoid(images):
        planes = torch.einsum("ck,nchw->nkhw", axes, batch)
        magnitude += torch.fft.rfft2(planes, norm="forward").abs().sum(0)
    magnitude /= len(images)
    magnitude[:, 0, 0] = 0
    if magnitude.square().sum().sqrt() < _FLAT:
        raise ValueError(
            f"photos: each of the {len(images)} images is of one colour all over and so has no "
            "spectrum; give photographs."
        )
    return Spectrum(magnitude.float(), axes.float(), mean.float())


def resized_magnitude(magnitude: Tensor, size: int) -> Tensor:
    """Magnitudes (3, P, P // 2 + 1) for pictures of another size S: (3, S, S // 2 + 1).

    A wave keeps its number of cycles in the picture and its amplitude. Waves that are too fine for
    the new size are left out, and those that were too fine for the old size are 0.
    """
    old = magnitude.shape[1]
    finest = (old - 1) // 2 if size > old else old // 2
    rows = (torch.fft.fftfreq(size) * size).round().long()
    columns = torch.arange(size // 2 + 1)
    known = (rows.abs()[:, None] <= finest) & (columns <= finest)
    fitted = magnitude[:, rows % old][:, :, columns.clamp(max=old // 2)] * known
    paired = _paired_columns(size)
    edge = fitted[:, :, paired]
    fitted[:, :, paired] = (edge + edge[:, _opposite_rows(size)]) / 2  # as a real picture has it
    return fitted


def _before_sigmoid(images: Tensor) -> Iterator[Tensor]:
    for batch in batches(images.detach()):
        yield torch.logit(batch.to("cpu", torch.float64), _DARKEST)


def _paired_columns(size: int) -> Tensor:
    """The columns of `rfft2` that hold both waves of every pair of opposite ones."""
    return torch.tensor([0] if size % 2 else [0, size // 2])


def _opposite_rows(size: int) -> Tensor:
    """For every row the one of the opposite frequency."""
    return -torch.arange(size) % size
