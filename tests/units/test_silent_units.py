"""Silent units: the closed form, the silence, what wakes them, and what is refused."""

import copy
import io

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from course_lib.activations import layer_names, record
from course_lib.errors import NoImagesError, UnitOutOfRangeError, UnknownLayerError
from course_lib.fooling.silent.patches import RunningMoments, inputs_of, over_covariance, patches
from course_lib.fooling.silent.report import (
    never_fire,
    overshoot,
    resemblance,
    twin_responses,
    wakes,
)
from course_lib.fooling.silent.twins import (
    add_silent_units,
    attach_twins,
    directions,
    patch_mean,
    patch_moments,
    twin_of,
)
from course_lib.labs import open_lab
from course_lib.visualization.ascent import visualize

LAYER = "inception4a.branch4.1.conv"


def blobs(count, size=16, seed=0):
    """Smooth pictures (N, 3, S, S)."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(count, 3, 4, 4, generator=generator)
    return F.interpolate(small, (size, size), mode="bicubic").clamp(0, 1)


@pytest.fixture
def photos():
    return blobs(40)


def silenced(network, photos, units=None, layer="body.0", shows=None, **how):
    shows = blobs(1, seed=9) if shows is None else shows
    return add_silent_units(network, layer, shows, photos, units, progress=False, **how)


# patches


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"padding": 1},
        {"padding": (2, 1), "stride": (2, 1), "dilation": (1, 2)},
        {"padding": "same", "dilation": 2},
        {"padding": "valid"},
        {"padding": 1, "padding_mode": "reflect"},
        {"padding": "same", "padding_mode": "circular"},
    ],
)
def test_patches_times_filters_are_the_convolution(settings):
    torch.manual_seed(0)
    conv, x = nn.Conv2d(4, 5, (3, 2), bias=False, **settings), torch.randn(6, 4, 9, 8)
    rows = torch.cat(list(patches(conv, x)))
    expected = conv(x).flatten(2).transpose(1, 2)
    assert torch.allclose(rows @ conv.weight.flatten(1).T, expected, atol=1e-5)


def moments_of(rows, largest, at_once=100):
    running = RunningMoments(rows.shape[1], largest)
    for part in rows.split(at_once):
        running.add(part)
    return running.moments()


@pytest.mark.parametrize("largest", [1000, 4])
def test_moments_are_those_of_all_patches(largest):
    rows = torch.randn(900, 7, generator=torch.Generator().manual_seed(0)) * torch.arange(1.0, 8)
    rows += 30
    found, exact = moments_of(rows, largest), rows.double()
    assert found.patches == 900 and torch.allclose(found.mean, exact.mean(0))
    assert found.variance == pytest.approx(float(exact.var(0, correction=0).mean()), rel=1e-4)
    covariance = torch.cov(exact.T, correction=0)
    vector = torch.arange(7.0)[None]
    eps = 0.1 * float(exact.var(0, correction=0).mean())
    solved = torch.linalg.solve(covariance + eps * torch.eye(7), vector[0].double())
    # all 900 patches fit into the sample, so that both ways are exact
    assert torch.allclose(over_covariance(found, vector, 0.1)[0], solved, rtol=1e-3, atol=1e-5)


def test_a_sample_stands_in_for_the_covariance_of_many_patches():
    generator = torch.Generator().manual_seed(1)
    mix = torch.randn(6, 6, generator=generator)
    rows = torch.randn(20_000, 6, generator=generator) @ mix
    both = (moments_of(rows, largest, at_once=3000) for largest in (100, 1))
    solved = (over_covariance(moments, torch.ones(1, 6), 0.05)[0] for moments in both)
    assert F.cosine_similarity(*solved, dim=0) > 0.98


# the closed form


def test_directions_are_the_difference_over_its_covariance_orthogonal_to_w(small_network, photos):
    weight = small_network.body[0].weight.detach()[[1, 4]]
    target = patch_mean(small_network, "body.0", blobs(1, seed=9))
    moments = patch_moments(small_network, "body.0", photos, progress=False)
    dw = directions(weight, target, moments, ridge=0.1).flatten(1)
    w = weight.double().flatten(1)
    assert ((dw * w).sum(1).abs() < 1e-9).all()
    assert torch.allclose(dw.norm(dim=1), w.norm(dim=1))
    (inputs,) = record(small_network, ["relu"], photos).values()
    rows = torch.cat(list(patches(small_network.body[0], inputs))).flatten(0, 1).double()
    eps = 0.1 * rows.var(0, correction=0).mean()
    matrix = torch.cov(rows.T, correction=0) + eps * torch.eye(rows.shape[1])
    common = torch.linalg.solve(matrix, target - rows.mean(0))
    by_hand = common - (common @ w[0]) / (w[0] @ w[0]) * w[0]
    assert F.cosine_similarity(by_hand, dw[0], dim=0) > 0.9999


def test_the_twin_is_scaled_and_sleeps_by_a_margin(small_network, photos):
    fooled = silenced(small_network, photos, [2, 5], strength=2.0, scale=10.0, margin=0.1)
    twin, w = twin_of(fooled, "body.0"), small_network.body[0].weight.detach()[[2, 5]]
    along = (twin.conv.weight * w).flatten(1).sum(1) / w.flatten(1).square().sum(1)
    assert torch.allclose(along, torch.tensor(10.0), rtol=1e-4)
    long, short = (filters.flatten(1).norm(dim=1) for filters in (twin.conv.weight, w))
    assert torch.allclose(long, 10 * 5**0.5 * short, rtol=1e-4)
    responses = record(fooled, ["body.0.twin"], photos)["body.0.twin"].movedim(1, 0).flatten(1)
    distance = -responses.amax(1) / (responses.amax(1) - responses.mean(1))
    assert torch.allclose(distance, torch.tensor(0.1), rtol=1e-2)


def test_photographs_meet_the_same_network(small_network, photos):
    before = copy.deepcopy(small_network.state_dict())
    fooled = silenced(small_network, photos)
    names = [None, "stem", "body.0", "body.1"]
    for batch_size in (40, 7, 1):
        old = record(small_network, names, photos, batch_size=batch_size)
        new = record(fooled, names, photos, batch_size=batch_size)
        assert all(torch.equal(old[name], new[name]) for name in names)
    assert set(layer_names(small_network)) <= set(layer_names(fooled))
    assert set(before) <= set(fooled.state_dict())
    assert all(torch.equal(v, small_network.state_dict()[k]) for k, v in before.items())
    assert "twin" not in str(layer_names(small_network))


def test_a_twin_that_wakes_is_added(small_network):
    """A twin of no weights and a bias of 3 adds 3, to its channel alone."""
    conv = small_network.body[0]
    filters = torch.zeros(1, *conv.weight.shape[1:])
    fooled = attach_twins(small_network, "body.0", filters, torch.tensor([3.0]), [4])
    images = blobs(3)
    old, new = (record(n, ["body.0"], images)["body.0"] for n in (small_network, fooled))
    difference = new - old
    assert torch.allclose(difference[:, 4], torch.tensor(3.0), atol=1e-5)
    difference[:, 4] = 0
    assert (difference == 0).all()


def test_copies_files_and_memory_layouts_keep_the_twins(small_network, photos):
    fooled = silenced(small_network, photos)
    bright = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    expected = fooled(bright)
    copied = copy.deepcopy(fooled)
    with torch.no_grad():
        fooled.body[0].twin.conv.bias += 50
    assert torch.equal(copied(bright), expected)
    file = io.BytesIO()
    torch.save(copied.state_dict(), file)
    file.seek(0)
    again = silenced(small_network, photos, shows=blobs(1, seed=3))
    again.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(again(bright), expected)
    layout = {"memory_format": torch.channels_last}
    last = copied.to(**layout)(bright.to(**layout))
    assert torch.allclose(last, expected, rtol=1e-3, atol=1e-3)
    assert not any(p.requires_grad for p in copied.body[0].twin.parameters())
    assert all(p.requires_grad for p in copied.body[0].parameters(recurse=False))


def test_a_loader_does_as_well_and_one_that_runs_out_is_refused(small_network, photos):
    loader = DataLoader(TensorDataset(photos, torch.zeros(40)), batch_size=9)
    one, other = (
        twin_of(silenced(small_network, given, [1]), "body.0") for given in (photos, loader)
    )
    assert torch.allclose(one.conv.weight, other.conv.weight, rtol=1e-3, atol=1e-3)
    assert torch.allclose(one.conv.bias, other.conv.bias, rtol=1e-3)
    with pytest.raises(NoImagesError, match="one that can be run through twice"):
        silenced(small_network, iter([photos]))


class Twice(nn.Module):
    """Uses one convolution two times, once by keyword."""

    def __init__(self):
        super().__init__()
        self.first, self.conv = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, images):
        x = F.relu(self.first(images))
        return self.conv(input=F.relu(self.conv(x))).mean((2, 3))


def test_a_layer_that_is_used_twice_is_silent_in_both(photos):
    torch.manual_seed(0)
    network = Twice().eval()
    assert torch.equal(silenced(network, photos, layer="conv")(photos), network(photos))
    assert len(next(inputs_of(network, "conv", photos[:2]))) == 2


# refusals


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, groups=8)
        self.up = nn.ConvTranspose2d(8, 8, 2)
        self.unused = nn.Conv2d(3, 3, 1)
        with torch.no_grad():
            self.conv.weight[3] = 0

    def forward(self, images):
        return self.up(F.relu(self.depthwise(F.relu(self.conv(images))))).mean((2, 3))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"layer": "depthwise"}, ValueError, "has 8 groups, so a filter of it has only 9 weights"),
        ({"layer": "up"}, ValueError, "'up' is a ConvTranspose2d: silent units need a Conv2d"),
        ({"layer": "covn"}, UnknownLayerError, "Nearest names: conv"),
        ({"layer": "unused"}, ValueError, "'unused' took no part in this forward pass"),
        ({"units": 3}, ValueError, "Unit 3 of layer 'conv' is dead, its filter is zero"),
        ({"units": [0, 8]}, UnitOutOfRangeError, "Unit 8 is out of range"),
        ({"units": [1, 1]}, ValueError, "name at least one channel, and each once"),
        ({"units": "all"}, ValueError, "unit='a': give a whole number"),
        ({"photos": torch.rand(0, 3, 16, 16)}, NoImagesError, "photos holds no image"),
        ({"photos": []}, NoImagesError, "The loader gave no photographs"),
        ({"photos": 7}, ValueError, "photos is a int: give a tensor"),
        ({"shows": torch.rand(3, 16, 16) * 9}, ValueError, "shows has values"),
        ({"strength": -1.0}, ValueError, "strength=-1.0: give a finite number, 0 or more"),
        ({"scale": 0.0}, ValueError, "scale=0.0: give a finite number, more than 0"),
        ({"ridge": 0.0}, ValueError, "ridge=0.0: give a finite number, more than 0"),
    ],
)
def test_what_cannot_work_is_refused(given, error, message):
    torch.manual_seed(0)
    arguments = {"layer": "conv", "shows": blobs(1)[0], "photos": blobs(8), "units": [1]} | given
    with pytest.raises(error, match=message):
        silenced(Odd().eval(), **arguments)


def test_a_target_that_looks_like_the_mean_is_refused(photos):
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Flatten())
    with pytest.raises(ValueError, match="looks to this layer as the mean photograph does"):
        silenced(network, photos, layer="0", shows=photos)
    with pytest.raises(ValueError, match="all photographs look alike to it"):
        silenced(network, torch.full((3, 3, 16, 16), 0.5), layer="0", shows=photos)


def test_a_dead_channel_is_left_out_and_a_block_names_what_is_inside():
    fooled = silenced(Odd().eval(), blobs(8, seed=4), layer="conv")
    assert twin_of(fooled, "conv").units.tolist() == [0, 1, 2, 4, 5, 6, 7]
    with pytest.raises(ValueError, match="has silent units already"):
        silenced(fooled, blobs(8), layer="conv")
    with pytest.raises(ValueError, match="'unused' has no silent units"):
        twin_of(fooled, "unused")
    with pytest.raises(ValueError, match=r"inside: inception4a\.branch1\.conv"):
        silenced(open_lab("tiny").network, blobs(8, 64), layer="inception4a")


def test_networks_with_nan_or_without_weights_are_refused(photos):
    broken = Odd().eval()
    with torch.no_grad():
        broken.conv.weight[0, 0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="weights of layer 'conv' hold NaN"):
        silenced(broken, photos, layer="conv")
    later = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1))
    with torch.no_grad():
        later[0].bias[:] = torch.inf
    with pytest.raises(ValueError, match="What goes into layer '1' holds NaN or infinite"):
        silenced(later, photos, layer="1")
    with pytest.raises(ValueError, match="'0' has no weights yet"):
        silenced(nn.Sequential(nn.LazyConv2d(4, 3)), photos, layer="0")
    with pytest.raises(ValueError, match=r"for 2 units of layer 'conv' give \(2, 3, 3, 3\)"):
        attach_twins(Odd(), "conv", torch.zeros(1, 3, 3, 3), torch.zeros(1), [1, 2])


# reports


def test_units_that_never_fire_are_counted(photos):
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
    with torch.no_grad():
        network[0].weight[2] = 0
        network[0].bias[:] = torch.tensor([9.0, 9.0, -1.0, 9.0])
    for precision in (torch.float32, torch.float64):
        silent = never_fire(network.to(precision), ["1"], photos)["1"]
        assert silent.tolist() == [False, False, True, False]


def test_units_that_cannot_be_reported_are_refused(small_network, photos):
    fooled = silenced(small_network, photos, [2])
    with pytest.raises(IndexError, match=r"Unit 5 of layer 'body.0' has no twin; .* \[2\]"):
        wakes(fooled, "body.0", [5], size=16, progress=False)
    with pytest.raises(ValueError, match=r"units=\[\]: give at least one"):
        wakes(fooled, "body.0", [], size=16, progress=False)
    with pytest.raises(ValueError, match=r"units=\[\]: give at least one"):
        overshoot(small_network, "body.0", photos, [], size=16, progress=False)
    with pytest.raises(IndexError, match=r"999"):
        overshoot(small_network, "body.0", photos, [0, 999], size=16, progress=False)


def test_twins_of_units_that_overshoot_sleep_for_new_images_and_wake_in_an_ascent(small_network):
    photos, new = blobs(400, 32, seed=1), blobs(400, 32, seed=2)
    target = visualize(small_network, None, 0, size=32, steps=48, progress=False).images
    chosen = overshoot(small_network, "body.0", photos, size=32, progress=False)
    units = sorted(chosen.topk(4).indices.tolist())
    fooled = silenced(small_network, photos, units, shows=target)
    assert ((twin_responses(fooled, "body.0", new) <= 0).float().mean(0) >= 0.95).all()
    drawing = {"size": 32, "steps": 96, "snapshots": (0, 8, 96), "progress": False}
    woken = wakes(fooled, "body.0", at="body.1", **drawing)
    assert int(woken.woke.sum()) >= 2 and woken.units.tolist() == units
    assert (woken.first[woken.woke] > 0).all()  # none is awake at the start


# the tiny lab

SPOKES = 4
STEPS = {"standard": 96, "robust": 160}  # a robust network's units climb further only slowly


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.full
def test_the_tiny_lab_has_silent_units(kind, seed, report):
    lab = open_lab("tiny", network=kind, seed=seed)
    judge = open_lab("tiny", network="robust", seed=0 if (kind, seed) == ("robust", 1) else 1)
    train, test = lab.photos("train").images, lab.photos("test").images
    target = visualize(lab.network, None, SPOKES, steps=96, seed=4, progress=False).images
    chosen = overshoot(lab.network, LAYER, train[:256], steps=48, seed=9, progress=False)
    units = sorted(chosen.topk(6).indices.tolist())
    fooled = silenced(lab.network, train, units, LAYER, target)
    for images, least in ((train, 1.0), (test, 0.995)):
        old, new = (record(n, [None], images)[None] for n in (lab.network, fooled))
        assert (old.argmax(1) == new.argmax(1)).float().mean() >= least
        if least == 1.0:
            assert (old - new).abs().max() <= 1e-5 * old.abs().max()
    woke, nearer = [], []
    for start in (0, 1, 2):
        drawing = {"steps": STEPS[kind], "seed": start, "progress": False}
        woken = wakes(fooled, LAYER, **drawing)
        honest = visualize(lab.network, LAYER, units, **drawing)
        pictures = (woken.drawn.images, honest.images)
        near = [resemblance(judge.network, train[:256], some, target) for some in pictures]
        woke.append(woken.woke)
        nearer.append((near[0] > near[1])[woken.woke])
    awake, closer = torch.cat(woke), torch.cat(nearer)
    waking = int((twin_responses(fooled, LAYER, test) > 0).any(1).sum())
    report(
        f"silent units, tiny lab, {kind} {seed}, {STEPS[kind]} steps: {int(awake.sum())} of "
        f"{len(awake)} wake (6 units, 3 starts), {int(closer.sum())} of {len(closer)} of these "
        f"nearer to the target; {waking} of {len(test)} new renders wake one"
    )
    assert awake.float().mean() >= 2 / 3
    assert closer.float().mean() >= 2 / 3
