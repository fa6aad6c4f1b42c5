"""Lesson 04: the bias with which a twin sleeps."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, tensor

STATEMENT = """
`responses` `(N, n, H, W)` is what `n` twins say to `N` renders at every position, without a bias.
Return a bias for each twin, `(n,)`, with which it stays below 0 for all renders and positions:
minus its **largest** response, and a **margin** further. The margin is a share of the distance from
the twin's mean response to its largest one.
"""


def reference(responses: Tensor, margin: float) -> Tensor:
    """For each twin the bias with which it sleeps."""
    largest, mean = responses.amax((0, 2, 3)), responses.mean((0, 2, 3))
    return -(largest + margin * (largest - mean))


def _responses(seed: int) -> Tensor:
    noise = torch.randn(30, 4, 5, 5, generator=torch.Generator().manual_seed(seed))
    spread, middle = torch.tensor([[1.0, 3, 0.5, 2], [0.0, 9, -20, 4]])[:, :, None, None]
    return noise * spread + middle


def _silences(attempt: Attempt) -> None:
    responses = _responses(0)
    bias = tensor(attempt(responses, 0.0), "the bias", (4,))
    largest = responses.amax((0, 2, 3))
    if torch.allclose(bias, largest, atol=1e-4):
        raise Wrong("The sign is wrong: such a bias lifts every twin above 0, and it should sleep.")
    if torch.allclose(bias, -responses.amax().expand(4), atol=1e-4):
        raise Wrong(
            "All twins have the bias of the loudest one, so that the others are hard to wake: take "
            "the largest response of each."
        )
    if torch.allclose(bias, -responses.mean((2, 3)).amax(0), atol=1e-4):
        raise Wrong(
            "You averaged over positions first, and the twin answers at single ones: take the "
            "largest over positions too."
        )
    loud = int(((responses + bias[:, None, None]) > 1e-5).sum())
    if loud:
        raise Wrong(
            f"{loud} of {responses.numel()} responses to renders are above 0 with your bias."
        )
    if not torch.allclose(bias, -largest, atol=1e-4):
        raise Wrong(
            f"Without a margin a bias of {-largest[0]:.2f} is enough for the first twin; yours is "
            f"{bias[0]:.2f}."
        )


def _keeps_the_margin(attempt: Attempt) -> None:
    for seed, margin in ((0, 0.1), (1, 0.5)):
        responses = _responses(seed)
        bias, wanted = attempt(responses, margin), reference(responses, margin)
        largest = responses.amax((0, 2, 3))
        if torch.allclose(bias, -largest, atol=1e-4):
            raise Wrong(
                "There is no margin: another batch size rounds differently, and the scale will "
                "make that 100 times larger."
            )
        if torch.allclose(bias + wanted, -2 * largest, atol=1e-3):
            raise Wrong("The margin goes the wrong way: with it, renders wake the twins.")
        if torch.allclose(bias, -(largest + margin * largest), atol=1e-4):
            raise Wrong(
                f"Your margin is a share of the largest response, which is {largest[2]:.1f} for "
                "the third twin, so it goes the wrong way there: take a share of largest - mean."
            )
        if not torch.allclose(bias, wanted, atol=1e-3):
            raise Wrong(
                f"With a margin of {margin:g} the first bias should be {wanted[0]:.2f}, and yours "
                f"is {bias[0]:.2f}."
            )


def wrong_sign(responses: Tensor, margin: float) -> Tensor:
    largest, mean = responses.amax((0, 2, 3)), responses.mean((0, 2, 3))
    return largest + margin * (largest - mean)


def one_for_all(responses: Tensor, margin: float) -> Tensor:
    largest, mean = responses.amax(), responses.mean((0, 2, 3))
    return -(largest + margin * (largest - mean))


def averages_positions(responses: Tensor, margin: float) -> Tensor:
    means = responses.mean((2, 3))
    return -(means.amax(0) + margin * (means.amax(0) - means.mean(0)))


def typical_response(responses: Tensor, margin: float) -> Tensor:
    return -responses.mean((0, 2, 3)) * (1 + margin)


def no_margin(responses: Tensor, margin: float) -> Tensor:
    return -responses.amax((0, 2, 3))


def margin_inwards(responses: Tensor, margin: float) -> Tensor:
    return reference(responses, -margin)


def share_of_the_largest(responses: Tensor, margin: float) -> Tensor:
    return -(1 + margin) * responses.amax((0, 2, 3))


EXERCISE = Exercise(
    title="asleep for every render",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check(
            "gives a bias for each twin",
            lambda attempt: tensor(attempt(_responses(0), 0.1), "the bias", (4,)),
        ),
        Check("keeps every twin silent, and no more than that", _silences),
        Check("keeps a margin", _keeps_the_margin),
    ),
    hints=(
        "Each twin has a largest response of its own, over renders and positions.",
        "responses.amax((0, 2, 3)) and responses.mean((0, 2, 3)) both have shape (n,).",
        "-(largest + margin * (largest - mean))",
    ),
    mistakes=(
        Mistake(wrong_sign, r"The sign is wrong"),
        Mistake(one_for_all, r"All twins have the bias of the loudest one"),
        Mistake(averages_positions, r"You averaged over positions first"),
        Mistake(typical_response, r"\d+ of \d+ responses to renders are above 0"),
        Mistake(no_margin, r"There is no margin"),
        Mistake(margin_inwards, r"The margin goes the wrong way"),
        Mistake(share_of_the_largest, r"Your margin is a share of the largest response"),
    ),
)
