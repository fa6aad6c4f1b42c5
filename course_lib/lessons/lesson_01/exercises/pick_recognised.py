"""Lesson 01: the picture that another network recognises best."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, whole

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


# Four pictures as a judge may see them, for unit 2 of four: the third wins. The first has the
# largest logit, but a larger one for another class; the last has the smallest share of all.
_LOGITS = ((9.0, 1.0, 7.0, 0.0), (1.0, 2.0, 2.0, 0.0), (0.0, 1.0, 4.0, 0.0), (1.0, 6.0, -3.0, 2.0))
_UNIT = 2


class _Judge(nn.Module):
    """Answers as laid down: the brightness of a picture says which row it gets."""

    def forward(self, images: Tensor) -> Tensor:
        rows = (images.mean((1, 2, 3)) * 10).round().long()
        return torch.tensor(_LOGITS)[rows]


def _pictures() -> Tensor:
    return torch.stack([torch.full((3, 8, 8), row / 10) for row in range(len(_LOGITS))])


def _gives_a_number(attempt: Attempt) -> None:
    picked = whole(attempt(_Judge(), _pictures(), _UNIT), "the number of a picture")
    if not 0 <= picked < len(_LOGITS):
        raise Wrong(
            f"You picked {picked}, and the pictures are numbered 0 to {len(_LOGITS) - 1}: argmax "
            "without a dimension counts through the whole table."
        )


def _picks_the_best(attempt: Attempt) -> None:
    # in another order too, so that a lucky number does not pass
    for order in ([0, 1, 2, 3], [3, 0, 1, 2]):
        picked = whole(attempt(_Judge(), _pictures()[order], _UNIT), "the number of a picture")
        row = order[picked] if 0 <= picked < 4 else picked
        if row == 0:
            raise Wrong(
                "Your pick has the largest logit, but the judge gives that picture to another "
                "class, whose logit is larger still: compare shares."
            )
        if row == 3:
            raise Wrong(
                "You picked the picture that the judge recognises least: the largest share wins."
            )
        if row != 2:
            raise Wrong("The judge is surer of another picture: compare the unit's shares.")


def largest_logit(judge: nn.Module, images: Tensor, unit: int) -> int:
    return int(judge(images)[:, unit].argmax())


def least_recognised(judge: nn.Module, images: Tensor, unit: int) -> int:
    return int(judge(images).softmax(1)[:, unit].argsort()[0])


def whole_table(judge: nn.Module, images: Tensor, unit: int) -> int:
    return int(judge(images).softmax(0).argmax()) + len(images)


def returns_the_share(judge: nn.Module, images: Tensor, unit: int) -> float:
    return float(judge(images).softmax(1)[:, unit].max())


EXERCISE = Exercise(
    title="which one would another network recognise?",
    core=True,
    difficulty=2,
    minutes=5,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives the number of a picture", _gives_a_number),
        Check("picks the one that the judge is surest of", _picks_the_best),
    ),
    hints=(
        "judge(images) is (N, 8): a row for every picture, a column for every class.",
        "A large logit alone is not enough: another class may have a larger one for the same "
        "picture. judge(images).softmax(1) weighs each row's logits against each other.",
        "int(shares[:, unit].argmax()) is the number of the picture.",
    ),
    mistakes=(
        Mistake(largest_logit, r"Your pick has the largest logit"),
        Mistake(least_recognised, r"You picked the picture that the judge recognises least"),
        Mistake(whole_table, r"You picked \d+, and the pictures are numbered"),
        Mistake(returns_the_share, r"Your function returned 0\.\d+"),
    ),
)
