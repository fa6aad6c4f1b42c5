"""`course train cifar-...`: the cifar lab's networks again, from a seed and the photographs."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch

from course_lib.activations import record
from course_lib.labs.cifar import network, training, weights
from course_lib.labs.cifar.photographs import (
    HELD_OUT,
    PER_CLASS,
    is_jpeg,
    photographs_folder,
    read,
)
from course_lib.labs.cifar.training import RECIPES
from course_lib.labs.lab import Photos
from course_lib.labs.training import attack
from course_lib.maintenance.train import written
from course_lib.statistics import Estimate, proportion
from course_lib.stored import as_json, constants, fingerprint

ATTACK, ATTACK_STEPS = 0.5, 20  # radius of the L2 ball, and gradient steps
ATTACKED = 2000  # of the photographs held out, evenly spread: they are in the order of classes


def train_and_record_cifar(name: str, seed: int, folder: Path, attempt: str) -> Path:
    """Train a network of the cifar lab, write it with its record, and return the weights' path.

    An interrupted training goes on where it was when the same command is given again.

    Args:
        attempt: what the record says of how this network was chosen among others.

    Raises:
        ValueError: the photographs are not here, or not as they should be.
    """
    recipe, source = RECIPES[name], photographs_folder()
    photographs, pixels = read(source, held_out=False), read(source, held_out=True)
    held_out = Photos(pixels.images.float() / 255, pixels.labels)

    def measured() -> dict[str, Any]:
        stored = weights.load(name, seed, folder)
        return {
            "accuracy": as_json(accuracy(stored, held_out), digits=4),
            "accuracy_under_attack": as_json(accuracy_under_attack(stored, held_out), digits=4),
            "attack_radius": ATTACK,
        }

    return written(
        recipe, seed, folder, partial(training.train, recipe, seed, photographs), measured,
        cifar_rests_on(name), in_bytes=True, attempt=attempt,
        photographs="JPEG copies of CIFAR-10's" if is_jpeg(source) else "CIFAR-10's own",
    )  # fmt: skip


def cifar_rests_on(name: str) -> str:
    """The fingerprint of the recipe and the protocol of a network's training."""
    numbers = constants(network, training, sys.modules[__name__])
    return fingerprint(recipe=RECIPES[name], protocol=[numbers, PER_CLASS, HELD_OUT])


def accuracy(module: torch.nn.Module, photos: Photos) -> Estimate:
    """The share of photographs that a network names rightly."""
    logits = record(module, [None], photos.images, batch_size=256)[None]
    return proportion(logits.argmax(1) == photos.labels, of="photographs")


def accuracy_under_attack(module: torch.nn.Module, photos: Photos) -> Estimate:
    """The share of adversarial examples (within an L2 ball) that it names rightly."""
    count = min(ATTACKED, len(photos.labels))
    chosen = torch.arange(count) * len(photos.labels) // count
    right = []
    for batch in chosen.split(100):
        images, labels = photos.images[batch], photos.labels[batch]
        seed = int(batch[0])
        moved = attack(module, images, labels, ATTACK, ATTACK_STEPS, seed=seed, half=False)
        right.append(record(module, [None], moved)[None].argmax(1) == labels)
    return proportion(torch.cat(right), of="photographs")
