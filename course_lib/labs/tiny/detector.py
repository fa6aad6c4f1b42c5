"""The tiny lab's detector: shipped, so that nobody waits, and how it was trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course_lib.fooling.caught import KINDS, Caught, catch, together
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import Detector, train_detector
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.world import render

FOLDER = Path(__file__).parent / "weights" / "detector"

# Held out of everything here, to measure on: units 6 and 7, seeds from 100 on, one network of
# each recipe, one inner layer.
NETWORKS = (("standard", 0), ("robust", 0))
UNITS = tuple(range(6))
LAYERS = ("inception3b", "inception4a")
CHANNELS = (0, 17, 34, 51, 68, 85)
STEPS = 128
RENDERS = 8192
_WORLD = 4  # of the renders; training, lessons and measurements use others


def load_detector(folder: Path = FOLDER) -> Detector:
    """The shipped detector, in eval mode.

    Raises:
        DamagedFileError: (a ValueError) its file is damaged or missing.
    """
    record = json.loads((folder / "detector.json").read_text())
    detector = Detector()
    tensors = weights.read(folder / "detector.safetensors", record["sha256"])
    detector.load_state_dict(tensors, strict=False)  # BatchNorm's batch counters are left out
    return detector.eval().requires_grad_(False)


def examples(*, progress: bool = True) -> Caught:
    """The visualizations that the shipped detector learned from: logits and inner channels."""
    parts: list[Caught] = []
    for recipe, seed in NETWORKS:
        network = weights.load(recipe, seed)
        network.image_size = 64  # type: ignore[assignment]
        parts.append(catch(network, UNITS, seeds=(0, 1), steps=STEPS, progress=progress))
        parts.append(catch(network, CHANNELS, layers=LAYERS, steps=STEPS, progress=progress))
    return together(parts)


def through_the_circuit(detector: Detector, *, progress: bool = True) -> Caught:
    """Visualizations of networks that are already fooled with a detector.

    They have wandered where this detector is least sure, so the next one learns most from them.
    """
    parts: list[Caught] = []
    for recipe, seed in NETWORKS:
        fooled = FoolingCircuit(weights.load(recipe, seed), detector, shows=3)
        parts.append(catch(fooled, UNITS, seeds=(2, 3), size=64, steps=STEPS, progress=progress))
    return together(parts)


def retrain(folder: Path, seed: int = 0, *, progress: bool = True) -> Path:
    """Train the detector again and write its weights and record; returns the weights' path.

    Twice: the second time with visualizations that were made with the first in the circuit.
    """
    first = examples(progress=progress)
    renders: Tensor = render(RENDERS, seed=_WORLD, size=64).images
    draft = train_detector(renders, first.images, seed, epochs=3, progress=progress)
    caught = together([first, through_the_circuit(draft, progress=progress)])
    detector = train_detector(renders, caught.images, seed, progress=progress)
    path = folder / "detector.safetensors"
    sha256 = weights.save(detector, path)
    facts: dict[str, Any] = {
        "sha256": sha256,
        "seed": seed,
        "renders": RENDERS,
        "visualizations": len(caught.images),
        "networks": [f"{recipe}-{number}" for recipe, number in NETWORKS],
        "units": UNITS,
        "layers": LAYERS,
        "kinds": [str(kind) for kind in KINDS],
        "steps": STEPS,
        "accuracy_on_held_out": round(detector.accuracy, 4),
        "torch": torch.__version__.split("+")[0],
    }
    path.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n")
    return path
