"""Lesson 01: one step uphill.

Write one step of the climb. `image` is `(1, 3, S, S)` with values in [0, 1]; what you return is the
same image moved a little, so that `network(image)[0, unit]` rises:

1. ask PyTorch for the slope of that logit with regard to the image;
2. divide it by its own standard deviation, so that every step is of about the same size;
3. move the image by `rate` times that, and keep every pixel between 0 (black) and 1 (white).

The network must stay as it is, and so must the image that you are given: return a new one.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows, tensor
from course_lib.labs.tiny.lab import open_tiny


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
    """How the image's change stands to the one that is due, and to every slope."""
    change, due = ((i.detach().to(image) - image).flatten() for i in (found, wanted))
    start = image.clone().requires_grad_(True)
    slopes = [torch.autograd.grad(one, start, retain_graph=True)[0] for one in network(start)[0]]
    alike = [float(torch.cosine_similarity(change, s.flatten(), 0)) for s in slopes]
    best = max(range(len(alike)), key=alike.__getitem__)
    way = f"along the slope of logit {best}" if alike[best] > 0.9999 else "along none exactly"
    told = f"goes {way} (cosine with the right one {alike[unit]:.2f}), with {change.std():.2g}"
    return (
        f"With {rate=}, the change (what you return, less image) should go along the slope of logit"
        f" {unit}, with a standard deviation of {due.std():.2g}; yours "
        f"{told if change.any() else 'is 0 everywhere, so that the image comes back as it was'}:"
    )


def _told_edges(found: Tensor, wanted: Tensor, *case: Any) -> str:
    at = (found.detach().to(wanted) - wanted).abs().argmax()
    images = (case[1], _step(cut=torch.clone)(*case), wanted, found)
    pixels = "A pixel of {:.3f}, moved to {:.3f}, should become {:.3f}; yours becomes {:.3f}:"
    return pixels.format(*(float(image.detach().flatten()[at]) for image in images))


def _step(
    direction: Callable[[Tensor], Tensor] = lambda slope: slope / slope.std(),
    climbed: Callable[[Tensor, int], Tensor] = lambda logits, unit: logits[unit],
    cut: Callable[[Tensor], Tensor] = lambda image: image.clamp(0, 1),
) -> Callable[..., Tensor]:
    """The reference with something changed."""

    def step(network: nn.Module, image: Tensor, unit: int, rate: float) -> Tensor:
        image = image.clone().requires_grad_(True)
        (slope,) = torch.autograd.grad(climbed(network(image)[0], unit), image)
        return cut((image + rate * direction(slope)).detach())

    return step


_MISTAKES: Rows = {
    "take the step in any case, also where the logit falls.": lambda net, i, unit, rate: max(
        (i, reference(net, i, unit, rate)), key=lambda image: float(net(image)[0, unit])
    ),
    "you walk downhill: mind the sign.": _step(lambda s: -s / s.std()),
    "divide the slope by its standard deviation.": _step(lambda s: s),
    "every pixel moves equally far: you keep only the slope's sign.": _step(torch.sign),
    "each colour gets its own .std().": _step(lambda s: s / s.std((2, 3), keepdim=True)),
    "you divide by the slope's length, not slope.std().": _step(lambda s: s / s.norm()),
    "you divide by the mean size, not slope.std().": _step(lambda s: s / s.abs().mean()),
    "you divide by the largest, not slope.std().": _step(lambda s: s / s.abs().max()),
    "cut off the moved image, not the step.": _step(lambda s: (s / s.std()).clamp(0, 1)),
    "you climb all units at once.": _step(climbed=lambda logits, _: logits.sum()),
    "you climb a share, not the logit.": _step(climbed=lambda z, unit: z.softmax(0)[unit]),
    "you return the step, without the image.": lambda net, i, *m: reference(net, i, *m) - i,
    "where is rate?": lambda net, i, unit, _: reference(net, i, unit, 1.0),
    "you divide by image.std().": lambda n, i, *m: _step(lambda s: s / i.std())(n, i, *m),
    "you take two steps.": lambda net, i, *m: reference(net, reference(net, i, *m), *m),
    "you stretch: use clamp.": _step(cut=lambda i: (i - i.min()) / (i.max() - i.min())),
}

EXERCISE = Exercise(
    title="one step uphill",
    core=True,
    difficulty=2,
    minutes=8,
    reference=reference,
    gives=Gives(tensor, "the moved image"),
    checks=(
        Agrees(
            "takes the right step from grey images",
            _grey,
            _told,
            "add rate * slope / slope.std(), the slope of network(image)[0, unit] alone.",
            rows(_MISTAKES),
            within=3e-4,
        ),
        Agrees(
            "stays between black and white",
            [_case(1, -0.5, 1.5, 3, 0.1), _case(2, -0.1, 0.7, 7, 0.1), _case(3, 0.6, 1.2, 2, 0.05)],
            _told_edges,
            "a pixel that would leave [0, 1] becomes 0 or 1, and the others get their whole step.",
            rows({"no screen can show what lies outside [0, 1].": _step(cut=torch.clone)}),
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
