"""A look at the machine that a lesson runs on: what works here, and which lab to choose."""

from __future__ import annotations

import hashlib
import html
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from course_lib.classroom.answers import FOLDER
from course_lib.labs.imagenet import weights_file
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.detector import load_detector
from course_lib.progress import is_static
from course_lib.reproduce.networks import NETWORK
from course_lib.reproduce.real import real_photos_folder
from course_lib.system import (
    LESSON_MEGABYTES,
    NEEDED,
    memory,
    package_versions,
    python_version,
    write_error,
)

SHIPPED = weights.FOLDER
"""The folder of the tiny lab's weights."""


class Finding(NamedTuple):
    """One thing that was looked at: whether it is fine, and a sentence about it."""

    fine: bool
    sentence: str


class Machine(NamedTuple):
    """What was found; the last expression of a cell shows it."""

    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """Whether the lessons will run."""
        return all(finding.fine for finding in self.findings)

    def _lines(self) -> list[str]:
        return [f"{'✓' if f.fine else '✗'} {f.sentence}" for f in self.findings]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return "<br>".join(html.escape(line) for line in self._lines())


def check_machine() -> Machine:
    """Look at versions, memory, the accelerator, the tiny lab, the real network, and the folder."""
    looks: tuple[Callable[[], Finding], ...] = (
        _python, _packages, _memory, _accelerator, _tiny, _real, _folder,
    )  # fmt: skip
    return Machine(tuple(look() for look in looks))


def _python() -> Finding:
    here = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    return Finding(python_version().fits, f"{here} (3.11 to 3.13 are tested).")


def _packages() -> Finding:
    # nbval is for whoever tests lessons, and Colab does without JupyterLab
    told_of = [name for name in NEEDED if name not in ("jupyterlab", "nbval")]
    looked_at = [package for package in package_versions() if package.name in told_of]
    looked_at.sort(key=lambda package: told_of.index(package.name))
    missing = [package.name for package in looked_at if package.found is None]
    if missing:
        return Finding(False, f"Missing: {', '.join(missing)}. Install the course's environment.")
    found = ", ".join(f"{package.name} {package.found}" for package in looked_at)
    old = [f"{p.name} {p.found} ({p.accepted} is needed)" for p in looked_at if not p.fits]
    if old:
        return Finding(False, f"Packages: {', '.join(old)}. Install the course's environment.")
    return Finding(True, f"Packages: {found}.")


def _memory() -> Finding:
    there = memory()
    if there is None:
        return Finding(True, f"Memory: unknown here; a lesson needs up to {LESSON_MEGABYTES} MB.")
    free = there.available / 1e6
    told = "enough" if is_static() else f"{free:,.0f} MB are free"
    if free < LESSON_MEGABYTES:
        told = f"only {free:,.0f} MB are free at the moment: close other notebooks' kernels"
    # other programs come and go, so this is no verdict
    return Finding(True, f"Memory: {told}; a lesson needs up to {LESSON_MEGABYTES} MB.")


def _accelerator() -> Finding:
    if torch.cuda.is_available():
        return Finding(True, "A GPU is there; the lessons do not need it.")
    return Finding(True, "No GPU, and none is needed.")


def _tiny() -> Finding:
    error = tiny_lab_error()
    if error:
        return Finding(False, f"The tiny lab does not open: {error}")
    return Finding(True, "The tiny lab opens: every lesson will run, without any download.")


def tiny_lab_error() -> str:
    """What is wrong with the weights that the course ships, in a sentence; "" if nothing is."""
    try:
        for recipe, seeds in weights.available(SHIPPED).items():
            for seed in seeds:
                weights.load(recipe, seed, SHIPPED)
        load_detector(SHIPPED / "detector")
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def real_network_is_here() -> bool:
    """Whether a real network's weights and photographs are on this machine."""
    return weights_file(NETWORK).is_file() and real_photos_folder() is not None


def _real() -> Finding:
    if real_network_is_here():
        return Finding(
            True,
            "A real network and photographs are here: after `course reproduce` lessons end with "
            "what it found on this machine.",
        )
    return Finding(
        True,
        "No real network is here: lessons end with what was measured on one before, or, with a "
        "connection, with what `course reproduce` finds.",
    )


def real_lab_error() -> str:
    """What is wrong with the real network's files that are here, in a sentence; "" if nothing is.

    The name of a weights file ends with the first digits of its SHA-256, so that half a download is
    noticed.
    """
    file, photos = weights_file(NETWORK), real_photos_folder()
    if file.is_file():
        with file.open("rb") as data:
            found = hashlib.file_digest(data, "sha256").hexdigest()
        if not found.startswith(file.stem.rsplit("-", 1)[-1]):
            return f"The weights file {file.name} is damaged, or half a download: delete it."
    if photos is not None and not photos.is_dir():
        return f"COURSE_PHOTOS names {photos}, which is no folder: correct it, or unset it."
    return ""


def _folder() -> Finding:
    if not write_error(Path.cwd()):
        return Finding(True, f"Answers that pass are kept in {FOLDER}, beside the notebook.")
    return Finding(True, "This folder is read-only: answers will not outlive the kernel.")
