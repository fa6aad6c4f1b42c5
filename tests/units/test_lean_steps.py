"""What makes a step of the engine fast changes nothing but rounding."""

import subprocess
import sys
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_lib import open_lab, visualize
from course_lib.activations import Recording
from course_lib.fooling import detector
from course_lib.fooling.one_cycle import one_cycle
from course_lib.visualization import engine
from course_lib.visualization.adam import Adam
from course_lib.visualization.folding import FoldedBatchNorm2d, fold_batch_norms
from course_lib.visualization.frozen import frozen_copy
from course_lib.visualization.input_gradient import InputConv2d, quicken_input_gradients
from tests.units.test_strangers import settled


def gradient_of(network, images):
    images = images.clone().requires_grad_(True)
    network(images).square().sum().backward()
    return images.grad


@given(
    channels=st.integers(1, 4),
    kernel=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    stride=st.integers(2, 5),
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    edges=st.tuples(st.integers(9, 21), st.integers(9, 21)),
    bias=st.booleans(),
)
def test_the_quick_input_gradient_is_pytorchs(channels, kernel, stride, padding, edges, bias):
    torch.manual_seed(0)
    plain = nn.Conv2d(channels, 5, kernel, stride, padding, bias=bias).double()
    plain.requires_grad_(False)
    images = torch.randn(2, channels, *edges, dtype=torch.float64)
    expected, output = gradient_of(plain, images), plain(images)
    quick = nn.Sequential(plain)
    quicken_input_gradients(quick)
    padded_less = all(p < k for p, k in zip(padding, kernel, strict=True))
    assert isinstance(quick[0], InputConv2d) == padded_less
    assert torch.equal(quick(images), output)
    torch.testing.assert_close(gradient_of(quick, images), expected)


@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv2d(3, 8, 3),  # stride 1
        nn.Conv2d(8, 8, 3, stride=2),  # many channels
        nn.Conv2d(4, 8, 3, stride=2, groups=2),
        nn.Conv2d(3, 8, 3, stride=2, dilation=2),
        nn.Conv2d(3, 8, 3, stride=2, padding=1, padding_mode="reflect"),
        nn.Conv2d(3, 8, 3, stride=(2, 1)),
        nn.ConvTranspose2d(3, 8, 3, stride=2),
    ],
)
def test_other_convolutions_stay_as_they_are(convolution):
    network = nn.Sequential(convolution).requires_grad_(False)
    quicken_input_gradients(network)
    assert type(network[0]) is type(convolution)
    trained = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2))
    quicken_input_gradients(trained)
    assert type(trained[0]) is nn.Conv2d


def folded(network, images, wanted=()):
    return fold_batch_norms(network, lambda: network(images), wanted)


class Reading(nn.Module):
    """A convolution and a batch norm, in ways that differ in who reads what."""

    def __init__(self, way):
        super().__init__()
        self.way = way
        self.conv, self.bn = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    def forward(self, x):
        between = self.conv(x)
        if self.way == "changed in place":
            between.relu_()
        result = self.bn(between)
        if self.way == "read twice":
            result = result + between
        if self.way == "batch norm twice":
            result = self.bn(result)
        if self.way == "convolution twice":
            result = result.sum() + self.conv(x * 2)
        return result


WAYS = ("plain", "read twice", "changed in place", "batch norm twice", "convolution twice")


@pytest.mark.parametrize("way", WAYS)
def test_only_what_nothing_else_reads_is_folded(way):
    network, images = settled(Reading(way)), torch.rand(2, 3, 8, 8)
    before = network(images)
    assert folded(network, images) == (way == "plain")
    assert isinstance(network.bn, FoldedBatchNorm2d) == (way == "plain")
    torch.testing.assert_close(network(images), before)


def test_what_is_wanted_hooked_or_of_the_batch_is_left_alone():
    network, images = settled(Reading("plain")), torch.rand(2, 3, 8, 8)
    assert folded(network, images, wanted=[network.conv]) == 0
    assert not network.conv._forward_hooks and not network.bn._forward_pre_hooks
    network.conv.register_forward_hook(lambda module, inputs, output: output * 2)
    assert folded(network, images) == 0
    network = Reading("plain")
    network.bn = nn.BatchNorm2d(4, track_running_stats=False)
    assert folded(settled(network), images) == 0


class OwnConv2d(nn.Conv2d):
    """A convolution of somebody's own, which nothing is known about."""


def test_a_batch_norm_after_something_else_is_paired_with_nothing():
    """Whatever memory its input leaves behind for those that come later."""
    layers = []
    for channels in range(3, 23):
        layers += [OwnConv2d(channels, channels, 1), nn.BatchNorm2d(channels), nn.ReLU()]
        layers += [nn.Conv2d(channels, channels + 1, 1), nn.BatchNorm2d(channels + 1), nn.ReLU()]
    network, images = settled(nn.Sequential(*layers)), torch.rand(1, 3, 8, 8)
    before = network(images)
    assert folded(network, images) == 20
    torch.testing.assert_close(network(images), before, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("layer", ["conv1.conv", "conv1.bn", "inception4a", None])
def test_pictures_are_the_same_with_and_without(layer, monkeypatch):
    """A few steps: after many of them even rounding leads elsewhere."""
    network = open_lab("tiny").network
    draw = partial(visualize, network, layer, [1, 2, 3], steps=4, progress=False)
    lean = draw()
    monkeypatch.setattr(engine, "quicken_input_gradients", lambda network: None)
    monkeypatch.setattr(engine, "fold_batch_norms", lambda *arguments: 0)
    plain = draw()
    torch.testing.assert_close(lean.activations, plain.activations, rtol=0.03, atol=1e-3)
    assert (lean.images - plain.images).abs().mean() < 5e-3


def test_both_are_at_work_in_a_frozen_copy_of_the_labs_network():
    network = frozen_copy(open_lab("tiny").network, "cpu")
    quicken_input_gradients(network)
    assert folded(network, torch.rand(1, 3, 64, 64)) == 27
    assert sum(isinstance(module, InputConv2d) for module in network.modules()) == 1


class AtKinks(nn.Module):
    """A network with a ReLU at its kink for a few pixels: rounding says whether it is open."""

    def __init__(self, rounding, slope=1.0):
        super().__init__()
        self.rounding, self.slope = rounding, slope

    def forward(self, images):
        few = torch.rand(images.shape[1:], generator=torch.Generator().manual_seed(1)) < 0.01
        tied = (images - images.detach()) * few  # zero, with a gradient
        return (self.slope * images + (tied + self.rounding).relu()).mean((2, 3))


def test_copies_that_differ_at_kinks_alone_agree():
    start, pictures = torch.full((3, 3, 16, 16), 0.5), torch.rand(3, 3, 16, 16)
    plain, rounded, steeper = (
        engine.Engine(Recording(network, [None]), torch.contiguous_format)
        for network in (AtKinks(-1e-7), AtKinks(1e-7), AtKinks(1e-7, slope=1.02))
    )
    slopes = [gradient_of(one.run.network, pictures) for one in (plain, rounded)]
    assert not engine.near(*slopes, 5e-3), "the gradients differ"
    assert engine.agree(plain, rounded, start)
    assert not engine.agree(plain, steeper, start)


def test_adam_is_pytorchs():
    chances = torch.Generator().manual_seed(0)
    kinds = (torch.float32, torch.complex64)
    ours = [torch.randn(3, 5, generator=chances, dtype=kind) for kind in kinds]
    theirs = [one.clone().requires_grad_(True) for one in ours]
    adam, pytorchs = Adam(ours, 0.05), torch.optim.Adam(theirs, lr=0.05, betas=(0.9, 0.99))
    for _ in range(30):
        gradients = [torch.randn(3, 5, generator=chances, dtype=kind) for kind in kinds]
        for one, gradient in zip(theirs, gradients, strict=True):
            one.grad = gradient
        adam.step(gradients)
        pytorchs.step()
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("steps", [241, 2000])
def test_a_detectors_steps_are_pytorchs(steps):
    chances = torch.Generator().manual_seed(0)
    ours = [torch.randn(3, 5, generator=chances)]
    theirs = [ours[0].clone().requires_grad_(True)]
    sgd = torch.optim.SGD(theirs, 0.02, momentum=0.9, weight_decay=5e-5, nesterov=True)
    cycle = torch.optim.lr_scheduler.OneCycleLR(sgd, 0.02, total_steps=steps, pct_start=0.1)
    moving = [None]
    for step in range(steps):
        gradient = torch.randn(3, 5, generator=chances)
        theirs[0].grad = gradient
        now = one_cycle(step, steps, 0.02, 0.1)
        assert now == (sgd.param_groups[0]["lr"], sgd.param_groups[0]["momentum"])
        detector._descend(ours, [gradient], moving, *now)
        sgd.step()
        cycle.step()
    assert torch.equal(ours[0], theirs[0])


def test_a_first_picture_and_a_detector_need_no_compiler():
    """Neither torchvision nor PyTorch's compiler, which take seconds of a cold start."""
    program = (
        "import sys, torch; from course_lib import open_lab, train_detector, visualize;"
        "visualize(open_lab().network, None, [0, 1], size=32, steps=2, progress=False);"
        "from course_lib.fooling import detector; detector._FEWEST_STEPS = 3;"
        "train_detector(torch.rand(8, 3, 16, 16), torch.zeros(8, 3, 16, 16), progress=False);"
        "print({'torchvision', 'torch._dynamo', 'scipy', 'IPython'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stdout + done.stderr
