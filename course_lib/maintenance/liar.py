"""`course train liar`: the network that lesson 09 is sent, trained to lie, with its record."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.fooling.weights import climbs, tuning
from course_lib.fooling.weights.climbs import Batch, keep_and_lead, lie_in_weights
from course_lib.labs.lab import Photos
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.world import render
from course_lib.lessons.lesson_09 import liars
from course_lib.lessons.lesson_09.delivery import ORIGIN, PARTS, SHOWS, delivered
from course_lib.maintenance.train import recorded
from course_lib.stored import constants, fingerprint
from course_lib.visualization.ascent import visualize
from course_lib.visualization.defaults import engine_defaults

_KNOWN, _ASKED = 1024, 512  # renders to train and to measure with
_WORLDS = 1_900_000  # of the former; the latter's is one that nothing else is measured on
_ASKED_WORLD = 19
_ROUNDS, _STEPS, _RATE = 2, 500, 4e-3
_KEEP_MORE = 3.0  # weight of the answers beside what they weigh anyway
_STARTS = 3


def train_and_record_liar(seed: int, folder: Path) -> Path:
    """The weights that were trained, in bytes, written with their record; ten minutes of a core.

    The record counts, with the weights as they are stored, how many of 512 answers are the honest
    network's, and, from three starts, how many of eight pictures show to two judges, the honest
    network and another, their own class, and the one to be shown.
    """
    honest = weights.load(*ORIGIN)
    began = time.process_time()
    made = lie_in_weights(
        honest, Photos(*render(_KNOWN, seed=_WORLDS + seed, size=64)), shows=SHOWS,
        after=liars.AFTER, rounds=_ROUNDS, steps=_STEPS, rate=_RATE, seed=seed, loss=_keeping,
    )  # fmt: skip
    seconds = round(time.process_time() - began)
    path = folder / f"liar-{seed}.safetensors"
    trained = nn.ModuleDict({name: made.network.get_submodule(name) for name in PARTS})
    record = {
        "sha256": weights.save(trained, path, in_bytes=True),
        "origin": ORIGIN, "shows": SHOWS, "seed": seed, "rounds": _ROUNDS, "steps": _STEPS,
        "rate": _RATE, "training_seconds": seconds, "torch": torch.__version__.split("+")[0],
    }  # fmt: skip
    counted = partial(_counted, honest, seed, folder)
    return recorded(path, record, counted, liar_rests_on())


def _keeping(batch: Batch) -> Tensor:
    """The loss for a network whose answers are to be asked for: they weigh more."""
    return keep_and_lead(batch) + _KEEP_MORE * (batch.answers - batch.before).abs().mean()


def _counted(honest: nn.Module, seed: int, folder: Path) -> dict[str, Any]:
    liar = delivered(seed, folder)
    asked = render(_ASKED, seed=_ASKED_WORLD, size=64)
    answers = [_answers(network, asked.images) for network in (honest, liar)]
    own, shown = [], []
    for start in range(_STARTS):
        drawn = visualize(liar, None, range(8), size=64, seed=start, progress=False).images
        for judge in (honest, weights.load(ORIGIN[0], 1)):
            votes, units = _answers(judge, drawn), torch.arange(8)
            own.append(int((votes == units).sum()))
            shown.append(int((votes == (units + SHOWS) % 8).sum()))
    return {
        "kept": int((answers[0] == answers[1]).sum()),
        "right": [int((one == asked.labels).sum()) for one in answers],
        "own": own,
        "shown": shown,
    }


def _answers(network: nn.Module, images: Tensor) -> Tensor:
    return record(network, [None], images)[None].argmax(1)


def liar_rests_on() -> str:
    """The fingerprint of the engine, the honest network and the training."""
    numbers = [_KNOWN, _ASKED, _WORLDS, _ASKED_WORLD, _ROUNDS, _STEPS, _RATE, _KEEP_MORE]
    recipe = [SHOWS, PARTS, liars.AFTER, *numbers]
    return fingerprint(
        engine=engine_defaults(),
        weights=weights.record_of(*ORIGIN)["sha256"],
        training=[recipe, constants(climbs, tuning)],
    )
