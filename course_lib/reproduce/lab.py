"""A lab of the course as what the experiments rest on: photographs with several a class."""

import contextlib
import dataclasses
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from torch import nn

from course_lib.checks import whole_number
from course_lib.fooling.caught import log_spaced
from course_lib.labs import open_lab
from course_lib.labs.lab import Lab, Photos
from course_lib.reproduce.cache import hash_of_network, hash_of_tensors
from course_lib.reproduce.material import Material, of_classes
from course_lib.reproduce.networks import lab_recipe

LABS = ("cifar", "tiny")
_AT_ONCE = 512  # photographs in a part; they are small
_FEWEST = 64  # photographs of a split


@dataclasses.dataclass(frozen=True)
class LabSettings:
    """What a run in a lab of the course is asked for.

    lab: one of `LABS`. network, network_seed: as `open_lab` takes them. steps: of each
    optimization; pictures after half and a quarter of them are compared as well. seed: of
    everything else. starts: pictures of each unit, each from another start. rounds: of the fooling
    circuit's detector, at most. moments: how many pictures of an optimization are kept. channels:
    how many are drawn with their silent twins. controls: how many photographs of each class stand
    for each control of path similarity. built, measured: how many photographs are built with and
    measured with, at most.
    """

    lab: str = LABS[0]
    network: str = "standard"
    network_seed: int = 0
    steps: int = 256
    seed: int = 0
    starts: int = 3
    rounds: int = 5
    moments: int = 12
    channels: int = 8
    controls: int = 24
    built: int = 2500
    measured: int = 2500

    def __post_init__(self) -> None:
        if self.lab not in LABS:
            raise ValueError(f"lab={self.lab!r}: give one of imagenet, {', '.join(LABS)}.")
        least = {"network_seed": 0, "seed": 0, "steps": 4, "moments": 2}
        least |= dict.fromkeys(("built", "measured"), _FEWEST)
        for name, value in dataclasses.asdict(self).items():
            if name not in ("lab", "network"):
                whole_number(value, name, at_least=least.get(name, 1))

    def identity(self) -> dict[str, Any]:
        """The part of a run's identity that can be told without its network and photographs."""
        return dataclasses.asdict(self)

    def check(self) -> None:
        """Nothing: a lab's photographs are read when it is opened."""

    def material(self) -> Material:
        """The network and the photographs."""
        return LabMaterial(self)


class LabMaterial(Material):
    """A lab, with its photographs in memory, and other networks of it for judges.

    Raises:
        ValueError: there is no such network, or it cannot be used.
        OSError: (of the cifar lab, a ValueError too) the photographs are not on this machine.
    """

    weights = "the lab's"
    at_once, drawn_at_once, layers_at_once = _AT_ONCE, 10, 5

    def __init__(self, settings: LabSettings) -> None:
        self.settings = settings
        self.lab = open_lab(settings.lab, network=settings.network, seed=settings.network_seed)
        self.network, self.size = settings.network, self.lab.image_size
        self.steps, self.seed, self.channels = settings.steps, settings.seed, settings.channels
        self.starts, self.what = settings.starts, self.lab.what
        self.per_class = (settings.measured, settings.controls)
        self.where = f"the {settings.lab} lab"
        self.earlier = (settings.steps // 4, settings.steps // 2)
        along = log_spaced(settings.steps, settings.moments)
        self.moments = tuple(sorted({*along, *self.earlier}))
        self.recipe = lab_recipe(
            self.lab, f"{self.where}'s {settings.network} network {settings.network_seed}"
        )
        self._held_out = _first(self.lab, "test", settings.measured)
        self.count = len(self._held_out.images)
        self.judging = _judging(settings)

    @property
    def drawn(self) -> tuple[int, ...]:
        return tuple(range(len(self.names)))

    @cached_property
    def train(self) -> Photos:
        return _first(self.lab, "train", self.settings.built)

    def chunk(self, number: int) -> Photos:
        some = slice(number * _AT_ONCE, (number + 1) * _AT_ONCE)
        return Photos(*(part[some] for part in self._held_out))

    def some_held_out(self, classes: Sequence[int], per_class: int) -> Photos:
        return of_classes(self._held_out, classes, per_class)

    def class_name(self, unit: int) -> str:
        return self.names[self.units.index(unit)]

    @property
    def top_told(self) -> str:
        return f"Top-1 and top-5 are over the lab's {len(self.names)} classes."

    def top_measure(self, count: int) -> tuple[str, str]:
        return f"of {len(self.names)} classes", ""

    def identity(self) -> dict[str, Any]:
        return self.settings.identity() | {
            "weights' hash": hash_of_network(self.lab.network),
            "photographs": hash_of_tensors({
                f"{split} {name}": tensor
                for split, photos in (("train", self.train), ("test", self._held_out))
                for name, tensor in photos._asdict().items()
            }),
        }  # fmt: skip


def _first(lab: Lab, split: str, most: int) -> Photos:
    photos = Photos(*(part[:most].clone() for part in lab.photos(split)))
    fewest = photos.labels.bincount(minlength=len(lab.class_names)).min()
    if len(photos.labels) < _FEWEST or fewest < 2:
        raise ValueError(
            f"The {lab.name} lab has {len(photos.labels)} {lab.what} for {split!r}, and {fewest} "
            f"of one class: {_FEWEST} or more are needed, and two of each class."
        )
    return photos


def _judging(settings: LabSettings) -> dict[str, tuple[str, nn.Module]]:
    """As `Material.judging`: of another seed, and of another recipe, where there are such."""
    kin = {
        " other": [(settings.network, seed) for seed in (1, 0) if seed != settings.network_seed],
        " other recipe": [(name, 0) for name in ("standard", "robust") if name != settings.network],
    }
    found = {}
    for ending, networks in kin.items():
        for network, seed in networks:
            with contextlib.suppress(ValueError):  # there is none
                lab = open_lab(settings.lab, network=network, seed=seed)
                found[ending] = f"{network} {seed}", lab.network
                break
    return found
