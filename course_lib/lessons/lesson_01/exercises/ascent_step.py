"""Lesson 01: one step uphill."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor
from course_lib.classroom.exercises.attempt import same_parameters
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


_RATE, _STEPS = 0.01, 20


def _grey(seed: int = 0) -> Tensor:
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    return (0.5 + 0.01 * noise).clamp(0, 1)


def _network() -> nn.Module:
    return open_tiny("standard").network


def _gives_an_image(attempt: Attempt) -> None:
    image = _grey()
    moved = tensor(attempt(_network(), image, 7, _RATE), "the moved image", (1, 3, 64, 64))
    if moved.mean().abs() < 0.25:  # a grey image moved by a hundredth has a mean near 0.5
        raise Wrong(
            "You returned the direction, not the image: its mean is "
            f"{moved.mean():.2f}, that of the image is {image.mean():.2f}. Add it to the image."
        )


def _leaves_the_rest_alone(attempt: Attempt) -> None:
    network, image = _network(), _grey()
    given = attempt.call(network, image, 7, _RATE).given
    if not same_parameters(given[0], network):
        raise Wrong("The network changed; only the picture may.")
    if not torch.equal(given[1], image):
        raise Wrong(
            "The image that you were given changed: the lesson still needs it, so work on a clone."
        )


def _goes_uphill(attempt: Attempt) -> None:
    network, unit = _network(), 7
    image = _grey()
    before = network(image)[0, unit].item()
    one = attempt(network, image, unit, _RATE)
    other = attempt(network, image, 2, _RATE)
    if torch.allclose(one.detach(), other.detach(), atol=1e-7) and not torch.equal(one, image):
        raise Wrong(
            "The step is the same for unit 7 and for unit 2: let the slope be that of "
            "network(image)[0, unit]."
        )
    for _ in range(_STEPS):
        image = attempt(network, image, unit, _RATE).detach()
    after = network(image)[0, unit].item()
    if after < before - 0.1:
        raise Wrong(f"Activation fell from {before:.1f} to {after:.1f}: you descended.")
    moved = (one.detach() - _grey()).abs().mean().item() / _RATE
    if moved < 0.2 or moved > 5:
        raise Wrong(
            f"With rate=0.01 the pixels moved by {moved * _RATE:.2g} on average, and should by "
            "about 0.008: divide the slope by its standard deviation."
        )
    if after < before + 1:
        raise Wrong(
            f"Activation went from {before:.1f} to {after:.1f} in {_STEPS} steps, where it should "
            "rise by more than 1: is this the slope of network(image)[0, unit]?"
        )


def _stays_in_range(attempt: Attempt) -> None:
    bright = (_grey() * 2).clamp(0, 1)
    moved = attempt(_network(), bright, 7, 0.1)
    low, high = moved.min().item(), moved.max().item()
    if low < 0 or high > 1:
        raise Wrong(
            f"The image left [0, 1]: its values run from {low:.2f} to {high:.2f}, and no screen "
            "can show that."
        )


def descends(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    image = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(image)[0, unit], image)
    return (image - rate * slope / slope.std()).clamp(0, 1).detach()


def trains_the_network(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    (-network(image)[0, unit]).backward()
    optimizer.step()
    return image


def leaves_the_range(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    return image + returns_the_direction(network, image, unit, rate)


def keeps_the_raw_slope(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    image = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(image)[0, unit], image)
    return (image + rate * slope).clamp(0, 1).detach()


def climbs_every_unit(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    image = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(image).sum(), image)
    return (image + rate * slope / slope.std()).clamp(0, 1).detach()


def returns_the_direction(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    image = image.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(network(image)[0, unit], image)
    return rate * slope / slope.std()


def changes_in_place(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
    return image.add_(returns_the_direction(network, image, unit, rate)).clamp_(0, 1)


def _outcome(step: object) -> float:
    """How far the logit rises in 40 steps, less what of the result no screen can show.

    The start is looked at after the climb, as the lesson does when it shows both.
    """
    assert callable(step)
    start, unit = _grey(), 7
    image = start
    for _ in range(40):
        image = step(open_tiny("standard").network.requires_grad_(True), image, unit, _RATE)
    network = _network()
    with torch.no_grad():
        shown, said = network(image.clamp(0, 1)), network(image)
        lost = (said - shown)[0, unit].abs()
        return float((shown - network(start.clamp(0, 1)))[0, unit] - lost)


EXERCISE = Exercise(
    title="one step uphill",
    core=True,
    difficulty=2,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("returns an image", _gives_an_image),
        Check("leaves the network and the given image alone", _leaves_the_rest_alone),
        Check("goes uphill for the unit that is asked for", _goes_uphill),
        Check("stays between black and white", _stays_in_range),
    ),
    hints=(
        "A tensor collects gradients only if it is asked to: image.clone().requires_grad_(True).",
        "torch.autograd.grad(logit, image) returns a tuple with one tensor in it, the slope. It "
        "leaves the network alone, while backward() would also fill the network's own gradients.",
        "Uphill is image + rate * slope / slope.std(). Then .clamp(0, 1), and .detach() to let go "
        "of what the gradient needed.",
    ),
    mistakes=(
        Mistake(descends, r"Activation fell from .* you descended"),
        Mistake(trains_the_network, r"The network changed; only the picture may"),
        Mistake(leaves_the_range, r"The image left \[0, 1\]"),
        Mistake(keeps_the_raw_slope, r"With rate=0.01 the pixels moved by"),
        Mistake(climbs_every_unit, r"The step is the same for unit 7 and for unit 2"),
        Mistake(returns_the_direction, r"You returned the direction, not the image"),
        Mistake(changes_in_place, r"The image that you were given changed"),
    ),
    outcome=_outcome,
    harm=1.0,
)
