"""The networks that the experiments are for, and where in them each experiment looks."""

from typing import NamedTuple

from course_lib.labs.lab import Lab

NETWORK = "mobilenet_v2"
"""The network at the lessons' ends."""
# Chosen for being well known, before any of them was drawn; none was left out or drawn again.
_WELL_KNOWN = (1, 22, 71, 207, 323, 366, 779, 953)
_INCEPTIONS = tuple(f"inception{n}" for n in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"))


class NetworkRecipe(NamedTuple):
    """Where the experiments look in a network, and what is chosen for it; defaults are ImageNet's.

    title: what the network is called. paths: the layers along which paths are compared; None is
    the output. silent, read_at: the convolution that gets twins, and where its channels are drawn.
    judged_at: the layer whose features say how near a picture is to another. relus: layers behind
    a ReLU, whose channels are counted if they answer to no photograph.

    logits: how many there are. known: those that are drawn first. shift: how far on the logit is
    that the circuit shows; with ImageNet's, three further on there is often a sibling. target: the
    logit that silent units are to show; the monarch butterfly, which most networks draw well.
    margin, ridge: of the twins. Few photographs say little of the largest response to others, and
    large networks' visualizations go so far beyond all photographs that there is room for a wide
    margin. whole: whether all channels of the convolution get twins, and not only those that are
    drawn. dead: how many naturally silent channels are drawn, at most. weighted: whether means
    of path similarity weigh each layer by how far same and different are apart there, or all alike.
    """

    title: str
    paths: tuple[str | None, ...]
    silent: str
    read_at: str
    judged_at: str
    relus: tuple[str, ...]
    logits: int = 1000
    known: tuple[int, ...] = _WELL_KNOWN
    shift: int = 300
    target: int = 323
    margin: float = 1.0
    ridge: float = 0.1
    whole: bool = False
    dead: int = 0
    weighted: bool = False


RECIPES = {
    "mobilenet_v2": NetworkRecipe(
        "MobileNetV2",
        (
            "features.2", "features.7", "features.11", "features.14", "features.15",
            "features.16", "features.17", "features.18", None,
        ),
        # no ReLU6 follows this one, only a batch norm, behind which a channel is still itself
        "features.14.conv.2",
        "features.14.conv.3",
        "features.18",
        ("features.1.conv.0.2", "features.4.conv.0.2", "features.11.conv.0.2", "features.18.2"),
    ),
    "googlenet": NetworkRecipe(
        "Inception-V1 (torchvision's GoogLeNet)",
        ("conv1", "conv3", *_INCEPTIONS, None),
        "inception4c.branch2.1.conv",
        "inception4c.branch2.1.conv",
        "inception5b",
        _INCEPTIONS,
    ),
    "resnet50": NetworkRecipe(
        "ResNet-50",
        (
            "maxpool", "layer1.0", "layer1.2", "layer2.1", "layer2.3", "layer3.0", "layer3.2",
            "layer3.5", "layer4.0", "layer4.1", "layer4.2", None,
        ),
        "layer4.1.conv2",  # the paper's
        "layer4.1.conv2",
        "layer4",
        tuple(
            f"layer{stage}.{block}"
            for stage, blocks in ((1, 3), (2, 4), (3, 6), (4, 3))
            for block in range(blocks)
        ),
    ),
}  # fmt: skip


def lab_recipe(lab: Lab, title: str) -> NetworkRecipe:
    """The recipe for a network with the tiny lab's layers, and a logit for each class."""
    return NetworkRecipe(
        title,
        paths=lab.layers,
        silent="inception4a.branch4.1.conv",  # lesson 04's
        read_at="inception4a.branch4.1.conv",
        judged_at="inception4b",
        relus=tuple(layer for layer in lab.layers[:-1] if "pool" not in layer),
        logits=len(lab.unit_of_class),
        shift=3,
        target=lab.unit_of_class[-1],
        margin=0.05,
        ridge=0.01,
        whole=True,
        dead=8,
        weighted=True,
    )
