import shutil
import time

import pytest
import safetensors.torch
import torch

import course_lib
from course_lib.errors import DamagedFileError
from course_lib.labs.layers import layers_in_order
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.network import LAYERS, MaxPool2d, TinyInception
from course_lib.labs.tiny.training import Recipe, train
from course_lib.labs.tiny.world import CLASS_NAMES, render
from course_lib.labs.training import attack
from course_lib.maintenance.train import render_accuracy
from tests.conftest import ROOT

NETWORKS = [(name, seed) for name, seeds in weights.available().items() for seed in seeds]
LEAST = {"standard": 0.97, "robust": 0.92, "bcos": 0.97, "lipschitz": 0.7}


@pytest.mark.full
@pytest.mark.parametrize(("name", "seed"), NETWORKS)
def test_networks_know_worlds_they_never_saw(name, seed):
    measured = render_accuracy(weights.load(name, seed)).value
    stored = weights.record_of(name, seed)["accuracy"]["value"]
    assert measured >= LEAST[name] and measured == pytest.approx(stored, abs=0.005)


def test_the_lab_is_what_the_surface_promises():
    lab = course_lib.open_lab("tiny", network="standard", seed=1)
    assert lab.class_names == CLASS_NAMES and lab.unit_of_class == tuple(range(8))
    assert not lab.network.training
    assert not any(p.requires_grad for p in lab.network.parameters())
    photos = lab.photos("test")
    assert len(photos.images) == len(photos.labels)
    outputs = course_lib.record(lab.network, [*lab.layers, None], photos.images[:8])
    assert torch.equal(outputs[lab.layers[-1]], outputs[None])
    assert outputs[None].shape == (8, 8)
    assert not torch.equal(lab.photos("train").images[:512], photos.images), "another world"
    with pytest.raises(ValueError, match="'train' and 'test'"):
        lab.photos("val")


def test_layers_are_in_the_order_of_processing():
    found = layers_in_order(TinyInception().eval(), torch.zeros(1, 3, 64, 64))
    assert [name for name in found if name in LAYERS] == list(LAYERS)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("how", [{"stride": 1, "padding": 1, "ceil_mode": True}, {"stride": 2}])
def test_a_pool_is_pytorchs_to_the_bit(layout, how):
    """Where many values are equal, as after a ReLU, and where some are not finite."""
    chances = torch.Generator().manual_seed(0)
    values = torch.randn(2, 7, 9, 10, generator=chances).relu().mul(4).round()
    values[0, 0, 0, 0], values[0, 1, 2, 2] = torch.nan, torch.inf
    values, found = values.contiguous(memory_format=layout), []
    for pool in (torch.nn.MaxPool2d(3, **how), MaxPool2d(3, **how)):
        images = values.clone().requires_grad_(True)
        output = pool(images)
        upwards = torch.randn(output.shape, generator=chances.manual_seed(1))
        found.append((output, *torch.autograd.grad(output, images, upwards)))
        assert output.is_contiguous(memory_format=layout)
    assert all(torch.equal(a.nan_to_num(7), b.nan_to_num(7)) for a, b in zip(*found, strict=True))
    traced = torch.fx.symbolic_trace(pool)(values)
    one_by_one = torch.func.vmap(lambda one: pool(one[None])[0])(values)
    for again in (traced, one_by_one):
        assert torch.equal(again.nan_to_num(7), output.nan_to_num(7))


def test_a_damaged_weights_file_is_refused(tmp_path):
    copied_weights = shutil.copytree(weights.FOLDER, tmp_path / "weights")
    path = copied_weights / "robust-0.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedFileError, match=r"robust-0.safetensors is damaged.*git checkout"):
        weights.load("robust", 0, copied_weights)
    path.unlink()
    with pytest.raises(ValueError, match="is missing"):
        weights.load("robust", 0, copied_weights)


def test_unknown_networks_are_named_with_what_there_is():
    for lab, given, message in (
        ("tiny", {"network": "fragile"}, "the tiny lab has bcos, lipschitz, robust, standard"),
        ("tiny", {"seed": 77}, r"seed=77: .* have the seeds 0, 1"),
        ("huge", {}, "the labs are 'tiny', 'cifar' and 'imagenet'"),
        ("tiny", {"colour": "red"}, "'colour'; this lab takes network, seed"),
    ):
        with pytest.raises(ValueError, match=message):
            course_lib.open_lab(lab, **given)


def percent(measured):
    low, high = measured["low"], measured["high"]
    return f"{measured['value']:.1%} ({low:.1%} to {high:.1%})".replace("%", " %")


def test_records_tell_how_a_network_was_made_and_the_readme_how_good_it_is():
    readme = (ROOT / "README.md").read_text()
    under_attack = {name: [] for name in LEAST}
    for name, seed in NETWORKS:
        record = weights.record_of(name, seed)
        assert record["recipe"]["name"] == name and record["seed"] == seed
        assert record["accuracy"]["n"] >= 4096
        clean, attacked = record["accuracy"], record["accuracy_under_attack"]
        row = f"| {name} | {seed} | {percent(clean)} | {percent(attacked)} |"
        assert row in readme, row
        under_attack[name].append(attacked["value"])
        stored = safetensors.torch.load_file(weights.FOLDER / f"{name}-{seed}.safetensors")
        assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
    assert min(under_attack["robust"]) > max(under_attack["standard"]) + 0.3


@pytest.mark.full
def test_training_repeats_itself_and_goes_on_after_an_interruption(tmp_path, monkeypatch):
    recipe = Recipe("robust", radius=0.5, attack_steps=1, epochs=2, renders=64, batch=32, size=32)
    path, worlds = tmp_path / "run.checkpoint", []
    whole, again = (train(recipe, 3, progress=False)[0].state_dict() for _ in range(2))
    assert all(torch.equal(value, whole[name]) for name, value in again.items())

    def stop_in_the_second_epoch(*counts, **settings):
        worlds.append(settings["seed"])
        return render(*counts, **settings) if len(worlds) == 1 else 1 / 0

    with monkeypatch.context() as stopped:
        stopped.setattr("course_lib.labs.tiny.training.render", stop_in_the_second_epoch)
        with pytest.raises(ZeroDivisionError):
            train(recipe, 3, checkpoint=path, progress=False)
    for name, value in train(recipe, 3, checkpoint=path, progress=False)[0].state_dict().items():
        assert torch.allclose(value, whole[name], atol=1e-6), name


@pytest.mark.full
def test_an_attack_stays_in_its_ball_and_does_harm():
    network = weights.load("standard", 0)
    images, labels = render(32, seed=9)
    attacked = attack(network, images, labels, 1.0, 5, seed=0)
    assert attacked.min() >= 0 and attacked.max() <= 1
    assert (attacked - images).flatten(1).norm(dim=1).max() <= 1.0 + 1e-4
    with torch.no_grad():
        before = torch.nn.functional.cross_entropy(network(images), labels)
        after = torch.nn.functional.cross_entropy(network(attacked), labels)
    assert after > 2 * before


@pytest.mark.full
@pytest.mark.parametrize("seed", [0, 1])
def test_pictures_are_recognised(seed, report):
    started = time.perf_counter()
    drawn = course_lib.visualize(
        weights.load("robust", 0), None, range(8), size=64, steps=200, seed=seed, progress=False
    )
    seconds = time.perf_counter() - started
    assert course_lib.recognised(weights.load("robust", 1), drawn.images, range(8)).all()
    late = " OVER THE BUDGET" if seconds > 15 else ""
    report(f"tiny lab: 8 class visualizations, 200 steps: {seconds:.1f} s of 15{late}")
