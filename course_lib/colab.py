"""What a lesson's first cell runs on Colab: add the packages that are missing there, and no more.

Nothing that is installed is changed, whatever its version: pip gets all of it as constraints. Only
the standard library and `packaging` are used, so this works before anything is added.
"""

import importlib.metadata
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from course_lib import system

NEEDLESS = frozenset({"jupyterlab"})
"""What the course requires and Colab does without, since it is the front end itself."""


def compare_packages(
    required: Iterable[str], installed: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Requirements that nothing installed answers to, as pip takes them, and what is installed in
    another version than required, as "NAME VERSION (wanted RANGE)".

    Args:
        installed: versions by canonical name.
    """
    missing, unfit = [], []
    for one in system.requirements(required):
        name = canonicalize_name(one.name)
        package = system.Version(one.name, installed.get(name), str(one.specifier))
        if name in NEEDLESS or package.fits:
            continue
        if package.found is None:
            missing.append(f"{package.name}{package.accepted}")
        else:
            unfit.append(f"{package.name} {package.found} (wanted {package.accepted})")
    return missing, unfit


def installed_versions() -> dict[str, str]:
    """The version of every installed package by canonical name; the first on the path counts."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        name, version = distribution.metadata["Name"], distribution.version
        if name and version:  # half-removed packages have neither
            found.setdefault(canonicalize_name(name), version)
    return found


def constraints(installed: Mapping[str, str]) -> str:
    """Lines for pip that pin every package to the version that is installed."""
    lines = []
    for name, version in sorted(installed.items()):
        try:
            lines.append(f"{name}=={Version(version)}\n")
        except InvalidVersion:  # by an old rule: pip cannot be told, nor would it choose another
            continue
    return "".join(lines)


def add(missing: Iterable[str], installed: Mapping[str, str]) -> str:
    """Install what is missing; returns pip's complaint, empty where all went well."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "installed.txt"
        pins.write_text(constraints(installed), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input"]
        command += ["--disable-pip-version-check", "--constraint", str(pins), *missing]
        run = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    if run.returncode == 0:
        return ""
    errors = [line for line in run.stdout.splitlines() if line.startswith("ERROR:")]
    return errors[-1].removeprefix("ERROR: ") if errors else f"pip ended with {run.returncode}"


def main() -> int:
    """Add what is missing and say in one line how that went.

    Returns 0 even where something could not be added: the lessons go on without it.
    """
    installed = installed_versions()
    required = importlib.metadata.requires(system.COURSE) or []
    missing, unfit = compare_packages(required, installed)
    names = ", ".join(Requirement(line).name for line in missing)
    complaint = add(missing, installed) if missing else ""
    if complaint:
        print(
            f"The course is here, but {names} could not be added, and some cells will stop for "
            f"want of them; run this cell again later (pip says: {complaint})."
        )
    elif unfit:
        print(
            f"The course is ready, but was not tested with {', '.join(unfit)}, which is left as it "
            "is."
        )
    else:
        print(f"The course is ready{f' (added {names})' if names else ''}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
