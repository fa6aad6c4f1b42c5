"""`course train`: the tiny lab's networks again, from a seed."""

from __future__ import annotations

import dataclasses
import json
import platform
from pathlib import Path

import torch

from course_lib.activations import record
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.training import RECIPES, attack, train
from course_lib.labs.tiny.world import render
from course_lib.statistics import Estimate, proportion

TEST_WORLD = 3  # held out from training, and from what lessons show
_TEST_RENDERS = 4096
_ATTACKED = 512


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
    record_path.write_text(
        json.dumps(facts), encoding="utf-8"
    )  # `load` checks the hash that it holds
    stored = weights.load(name, seed, folder)
    facts["accuracy"] = _told(accuracy(stored))
    facts["accuracy_under_attack"] = _told(accuracy_under_attack(stored, radius=1.0)) | {
        "radius": 1.0
    }
    record_path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    checkpoint.unlink(missing_ok=True)
    return path


def accuracy(network: torch.nn.Module, size: int = 64) -> Estimate:
    """The share of renders of a world never seen that a network names rightly."""
    photos = render(_TEST_RENDERS, seed=TEST_WORLD, size=size)
    logits = record(network, [None], photos.images, batch_size=256)[None]
    return proportion(logits.argmax(1) == photos.labels)


def accuracy_under_attack(network: torch.nn.Module, radius: float, size: int = 64) -> Estimate:
    """The same for adversarial examples: ten gradient steps within an L2 ball."""
    photos = render(_ATTACKED, seed=TEST_WORLD, size=size)
    right = []
    for start in range(0, _ATTACKED, 128):
        images, labels = (part[start : start + 128] for part in photos)
        attacked = attack(network, images, labels, radius, steps=10, seed=start)
        right.append(record(network, [None], attacked)[None].argmax(1) == labels)
    return proportion(torch.cat(right))


def _told(estimate: Estimate) -> dict[str, float | int | list[float]]:
    return {
        "share": round(estimate.value, 4),
        "interval": [round(estimate.low, 4), round(estimate.high, 4)],
        "renders": estimate.n,
    }
