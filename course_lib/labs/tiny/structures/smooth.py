"""The tiny lab's network without corners: smooth activations, and means instead of maxima.

ReLU and max pooling make a network piecewise linear; this one can be differentiated everywhere, as
often as one likes. Elfwing, Uchibe and Doya (2018) call x sigmoid(x) SiLU.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.labs.tiny.network import BasicConv2d, Inception, TinyInception


class SmoothConv(BasicConv2d):
    """A convolution, batch norm and SiLU."""

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.bn(self.conv(x)))


class SmoothInception(TinyInception):
    """As large as `TinyInception`, with the same names, and smooth."""

    def __init__(self, classes: int = 8) -> None:
        super().__init__(classes, conv_block=SmoothConv)
        self.maxpool1 = nn.AvgPool2d(3, stride=2, ceil_mode=True)
        self.maxpool3 = nn.AvgPool2d(3, stride=2, ceil_mode=True)
        for block in self.children():
            if isinstance(block, Inception):
                block.branch4[0] = nn.AvgPool2d(3, stride=1, padding=1)
