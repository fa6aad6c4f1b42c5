"""Batch norm that a convolution can do as well, done by the convolution.

In eval mode batch norm multiplies and shifts each channel by constants. Where it is the only reader
of a convolution's output, the convolution's weights can do the same: the network computes the same,
and every step of an optimization saves two passes over a layer's output.
"""

from collections import Counter
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from course_lib.visualization.input_gradient import InputConv2d

_CONVOLUTIONS = (nn.Conv2d, InputConv2d)


class FoldedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm whose work the convolution before it has taken over."""

    def forward(self, images: Tensor) -> Tensor:
        """The input, unchanged."""
        return images


def fold_batch_norms(
    network: nn.Module, run: Callable[[], object], wanted: Collection[nn.Module]
) -> int:
    """Let convolutions do the work of batch norms after them, in place; returns of how many.

    Which batch norm follows which convolution, and whether anything else reads what lies between
    them, is seen in a forward pass and needs nothing of the network's code.

    Args:
        network: a frozen copy in eval mode, which nobody else uses.
        run: runs it, all of it or as far as matters; what took no part stays as it is.
        wanted: modules whose own output is asked for; it will not be changed.
    """
    watch = _Watch()
    with ExitStack() as stack:
        for module in network.modules():
            # a hook may compute the module's weights, or read its output, and so may a method of
            # somebody's own
            own = {"forward", "_conv_forward"} & vars(module).keys()
            hooked = module._forward_hooks or module._forward_pre_hooks or own
            if type(module) in _CONVOLUTIONS and module not in wanted and not hooked:
                handle = module.register_forward_hook(watch.after_convolution)
            elif type(module) is nn.BatchNorm2d and module.running_mean is not None and not own:
                handle = module.register_forward_pre_hook(watch.before_batch_norm)
            else:
                continue
            stack.callback(handle.remove)
        stack.enter_context(torch.no_grad())
        stack.enter_context(watch)
        run()
    pairs = watch.pairs()
    for convolution, norm in pairs:
        _fold(convolution, norm)
    return len(pairs)


class _Watch(TorchDispatchMode):
    """A record of convolutions' outputs, and of every operation that reads one."""

    def __init__(self) -> None:
        super().__init__()
        # each output by its id, which stays its own for as long as it is kept here
        self._outputs: dict[int, tuple[nn.Conv2d, Tensor]] = {}
        self._readers: Counter[int] = Counter()
        self._calls: Counter[nn.Module] = Counter()
        self._read: list[tuple[nn.Conv2d, nn.BatchNorm2d, int]] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # PyTorch would load its compiler, only to keep it out of this

    def after_convolution(self, module: nn.Conv2d, _inputs: Any, output: Tensor) -> None:
        self._calls[module] += 1
        self._outputs[id(output)] = (module, output)

    def before_batch_norm(self, module: nn.BatchNorm2d, inputs: tuple[Any, ...]) -> None:
        self._calls[module] += 1
        if inputs and (read := id(inputs[0])) in self._outputs:
            self._read.append((self._outputs[read][0], module, read))

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        for value in tree_leaves((args, kwargs)):
            if isinstance(value, Tensor) and id(value) in self._outputs:
                self._readers[id(value)] += 1
        return func(*args, **kwargs)

    def pairs(self) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
        """Convolutions with a batch norm that alone reads their output, each run once."""
        return [
            (convolution, norm)
            for convolution, norm, read in self._read
            if self._readers[read] == self._calls[norm] == self._calls[convolution] == 1
        ]


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None and variance is not None, "only such batch norms are watched"
    weight, bias = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, mean, variance, norm.eps, norm.weight, norm.bias
    )
    laid_out = weight.detach().contiguous(memory_format=torch.channels_last)
    convolution.weight = nn.Parameter(laid_out, requires_grad=False)
    convolution.bias = nn.Parameter(bias.detach(), requires_grad=False)
    norm.__class__ = FoldedBatchNorm2d
