"""What exercises of lesson 06 are to return: the two ends of a range, or truth values."""

from collections.abc import Callable

import numpy as np
from torch import Tensor

from course_lib.classroom.exercises import Wrong, number, several


def ends(value: object, what: str) -> tuple[float, float]:
    """Return `value` as the two ends of a range, or raise `Wrong`: no pair of finite numbers."""
    low, high = several(value, 2, what)
    return number(low, "the low end"), number(high, "the high end")


def given(names: str, case: tuple[object, ...]) -> str:
    """Arguments of a call, points and numbers, with their names."""
    shown = (listed(argument) for argument in case)
    return ", ".join(f"{name} = {text}" for name, text in zip(names.split(), shown, strict=True))


def listed(argument: object) -> str:
    """A number, or a point's."""
    if not isinstance(argument, Tensor):
        return f"{argument:.4g}"
    values = [f"{value:.4g}" for value in argument.tolist()]
    return f"({', '.join(values if len(values) < 8 else [*values[:4], '...', values[-1]])})"


def range_told(names: str, steps: Callable[..., str]) -> Callable[..., str]:
    """How a sentence about a wrong range begins: arguments of these names, what leads to the range
    for them, and both ranges."""

    def told(found: tuple[float, float], wanted: tuple[float, float], *case: object) -> str:
        (low, high), (mine, my_high) = wanted, found
        return (
            f"With {given(names, case)}, {steps(*case)}, so the range is {low:.4g} to {high:.4g}; "
            f"yours is {mine:.4g} to {my_high:.4g}:"
        )

    return told


def truths(value: object, what: str) -> tuple[bool, ...]:
    """Return `value` as three truth values, or raise `Wrong`: it is anything else."""
    found = []
    for one in several(value, 3, what):
        if isinstance(one, Tensor) and one.numel() == 1:
            one = one.item()
        if not isinstance(one, bool | np.bool_):
            raise Wrong(f"Your function returned {one}, where True or False is due, three times.")
        found.append(bool(one))
    return tuple(found)
