"""Lesson 03: how large must k be?

`k` has to silence the side that is shut: `logit + offset - k` must not be positive, for any logit
that ever comes along. `on_images` are the network's logits for images, `(N, K)`; `along_the_way`
those for pictures caught along an optimization, `(M, K)`. Return the smallest `k` that would do for
all of them, a number, whatever its sign and not rounded.
"""

import math

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, number, rows


def reference(on_images: Tensor, along_the_way: Tensor, offset: float) -> float:
    """The smallest k that keeps the shut side silent."""
    return float(max(on_images.max(), along_the_way.max())) + offset


def _logits(rows: int, columns: int, height: float, spread: float = 4.0) -> Tensor:
    chances = torch.Generator().manual_seed(rows + columns)
    return height + spread * torch.randn(rows, columns, generator=chances)


def _begin(found: float, wanted: float, images: Tensor, way: Tensor, offset: float) -> str:
    both = torch.cat([images, way])
    row, column = divmod(int(both.argmax()), both.shape[1])
    which, row = ("on_images", row) if row < len(images) else ("along_the_way", row - len(images))
    leaks = int((both.double() + offset - found > 0).sum())
    told = f"{found - wanted:.3g} more than is needed"
    if found < wanted:
        told = f"which lets {leaks} of the {both.numel()} logits through"
    return (
        f"The largest logit of all is {both.max():.3f}, in {which}[{row}, {column}], the offset is "
        f"{offset:g}, and {wanted:.3f} is the smallest k that silences them all. You give "
        f"{found:.3f}, {told}:"
    )


_ROWS: Rows = {
    "you look at images alone; an optimization drives logits elsewhere.":
        lambda i, w, o: i.max() + o,
    "you look at the optimization alone; images have logits, too.": lambda i, w, o: w.max() + o,
    "the offset is added before the ReLU as well, so k has to outweigh it too.":
        lambda i, w, o: reference(i, w, 0.0),
    "the offset makes the sum larger, so k has to be larger by it, not smaller.":
        lambda i, w, o: reference(i, w, -o),
    "the offset is not always 100: use it as it is given.": lambda i, w, o: reference(i, w, 100.0),
    "a mean is exceeded by many logits: k is for the largest.":
        lambda i, w, o: max(i.mean(), w.mean()) + o,
    "no logit is as large as both together: take the larger of the two.":
        lambda i, w, o: i.max() + w.max() + o,
    "you take the smaller of the two largest logits, and the other leaks through.":
        lambda i, w, o: min(i.max(), w.max()) + o,
    "the offset is added once to a logit, and you count it twice.":
        lambda i, w, o: reference(i, w, 2 * o),
    "you look at the last picture of the optimization only, and all count.":
        lambda i, w, o: reference(i, w[-1], o),
    "you take the smallest logit off; only the largest matters.":
        lambda i, w, o: reference(i, w, o) - torch.cat([i, w]).min(),
    "that is rounded up, and a little less is enough.":
        lambda i, w, o: math.ceil(reference(i, w, o)),
}  # fmt: skip
_NEGATIVE: Rows = {
    "you take the largest absolute value, and a very negative logit passes no ReLU anyway.":
        lambda i, w, o: max(i.abs().max(), w.abs().max()) + o,
    "you act as if a logit of 0 came along, and here all are below 0.":
        lambda i, w, o: max(reference(i, w, 0.0), 0.0) + o,
    "you never go below 0, and the smallest k may be negative.":
        lambda i, w, o: max(reference(i, w, o), 0.0),
}  # fmt: skip
_ANYWHERE = [
    (_logits(40, 8, 0.0), _logits(24, 8, 40.0), 100.0),
    (_logits(30, 5, 40.0), _logits(50, 5, 0.0), 60.0),  # here images have the largest
    (_logits(7, 1, 12.0), _logits(1, 1, 3.0), 0.0),
    (_logits(1, 9, 3.0, 9.0), _logits(2, 9, 5.0, 9.0), 7.5),
    (_logits(12, 3, 0.3, 0.1).double(), _logits(6, 3, 0.1, 0.1).double(), 0.25),
]
_BELOW = [
    (_logits(40, 8, -70.0), _logits(24, 8, -70.0), 100.0),
    (_logits(3, 6, -170.0), _logits(4, 6, -190.0), 100.0),
    (_logits(2, 4, -1e4), _logits(5, 4, -1e4), 100.0),
]
_NO_SIZE = "a very negative logit passes no ReLU, so its size does not matter."

EXERCISE = Exercise(
    title="how large must k be?",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(number, "k"),
    checks=(
        Agrees(
            "is just large enough for the largest logit, wherever that is",
            _ANYWHERE,
            _begin,
            "what is the largest number that logit + offset ever reaches, over all rows and "
            "columns of both?",
            rows(_ROWS),
            within=1e-6,
        ),
        Agrees(
            "is no larger where logits are negative",
            _BELOW,
            _begin,
            _NO_SIZE,
            rows(_NEGATIVE),
            within=1e-6,
        ),
    ),
    hints=(
        "What is the largest number that logit + offset ever reaches?",
        "An optimization drives logits far beyond those of images; but nobody promised that for "
        "every unit. Look at both.",
        "float(max(on_images.max(), along_the_way.max())) + offset",
    ),
)
