"""The training of the tiny lab's networks.

`course train` calls this. Every epoch sees renders that no epoch has seen before, so there is
nothing to overfit.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from course_lib.labs import training
from course_lib.labs.tiny.structures import STRUCTURES
from course_lib.labs.tiny.world import CLASS_NAMES, render

_TRAINING_WORLDS = 1_000_000
"""First world seed of the training renders; the lab's own photos start far below it."""


@dataclasses.dataclass(frozen=True)
class Recipe(training.Recipe):
    """The settings of a training run on renders, besides its seed.

    renders: fresh ones per epoch. size: of their edge, in pixels.
    structure: of the network, one of `STRUCTURES`.
    """

    epochs: int = 12
    renders: int = 12_288
    batch: int = 64
    peak_rate: float = 4e-3
    weight_decay: float = 0.02
    size: int = 64
    structure: str = "inception"


RECIPES = {
    "standard": Recipe("standard", epochs=12),
    "robust": Recipe("robust", radius=2.5, epochs=28),
    "bcos": Recipe("bcos", structure="bcos"),
    "lipschitz": Recipe("lipschitz", structure="lipschitz", peak_rate=6e-3, weight_decay=0.0),
    "smooth": Recipe("smooth", structure="smooth"),
}


def train(
    recipe: Recipe, seed: int, *, checkpoint: Path | None = None, progress: bool = True
) -> tuple[nn.Module, float]:
    """A trained network in eval mode, and the seconds spent, also before an interruption.

    The same recipe and seed give the same network on the same machine.

    Args:
        checkpoint: where to save the state after every epoch, and to go on from.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = STRUCTURES[recipe.structure](len(CLASS_NAMES))
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.peak_rate, weight_decay=recipe.weight_decay
    )
    first_world, steps = _TRAINING_WORLDS + 1000 * seed, recipe.renders // recipe.batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        world = first_world + epoch
        photos = render(recipe.renders, seed=world, size=recipe.size)
        order = torch.randperm(recipe.renders, generator=torch.Generator().manual_seed(world))
        for batch in order.split(recipe.batch)[:steps]:
            yield photos.images[batch], photos.labels[batch]

    seconds = training.fit(
        network, optimizer, recipe, batches, steps, first_seed=first_world,
        half=True,  # it halves the time on a recent CPU or GPU, and costs no accuracy here
        checkpoint=checkpoint, progress=progress,
    )  # fmt: skip
    return network, seconds
