"""Photographs from folders: one folder a class, of any names."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from course_lib.checks import whole_number
from course_lib.errors import NoImagesError, SkippedImageWarning
from course_lib.labs.lab import Photos
from course_lib.progress import progress_bar

# what torchvision's own folders of images accept
_ENDINGS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
_SPLITS = {"train": ("train",), "test": ("test", "val", "validation")}

# what Pillow raises for files that are broken, or too large to be a photograph
_UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)

Files = dict[str, list[Path]]
"""Image files by class name."""


def find_files(root: str | os.PathLike[str], per_class: int) -> dict[str, Files]:
    """The image files below a folder, by split and class.

    A folder with subfolders "train" and "test" (or "val") keeps that division; in any other, every
    second file of a class is for "train" and the rest for "test".

    Args:
        root: a folder with one folder per class.
        per_class: how many files of a class to take for a split, at most, evenly spread.

    Raises:
        NoImagesError: (a ValueError) the folder does not exist, or holds no images.
        ValueError: there are images of one class only, or a class has fewer than two.
    """
    if not isinstance(root, (str, os.PathLike)):
        raise ValueError(
            f"photos is a {type(root).__name__}: give a folder's path, or "
            "{'train': Photos(images, labels), 'test': Photos(images, labels)}."
        )
    folder = Path(root).expanduser()
    if not folder.is_dir():
        raise NoImagesError(
            f"photos={str(root)!r} is not a folder: give one that holds a folder per class."
        )
    per_class = whole_number(per_class, "photos_per_class", at_least=1)
    given = {
        split: next((folder / name for name in names if (folder / name).is_dir()), None)
        for split, names in _SPLITS.items()
    }
    if bool(given["train"]) != bool(given["test"]):
        there, missing = ("train", "test") if given["train"] else ("test", "train")
        raise ValueError(
            f"{folder} has a folder {there!r} but none called {missing!r}: add it, or put the "
            "folders of the classes directly into the folder."
        )
    if given["train"] and given["test"]:
        files = {split: _classes(path) for split, path in given.items() if path}
    else:
        everything = _classes(folder)
        files = {
            "train": {name: paths[0::2] for name, paths in everything.items()},
            "test": {name: paths[1::2] for name, paths in everything.items()},
        }
    _check(files, folder)
    return {
        split: {name: _spread(paths, per_class) for name, paths in classes.items()}
        for split, classes in files.items()
    }


def read_files(
    todo: Sequence[tuple[Path, int]], *, resize: int, size: int, progress: bool = True
) -> Photos:
    """Image files with their classes: shorter edge to `resize` pixels, then the central square.

    There may be none of a class. size: of the square, in pixels.

    Warns:
        SkippedImageWarning: a file cannot be read; it is named and left out.
    """
    from torchvision.transforms import v2  # it loads PyTorch's compiler, in seconds

    prepare = v2.Compose(
        [
            v2.ToImage(),
            v2.Resize(resize, antialias=True),
            v2.CenterCrop(size),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )
    images: list[Tensor] = []
    labels: list[int] = []
    for path, label in progress_bar(todo, "reading photographs", show=progress):
        try:
            with Image.open(path) as file:
                images.append(prepare(file.convert("RGB")).as_subclass(Tensor))
        except _UNREADABLE as error:
            warnings.warn(
                f"Skipped {path}: it cannot be read as an image ({error}).",
                SkippedImageWarning,
                stacklevel=3,
            )
            continue
        labels.append(label)
    read = torch.stack(images).clamp(0, 1) if images else torch.empty(0, 3, size, size)
    return Photos(read, torch.tensor(labels, dtype=torch.int64))


def _classes(folder: Path) -> Files:
    """Files by class; links to folders are followed, hidden files are not seen."""
    found: Files = {}
    for class_folder in sorted(path for path in folder.iterdir() if path.is_dir()):
        if class_folder.name.startswith("."):
            continue
        images = [path for path in sorted(class_folder.rglob("*")) if _is_image(path)]
        if images:
            found[class_folder.name] = images
        else:
            warnings.warn(
                f"Skipped the folder {class_folder}: it holds no images.",
                SkippedImageWarning,
                stacklevel=2,
            )
    if not found and any(_is_image(path) for path in folder.iterdir()):
        raise NoImagesError(
            f"{folder} holds images, but no folder per class: sort them into folders first."
        )
    return found


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in _ENDINGS and not path.name.startswith(".") and path.is_file()


def _check(files: dict[str, Files], folder: Path) -> None:
    if not any(files.values()):
        endings = ", ".join(_ENDINGS[:3])
        raise NoImagesError(
            f"{folder} holds no images: put them into one folder per class, as {endings}, ..."
        )
    names = sorted({name for classes in files.values() for name in classes})
    if len(names) < 2:
        raise ValueError(
            f"{folder} holds images of one class only ({names[0]}): at least two are needed, "
            "each in a folder of its own."
        )
    for name in names:
        if not all(classes.get(name) for classes in files.values()):
            raise ValueError(
                f"{folder}: class {name!r} needs at least two images, one to build with and one "
                "to measure with."
            )


def _spread(paths: list[Path], count: int) -> list[Path]:
    count = min(count, len(paths))
    return [paths[i * len(paths) // count] for i in range(count)]
