"""Lesson 01: an image from its waves."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.fft import fftfreq, irfft2, rfftfreq

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, Wrong, tensor

STATEMENT = """
Turn waves into an image. `spectrum` is `(B, 3, S, S // 2 + 1)`, complex, one number for each wave
and colour, in the layout of `torch.fft.rfft2`, and `size` is S. Return images `(B, 3, S, S)` in
[0, 1]:

1. the frequency of each wave, in cycles a pixel, is the length of the vector of
   `torch.fft.fftfreq(S)` (rows) and `torch.fft.rfftfreq(S)` (columns);
2. multiply each number by 1 / frequency, as in photographs; for the constant wave, of frequency
   0, use 1 / S as the frequency;
3. go back to pixels with `torch.fft.irfft2(..., s=(S, S), norm="ortho")` and divide by 4;
4. bring the result into (0, 1) with a sigmoid.
"""


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
    (row, column), *more = spectrum[0, 0].nonzero().tolist()
    one = f"a wave of {min(row, size - row)} cycles down and {column} across"
    yours, due = (
        f"from {i.min():.2f} to {i.max():.2f} (standard deviation {i.std():.2g})"
        for i in (found.detach(), wanted.detach())
    )
    what = "noise" if more else one
    return f"With size={size}, {what} gives you pixels {yours}; they should run {due}:"


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


_RECIPE = "each number over its frequency, irfft2 with norm='ortho', that over 4, then a sigmoid."
_HYPOT = "the length of the vector is the root of the sum of both squares, torch.hypot."

_WAVES = ((32, 0, 2), (32, 0, 8), (33, 4, 0), (32, 28, 3, 4j), (33, 20, 5), (12, 6, 6), (7, 1, 1))

EXERCISE = Exercise(
    title="an image from its waves",
    core=False,
    difficulty=4,
    minutes=12,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(_images, "the images"),
    checks=(
        Agrees(
            "weighs waves like photographs",
            [_wave(*wave) for wave in _WAVES],
            _told,
            _RECIPE,
            (
                Mistake(
                    _made(lambda y, x: torch.ones_like(y + x), lambda size: 1.0),
                    "fine and coarse waves come out equally strong, so that the optimizer prefers "
                    "fine grain. Scale each by 1 / frequency.",
                ),
                Mistake(
                    _made(lambda y, x: 1 / torch.hypot(y, x)),
                    "you multiply by the frequency, so that fine waves come out strongest: divide.",
                ),
                Mistake(_made(lambda y, x: y.abs() + x), f"you add the frequencies; {_HYPOT}"),
                Mistake(_made(lambda y, x: y**2 + x**2), f"you divide by squares; {_HYPOT}"),
                Mistake(
                    _made(norm="backward"),
                    "S times too weak. Is norm='ortho' missing? Are these cycles an image?",
                ),
                Mistake(_made(squash=lambda planes: planes + 0.5), "where is the sigmoid?"),
            ),
        ),
        Agrees(
            "treats the constant wave as one of frequency 1 / S",
            [_wave(32, 0, 0, 1), _wave(9, 0, 0, -3)],
            _told,
            "the constant wave's frequency, 0, is replaced by 1 / size, and no other one.",
            (
                Mistake(
                    _made(constant=lambda size: 1.0), "you give it the frequency 1, not 1 / S."
                ),
                Mistake(_made(constant=lambda size: torch.inf), "you leave it out; use 1 / S."),
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
