"""A look at the machine that a lesson runs on: what works here, and which lab to choose."""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import torch

from course_lib.labs.imagenet import weights_file
from course_lib.labs.tiny.lab import open_tiny
from course_lib.lessons.answers import FOLDER
from course_lib.lessons.real import NETWORK, real_photos_folder
from course_lib.progress import is_static

_NEEDED = ("torch", "torchvision", "captum", "ipywidgets", "matplotlib")
_MEGABYTES = 1200  # the peak that the lessons' tests allow


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
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding(
        fine, f"Python {sys.version_info[0]}.{sys.version_info[1]} (3.11 to 3.13 are tested)."
    )


def _packages() -> Finding:
    missing, found = [], []
    for name in _NEEDED:
        try:
            found.append(f"{name} {version(name).split('+')[0]}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding(False, f"Missing: {', '.join(missing)}. Install the course's environment.")
    return Finding(True, f"Packages: {', '.join(found)}.")


def _memory() -> Finding:
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (AttributeError, ValueError, OSError):
        return Finding(True, f"Memory: unknown here; a lesson needs up to {_MEGABYTES} MB.")
    told = "enough" if is_static() else f"{free:,.0f} MB are free"
    if free < _MEGABYTES:
        told = f"only {free:,.0f} MB are free at the moment: close other notebooks' kernels"
    # the system lends free memory to its caches and takes it back, so this is no verdict
    return Finding(True, f"Memory: {told}; a lesson needs up to {_MEGABYTES} MB.")


def _accelerator() -> Finding:
    if torch.cuda.is_available():
        return Finding(True, "A GPU is there; the lessons do not need it.")
    return Finding(True, "No GPU, and none is needed.")


def _tiny() -> Finding:
    try:
        for network in ("standard", "robust"):
            open_tiny(network)
    except (OSError, ValueError) as error:
        return Finding(False, f"The tiny lab does not open: {error}")
    return Finding(True, "The tiny lab opens: every lesson will run, without any download.")


def _real() -> Finding:
    if weights_file(NETWORK).is_file() and real_photos_folder() is not None:
        return Finding(
            True, "A real network and photographs are here: lessons end with them, live."
        )
    return Finding(
        True,
        "No real network is here: lessons end with pictures of one that were drawn before, or, "
        "with a connection, with real_lab(download=True).",
    )


def _folder() -> Finding:
    if os.access(Path.cwd(), os.W_OK):
        return Finding(True, f"Answers that pass are kept in {FOLDER}, beside the notebook.")
    return Finding(True, "This folder is read-only: answers will not outlive the kernel.")
