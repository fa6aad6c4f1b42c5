"""Lesson 04: how many new images exceed the largest of N?"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number

STATEMENT = """
`known` `(M,)` and `new` `(K,)` hold a twin's largest response to each image. Had the twin been
calibrated with `n` of the known images only, how many of the new ones would exceed the largest
response among these? Cut `known` into groups of `n` in their order (what is left over is not used),
take the share of `new` that lies above each group's largest one, and return the mean share over the
groups, a number. `n` is at most `M`; a response equal to the largest does not exceed it.
"""


def reference(known: Tensor, new: Tensor, n: int) -> float:
    """The share of new images above the largest of n known ones, over all groups of n."""
    groups = len(known) // n
    largest = known[: groups * n].view(groups, n).amax(1)
    return float((new[None] > largest[:, None]).double().mean())


def _images(count: int, seed: int, drift: float = 0.0) -> Tensor:
    noise = torch.randn(count, generator=torch.Generator().manual_seed(seed))
    return noise + torch.linspace(0, drift, count)


def _shares(known: Tensor, new: Tensor, n: int, above: Callable[..., Tensor] = torch.gt) -> Tensor:
    return torch.stack([above(new, group.max()).double().mean() for group in known.split(n)])


def _begin(found: float, wanted: float, known: Tensor, new: Tensor, n: int) -> str:
    return (
        f"For {len(known)} known images, {len(new)} new ones and n = {n} the mean share is "
        f"{wanted:.4f}, and yours is {found:.4f}:"
    )


EXERCISE = Exercise(
    title="the exception that must come",
    core=False,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(number, "the share"),
    checks=(
        Agrees(
            "compares with the largest of a group",
            [(_images(40, 0), _images(200, 1), 40), (_images(3, 5) - 2, _images(7, 6) - 2, 3)],
            _begin,
            "the share of new images that lie above the largest of the group.",
            (
                Mistake(
                    lambda k, new, n: float((new[None] > k[:, None]).double().mean()),
                    "you compare with each known image by itself; the bias comes from the largest "
                    "of a group.",
                ),
                Mistake(
                    lambda k, new, n: float((new > k.mean()).double().mean()),
                    "you compare with the group's mean; the bias comes from its largest one.",
                ),
                Mistake(
                    lambda k, new, n: 1 - reference(k, new, n),
                    "this is the share that stays silent; count those that exceed.",
                ),
                Mistake(
                    lambda k, new, n: len(new) * reference(k, new, n),
                    "that is a number of images, and a share is between 0 and 1: divide by K.",
                ),
                Mistake(
                    lambda k, new, n: float(new.max() > k.max()),
                    "you ask whether any new image exceeds; the share of them is wanted.",
                ),
            ),
        ),
        Agrees(
            "averages over all groups of n, in their order",
            [
                (_images(107, 2, 3.0), _images(300, 3, 2.0), 10),
                (_images(107, 2, 3.0), _images(300, 3), 25),
                (_images(9, 4, -5.0), _images(20, 5), 1),
                (_images(12, 7).double(), _images(1, 8).double(), 5),
                (10 * _images(5, 9) - 60, 10 * _images(30, 1) - 60, 2),
            ],
            _begin,
            "a share for each group of n that is whole, and the mean of these.",
            (
                Mistake(
                    lambda k, new, n: reference(k[:n], new, n),
                    "you look at the first group alone: average over all, since one largest "
                    "response is a matter of chance.",
                ),
                Mistake(
                    lambda k, new, n: reference(k, new, len(k)),
                    "you use all known images at once: make groups of n.",
                ),
                Mistake(
                    lambda k, new, n: float(_shares(k, new, n).mean()),
                    "you have made a smaller group of what is left over; leave it out.",
                ),
                Mistake(
                    lambda k, new, n: reference(
                        k[: len(k) // n * n].view(n, -1).T.flatten(), new, n
                    ),
                    "your groups are not in order: the first n images are one, the next n another.",
                ),
                Mistake(
                    lambda k, new, n: float(_shares(k[: len(k) // n * n], new, n).sum()),
                    "you add the shares of the groups up: take their mean.",
                ),
            ),
        ),
        Agrees(
            "leaves out what only equals the largest",
            [
                (torch.tensor([1.0, 3, 2, 3, 0, 0]), torch.tensor([3.0, 4, 0, 3]), 3),
                (torch.tensor([-1.0, 0, 0, -2]), torch.zeros(3), 2),
            ],
            _begin,
            "a new response has to be larger than the largest known one.",
            (
                Mistake(
                    lambda k, new, n: float(_shares(k[: len(k) // n * n], new, n, torch.ge).mean()),
                    "you count those that are equal to the largest, too.",
                ),
            ),
        ),
    ),
    hints=(
        "One group tells little, as its largest response is a matter of chance; that is why we "
        "average over all M // n groups.",
        "known[: M // n * n].view(-1, n).amax(1) is the largest of each group, all at once.",
        "Compare new[None] with that as a column, [:, None], and take float(...float().mean()).",
    ),
)
