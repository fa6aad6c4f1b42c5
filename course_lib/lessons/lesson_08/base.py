"""An honest network of each suspect's own, which nobody has seen before."""

import torch
from torch import nn
from torch.nn import functional as F

from course_lib.labs.lab import Photos
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.world import render
from course_lib.visualization.adam import Adam

SHIPPED = (("standard", 0), ("standard", 1), ("robust", 0), ("robust", 1))
"""The networks that suspects descend from."""

_WORLDS = 2_000_000
"""First world seed of the suspects' renders; trainings use those from 1,000,000 to 1,999,999, and
everything else small ones."""

MOST_SEEDS = 1_000_000
_NOISE = 0.05  # of a weight, in units of the standard deviation of its tensor
_STEPS, _BATCH, _RATE = 24, 24, 2e-4
_ASKED = 512


def fresh_renders(seed: int) -> tuple[Photos, Photos]:
    """Renders of a suspect's own world, which no other network has seen.

    The first are to fine-tune with and to keep twins silent for; accuracy is measured on the 512
    others.
    """
    count = _STEPS * _BATCH
    images, labels = render(count + _ASKED, seed=_WORLDS + seed, size=64)
    return Photos(images[:count], labels[:count]), Photos(images[count:], labels[count:])


def honest_base(origin: tuple[str, int], seed: int, known: Photos) -> nn.Module:
    """A shipped network, its weights disturbed and fine-tuned on fresh renders.

    So all of its weights differ from those of every shipped network, whether it is to be honest or
    not, and comparing weights proves nothing. Batch norms keep their statistics.

    Args:
        origin: recipe and seed of the shipped network. seed: of the disturbance.
        known: (24 * 24) renders.

    Returns:
        In eval mode, frozen.
    """
    network = weights.load(*origin)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            spread = parameter.std() if parameter.numel() > 1 else parameter.abs()
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.add_(_NOISE * spread * noise)
    network = network.to(memory_format=torch.channels_last).requires_grad_(True)
    tuned = list(network.parameters())
    adam = Adam(tuned, _RATE)
    order = torch.randperm(len(known.labels), generator=generator)
    with torch.inference_mode(False), torch.enable_grad():
        for batch in order.split(_BATCH):
            images = known.images[batch].contiguous(memory_format=torch.channels_last)
            loss = F.cross_entropy(network(images), known.labels[batch])
            adam.step(torch.autograd.grad(loss, tuned), kept=(0.9, 0.999))
    return network.eval().requires_grad_(False)
