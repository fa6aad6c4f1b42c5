"""Checks of what a learner's function returned, each failing with one sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import index
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.classroom.exercises.attempt import Wrong


def tensor(value: Any, what: str) -> Tensor:
    """Return `value` as a floating tensor of finite numbers; NumPy's arrays are taken, too.

    Args:
        what: what it should be, such as "the moved image".

    Raises:
        Wrong: it is anything else.
    """
    if value is None:
        raise Wrong(f"Your function returned None, where {what} is due: is a return missing?")
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fiub":
        value = torch.as_tensor(value)
    if not isinstance(value, Tensor):
        raise Wrong(
            f"Your function returned {_kind(value)}, where {what} is due, a PyTorch tensor."
        )
    if not value.is_floating_point():
        raise Wrong(
            f"Your function returned a tensor of type {value.dtype}, where {what} holds floating "
            "point numbers."
        )
    broken = int((~torch.isfinite(value)).sum())
    if broken:
        raise Wrong(
            f"{broken} of the {value.numel()} numbers that your function returned are NaN or "
            "infinite: look for a division by zero."
        )
    return value


def whole(value: Any, what: str) -> int:
    """Return `value` as an int if it is a whole number, also one of NumPy or PyTorch.

    Raises:
        Wrong: it is anything else.
    """
    if value is None:
        raise Wrong(f"Your function returned None, where {what} is due: is a return missing?")
    if isinstance(value, float) or (isinstance(value, Tensor) and value.is_floating_point()):
        many = isinstance(value, Tensor) and value.numel() != 1
        told = f"{value.numel()} numbers" if many else f"{float(value):.3g}"  # type: ignore[union-attr]
        raise Wrong(f"Your function returned {told}, where {what} is due, a whole number.")
    try:
        if isinstance(value, bool):
            raise TypeError
        return index(value)
    except (TypeError, ValueError, RuntimeError):
        raise Wrong(
            f"Your function returned {_kind(value)}, where {what} is due, a whole number."
        ) from None


_LOOK = "look for a division by zero, the mean of nothing, a root or logarithm of less than 0"


def number(value: Any, what: str, nan: str = _LOOK) -> float:
    """Return `value` as a float if it is one finite number, of whatever library.

    Args:
        nan: what to look for if it is NaN.

    Raises:
        Wrong: it is anything else.
    """
    if value is None:
        raise Wrong(f"Your function returned None, where {what} is due: is a return missing?")
    if isinstance(value, Tensor | np.ndarray):
        count = value.numel() if isinstance(value, Tensor) else value.size
        if count != 1:
            shape = f", of shape {tuple(value.shape)}" if count else ""
            todo = ": is a sum over them missing, or a mean?" if count else "."
            raise Wrong(
                f"Your function returned {count} numbers{shape}, where {what}, one, is due{todo}"
            )
        value = value.item()
    if hasattr(value, "statistic"):
        raise Wrong(
            f"Your function returned {_kind(value)}, SciPy's result with all that belongs to it, "
            f"where {what} is due, a number: its .statistic."
        )
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise Wrong(f"Your function returned {_kind(value)}, where {what} is due, a number.")
    found = float(value)
    if not math.isfinite(found):
        why = nan if math.isnan(found) else _LOOK
        raise Wrong(f"Your function returned {found}, where {what} is due, a finite number: {why}.")
    return found


def several(value: Any, count: int, what: str) -> tuple[Any, ...]:
    """Return `value` as a tuple if it is so many things: a tuple, a list, or a tensor's rows.

    Args:
        what: what is due, such as "a pair (low, high)".

    Raises:
        Wrong: it is anything else.
    """
    if value is None:
        raise Wrong(f"Your function returned None, where {what} is due: is a return missing?")
    if isinstance(value, Tensor | np.ndarray):
        if value.ndim == 0 or len(value) != count:
            raise Wrong(
                f"Your function returned {_kind(value)} of shape {tuple(value.shape)}, where "
                f"{what} is due."
            )
    elif not isinstance(value, tuple | list):
        raise Wrong(f"Your function returned {_kind(value)}, where {what} is due.")
    elif len(value) != count:
        kind = type(value).__name__
        raise Wrong(
            f"Your function returned a {kind} of {len(value)}, where {what} is due: {count}."
        )
    return tuple(value)


def pair(value: Any, what: str) -> tuple[float, float]:
    """Return `value` as two finite numbers.

    Raises:
        Wrong: it is anything else.
    """
    first, second = several(value, 2, what)
    return number(first, f"the first of {what}"), number(second, f"the second of {what}")


def listed(values: Iterable[float], form: str = ".4g", most: int = 8) -> str:
    """Numbers in a row, for a sentence; of many the first."""
    shown = [format(value, form) for value in values]
    return ", ".join([*shown[:most], *["..."] * (len(shown) > most)])


def _kind(value: Any) -> str:
    """What a value is, with its article."""
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "a NumPy array"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIO' else 'a'} {name}"
