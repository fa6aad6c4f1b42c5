"""Lesson 04: the bias with which a twin sleeps."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, tensor

STATEMENT = """
`responses` `(N, n, H, W)` is what `n` twins say to `N` renders at every position, without a bias.
Return a bias for each twin, `(n,)`, with which it stays below 0 for all renders and positions:
minus its **largest** response, and a **margin** further. The margin is a share, `margin`, of the
distance from the twin's mean response (over all renders and positions) to its largest one.
"""


def reference(responses: Tensor, margin: float) -> Tensor:
    """For each twin the bias with which it sleeps."""
    largest, mean = responses.amax((0, 2, 3)), responses.mean((0, 2, 3))
    return -(largest + margin * (largest - mean))


def _responses(*shape: int) -> Tensor:
    """Twins that differ in height and spread; the third is negative throughout."""
    noise = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))
    twin = torch.arange(shape[1])[:, None, None]
    spread, middle = torch.tensor([[1.0, 3, 0.5, 2], [0.5, 9, -20, 4]])[:, twin % 4]
    return noise * spread + middle


_MANY, _SQUARE, _ONE = _responses(30, 4, 5, 7), _responses(3, 3, 3, 3), _responses(1, 1, 2, 1)
_CASES = [_MANY, _SQUARE, _ONE, _MANY[:2, 2:].double() / 1e3, _responses(6, 5, 1, 1) - 90]


def _begin(found: Tensor, wanted: Tensor, responses: Tensor, margin: float) -> str:
    twin = int((found - wanted).abs().argmax())
    largest, mean = responses.amax((0, 2, 3))[twin], responses.mean((0, 2, 3))[twin]
    loud = int(((responses + found[:, None, None]) > 0).sum())
    return (
        f"With a margin of {margin:g} and your bias {loud} of {responses.numel()} responses to "
        f"renders are above 0. Twin {twin}, whose largest response is {largest:.6g} and whose mean "
        f"is {mean:.6g}, needs a bias of {wanted[twin]:.6g}, and yours is {found[twin]:.6g}:"
    )


EXERCISE = Exercise(
    title="asleep for every render",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(tensor, "the bias"),
    checks=(
        Agrees(
            "keeps every twin silent where no margin is asked for, and no more than that",
            [(responses, 0.0) for responses in _CASES],
            _begin,
            "minus the twin's own largest response, over renders and positions.",
            (
                Mistake(
                    lambda r, m: -reference(r, m),
                    "the sign is wrong. Such a bias lifts a twin, and it should sleep.",
                ),
                Mistake(
                    lambda r, m: -r.amax().expand(r.shape[1]),
                    "all twins have the bias of the loudest one, so that the others are hard to "
                    "wake. Take the largest response of each.",
                ),
                Mistake(
                    lambda r, m: reference(r.mean((2, 3), keepdim=True), m),
                    "you averaged over positions first, and the twin answers at single ones: take "
                    "the largest over positions too.",
                ),
                Mistake(
                    lambda r, m: reference(r.mean(0, keepdim=True), m),
                    "you averaged over renders first, and the twin has to sleep for each of them.",
                ),
                Mistake(
                    lambda r, m: -r.mean((0, 2, 3)),
                    "that silences the mean response, and larger ones wake the twin.",
                ),
                Mistake(
                    lambda r, m: -r.abs().amax((0, 2, 3)),
                    "you take the largest absolute value; what is far below 0 wakes no twin.",
                ),
                Mistake(
                    lambda r, m: -r.amax((0, 2, 3)).clamp(min=0),
                    "a twin that is negative throughout is asleep already, and its largest "
                    "response decides all the same.",
                ),
            ),
        ),
        Agrees(
            "keeps the margin",
            [(r, m) for r, m in zip(_CASES, (0.1, 0.5, 0.05, 2.0, 0.25), strict=True)],
            _begin,
            "the largest response, and the share of largest - mean on top, both with a minus.",
            (
                Mistake(
                    lambda r, m: reference(r, 0.0),
                    "there is no margin. Another batch size rounds differently, and the scale will "
                    "make that 100 times larger.",
                ),
                Mistake(
                    lambda r, m: reference(r, -m),
                    "the margin goes the wrong way, so that renders wake the twin.",
                ),
                Mistake(
                    lambda r, m: -r.amax((0, 2, 3)) * (1 + m),
                    "your margin is a share of the largest response itself, and goes the wrong way "
                    "where that is negative: take a share of largest - mean.",
                ),
                Mistake(
                    lambda r, m: -r.amax((0, 2, 3)) - m,
                    "you add the margin itself; it is a share of largest - mean.",
                ),
                Mistake(
                    lambda r, m: -r.amax((0, 2, 3)) - m * r.std((0, 2, 3)),
                    "your margin is a share of the standard deviation: take largest - mean.",
                ),
                Mistake(
                    lambda r, m: -r.amax((0, 2, 3)) - m * (r.amax((0, 2, 3)) - r.amin((0, 2, 3))),
                    "your margin is a share of largest - smallest: take largest - mean.",
                ),
                Mistake(
                    lambda r, m: m * r.mean() - (1 + m) * r.amax((0, 2, 3)),
                    "you take one mean for all twins; each has its own.",
                ),
                Mistake(
                    lambda r, m: -(1 + m) * r.amax((0, 2, 3)) + m * r.amax((2, 3)).mean(0),
                    "the mean is over all positions, too, not over each render's largest response.",
                ),
            ),
            within=1e-5,
        ),
    ),
    hints=(
        "Each twin has a largest response of its own, over renders and positions.",
        "responses.amax((0, 2, 3)) and responses.mean((0, 2, 3)) both have shape (n,).",
        "-(largest + margin * (largest - mean))",
    ),
)
