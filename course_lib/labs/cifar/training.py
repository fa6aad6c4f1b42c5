"""The training of the cifar lab's networks, on 45,000 photographs.

`course train` calls this. Most epochs see crops of the photographs, which are less to compute and
which no epoch has seen before; the last ones see whole photographs. The robust recipe takes one
step to an adversarial example, from a random start (Wong, Rice & Kolter, 2020): two would take
half as long again.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.labs import training
from course_lib.labs.cifar.network import CifarInception
from course_lib.labs.cifar.photographs import SIZE, Pixels

_MOMENTUM = 0.9
_PAD = 4  # pixels by which a whole photograph may move; its mirror image fills the gap
_FIRST_SEED = 1_000_000


@dataclasses.dataclass(frozen=True)
class Recipe(training.Recipe):
    """The settings of a training run on photographs, besides its seed.

    crop: edge of the crops, in pixels. cropped: the share of the epochs that sees crops.
    """

    epochs: int = 24
    batch: int = 128
    peak_rate: float = 0.2
    weight_decay: float = 5e-4
    crop: int = 24
    cropped: float = 2 / 3


RECIPES = {
    "standard": Recipe("standard"),
    "robust": Recipe("robust", radius=0.5, attack_steps=1, epochs=10),
}


def train(
    recipe: Recipe,
    seed: int,
    photographs: Pixels,
    *,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[nn.Module, float]:
    """A trained network; the same recipe, seed and photographs give the same on the same machine.

    Args:
        photographs: to train on.
        checkpoint: where to save the state after every epoch, and to go on from.

    Returns:
        The network in eval mode, and the seconds spent, also before an interruption.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = CifarInception()
    weights = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() == 1]  # of batch norms, and biases
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": recipe.weight_decay},
        {"params": others},
    ]
    optimizer = torch.optim.SGD(groups, recipe.peak_rate, momentum=_MOMENTUM, nesterov=True)
    first_seed, steps = _FIRST_SEED + 1000 * seed, len(photographs.labels) // recipe.batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(first_seed + epoch)
        crops = epoch < int(recipe.cropped * recipe.epochs)
        order = torch.randperm(len(photographs.labels), generator=generator)
        for batch in order.split(recipe.batch)[:steps]:
            images = photographs.images[batch].float() / 255
            if not crops:
                images = F.pad(images, (_PAD,) * 4, mode="reflect")
            size = recipe.crop if crops else SIZE
            yield moved_and_flipped(images, size, generator), photographs.labels[batch]

    seconds = training.fit(
        network, optimizer, recipe, batches, steps, first_seed=first_seed,
        half=False,  # where a CPU has no instructions for it, it takes ten times as long
        checkpoint=checkpoint, progress=progress,
    )  # fmt: skip
    return network, seconds


def moved_and_flipped(images: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """A square of each image, anywhere in it, half of them mirrored: (B, 3, size, size).

    Args:
        images: (B, 3, S, S), S at least `size`.
    """
    count, channels, edge, _ = images.shape
    down, right = torch.randint(edge - size + 1, (2, count, 1), generator=generator)
    flip = torch.rand(count, 1, generator=generator) < 0.5
    along = torch.arange(size)
    rows = (down + along)[:, None, :, None]
    columns = (right + torch.where(flip, along.flip(0), along))[:, None, None, :]
    return images[
        torch.arange(count)[:, None, None, None],
        torch.arange(channels)[None, :, None, None],
        rows,
        columns,
    ]
