"""Lesson 01: what the optimizer is to make small."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.activations import record, recording
from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor
from course_lib.labs.tiny.lab import open_tiny

STATEMENT = """
Several pictures at once, and a proper optimizer: PyTorch's Adam changes numbers so that *one*
number, the target, gets **smaller**. Write the target.

`responses` are what a layer says to `B` pictures: `(B, C)` for logits, `(B, C, H, W)` for an inner
layer with its positions. Picture `i` is to be drawn for channel `units[i]`, and for no other; of an
inner layer's channel the mean over all positions counts.
"""


def reference(responses: Tensor, units: list[int]) -> Tensor:
    """One number that gets smaller as each picture's own unit responds more."""
    own = responses[torch.arange(len(units)), units]
    return -own.mean()


_UNITS = [5, 2, 7, 0]


def _pull(attempt: Attempt, shape: tuple[int, ...], units: list[int]) -> Tensor:
    """How the target pulls every response up (positive) or down."""
    generator = torch.Generator().manual_seed(0)
    responses = torch.randn(shape, generator=generator).requires_grad_(True)
    call = attempt.call(responses, units)
    if not isinstance(call.value, Tensor):
        tensor(call.value, "the target, a tensor that can be differentiated,")
    value = tensor(call.value, "the target")
    if value.numel() != 1:
        raise Wrong(
            f"You returned {value.numel()} numbers, and Adam can make only one number small: take "
            "their mean."
        )
    if not value.requires_grad:
        raise Wrong("Your target has lost its gradient: compute it from responses alone.")
    (slope,) = torch.autograd.grad(value.sum(), call.given[0])
    return -slope


def _pulls_the_right_way(attempt: Attempt) -> None:
    pull = _pull(attempt, (4, 8), _UNITS)
    own = pull[torch.arange(4), _UNITS]
    if (own < 0).any():
        raise Wrong(
            "Adam makes the target smaller, and with yours the units would respond less and less: "
            "mind the sign."
        )
    if (own == 0).any() and (own > 0).any():
        left_out = ", ".join(str(i) for i in (own == 0).nonzero().flatten().tolist())
        raise Wrong(
            f"Nothing pulls at picture {left_out}: every picture needs its share of the target."
        )
    rest = pull.clone()
    rest[torch.arange(4), _UNITS] = 0
    asked = rest[:, _UNITS].abs().sum()
    unasked = rest.abs().sum() - asked
    if unasked > 0:
        raise Wrong(
            "Channels count that nobody asked for: picture i is for channel units[i] alone, so "
            "choose from the second dimension."
        )
    if asked > 0:
        raise Wrong(
            "Every picture is drawn for all the units: picture 0, which is for unit 5, is pulled "
            "towards units 2, 7 and 0 as well."
        )
    if own.max() > 1.5 * own.min():
        raise Wrong("Some pictures count more than others: give each the same weight.")


def _counts_all_positions(attempt: Attempt) -> None:
    pull = _pull(attempt, (4, 8, 6, 6), _UNITS)[torch.arange(4), _UNITS]
    count = int((pull > 0).flatten(1).sum(1).min())
    if count < 36:
        raise Wrong(
            f"Of an inner layer's 36 positions, {count} {'counts' if count == 1 else 'count'}: "
            "take the mean over all of them."
        )


def wrong_sign(responses: Tensor, units: list[int]) -> Tensor:
    return responses[torch.arange(len(units)), units].mean()


def all_for_all(responses: Tensor, units: list[int]) -> Tensor:
    return -responses[:, units].mean()


def chooses_pictures(responses: Tensor, units: list[int]) -> Tensor:
    return -responses[[unit % len(responses) for unit in units]].mean()


def strongest_picture_only(responses: Tensor, units: list[int]) -> Tensor:
    own = responses[torch.arange(len(units)), units]
    return -own.flatten(1).mean(1).max() if own.dim() > 1 else -own.max()


def one_per_picture(responses: Tensor, units: list[int]) -> Tensor:
    own = responses[torch.arange(len(units)), units]
    return -own.flatten(1).mean(1) if own.dim() > 1 else -own


def corner_only(responses: Tensor, units: list[int]) -> Tensor:
    own = responses[torch.arange(len(units)), units]
    return -(own[:, 0, 0] if own.dim() > 1 else own).mean()


def _outcome(target: Callable[[Tensor, list[int]], Tensor]) -> float:
    """How clearly each of four pictures prefers its own unit, over logits and an inner layer."""
    logits = _preference(target, None, [7, 3, 0, 4])
    return logits / 10 + _preference(target, "inception3b", [30, 60, 90, 120])


def _preference(
    target: Callable[[Tensor, list[int]], Tensor], layer: str | None, units: list[int]
) -> float:
    network = open_tiny("robust").network
    noise = torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    pixels = (0.5 + 0.01 * noise).requires_grad_(True)
    optimizer = torch.optim.Adam([pixels], lr=0.02)
    with recording(network, [layer]) as run:
        for _ in range(24):
            optimizer.zero_grad()
            target(run(pixels.clamp(0, 1))[layer], units).backward()
            optimizer.step()
    found = record(network, [layer], pixels.detach().clamp(0, 1))[layer]
    means = found.flatten(2).mean(2) if found.dim() > 2 else found
    own = means[torch.arange(4), units]
    others = (means[:, units].sum(1) - own) / 3
    return float((own - others).min())


EXERCISE = Exercise(
    title="what the optimizer makes small",
    core=True,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check(
            "is one number that can be differentiated",
            lambda attempt: _pull(attempt, (4, 8), _UNITS),
        ),
        Check("pulls each picture towards its own unit", _pulls_the_right_way),
        Check("counts all positions of an inner layer", _counts_all_positions),
    ),
    hints=(
        "Adam walks downhill, and you want to go up: what turns one into the other?",
        "responses[i, units[i]] is what picture i is about. All of them at once: "
        "responses[torch.arange(len(units)), units] is (B,) for logits and (B, H, W) with "
        "positions.",
        "A mean over positions and pictures serves for both, and a minus sign in front.",
    ),
    mistakes=(
        Mistake(wrong_sign, r"Adam makes the target smaller, and with yours"),
        Mistake(all_for_all, r"Every picture is drawn for all the units"),
        Mistake(chooses_pictures, r"Channels count that nobody asked for"),
        Mistake(strongest_picture_only, r"Nothing pulls at picture"),
        Mistake(one_per_picture, r"You returned 4 numbers, and Adam"),
        Mistake(corner_only, r"Of an inner layer's 36 positions, 1 counts"),
    ),
    outcome=_outcome,
    harm=0.05,
)
