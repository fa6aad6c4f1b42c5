"""What the experiments rest on: a network, photographs, and the settings of a run."""

from __future__ import annotations

import dataclasses
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from course_lib.checks import whole_number
from course_lib.fooling.caught import in_groups, log_spaced
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
from course_lib.reproduce.cache import Result, hash_of_files, hash_of_network
from course_lib.reproduce.networks import NETWORK, RECIPES, NetworkRecipe
from course_lib.visualization.ascent import Visualization, visualize

_TO_BUILD_WITH = 2000  # photographs at most, 0.6 MB each
_AT_ONCE = 64  # photographs in a part
_FEWEST = 8  # photographs from which a detector can learn
_EARLIER = 3  # times fewer steps, for pictures that are compared with the finished ones


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a run on one of the paper's networks is asked for.

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
        most = (RECIPES[self.network].logits - self.known) // 2
        if self.classes > most:
            raise ValueError(
                f"classes={self.classes}: give {most} or fewer, because the detector learns from "
                "units that are neither drawn nor shown."
            )

    def identity(self) -> dict[str, Any]:
        """The part of a run's identity that can be told without its network and photographs."""
        told = dataclasses.asdict(self)
        del told["photos"], told["size"]
        return told

    def check(self) -> None:
        """Refuse photographs that cannot be used, before anything is downloaded; see `Folders`."""
        photographs(Path(self.photos).expanduser(), self.measured)

    def material(self) -> Material:
        """The network and the photographs."""
        return Folders(self)


class Material(ABC):
    """A network and photographs, ready for the experiments.

    network, weights: as the report calls them. size: the edge of the images, in pixels.
    steps, seed: of each optimization, and of its start. moments: after how many steps pictures are
    kept, the last one last; earlier: those of which paths are compared beside the finished ones.
    starts: how many pictures of a unit are drawn for that. drawn_at_once: of how many units.
    channels: how many are drawn of those with silent twins.
    what: what the photographs are called, "photographs" or "renders". where: where they are from.
    classed: what their classes are called, "classes" or "folders". count: how many are held out.
    at_once: how many of these are in a part.
    known_classes: the ImageNet class of each, where the folders' names tell. per_class: how many
    of a class paths are compared with, and how many stand for each control, at most; and
    layers_at_once, along how many layers in a part.
    judging: other networks that say what a picture shows, with their names, by how the keys of
    their rows end.
    """

    recipe: NetworkRecipe
    lab: Lab
    network: str
    weights: str
    size: int
    steps: int
    seed: int
    moments: tuple[int, ...]
    earlier: tuple[int, ...]
    starts: int = 1
    drawn_at_once: int = 1
    channels: int
    what: str = "photographs"
    where: str
    classed: str = "classes"
    count: int
    at_once: int
    known_classes: tuple[int, ...] | None = None
    per_class: tuple[int, int]
    layers_at_once: int = 3
    judging: Mapping[str, tuple[str, nn.Module]] = MappingProxyType({})

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes of photographs."""
        return self.lab.class_names

    @property
    def units(self) -> tuple[int, ...]:
        """The logit that answers to each class of photographs."""
        return self.known_classes or self.lab.unit_of_class

    @property
    @abstractmethod
    def drawn(self) -> tuple[int, ...]:
        """The numbers of the classes whose units are drawn."""

    @property
    def groups(self) -> list[list[int]]:
        """The same, in groups that are drawn together."""
        return in_groups(self.drawn, self.drawn_at_once)

    @property
    @abstractmethod
    def train(self) -> Photos:
        """Photographs to build with."""

    @property
    def chunks(self) -> int:
        """How many parts the held-out photographs come in."""
        return -(-self.count // self.at_once)

    @abstractmethod
    def chunk(self, number: int) -> Photos:
        """One part of them."""

    @abstractmethod
    def some_held_out(self, classes: Sequence[int], per_class: int) -> Photos:
        """The first few held-out photographs of some classes, by the classes' numbers."""

    @property
    def judges(self) -> list[tuple[str, str, nn.Module]]:
        """Who says what a picture shows: how a row's key ends, a name, and the network."""
        others = [(ending, name, network) for ending, (name, network) in self.judging.items()]
        return [("", "the network itself", self.lab.network), *others]

    @abstractmethod
    def class_name(self, unit: int) -> str:
        """What a logit is called."""

    @property
    @abstractmethod
    def top_told(self) -> str:
        """In a sentence, what top-1 means with these classes."""

    @abstractmethod
    def top_measure(self, count: int) -> tuple[str, str]:
        """What top-1 or top-5 is called, and a note; no name where it says nothing."""

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """Everything that results rest on, by what it is called in a sentence."""

    def visualized(
        self, network: nn.Module, layer: str | None, units: int | Sequence[int], **more: Any
    ) -> Visualization:
        """Visualizations with the run's settings."""
        given = {"size": self.size, "steps": self.steps, "seed": self.seed, "progress": False}
        return visualize(network, layer, units, **(given | more))

    def drawing(
        self, network: nn.Module, layer: str | None, units: int | Sequence[int], **more: Any
    ) -> Result:
        """The same as a part: `images`, (N, 3, S, S)."""
        return Result({"images": self.visualized(network, layer, units, **more).images}, {})


class Folders(Material):
    """One of the paper's networks, and photographs in a folder with a folder a class.

    Raises:
        NoImagesError, ValueError: a folder that cannot be used; see `photographs`.
        WeightsUnavailableError, DamagedFileError: as `load_classifier`.
    """

    classed = "folders"
    per_class = (12, 12)
    at_once = _AT_ONCE

    def __init__(self, settings: Settings) -> None:
        self.settings, self.recipe = settings, RECIPES[settings.network]
        self.network, self.weights = settings.network, settings.weights
        self.steps, self.seed, self.channels = settings.steps, settings.seed, settings.channels
        self.moments = log_spaced(settings.steps, settings.moments)
        self.earlier = tuple(m for m in self.moments if m <= settings.steps / _EARLIER)[-1:]
        self.root = Path(settings.photos).expanduser()
        self.where = str(self.root)
        self._held_out = photographs(self.root, settings.measured)["test"]
        self.count = sum(map(len, self._held_out.values()))
        per_class = max(2, min(40, _TO_BUILD_WITH // len(self._held_out)))
        self.size = settings.size or 224
        self._resize = round(self.size * 256 / 224)
        if settings.weights == "random":
            self.recipe = self.recipe._replace(title=f"{self.recipe.title} with random weights")
            network = random_classifier(settings.network, settings.seed)
        else:
            network, transform = load_classifier(settings.network)
            if settings.size is None:
                (self.size,), (self._resize,) = transform.crop_size, transform.resize_size
        self.lab = open_own(
            network, self.root, image_size=self.size, resize=self._resize,
            photos_per_class=per_class, name="imagenet",
        )  # fmt: skip
        self._built_with = find_files(self.root, per_class)["train"]
        if settings.weights == "imagenet":
            self.known_classes = classes_by_name(self.names)

    def class_name(self, unit: int) -> str:
        """What an ImageNet class is called; its number where the weights are random."""
        if self.settings.weights == "random":
            return f"logit {unit}"
        return str(imagenet_weights(self.settings.network).meta["categories"][unit])

    @cached_property
    def drawn(self) -> tuple[int, ...]:  # evenly spread over all
        count = min(self.settings.classes, len(self.names))
        return tuple(i * len(self.names) // count for i in range(count))

    @cached_property
    def others(self) -> tuple[int, ...]:
        """Logits for the detector to learn from, drawn by lot among those that play no part."""
        used = {self.units[i] for i in self.drawn}
        used |= {(unit + self.recipe.shift) % self.recipe.logits for unit in used}
        rest = [unit for unit in range(self.recipe.logits) if unit not in used]
        lot = torch.Generator().manual_seed(self.settings.seed)
        order = torch.randperm(len(rest), generator=lot).tolist()
        return tuple(rest[i] for i in order[: self.settings.known])

    @cached_property
    def train(self) -> Photos:
        return self._read(self._listed(self._built_with))

    @property
    def held_out(self) -> list[tuple[Path, int]]:
        """The files of the photographs to measure with, and the numbers of their folders."""
        return self._listed(self._held_out)

    def chunk(self, number: int) -> Photos:
        return self._read(self.held_out[number * _AT_ONCE : (number + 1) * _AT_ONCE])

    def some_held_out(self, folders: Sequence[int], per_folder: int) -> Photos:
        return self._read([
            (path, i) for i in folders for path in self._held_out[self.names[i]][:per_folder]
        ])  # fmt: skip

    def _listed(self, files: Files) -> list[tuple[Path, int]]:
        return [(path, i) for i, name in enumerate(self.names) for path in files[name]]

    def _read(self, files: Sequence[tuple[Path, int]]) -> Photos:
        return read_files(files, resize=self._resize, size=self.size, progress=False)

    @property
    def top_told(self) -> str:
        if self.known_classes:
            return "Top-1 and top-5 are over ImageNet's 1000 classes, as in the paper."
        others = f"those of the other {len(self.names) - 1} folders."
        if self.weights == "random":
            return (
                "The weights are random, so the network has learned no class: top-1 only says "
                "whether the logit that tells a folder best, found from other photographs, exceeds "
                f"{others}"
            )
        return (
            "The folders' names are not ImageNet's classes, so this is not the paper's top-1: each "
            "folder is given the logit that tells it best from the others, found from other "
            f"photographs, and top-1 asks whether it exceeds {others}"
        )

    def top_measure(self, count: int) -> tuple[str, str]:
        if self.known_classes:
            return "of 1000 classes", ""
        folders = len(self.names)
        if folders <= count:
            return "", f"With {folders} folders the right one is always among {count}."
        return f"of {folders} folders", ""

    def identity(self) -> dict[str, Any]:
        splits = (self._built_with, self._held_out)
        files = [path for split in splits for name in sorted(split) for path in split[name]]
        return self.settings.identity() | {
            "size": self.size,
            "weights' hash": hash_of_network(self.lab.network),
            "photographs": hash_of_files(files, self.root),
        }


def of_classes(photos: Photos, classes: Sequence[int], per_class: int) -> Photos:
    """The first few photographs of some classes, class by class."""
    there = [(photos.labels == label).nonzero()[:per_class, 0] for label in classes]
    chosen = torch.cat(there)
    return Photos(photos.images[chosen], photos.labels[chosen])


def photographs(root: Path, measured: int) -> dict[str, Files]:
    """The files to build with and to measure with.

    Raises:
        NoImagesError, ValueError: no folder, fewer than two classes, or too few photographs: of
            each class two to build with and two to measure with, and eight to build with in all.
    """
    everything = find_files(root, per_class=10**9)
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
    return find_files(root, per_class=max(2, measured // len(everything["test"])))
