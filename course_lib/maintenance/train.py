"""`course train`: the tiny lab's networks again, from a seed."""

from __future__ import annotations

import dataclasses
import json
import platform
import sys
from pathlib import Path

import torch

from course_lib.activations import record
from course_lib.labs.tiny import training, weights, world
from course_lib.labs.tiny.training import RECIPES, attack, train
from course_lib.labs.tiny.world import render
from course_lib.statistics import Estimate, proportion
from course_lib.stored import as_json, constants, fingerprint, note, write_whole

TEST_WORLD = 3  # held out from training, and from what lessons show
_TEST_RENDERS = 4096
_ATTACKED = 512
ATTACK = 1.0  # radius of the L2 ball of the adversarial examples that it is tested with


def train_and_record(name: str, seed: int, folder: Path, attempt: str) -> Path:
    """Train a network, write its weights and record, and return the weights' path.

    An interrupted training goes on where it was when the same command is given again.

    Args:
        attempt: what the record says of how this network was chosen among others.
    """
    recipe = RECIPES[name]
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{name}-{seed}.checkpoint"
    network, seconds = train(recipe, seed, checkpoint=checkpoint)
    path = folder / f"{name}-{seed}.safetensors"
    sha256 = weights.save(network, path)
    record_path = path.with_suffix(".json")
    facts = {
        "recipe": dataclasses.asdict(recipe),
        "seed": seed,
        "sha256": sha256,
        "parameters": sum(p.numel() for p in network.parameters()),
        "attempt": attempt,
        "training_seconds": round(seconds),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
    }
    write_whole(record_path, json.dumps(facts))  # `load` checks the hash that it holds
    stored = weights.load(name, seed, folder)
    facts["accuracy"] = as_json(render_accuracy(stored), digits=4)
    facts["accuracy_under_attack"] = as_json(accuracy_under_attack(stored), digits=4)
    facts["attack_radius"] = ATTACK
    write_whole(record_path, json.dumps(facts, indent=1) + "\n")
    for made in (path, record_path):
        note(made, weights_rest_on(name))
    checkpoint.unlink(missing_ok=True)
    return path


def weights_rest_on(name: str) -> str:
    """The fingerprint of the recipe and the protocol of a network's training."""
    world_and_test = constants(world, training, sys.modules[__name__])
    return fingerprint(recipe=RECIPES[name], protocol=world_and_test)


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
