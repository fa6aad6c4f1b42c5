"""The quick copy of torchvision's families of networks computes what the networks do."""

import statistics
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import torch
import torchvision
from torch import Tensor, nn

from course_lib.activations import channels_first, find_layer
from course_lib.visualization.engine import plain_engine, quick_engine
from course_lib.visualization.folding import FoldedBatchNorm2d
from tests.units.test_strangers import relative_error

CPU = torch.device("cpu")


class Family(NamedTuple):
    """One network of a family, a layer in its middle, and a size at which it is quick.

    folded: how many batch norms the quick copy of the whole has folded, where that is looked at.
    """

    name: str
    layer: str
    size: int = 64
    options: Mapping[str, Any] = MappingProxyType({})
    folded: int | None = None

    def __str__(self) -> str:
        return self.name


FAMILIES = [
    Family("resnet18", "layer2", folded=20),
    Family("mobilenet_v2", "features.9", folded=52),
    Family("alexnet", "features.8"),
    Family("vgg11_bn", "features.15"),
    Family("resnext50_32x4d", "layer3"),
    Family("wide_resnet50_2", "layer2"),
    # its batch norms come before the convolutions, and each reads what others read too
    Family("densenet121", "features.denseblock2", folded=59),
    Family("googlenet", "inception4a", 64, {"init_weights": False, "aux_logits": False}, 57),
    Family("inception_v3", "Mixed_5d", 96, {"init_weights": False, "aux_logits": False}),
    Family("mobilenet_v3_small", "features.6"),
    Family("mnasnet0_5", "layers.9"),
    Family("shufflenet_v2_x0_5", "stage3"),
    Family("squeezenet1_1", "features.7", folded=0),
    Family("efficientnet_b0", "features.4"),
    Family("efficientnet_v2_s", "features.4"),
    Family("regnet_y_400mf", "trunk_output.block2"),
    Family("convnext_tiny", "features.3"),
    Family("vit_b_32", "encoder.layers.encoder_layer_5", options={"image_size": 64}),
    Family("swin_t", "features.3"),
    Family("swin_v2_t", "features.3"),
    Family("maxvit_t", "blocks.1", 224),
]


def random_network(family: Family) -> nn.Module:
    """Random weights, none of them zero, and batch norms that know what arrives at them."""
    torch.manual_seed(0)
    network = torchvision.models.get_model(family.name, weights=None, **family.options)
    for name, parameter in network.named_parameters():
        if parameter.dim() == 1 or "layer_scale" in name:
            nn.init.normal_(parameter, 1.0 if name.endswith("weight") else 0.0, 0.3)
        elif not parameter.any():  # a head to be trained
            nn.init.normal_(parameter, std=0.02)
    with torch.no_grad():
        for _ in range(3):
            network.train()(torch.rand(4, 3, family.size, family.size))
    return network.eval()


def told(output: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
    """An output, and the gradient of a random combination of its numbers."""
    chances = torch.Generator().manual_seed(0)
    weights = torch.randn(output.shape[1:], generator=chances)
    (gradient,) = torch.autograd.grad((output * weights).sum(), images)
    return output.detach(), gradient


def own(network: nn.Module, layer: str | None, images: Tensor) -> tuple[Tensor, Tensor]:
    kept = []
    watched = network if layer is None else find_layer(network, layer)
    handle = watched.register_forward_hook(lambda *seen: kept.append(seen[2].clone()))
    network(images)
    handle.remove()
    return told(channels_first(kept[-1]), images)  # as the engine has it


def errors(found: Tensor, expected: Tensor) -> Tensor:
    """How far each picture's numbers are off, as a share of their length."""
    return (found - expected).flatten(1).norm(dim=1) / expected.flatten(1).norm(dim=1)


@pytest.mark.parametrize(
    "family",
    [pytest.param(f, marks=pytest.mark.full if f.folded is None else ()) for f in FAMILIES],
    ids=str,
)
def test_the_quick_copy_computes_what_the_network_does(family, report):
    """Alone and together. Where a ReLU, or a maximum, is at its kink, rounding sends the gradient
    one way or the other, also in the plain network: now and then a picture is further off.
    """
    network, used = random_network(family), []
    for layer in (family.layer, None):
        pictures = torch.rand(3, 3, family.size, family.size)
        with plain_engine(network, [layer], CPU, 0) as plain:
            plain.run.learn_where_to_stop(pictures[:2])
            with quick_engine(network, plain, pictures, CPU, 0) as quick:
                used.append("the plain copy" if quick is plain else "a quick copy")
                parts = [type(part) for part in quick.run.network.modules()]
                if layer is None and family.folded is not None:
                    assert parts.count(FoldedBatchNorm2d) == family.folded
                for some in (pictures.split(1), [pictures]):
                    wrong = []
                    for few in some:
                        images = few.clone().requires_grad_(True)
                        expected, slope = own(network, layer, images)
                        found, quick_slope = told(quick(images)[layer], images)
                        assert relative_error(found, expected) < 1e-3
                        wrong += errors(quick_slope, slope).tolist()
                    assert statistics.median(wrong) < 5e-3
                    assert max(wrong) < 5e-2
    report(f"{family}: {used[0]} for {family.layer}, {used[1]} for the logits")


def test_a_gradient_that_is_somebody_elses_would_be_seen():
    family = FAMILIES[0]
    network, images = random_network(family), torch.rand(3, 3, 64, 64, requires_grad=True)
    _, slope = own(network, None, images)
    network.layer2[0].bn1.weight.data *= 1.02
    assert errors(own(network, None, images)[1], slope).min() > 5e-3
