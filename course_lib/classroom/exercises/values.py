"""Checks of what a learner's function returned, each failing with one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from operator import index
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from course_lib.classroom.exercises.attempt import Wrong


def tensor(value: Any, what: str, shape: tuple[int, ...] | None = None) -> Tensor:
    """Return `value` if it is a floating tensor of finite numbers, and of this shape.

    Args:
        what: what it should be, such as "the moved image".

    Raises:
        Wrong: it is anything else.
    """
    if value is None:
        raise Wrong(f"Your function returned None, where {what} is due: is a return missing?")
    if isinstance(value, np.ndarray):
        raise Wrong(
            f"Your function returned a NumPy array, where {what} is due as a PyTorch tensor: stay "
            "with PyTorch, NumPy cannot be differentiated."
        )
    if not isinstance(value, Tensor):
        raise Wrong(
            f"Your function returned a {type(value).__name__}, where {what} is due, a PyTorch "
            "tensor."
        )
    if shape is not None and tuple(value.shape) != shape:
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(value.shape)}, where {what} "
            f"should have shape {shape}."
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
        told = "a NumPy array" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        raise Wrong(
            f"Your function returned {told}, where {what} is due, a whole number."
        ) from None


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


def several(value: object, count: int, what: str) -> tuple[object, ...]:
    """Return `value` if it is a tuple of so many things.

    Args:
        what: what is due, such as "a pair (low, high)".

    Raises:
        Wrong: it is anything else.
    """
    if isinstance(value, tuple):
        if len(value) != count:
            raise Wrong(
                f"Your function returned a tuple of {len(value)}, where {what} is due: {count}."
            )
        return value
    if value is None:
        raise Wrong(f"Your function returned None, where {what} is due: is a return missing?")
    if isinstance(value, Tensor):
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(value.shape)}, where {what} is due."
        )
    kind = "NumPy array" if isinstance(value, np.ndarray) else type(value).__name__
    raise Wrong(f"Your function returned a {kind}, where {what} is due.")


def blame(
    told: str,
    fits: Callable[[Callable[..., Any]], bool],
    reasons: Mapping[Callable[..., Any], str],
    otherwise: str,
) -> NoReturn:
    """Say what is wrong with an answer that is not the reference's.

    Args:
        told: how the sentence begins. fits: whether a mistake answers as the learner's function
            does. reasons: how the sentence ends, by the mistake; the first that fits counts.
        otherwise: how it ends where none fits.

    Raises:
        Wrong: always.
    """
    raise Wrong(told + next((why for made, why in reasons.items() if fits(made)), otherwise))
