"""How a wrong answer stands to the right one, where that is the same in every case."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def relation(found: Sequence[Any], wanted: Sequence[Any]) -> str:
    """The end of a sentence that says what happened to the right answers; empty if nothing known.

    Both are answers to the same cases: numbers, tensors, or tuples or dicts.
    """
    both = [(f, w) for f, w in zip(found, wanted, strict=True) if f is not None or w is not None]
    a, b = _numbers([f for f, _ in both]), _numbers([w for _, w in both])
    if a is None or b is None or a.shape != b.shape or len(b.unique()) < 3:
        return ""
    if len(a.unique()) == 1:
        return f"it is {float(a[0]):.3g} in every case here."
    for decimals in range(5):
        if _alike(a, b.round(decimals=decimals), b):
            return f"that is rounded to {10.0**-decimals:g}: do not round."
    for changed, told in (
        (-b, "the sign is the wrong way round."),
        (b.abs(), "the sign is lost."),
        (b.clamp(min=0), "what is below 0 is cut off."),
        (b.clamp(0, 1), "it is cut off at 0 and at 1."),
        (1 - b, "that is 1 minus what is due."),
        (b.square(), "that is the square of what is due."),
        (b.abs().sqrt(), "that is the root of what is due."),
        (1 / b, "that is 1 divided by what is due."),
    ):
        if _alike(a, changed, b):
            return told
    factor = float((a @ b) / (b @ b))
    if _alike(a, factor * b, b):
        return f"it is {factor:.6g} times what is due, in every case here."
    offset = float((a - b).mean())
    return f"it is off by {offset:+.4g} in every case here." if _alike(a, b + offset, b) else ""


def _numbers(values: Sequence[Any]) -> Tensor | None:
    """All of them in one row of float64; None where something is no real number."""
    parts: list[Tensor] = []
    for value in values:
        if isinstance(value, dict):
            value = [value[key] for key in sorted(value, key=str)]
        inner = value if isinstance(value, tuple | list) else [value]
        if not all(isinstance(one, Tensor | int | float) for one in inner):
            return None
        tensors = [torch.as_tensor(one).detach() for one in inner]
        if any(one.is_complex() for one in tensors):
            return None
        parts += [one.double().flatten() for one in tensors]
    return torch.cat(parts) if parts else None


def _alike(a: Tensor, changed: Tensor, b: Tensor) -> bool:
    """Whether a is b, changed in this way: much nearer to that than to b itself, too."""
    scale = float(changed.abs().max())
    near = torch.allclose(a, changed, rtol=1e-4, atol=1e-5 * scale)
    return bool(changed.isfinite().all()) and near and _apart(a, changed) < 0.02 * _apart(a, b)


def _apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())
