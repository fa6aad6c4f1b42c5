"""`course train`: a lab's networks again, from a seed; here the tiny lab's, in `cifar` others."""

import dataclasses
import json
import platform
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from course_lib.activations import record
from course_lib.labs.tiny import training, weights, world
from course_lib.labs.tiny.detector import detector_record
from course_lib.labs.tiny.training import RECIPES, train
from course_lib.labs.tiny.world import render
from course_lib.labs.training import Recipe, attack
from course_lib.statistics import Estimate, proportion
from course_lib.stored import as_json, constants, fingerprint, note, write_whole
from course_lib.visualization.defaults import engine_defaults

TEST_WORLD = 3  # held out from training, and from what lessons show
_TEST_RENDERS = 4096
_ATTACKED = 512
ATTACK = 1.0  # radius of the L2 ball of the adversarial examples that it is tested with


def train_and_record(name: str, seed: int, folder: Path, attempt: str) -> Path:
    """Train a network of the tiny lab, write it with its record, and return the weights' path.

    An interrupted training goes on where it was when the same command is given again. attempt: what
    the record says of how this network was chosen among others.
    """
    recipe = RECIPES[name]

    def measured() -> dict[str, Any]:
        stored = weights.load(name, seed, folder)
        return {
            "accuracy": as_json(render_accuracy(stored), digits=4),
            "accuracy_under_attack": as_json(accuracy_under_attack(stored), digits=4),
            "attack_radius": ATTACK,
        }

    return written(
        recipe, seed, folder, partial(train, recipe, seed), measured, weights_rest_on(name),
        attempt=attempt,
    )  # fmt: skip


def written(
    recipe: Recipe,
    seed: int,
    folder: Path,
    train: Callable[..., tuple[torch.nn.Module, float]],
    measured: Callable[[], dict[str, Any]],
    rests_on: str,
    *,
    in_bytes: bool = False,
    **facts: str,
) -> Path:
    """Train a lab's network, write its weights and record, and return the weights' path.

    Args:
        train: takes a `checkpoint`, and returns the network and the seconds spent.
        measured: what the record says of the network, once its weights can be loaded.
        rests_on: the fingerprint of the training. in_bytes: as for `weights.save`.
        facts: what else the record says.

    A ValueError where another lab's network of this name is there.
    """
    path, told = folder / f"{recipe.name}-{seed}.safetensors", dataclasses.asdict(recipe)
    earlier, checkpoint = path.with_suffix(".json"), path.with_suffix(".checkpoint")
    there = json.loads(earlier.read_bytes())["recipe"] if earlier.exists() else {}
    if not there.keys() <= told.keys():
        raise ValueError(f"{earlier} is another lab's: give another folder with --to.")
    folder.mkdir(parents=True, exist_ok=True)
    network, seconds = train(checkpoint=checkpoint)
    record = {
        "recipe": told,
        "seed": seed,
        "sha256": weights.save(network, path, in_bytes=in_bytes),
        "parameters": sum(p.numel() for p in network.parameters()),
        **facts,
        "training_seconds": round(seconds),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
    }
    recorded(path, record, measured, rests_on)
    checkpoint.unlink(missing_ok=True)
    return path


def recorded(
    path: Path, record: dict[str, Any], measured: Callable[[], dict[str, Any]], rests_on: str
) -> Path:
    """The path of weights that were saved, with their record beside them; arguments as `written`.
    record: all but what was measured, the weights' SHA-256 among it."""
    record_path = path.with_suffix(".json")
    write_whole(record_path, json.dumps(record))  # loading checks the hash that it holds
    write_whole(record_path, json.dumps(record | measured(), indent=1) + "\n")
    for made in (path, record_path):
        note(made, rests_on)
    return path


def rests_on_networks(networks: Iterable[tuple[str, int]], **parts: Any) -> str:
    """The fingerprint of the engine, shipped networks, the detector, and what else is given."""
    return fingerprint(
        engine=engine_defaults(),
        weights=[weights.record_of(*network)["sha256"] for network in networks],
        detector=detector_record()["sha256"],
        **parts,
    )


def weights_rest_on(name: str) -> str:
    """The fingerprint of the recipe and the protocol of a network's training."""
    numbers = constants(world, training, sys.modules[__name__])
    return fingerprint(recipe=RECIPES[name], protocol=numbers)


def render_accuracy(network: torch.nn.Module) -> Estimate:
    """The share of renders of a world never seen that a network names rightly."""
    photos = render(_TEST_RENDERS, seed=TEST_WORLD, size=64)
    logits = record(network, [None], photos.images, batch_size=256)[None]
    return proportion(logits.argmax(1) == photos.labels, of="renders")


def accuracy_under_attack(network: torch.nn.Module) -> Estimate:
    """The share of adversarial examples (ten steps in an L2 ball) that it names rightly."""
    photos = render(_ATTACKED, seed=TEST_WORLD, size=64)
    right = []
    for start in range(0, _ATTACKED, 128):
        images, labels = (part[start : start + 128] for part in photos)
        attacked = attack(network, images, labels, ATTACK, steps=10, seed=start)
        right.append(record(network, [None], attacked)[None].argmax(1) == labels)
    return proportion(torch.cat(right), of="renders")
