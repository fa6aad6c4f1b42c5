"""Lesson 03: where does the gate open on the way from grey to an image?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

STATEMENT = """
Integrated Gradients averages gradients along the straight line from a `baseline` to an `image`,
both `(1, 3, S, S)`. Follow the gate along that line: return `e`, `(steps,)`, as floating point
numbers: 1.0 where the `detector`'s logit is positive and 0.0 where it is not, for `steps` pictures
at even distances from the baseline itself (first) to the image itself (last).
"""


def reference(detector: nn.Module, image: Tensor, baseline: Tensor, steps: int) -> Tensor:
    """The gate, 0 or 1, at even distances from the baseline to the image."""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    pictures = baseline + share * (image - baseline)
    with torch.no_grad():
        return (detector(pictures) > 0).float()


class _Bright(nn.Module):
    """Takes what is brighter than a level for a visualization."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self._level = level

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((1, 2, 3)) - self._level


def _grey(level: float) -> Tensor:
    return torch.full((1, 3, 8, 8), level)


def _gives_a_gate(attempt: Attempt) -> None:
    gate = tensor(attempt(_Bright(0.5), _grey(0.9), _grey(0.1), 9), "the gate", (9,))
    odd = [value for value in gate.tolist() if value not in (0.0, 1.0)]
    if odd:
        raise Wrong(f"A gate is 0 or 1, and you returned {odd[0]:.2f}: compare the logit with 0.")


def _follows_the_line(attempt: Attempt) -> None:
    # bright for the last three of eleven steps only, so that order and even distance both show
    gate = attempt(_Bright(0.65), _grey(0.9), _grey(0.0), 11)
    wanted = reference(_Bright(0.65), _grey(0.9), _grey(0.0), 11)
    if torch.equal(gate, wanted.flip(0)):
        raise Wrong("You walk from the image to the baseline; the baseline comes first.")
    if torch.equal(gate, 1 - wanted):
        raise Wrong("The gate is upside down: 1 is for what the detector calls a visualization.")
    if not torch.equal(gate, wanted):
        raise Wrong(
            f"On a line that the gate opens for {int(wanted.sum())} of 11 pictures, yours opens "
            f"for {int(gate.sum())}."
        )
    end = attempt(_Bright(0.88), _grey(0.9), _grey(0.0), 11)  # opens for the image alone
    if not end[-1]:
        raise Wrong("Your last picture is not the image itself: does the share reach 1?")
    # a baseline that is not black
    other = attempt(_Bright(0.65), _grey(0.4), _grey(0.8), 5)
    if not torch.equal(other, reference(_Bright(0.65), _grey(0.4), _grey(0.8), 5)):
        raise Wrong(
            "From a light baseline the line comes out wrong: the first picture is the baseline "
            "itself, not the image times 0."
        )


def walks_backwards(detector: nn.Module, image: Tensor, baseline: Tensor, steps: int) -> Tensor:
    share = torch.linspace(1, 0, steps)[:, None, None, None]
    with torch.no_grad():
        return (detector(baseline + share * (image - baseline)) > 0).float()


def fades_from_black(detector: nn.Module, image: Tensor, baseline: Tensor, steps: int) -> Tensor:
    return reference(detector, image, torch.zeros_like(baseline), steps)


def gives_logits(detector: nn.Module, image: Tensor, baseline: Tensor, steps: int) -> Tensor:
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    with torch.no_grad():
        return detector(baseline + share * (image - baseline))


def opens_for_images(detector: nn.Module, image: Tensor, baseline: Tensor, steps: int) -> Tensor:
    return 1 - reference(detector, image, baseline, steps)


EXERCISE = Exercise(
    title="the gate along a path",
    core=False,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a gate for every step", _gives_a_gate),
        Check("follows the line from the baseline to the image", _follows_the_line),
    ),
    hints=(
        "torch.linspace(0, 1, steps) says how far along each picture lies.",
        "baseline + share * (image - baseline), with share of shape (steps, 1, 1, 1), is all of "
        "them.",
        "(detector(pictures) > 0).float(), and with torch.no_grad() it costs less.",
    ),
    mistakes=(
        Mistake(walks_backwards, r"You walk from the image to the baseline"),
        Mistake(fades_from_black, r"From a light baseline the line comes out wrong"),
        Mistake(gives_logits, r"A gate is 0 or 1, and you returned"),
        Mistake(opens_for_images, r"The gate is upside down"),
    ),
)
