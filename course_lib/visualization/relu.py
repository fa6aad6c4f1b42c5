"""Gradient through a ReLU that is off: how a unit that does not respond is woken."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

_CUTTING = {
    F.relu, F.relu6, F.hardtanh, F.threshold, torch.relu, Tensor.relu,
    torch.clamp, Tensor.clamp, torch.clamp_min, Tensor.clamp_min,
}  # fmt: skip
_IN_PLACE = {torch.relu_: torch.relu, Tensor.relu_: torch.relu, F.relu_: torch.relu}


class GradientThroughRelu(TorchFunctionMode):
    """While active, every ReLU computes what it always does, but lets the whole gradient through.

    A network may call ReLU as a function (torchvision's Inception does), so replacing modules
    would not catch it: calls are intercepted instead. Clamps are treated alike.

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
        kwargs = dict(kwargs or {})
        if func not in _CUTTING and func not in _IN_PLACE:
            return func(*args, **kwargs)
        before: Tensor = args[0] if args else kwargs["input"]
        if before.dim() == 0 or len(before) != len(self._pictures):
            return func(*args, **kwargs)
        if func in _IN_PLACE:
            # the caller may go on with the tensor it passed, so the new values go in there
            return before.copy_(self._open(before.clone(), _IN_PLACE[func](before.clone())))
        if "inplace" in kwargs:
            kwargs["inplace"] = False
        return self._open(before, func(*args, **kwargs))

    def _open(self, before: Tensor, cut: Tensor) -> Tensor:
        chosen = self._pictures.view(-1, *[1] * (cut.dim() - 1))
        return torch.where(chosen, before + (cut - before).detach(), cut)
