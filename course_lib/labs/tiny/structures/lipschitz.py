"""A network whose logits cannot change faster than a known number: a Lipschitz bound in L2.

No layer can lengthen the difference between two inputs, and so a chain of them cannot either. The
layers are the residual ones of Araujo, Havens, Delattre, Allauzen and Hu, "A Unified Algebraic
Perspective on Lipschitz Neural Networks" (ICLR 2023), Theorem 3, with all q equal:
x - 2 W T^-1 relu(W' x + b), where T is the diagonal matrix of the row sums of |W' W|.
"""

import math

from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.labs.tiny.network import MaxPool2d

BOUND = 8.0
"""No logit changes by more than this per unit of L2 distance between images in [0, 1]."""


class Residual(nn.Module):
    """A residual layer that lengthens no difference, (B, C, H, W) to the same shape.

    Args:
        inputs: channels at the entrance, at most `channels`; the rest are filled up with zeros.
        hidden: units inside, each with a kernel of 3 x 3.
    """

    def __init__(self, inputs: int, channels: int, hidden: int) -> None:
        super().__init__()
        self.more = channels - inputs
        self.conv = nn.Conv2d(channels, hidden, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, 0, 0, 0, 0, self.more))
        weight = self.conv.weight
        overlap = F.conv2d(weight, weight, padding=2).abs().sum((1, 2, 3))
        excited = self.conv(x).relu() * (2 / overlap.clamp(min=1e-12))[:, None, None]
        return x - F.conv_transpose2d(excited, weight, padding=1)


class ShortLinear(nn.Linear):
    """Logits, each of which changes by at most BOUND per unit of its input."""

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, BOUND * F.normalize(self.weight, dim=1), self.bias)


class LipschitzInception(nn.Module):
    """The tiny lab's network with a Lipschitz bound: |logit(x) - logit(y)| <= BOUND ||x - y||.

    Takes (B, 3, S, S) in [0, 1]; returns logits (B, classes).
    """

    def __init__(self, classes: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.PixelUnshuffle(2), Residual(12, 32, 64))
        self.maxpool1 = MaxPool2d(2)  # without overlap, so that it lengthens nothing
        self.conv2 = Residual(32, 64, 64)
        self.conv3 = Residual(64, 64, 64)
        self.inception3a = Residual(64, 128, 40)
        self.inception3b = Residual(128, 128, 40)
        self.maxpool3 = MaxPool2d(2)
        self.inception4a = Residual(128, 200, 32)
        self.inception4b = Residual(200, 200, 32)
        self.fc = ShortLinear(200, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.conv3(self.conv2(self.maxpool1(self.conv1(images - 0.5))))
        x = self.inception3b(self.inception3a(x))
        x = self.inception4b(self.inception4a(self.maxpool3(x)))
        # the mean over n places shortens by the root of n, which is made up for
        logits: Tensor = self.fc(x.mean((2, 3)) * math.sqrt(x.shape[2] * x.shape[3]))
        return logits
