"""What exercises of lesson 06 are to return: a number, the two ends of a range, or truth values."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from course_lib.classroom.exercises import Wrong, number, several


def ends(value: object) -> tuple[float, float]:
    """Return `value` as the two ends of a range.

    Raises:
        Wrong: it is no pair of finite numbers, or they are the wrong way round.
    """
    low, high = several(value, 2, "a pair (low, high)")
    found = number(low, "the low end"), number(high, "the high end")
    if found[0] > found[1] + 1e-6:
        raise Wrong(
            f"Your low end {found[0]:.2f} is above your high end {found[1]:.2f}: which is which?"
        )
    return found


def truths(value: object, count: int, what: str) -> tuple[bool, ...]:
    """Return `value` as so many truth values.

    Raises:
        Wrong: it is anything else.
    """
    found = []
    for one in several(value, count, what):
        if isinstance(one, Tensor) and one.numel() == 1:
            one = one.item()
        if not isinstance(one, bool | np.bool_):
            raise Wrong(f"Your function returned {one}, where True or False is due, three times.")
        found.append(bool(one))
    return tuple(found)


def close(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Whether two ranges are the same, up to rounding."""
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) < 1e-5
