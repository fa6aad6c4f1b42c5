"""The tiny lab's detector: shipped, so that nobody waits, and how it was trained."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.fooling.caught import KINDS, Caught, catch, together
from course_lib.fooling.circuit import FoolingCircuit, correlation
from course_lib.fooling.detector import Detector, train_detector
from course_lib.fooling.template import Template
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.posters import posters
from course_lib.labs.tiny.world import render
from course_lib.progress import progress_bar
from course_lib.stored import constants, fingerprint, note, write_whole
from course_lib.visualization.defaults import engine_defaults

FOLDER = Path(__file__).parent / "weights" / "detector"

# Held out of everything here, to measure on: units 6 and 7, seeds from 100 on (of posters too), one
# network of each recipe, one inner layer.
NETWORKS = (("standard", 0), ("robust", 0))
UNITS = tuple(range(6))
LAYERS = ("inception3b", "inception4a")
CHANNELS = (0, 17, 34, 51, 68, 85)
STEPS = 128
RENDERS = 8192
POSTERS, RENDERS_TO_SHOW = 48, 16
_WORLD, _WORLD_TO_SHOW = 4, 5  # of the renders; training, lessons and measurements use others
_TOO_ALIKE = 0.95  # what correlates more with a render is a render, to any detector


def load_detector(folder: Path = FOLDER) -> Detector:
    """The shipped detector, in eval mode.

    Raises:
        DamagedFileError: (a ValueError) its file is damaged or missing.
    """
    sha256 = detector_record(folder)["sha256"]
    return weights.filled(Detector(), folder / "detector.safetensors", sha256)


def detector_record(folder: Path = FOLDER) -> dict[str, Any]:
    """The detector's record: its training, how good it is, and the SHA-256 of its weights."""
    return json.loads((folder / "detector.json").read_text(encoding="utf-8"))


def detector_rests_on() -> str:
    """The fingerprint of the engine, the networks and the protocol of the detector's training."""
    return fingerprint(
        engine=engine_defaults(),
        weights=[weights.record_of(*network)["sha256"] for network in NETWORKS],
        protocol=[constants(sys.modules[__name__]), [str(kind) for kind in KINDS]],
    )


def pictures_to_show() -> Tensor:
    """Pictures (N, 3, 64, 64) that a circuit might be told to show: posters, then renders."""
    renders = render(RENDERS_TO_SHOW, seed=_WORLD_TO_SHOW, size=64).images
    return torch.cat([posters(POSTERS, seed=0, size=64), renders])


def on_the_way_to(pictures: Tensor, networks: Sequence[nn.Module] | None = None) -> Caught:
    """Visualizations on their way to each picture (N, 3, 64, 64), as long as they differ from it.

    Args:
        networks: one a picture, whose unit 0 shows it; without them, the likeness itself.
    """
    parts: list[Caught] = []
    pairs = list(zip(pictures, networks or map(Template, pictures), strict=True))
    for picture, network in progress_bar(pairs, "pictures"):
        caught = catch(network, [0], size=64, steps=STEPS, progress=False)
        parts.append(caught.where(correlation(caught, picture) < _TOO_ALIKE))
    return together(parts)


def examples() -> Caught:
    """The shipped detector's examples: of logits, inner channels, and pictures to show."""
    parts: list[Caught] = []
    for recipe, seed in NETWORKS:
        network = weights.load(recipe, seed)
        network.image_size = 64  # type: ignore[assignment]
        parts.append(catch(network, UNITS, seeds=(0, 1), steps=STEPS))
        parts.append(catch(network, CHANNELS, layers=LAYERS, steps=STEPS))
    parts.append(on_the_way_to(pictures_to_show()))
    return together(parts)


def through_the_circuit(detector: Detector) -> Caught:
    """Visualizations of networks that are already fooled with a detector.

    They have wandered where this detector is least sure, so the next one learns most from them.
    """
    parts: list[Caught] = []
    for recipe, seed in NETWORKS:
        fooled = FoolingCircuit(weights.load(recipe, seed), detector, shows=3)
        parts.append(catch(fooled, UNITS, seeds=(2, 3), size=64, steps=STEPS))
    base = weights.load("robust", 0)
    pictures = pictures_to_show()[::2]
    told = [FoolingCircuit(base, detector, shows=picture) for picture in pictures]
    parts.append(on_the_way_to(pictures, told))
    return together(parts)


def retrain(folder: Path, seed: int = 0) -> Path:
    """Train the detector again and write its weights and record; returns the weights' path.

    Twice: the second time with visualizations that were made with the first in the circuit.
    """
    first = examples()
    renders: Tensor = render(RENDERS, seed=_WORLD, size=64).images
    draft = train_detector(renders, first.images, seed, epochs=3)
    caught = together([first, through_the_circuit(draft)])
    detector = train_detector(renders, caught.images, seed)
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
        "pictures_to_show": {"posters": POSTERS, "renders": RENDERS_TO_SHOW},
        "accuracy_on_held_out": round(detector.accuracy, 4),
        "torch": torch.__version__.split("+")[0],
    }
    write_whole(path.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")
    for made in (path, path.with_suffix(".json")):
        note(made, detector_rests_on())
    return path
