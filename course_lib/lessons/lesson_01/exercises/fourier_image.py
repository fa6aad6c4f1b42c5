"""Lesson 01: an image from its waves.

Turn waves into an image. `spectrum` is `(B, 3, S, S // 2 + 1)`, complex, one number for each wave
and colour, in the layout of `torch.fft.rfft2`, and `size` is S. Return images `(B, 3, S, S)` in
[0, 1]:

1. the frequency of each wave, in cycles a pixel, is the length of the vector of
   `torch.fft.fftfreq(S)` (rows) and `torch.fft.rfftfreq(S)` (columns);
2. multiply each number by 1 / frequency, as in photographs; for the constant wave, of frequency
   0, use 1 / S as the frequency;
3. go back to pixels with `torch.fft.irfft2(..., s=(S, S), norm="ortho")` and divide by 4;
4. bring the result into (0, 1) with a sigmoid.

The waves are what an optimizer will change, so gradients have to get through: stay with PyTorch.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.fft import fftfreq, irfft2, rfftfreq

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, Wrong, rows, tensor


def reference(spectrum: Tensor, size: int) -> Tensor:
    """Images (B, 3, S, S) in [0, 1] from their waves."""
    rows, columns = torch.fft.fftfreq(size), torch.fft.rfftfreq(size)
    frequency = torch.hypot(rows[:, None], columns[None, :]).clamp(min=1 / size)
    planes = torch.fft.irfft2(spectrum / frequency, s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def _images(value: object, what: str) -> Tensor:
    images = tensor(value, what).float()  # what a network takes, whatever it was computed in
    high, wide = images.shape[-2:] if images.dim() == 4 else (0, 0)
    if wide == high - 1:
        raise Wrong(
            f"Your images are {high} by {wide} pixels: irfft2 cannot know whether the width is "
            "odd, tell it s=(size, size)."
        )
    return images


def _noise(size: int, strength: float, count: int) -> tuple[Tensor, int]:
    generator = torch.Generator().manual_seed(size)
    parts = strength * torch.randn(count, 3, size, size // 2 + 1, 2, generator=generator)
    return torch.view_as_complex(parts).requires_grad_(True), size


def _wave(size: int, row: int, column: int, height: complex = 4) -> tuple[Tensor, int]:
    spectrum = torch.zeros(1, 3, size, size // 2 + 1, dtype=torch.complex64)
    spectrum[:, :, row, column] = height * torch.tensor([1.0, 0.7, -0.5])
    return spectrum, size


def _told(found: Tensor, wanted: Tensor, spectrum: Tensor, size: int) -> str:
    planes, due = (4 * i.detach().to(wanted).logit() for i in (found, wanted))
    (row, column), *more = spectrum[0, 0].nonzero().tolist()
    high = float((planes * due).sum() / (due * due).sum())
    if not more and planes.allclose(high * due, atol=0.01 * float(due.abs().max())):
        down, across = float(fftfreq(size)[row]), float(rfftfreq(size)[column])
        frequency = math.hypot(down, across) or 1 / size
        yours = f"as if it were {frequency / high:.4g}" if abs(high) > 1e-3 else "0 high"
        return (
            f"With {size=}, row {row} of the waves has the frequency {down:.4g}, column {column} "
            f"{across:.4g}, both together (hypot, 1 / S for 0) {frequency:.4g}; yours comes out "
            f"{yours}:"
        )
    now = "With {}, irfft2 gives {}, a quarter of that is {}, its sigmoid {}; yours run from {}:"
    steps = [f"{i.min():.3g} to {i.max():.3g}" for i in (due, due / 4, wanted, found)]
    return now.format(f"{size=}", *steps)


def _made(
    frequency: Callable[[Tensor, Tensor], Tensor] = torch.hypot,
    constant: Callable[[int], float] = lambda size: 1 / size,
    norm: str = "ortho",
    squash: Callable[[Tensor], Tensor] = torch.sigmoid,
) -> Callable[..., Tensor]:
    """The reference with something changed."""

    def image(spectrum: Tensor, size: int) -> Tensor:
        weight = frequency(fftfreq(size)[:, None], rfftfreq(size)[None]).clone()
        weight[0, 0] = constant(size)
        planes = irfft2(spectrum / weight, s=(size, size), norm=norm)
        return squash(planes / 4)

    return image


def _stretched(x: Tensor, *over: int) -> Tensor:
    least, most = x.amin(over, keepdim=True), x.amax(over, keepdim=True)
    return (x - least) / (most - least)


_RECIPE = "each number over its frequency, irfft2 with norm='ortho', that over 4, then a sigmoid."
_MISTAKES: Rows = {
    "you scale all waves alike, by 1.": _made(lambda y, x: (y + x) ** 0, lambda _: 1.0),
    "you multiply by the frequency: divide.": _made(lambda y, x: 1 / torch.hypot(y, x)),
    "you add the frequencies; torch.hypot(rows, columns).": _made(lambda y, x: y.abs() + x),
    "you divide by squares: where is the root?": _made(lambda y, x: y**2 + x**2),
    "rows past the middle go below 0: fftfreq.": _made(lambda y, x: torch.hypot(y % 1, x)),
    "is norm='ortho' missing? Are these cycles an image?": _made(norm="backward"),
    "where is the sigmoid?": _made(squash=lambda x: x + 0.5),
    "you cut off, without a sigmoid.": _made(squash=lambda x: (0.5 + x / 4).clamp(0, 1)),
    "you stretch each colour, with no sigmoid.": _made(squash=lambda x: _stretched(x, 2, 3)),
    "you stretch each image, with no sigmoid.": _made(squash=lambda x: _stretched(x, 1, 2, 3)),
    "you multiply by 4, in place of dividing.": _made(squash=lambda x: (16 * x).sigmoid()),
    "divide by 4 before the sigmoid.": _made(squash=lambda x: (4 * x).sigmoid() / 4),
    "you drop the imaginary part.": lambda waves, size: reference(waves.real + 0j, size),
}
_WAVES = ((32, 0, 2), (32, 0, 8), (33, 4, 0), (32, 28, 3, 4j), (33, 20, 5), (12, 6, 6), (7, 1, 1))

EXERCISE = Exercise(
    title="an image from its waves",
    core=False,
    difficulty=4,
    minutes=12,
    reference=reference,
    gives=Gives(_images, "the images"),
    checks=(
        Agrees(
            "makes an image of a single wave",
            [_wave(*wave) for wave in _WAVES],
            _told,
            _RECIPE,
            rows(_MISTAKES),
        ),
        Agrees(
            "treats the constant wave as one of frequency 1 / S",
            [_wave(32, 0, 0, 1), _wave(9, 0, 0, -3)],
            _told,
            "the constant wave's frequency, 0, is replaced by 1 / size, and no other one.",
            rows(
                {
                    "you leave it out; use 1 / S.": _made(constant=lambda _: torch.inf),
                    "next to 0 for a frequency drowns all other waves; use 1 / S.": _made(
                        constant=lambda _: 1e-8
                    ),
                }
            ),
        ),
        Agrees(
            "makes images of any spectrum, and lets gradients through",
            [_noise(32, 0.01, 2), _noise(64, 2.0, 1), _noise(9, 0.3, 4), _noise(5, 0.5, 1)],
            _told,
            _RECIPE,
            gradient=True,
        ),
    ),
    hints=(
        "torch.hypot(rows[:, None], columns[None, :]) is (S, S // 2 + 1): a frequency for every "
        "wave.",
        ".clamp(min=1 / size) deals with frequency 0, and touches no other.",
        "s=(size, size) tells irfft2 whether S is odd, and norm='ortho' spares a factor of S.",
    ),
)
