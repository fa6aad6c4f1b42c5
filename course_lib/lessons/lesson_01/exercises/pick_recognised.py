"""Lesson 01: the picture that another network recognises best."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, whole

STATEMENT = """
Several pictures of the same unit: which one does *another* network, the `judge`, recognise best?
`images` are `(N, 3, S, S)`, all made for `unit`. `softmax` turns a picture's eight logits into
shares that add up to 1. Return the number of the picture, from 0 to N - 1, in which `unit` has the
largest share.
"""


def reference(judge: nn.Module, images: Tensor, unit: int) -> int:
    """The number of the picture that the judge is surest to be one of the unit's class."""
    with torch.no_grad():
        shares = judge(images).softmax(1)
    return int(shares[:, unit].argmax())


# Five pictures as a judge may see them, for unit 2: the third wins. The first has the largest logit
# of the unit, and a larger one of another class; the second is the first that is recognised at all;
# the fourth has the smallest share, and the last the largest one of any class.
_LOGITS = (
    (9.0, 1.0, 7.0, 0.0, 1.0, -2.0, 0.5, 3.0),
    (1.0, 1.5, 2.0, 0.0, -1.0, 0.5, 1.2, 0.0),
    (0.0, 1.0, 4.0, 0.0, 0.3, -3.0, 1.0, 2.0),
    (1.0, 6.0, -3.0, 2.0, 0.0, 1.0, 2.5, 1.0),
    (0.0, 9.5, 3.0, 1.0, 0.0, -1.0, 2.0, 0.0),
)


class _Judge(nn.Module):
    """Answers as laid down: the brightness of a picture says which row it gets."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, images: Tensor) -> Tensor:
        return self.logits[(images.mean((1, 2, 3)) * 100).round().long()]


def _case(rows: list[int], unit: int, logits: Tensor | None = None, size: int = 8) -> Any:
    pictures = torch.stack([torch.full((3, size, size), row / 100) for row in rows])
    return _Judge(torch.tensor(_LOGITS) if logits is None else logits), pictures, unit


def _random(seed: int, count: int, unit: int) -> Any:
    logits = 1.5 * torch.randn(count, 8, generator=torch.Generator().manual_seed(seed))
    return _case(list(range(count)), unit, logits, 5 + seed)


def _told(found: int, wanted: int, judge: nn.Module, images: Tensor, unit: int) -> str:
    shares = judge(images).softmax(1)[:, unit]
    told = (
        f"Unit {unit} has its largest share, {shares[wanted]:.2g}, in picture {wanted}; you pick "
    )
    return told + (
        f"{found}, where it has {shares[found]:.2g}:"
        if found in range(len(images))
        else f"{found}, and they are numbered 0 to {len(images) - 1}:"
    )


EXERCISE = Exercise(
    title="which one would another network recognise?",
    core=True,
    difficulty=2,
    minutes=5,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(whole, "the number of a picture"),
    checks=(
        Agrees(
            "picks the one of five that the judge is surest of",
            [_case([0, 1, 2, 3, 4], 2), _case([3, 0, 4, 1, 2], 2), _case([2, 3, 4, 0, 1], 2)],
            _told,
            "the picture with the largest of the unit's shares is asked for.",
            (
                Mistake(
                    lambda judge, images, unit: judge(images)[:, unit].argmax(),
                    "that has the largest logit (or share along softmax(0), which picks the same), "
                    "but there another class has a larger one still: compare softmax(1).",
                ),
                Mistake(
                    lambda judge, images, unit: judge(images).softmax(1)[:, unit].argmin(),
                    "that is the picture which the judge recognises least.",
                ),
                Mistake(
                    lambda judge, images, unit: judge(images).softmax(1).argmax(),
                    "argmax without a dimension counts through the whole table.",
                ),
                Mistake(
                    lambda judge, images, unit: judge(images).softmax(1).amax(1).argmax(),
                    "that is where the judge is surest of any class; it is the unit's that counts.",
                ),
                Mistake(
                    lambda judge, images, unit: judge(images).softmax(1)[unit].argmax(),
                    "shares[unit] is a row, all classes of one picture; take a column.",
                ),
                Mistake(
                    lambda judge, images, unit: int((judge(images).argmax(1) == unit).nonzero()[0]),
                    "that is the first picture that the judge recognises, not the surest.",
                ),
            ),
        ),
        Agrees(
            "does so for any number of pictures and any unit",
            [_random(1, 1, 5), _random(2, 2, 7), _random(3, 12, 0), _random(4, 30, 6)]
            + [_random(seed, 7, seed % 8) for seed in range(5, 15)],
            _told,
            "the largest of the unit's shares wins, however small it is.",
        ),
    ),
    hints=(
        "judge(images) is (N, 8): a row for every picture, a column for every class.",
        "A large logit alone is not enough: another class may have a larger one for the same "
        "picture. judge(images).softmax(1) weighs each row's logits against each other.",
        "int(shares[:, unit].argmax()) is the number of the picture.",
    ),
)
