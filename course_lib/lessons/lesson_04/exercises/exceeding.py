"""Lesson 04: how many new images exceed the largest of N?

`known` `(M,)` and `new` `(K,)` hold a twin's largest response to each image. Had the twin been
calibrated with `n` of the known images only, how many of the new ones would exceed the largest
response among these? Cut `known` into groups of `n` in their order (what is left over is not used),
take the share of `new` that lies above each group's largest one, and return the mean share over the
groups, a number. `n` is at most `M`; a response equal to the largest does not exceed it.
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, number, rows


def reference(known: Tensor, new: Tensor, n: int) -> float:
    """The share of new images above the largest of n known ones, over all groups of n."""
    groups = len(known) // n
    largest = known[: groups * n].view(groups, n).amax(1)
    return float((new[None] > largest[:, None]).double().mean())


def _images(count: int, seed: int, drift: float = 0.0) -> Tensor:
    noise = torch.randn(count, generator=torch.Generator().manual_seed(seed))
    return noise + torch.linspace(0, drift, count)


def _above(levels: Tensor, new: Tensor) -> Tensor:
    """For each level the share of new images that lie above it."""
    return (new[None] > levels.view(-1, 1)).double().mean(1)


def _largest(known: Tensor, n: int) -> Tensor:
    return known[: len(known) // n * n].view(-1, n).amax(1)


def _begin(found: float, wanted: float, known: Tensor, new: Tensor, n: int) -> str:
    told = f"For {len(known)} known images, {len(new)} new ones and n = {n} the mean share is"
    if len(known) < 9:
        groups, largest = len(known) // n, _largest(known, n)
        rest = f" and {known[groups * n :].tolist()} left over" if groups * n < len(known) else ""
        told = (
            f"With known = {known.tolist()}, new = {new.tolist()} and n = {n} there are {groups} "
            f"groups{rest}. Their largest are {largest.tolist()}, shares of "
            f"{[round(share, 4) for share in _above(largest, new).tolist()]} of the new ones lie "
            "above these, and the mean share is"
        )
    return f"{told} {wanted:.4f}; yours is {found:.4f}:"


_ROWS: Rows = {
    "you compare with each known image by itself; the bias comes from the largest of a group.":
        lambda k, new, n: _above(k, new).mean(),
    "you compare with a group's mean; the bias comes from its largest one.":
        lambda k, new, n: _above(k[: len(k) // n * n].view(-1, n).mean(1), new).mean(),
    "you compare with a group's smallest; the bias comes from its largest one.":
        lambda k, new, n: _above(-_largest(-k, n), new).mean(),
    "that share stays silent: count the others.": lambda k, new, n: 1 - reference(k, new, n),
    "that is a number of images: divide by K.": lambda k, new, n: len(new) * reference(k, new, n),
    "you ask whether any new image exceeds; the share of them is wanted.":
        lambda k, new, n: _above(_largest(k, n), new).sign().mean(),
    "that is what theory expects: count what these images do.": lambda k, new, n: 1 / (n + 1),
    "you look at the first group alone: average over all, since one largest response is a matter "
    "of chance.": lambda k, new, n: reference(k[:n], new, n),
    "you use all known images at once, not groups.": lambda k, new, n: reference(k, new, len(k)),
    "you have made a smaller group of what is left over; leave it out.":
        lambda k, new, n: _above(torch.stack([g.max() for g in k.split(n)]), new).mean(),
    "you make n groups, and n is how many images each group has.":
        lambda k, new, n: _above(torch.stack([g.max() for g in k.chunk(n)]), new).mean(),
    "your groups overlap: the second begins where the first ends.":
        lambda k, new, n: _above(k.unfold(0, n, 1).amax(1), new).mean(),
    "you begin after what is left over: groups are cut from the first image on.":
        lambda k, new, n: reference(k[len(k) % n :], new, n),
    "you sort the known images.": lambda k, new, n: reference(k.sort(descending=True)[0], new, n),
    "your groups are not in order: the first n images are one, the next n another.":
        lambda k, new, n: reference(k[: len(k) // n * n].view(n, -1).T.flatten(), new, n),
    "you add shares up: average them.": lambda k, new, n: _above(_largest(k, n), new).sum(),
    "you average the groups' largest responses, and take one share: shares first, then their "
    "mean.": lambda k, new, n: _above(_largest(k, n).mean(), new).mean(),
    "you count what exceeds any one group's largest: each group has a share of its own; average "
    "these.": lambda k, new, n: _above(_largest(k, n).min(), new).mean(),
    "you take the median over the groups: the mean of their shares is due.":
        lambda k, new, n: _above(_largest(k, n), new).median(),
}  # fmt: skip
_EQUAL: Rows = {
    "you count those that are equal to the largest, too.":
        lambda k, new, n: 1 - _above(-_largest(k, n), -new).mean(),
}  # fmt: skip
_GROUPS = [
    (torch.tensor([1.0, 5, 2, 4, 3, 0, 6]), torch.tensor([2.0, 4.5, 7, 8]), 3),
    (torch.tensor([-3.0, -5, -9, -2, -8]), torch.tensor([-4.0, -2.5, -1, 0, -7]), 2),
    (_images(107, 2, 3.0), _images(300, 3, 2.0), 10),
    (_images(107, 2, 3.0), _images(300, 3), 25),
    (_images(40, 0), _images(200, 1), 40),
    (_images(9, 4, -5.0), _images(20, 5), 1),
    (_images(12, 7).double(), _images(1, 8).double(), 5),
]
_TIED = [
    (torch.tensor([1.0, 3, 2, 3, 0, 0]), torch.tensor([3.0, 4, 0, 3]), 3),
    (torch.tensor([-1.0, 0, 0, -2]), torch.zeros(3), 2),
]
_STEPS = "cut the groups, find the largest of each, take a share above each, and then the mean."
_LARGER = "a new response has to be larger than the largest known one."

EXERCISE = Exercise(
    title="the exception that must come",
    core=False,
    difficulty=3,
    minutes=8,
    reference=reference,
    gives=Gives(number, "the share"),
    checks=(
        Agrees(
            "averages the share above the largest over all groups of n, in their order",
            _GROUPS,
            _begin,
            _STEPS,
            rows(_ROWS),
        ),
        Agrees("leaves out what only equals the largest", _TIED, _begin, _LARGER, rows(_EQUAL)),
    ),
    hints=(
        "One group tells little, as its largest response is a matter of chance; that is why we "
        "average over all M // n groups.",
        "known[: M // n * n].view(-1, n).amax(1) is the largest of each group, all at once.",
        "Compare new[None] with that as a column, [:, None], and take float(...float().mean()).",
    ),
)
