"""Gradient through a ReLU that is off: how a unit that says nothing is woken."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

_CUTTING = {F.relu, F.relu6, F.hardtanh, torch.relu, Tensor.relu}


class GradientThroughRelu(TorchFunctionMode):
    """While active, every ReLU computes what it always does, but lets the whole gradient through.

    A network may call ReLU as a function (torchvision's Inception does), so replacing modules
    would not catch it: calls are intercepted instead.

    Args:
        pictures: (N,) bool, the pictures for which gradient is let through; the others keep the
            true gradient.
    """

    def __init__(self, pictures: Tensor) -> None:
        super().__init__()
        self._pictures = pictures

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func not in _CUTTING or len(args[0]) != len(self._pictures):
            return func(*args, **(kwargs or {}))
        cut = func(*args, **(kwargs or {}) | {"inplace": False}) if func in _NAMED else func(*args)
        chosen = self._pictures.view(-1, *[1] * (cut.dim() - 1))
        return torch.where(chosen, args[0] + (cut - args[0]).detach(), cut)


_NAMED = {F.relu, F.relu6, F.hardtanh}  # these take `inplace`
