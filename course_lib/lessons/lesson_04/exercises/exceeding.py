"""Lesson 04: how many new images exceed the largest of N?"""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number, tensor

STATEMENT = """
`known` `(M,)` and `new` `(K,)` hold a twin's largest response to each image. Had the twin been
calibrated with `n` of the known images only, how many of the new ones would exceed the largest
response among these? Cut `known` into groups of `n` in their order (what is left over is not used),
take the share of `new` that lies above each group's largest one, and return the mean share over the
groups, a number.
"""


def reference(known: Tensor, new: Tensor, n: int) -> float:
    """The share of new images above the largest of n known ones, over all groups of n."""
    groups = len(known) // n
    largest = known[: groups * n].view(groups, n).amax(1)
    return float((new[None] > largest[:, None]).float().mean())


def _images(seed: int, count: int) -> Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


def _share(attempt: Attempt, known: Tensor, new: Tensor, n: int) -> float:
    value = attempt(known, new, n)
    if isinstance(value, Tensor) and value.numel() != 1:
        told = tensor(value, "the share")
        raise Wrong(f"Your function returned {told.numel()} numbers, where one share is due.")
    return number(value, "the share")


def _gives_a_share(attempt: Attempt) -> None:
    value = _share(attempt, _images(0, 60), _images(1, 50), 10)
    if not 0 <= value <= 1:
        raise Wrong(f"You return {value:.3g}, and a share is between 0 and 1: divide by K.")


def _compares_with_the_largest(attempt: Attempt) -> None:
    known, new = _images(0, 40), _images(1, 200)
    found, wanted = _share(attempt, known, new, 40), reference(known, new, 40)
    if abs(found - wanted) < 1e-6:
        return
    if abs(found - float((new[None] > known[:, None]).float().mean())) < 1e-6:
        raise Wrong(
            f"You compare with each known image by itself, and find {found:.2f}; the bias comes "
            "from the largest of a group."
        )
    if abs(found - (1 - wanted)) < 1e-6:
        raise Wrong(f"This is the share that stays silent, {found:.3f}; count those that exceed.")
    raise Wrong(f"With one group of 40 the share is {wanted:.3f}, and yours is {found:.3f}.")


def _averages_over_groups(attempt: Attempt) -> None:
    known, new = _images(2, 107), _images(3, 300)
    for n in (10, 25, 1):
        found, wanted = _share(attempt, known, new, n), reference(known, new, n)
        if abs(found - wanted) < 1e-6:
            continue
        if abs(found - reference(known[:n], new, n)) < 1e-6:
            raise Wrong(
                f"You look at the first {n} images alone: average over all groups of {n}, since "
                "one largest response is a matter of chance."
            )
        if abs(found - reference(known, new, len(known))) < 1e-6:
            raise Wrong(f"You use all {len(known)} known images at once: make groups of {n}.")
        raise Wrong(
            f"Over {len(known) // n} groups of {n} the mean share is {wanted:.3f}, and yours is "
            f"{found:.3f}."
        )


def with_each(known: Tensor, new: Tensor, n: int) -> float:
    return float((new[None] > known[:, None]).float().mean())


def silent_share(known: Tensor, new: Tensor, n: int) -> float:
    return 1 - reference(known, new, n)


def first_group(known: Tensor, new: Tensor, n: int) -> float:
    return float((new > known[:n].max()).float().mean())


def all_at_once(known: Tensor, new: Tensor, n: int) -> float:
    return float((new > known.max()).float().mean())


def counts(known: Tensor, new: Tensor, n: int) -> float:
    return len(new) * reference(known, new, n)


EXERCISE = Exercise(
    title="the exception that must come",
    core=False,
    difficulty=3,
    minutes=8,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a share", _gives_a_share),
        Check("compares with the largest of a group", _compares_with_the_largest),
        Check("averages over all groups", _averages_over_groups),
    ),
    hints=(
        "One group tells little, as its largest response is a matter of chance; that is why we "
        "average over all M // n groups.",
        "known[: M // n * n].view(-1, n).amax(1) is the largest of each group, all at once.",
        "Compare new[None] with that as a column, [:, None], and take float(...float().mean()).",
    ),
    mistakes=(
        Mistake(with_each, r"You compare with each known image by itself"),
        Mistake(silent_share, r"This is the share that stays silent"),
        Mistake(first_group, r"You look at the first 10 images alone"),
        Mistake(all_at_once, r"You use all 107 known images at once"),
        Mistake(counts, r"You return [\d.]+, and a share is between 0 and 1"),
    ),
)
