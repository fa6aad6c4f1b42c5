"""What this Python has installed, against what the course asks for; memory, and a folder's use.

Nothing here needs PyTorch, so that it can still tell where PyTorch is missing.
"""

from __future__ import annotations

import importlib.util
import platform
import tempfile
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from packaging.requirements import Requirement

COURSE = "dont-trust-your-eyes"
"""The name under which the course is installed."""

NEEDED = ("torch", "torchvision", "captum", "ipywidgets", "jupyterlab", "matplotlib", "nbval")
"""The packages that whoever looks at a machine is told of, even where all is well."""

LESSON_MEGABYTES = 1200
"""The peak of memory that the lessons' tests allow."""

ANSWERS = "my_answers"
"""The folder where answers that passed are kept, beside the notebook, in plain sight."""

_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
_GROUP = Path("/sys/fs/cgroup")
_LIMITS = (  # of the container that this process is in: version 2 of Linux's control groups, then 1
    (_GROUP / "memory.max", _GROUP / "memory.current"),
    (_GROUP / "memory/memory.limit_in_bytes", _GROUP / "memory/memory.usage_in_bytes"),
)


def home() -> Path:
    """The user's own folder; where there is none, as in some containers, one for what passes."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(tempfile.gettempdir())


class Version(NamedTuple):
    """A package, or Python itself.

    found: its version without a build's name; None if it is missing.
    accepted: the range that the course asks for, such as ">=2.3"; "" for any.
    """

    name: str
    found: str | None
    accepted: str

    @property
    def fits(self) -> bool:
        """Whether it is there, in the range."""
        from packaging.specifiers import SpecifierSet

        if self.found is None:
            return False
        return SpecifierSet(self.accepted).contains(self.found, prereleases=True)


class Memory(NamedTuple):
    """In bytes. available: what programs can still have, with what caches would give back."""

    available: float
    total: float


def python_version() -> Version:
    """This Python, and the range that the course is made for."""
    return Version("Python", platform.python_version(), _in_order(_asked()[0]))


def package_versions() -> list[Version]:
    """Every package that the course asks for, in its order."""
    wanted = requirements(_asked()[1])
    return [Version(r.name, found_version(r.name), _in_order(str(r.specifier))) for r in wanted]


def requirements(lines: Iterable[str]) -> list[Requirement]:
    """Of what a package asks for, that which holds for this Python on this system."""
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in lines]
    return [one for one in wanted if one.marker is None or one.marker.evaluate()]


def memory() -> Memory | None:
    """The machine's memory, or its container's; None where nothing tells."""
    try:
        import psutil
    except ImportError:
        return None
    machine = psutil.virtual_memory()
    available, total = float(machine.available), float(machine.total)
    for files in _LIMITS:
        try:
            limit, used = (float(file.read_text(encoding="utf-8")) for file in files)
        except (OSError, ValueError):  # no such file, or "max"
            continue
        used -= _cached(files[1].with_name("memory.stat"))
        if limit < total:
            return Memory(min(available, max(0.0, limit - used)), limit)
    return Memory(available, total)


def on_colab() -> bool:
    """Whether this is Google Colab, which has packages and a front end of its own."""
    try:
        return importlib.util.find_spec("google.colab") is not None
    except ModuleNotFoundError:
        return False


def write_error(folder: Path) -> str:
    """Why nothing can be written into a folder, in the system's words; "" if it can be.

    A file is really made, and is gone at once: what permissions promise is not always so on
    Windows and on network drives.
    """
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _asked() -> tuple[str, list[str]]:
    """The range of Pythons and the packages that the course asks for: as installed, or else as its
    clone says, or else those that are needed, in any version.
    """
    try:
        facts = metadata(COURSE)
    except PackageNotFoundError:
        if not _PROJECT.is_file():
            return "", list(NEEDED)
        project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
        return project["requires-python"], project["dependencies"]
    return facts["Requires-Python"], facts.get_all("Requires-Dist") or []


def found_version(name: str) -> str | None:
    """The version of a package that is installed, without a build's name; None if it is not."""
    try:
        return version(name).split("+")[0]
    except PackageNotFoundError:
        return None


def _in_order(specifier: str) -> str:
    """ ">=3.11, <3.14" for "<3.14,>=3.11": the lowest first."""
    return ", ".join(sorted(specifier.split(","), reverse=True))


def _cached(stat: Path) -> float:
    """Of what a container uses, the file cache that the system takes back when it is needed."""
    try:
        facts = dict(line.split() for line in stat.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return 0.0
    return float(facts.get("total_inactive_file", facts.get("inactive_file", 0)))
