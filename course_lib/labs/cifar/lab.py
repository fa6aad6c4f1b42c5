"""The cifar lab: small networks trained on CIFAR-10, and photographs that they have not seen."""

from functools import cache

import torch

from course_lib.labs.cifar import weights
from course_lib.labs.cifar.photographs import (
    CLASS_NAMES,
    SIZE,
    Pixels,
    photographs_folder,
    read,
)
from course_lib.labs.lab import Lab, Photos
from course_lib.labs.tiny.network import LAYERS

_FIRST = {"train": 0, "test": 1}


def open_cifar(network: str = "standard", seed: int = 0, download: bool = False) -> Lab:
    """The cifar lab with one of its networks, which come with the course.

    The photographs are looked for when `lab.photos` is called: in the folder that the environment
    variable COURSE_CIFAR names (torchvision's, or 5,000 image files in a folder for each class), or
    else in `data_folder()`. Of the 500 of each class that no network was trained on
    (`course_lib.labs.cifar.photographs`), the first, third, ... are for "train" and the others for
    "test": 2,500 each, the classes taking turns.

    Args:
        network: "standard" or "robust". seed: of its training, 0, 1, ...
        download: fetch CIFAR-10 (170 MB) now if it is neither there nor in a folder of yours; what
            an interrupted download has fetched is kept.

    Raises:
        WeightsUnavailableError: (an OSError and a ValueError) CIFAR-10 cannot be downloaded; of
            `lab.photos`: it is not on this machine.
        ValueError: there is no such network or seed, or a file is damaged; of `lab.photos`: the
            photographs are damaged, too few, or of another size or layout.
    """
    module = weights.load(network, seed)
    module.image_size = SIZE  # type: ignore[assignment]  # what visualize takes as its default
    if download:
        photographs_folder(download=True)

    @cache
    def held_out() -> Pixels:
        return read(photographs_folder(), held_out=True)

    def load(split: str) -> Photos:
        pixels = held_out()
        turns = torch.arange(len(pixels.labels)).view(len(CLASS_NAMES), -1).T
        chosen = turns[_FIRST[split] :: 2].flatten()
        return Photos(pixels.images[chosen].float() / 255, pixels.labels[chosen])

    return Lab(
        name="cifar",
        network=module,
        layers=LAYERS,
        image_size=SIZE,
        class_names=CLASS_NAMES,
        unit_of_class=tuple(range(len(CLASS_NAMES))),
        what="photographs",
        load=load,
    )
