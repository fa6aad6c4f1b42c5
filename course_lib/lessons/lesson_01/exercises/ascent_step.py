"""Lesson 01: one step uphill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, tensor
from course_lib.labs.tiny.lab import open_tiny

STATEMENT = """
Write one step of the climb. `image` is `(1, 3, S, S)` with values in [0, 1]; what you return is the
same image moved a little, so that `network(image)[0, unit]` rises:

1. ask PyTorch for the slope of that logit with regard to the image;
2. divide it by its own standard deviation, so that every step is of about the same size;
3. move the image by `rate` times that, and keep every pixel between 0 (black) and 1 (white).

The network must stay as it is, and so must the image that you are given: return a new one.
"""


def reference(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    """One step uphill for a unit's logit; returns the new image."""
    image = image.clone().requires_grad_(True)
    logit = network(image)[0, unit]
    (slope,) = torch.autograd.grad(logit, image)
    return (image + rate * slope / slope.std()).clamp(0, 1).detach()


def _case(seed: int, low: float, high: float, unit: int, rate: float) -> tuple[Any, ...]:
    """A small network and an image with pixels between two values, cut to [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3, 2), nn.SiLU(), nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(54, 8)
    )
    for weights in network.parameters():
        weights.data = 0.2 * seed * torch.randn(weights.shape, generator=generator)
    # so large that it does not matter whether N or N - 1 stands in the standard deviation
    image = torch.rand(1, 3, 40 + seed, 40 + seed, generator=generator)
    return network, (low + (high - low) * image).clamp(0, 1), unit, rate


def _grey() -> Iterator[tuple[Any, ...]]:
    """Images far from black and white; with the last, the lesson's, the right step goes too far."""
    yield _case(1, 0.4, 0.6, 7, 0.01)
    yield _case(2, 0.35, 0.65, 2, 0.05)
    yield _case(3, 0.4, 0.6, 0, 0.02)
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    yield open_tiny("standard").network, 0.5 + 0.01 * noise, 7, 0.01


def _told(
    found: Tensor, wanted: Tensor, network: nn.Module, image: Tensor, unit: int, rate: float
) -> str:
    with torch.no_grad():
        start, mine, due = (
            f"{float(network(i.to(image))[0, unit]):.3g}" for i in (image, found, wanted)
        )
    moved, should = (f"{float((i - image).detach().abs().mean()):.2g}" for i in (found, wanted))
    return (
        f"With rate={rate} your step takes the logit of unit {unit} from {start} to {mine} (it "
        f"should come to {due}) and changes a pixel by {moved} on average (it should be {should}):"
    )


def _step(
    direction: Callable[[Tensor], Tensor] = lambda slope: slope / slope.std(),
    climbed: Callable[[Tensor, int], Tensor] = lambda logits, unit: logits[unit],
    cut: bool = True,
) -> Callable[..., Tensor]:
    """The reference with something changed."""

    def step(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
        image = image.clone().requires_grad_(True)
        (slope,) = torch.autograd.grad(climbed(network(image)[0], unit), image)
        moved = (image + rate * direction(slope)).detach()
        return moved.clamp(0, 1) if cut else moved

    return step


EXERCISE = Exercise(
    title="one step uphill",
    core=True,
    difficulty=2,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(tensor, "the moved image"),
    checks=(
        Agrees(
            "takes the right step from grey images, for several networks, units and rates",
            _grey,
            _told,
            "is it image + rate * slope / slope.std(), with the slope of network(image)[0, unit]?",
            (
                Mistake(_step(lambda s: -s / s.std()), "you walk downhill: mind the sign."),
                Mistake(
                    lambda network, image, *more: reference(network, image, *more) - image,
                    "you return the step, not the image: add it to the image.",
                ),
                Mistake(_step(lambda s: s), "divide the slope by its standard deviation."),
                Mistake(
                    _step(climbed=lambda logits, unit: logits.sum()),
                    "you climb all units at once: only network(image)[0, unit] is to rise.",
                ),
                Mistake(
                    _step(climbed=lambda logits, unit: logits.softmax(0)[unit]),
                    "you climb a share (softmax), and the logit itself is asked for.",
                ),
                Mistake(
                    _step(torch.sign),
                    "you keep only the slope's sign, so that every pixel moves equally far.",
                ),
                Mistake(
                    _step(lambda s: s / s.std((2, 3), keepdim=True)),
                    "you divide each colour by a standard deviation of its own; take one, of the "
                    "whole slope.",
                ),
                Mistake(
                    _step(lambda s: s / s.norm()),
                    "you divide by the slope's length; that is not its standard deviation.",
                ),
            ),
            within=3e-4,
        ),
        Agrees(
            "stays between black and white",
            [_case(1, -0.5, 1.5, 3, 0.1), _case(2, -0.1, 0.7, 7, 0.1), _case(3, 0.6, 1.2, 2, 0.05)],
            lambda found, *_: (
                "From an image with black or white in it, your step leads to values from "
                f"{found.min():.2f} to {found.max():.2f}:"
            ),
            "a pixel that would leave [0, 1] becomes 0 or 1, and the others are left as they are.",
            (Mistake(_step(cut=False), "no screen can show what lies outside [0, 1]."),),
            within=1e-3,
        ),
    ),
    hints=(
        "A tensor collects gradients only if it is asked to: image.clone().requires_grad_(True).",
        "torch.autograd.grad(logit, image) returns a tuple with one tensor in it, the slope. It "
        "leaves the network alone, while backward() would also fill the network's own gradients.",
        "Uphill is image + rate * slope / slope.std(). Then .clamp(0, 1), and .detach() to let go "
        "of what the gradient needed.",
    ),
)
