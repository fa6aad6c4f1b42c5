"""Folders of photographs: one folder a class, of any names, perhaps divided for training."""

import os
import re
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path

from course_lib.checks import whole_number
from course_lib.errors import NoImagesError, SkippedImageWarning
from course_lib.labs.photographs import printable

# what torchvision's own folders of images accept, and more that people have
_ENDINGS = (
    ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".jfif", ".jpe",
    ".gif", ".avif",
)  # fmt: skip
_SPLITS = {
    "train": ("train", "training", "trn"),
    "test": ("test", "testing", "tst", "val", "valid", "validation", "eval", "evaluation", "dev"),
}

# what systems and programs put beside people's files, where its name does not begin with . or @
_NOT_PEOPLES = {"__macosx", "$recycle.bin", "lost+found", "system volume information"}

Files = dict[str, list[Path]]
"""Image files by class name."""


def find_files(root: str | os.PathLike[str], per_class: int) -> dict[str, Files]:
    """The image files below a folder, by split and class.

    Two subfolders that are called like splits ("train" and "test", "Training" and "valid",
    "seg_train" and "seg_test"), with a folder per class in each, keep that division. Otherwise
    every second file of a class is for "train" and the rest for "test".

    Args:
        root: a folder with one folder per class.
        per_class: how many files of a class to take for a split, at most, evenly spread.

    Raises:
        NoImagesError: (a ValueError) the folder does not exist, or holds no images.
        ValueError: there are images of one class only, or a class has fewer than two, or what
            seem to be classes hold the same classes.

    Warns:
        SkippedImageWarning: a folder is not used.
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
    splits = _splits(folder)
    if len(splits) == 2:
        files = _alike({split: _classes(path) for split, path in splits.items()})
    else:
        everything = _classes(splits.popitem()[1] if splits else folder)
        files = {
            "train": {name: paths[0::2] for name, paths in everything.items()},
            "test": {name: paths[1::2] for name, paths in everything.items()},
        }
    _check(files, folder)
    return {
        split: {name: _spread(paths, per_class) for name, paths in classes.items()}
        for split, classes in files.items()
    }


def _splits(folder: Path) -> dict[str, Path]:
    """The folders of the splits: both, or the only one, or none where classes lie in the folder.

    A class may be called like a split: a split holds no images itself, but folders that do.
    """
    inside = {path: _class_names(path) for path in _folders(folder)}
    called = {path: split for path in inside if (split := _called(path.name))}
    found: dict[str, Path] = {}
    for path in sorted(called, key=_plainness):
        if inside[path] and not _has_images(path):
            found.setdefault(called[path], path)
    others = [p for p in inside if p not in called and (inside[p] or _has_images(p))]
    alone = len(found) == 1 and not others and len(inside[next(iter(found.values()))]) > 1
    if not alone and len(found) < 2:
        _refuse_divided_classes(folder, inside)
        _refuse_hidden_splits(folder, inside)
        if set(called.values()) == set(_SPLITS) and not others:
            these = ", ".join(printable(path.name) for path in called)
            raise NoImagesError(
                f"{printable(folder)} is divided into {these}, which hold no folder per class: "
                "sort the images of each into folders first."
            )
        return {}
    unused = [printable(path.name) for path in inside if path not in found.values()]
    only = printable(next(iter(found.values())).name)
    told = [f"its folder {only} alone is divided in two"] * alone
    if unused:
        told.append(f"not used: {', '.join(unused)}")
    if told:
        warnings.warn(f"{printable(folder)}: {'; '.join(told)}.", SkippedImageWarning, stacklevel=3)
    return found


def _called(name: str) -> str | None:
    """The split that a folder's name means: "seg_train", "TrainSet" and "train-images" too."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[a-z]+", spaced.lower())
    glued = [word.removesuffix("set").removesuffix("data").removesuffix("ing") for word in words]
    for split, names in _SPLITS.items():
        if any(word in names for word in (*words, *glued)):
            return split
    return None


def _plainness(path: Path) -> tuple[int, int, str]:
    """What to prefer where several folders are called like one split: "test" before "val"."""
    names = [name for names in _SPLITS.values() for name in names]
    plain = path.name.lower()
    return (names.index(plain) if plain in names else len(names), len(plain), plain)


def _refuse_divided_classes(folder: Path, inside: dict[Path, list[str]]) -> None:
    """Raise where a class is divided by itself: its photographs would be mixed again."""
    for path, names in inside.items():
        parts = [n for n in names if any(n.lower() in known for known in _SPLITS.values())]
        if {_called(name) for name in parts} != set(_SPLITS):
            continue
        if any(_class_names(path / part) for part in parts):
            raise ValueError(
                f"{printable(folder)} holds one folder with both: give {printable(path)}."
            )
        raise ValueError(
            f"{printable(folder)}: {printable(path.name)} is divided itself, into "
            f"{' and '.join(parts)}: make folders train and test, and in each of them a folder for "
            "every class."
        )


def _refuse_hidden_splits(folder: Path, inside: dict[Path, list[str]]) -> None:
    """Raise where "classes" are splits of another name: each holds the same folders of images."""
    held = [tuple(names) for path, names in inside.items() if names and not _has_images(path)]
    if len(held) > 1 and len(held) == len(inside) and len(set(held)) == 1 and len(held[0]) > 1:
        these, those = (
            ", ".join(printable(name) for name in names[:3])
            for names in ([path.name for path in inside], held[0])
        )
        raise ValueError(
            f"{printable(folder)}: each of {these} holds the same folders {those}: call those that "
            "divide the photographs train and test, or give a folder that holds the classes."
        )


def _alike(files: dict[str, Files]) -> dict[str, Files]:
    """Both splits with the training classes' names, and in their order, where these differ in
    capitals alone, or in how an accent is encoded."""

    def plain(name: str) -> str:
        return unicodedata.normalize("NFC", name).casefold()

    spelt = {plain(name): name for name in files["train"]}
    test = {spelt.get(plain(name), name): paths for name, paths in files["test"].items()}
    if len(test) < len(files["test"]):
        return files
    return files | {"test": {name: test[name] for name in (*files["train"], *test) if name in test}}


def _classes(folder: Path) -> Files:
    """Files by class; links are followed, hidden files and folders are not seen."""
    found: Files = {}
    empty: list[Path] = []
    for class_folder in _folders(folder):
        images = sorted(_images_below(class_folder))
        name = printable(class_folder.name)
        if name in found:
            raise ValueError(
                f"{printable(folder)} has two folders {name}, whose names are not UTF-8: call them "
                "something else."
            )
        if images:
            found[name] = images
        else:
            empty.append(class_folder)
    if empty:
        warnings.warn(
            f"Skipped {len(empty)} folder{'s' * (len(empty) > 1)} without images; the first is "
            f"{printable(empty[0])}.",
            SkippedImageWarning,
            stacklevel=3,
        )
    if not found and _has_images(folder):
        raise NoImagesError(
            f"{printable(folder)} holds images, but no folder per class: sort them into folders "
            "first."
        )
    return found


def _folders(folder: Path) -> list[Path]:
    above = {folder.resolve(), *folder.resolve().parents}  # a link may lead back up
    inside = (path for path in folder.iterdir() if path.is_dir() and not _is_hidden(path.name))
    return sorted(path for path in inside if path.resolve() not in above)


def _class_names(folder: Path) -> list[str]:
    """The folders in a folder that hold images."""
    return [path.name for path in _folders(folder) if next(_images_below(path), None)]


def _images_below(folder: Path) -> Iterator[Path]:
    """Image files in a folder and those below it; a folder that is linked twice is read once."""
    seen: set[str] = set()
    for where, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(where)
        if real in seen:  # a link may lead back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        yield from (path for name in files if is_image(path := Path(where, name)))


def _has_images(folder: Path) -> bool:
    return any(is_image(path) for path in folder.iterdir())


def _is_hidden(name: str) -> bool:
    """Whether a folder is a system's or a program's own, such as .picasaoriginals or @eaDir."""
    return name.startswith((".", "@")) or name.lower() in _NOT_PEOPLES


def is_image(path: Path) -> bool:
    return path.suffix.lower() in _ENDINGS and not path.name.startswith(".") and path.is_file()


def _check(files: dict[str, Files], folder: Path) -> None:
    where = printable(folder)
    if not any(files.values()):
        endings = ", ".join(_ENDINGS[:3])
        raise NoImagesError(
            f"{where} holds no images: put them into one folder per class, as {endings}, ..."
        )
    names = sorted({name for classes in files.values() for name in classes})
    if len(names) < 2:
        raise ValueError(
            f"{where} holds images of one class only ({names[0]}): at least two are needed, "
            "each in a folder of its own."
        )
    for name in names:
        without = [split for split, classes in files.items() if not classes.get(name)]
        if without and sum(len(classes.get(name, ())) for classes in files.values()) > 1:
            raise ValueError(
                f"{where}: class {name!r} has no images to {without[0]} with: give every class "
                "images in both."
            )
        if without:
            raise ValueError(
                f"{where}: class {name!r} needs at least two images, one to build with and one "
                "to measure with."
            )


def _spread(paths: list[Path], count: int) -> list[Path]:
    count = min(count, len(paths))
    return [paths[i * len(paths) // count] for i in range(count)]
