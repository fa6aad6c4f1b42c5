"""ReLUs seen otherwise: with gradient where they are off, which wakes a unit that does not respond;
and smooth, so that two copies of a network can be compared."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

_CUTTING = {
    F.relu, F.relu6, F.hardtanh, F.threshold, torch.relu, Tensor.relu,
    torch.clamp, Tensor.clamp, torch.clamp_min, Tensor.clamp_min,
}  # fmt: skip
_RELUS = {F.relu, F.relu6, F.hardtanh, torch.relu, Tensor.relu}
_MAX_POOLS = {F.max_pool2d, torch.max_pool2d}
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
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
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


class WithoutKinks(TorchFunctionMode):
    """While active, every ReLU is smooth (SiLU), and every maximum over a window its mean.

    At a kink rounding alone sends a gradient one way or the other. Without kinks two copies of a
    network can be compared by their gradients, too: what they do to a picture in between is as
    it was.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in _RELUS or func in _IN_PLACE:
            before: Tensor = args[0] if args else kwargs["input"]
            smooth = F.silu(before)
            return before.copy_(smooth) if func in _IN_PLACE else smooth
        if func in _MAX_POOLS and not kwargs.get("return_indices"):
            kwargs.pop("return_indices", None)
            return _mean_pool(*args, **kwargs)
        return func(*args, **kwargs)


def _mean_pool(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    if dilation not in (1, (1, 1), [1, 1]):
        return torch.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)
    return F.avg_pool2d(input, kernel_size, stride or None, padding, ceil_mode)
