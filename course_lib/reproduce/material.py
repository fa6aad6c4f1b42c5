"""What the experiments rest on: a network, photographs, and the settings of a run."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course_lib.checks import whole_number
from course_lib.labs.folders import Files, find_files
from course_lib.labs.imagenet import (
    classes_by_name,
    imagenet_weights,
    load_classifier,
    random_classifier,
)
from course_lib.labs.lab import Lab, Photos
from course_lib.labs.own import open_own
from course_lib.labs.photographs import read_files
from course_lib.reproduce.cache import hash_of_files, hash_of_network
from course_lib.reproduce.networks import NETWORK, RECIPES, SHIFT
from course_lib.visualization.ascent import Visualization, visualize

_IMAGENET = 1000  # logits
_TO_BUILD_WITH = 2000  # photographs at most, 0.6 MB each
_AT_ONCE = 64  # photographs in a part
_FEWEST = 8  # photographs from which a detector can learn


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a run is asked for.

    network: one of `RECIPES`. weights: "imagenet" or "random". photos: a folder with a folder a
    class. steps: of each optimization. seed: of everything. size: of the images, in pixels; None is
    what the weights were trained with. classes: how many folders' units are drawn, at most.
    measured: how many held-out photographs are answered, at most. known: how many other units'
    visualizations the detector learns from. rounds: of its training; each after the first also
    learns from what the circuit shows by then. moments: how many pictures of an optimization it
    sees. epochs, batch: of its training. channels: how many get a silent twin.
    """

    network: str = NETWORK
    weights: str = "imagenet"
    photos: str | os.PathLike[str] = "photos"
    steps: int = 96
    seed: int = 0
    size: int | None = None
    classes: int = 12
    measured: int = 2000
    known: int = 8
    rounds: int = 2
    moments: int = 12
    epochs: int = 60
    batch: int = 32
    channels: int = 8

    def __post_init__(self) -> None:
        if self.network not in RECIPES:
            raise ValueError(f"network={self.network!r}: give one of {', '.join(RECIPES)}.")
        if self.weights not in ("imagenet", "random"):
            raise ValueError(f"weights={self.weights!r}: give one of imagenet, random.")
        least = {"seed": 0, "classes": 2, "batch": 2, "measured": 2, "size": 32, "moments": 2}
        for name, value in dataclasses.asdict(self).items():
            if name not in ("network", "weights", "photos") and value is not None:
                whole_number(value, name, at_least=least.get(name, 1))
        most = (_IMAGENET - self.known) // 2
        if self.classes > most:
            raise ValueError(
                f"classes={self.classes}: give {most} or fewer, because the detector learns from "
                "units that are neither drawn nor shown."
            )


class Material:
    """A network and photographs, ready for the experiments.

    Raises:
        NoImagesError, ValueError: a folder that cannot be used; see `photographs`.
        WeightsUnavailableError, DamagedFileError: as `load_classifier`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.recipe = settings, RECIPES[settings.network]
        self.root = Path(settings.photos).expanduser()
        self._held_out = photographs(self.root, settings.measured)["test"]
        per_class = max(2, min(40, _TO_BUILD_WITH // len(self._held_out)))
        self.size, self._resize = settings.size or 224, 256
        if settings.weights == "random":
            network = random_classifier(settings.network, settings.seed)
        else:
            network, transform = load_classifier(settings.network)
            if settings.size is None:
                (self.size,), (self._resize,) = transform.crop_size, transform.resize_size
        if settings.size is not None:
            self._resize = round(settings.size * 256 / 224)
        self.lab: Lab = open_own(
            network, self.root, image_size=self.size, resize=self._resize,
            photos_per_class=per_class, name="imagenet",
        )  # fmt: skip
        self._built_with = find_files(self.root, per_class)["train"]

    @property
    def title(self) -> str:
        """What the network is called, and that its weights are random where they are."""
        random = self.settings.weights == "random"
        return self.recipe.title + (" with random weights" if random else "")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the folders."""
        return self.lab.class_names

    @cached_property
    def known_classes(self) -> tuple[int, ...] | None:
        """The ImageNet class of each folder, if the folders' names tell and the weights are its."""
        return classes_by_name(self.names) if self.settings.weights == "imagenet" else None

    @property
    def units(self) -> tuple[int, ...]:
        """The logit that answers to each folder: its class's, or the one found from the data."""
        return self.known_classes or self.lab.unit_of_class

    def class_name(self, unit: int) -> str:
        """What an ImageNet class is called; its number where the weights are random."""
        if self.settings.weights == "random":
            return f"logit {unit}"
        return str(imagenet_weights(self.settings.network).meta["categories"][unit])

    @cached_property
    def drawn(self) -> tuple[int, ...]:
        """The numbers of the folders whose units are drawn, evenly spread over all."""
        count = min(self.settings.classes, len(self.names))
        return tuple(i * len(self.names) // count for i in range(count))

    @cached_property
    def others(self) -> tuple[int, ...]:
        """Logits for the detector to learn from, drawn by lot among those that play no part."""
        used = {self.units[i] for i in self.drawn}
        used |= {(unit + SHIFT) % _IMAGENET for unit in used}
        rest = [unit for unit in range(_IMAGENET) if unit not in used]
        lot = torch.Generator().manual_seed(self.settings.seed)
        order = torch.randperm(len(rest), generator=lot).tolist()
        return tuple(rest[i] for i in order[: self.settings.known])

    @cached_property
    def train(self) -> Photos:
        """Photographs to build with."""
        files = [(p, i) for i, name in enumerate(self.names) for p in self._built_with[name]]
        return self._read(files)

    @property
    def held_out(self) -> list[tuple[Path, int]]:
        """The files of the photographs to measure with, and the numbers of their folders."""
        return [(path, i) for i, name in enumerate(self.names) for path in self._held_out[name]]

    @property
    def chunks(self) -> int:
        """How many parts the held-out photographs come in."""
        return -(-len(self.held_out) // _AT_ONCE)

    def chunk(self, number: int) -> Photos:
        """One part of them."""
        return self._read(self.held_out[number * _AT_ONCE : (number + 1) * _AT_ONCE])

    def some_held_out(self, folders: Sequence[int], per_folder: int) -> Photos:
        """The first few held-out photographs of some folders; labels are the folders' numbers."""
        files = {i: self._held_out[self.names[i]][:per_folder] for i in folders}
        return self._read([(path, i) for i in folders for path in files[i]])

    def _read(self, files: Sequence[tuple[Path, int]]) -> Photos:
        return read_files(files, resize=self._resize, size=self.size, progress=False)

    def visualized(
        self, network: nn.Module, layer: str | None, unit: int, **more: Any
    ) -> Visualization:
        """A visualization with the run's settings."""
        return visualize(
            network, layer, unit, size=self.size, steps=self.settings.steps,
            seed=self.settings.seed, progress=False, **more,
        )  # fmt: skip

    def identity(self) -> dict[str, Any]:
        """Everything that results rest on, by what it is called in a sentence."""
        used = (self._built_with, self._held_out)
        files = [path for split in used for name in sorted(split) for path in split[name]]
        return known_settings(self.settings) | {
            "size": self.size,
            "weights' hash": hash_of_network(self.lab.network),
            "photographs": hash_of_files(files, self.root),
        }


def known_settings(settings: Settings) -> dict[str, Any]:
    """The part of a run's identity that can be told without its network and photographs."""
    told = dataclasses.asdict(settings)
    del told["photos"], told["size"]
    return told


def photographs(root: Path, measured: int) -> dict[str, Files]:
    """The files to build with and to measure with.

    Raises:
        NoImagesError, ValueError: no folder, fewer than two classes, or too few photographs: of
            each class two to build with and two to measure with, and eight to build with in all.
    """
    everything = find_files(root, per_class=10**9)
    classes = len(everything["test"])
    for name in everything["test"]:
        counts = [len(files[name]) for files in everything.values()]
        if min(counts) < 2:
            raise ValueError(
                f"{root}: class {name!r} has {sum(counts)} photographs; give it four or more, "
                "two to build with and two to measure with."
            )
    there = sum(map(len, everything["train"].values()))
    if there < _FEWEST:
        raise ValueError(
            f"{root} has {there} photographs to build with, every other one: give {2 * _FEWEST} or "
            "more in all, because a detector learns from them."
        )
    return find_files(root, per_class=max(2, measured // classes))
