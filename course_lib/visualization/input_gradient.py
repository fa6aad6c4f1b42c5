"""The gradient of a strided convolution of few channels, such as a network's first, made fast.

Libraries compute the gradient that arrives at a picture by a kernel for many input channels, and
are slow where there are three: for GoogLeNet's first convolution it takes six times as long as the
convolution itself. The same numbers come from one ordinary convolution of the outgoing gradient:
each of the stride's phases is a set of output channels of its own, which are then interleaved.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_FEW = 4  # channels; with more of them the library's own kernel is as fast


class InputConv2d(nn.Conv2d):
    """`nn.Conv2d` with frozen weights whose gradient for its input is computed by phases."""

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, H, W) to (B, channels, H', W'), as `nn.Conv2d` does."""
        result: Tensor = _Convolution.apply(
            images, self.weight, self.bias, self.stride, self.padding
        )
        return result


def quicken_input_gradients(network: nn.Module) -> None:
    """Change every convolution of a frozen network, in place, for which this is faster."""
    for module in network.modules():
        if type(module) is nn.Conv2d and _pays(module):
            module.__class__ = InputConv2d


def _pays(conv: nn.Conv2d) -> bool:
    """Whether a convolution has few input channels and the plain kind of stride and padding."""
    stride, padding = conv.stride, conv.padding
    return (
        conv.in_channels <= _FEW
        and stride[0] == stride[1] > 1
        and conv.groups == 1
        and tuple(conv.dilation) == (1, 1)
        and conv.padding_mode == "zeros"
        and not isinstance(padding, str)
        and all(p < k for p, k in zip(padding, conv.kernel_size, strict=True))
        and conv.weight.device.type == "cpu"
        and not conv.weight.requires_grad
        and not {"forward", "_conv_forward"} & vars(conv).keys()  # somebody's own
    )


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.edges, ctx.stride, ctx.padding = images.shape[2:], stride[0], padding
        return F.conv2d(images, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        (weight,) = ctx.saved_tensors
        gradient = gradient.to(weight.dtype)
        arriving = _input_gradient(gradient, weight, ctx.edges, ctx.stride, ctx.padding)
        return arriving, None, None, None, None


def _input_gradient(
    gradient: Tensor, weight: Tensor, edges: tuple[int, int], stride: int, padding: tuple[int, int]
) -> Tensor:
    """The gradient for a convolution's input (B, C, H, W), from its output's (B, O, H', W').

    With stride s, pixel s a + r of the padded input got its share from the kernel's entries
    s j + r alone: for each phase r a kernel of its own, and stride 1.
    """
    kernels = _by_phase(weight, stride)
    taps = kernels.shape[2:]
    phases = F.conv2d(gradient, kernels, padding=(taps[0] - 1, taps[1] - 1))
    padded = F.pixel_shuffle(phases, stride)
    # where the stride left the last pixels out, nothing has come back to them
    missing = [max(0, e + p - n) for e, p, n in zip(edges, padding, padded.shape[2:], strict=True)]
    padded = F.pad(padded, (0, missing[1], 0, missing[0]))
    (top, left), (height, width) = padding, edges
    return padded[:, :, top : top + height, left : left + width]


def _by_phase(weight: Tensor, stride: int) -> Tensor:
    """(O, C, k, l) as kernels (C s s, O, k / s, l / s), each phase's entries in reversed order."""
    outputs, channels, *kernel = weight.shape
    taps = [-(-k // stride) for k in kernel]
    fill = [stride * t - k for t, k in zip(taps, kernel, strict=True)]
    whole = F.pad(weight, (0, fill[1], 0, fill[0]))
    split = whole.view(outputs, channels, taps[0], stride, taps[1], stride).flip(2, 4)
    kernels = split.permute(1, 3, 5, 0, 2, 4).reshape(channels * stride**2, outputs, *taps)
    return kernels.contiguous(memory_format=torch.channels_last)
