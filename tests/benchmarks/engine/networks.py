"""The networks that the engine is timed on."""

from typing import NamedTuple

import torch
import torchvision
from torch import Tensor, nn

from course_lib import open_lab, record


class Subject(NamedTuple):
    """A network, and where in it a picture is drawn for.

    layer: dotted module name. channels: those that respond most to grey; all can be climbed.
    """

    name: str
    network: nn.Module
    layer: str
    channels: tuple[int, ...]
    size: int


def subject(name: str) -> Subject:
    """One of the table's networks. Weights are random where the course ships none: a step takes as
    long with them.
    """
    torch.manual_seed(0)
    layer, size = {
        "GoogLeNet": ("inception4c", 224),
        "MobileNetV2": ("features.13", 224),
        "tiny lab": ("inception4a", 64),
    }[name]
    network = _network(name)
    return Subject(
        name, network, layer, tuple(_to_grey(network, layer, size).topk(8).indices.tolist()), size
    )


def awake(network: nn.Module, layer: str, size: int) -> list[int]:
    """The channels of a layer that answer to nearly grey pictures."""
    return _to_grey(network, layer, size).gt(1e-3).nonzero().flatten().tolist()


def _to_grey(network: nn.Module, layer: str, size: int) -> Tensor:
    """What each channel of a layer answers to nearly grey pictures."""
    torch.manual_seed(0)
    noise = (0.5 + 0.01 * torch.randn(4, 3, size, size)).clamp(0, 1)
    output = record(network, [layer], noise)[layer]
    return output.flatten(2).mean((0, 2))


def _network(name: str) -> nn.Module:
    if name == "tiny lab":
        return open_lab("tiny").network
    if name == "MobileNetV2":
        return _calibrated(torchvision.models.mobilenet_v2(weights=None))
    googlenet = torchvision.models.googlenet(weights=None, aux_logits=False, init_weights=False)
    return _calibrated(googlenet)


def _calibrated(network: nn.Module) -> nn.Module:
    """Batch norm told the statistics of noise, so that no channel of random weights is dead."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the mean over all that is seen
    with torch.no_grad():
        network.train()(torch.rand(8, 3, 224, 224))
    return network.eval()
