"""The tiny lab's network: Inception blocks with the parts and names of torchvision's GoogLeNet.

They are written out here because torchvision loads PyTorch's compiler: seconds of a cold start.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LAYERS = (
    "conv1", "maxpool1", "conv2", "conv3", "inception3a", "inception3b",
    "maxpool3", "inception4a", "inception4b", "fc",
)  # fmt: skip
"""Dotted module names in the order of processing; the last one gives the logits."""

# Mean and standard deviation of the renders, over all pixels and colours.
_MEAN, _STD = 0.5, 0.21


class BasicConv2d(nn.Module):
    """A convolution without bias, batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int, **shape: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, bias=False, **shape)  # type: ignore[arg-type]
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class MaxPool2d(nn.MaxPool2d):
    """PyTorch's, to the bit and with its gradient, six times as fast on a CPU: its kernel for
    images whose channels lie apart in memory takes two thirds of such a network's time."""

    def forward(self, x: Tensor) -> Tensor:
        channels_last = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
        return _laid_out_as(x, super().forward(channels_last))


@torch.fx.wrap  # what asks a tensor about itself cannot be traced
def _laid_out_as(x: Tensor, output: Tensor) -> Tensor:
    return output.contiguous() if x.is_contiguous() else output


class Inception(nn.Module):
    """Four branches side by side (Szegedy et al., 2015): 1x1, 3x3, 3x3 once more, and a pool.

    Args:
        widths: the channels of the branches: 1x1, 3x3's reduction and itself, the third branch's
            reduction and itself, the pool's projection.
        conv_block: what every convolution is made by.
    """

    def __init__(
        self, inputs: int, *widths: int, conv_block: Callable[..., nn.Module] = BasicConv2d
    ) -> None:
        super().__init__()
        one, small, three, narrow, third, pooled = widths
        self.branch1 = conv_block(inputs, one, kernel_size=1)
        self.branch2 = nn.Sequential(
            conv_block(inputs, small, kernel_size=1),
            conv_block(small, three, kernel_size=3, padding=1),
        )
        self.branch3 = nn.Sequential(
            conv_block(inputs, narrow, kernel_size=1),
            conv_block(narrow, third, kernel_size=3, padding=1),
        )
        self.branch4 = nn.Sequential(
            MaxPool2d(3, stride=1, padding=1, ceil_mode=True),
            conv_block(inputs, pooled, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        branches = (self.branch1, self.branch2, self.branch3, self.branch4)
        return torch.cat([branch(x) for branch in branches], 1)


class TinyInception(nn.Module):
    """A small Inception-v1 for images of 64 pixels, about 270,000 parameters.

    Takes (B, 3, S, S) in [0, 1] and normalises inside; returns logits (B, classes).

    Args:
        conv_block: what every convolution, with what belongs to it, is made by.
    """

    def __init__(
        self, classes: int = 8, *, conv_block: Callable[..., nn.Module] = BasicConv2d
    ) -> None:
        super().__init__()
        self.conv1 = conv_block(3, 32, kernel_size=7, stride=2, padding=3)
        self.maxpool1: nn.Module = MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = conv_block(32, 32, kernel_size=1)
        self.conv3 = conv_block(32, 64, kernel_size=3, padding=1)
        self.inception3a = Inception(64, 32, 48, 64, 8, 16, 16, conv_block=conv_block)
        self.inception3b = Inception(128, 48, 48, 80, 12, 24, 24, conv_block=conv_block)
        self.maxpool3: nn.Module = MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = Inception(176, 56, 56, 88, 12, 32, 24, conv_block=conv_block)
        self.inception4b = Inception(200, 56, 56, 88, 12, 32, 24, conv_block=conv_block)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc: nn.Module = nn.Linear(200, classes)

    def forward(self, images: Tensor) -> Tensor:
        return self.from_input(self.as_input(images))

    def as_input(self, images: Tensor) -> Tensor:
        """The first layer's input for images in [0, 1]."""
        return (images - _MEAN) / _STD

    def from_input(self, x: Tensor) -> Tensor:
        """The logits of an input that `as_input` made."""
        x = self.conv3(self.conv2(self.maxpool1(self.conv1(x))))
        x = self.inception3b(self.inception3a(x))
        x = self.inception4b(self.inception4a(self.maxpool3(x)))
        logits: Tensor = self.fc(torch.flatten(self.avgpool(x), 1))
        return logits
