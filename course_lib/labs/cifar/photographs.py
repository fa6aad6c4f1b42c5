"""CIFAR-10's photographs (Krizhevsky, 2009): ten classes, 32 pixels an edge, 6,000 of each.

They are read as torchvision keeps them, in a folder "cifar-10-batches-py", or as image files of the
5,000 training photographs in a folder per class. The first 4,500 of each class, in torchvision's
order or that of the files' names, are to train on. 500 are held out: of torchvision's, the first
500 test photographs of the class; of files, the last 500.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from course_lib.errors import DamagedFileError, NoImagesError, WeightsUnavailableError
from course_lib.labs.folders import is_image
from course_lib.labs.imagenet import data_folder
from course_lib.labs.photographs import UNREADABLE, as_seen, printable
from course_lib.progress import progress_bar

CIFAR = "COURSE_CIFAR"
"""Environment variable: a folder of the photographs."""

CLASS_NAMES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
SIZE = 32
PER_CLASS, HELD_OUT = 5000, 500
_BATCHES = "cifar-10-batches-py"
_ACCEPTED = (
    f"give a folder that holds torchvision's {_BATCHES}, or {PER_CLASS} image files in each of the "
    f"folders {CLASS_NAMES[0]}, ..., {CLASS_NAMES[-1]}"
)


class Pixels(NamedTuple):
    """Photographs as they are stored, class by class.

    images: (N, 3, 32, 32) uint8. labels: (N,) int64, indices into `CLASS_NAMES`.
    """

    images: Tensor
    labels: Tensor


def photographs_folder(*, download: bool = False) -> Path:
    """Where the photographs are: the folder that COURSE_CIFAR names, or the course's own.

    Args:
        download: fetch them where they are not (170 MB).

    Raises:
        WeightsUnavailableError: (an OSError and a ValueError) they are not here, or cannot be
            fetched.
        DamagedFileError: (a ValueError) what was fetched is damaged.
        NoImagesError: (a ValueError) COURSE_CIFAR names no folder.
    """
    if given := os.environ.get(CIFAR):
        folder = Path(given).expanduser()
        if not folder.is_dir():
            raise NoImagesError(f"{CIFAR}={given!r} is not a folder: {_ACCEPTED}.")
        return folder
    root = data_folder()
    if download:
        from course_lib.labs.cifar.download import fetch

        fetch(root)
    elif not (root / _BATCHES).is_dir():
        raise WeightsUnavailableError(
            f"CIFAR-10 is not in {root}: open_lab('cifar', download=True) fetches it (170 MB), or "
            f"set {CIFAR} to a folder that has it."
        )
    return root


def read(folder: Path, *, held_out: bool) -> Pixels:
    """The photographs that are held out (500 of each class), or those to train on (4,500).

    Raises:
        DamagedFileError: (a ValueError) a file is damaged or missing.
        NoImagesError: (a ValueError) the folder is of another layout, or holds too few.
        ValueError: a photograph is of another size.
    """
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    for root in (folder, *sorted(inside, key=lambda path: "train" not in path.name.lower())):
        if root.name == _BATCHES:
            return _from_torchvision(root.parent, held_out)
        if all((root / name).is_dir() for name in CLASS_NAMES):
            return _from_files(root, held_out)
    raise NoImagesError(
        f"{printable(folder)} is not laid out like CIFAR-10's photographs: {_ACCEPTED}."
    )


def is_jpeg(folder: Path) -> bool:
    """Whether the photographs are JPEG copies, not bit for bit the originals."""
    return next(folder.rglob("*.jp*g"), None) is not None


def _from_torchvision(root: Path, held_out: bool) -> Pixels:
    from torchvision.datasets import CIFAR10  # it loads PyTorch's compiler, in seconds

    try:
        stored: Any = CIFAR10(str(root), train=not held_out)
    except RuntimeError as error:  # a hash differs
        raise DamagedFileError(
            f"{printable(root / _BATCHES)} is damaged or lacks a file: "
            f"open_lab('cifar', download=True) fetches it again, if {CIFAR} is not set (170 MB)."
        ) from error
    labels = torch.tensor(stored.targets)
    images = torch.from_numpy(stored.data).permute(0, 3, 1, 2)
    first = HELD_OUT if held_out else PER_CLASS - HELD_OUT
    chosen = torch.cat([(labels == i).nonzero()[:first, 0] for i in range(len(CLASS_NAMES))])
    return Pixels(images[chosen].contiguous(), labels[chosen])


def _from_files(root: Path, held_out: bool) -> Pixels:
    part = slice(-HELD_OUT, None) if held_out else slice(-HELD_OUT)
    todo: list[tuple[int, Path]] = []
    for label, name in enumerate(CLASS_NAMES):
        files = sorted(path for path in (root / name).iterdir() if is_image(path))
        if len(files) != PER_CLASS:
            raise NoImagesError(
                f"{printable(root / name)} holds {len(files)} image files, not {PER_CLASS}: which "
                f"photographs are held out cannot be told. Put back all {PER_CLASS}."
            )
        todo += [(label, path) for path in files[part]]
    images = torch.stack(
        [_pixels(path) for _, path in progress_bar(todo, "reading photographs", delay=1)]
    )
    return Pixels(images, torch.tensor([label for label, _ in todo]))


def _pixels(path: Path) -> Tensor:
    try:
        with Image.open(path) as file:
            image = as_seen(file)
    except UNREADABLE as error:
        raise DamagedFileError(
            f"{printable(path)} cannot be read as an image ({error}): put a whole one there."
        ) from error
    if image.size != (SIZE, SIZE):
        width, height = image.size
        raise ValueError(
            f"{printable(path)} is {width} x {height} pixels: CIFAR-10's photographs have "
            f"{SIZE} x {SIZE}."
        )
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)
