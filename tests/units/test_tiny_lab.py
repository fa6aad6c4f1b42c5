from __future__ import annotations

import dataclasses
import json
import shutil
import time

import pytest
import safetensors.torch
import torch

import course_lib
from course_lib.errors import DamagedFileError
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.network import LAYERS, TinyInception
from course_lib.labs.tiny.training import Recipe, attack, train
from course_lib.labs.tiny.world import CLASS_NAMES, render
from course_lib.maintenance.train import accuracy
from tests.conftest import ROOT

NETWORKS = [(name, seed) for name, seeds in weights.available().items() for seed in seeds]
LEAST = {"standard": 0.97, "robust": 0.92, "bcos": 0.97, "lipschitz": 0.7}


def test_there_are_two_seeds_of_each_training_and_one_of_each_structure():
    found = weights.available()
    assert set(found) == set(LEAST)
    assert all(len(found[name]) >= 2 for name in ("standard", "robust"))


@pytest.mark.full
@pytest.mark.parametrize(("name", "seed"), NETWORKS)
def test_networks_know_worlds_they_never_saw(name, seed):
    measured = accuracy(weights.load(name, seed))
    assert measured.value >= LEAST[name]
    assert measured.value == pytest.approx(
        weights.record_of(name, seed)["accuracy"]["value"], abs=0.005
    )


def test_the_robust_networks_withstand_an_attack_that_the_standard_ones_do_not():
    under_attack = {
        name: [weights.record_of(name, s)["accuracy_under_attack"]["value"] for s in seeds]
        for name, seeds in weights.available().items()
    }
    assert min(under_attack["robust"]) > max(under_attack["standard"]) + 0.3


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


def test_train_and_test_renders_are_of_different_worlds():
    lab = course_lib.open_lab()
    assert not torch.equal(lab.photos("train").images, lab.photos("test").images)
    with pytest.raises(ValueError, match="'train' and 'test'"):
        lab.photos("val")


def test_layers_are_in_the_order_of_processing():
    finished = []
    network = TinyInception()
    for name, module in network.named_children():
        module.register_forward_hook(lambda *_, name=name: finished.append(name))
    network(torch.rand(2, 3, 64, 64))
    assert [name for name in finished if name in LAYERS] == list(LAYERS)


@pytest.fixture
def copied_weights(tmp_path):
    return shutil.copytree(weights.FOLDER, tmp_path / "weights")


def test_a_damaged_weights_file_is_refused(copied_weights):
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
    with pytest.raises(
        ValueError, match=r"network='fragile': the tiny lab has bcos, lipschitz, robust, standard"
    ):
        course_lib.open_lab("tiny", network="fragile")
    with pytest.raises(ValueError, match=r"seed=77: .* have the seeds 0, 1"):
        course_lib.open_lab("tiny", seed=77)
    with pytest.raises(ValueError, match="the labs are 'tiny' and 'imagenet'"):
        course_lib.open_lab("huge")
    with pytest.raises(ValueError, match="'colour'; this lab takes network, seed"):
        course_lib.open_lab("tiny", colour="red")


def test_records_tell_how_a_network_was_made():
    for name, seed in NETWORKS:
        record = json.loads((weights.FOLDER / f"{name}-{seed}.json").read_text())
        assert record["recipe"]["name"] == name and record["seed"] == seed
        assert record["attempt"]
        assert record["accuracy"]["n"] >= 4096


@pytest.mark.full
def test_training_repeats_itself_and_goes_on_after_an_interruption(tmp_path):
    recipe = Recipe("robust", radius=0.5, attack_steps=1, epochs=2, renders=64, batch=32, size=32)
    whole, _ = train(recipe, 3, progress=False)
    again, _ = train(recipe, 3, progress=False)
    path = tmp_path / "run.checkpoint"
    weights_of = {k: v.clone() for k, v in whole.state_dict().items()}
    assert all(torch.equal(v, weights_of[k]) for k, v in again.state_dict().items())

    class Stop(Exception):
        pass

    def stop_after_the_first_epoch(*arguments):
        saved(*arguments)
        raise Stop

    from course_lib.labs.tiny import training

    saved = training._save
    training._save = stop_after_the_first_epoch
    try:
        with pytest.raises(Stop):
            train(recipe, 3, checkpoint=path, progress=False)
    finally:
        training._save = saved
    resumed, _ = train(recipe, 3, checkpoint=path, progress=False)
    for name, value in resumed.state_dict().items():
        assert torch.allclose(value, weights_of[name], atol=1e-6), name


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


def test_weights_are_stored_in_half_precision_and_loaded_in_full():
    for name, seed in NETWORKS:
        stored = safetensors.torch.load_file(weights.FOLDER / f"{name}-{seed}.safetensors")
        assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
        loaded = weights.load(name, seed)
        assert {p.dtype for p in loaded.parameters()} == {torch.float32}


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path):
    recipe = Recipe("standard", epochs=1, renders=32, batch=32, size=32)
    path = tmp_path / "run.checkpoint"
    train(recipe, 0, checkpoint=path, progress=False)
    with pytest.raises(ValueError, match="is of another recipe"):
        train(dataclasses.replace(recipe, epochs=2), 0, checkpoint=path, progress=False)


@pytest.fixture(scope="module")
def pictures():
    """What the standard and the robust network draw, in the ways of lesson 01, from two starts."""
    naive = {"image": "pixels", "transformations": None}
    ways = {"robust": {}, "standard": {}, "naive": naive}
    started = time.perf_counter()
    drawn = {}
    for way, how in ways.items():
        network = weights.load("robust" if way == "robust" else "standard", 0)
        drawn[way] = [
            course_lib.visualize(
                network, None, range(8), size=64, steps=200, seed=seed, progress=False, **how
            ).images
            for seed in (0, 1)
        ]
    return drawn, (time.perf_counter() - started) / 6


def hits(judge, images):
    return int(course_lib.recognised(judge, images, range(8)).sum())


@pytest.mark.full
def test_the_robust_networks_pictures_are_recognised(pictures, report):
    drawn, seconds = pictures
    late = " OVER THE BUDGET" if seconds > 15 else ""
    report(f"tiny lab: 8 class visualizations, 200 steps: {seconds:.1f} s of 15{late}")
    assert [hits(weights.load("robust", 1), images) for images in drawn["robust"]] == [8, 8]


@pytest.mark.full
def test_the_standard_networks_pictures_are_recognised_unless_they_are_naive(pictures):
    drawn, _ = pictures
    judge = weights.load("standard", 1)
    for good, naive in zip(drawn["standard"], drawn["naive"], strict=True):
        assert hits(judge, good) >= 7
        assert hits(judge, good) - hits(judge, naive) >= 2
        assert hits(weights.load("standard", 0), naive) == 8  # the network itself is delighted


def percent(measured):
    low, high = measured["low"], measured["high"]
    return f"{measured['value']:.1%} ({low:.1%} to {high:.1%})".replace("%", " %")


def test_the_readme_tells_what_the_records_say():
    readme = (ROOT / "README.md").read_text()
    for name, seed in NETWORKS:
        record = weights.record_of(name, seed)
        clean, attacked = record["accuracy"], record["accuracy_under_attack"]
        row = f"| {name} | {seed} | {percent(clean)} | {percent(attacked)} |"
        assert row in readme, row
