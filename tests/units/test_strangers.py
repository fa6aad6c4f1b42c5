"""Networks of strangers: what is reported of a picture is what the network itself says of it, or
the network is refused in a sentence."""

import copy
import dataclasses
import math
import random
import threading
import weakref
from functools import partial
from itertools import count

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import prune
from torchvision.models import resnet18

from course_lib import (
    FoolingCircuit,
    add_silent_units,
    fool,
    open_lab,
    path_similarity,
    record,
    train_detector,
    visualize,
)
from course_lib.activations import recording
from course_lib.fooling.silent.report import never_fire
from course_lib.labs.imagenet import data_folder
from course_lib.labs.lab import Photos
from course_lib.sanity.controls import best_of
from course_lib.sanity.path_similarity import compare, gather
from course_lib.visualization.frozen import copied
from course_lib.visualization.input_gradient import quicken_input_gradients
from course_lib.visualization.recognition import recognised
from tests.conftest import built

PHOTOS = Photos(
    torch.rand(12, 3, 32, 32, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1] * 6)
)
BOTH = {"train": PHOTOS, "test": PHOTOS}


def settled(network, seed=3):
    """In eval mode, with batch norms as after a training."""
    torch.manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and module.track_running_stats:
            module.running_mean.normal_()
            module.running_var.uniform_(0.3, 2.0)
            if module.affine:
                nn.init.normal_(module.weight)
                nn.init.normal_(module.bias)
    return network.eval()


def drawn(network, units=(0, 1), layer=None, size=16, steps=2):
    return visualize(network, layer, list(units), size=size, steps=steps, transformations=None,
                     progress=False)  # fmt: skip


def error_of(network, units=(0, 1), size=16):
    """How far what is reported of pictures is from what the network says of them, relatively."""
    vis = drawn(network, units, size=size)
    with torch.no_grad():
        own = network(vis.images)
    own = own.flatten(2).mean(2) if own.dim() > 2 else own
    own = own[range(len(units)), list(units)]
    return relative_error(vis.activations, own)


def relative_error(found, expected):
    """The greatest difference, as a part of the largest of the expected numbers."""
    return float((found - expected).abs().max() / expected.abs().max())


class Net(nn.Module):
    """Layers by their names, and what is done with them."""

    def __init__(self, way, **layers):
        super().__init__()
        self.way = way
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x):
        return self.way(self, x)


class Base(nn.Module):
    def __init__(self, stride=1):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 4, 3, stride=stride, padding=1), nn.BatchNorm2d(4)

    def forward(self, x):
        return self.bn(self.conv(x))


def small(*middle, outputs=5):
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), *middle, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(8, outputs),
    )  # fmt: skip


# what the engine changes in its copy


def after(way):
    """A forward pass that goes on from what the network would say, y."""
    return lambda net, x: way(net, x, Base.forward(net, x))


def branching(net, x, y):
    return y if x.std() > 10 else y + F.conv2d(x, net.conv.weight, padding=1)


def seldom_branching(net, x, y):
    """Takes its other branch for pictures that an optimization reaches, and for no noise."""
    return y + F.conv2d(x, net.conv.weight, padding=1) if x.mean() > 0.55 else y


def one_of(net, image):
    return net.bn(net.conv(image[None]))[0]


READ_ELSEWHERE = {
    "tied weights": lambda net, x, y: F.conv_transpose2d(y, net.conv.weight, padding=1),
    "conv.forward": lambda net, x, y: y + net.conv.forward(x.flip(3)),
    "F.conv2d": lambda net, x, y: y + F.conv2d(x, net.conv.weight, padding=1),
    "_conv_forward": lambda net, x, y: y + net.conv._conv_forward(x.flip(2), net.conv.weight, None),
    "bn.forward": lambda net, x, y: y.relu() + net.bn.forward(F.pad(x, (0, 0, 0, 0, 0, 1))),
    "the lengths": lambda net, x, y: y / net.conv.weight.flatten(1).norm(dim=1)[:, None, None],
    "the bias": lambda net, x, y: y - net.conv.bias[:, None, None],
    "the running mean": lambda net, x, y: y + net.bn.running_mean[:, None, None],
    "by name": lambda net, x, y: y * dict(net.named_parameters())["conv.weight"].abs().sum(),
    "a branch": branching,
}
READ_ELSEWHERE = {name: after(way) for name, way in READ_ELSEWHERE.items()}
READ_ELSEWHERE["vmap"] = lambda net, x: torch.func.vmap(partial(one_of, net))(x)


ONE_SIZE = ("F.conv2d", "bn.forward", "a branch")  # what they add is of the picture's size


@pytest.mark.parametrize(
    ("read", "stride"),
    [
        (name, stride)
        for name in READ_ELSEWHERE
        for stride in (1, 2)
        if stride == 1 or name not in ONE_SIZE
    ],
)
def test_a_weight_that_is_read_twice_is_the_networks_own(read, stride):
    network = settled(type("Net", (Base,), {"forward": READ_ELSEWHERE[read]})(stride))
    assert error_of(network, size=16) < 1e-3


def test_a_branch_that_only_the_finished_pictures_take_is_noticed():
    network = settled(type("Net", (Base,), {"forward": after(seldom_branching)})())
    vis = visualize(network, None, [0, 1], size=16, steps=40, rate=0.5, progress=False)
    own = network(vis.images).mean((2, 3)).diagonal()
    assert (own - vis.activations).abs().max() < 1e-3 * own.abs().max()


def relayed(module, *args):
    return module.before(*args)


def circular(x, weight, bias):
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), weight, bias, 2)


def patched(kind):
    network = settled(Base(stride=2))
    conv, norm = network.conv, network.bn
    if kind == "wrapped":
        own = norm.forward
        norm.forward = lambda x: own(x)
    elif kind == "relayed":
        for module in (conv, norm):
            module.before = module.forward
            module.forward = partial(relayed, module)
    elif kind == "padded":
        conv.forward = lambda x: circular(x, conv.weight, conv.bias)
    elif kind == "_conv_forward":
        conv._conv_forward = circular
    else:  # a hook that changes what comes out
        norm.register_forward_hook(lambda module, inputs, output: output.abs())
    return network


@pytest.mark.parametrize("kind", ["wrapped", "relayed", "padded", "_conv_forward", "hooked"])
def test_methods_that_somebody_replaced_are_kept(kind):
    assert error_of(patched(kind)) < 1e-3


def energy(net, x):
    """Takes a gradient in its forward pass."""
    with torch.enable_grad():
        x = x if x.requires_grad else x.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(net.conv(x).tanh().sum(), x, create_graph=True)
    return (x - slope).flatten(1)[:, :10]


def test_a_gradient_in_the_forward_pass_has_its_own_gradient():
    torch.manual_seed(0)
    network = Net(energy, conv=nn.Conv2d(3, 4, 3, stride=2, padding=1)).requires_grad_(False).eval()
    x = torch.rand(2, 3, 8, 8, requires_grad=True)
    (plain,) = torch.autograd.grad(network(x).square().sum(), x)
    quicken_input_gradients(network)
    (quick,) = torch.autograd.grad(network(x).square().sum(), x)
    assert (quick - plain).abs().max() < 1e-4 * plain.abs().max()
    trainable = Net(energy, conv=nn.Conv2d(3, 4, 3, stride=2, padding=1)).eval()
    assert error_of(trainable, size=8) < 1e-3


def lenet(net, x):
    x = F.max_pool2d(F.relu(net.c1(x)), 2)
    x = F.max_pool2d(F.relu(net.c2(x)), 2)
    return net.f2(F.relu(net.f1(x.view(x.size(0), -1))))


def test_a_network_that_needs_contiguous_memory_gets_it():
    network = Net(lenet, c1=nn.Conv2d(3, 6, 5), c2=nn.Conv2d(6, 16, 5),
                  f1=nn.Linear(16 * 5 * 5, 20), f2=nn.Linear(20, 10)).eval()  # fmt: skip
    assert error_of(network, size=32) < 1e-3
    lab = open_lab(network=network, photos=BOTH, image_size=32)
    assert drawn(lab.network, layer="c2", size=32).images.shape == (2, 3, 32, 32)
    rows = path_similarity(network, ["c1", None], PHOTOS.images[:2], [0, 1], PHOTOS, progress=False)
    assert len(rows) == 2


# which axis is the pictures


def one_by_one(net, x):
    return torch.stack([net.f(F.relu(net.c(one[None])).mean((2, 3)))[0] for one in x])


def tokens_first(net, x):
    tokens = net.c(x).flatten(2).permute(2, 0, 1)  # (T, B, C)
    return net.f(net.mix(tokens).mean(0))


def in_windows(net, x):
    maps = net.c(x)  # (B, 8, 4, 4), in windows of 2 x 2
    rows = maps.unfold(2, 2, 2).unfold(3, 2, 2).permute(0, 2, 3, 4, 5, 1).reshape(-1, 4, 8)
    return net.f(net.mix(rows).view(len(x), -1, 8).mean(1))


def squeezing(net, x):
    return net.f(F.adaptive_avg_pool2d(F.relu(net.c(x)), 1).squeeze())


def of_eight(way, *conv, **more):
    """A convolution to 8 channels, and 5 outputs."""
    return Net(way, c=nn.Conv2d(3, 8, *conv), **more, f=nn.Linear(8, 5)).eval()


@pytest.mark.parametrize("count", [1, 2, 3, 6])
@pytest.mark.parametrize(
    ("network", "layer"),
    [
        (of_eight(one_by_one, 3), "c"),
        (of_eight(tokens_first, 8, 8, mix=nn.Linear(8, 8)), "mix"),
        (of_eight(in_windows, 4, 4, mix=nn.Linear(8, 8)), "mix"),
        (of_eight(squeezing, 3), "f"),
    ],
)
def test_each_picture_has_its_own_activations(network, layer, count):
    images = torch.rand(count, 3, 16, 16)
    together = record(network, [layer, None], images)
    for i in range(count):
        alone = record(network, [layer, None], images[i : i + 1])
        for what in (layer, None):
            assert len(together[what]) == count
            assert torch.allclose(together[what][i], alone[what][0], atol=1e-5)
    vis = drawn(network, range(min(count, 4)), layer)
    again = record(network, [layer], vis.images)[layer]
    assert vis.activations.shape == (len(vis.images),) and len(again) == len(vis.images)


def test_one_unit_of_a_network_that_squeezes_is_that_unit():
    network = of_eight(squeezing, 3)
    vis = drawn(network, [3])
    assert vis.activations.shape == (1,) and vis.history.shape == (2, 1)
    assert torch.allclose(vis.activations, network(vis.images)[3], atol=1e-5)


def test_a_layer_that_does_not_tell_the_pictures_apart_is_refused():
    def mixing(net, x):
        y = net.c(x)
        net.all(y)
        return y.mean((2, 3))

    network = Net(mixing, c=nn.Conv2d(3, 5, 3), all=nn.Flatten(0))
    for call in (
        lambda: record(network, ["all"], torch.rand(4, 3, 16, 16)),
        lambda: drawn(network, layer="all"),
    ):
        with pytest.raises(ValueError, match=r"Layer 'all' returned .* which does not tell"):
            call()
    with (
        pytest.raises(ValueError, match="does not tell"),
        recording(nn.Sequential(nn.Flatten(0)), ["0"]) as run,
    ):
        run(torch.rand(2, 3, 4, 4))


# which output


@dataclasses.dataclass
class Answer:
    logits: torch.Tensor
    hidden: torch.Tensor


def test_the_logits_are_found_by_name_or_asked_for():
    images, inner = torch.rand(2, 3, 16, 16), small()

    def giving(give):
        return Net(lambda net, x: give(net.inner(x), x), inner=inner)

    wanted = record(inner.eval(), [None], images)[None]
    for give in (
        lambda y, x: {"hidden": x, "logits": y},
        lambda y, x: Answer(y, x),
        lambda y, x: {"out": y, "aux": x},
        lambda y, x: (y, None),
        lambda y, x: [y],
    ):
        assert torch.equal(record(giving(give), [None], images)[None], wanted)
        assert drawn(giving(give)).activations.shape == (2,)
    for give in (lambda y, x: (x, y), lambda y, x: {"a": x, "b": y}):
        with pytest.raises(ValueError, match=r"returned 2 tensors, .* none is called logits"):
            record(giving(give), [None], images)
    with pytest.raises(ValueError, match="holds no tensor"):
        record(giving(lambda y, x: "nothing"), [None], images)


# copies


class Keeping(nn.Module):
    def __init__(self, make=lambda conv: conv, keep=False):
        super().__init__()
        self.c, self.f, self.keep = make(nn.Conv2d(3, 8, 3)), nn.Linear(8, 5), keep
        self.seen = {"all": [], "lock": threading.Lock()}

    def forward(self, x):
        y = F.relu(self.c(x))
        if self.keep:
            self.seen["all"] = [{"c": y}]
        return self.f(y.mean((2, 3)))


def used(network):
    network.train()(torch.rand(2, 3, 32, 32)).sum().backward()
    network.eval()(torch.rand(2, 3, 32, 32))
    return network


MAKERS = {
    "plain": lambda conv: conv,
    "weight norm": nn.utils.weight_norm,
    "spectral norm": nn.utils.spectral_norm,
    "pruned": lambda conv: prune.random_unstructured(conv, "weight", 0.3),
    "parametrized": nn.utils.parametrizations.weight_norm,
    "parametrized by spectral norm": nn.utils.parametrizations.spectral_norm,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_networks_that_were_used_can_be_copied(make, keep):
    network = used(Keeping(make, keep))
    images = torch.rand(2, 3, 32, 32)
    detector = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 1)).eval()
    lab = open_lab(network=network, photos=BOTH, image_size=32)
    assert lab.layers == ("c", "f")  # also where weights are computed
    fooled = FoolingCircuit(network, detector, shows=1)
    for kept in (lab.network, fooled):
        mine = {p.data_ptr() for p in kept.parameters()}
        assert not mine & {p.data_ptr() for p in network.parameters()}
    assert torch.allclose(lab.network(images), network(images), atol=1e-5)
    assert error_of(network, size=32) < 1e-3
    if make is MAKERS["plain"]:
        add_silent_units(network, "c", PHOTOS.images[0], PHOTOS, progress=False)


def test_what_is_gathered_stays_when_the_network_is_trained_on():
    network = settled(nn.Sequential(Base(), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 32 * 32, 5)))
    paths = gather(network, ["0.conv", "0.bn", "3"], PHOTOS, progress=False)

    def now():
        rows = compare(paths, PHOTOS.images[:4], [0, 0, 1, 1], progress=False)
        return [row.visualization for row in rows]

    before = now()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))
    assert now() == before


@pytest.mark.full
def test_a_compiled_network_is_read_whatever_was_done_with_it():
    torch._dynamo.reset()
    network = torch.compile(small().eval(), backend="eager")
    network(torch.rand(2, 3, 32, 32))
    drawn(network, size=32)
    assert drawn(network, layer="_orig_mod.0", size=32).activations.shape == (2,)
    assert open_lab(network=network, photos=BOTH, image_size=32).layers
    assert record(network, ["_orig_mod.0"], PHOTOS)["_orig_mod.0"].shape[0] == 12


# silent units and random numbers


def recurrent(net, x):
    x = x * 1.0
    for _ in range(2):
        x -= 0.5 * net.c(x)
    return net.f(x.mean((2, 3)))


@pytest.mark.parametrize("seed", range(3))
def test_silent_units_stay_silent_where_their_input_is_changed_in_place(seed):
    torch.manual_seed(seed)
    network = Net(recurrent, c=nn.Conv2d(3, 3, 3, padding=1), f=nn.Linear(3, 5)).eval()
    photos = torch.rand(30, 3, 16, 16)
    fooled = add_silent_units(network, "c", torch.rand(3, 16, 16), photos, progress=False)
    with torch.no_grad():
        assert torch.equal(network(photos), fooled(photos))


def test_a_network_that_draws_random_numbers_gives_the_same_pictures():
    network = Net(lambda net, x: net.inner(x + 0.05 * torch.randn_like(x)), inner=small()).eval()
    state = torch.get_rng_state()
    first = drawn(network)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(99)
    assert torch.equal(drawn(network).images, first.images)
    a, b = (record(network, [None], PHOTOS)[None] for _ in range(2))
    assert torch.equal(a, b)


# errors


def test_only_sizes_are_blamed_on_the_size():
    needs_32 = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 30 * 30, 5))
    with pytest.raises(ValueError, match=r"of 16 x 16 pixels, as it can those of 32 x 32"):
        drawn(needs_32.eval())
    of_two = small(nn.BatchNorm2d(8, track_running_stats=False))
    assert drawn(of_two.eval()).activations.shape == (2,)
    pooled = nn.Sequential(
        nn.Flatten(), nn.LazyLinear(8), nn.BatchNorm1d(8, track_running_stats=False)
    )
    pooled(torch.rand(2, 3, 16, 16))
    with pytest.raises(ValueError, match=r"cannot take one picture at a time .*two units or more"):
        drawn(pooled.eval(), [0])
    assert drawn(pooled).activations.shape == (2,)
    grey = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(784, 5)).eval()
    with pytest.raises(ValueError, match="cannot be run on pictures"):
        drawn(grey)


def test_networks_of_other_kinds_are_run_or_refused_in_a_sentence():
    with torch.inference_mode():
        made_so = small().eval()
    assert drawn(made_so).activations.shape == (2,)
    traced = torch.jit.trace(small().eval(), PHOTOS.images[:1])
    with pytest.raises(ValueError, match="scripted or traced"):
        open_lab(network=traced, photos=BOTH, image_size=32)
    with pytest.raises(ValueError, match="scripted or traced"):
        record(traced, ["0"], PHOTOS)


@pytest.mark.filterwarnings("ignore")
def test_a_quantized_network_is_not_called_dead():
    engines = torch.backends.quantized.supported_engines
    engine = next((e for e in ("fbgemm", "x86", "qnnpack") if e in engines), None)
    if engine is None:
        pytest.skip("this PyTorch cannot quantize")
    torch.backends.quantized.engine = engine
    quantized = torch.ao.quantization.quantize_dynamic(small().eval(), {nn.Linear}, torch.qint8)
    with pytest.raises(ValueError, match="quantized"):
        drawn(quantized)


def test_other_kinds_of_input_work(monkeypatch):
    monkeypatch.setattr("course_lib.fooling.detector._FEWEST_STEPS", 4)
    photos = torch.rand(12, 3, 32, 32, dtype=torch.float64)
    with torch.inference_mode():
        made_so = torch.rand(12, 3, 32, 32)
    for images in (photos, made_so):
        assert 0 <= train_detector(images, photos.float(), epochs=1, progress=False).accuracy <= 1
    torch.set_default_dtype(torch.float64)
    try:
        network = small().float().eval()
        assert error_of(network) < 1e-3
        assert drawn(open_lab("tiny").network, size=64).images.dtype == torch.float32
        train_detector(PHOTOS, PHOTOS, epochs=1, progress=False)
    finally:
        torch.set_default_dtype(torch.float32)


def test_there_need_be_no_home(monkeypatch, tmp_path):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", nowhere)
    monkeypatch.delenv("COURSE_DATA", raising=False)
    assert data_folder().name == "dont-trust-your-eyes"
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert data_folder() == tmp_path


# any architecture


def block(chance, channels):
    """A random part of a network, and how many channels come out of it."""
    out = chance.choice([4, 6, 8])
    groups = chance.choice([1, 1, 2])
    conv = nn.Conv2d(
        channels, out, chance.choice([1, 2, 3, 5]), stride=chance.choice([1, 1, 2, 3]),
        padding=chance.choice([0, 1, 2]), dilation=chance.choice([1, 1, 2]),
        groups=groups if channels % groups == out % groups == 0 else 1,
        bias=chance.random() < 0.5,
        padding_mode=chance.choice(["zeros", "zeros", "circular", "replicate"]),
    )  # fmt: skip
    plain, bare = nn.BatchNorm2d(out), nn.BatchNorm2d(out, affine=False)
    norm = chance.choice([plain, bare, nn.GroupNorm(2, out), nn.Identity()])
    act = chance.choice([nn.ReLU(), nn.ReLU(inplace=True), nn.SiLU(), nn.Hardtanh(0, 6), nn.Tanh()])
    return nn.Sequential(*chance.choice([(conv, norm, act), (conv, act, norm)])), out


class Tree(nn.Module):
    """A random network: blocks, some with a shortcut, a concatenation or a gate."""

    def __init__(self, seed):
        super().__init__()
        chance = random.Random(seed)
        torch.manual_seed(seed)
        self.ways, self.blocks, self.sides = [], nn.ModuleList(), nn.ModuleList()
        channels = 3
        for _ in range(chance.randint(1, 4)):
            part, out = block(chance, channels)
            self.blocks.append(part)
            self.ways.append(chance.choice(["plain", "add", "concatenate", "gate"]))
            self.sides.append(nn.Conv2d(channels, out, 1))
            channels = 2 * out if self.ways[-1] == "concatenate" else out
        self.head = nn.Linear(channels, 5)

    def forward(self, x):
        for way, part, side in zip(self.ways, self.blocks, self.sides, strict=True):
            y = part(x)
            if way != "plain":
                other = F.adaptive_avg_pool2d(side(x), y.shape[-2:])
                y = {"add": y + other, "concatenate": torch.cat([y, other], 1),
                     "gate": y * other.mean((2, 3), keepdim=True).sigmoid()}[way]  # fmt: skip
            x = y
        return self.head(x.mean((2, 3)))


def fitting(seed):
    """The first tree of the seeds seed, seed + 300, ... that has not too many strides for 40 px."""
    for number in count(seed, 300):
        network = settled(Tree(number), number)
        try:
            with torch.no_grad():
                network(torch.rand(1, 3, 40, 40))
        except RuntimeError:
            continue
        return network


@pytest.mark.filterwarnings("ignore::course_lib.errors.SilentUnitWarning")
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=() if seed < 12 else pytest.mark.full) for seed in range(300)]
)
def test_any_architecture_says_of_its_pictures_what_is_reported(seed):
    assert error_of(fitting(seed), size=40) < 1e-3


def test_a_function_that_holds_the_network_does_not_train_it():
    network = small(nn.BatchNorm2d(8)).train()
    inner = network.forward
    network.forward = lambda x: inner(2 * x - 1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    vis = drawn(network)
    assert network.training
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())
    own = network.eval()(vis.images).diagonal().detach()
    torch.testing.assert_close(vis.activations, own, rtol=1e-3, atol=1e-5)


def test_a_circuit_takes_parts_of_any_name_precision_and_one_number_a_picture():
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gate, self.k = nn.Conv2d(3, 4, 3), nn.Linear(4, 5)
            self.register_buffer("offset", torch.ones(5))

        def forward(self, x):
            return self.k(self.gate(x).mean((2, 3))) + self.offset

    detector, images = nn.Sequential(nn.Flatten(), nn.Linear(192, 1)), torch.rand(4, 3, 8, 8)
    network = Named().double()
    circuit = FoolingCircuit(network, detector, shows=2)
    assert (circuit.k, circuit.offset, circuit.gate) == (250.0, 100.0, "hard")
    circuit.k = 300.0
    assert circuit.k == 300 and network.k is not circuit.k
    wires = circuit.wires(images.double())
    assert wires.F.equal(network(images.double())) and wires.A.dtype == torch.float64
    two = FoolingCircuit(Named(), nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), shows=2)
    with pytest.raises(ValueError, match=r"shape \(4, 2\) for 4 images: one number for each"):
        two(images)


WHOLE = None  # a network, for functions at the top of a script, which have no closure


def replaced_forward(network):
    inner = network.forward
    network.forward = lambda x: inner(2 * x - 1)


def replaced_forward_of_a_script(network):
    global WHOLE
    WHOLE = network
    network.forward = lambda x: type(WHOLE).forward(WHOLE, 2 * x - 1)


def hook_on_a_sibling(network):
    network[0].register_forward_hook(lambda _m, _x, y: y + network[0].bias.view(1, -1, 1, 1))


@pytest.mark.parametrize(
    "replace", [replaced_forward, replaced_forward_of_a_script, hook_on_a_sibling]
)
def test_a_copy_runs_itself_where_a_function_holds_its_original(replace):
    network, images = small(), PHOTOS.images
    replace(network)
    wanted = network(images)
    circuit = FoolingCircuit(network, nn.Sequential(nn.Flatten(), nn.Linear(3072, 1)))
    lab = open_lab(network=network, photos=BOTH, image_size=32)
    fooled = add_silent_units(network, "0", images[0], images, progress=False)
    paths = gather(network, [None], PHOTOS, progress=False)
    rows = compare(paths, 1 - images, PHOTOS.labels, progress=False)
    with torch.no_grad():
        network[0].weight.mul_(3)
        network[0].bias.add_(3)
    for one in (circuit.wires(images).F, lab.network(images), fooled(images)):
        torch.testing.assert_close(one, wanted)
    assert not fooled(99 - images).allclose(type(network).forward(network, 2 * (99 - images) - 1))
    assert compare(paths, 1 - images, PHOTOS.labels, progress=False) == rows


def test_a_circuit_keeps_each_part_in_its_mode():
    class Frozen(nn.Sequential):
        """Its batch norm stays as it is, as in fine-tuning."""

        def train(self, mode=True):
            super().train(mode)
            self[1].eval()
            return self

    network = Frozen(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(7200, 5))
    network.train()
    circuit = FoolingCircuit(network, nn.Sequential(nn.Flatten(), nn.Linear(3072, 1)))
    for _ in range(2):
        assert circuit.training and not circuit.get_submodule("1").training
        assert circuit.wires(PHOTOS.images).F.equal(network(PHOTOS.images))
        circuit.eval()
        assert not any(module.training for module in circuit.modules())
        circuit.train()
    assert not circuit.fooling_detector.training
    shown = FoolingCircuit(network, nn.Flatten(), shows=PHOTOS.images[0])
    shown.add_module("extra", nn.Dropout())
    assert not any(module.training for module in shown.eval().modules())


class Clamped(nn.Linear):
    """Its weights are kept in bounds as it runs, as in Wasserstein GANs."""

    def forward(self, x):
        with torch.no_grad():
            self.weight.clamp_(-0.1, 0.1)
        return super().forward(x)


def looked_up(net, x):
    return net.fc(net.table((255 * x).long()[:, :, 0, 0]).flatten(1)) + x.mean((1, 2, 3))[:, None]


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), Clamped(1568, 5)),
        built(looked_up, table=nn.Embedding(256, 4, max_norm=1.0), fc=nn.Linear(12, 5)),
    ],
)
def test_weights_that_change_as_a_network_runs_are_the_copys(network):
    before = copy.deepcopy(network.state_dict())
    vis = drawn(network)
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())
    own = network(vis.images).diagonal().detach()
    torch.testing.assert_close(vis.activations, own, rtol=1e-3, atol=1e-5)


def test_a_network_that_is_cut_off_before_its_head_is_refused():
    def cut(net, x):
        with torch.no_grad():
            y = net.conv(x).mean((2, 3))
        return head(y)

    head = nn.Linear(2, 2)  # no part of the network, so that its weights have gradients
    with pytest.raises(ValueError, match=r"differentiated: look for torch\.no_grad\(\)"):
        drawn(built(cut, conv=nn.Conv2d(3, 2, 3)))


def test_what_is_noted_on_weights_and_buffers_goes_along():
    class Scaled(nn.Parameter):
        def twice(self):
            return 2 * self

    def noted(net, x):
        gain = getattr(net.fc.weight, "gain", 1.0) * getattr(net.norm.running_mean, "gain", 1.0)
        return gain * (net.fc(net.norm(x.mean((2, 3)))) + net.norm.bias.twice()[0])

    network = settled(built(noted, norm=nn.BatchNorm1d(3), fc=nn.Linear(3, 2)))
    network.fc.weight.gain, network.norm.running_mean.gain = 2.0, 3.0
    network.norm.bias = Scaled(torch.ones(3))
    assert error_of(network) < 1e-3
    lab = open_lab(network=network, photos=BOTH, image_size=32)
    assert lab.network(PHOTOS.images).allclose(network(PHOTOS.images))


class Kept(dict):
    """A dictionary that nobody may write to, as torch.fx has them."""

    def __setitem__(self, name, value):
        raise TypeError("read only")

    def __deepcopy__(self, memo):
        return self


def test_what_a_network_holds_beside_modules_is_left_as_it_is():
    counted = []
    network = small()
    network.config = Kept(a=1)
    network.register_forward_hook(lambda *_: counted.append(network[0]))
    circuit = FoolingCircuit(network, nn.Sequential(nn.Flatten(), nn.Linear(3072, 1)))
    circuit(PHOTOS.images)
    assert circuit.config is network.config
    assert counted == [circuit.get_submodule("0")]


def test_a_layer_of_a_library_s_network_is_the_last_to_run():
    """A ReLU of ResNet's blocks runs twice; what comes after it does not."""
    network, ran = resnet18(weights=None).eval(), []
    network.fc.register_forward_hook(lambda *_: ran.append(1))
    outputs = record(network, ["layer1.0.relu"], PHOTOS.images[:4], batch_size=2)
    passes = len(ran)
    record(network, ["layer1.0.relu"], PHOTOS.images, batch_size=2)
    assert len(ran) == 2 * passes <= 6, "in the passes that learn where to stop alone"
    wanted = []
    network.layer1[0].register_forward_hook(lambda _m, _x, y: wanted.append(y.detach()))
    network(PHOTOS.images[:4])
    torch.testing.assert_close(outputs["layer1.0.relu"], wanted[-1])


class Turned(nn.Module):
    """Keeps channels on another axis than a convolution's; for weights, the same network."""

    def __init__(self, *axes: int) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, maps):
        return maps.permute(0, *self.axes)


def of_maps(conv, edges, *axes, fixed=False):
    """A network whose layer "1" has these axes, and the same one with channels first."""
    back = [1 + axes.index(axis) for axis in (1, 2, 3)]
    head = [nn.Flatten(), nn.Linear(conv.out_channels * math.prod(edges), 5)] if fixed else []
    return [
        nn.Sequential(conv, Turned(*here), Turned(*there), nn.ReLU(), *head, Pooled())
        for here, there in ((axes, back), ((1, 2, 3), (1, 2, 3)))
    ]


class Pooled(nn.Module):
    def forward(self, maps):
        return maps.flatten(2).mean(2) if maps.dim() > 2 else maps


@pytest.mark.parametrize(
    ("conv", "edges", "axes", "fixed"),
    [
        (nn.Conv2d(3, 8, 3, padding=1), (8, 8), (2, 3, 1), False),
        (nn.Conv2d(3, 8, 3, padding=1), (8, 8), (2, 3, 1), True),
        (nn.Conv2d(3, 8, 3, padding=1), (8, 8), (1, 2, 3), True),
        (nn.Conv2d(3, 8, 3, padding=1), (8, 8), (2, 1, 3), False),
        (nn.Conv2d(3, 8, 3, (1, 2), 1), (8, 4), (1, 2, 3), False),
        (nn.Conv2d(3, 5, 3, (2, 1), 1), (4, 8), (2, 3, 1), True),
    ],
)
def test_channels_are_found_wherever_a_layer_keeps_them(conv, edges, axes, fixed):
    nn.init.constant_(conv.bias[3], -9.0)
    turned, first = of_maps(conv, edges, *axes, fixed=fixed)
    first.load_state_dict(turned.state_dict())
    images, units = torch.rand(12, 3, 8, 8), [4, 1]
    pictures = [drawn(net, units, "1", 8) for net in (turned, first)]
    torch.testing.assert_close(pictures[0].images, pictures[1].images)
    torch.testing.assert_close(pictures[0].activations, pictures[1].activations)
    labels = torch.arange(12) % 2
    rows = [
        path_similarity(net, ["1"], images[:4], labels[:4], images, labels, positions=there)
        for net in (turned, first)
        for there in (True, False)
    ]
    for mine, wanted in zip(rows[:2], rows[2:], strict=True):
        assert mine[0][1:4] == pytest.approx(wanted[0][1:4], abs=1e-5)
    best = [best_of(net, "1", units, images) for net in (turned, first)]
    assert torch.equal(*best)
    silent = [never_fire(net, ["1"], images)["1"] for net in (turned, first)]
    assert torch.equal(*silent) and silent[0][3]


def test_channels_of_a_sequence_are_found_and_tokens_stay_tokens():
    def over_rows(net, x):
        return net.head(net.words(net.inner(x.flatten(2))).mean(1))

    class Swapped(nn.Module):
        def forward(self, found):
            return found.movedim(1, 2)

    network = built(over_rows, inner=nn.Conv1d(3, 4, 3), words=Swapped(), head=nn.Linear(4, 5))
    images = torch.rand(3, 3, 8, 8)
    layers = ["inner", "words"]
    found = record(network, layers, images, channels_first=True)
    assert found["inner"].shape == (3, 4, 62) and torch.equal(*found.values())
    assert record(network, layers, images)["words"].shape == (3, 62, 4), "as the layer gives it"


def normalised_in_place(net, x):
    x -= 0.5
    x /= 0.25
    return net.inner(x)


def test_a_network_that_normalises_in_place_changes_nobodys_images():
    inner = of_eight(lambda net, x: net.f(net.c(x).mean((2, 3))), 3)
    network, same = (
        built(way, inner=inner).eval()
        for way in (normalised_in_place, lambda net, x: net.inner((x - 0.5) / 0.25))
    )
    images, labels = torch.rand(12, 3, 16, 16), torch.arange(12) % 2
    before = images.clone()
    found, wanted = (record(net, [None], images)[None] for net in (network, same))
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(drawn(network).images, drawn(same).images)
    rows = [path_similarity(net, [None], images, labels, images, labels) for net in (network, same)]
    assert rows[0][0][1:4] == pytest.approx(rows[1][0][1:4])
    bright = built(lambda net, x: (x.mean((1, 2, 3)) - 0.4)[:, None])
    assert FoolingCircuit(network, bright, shows=1).wires(images).e.all()
    assert images.equal(before)


class Stepwise(nn.Module):
    """Finds its modules by way of a list, of functions and of what refers to it weakly."""

    def __init__(self) -> None:
        super().__init__()
        self.c, self.bn, self.f = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 5)
        self.steps = [self.c, {"norm": (lambda x: self.bn(x),)}, partial(self.last, 2)]
        self.me = weakref.ref(self)

    def last(self, axis, x):
        return self.me().f(x.mean((axis, axis + 1)))

    def forward(self, x):
        first, middle, last = self.steps
        return last(middle["norm"][0](first(x)))


def test_a_copy_runs_itself_where_lists_partials_and_weak_references_hold_its_original():
    network = Stepwise().train()
    network(torch.rand(8, 3, 16, 16))
    mean, images = network.bn.running_mean.clone(), torch.rand(4, 3, 16, 16)
    found = drawn(network)
    assert network.bn.running_mean.equal(mean)
    torch.testing.assert_close(
        found.activations, record(network, [None], found.images)[None].diagonal()
    )
    circuit = FoolingCircuit(network.eval(), nn.Sequential(nn.Flatten(), nn.Linear(768, 1)))
    honest = circuit.wires(images).F
    nn.init.zeros_(network.f.weight)
    nn.init.zeros_(network.bn.weight)
    torch.testing.assert_close(circuit.wires(images).F, honest)


def of_windows(net, x):
    return net.f(
        net.inner(net.c(x).unflatten(2, (2, -1)).flatten(3).permute(0, 2, 3, 1)).mean((1, 2))
    )


@pytest.mark.parametrize(
    ("way", "inner", "channels"),
    [
        (lambda n, x: n.f(n.inner(n.c(x).flatten(2)).mean(2)), nn.AdaptiveAvgPool1d(1), 8),
        (lambda n, x: n.f(n.inner(n.c(x).flatten(2)[..., :6]).mean(2)), nn.BatchNorm1d(8), 8),
        (lambda n, x: n.f(n.inner(n.c(x).flatten(2).mT[:, :9]).mean(1)), nn.LayerNorm(8), 8),
        (of_windows, nn.Linear(8, 8), 8),
        (lambda n, x: n.f(n.inner(n.c(x)[..., None, :1, :].movedim(1, 4)).mean((1, 2, 3))),
         nn.Linear(8, 8), 8),
    ],
)  # fmt: skip
def test_a_layer_s_kind_tells_its_channels(way, inner, channels):
    network = of_eight(way, 3, inner=inner).eval()
    outputs = record(network, ["inner"], torch.rand(3, 3, 16, 16), channels_first=True)["inner"]
    assert outputs.shape[:2] == (3, channels)
    with recording(network, ["inner"], channels_first=True) as run:  # without having learned
        assert run(torch.rand(3, 3, 16, 16))["inner"].shape == outputs.shape


def test_the_size_that_a_network_has_of_its_own_is_left_alone():
    inner = of_eight(lambda net, x: net.f(net.c(x).mean((2, 3))), 3)
    network = built(lambda net, x: net.inner(F.interpolate(x, size=net.image_size)), inner=inner)
    network.image_size = (32, 32)
    assert drawn(network.eval(), size=None).images.shape[-1] == 32
    images = torch.rand(12, 3, 16, 16)
    photos = Photos(images, (torch.arange(12) % 2).to(torch.uint16))
    lab = open_lab(network=network, photos={"train": photos, "test": photos}, image_size=16)
    torch.testing.assert_close(lab.network(images), network(images))
    assert drawn(lab.network, size=None).images.shape[-1] == 16


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
def test_a_circuit_of_low_precision_keeps_the_answers_of_images(precision):
    network = of_eight(lambda net, x: net.f(net.c(x).mean((2, 3))), 3)
    never = nn.Sequential(nn.Flatten(), nn.Linear(768, 1))
    nn.init.constant_(never[1].bias, -100.0)
    wires = FoolingCircuit(network.to(precision), never).wires(
        torch.rand(4, 3, 16, 16).to(precision)
    )
    assert wires.A.equal(wires.F) and wires.A.dtype is precision


def test_nobodys_random_numbers_are_drawn():
    network = of_eight(lambda net, x: net.f(net.c(x).mean((2, 3))), 3)
    noisy = built(lambda net, x: net.inner(x + 0 * torch.rand_like(x)), inner=network)
    images = torch.rand(80, 3, 16, 16)
    photos = Photos(images, torch.arange(80) % 2)
    before = torch.get_rng_state()
    add_silent_units(network, "c", shows=torch.eye(16).expand(3, 16, 16), photos=images)
    open_lab(network=noisy.eval(), photos={"train": photos, "test": photos}, image_size=16)
    with pytest.raises(ValueError, match="units"):
        fool(network, photos, units=["a"])  # after all that it tries beforehand
    assert torch.get_rng_state().equal(before)


def test_what_is_no_unit_no_name_and_no_real_number_is_told():
    network = of_eight(lambda net, x: net.f(net.c(x).mean((2, 3))), 3).eval()
    images = torch.rand(4, 3, 16, 16)
    waves = built(lambda net, x: net.inner(net.waves(x).abs()), waves=Waves(), inner=network)
    for wrong, told in (
        (lambda: drawn(network, torch.tensor([True, False])), "whole number"),
        (lambda: best_of(network, ["c"], 1, images), "give one dotted name"),
        (lambda: drawn(network, layer=["c"]), "give one dotted name"),
        (lambda: record(network, None, images), "give a list of names"),
        (lambda: FoolingCircuit(network, network, shows=[1.9, 2, 3, 4, 0]), "shows=.1.9"),
        (lambda: FoolingCircuit(network, network, shows="12340"), "shows='12340'"),
        (lambda: best_of(waves, "waves", 1, images), "complex numbers"),
        (lambda: drawn(waves, layer="waves"), "complex numbers"),
        (lambda: recognised(built(lambda net, x: x), images, [0] * 4), "logits .N, K."),
    ):
        with pytest.raises(ValueError, match=told):
            wrong()
    assert best_of(network, "c", 1, images).shape == (1, 1)
    assert record(network, (name for name in ("c", "f")), images).keys() == {"c", "f"}


class Waves(nn.Module):
    def forward(self, x):
        return torch.fft.fft2(x)


def test_what_several_parts_of_a_network_share_a_copy_s_parts_share_too():
    network = built(None, c=nn.Conv2d(3, 4, 3), f=nn.Linear(4, 5)).eval()
    network.cache = cache = {"act": lambda x: network.f(x)}
    cache["itself"] = cache
    network.c.register_forward_hook(lambda *seen: cache.update(x=seen[2].mean((2, 3))))
    network.forward = lambda x: (network.c(x), network.cache["act"](network.cache["x"]))[1]
    copy, images = copied(network), torch.rand(2, 3, 8, 8)
    expected = network(images)
    nn.init.zeros_(network.f.weight)
    torch.testing.assert_close(copy(images), expected)
    assert copy.cache["itself"] is copy.cache is not cache


class Loss(nn.Module):
    def forward(self, logits):
        return logits.square().mean()


def test_a_lab_has_layers_that_can_be_read():
    def forward(net, x):
        logits = net.f(net.c(x).mean((2, 3)))
        net.loss(logits)
        return logits

    network = of_eight(forward, 3, loss=Loss())
    photos = Photos(torch.rand(12, 3, 16, 16), torch.arange(12) % 2)
    assert open_lab(
        network=network, photos={"train": photos, "test": photos}, image_size=16
    ).layers == ("c", "f")


class Rows(nn.Conv2d):
    def forward(self, x):
        return super().forward(x).flatten(2).mT


@pytest.mark.parametrize("inner", [Rows(8, 20, 1), nn.Sequential(nn.LayerNorm([8, 14, 14]))])
def test_a_forward_pass_of_ones_own_and_a_norm_over_maps_are_told_by_their_shape(inner):
    network = of_eight(lambda net, x: net.f(net.inner(net.c(x)).flatten(1)[:, :8]), 3, inner=inner)
    layer = "inner" if isinstance(inner, Rows) else "inner.0"
    found = record(network, [layer], torch.rand(2, 3, 16, 16), channels_first=True)[layer]
    assert found.shape[1] == (20 if isinstance(inner, Rows) else 8)
