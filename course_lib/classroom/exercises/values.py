"""Checks of what a learner's function returned; each raises `Wrong`, with one sentence, if it is
anything else than what is due. `what` says what that is, such as "the moved image"."""

import math
from collections.abc import Iterable
from contextlib import suppress
from operator import index
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.classroom.exercises.attempt import Wrong

_LOOK = "look for a division by zero, the mean of nothing, a root or logarithm of less than 0"


def tensor(value: Any, what: str) -> Tensor:
    """`value` as a floating tensor of finite numbers; NumPy's arrays are taken, too."""
    _there(value, what)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fiub":
        value = torch.as_tensor(value)
    if not isinstance(value, Tensor):
        raise _other(_kind(value), what, ", a PyTorch tensor.")
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
    """`value` as an int if it is a whole number, also one of NumPy or PyTorch."""
    _there(value, what)
    told = _kind(value)
    if isinstance(value, Tensor) and value.is_floating_point() and value.numel() != 1:
        told = f"{value.numel()} numbers"
    elif isinstance(value, float) or (isinstance(value, Tensor) and value.is_floating_point()):
        if float(value).is_integer():
            return int(value)
        told = f"{float(value):.3g}"
    elif not isinstance(value, bool):
        with suppress(TypeError, ValueError, RuntimeError):
            return index(value)
    raise _other(told, what, ", a whole number.")


def number(value: Any, what: str, nan: str = _LOOK) -> float:
    """`value` as a float if it is one finite number, of whatever library; `nan` is what to look for
    if it is NaN."""
    _there(value, what)
    if isinstance(value, Tensor | np.ndarray):
        count = value.numel() if isinstance(value, Tensor) else value.size
        if count != 1:
            shape = f", of shape {tuple(value.shape)}" if count else ""
            todo = ": is a sum over them missing, a mean or a maximum?" if count else "."
            raise _other(f"{count} numbers{shape}", f"{what}, one,", todo)
        value = value.item()
    if hasattr(value, "statistic"):
        its = f"{_kind(value)}, SciPy's result with all that belongs to it"
        raise _other(its, what, ", a number: its .statistic.")
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise _other(_kind(value), what, ", a number.")
    found = float(value)
    if not math.isfinite(found):
        why = nan if math.isnan(found) else _LOOK
        raise _other(str(found), what, f", a finite number: {why}.")
    return found


def several(value: Any, count: int, what: str) -> tuple[Any, ...]:
    """`value` as a tuple if it is so many things: a tuple, a list, or a tensor's rows."""
    _there(value, what)
    if isinstance(value, Tensor | np.ndarray):
        if value.ndim == 0 or len(value) != count:
            raise _other(f"{_kind(value)} of shape {tuple(value.shape)}", what)
    elif not isinstance(value, tuple | list):
        raise _other(_kind(value), what)
    elif len(value) != count:
        raise _other(f"a {type(value).__name__} of {len(value)}", what, f": {count}.")
    return tuple(value)


def pair(value: Any, what: str) -> tuple[float, float]:
    """`value` as two finite numbers."""
    first, second = several(value, 2, what)
    return number(first, f"the first of {what}"), number(second, f"the second of {what}")


def listed(values: Iterable[float], form: str = ".4g", most: int = 8) -> str:
    """Numbers in a row, for a sentence; of many the first."""
    shown = [format(value, form) for value in values]
    return ", ".join([*shown[:most], *["..."] * (len(shown) > most)])


def _there(value: Any, what: str) -> None:
    if value is None:
        raise _other("None", what, ": is a return missing?")


def _other(found: str, what: str, more: str = ".") -> Wrong:
    return Wrong(f"Your function returned {found}, where {what} is due{more}")


def _kind(value: Any) -> str:
    """What a value is, with its article."""
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "a NumPy array"
    if type(value).__module__ == "torch.return_types" and hasattr(value, "indices"):
        return "a pair of values and their places"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIO' else 'a'} {name}"
