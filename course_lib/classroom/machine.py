"""Looks at a machine: whether lessons will run on it, and what to do where they will not.

Lesson 00 shows them, and `course doctor` with some more. Every look gives rows of one table.
Nothing is imported before it is needed, and PyTorch last: a damaged installation is what they are
there to notice.
"""

import hashlib
import html
import json
import platform
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from course_lib import system

AGAIN = "install the course again (with uv: 'uv sync'; with pip: 'pip install -e .')"
DISK_BYTES = 100e6
FOR_COMMANDS = frozenset(
    {"jupyterlab", "jupytext", "nbclient", "nbconvert", "nbformat", "nbval", "rich"}
)
"""The packages without which a lesson runs all the same, where something else is the front end."""

_LESSON = f"{system.LESSON_MEGABYTES / 1000:.1f} GB"


class Row(NamedTuple):
    """One thing that was looked at.

    found: what is there. todo: what to do about it, in a sentence; "" where all is fine.
    """

    what: str
    state: Literal["fine", "remark", "problem"]
    found: str
    todo: str = ""


class Report(NamedTuple):
    """All that was found; the last expression of a cell shows it."""

    rows: tuple[Row, ...]

    @property
    def verdict(self) -> str:
        """A few words, for the last line."""
        if not self.ready:
            return "Not ready"
        fine = all(row.state == "fine" for row in self.rows)
        return "Ready" if fine else "Ready, with remarks"

    @property
    def ready(self) -> bool:
        """Whether the lessons will run."""
        return all(row.state != "problem" for row in self.rows)

    def as_json(self) -> str:
        """JSON for whoever collects these of a class; the home folder's name is left out."""
        facts = {
            "verdict": self.verdict,
            "system": platform.system(),
            "processor": platform.machine(),
            "rows": [row._asdict() for row in self.rows],
        }
        return json.dumps(facts, indent=1).replace(json.dumps(str(system.home()))[1:-1], "~")

    def __repr__(self) -> str:
        marks = {"fine": "✓", "remark": "✓", "problem": "✗"}  # a remark is no reason to stop
        return "\n".join(
            f"{marks[row.state]} {row.what}: {row.found}" + (f". {row.todo}" if row.todo else "")
            for row in self.rows
        )

    def _repr_html_(self) -> str:
        return "<br>".join(html.escape(line) for line in repr(self).splitlines())


def check_machine() -> Report:
    """What lesson 00 shows: versions, memory, the folder, the tiny lab and the real network."""
    from course_lib.progress import is_static

    return Report(tuple(looks(Path.cwd(), without=FOR_COMMANDS, kept=is_static())))


def looks(folder: Path, *, without: Collection[str] = (), kept: bool = False) -> Iterator[Row]:
    """The rows of every look that does not depend on where the lessons are and what shows them.

    Args:
        folder: where answers are kept. without: packages to pass over. kept: the rows go into a
            stored notebook, so what is free at the moment is not told.
    """
    yield from look_at_python()
    yield from look_at_packages(without)
    yield from look_at_memory(kept=kept)
    yield from look_at_disk(folder, kept=kept)
    yield from look_at_torch()


def look_at_python() -> Iterator[Row]:
    """Its version."""
    python = system.python_version()
    yield _of(python, f"Make an environment with another Python, {python.accepted}, and {AGAIN}.")


def look_at_packages(without: Collection[str] = ()) -> Iterator[Row]:
    """Those that are named even where all is well, and every other that is not as it should be."""
    for package in system.package_versions():
        if package.name in without or (package.fits and package.name not in system.NEEDED):
            continue
        if package.name == "jupyterlab" and not package.fits and system.on_colab():
            yield Row(package.name, "fine", "not needed on Colab, which has a front end of its own")
        else:
            yield _of(package, f"Bring every package to a version that fits: {AGAIN}.")


def _of(package: system.Version, todo: str) -> Row:
    told = f"{package.found or 'missing'} (accepted: {package.accepted or 'any'})"
    if package.fits:
        return Row(package.name, "fine", told)
    return Row(package.name, "problem", told, todo)


def look_at_memory(*, kept: bool = False) -> Iterator[Row]:
    """What is free, and what there is at all."""
    there = system.memory()
    if there is None:
        yield Row("memory", "remark", "unknown here", f"See that {_LESSON} are free for a lesson.")
        return
    free = f"{there.available / 1e9:.1f} of {there.total / 1e9:.1f} GB free"
    needed = f"a lesson needs up to {_LESSON}"
    if there.total < system.LESSON_MEGABYTES * 1e6:
        todo = "Use another machine, or Colab: this one has too little memory for the lessons."
        yield Row("memory", "problem", f"{free}; {needed}", todo)
    elif there.available < system.LESSON_MEGABYTES * 1e6:
        todo = "Close other programs, and other notebooks' kernels, before the lesson."
        yield Row("memory", "remark", f"{free} at the moment; {needed}", todo)
    else:
        yield Row("memory", "fine", f"{'enough' if kept else free}; {needed}")


def look_at_disk(folder: Path, *, kept: bool = False) -> Iterator[Row]:
    """Whether answers can be kept beside the notebooks."""
    error = system.write_error(folder)
    if error:
        todo = "Copy the course into a folder of yours: here no answer outlives its kernel."
        yield Row("disk", "problem", f"{folder.name} cannot be written ({error})", todo)
        return
    free = shutil.disk_usage(folder).free
    where = f"free for answers, which are kept in {system.ANSWERS}, beside the notebook"
    told = f"{'enough' if kept else f'{free / 1e9:.1f} GB'} {where}"
    if free < DISK_BYTES:
        yield Row("disk", "problem", told, "Delete something: answers and notebooks need 0.1 GB.")
    else:
        yield Row("disk", "fine", told)


def look_at_torch() -> Iterator[Row]:
    """Whether PyTorch loads, and with it the lab's networks; the real network and a GPU, if any."""
    try:
        import torch

        gpu = "a GPU is there" if torch.cuda.is_available() else "no GPU"
        rows = Row("GPU", "fine", f"{gpu}; the lessons need none"), _tiny_lab(), _real_network()
    except (ImportError, OSError, RuntimeError) as error:
        # RuntimeError: torchvision was built for another torch, and misses its operators
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        todo = f"See that torch and torchvision belong together: {AGAIN}."
        yield Row("PyTorch", "problem", f"does not load: {first}", todo)
        return
    yield from rows


def _tiny_lab() -> Row:
    """Whether the weights that the course ships can be read, every one of them."""
    from course_lib.labs.tiny import weights
    from course_lib.labs.tiny.detector import load_detector

    folder = weights.FOLDER
    try:
        for recipe, seeds in weights.available(folder).items():
            for seed in seeds:
                weights.load(recipe, seed, folder)
        load_detector(folder / "detector")
    except (OSError, ValueError) as error:
        head, _, todo = str(error).partition(": ")
        todo = todo or f"{AGAIN}."
        return Row("offline", "problem", head, todo[:1].upper() + todo[1:])
    return Row("offline", "fine", "the tiny lab opens: every lesson will run, without any download")


def _real_network() -> Row:
    """Whether a real network's weights and photographs are here, and whole.

    The name of a weights file ends with the first digits of its SHA-256, so that half a download is
    noticed.
    """
    from course_lib.labs.imagenet import weights_file
    from course_lib.reproduce.networks import NETWORK
    from course_lib.reproduce.real import real_photos_folder

    without = "Lessons run without it."
    file, photos = weights_file(NETWORK), real_photos_folder()
    if file.is_file():
        with file.open("rb") as data:
            found = hashlib.file_digest(data, "sha256").hexdigest()
        if not found.startswith(file.stem.rsplit("-", 1)[-1]):
            told = f"The weights file {file.name} is damaged, or half a download"
            return Row("real network", "remark", told, f"Delete it. {without}")
    if photos is not None and not photos.is_dir():
        told = f"COURSE_PHOTOS names {photos}, which is no folder"
        return Row("real network", "remark", told, f"Correct it, or unset it. {without}")
    told = (
        "its weights and photographs are here (optional): after `course reproduce` lessons end "
        "with what it found on this machine"
        if file.is_file() and photos is not None
        else "not here (optional): lessons end with what was measured on one before, or, with a "
        "connection, with what `course reproduce` finds"
    )
    return Row("real network", "fine", told)
