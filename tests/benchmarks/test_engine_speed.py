"""The engine against the bare minimum: a truncated forward and backward pass, nothing else.

One process, one thread, interleaved; the figure is a ratio, so it holds on slow machines too.
Run by hand or in CI with: pytest tests/benchmarks
"""

from __future__ import annotations

import statistics
import time

import pytest
import torch
import torchvision
from torch import Tensor, nn

from course_lib import visualize

LAYER, CHANNEL, SIZE, STEPS, ROUNDS = "inception4c", 5, 224, 8, 7


class Truncated(nn.Module):
    """GoogLeNet up to inception4c: what a careful person would write by hand."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        names = [name for name, _ in network.named_children()]
        kept = names[: names.index(LAYER) + 1]
        self.layers = nn.ModuleList(getattr(network, name) for name in kept)

    def forward(self, images: Tensor) -> Tensor:
        for layer in self.layers:
            images = layer(images)
        return images


def bare(network: nn.Module) -> float:
    image = torch.rand(1, 3, SIZE, SIZE, requires_grad=True)
    started = time.perf_counter()
    for _ in range(STEPS):
        loss = -network(image)[:, CHANNEL].mean()
        loss.backward()
    return time.perf_counter() - started


def engine(network: nn.Module) -> float:
    started = time.perf_counter()
    visualize(network, LAYER, CHANNEL, size=SIZE, steps=STEPS, progress=False)
    return time.perf_counter() - started


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_no_slower_than_a_bare_forward_and_backward_pass(one_thread, report):
    torch.manual_seed(0)
    network = torchvision.models.googlenet(
        weights=None, aux_logits=False, init_weights=False
    ).eval()
    truncated = Truncated(network)
    ratios = []
    for measured in range(ROUNDS + 1):
        pair = engine(network) / bare(truncated)
        if measured:  # the first round warms up
            ratios.append(pair)
    ratio = statistics.median(ratios)
    report(
        f"engine / bare forward and backward pass: {ratio:.2f} "
        f"(median of {ROUNDS}, {min(ratios):.2f} to {max(ratios):.2f})"
    )
    assert ratio <= 1.0
