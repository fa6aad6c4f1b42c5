"""Lesson 01: the picture that another network recognises best.

Several pictures of the same unit: which one does *another* network, the `judge`, recognise best?
`images` are `(N, 3, S, S)`, all made for `unit`. `softmax` turns a picture's eight logits into
shares that add up to 1. Return the number of the picture, from 0 to N - 1, in which `unit` has the
largest share.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows, whole


def reference(judge: nn.Module, images: Tensor, unit: int) -> int:
    """The number of the picture that the judge is surest to be one of the unit's class."""
    with torch.no_grad():
        shares = judge(images).softmax(1)
    return int(shares[:, unit].argmax())


# Five pictures as a judge may see them, for unit 2: the third wins. The first has the largest logit
# of the unit, and a larger one of another class; the second is the first that is recognised at all;
# the fourth has the smallest share, and the last the largest one of any class.
_LOGITS = (
    (9.0, 6.0, 7.0, 5.0, 6.0, 3.0, 5.5, 6.5),
    (1.0, 1.5, 2.0, 0.0, -1.0, 0.5, 1.2, 0.0),
    (0.0, 1.0, 4.0, 0.0, 0.3, -3.0, 1.0, 2.0),
    (1.0, 6.0, -3.0, 2.0, 0.0, 1.0, 2.5, 1.0),
    (0.0, 9.5, 3.0, 1.0, 0.0, -1.0, 2.0, 0.0),
)

# For unit 0. Of two the first wins, by 0.003: softmax twice, or rounding, turns that round. Of the
# others the second wins, though its next class is nearer: the first's lesser ones are many.
_TWO = torch.tensor([[2.0, *[-9.0] * 4, 2.0, -9.0, -9.0], [2.0, *[0.0661] * 7]])
_SPREAD = torch.tensor([[4.0, *[2.5] * 7], [4.0, 2.6, *[-9.0] * 6]])


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
    which = f"Unit {unit} has its largest share, {shares[wanted]:.3g}, in picture {wanted} of "
    if found not in range(len(images)):
        return f"{which}{len(images)}; you pick {found}, and they are 0 to {len(images) - 1}:"
    own, other = (f"{judge(images)[i, unit]:.2f}" for i in (found, wanted))
    return (
        f"{which}{len(images)} (logit {other}); you pick {found}, with the share "
        f"{shares[found]:.3g} (logit {own}):"
    )


def _best(score: Callable[[Tensor, int], Tensor]) -> Callable[..., int]:
    """The number of the picture with the largest score of its logits."""
    return lambda judge, images, unit: int(score(judge(images), unit).argmax())


def _margin(logits: Tensor, unit: int) -> Tensor:
    rest = [channel for channel in range(logits.shape[1]) if channel != unit]
    return logits[:, unit] - logits[:, rest].amax(1)


_MISTAKES: Rows = {
    "that has the largest logit (or share along softmax(0), or sigmoid, which pick the same), but "
    "there another class has a larger one still: compare softmax(1).": _best(lambda z, u: z[:, u]),
    "that is the one which it recognises least.": _best(lambda z, u: -z.softmax(1)[:, u]),
    "argmax without a dimension goes through all.": _best(lambda z, u: z.softmax(1)),
    "there it is surest of any class.": _best(lambda z, u: z.softmax(1).amax(1)),
    "shares[unit] is a row, of one picture: a column.": _best(lambda z, u: z.softmax(1)[u]),
    "that is the first that is recognised.": _best(lambda z, u: 1 * (z.argmax(1) == u)),
    "that is a class, and a picture is due.": _best(lambda z, u: z.softmax(1).mean(0)),
    "you count from 1, and pictures from 0.": lambda *case: reference(*case) + 1,
}
_MORE: Rows = {
    "you compare with the next class alone; a share, with all of them.": _best(_margin),
    "logits over their sum: that is no softmax.": _best(lambda z, u: z[:, u] / z.sum(1)),
    "a standard score is no share.": _best(lambda z, u: (z[:, u] - z.mean(1)) / z.std(1)),
    "a logit less its row's mean is no softmax.": _best(lambda z, u: z[:, u] - z.mean(1)),
    "where no picture is recognised, the largest of the unit's shares counts all the same.": (
        _best(lambda z, u: z.softmax(1)[:, u] * (z.argmax(1) == u))
    ),
    "you look at unit 2, whatever unit is.": _best(lambda z, u: z.softmax(1)[:, 2]),
    "you look at five pictures only.": _best(lambda z, u: z[:5].softmax(1)[:, u]),
    "rounded, both shares are the same: do not round.": (
        _best(lambda z, u: z.softmax(1)[:, u].round(decimals=1))
    ),
    "softmax twice: what one gives are shares already.": (
        _best(lambda z, u: z.softmax(1).softmax(1)[:, u])
    ),
}

EXERCISE = Exercise(
    title="which one would another network recognise?",
    core=True,
    difficulty=2,
    minutes=5,
    reference=reference,
    gives=Gives(whole, "the number of a picture"),
    checks=(
        Agrees(
            "picks the right one of five pictures, for unit 2",
            [_case([0, 1, 2, 3, 4], 2), _case([3, 0, 4, 1, 2], 2), _case([2, 3, 4, 0, 1], 2)],
            _told,
            "judge(images).softmax(1)[:, unit] are the shares; the largest's place is asked for.",
            rows(_MISTAKES),
        ),
        Agrees(
            "does so for other numbers of pictures and other units",
            [_random(1, 1, 5), _random(2, 2, 7), _random(3, 12, 0), _random(4, 30, 6)]
            + [_random(seed, 7, seed % 8) for seed in range(5, 15)]
            + [_case([0, 1], 0, _TWO), _case([1, 0], 0, _TWO), _case([0, 1], 0, _SPREAD)],
            _told,
            "judge(images).softmax(1)[:, unit] are the shares; the largest's place is asked for.",
            rows(_MORE),
        ),
    ),
    hints=(
        "judge(images) is (N, 8): a row for every picture, a column for every class.",
        "A large logit alone is not enough: another class may have a larger one for the same "
        "picture. judge(images).softmax(1) weighs each row's logits against each other.",
        "int(shares[:, unit].argmax()) is the number of the picture.",
    ),
)
