import copy

import pytest
import torch
from torch import nn

from course_lib import open_lab, visualize
from course_lib.activations import channel_axis, record, recording
from course_lib.errors import OutputError, UnknownLayerError
from course_lib.labs.lab import Photos
from tests.conftest import built


def hooks_of(network: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in network.modules())


@pytest.mark.parametrize("batch_size", [7, 2])
def test_records_what_the_layer_returned(small_network, batch_size):
    images = torch.rand(7, 3, 16, 16)
    with torch.no_grad():
        stem, logits = small_network.stem(images), small_network(images)
    outputs = record(small_network, ["stem", None], images, batch_size=batch_size)
    assert torch.allclose(outputs["stem"], stem, atol=1e-6)
    assert torch.allclose(outputs[None], logits, atol=1e-6)


def test_a_recorded_output_is_not_overwritten_by_a_later_layer_in_place(small_network):
    # relu works in place on what norm returned
    outputs = record(small_network, ["norm", "relu"], torch.rand(2, 3, 16, 16))
    assert outputs["norm"].min() < 0
    assert torch.equal(outputs["relu"], outputs["norm"].clamp(min=0))


def test_hooks_are_removed_also_after_an_error(small_network):
    before = hooks_of(small_network)
    told = (
        r"cannot be run on images of shape \(1, 4, 16, 16\) and type torch.float32: Given groups=1"
    )
    with pytest.raises(ValueError, match=told):
        record(small_network, ["stem"], torch.rand(2, 4, 16, 16))  # four colours
    with pytest.raises(ValueError, match=r"and type torch\.uint8: Input type"):
        record(small_network, ["stem"], torch.ones(2, 3, 16, 16, dtype=torch.uint8))
    assert hooks_of(small_network) == before
    with pytest.raises(ZeroDivisionError), recording(small_network, ["stem", "fc"]):
        raise ZeroDivisionError
    assert hooks_of(small_network) == before


def test_a_network_can_be_copied_while_it_is_recorded(small_network):
    with recording(small_network, ["stem"]) as run:
        run(torch.rand(1, 3, 12, 12, requires_grad=True))
        copied = copy.deepcopy(small_network)
    assert torch.equal(copied.stem.weight, small_network.stem.weight)


def test_modes_are_given_back(small_network):
    small_network.train()
    small_network.norm.eval()
    record(small_network, ["stem"], torch.rand(2, 3, 16, 16))
    assert small_network.training and not small_network.norm.training
    assert torch.equal(small_network.norm.running_mean, torch.zeros(6))


def test_the_forward_pass_stops_after_the_last_wanted_layer(small_network):
    ran = []
    small_network.fc.register_forward_hook(lambda *_: ran.append("fc"))
    with recording(small_network, ["stem", "relu"]) as run:
        run.learn_where_to_stop(torch.rand(1, 3, 16, 16))
        assert ran == 2 * ["fc"]  # of two pictures and of three
        outputs = run(torch.rand(2, 3, 16, 16))
    assert ran == 2 * ["fc"]
    assert outputs["relu"].shape == (2, 6, 16, 16)


def test_a_module_used_twice_is_kept_as_of_its_last_run():
    network = built(lambda net, x: net.relu(net.relu(x) - 0.5) + 1, relu=nn.ReLU())
    images = torch.rand(2, 3, 4, 4)
    outputs = record(network, ["relu"], images)
    assert torch.equal(outputs["relu"], (images - 0.5).clamp(min=0))
    with recording(network, ["relu"]) as run:
        run.learn_where_to_stop(images)
        assert torch.equal(run(images)["relu"], (images - 0.5).clamp(min=0))


def test_layers_inside_attention_are_seen_and_the_first_tensor_of_a_tuple_is_recorded():
    block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    outputs = record(block, ["linear1", "self_attn"], torch.rand(2, 5, 8))
    assert outputs["linear1"].shape == (2, 5, 16)  # the fast path would skip it
    assert outputs["self_attn"].shape == (2, 5, 8)
    assert torch.backends.mha.get_fastpath_enabled()


def test_layers_that_cannot_be_recorded_are_told_in_a_sentence(small_network):
    small_network.unused = nn.Conv2d(3, 2, 1)
    image = torch.rand(1, 3, 16, 16)
    for network, layers, images, error, message in (
        (small_network, ["boddy"], image, KeyError, r"no layer 'boddy'.*body"),
        (small_network, [""], image, UnknownLayerError, "stem"),
        (small_network, "fc", image, ValueError, r"give a list of names, such as \['fc'\]"),
        (open_lab("tiny"), [None], image, ValueError, "type Lab: give a torch"),
        (small_network, ["stem"], image[:0], ValueError, "no images"),
        (small_network, ["unused"], image, ValueError, "'unused' took no part"),
        (small_network, [None], [1, 2], ValueError, "Images are a list"),
    ):
        with pytest.raises(error, match=message):
            record(network, layers, images)


def test_a_module_under_two_names_can_be_called_by_both_and_photos_can_be_recorded(small_network):
    small_network.head = small_network.fc
    photos = Photos(torch.rand(3, 3, 16, 16), torch.arange(3))  # what a lab returns
    for name in ("head", "fc"):
        assert record(small_network, [name], photos)[name].shape == (3, 5)


def test_a_network_that_catches_exceptions_still_stops(small_network):
    def catching(network, images):
        try:
            return network.inner(images)
        except Exception:  # noqa: BLE001
            return images

    with recording(built(catching, inner=small_network), ["inner.stem"]) as run:
        run.learn_where_to_stop(torch.rand(1, 3, 16, 16))
        assert run(torch.rand(2, 3, 16, 16))["inner.stem"].shape == (2, 6, 16, 16)


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((2, 10), 1), ((2, 16, 7, 7), 1), ((2, 49, 16), 2), ((2, 7, 7, 16), 3), ((2, 7, 7, 7), 1)],
)
def test_channel_axis(shape, axis):
    assert channel_axis(torch.zeros(shape)) == axis


def test_a_layer_that_a_picture_goes_around_is_refused_and_not_made_up():
    def forward(net, x):
        y = net.stem(x)
        return net.head((net.seldom(y) if x.mean() > 0.5 else y).mean((2, 3)))

    network = built(
        forward, stem=nn.Conv2d(3, 4, 3), seldom=nn.Conv2d(4, 4, 1), head=nn.Linear(4, 2)
    )
    images = torch.cat([torch.full((1, 3, 8, 8), level) for level in (0.9, 0.1)])
    with pytest.raises(OutputError, match="Layer 'seldom' took no part in this forward pass"):
        record(network, ["seldom", "head"], images, batch_size=1)


def test_a_layer_that_runs_oftener_for_some_pictures_is_read_at_its_last_run():
    def forward(net, x):
        y = x
        for _ in range(2 if x.std() < 0.2 else 4):
            y = net.cell(y).tanh()
        return y.mean((2, 3))

    network = built(forward, cell=nn.Conv2d(3, 3, 3, padding=1))
    images = torch.rand(1, 3, 8, 8) * torch.tensor([0.1, 1]).view(2, 1, 1, 1)
    outputs = record(network, ["cell"], images, batch_size=1)["cell"]
    for image, output in zip(images, outputs, strict=True):
        torch.testing.assert_close(output.tanh().mean((1, 2)), network(image[None])[0].detach())


class Merging(nn.Linear):
    """As LoRA's layers do: in eval mode what was learned is part of the weight."""

    def __init__(self) -> None:
        super().__init__(4, 2)
        self.learned, self.merged = torch.ones(2, 4), False

    def train(self, mode: bool = True) -> nn.Module:
        if mode == self.merged:
            self.weight.data += -self.learned if mode else self.learned
            self.merged = not mode
        return super().train(mode)

    def forward(self, x):
        return super().forward(x) + (0 if self.merged else x @ self.learned.T)


def test_a_module_s_own_way_between_modes_is_taken_and_its_weights_stay():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), Merging())
    network.train()
    before, images = copy.deepcopy(network.state_dict()), torch.rand(2, 3, 8, 8)
    wanted = network(images).detach()
    torch.testing.assert_close(record(network, [None], images)[None], wanted)
    seen = visualize(network, None, [0, 1], size=8, steps=1, progress=False)
    assert all(m.training for m in network.modules()) and not network[3].merged
    for name, weight in network.state_dict().items():
        torch.testing.assert_close(weight, before[name])
    torch.testing.assert_close(seen.activations, network(seen.images).diagonal().detach())
