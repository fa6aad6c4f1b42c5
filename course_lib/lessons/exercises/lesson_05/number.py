"""What all exercises of lesson 05 are to return: one number."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from course_lib.lessons.exercises.attempt import Wrong
from course_lib.lessons.exercises.values import tensor


def number(value: object, what: str) -> float:
    """Return `value` as a float if it is one finite number, of whatever library.

    Raises:
        Wrong: it is anything else.
    """
    if isinstance(value, Tensor):
        if value.numel() != 1:
            raise Wrong(
                f"Your function returned {value.numel()} numbers, where {what}, one, is due."
            )
    elif isinstance(value, bool) or not isinstance(value, int | float | np.number):
        tensor(value, f"{what}, a number,")  # says what is wrong with anything that is no number
    found = float(value)  # type: ignore[arg-type]
    if not math.isfinite(found):
        raise Wrong(
            f"Your function returned {found}, where {what} is due, a finite number: look for a "
            "division by zero."
        )
    return found
