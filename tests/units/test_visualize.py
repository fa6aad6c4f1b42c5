import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

import course_lib
from course_lib import Transformations, direction, logit, neuron, unit, visualize
from course_lib.errors import SilentUnitWarning
from course_lib.visualization import ascent
from course_lib.visualization import images as image_module
from tests.conftest import built

FAST = {"size": 24, "steps": 12, "progress": False}
PHOTOS = torch.rand(4, 3, 24, 24, generator=torch.Generator().manual_seed(0))
KINDS = ["fourier", "pixels", course_lib.maco(PHOTOS)]


def test_shapes_ranges_and_fields(small_network):
    small_network.image_size = 20  # is the default
    assert visualize(small_network, None, 0, steps=1, progress=False).images.shape[-1] == 20
    seen = set()
    small_network.register_forward_pre_hook(lambda _, inputs: seen.add(inputs[0].shape[-2:]))
    vis = visualize(small_network, "body.0", [1, 4, 7], snapshots=(0, 5, 12), **FAST)
    assert seen == {torch.Size([24, 24])}
    assert vis.images.shape == (3, 3, 24, 24)
    assert vis.images.min() >= 0 and vis.images.max() <= 1
    assert vis.history.shape == (12, 3)
    assert sorted(vis.snapshots) == [0, 5, 12]
    assert torch.equal(vis.snapshots[12], vis.images)
    assert not torch.equal(vis.snapshots[0], vis.snapshots[5])
    # the activations are those of the last images, without transformation
    outputs = course_lib.record(small_network, ["body.0"], vis.images)["body.0"]
    expected = outputs[[0, 1, 2], [1, 4, 7]].mean((1, 2))
    assert torch.allclose(vis.activations, expected, atol=1e-4)


@pytest.mark.parametrize("image", KINDS)
@pytest.mark.parametrize("size", [24, 17])
def test_ascent_ascends(small_network, image, size):
    vis = visualize(
        small_network, None, range(5), size=size, steps=60, image=image, snapshots=[0],
        progress=False,
    )  # fmt: skip
    assert vis.images.shape == (5, 3, size, size)
    start = small_network(vis.snapshots[0]).diagonal()
    assert (vis.activations > start.detach()).all()


@pytest.mark.parametrize(
    "units", [2, torch.tensor(2), np.int64(2), (2,), np.array([2]), range(2, 3)]
)
def test_units_may_be_any_whole_numbers(small_network, units):
    expected = visualize(small_network, None, [2], **FAST).images
    assert torch.equal(visualize(small_network, None, units, **FAST).images, expected)


@pytest.mark.parametrize("image", KINDS)
def test_same_seed_same_pictures_and_no_global_state(small_network, image):
    torch.manual_seed(7)
    state = torch.get_rng_state()
    first = visualize(small_network, None, [0, 1], image=image, seed=3, **FAST)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(99)
    again, other = (
        visualize(small_network, None, [0, 1], image=image, seed=seed, **FAST) for seed in (3, 4)
    )
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.history, again.history)
    assert not torch.equal(first.images, other.images)


def test_the_network_stays_untouched(small_network):
    small_network.train()
    before = {k: v.clone() for k, v in small_network.state_dict().items()}
    visualize(small_network, "body.0", [0], **FAST)
    assert small_network.training and small_network.norm.training
    assert all(p.requires_grad and p.grad is None for p in small_network.parameters())
    assert all(torch.equal(v, before[k]) for k, v in small_network.state_dict().items())
    assert not any(m._forward_hooks for m in small_network.modules())
    assert small_network.stem.weight.is_contiguous()


def test_interrupting_returns_what_is_there(small_network):
    calls = 0

    def interrupt(*_):
        nonlocal calls
        calls += 1
        if calls == 14:  # nine looks at the start, then steps 0 to 3, then this one
            raise KeyboardInterrupt

    small_network.fc.register_forward_hook(interrupt)
    vis = visualize(small_network, None, [0, 1], snapshots=(4, 12), **FAST)
    assert vis.history.shape == (4, 2)
    assert list(vis.snapshots) == [4]
    assert torch.equal(vis.images, vis.snapshots[4])


def test_an_interrupt_in_the_middle_of_an_update_leaves_pictures_in_range(
    small_network, monkeypatch
):
    real = image_module.PlainPixels.after_step
    calls = 0

    def interrupt(self):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        real(self)

    monkeypatch.setattr(image_module.PlainPixels, "after_step", interrupt)
    vis = visualize(small_network, None, [0], image="pixels", rate=2.0, **FAST)
    assert vis.images.min() >= 0 and vis.images.max() <= 1
    assert vis.history.shape == (3, 1)


def test_objectives_add_up_and_each_picture_has_its_own(small_network):
    goal = sum([2 * unit("body.0", 3), logit(4) / 2]) - neuron("stem", 1, (2, 5))
    goal = goal + direction("body.0", torch.arange(8.0)) + neuron("stem", 2)
    vis = visualize(small_network, objective=[goal, -logit(1)], **FAST)
    outputs = course_lib.record(small_network, ["body.0", "stem", None], vis.images)
    channels = outputs["body.0"][0].mean((1, 2))
    expected = (
        2 * channels[3] - outputs["stem"][0, 1, 2, 5] + outputs[None][0, 4] / 2
        + channels @ torch.arange(8.0) + outputs["stem"][0, 2, 12, 12]  # the centre by default
    )  # fmt: skip
    expected = torch.stack([expected, -outputs[None][1, 1]])
    assert torch.allclose(vis.activations, expected, atol=1e-3)
    for wrong in (lambda: logit(0) * logit(1), lambda: logit(0) * math.nan, lambda: logit(0) + 1):
        with pytest.raises(ValueError, match="finite numbers only"):
            wrong()
    for vector in (torch.ones(2, 2), torch.tensor([1.0, math.nan])):
        with pytest.raises(ValueError, match="one finite number"):
            direction("stem", vector)


LONG = {"size": 16, "steps": 60, "progress": False}


class Dead(nn.Module):
    """Unit 0 responds to bright pictures only; unit 1 to nothing at all."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)
        with torch.no_grad():
            self.conv.weight.fill_(0.1)
            self.conv.bias.copy_(torch.tensor([-1.6, -1e4]))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images):
        return self.relu(self.conv(images))


def test_a_sleeping_unit_is_woken_and_a_dead_one_reported():
    with pytest.warns(SilentUnitWarning, match=r"Picture 1 shows nothing"):
        vis = visualize(Dead(), "relu", [0, 1], **LONG)
    assert vis.activations[0] > 0.1
    assert vis.activations[1] == 0


def test_units_that_the_first_step_silences_are_drawn_once_more(monkeypatch):
    """They answer to grey, a little, and to nothing near it."""
    network, units = course_lib.open_lab("tiny").network, [41, 94, 5]  # 5 responds all the way
    given = {"steps": 64, "snapshots": [0, 64], "progress": False}
    draw = partial(visualize, network, "inception4b", units, **given)
    woken = draw()
    monkeypatch.setattr(ascent, "_drawn_again", lambda drawn, *_: drawn)
    with pytest.warns(SilentUnitWarning, match=r"Picture 0, 1 shows nothing"):
        once = draw()
    assert (once.activations[:2] == 0).all() and (woken.activations[:2] > 0.5).all()
    for before, after in zip(once[:2], woken[:2], strict=True):
        assert torch.equal(before[2], after[2]), "what responds stays as it is"
    assert torch.equal(once.history[:, 2], woken.history[:, 2])
    assert torch.equal(woken.snapshots[64], woken.images)
    own = course_lib.record(network, ["inception4b"], woken.images)["inception4b"]
    torch.testing.assert_close(own[range(3), units].mean((1, 2)), woken.activations)


@pytest.mark.parametrize(
    "cut",
    [
        lambda x: x.relu_(),
        lambda x: nn.functional.relu(input=x, inplace=True),
        lambda x: x.clamp(min=0),
        lambda x: nn.functional.relu6(x),
        lambda x: torch.clamp_min(x, 0),
        lambda x: nn.functional.threshold(x, 0, 0),
    ],
)
def test_every_common_way_to_cut_is_opened(cut, recwarn):
    network = built(lambda net, images: cut(net.conv(images)), conv=Dead().conv)
    assert visualize(network, None, [0], **LONG).activations[0] > 0.1
    assert not recwarn.list


def test_a_saturated_unit_is_not_called_silent(recwarn):
    network = built(lambda _, images: nn.functional.relu6(100 * (images - 0.49)))
    assert visualize(network, None, [0], **LONG).activations[0] > 4
    assert not recwarn.list


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_it_works_where_gradients_are_switched_off(small_network, mode):
    expected = visualize(small_network, None, 0, **FAST).images
    with mode():
        assert torch.equal(visualize(small_network, None, 0, **FAST).images, expected)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_networks_of_other_precision(small_network, dtype):
    network = small_network.to(dtype)
    vis = visualize(network, None, [0, 1], **FAST)
    assert vis.images.dtype == torch.float32
    assert next(network.parameters()).dtype == dtype
    assert course_lib.record(network, [None], vis.images)[None].dtype == dtype


def test_one_number_a_picture_is_one_unit(small_network):
    network = built(lambda _, images: images.mean((1, 2, 3)))
    assert visualize(network, None, 0, **FAST).activations.shape == (1,)
    with pytest.raises(IndexError, match="1 units"):
        visualize(network, None, 1, **FAST)


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        (lambda x: x.mean((2, 3)) + (x - x).mean((2, 3)).sqrt(), "not finite for the first"),
        (torch.no_grad()(lambda x: x.mean((2, 3))), r"look for torch.no_grad\(\)"),
    ],
)
def test_a_network_without_a_useful_gradient_is_refused(forward, message):
    with pytest.raises(ValueError, match=message):
        visualize(built(lambda _, images: forward(images)), None, 0, **FAST)


def test_a_network_that_returns_nan_is_refused_at_once(small_network):
    with torch.no_grad():
        small_network.stem.bias[0] = math.nan
    with pytest.raises(ValueError, match=r"output of layer 'body' holds NaN"):
        visualize(small_network, "body", 0, **FAST)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"layer": "boddy", "units": 0}, KeyError, "Nearest names: body"),
        ({"layer": "body.0", "units": 8}, IndexError, "units, numbered 0 to 7"),
        ({"layer": "body.0", "units": -1}, IndexError, "Unit -1 is out of range"),
        ({"units": 5}, IndexError, "the network's output has 5 units"),
        ({"units": []}, ValueError, "say which units"),
        ({"units": 0, "seed": 1.5}, ValueError, "seed=1.5"),
        ({"units": 0, "snapshots": 5}, ValueError, "snapshots=5"),
        ({"units": 0, "device": "gpu"}, ValueError, "device='gpu' cannot be used here"),
        ({"units": 0, "autocast": torch.int8}, ValueError, r"torch\.int8: give torch\.bfloat16"),
        ({"units": 0, "transformations": (math.nan, 0, 1)}, ValueError, "jitter and rotate"),
        ({"layer": 3, "units": 0}, KeyError, "no layer 3"),
        ({"objective": neuron(None, 0, (5, 5))}, ValueError, "positions are none"),
        ({"units": [0, 1.5]}, ValueError, "give a whole number"),
        ({"units": "stripes"}, ValueError, "give a whole number"),
        ({"units": 0, "size": 0}, ValueError, "size=0"),
        ({"units": 0, "size": 2}, ValueError, "cannot take pictures of 2 x 2"),
        ({"units": 0, "steps": 0}, ValueError, "steps=0"),
        ({"units": 0, "rate": -1.0}, ValueError, "rate=-1.0"),
        ({"units": 0, "rate": "fast"}, ValueError, "rate='fast': give a number above 0"),
        ({"units": 0, "network": "resnet18"}, ValueError, r"type str: give a torch\.nn\.Module"),
        ({"units": 0, "snapshots": [13]}, ValueError, "13 is not between 0 and steps=12"),
        ({"units": 0, "image": "maco"}, ValueError, "image='maco'"),
        ({"units": 0, "objective": "channel"}, ValueError, "objective='channel'"),
        ({"units": 0, "objective": logit(0)}, ValueError, "names its own layer"),
        ({"objective": []}, ValueError, "at least one Objective"),
        ({"objective": direction("stem", torch.ones(4))}, ValueError, "4 numbers does not fit"),
        ({"objective": neuron("stem", 0, (1, 99))}, IndexError, "outside layer 'stem'"),
        ({"objective": neuron("stem", 0, (1,))}, ValueError, "2 indices"),
        ({"units": 0, "transformations": Transformations(scale=0.5)}, ValueError, "scale of 1"),
    ],
)
def test_wrong_arguments_are_told_in_a_sentence(small_network, arguments, error, message):
    with pytest.raises(error, match=message):
        visualize(**({"network": small_network} | FAST | arguments))


def test_tokens_and_channels_last_maps_have_units():
    tokens = built(
        lambda net, images: net.mix(net.patch(images).flatten(2).transpose(1, 2)),
        patch=nn.Conv2d(3, 10, 8, stride=8),
        mix=nn.TransformerEncoderLayer(10, 2, 12, batch_first=True),
    )
    vis = visualize(tokens, "mix.linear1", [3, 11], **FAST)
    assert vis.images.shape == (2, 3, 24, 24)
    with pytest.raises(IndexError, match="numbered 0 to 11"):
        visualize(tokens, "mix.linear1", 12, **FAST)


def test_recognised_compares_with_the_judges_answer(small_network):
    images = torch.rand(6, 3, 16, 16)
    answers = small_network(images).argmax(1)
    assert course_lib.recognised(small_network, images, answers.tolist()).all()
    assert not course_lib.recognised(small_network, images, ((answers + 1) % 5).tolist()).any()
    for given, units, message in (
        (images, [0, 1], "6 images and 2 units"),
        (images * 2 - 1.5, answers.tolist(), r"values from -1.* to"),
        (images, [5] * 6, "Unit 5 is out of range"),
        (images, 0, "one unit an image"),
    ):
        with pytest.raises((ValueError, IndexError), match=message):
            course_lib.recognised(small_network, given, units)


@pytest.mark.full
def test_a_lower_precision_draws_pictures_as_good():
    network, given = course_lib.open_lab("tiny").network, {"steps": 48, "snapshots": [48]}
    fine, coarse = (
        visualize(network, None, [0, 3], autocast=autocast, progress=False, **given)
        for autocast in (None, torch.bfloat16)
    )
    tensors = (coarse.images, coarse.activations, coarse.history, coarse.snapshots[48])
    assert all(tensor.dtype == torch.float32 for tensor in tensors)
    assert not torch.equal(coarse.activations, fine.activations), "it had an effect"
    torch.testing.assert_close(coarse.activations, fine.activations, rtol=0.3, atol=0)
    answers = network(coarse.images).diagonal()  # unit 0 of picture 0
    assert answers[0] == pytest.approx(float(coarse.activations[0]), rel=0.05)
