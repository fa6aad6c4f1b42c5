"""Lesson 01: an image from its waves."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor
from course_lib.labs.tiny.lab import open_tiny

STATEMENT = """
Turn waves into an image. `spectrum` is `(B, 3, S, S // 2 + 1)`, complex, one number for each wave
and colour, in the layout of `torch.fft.rfft2`. Return images `(B, 3, S, S)` in [0, 1]:

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


_SIZE = 32


def _noise(size: int, strength: float) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    parts = strength * torch.randn(2, 3, size, size // 2 + 1, 2, generator=generator)
    return torch.view_as_complex(parts)


def _contrast(attempt: Attempt, column: int) -> float:
    """The contrast of the image of one wave of so many cycles."""
    spectrum = torch.zeros(1, 3, _SIZE, _SIZE // 2 + 1, dtype=torch.complex64)
    spectrum[:, :, 0, column] = 0.01
    images = tensor(attempt(spectrum, _SIZE), "the image of one wave", (1, 3, _SIZE, _SIZE))
    return float(images.detach().std())


def _gives_images(attempt: Attempt) -> None:
    for size in (_SIZE, _SIZE + 1):
        images = tensor(attempt(_noise(size, 0.01), size), "the images")
        if images.shape == (2, 3, size, size - 1):
            raise Wrong(
                f"For size={size} your images are {size} by {size - 1} pixels: irfft2 cannot know "
                "whether the width is odd, tell it s=(size, size)."
            )
        tensor(images, "the images", (2, 3, size, size))


def _weighs_like_photographs(attempt: Attempt) -> None:
    coarse, fine = _contrast(attempt, 2), _contrast(attempt, 8)
    if fine == 0:
        raise Wrong("A wave of 8 cycles leaves no trace in your image.")
    ratio = coarse / fine  # 4 for amplitudes in proportion to 1 / frequency
    if ratio < 0.5:
        raise Wrong(
            f"Fine waves come out {1 / ratio:.1f} times as strong as waves four times as coarse: "
            "divide by the frequency."
        )
    if ratio < 2:
        raise Wrong(
            "Fine and coarse waves come out equally strong, so that the optimizer prefers fine "
            "grain: scale each by 1 / frequency."
        )
    if ratio > 8:
        raise Wrong(f"Waves of 2 cycles come out {ratio:.0f} times as strong as those of 8, not 4.")


def _has_contrast(attempt: Attempt) -> None:
    ratio = _contrast(attempt, 2) / _contrast(Attempt(reference), 2)
    if ratio < 0.3:
        raise Wrong(
            f"The image is nearly grey, with {ratio:.2g} of the contrast that it should have; "
            'Adam would hardly move it: norm="ortho", divided by 4.'
        )


def _stays_in_range(attempt: Attempt) -> None:
    images = attempt(_noise(_SIZE, 3.0), _SIZE).detach()
    low, high = images.min().item(), images.max().item()
    if low < 0 or high > 1:
        raise Wrong(
            f"For a strong spectrum the pixels run from {low:.1f} to {high:.1f}: a sigmoid brings "
            "them into (0, 1)."
        )


def _frequency(size: int) -> Tensor:
    rows, columns = torch.fft.fftfreq(size), torch.fft.rfftfreq(size)
    return torch.hypot(rows[:, None], columns[None, :]).clamp(min=1 / size)


def unscaled(spectrum: Tensor, size: int) -> Tensor:
    return torch.sigmoid(torch.fft.irfft2(spectrum, s=(size, size), norm="ortho"))


def upside_down(spectrum: Tensor, size: int) -> Tensor:
    scaled = spectrum * _frequency(size)
    return torch.sigmoid(torch.fft.irfft2(scaled, s=(size, size), norm="ortho") * 4)


def divides_by_zero(spectrum: Tensor, size: int) -> Tensor:
    frequency = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size))
    planes = torch.fft.irfft2(spectrum / frequency, s=(size, size), norm="ortho")
    return torch.sigmoid(planes / 4)


def leaves_the_range(spectrum: Tensor, size: int) -> Tensor:
    return 0.5 + torch.fft.irfft2(spectrum / _frequency(size), s=(size, size), norm="ortho") / 4


def forgets_the_norm(spectrum: Tensor, size: int) -> Tensor:
    return reference(spectrum / size, size)


def forgets_the_size(spectrum: Tensor, size: int) -> Tensor:
    return torch.sigmoid(torch.fft.irfft2(spectrum / _frequency(size), norm="ortho") / 4)


def _outcome(fourier_image: Callable[[Tensor, int], Tensor]) -> float:
    """How well another network knows four pictures that were drawn with it, as a mean log share.

    Another network, because the one that they are drawn for is convinced by anything. What cannot
    be shown counts as shown: cut to [0, 1]. An odd size must work too.
    """
    network, judge = open_tiny("standard").network, open_tiny("standard", seed=1).network
    units, rows = [7, 3, 0, 4], torch.arange(4)
    generator = torch.Generator().manual_seed(0)
    parts = (0.01 * torch.randn(4, 3, 64, 33, 2, generator=generator)).requires_grad_(True)
    optimizer = torch.optim.Adam([parts], lr=0.05)
    fourier_image(torch.zeros(1, 3, 63, 32, dtype=torch.complex64), 63).view(1, 3, 63, 63)
    for _ in range(64):
        optimizer.zero_grad()
        images = fourier_image(torch.view_as_complex(parts), 64)
        (-network(images)[rows, units].mean()).backward()
        optimizer.step()
    shown = fourier_image(torch.view_as_complex(parts.detach()), 64).clamp(0, 1)
    score = float(judge(shown).log_softmax(1)[rows, units].mean())
    return score if math.isfinite(score) else -math.inf


EXERCISE = Exercise(
    title="an image from its waves",
    core=False,
    difficulty=4,
    minutes=12,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives images of even and of odd size", _gives_images),
        Check("weighs waves like photographs", _weighs_like_photographs),
        Check("has enough contrast for Adam", _has_contrast),
        Check("stays between black and white", _stays_in_range),
    ),
    hints=(
        "torch.hypot(rows[:, None], columns[None, :]) is (S, S // 2 + 1): a frequency for every "
        "wave.",
        ".clamp(min=1 / size) deals with frequency 0, and touches no other.",
        "s=(size, size) tells irfft2 whether S is odd, and norm='ortho' spares a factor of S.",
    ),
    mistakes=(
        Mistake(unscaled, r"Fine and coarse waves come out equally strong"),
        Mistake(upside_down, r"Fine waves come out"),
        Mistake(divides_by_zero, r"\d+ of the \d+ numbers that your function returned are NaN"),
        Mistake(leaves_the_range, r"For a strong spectrum the pixels run from"),
        Mistake(forgets_the_norm, r"The image is nearly grey"),
        Mistake(forgets_the_size, r"For size=33 your images are 33 by 32"),
    ),
    outcome=_outcome,
    harm=0.1,
)
