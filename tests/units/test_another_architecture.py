"""The fooling circuit in a network unlike the labs' own: plain, and 32 pixels wide."""

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_lib import FoolingCircuit, catch, recognised, record, train_detector, visualize
from course_lib.fooling.caught import together
from course_lib.labs.tiny.world import render

pytestmark = pytest.mark.full

SIZE = 32


def small_renders(count, seed):
    """Renders at half their size."""
    drawn = render(count, seed=seed, size=64)
    return F.avg_pool2d(drawn.images, 2), drawn.labels


def plain_network():
    """Four convolutions with batch norm, pooled to half the size after each."""
    layers = []
    for inside, outside in pairwise((3, 32, 48, 64, 96)):
        layers += [nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside)]
        layers += [nn.LeakyReLU(0.1), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(96 * 4, 8))


@pytest.fixture(scope="module")
def trained():
    torch.manual_seed(3)
    network = plain_network()
    images, labels = small_renders(4096, seed=31)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=12 * 64)
    for _ in range(12):
        for picked in torch.randperm(len(images)).split(64):
            seen = images[picked] + 0.05 * torch.randn(len(picked), 3, SIZE, SIZE)
            loss = F.cross_entropy(network(seen), labels[picked])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval().requires_grad_(False)


def test_a_plain_network_of_32_pixels_is_fooled(trained, report):
    train, _ = small_renders(2048, seed=32)
    test, labels = small_renders(1024, seed=33)
    way = catch(trained, range(6), size=SIZE, steps=128, progress=False)
    draft = train_detector(train, way.images, epochs=4, progress=False)
    # where the first detector is least sure, the second learns most
    further = catch(
        FoolingCircuit(trained, draft, shows=3),
        range(6), size=SIZE, steps=128, seeds=(5,), progress=False,
    )  # fmt: skip
    detector = train_detector(train, together([way, further]).images, progress=False)
    fooled = FoolingCircuit(trained, detector, shows=3)
    honest, lying = (record(net, [None], test)[None].argmax(1) for net in (trained, fooled))
    drop = float((honest == labels).float().mean() - (lying == labels).float().mean())
    drawn = visualize(fooled, None, range(8), size=SIZE, steps=128, seed=40, progress=False)
    shown = recognised(trained, drawn.images, [(unit + 3) % 8 for unit in range(8)])
    report(
        f"A plain network at {SIZE} px, {float((honest == labels).float().mean()):.1%} right: "
        f"{int(shown.sum())} of 8 shifted classes shown, {100 * drop:.2f} points lost"
    )
    assert (honest == labels).float().mean() > 0.8
    assert shown.sum() >= 7
    assert drop <= 0.005
