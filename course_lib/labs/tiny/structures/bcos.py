"""A network that is linear for each image, with weights that depend on the image: B-cos.

After Böhle, Fritz and Schiele, "B-cos Networks: Alignment is All We Need for Interpretability"
(CVPR 2022), with B = 2. A unit's response is its weights times the input, scaled down by how far
the two point in different directions. So the whole network is logit(x) = W(x) x, and W(x) can be
worked out exactly: an explanation of one output, and not a summary of the unit.
"""

from contextlib import ExitStack
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.labs.tiny.network import TinyInception

_TINY = 1e-6
_AT_ONCE = 16  # images explained together: a backward pass through more takes much memory


class BcosConv(nn.Module):
    """(ŵ · x) |cos(ŵ, x)| for each patch x, with weights ŵ of length 1 and no bias."""

    def __init__(
        self, inputs: int, outputs: int, size: int, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__()
        self.linear = nn.Conv2d(inputs, outputs, size, stride, padding, bias=False)
        self.pool = nn.AvgPool2d(size, stride, padding)
        self.factor_held = False  # whether |cos| is taken for a constant, in the backward pass

    def forward(self, x: Tensor) -> Tensor:
        weight = self.linear.weight
        linear = self.linear(x) / weight.flatten(1).norm(dim=1)[:, None, None]
        # the length of each patch, from the mean square of its numbers
        squares = self.pool(x.square().sum(1, keepdim=True)) * weight[0, 0].numel()
        factor = linear.abs() * (squares + _TINY).rsqrt()
        return linear * (factor.detach() if self.factor_held else factor)


class Scale(nn.Module):
    """Batch norm without mean and bias: each channel is only divided by its root mean square."""

    running_square: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.register_buffer("running_square", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        square = self.running_square
        if self.training:
            square = x.float().square().mean((0, 2, 3))
            with torch.no_grad():
                self.running_square.lerp_(square, 0.1)
        factor = self.weight * (square + 1e-5).rsqrt()
        return x * factor.to(x.dtype)[:, None, None]


class BcosUnit(nn.Sequential):
    """A B-cos convolution and its scale."""

    def __init__(
        self, inputs: int, outputs: int, kernel_size: int, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__(BcosConv(inputs, outputs, kernel_size, stride, padding), Scale(outputs))


class BcosLinear(nn.Module):
    """The same for vectors, (B, D) to logits (B, classes)."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.conv = BcosConv(inputs, classes, 1)
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * self.conv(x[:, :, None, None])[:, :, 0, 0]


class BcosInception(TinyInception):
    """As large as `TinyInception`, with the same names, of B-cos units alone.

    Neither ReLU nor biases; max pooling is linear for each image. The first layer gets an image x
    as the six channels x and 1 - x, so that a dark colour is not just nothing.
    """

    def __init__(self, classes: int = 8) -> None:
        super().__init__(classes, conv_block=BcosUnit)
        self.conv1 = BcosUnit(6, 32, kernel_size=7, stride=2, padding=3)
        self.fc = BcosLinear(200, classes)

    def as_input(self, images: Tensor) -> Tensor:
        """(B, 6, S, S)."""
        return torch.cat([images, 1 - images], 1)


class Summary(NamedTuple):
    """The linear map of a B-cos network for each image: logit = (weights * input).sum(), exactly.

    weights: (B, 6, S, S), W(x) of one logit. input: (B, 6, S, S), x and 1 - x.
    logits: (B,).
    """

    weights: Tensor
    input: Tensor
    logits: Tensor

    @property
    def contributions(self) -> Tensor:
        """(B, S, S): what each pixel adds to the logit; their sum is the logit."""
        return (self.weights * self.input).sum(1)

    def pictures(self) -> Tensor:
        """(B, 3, S, S) in [0, 1]: pixels that add to the logit, in the colour that would add most.

        As Böhle et al. (2022, section 3.4) draw them: the hue is that of the weights, the opacity
        their length, up to the 99th percentile of an image; the ground is white.
        """
        wanted = self.weights.clamp(min=0)
        bright, dark = wanted.chunk(2, 1)
        colour = bright / (bright + dark).clamp(min=1e-12)
        colour = colour / colour.amax(1, keepdim=True).clamp(min=1e-12)
        length = self.weights.norm(dim=1) * (self.contributions > 0)
        most = length.flatten(1).quantile(0.99, dim=1).clamp(min=1e-12)
        opacity = (length / most[:, None, None]).clamp(max=1)[:, None]
        return 1 - opacity * (1 - colour)


def summary_of(network: nn.Module, images: Tensor, units: Tensor) -> Summary:
    """The linear map that a B-cos network applied to each image, for one logit each.

    Args:
        network: a `BcosInception`, or a module made from one that kept its names, such as a
            `FoolingCircuit`. For such a module the weights may not sum up to its logits.
        images: (B, 3, S, S) in [0, 1]. units: (B,) the logits.

    Raises:
        ValueError: the network has no B-cos units.
    """
    held = [module for module in network.modules() if isinstance(module, BcosConv)]
    if not held:
        raise ValueError(
            f"A {type(network).__name__} has no B-cos units: give a network of the tiny lab that "
            "was opened with network='bcos'."
        )
    entered: list[Tensor] = []

    def enter(_module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor]:
        entered.append(inputs[0].detach().requires_grad_(True))
        return (entered[-1],)

    parts = []
    with ExitStack() as stack:
        first = network.get_submodule("conv1")
        stack.callback(first.register_forward_pre_hook(enter).remove)
        for conv in held:
            stack.callback(setattr, conv, "factor_held", conv.factor_held)
            conv.factor_held = True
        for few, chosen in zip(images.split(_AT_ONCE), units.split(_AT_ONCE), strict=True):
            with torch.enable_grad():
                logits = network(few).gather(1, chosen[:, None])[:, 0]
            (weights,) = torch.autograd.grad(logits.sum(), entered[-1])
            parts.append((weights, entered.pop().detach(), logits.detach()))
    return Summary(*(torch.cat(part) for part in zip(*parts, strict=True)))
