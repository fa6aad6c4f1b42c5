"""Fill a folder for a USB stick or a file share: wheels, notebooks, an installer."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from course_lib.cli.lessons import CourseError
from course_lib.cli.workshop import install

MANIFEST = "manifest.json"


MACOS = (13, 0)  # the oldest that is packed for; newer ones install the same wheels


def _linux(machine: str, oldest: int, *legacy: str) -> list[str]:
    modern = [f"manylinux_2_{minor}_{machine}" for minor in range(28, oldest - 1, -1)]
    return [*modern, *(f"{name}_{machine}" for name in legacy), f"linux_{machine}"]


# what uv calls a platform, and the tags of its wheels that pip is to accept
PLATFORMS = {
    "linux-x86_64": (
        "x86_64-manylinux_2_28",
        _linux("x86_64", 5, "manylinux2014", "manylinux2010", "manylinux1"),
    ),
    "linux-arm64": ("aarch64-manylinux_2_28", _linux("aarch64", 17, "manylinux2014")),
    "macos-arm64": ("aarch64-apple-darwin", list(mac_platforms(MACOS, "arm64"))),
    "windows-x86_64": ("x86_64-pc-windows-msvc", ["win_amd64"]),
}
SHORT = {"linux": "linux-x86_64", "macos": "macos-arm64", "windows": "windows-x86_64"}
PYTHONS = ("3.11", "3.12", "3.13")
AT_ONCE = 12  # packages that one call of pip downloads; what an interruption costs


class Sources(NamedTuple):
    """Where packages come from, handed on to uv and pip, whose own settings else count."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False

    def arguments(self) -> list[str]:
        """For the command lines of uv and of pip, which call these the same."""
        given = ["--index-url", self.index_url] if self.index_url else []
        given += [word for url in self.extra_index_urls for word in ("--extra-index-url", url)]
        given += [word for place in self.find_links for word in ("--find-links", place)]
        return given + ["--no-index"] * self.no_index


class Pin(NamedTuple):
    """One version of a package, and the SHA-256 of each of its files that may be taken."""

    name: str
    version: str
    hashes: frozenset[str]


def own_target() -> str:
    """This Python on this system, such as "linux-x86_64-py3.12"."""
    return install.this_target()


def targets_of(platforms: Sequence[str], pythons: Sequence[str]) -> list[str]:
    """Every platform with every Python; this machine's where none is named.

    Raises:
        CourseError: one of them is none that the course can be packed for.
    """
    own_platform, _, own_python = own_target().rpartition("-py")
    targets = []
    for given in platforms or [own_platform]:
        name = SHORT.get(given, given)
        if name in ("macos-intel", "macos-x86_64"):
            raise CourseError(
                "The course needs PyTorch 2.3 or newer, and there are no such wheels for Macs with "
                "Intel processors: use conda there, or Colab."
            )
        if name not in PLATFORMS:
            raise CourseError(
                f"{given!r} is no platform to pack for: {', '.join([*SHORT, 'linux-arm64'])} are."
            )
        for python in pythons or [own_python]:
            if python not in PYTHONS:
                raise CourseError(
                    f"{python!r} is no Python for the course: {', '.join(PYTHONS)} are."
                )
            targets.append(f"{name}-py{python}")
    return targets


def make_stick(
    folder: Path,
    project: Path,
    targets: Sequence[str],
    sources: Sources,
    *,
    weights: Path | None = None,
    photos: Path | None = None,
) -> list[str]:
    """Make the folder, or go on with one that was interrupted; returns the targets it then serves.

    A file is written under another name, checked, and renamed, so that one with its own name is
    whole. The manifest calls the folder complete only when all of it is.

    Args:
        project: a clone of the course. targets: such as "windows-x86_64-py3.12"; those that the
            folder has already stay, and are brought up to date.
        weights, photos: of the real network, to be put in as well.

    Raises:
        CourseError: the folder is another's or cannot be written to, or packages cannot be had.
    """
    try:
        before = _claim(folder)
        # said first, so that a folder that is being changed is never taken for complete
        wanted = sorted({*before, *targets})
        begun: dict[str, list[str]] = {target: [] for target in wanted}
        _write_manifest(folder, {"complete": False, "targets": begun, "files": {}})
        part = folder / "wheels.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, exist_ok=True)
        print("building the course's wheel")
        own = _build(project, part, sources)
        wheels = _gather(folder / "wheels", wanted, project, own, sources)
        shutil.rmtree(part)
        _copy_notebooks(project / "notebooks", folder / "notebooks")
        if weights is not None and photos is not None:
            _copy(weights, folder / "real" / "torch_home" / "hub" / "checkpoints" / weights.name)
            _zip(photos, folder / "real" / "photos.zip")
        _copy(Path(install.__file__), folder / "install.py")
        _write(folder / "READ_ME.txt", read_me(wanted).encode())
        _write_manifest(folder, {"complete": True, "targets": wheels, "files": _facts(folder)})
    except OSError as error:
        raise CourseError(
            f"{error.filename or folder} cannot be written or read ({error.strerror}): name a "
            "folder with room that you may write to, then run the same command again."
        ) from error
    return wanted


def _claim(folder: Path) -> list[str]:
    """The targets of a folder made before; none for a new one."""
    path = folder / MANIFEST
    if not path.exists():
        if folder.exists() and any(folder.iterdir()):
            raise CourseError(
                f"{folder} holds other files: name a folder that is new or empty, such as "
                f"{folder / 'course'}."
            )
        folder.mkdir(parents=True, exist_ok=True)
        return []
    try:
        targets = list(json.loads(path.read_text(encoding="utf-8"))["targets"])
    except (ValueError, KeyError, TypeError):
        return []  # damaged; the folder is the course's all the same
    known = {f"{platform}-py{python}" for platform in PLATFORMS for python in PYTHONS}
    return [target for target in targets if target in known]


# packages


def _uv() -> list[str]:
    if found := shutil.which("uv"):
        return [found]
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    raise CourseError("'course workshop' needs uv to choose packages: run 'pip install uv' first.")


def _run(
    command: list[str],
    what: str,
    settings: Mapping[str, str] | None = None,
    *,
    given: str = "",
    watch: Path | None = None,
) -> str:
    """What a command prints; while it runs, how much it has put into the folder `watch`.

    settings: variables of its environment. given: what it reads.
    """
    environment = {**os.environ, **(settings or {})}
    if watch is not None:
        environment |= {"TMPDIR": str(watch), "TEMP": str(watch), "TMP": str(watch)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment,
    ) as run:  # fmt: skip
        words: str | None = given
        while True:
            try:
                out, errors = run.communicate(words, timeout=1)
                break
            except subprocess.TimeoutExpired:
                words = None  # they have been taken, and may be given once
                if watch is not None:
                    print(f"  {what}: {_bytes_in(watch) / 1e6:.0f} MB", end="\r", flush=True)
    if run.returncode:
        lines = [line.strip(" ×╰─▶│") for line in errors.splitlines()]
        lines = [line for line in lines if line and not line.startswith("WARNING: ")]
        raise CourseError(
            f"{what} failed; what is complete is kept, so run the same command again once this is "
            f"mended: {' '.join(lines[-6:]) or 'no reason was given'}"
        )
    return out


def _bytes_in(folder: Path) -> int:
    """Of all files, while others may take them away."""
    total = 0
    for place, _, names in os.walk(folder):  # which passes over a folder that is gone
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def _build(project: Path, part: Path, sources: Sources) -> Path:
    command = [*_uv(), "build", "--wheel", "--out-dir", str(part / "own"), str(project)]
    _run(command + sources.arguments(), "building the course's wheel")
    return next((part / "own").glob("*.whl"))


def _pins(project: Path, target: str, sources: Sources) -> list[Pin]:
    """Every package that the course needs on a target. uv chooses, because pip looks at the
    conditions of this machine even when it is asked for another.
    """
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    system, _, python = target.rpartition("-py")
    command = [*_uv(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "-"]
    command += ["--generate-hashes", "--only-binary", ":all:", "--python-version", python]
    command += ["--python-platform", PLATFORMS[system][0]]
    # of all indexes the newest, as pip does
    command += ["--index-strategy", "unsafe-best-match"]
    needed = "\n".join([*described["dependencies"], "pip"])
    # by which uv chooses for macOS; its own default moves with time
    oldest = {"MACOSX_DEPLOYMENT_TARGET": ".".join(map(str, MACOS))}
    what = f"choosing packages for {target}"
    text = _run(command + sources.arguments(), what, oldest, given=needed)
    # such as torch 2.13.0+cpu with torchvision 0.28.0, which is one for GPUs and does not load;
    # on other systems the plain ones are for processors too
    builds = dict(re.findall(r"^(torch|torchvision)==[^+\s]+(\+\w+)?", text, re.MULTILINE))
    if system == "linux-x86_64" and len(set(builds.values())) > 1:
        found = " and ".join(re.findall(r"^torch(?:vision)?==[^\s\\]+", text, re.MULTILINE))
        raise CourseError(
            f"For {target} there are {found}, of different builds, which do not work together: "
            "name an index that has both with --extra-index-url, or leave out the one named."
        )
    entries = re.findall(r"^([\w.-]+)==([^\s\\]+)((?:\s*\\\s+--hash=\S+)*)", text, re.MULTILINE)
    return [
        Pin(name, version, frozenset(re.findall(r"sha256:([0-9a-f]{64})", hashes)))
        for name, version, hashes in entries
    ]


def _gather(
    pool: Path, targets: Sequence[str], project: Path, own: Path, sources: Sources
) -> dict[str, list[str]]:
    """Bring the wheels up to date: damaged and old ones go, missing ones come.

    Returns the names of each target's wheels. One that several targets need is there once.
    """
    pins = {}
    for target in targets:
        print(f"choosing packages for {target}", flush=True)
        pins[target] = _pins(project, target, sources)
    wanted = {sha for some in pins.values() for pin in some for sha in pin.hashes}
    pool.mkdir(parents=True, exist_ok=True)
    there: dict[str, str] = {}
    for path in sorted(pool.iterdir()):
        sha = install.digest(path)
        if sha in wanted:
            there[path.name] = sha
        else:
            path.unlink()
    chosen = {}
    for target, some in pins.items():
        tags = _tags(target)
        missing = [pin for pin in some if _wheel_for(pin, tags, there) is None]
        print(f"{target}: {len(some)} packages, {len(missing)} to download")
        # every so-manieth, because the large ones stand together in the alphabet
        calls = -(-len(missing) // AT_ONCE)
        for number in range(calls):
            what = f"part {number + 1} of {calls}"
            for wheel in _download(
                missing[number::calls], target, own.parent.parent, what, sources
            ):
                there[wheel.name] = install.digest(wheel)
                os.replace(wheel, pool / wheel.name)
        found = {pin.name: _wheel_for(pin, tags, there) for pin in some}
        for name, wheel_name in found.items():
            if wheel_name is None:
                raise CourseError(f"{name} came in another edition than announced: run again.")
        chosen[target] = sorted([own.name, *(name for name in found.values() if name)])
    _copy(own, pool / own.name)
    for path in pool.iterdir():
        if not any(path.name in names for names in chosen.values()):
            path.unlink()
    return chosen


def _tags(target: str) -> frozenset[Tag]:
    """Of all wheels those that a target can install."""
    system, _, python = target.rpartition("-py")
    version, cpython = [int(part) for part in python.split(".")], f"cp{python.replace('.', '')}"
    platforms = PLATFORMS[system][1]
    native = cpython_tags(version, [cpython], platforms)
    return frozenset([*native, *compatible_tags(version, cpython, platforms)])


def _wheel_for(pin: Pin, tags: frozenset[Tag], there: Mapping[str, str]) -> str | None:
    """The name of a wheel that is there, is the pin's by its SHA-256, and has one of the tags; of
    two that do, the one made for fewer machines.
    """
    names = [name for name, sha in there.items() if sha in pin.hashes and _has(name, tags)]
    return min(names, key=lambda name: (name.endswith("-any.whl"), name), default=None)


def _has(wheel: str, tags: frozenset[Tag]) -> bool:
    try:
        return not tags.isdisjoint(parse_wheel_filename(wheel)[3])
    except InvalidWheelFilename:
        return False


def _download(
    pins: Sequence[Pin], target: str, part: Path, what: str, sources: Sources
) -> list[Path]:
    """Wheels whose content is as announced, which pip makes sure of, in a folder for them alone."""
    goal, asked = part / "downloaded", part / "asked.txt"
    shutil.rmtree(goal, ignore_errors=True)
    lines = [
        " ".join(
            [f"{pin.name}=={pin.version}", *(f"--hash=sha256:{h}" for h in sorted(pin.hashes))]
        )
        for pin in pins
    ]
    asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
    system, _, python = target.rpartition("-py")
    command = [*_uv(), "tool", "run", *sources.arguments(), "pip", "download", "--quiet"]
    command += ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--dest", str(goal)]
    command += ["--implementation", "cp", "--python-version", python]
    command += [word for tag in PLATFORMS[system][1] for word in ("--platform", tag)]
    command += [*sources.arguments(), "--require-hashes", "--requirement", str(asked)]
    started = time.perf_counter()
    # an empty list in place of those of pip's own settings, since all versions are chosen
    _run(command, f"downloading {what}", {"PIP_CONSTRAINT": os.devnull}, watch=part)
    wheels = sorted(goal.glob("*.whl"))
    size, seconds = sum(path.stat().st_size for path in wheels), time.perf_counter() - started
    print(f"  {what}: {len(wheels)} wheels, {size / 1e6:.0f} MB in {seconds:.0f} s ", flush=True)
    return wheels


# everything else


def real_material() -> tuple[Path, Path]:
    """The real network's weights and the folder of photographs that the lessons would use here.

    Raises:
        CourseError: one of the two is not there.
    """
    from course_lib.labs.imagenet import weights_file
    from course_lib.reproduce.networks import NETWORK
    from course_lib.reproduce.real import PHOTOS, real_photos_folder

    weights, photos = weights_file(NETWORK), real_photos_folder()
    if not weights.is_file() or photos is None or not photos.is_dir():
        raise CourseError(
            f"--real needs {weights} and a folder of photographs, which {PHOTOS} names: "
            f"course_lib.open_lab('imagenet', network={NETWORK!r}) downloads both."
        )
    return weights, photos


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    _write(folder / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())


def _copy(source: Path, goal: Path) -> None:
    _write(goal, source.read_bytes())


def _copy_notebooks(source: Path, goal: Path) -> None:
    """The lessons without answers, and their sources, by which `course open` knows them."""
    for path in sorted([*source.glob("learn/*.ipynb"), *source.glob("source/*.py")]):
        _copy(path, goal / path.relative_to(source))


def _zip(photos: Path, goal: Path) -> None:
    """One file instead of thousands, which sticks are slow at."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    part = goal.with_name(goal.name + ".part")
    with zipfile.ZipFile(part, "w") as archive:
        for path in sorted(photos.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(photos).as_posix())
    os.replace(part, goal)


def _facts(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file; of what is packed also its size when unpacked."""
    files = [folder / "install.py", folder / "READ_ME.txt"]
    for name in ("wheels", "notebooks", "real"):
        files += [path for path in (folder / name).rglob("*") if path.is_file()]
    facts = {}
    for path in sorted(files):
        name = path.relative_to(folder).as_posix()
        facts[name] = {"bytes": path.stat().st_size, "sha256": install.digest(path)}
        if path.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(path) as archive:
                facts[name]["unpacked"] = sum(info.file_size for info in archive.infolist())
    return facts


def read_me(targets: Sequence[str]) -> str:
    """What to type, system by system."""
    blocks = []
    for name in ("Windows", "macOS", "Linux"):
        mine = [target for target in targets if target.startswith(name.lower())]
        found = sorted({target.rpartition("-py")[2] for target in mine})
        lines = _ON_WINDOWS if name == "Windows" else _ELSEWHERE
        head = f"{name}, with Python {' or '.join(found)}:"
        if found:
            blocks.append(lines.format(head=head, python=found[-1]))
        else:
            blocks.append(f"{name}: not in this folder.\n")
    return _READ_ME.format(systems="\n".join(blocks))


# with ~ and the like, so that one text is right for everybody; quoted where blanks would part it
_ON_WINDOWS = """{head}
  in PowerShell
    py -{python} install.py
    & "$env:USERPROFILE\\dont-trust-your-eyes\\start.bat"
  in the Command Prompt
    py -{python} install.py
    "%USERPROFILE%\\dont-trust-your-eyes\\start.bat"
"""

_ELSEWHERE = """{head}
  python{python} install.py
  sh ~/dont-trust-your-eyes/start.sh
"""

_READ_ME = """Don't Trust Your Eyes: install the course without internet

Open a terminal in this folder and type the two lines for your system. The second one opens the
course, today and on any other day.

{systems}
Is the machine ready? The second line with "course" in place of "start", and "doctor" behind it.
Another place: install.py --to "FOLDER". It ends with the line that opens the course there.
Interrupted: run it again, it goes on where it was. Is this folder whole? install.py --check
"""
