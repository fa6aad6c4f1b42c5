"""`course workshop`: a folder from which a machine without internet installs the course.

It holds wheels, notebooks and an installer, and fits on a USB stick or a file share.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from course_lib.cli.lessons import CourseError, notebooks_folder
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
    "macos-arm64": ("aarch64-apple-darwin", ["macosx_{}_{}_arm64".format(*MACOS)]),
    "windows-x86_64": ("x86_64-pc-windows-msvc", ["win_amd64"]),
}
SHORT = {"linux": "linux-x86_64", "macos": "macos-arm64", "windows": "windows-x86_64"}
PYTHONS = ("3.11", "3.12", "3.13")
AT_ONCE = 12  # packages that one call of pip downloads; what an interruption costs


def workshop(
    to: Path,
    platform: Sequence[str],
    python: Sequence[str],
    real: bool,
    index_url: str | None,
    extra_index_url: Sequence[str],
    find_links: Sequence[str],
    no_index: bool,
) -> None:
    """The folder `to`, made or brought up to date; a CourseError where it cannot be.

    Args:
        platform, python: as given, such as "windows" and "3.12". real: with the real network.
        index_url and the rest: where packages come from; uv and pip call these the same, and
            without them their own settings count.
    """
    targets = targets_of(platform, python)
    sources = ["--index-url", index_url] if index_url else []
    sources += [f"--extra-index-url={url}" for url in extra_index_url]
    sources += [f"--find-links={place}" for place in find_links]
    sources += ["--no-index"] if no_index else []
    material = real_material() if real else None
    made = make_stick(to, notebooks_folder().parent, targets, sources, material)
    print(f"{to} is complete, for {', '.join(made)}")


def targets_of(platforms: Sequence[str], pythons: Sequence[str]) -> list[str]:
    """Every platform with every Python; this machine's where none is named. A CourseError where
    the course cannot be packed for one of them."""
    own_platform, _, own_python = install.this_target().rpartition("-py")
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
    sources: Sequence[str],
    real: tuple[Path, Path] | None = None,
) -> list[str]:
    """Make the folder, or go on with one that was interrupted; returns the targets it then serves.

    The manifest calls the folder complete only when all of it is. What an interruption left half
    written is not as its SHA-256 says, and is made again. A CourseError where the folder is
    another's or cannot be written to, or packages cannot be had.

    Args:
        project: a clone of the course. targets: such as "windows-x86_64-py3.12"; those that the
            folder has already stay, and are brought up to date.
        sources: options for uv and pip. real: weights and photographs to be put in as well.
    """
    try:
        # said first, so that a folder that is being changed is never taken for complete
        wanted = sorted({*_claim(folder), *targets})
        _write_manifest(folder, wanted, complete=False)
        print("building the course's wheel")
        part = folder / "wheels.part"
        shutil.rmtree(part, ignore_errors=True)
        command = [*_uv(), "build", "--wheel", "--out-dir", str(part), str(project), *sources]
        _run(command, "building the course's wheel")
        own = next(part.glob("*.whl"))
        for path in (folder / "wheels").glob("*.whl"):
            path.unlink()  # the first edition had those of all targets together
        for target in wanted:
            _gather(folder / "wheels" / target, project, own, sources)
        shutil.rmtree(part)
        # the lessons without answers, and their sources, by which `course open` knows them
        notebooks = project / "notebooks"
        for path in [*notebooks.glob("learn/*.ipynb"), *notebooks.glob("source/*.py")]:
            _copy(path, folder / path.relative_to(project))
        if real is not None:
            weights, photos = real
            _copy(weights, folder / "real" / "torch_home" / "hub" / "checkpoints" / weights.name)
            # one file instead of thousands, which sticks are slow at
            shutil.make_archive(str(folder / "real" / "photos"), "zip", photos)
        _copy(Path(install.__file__), folder / "install.py")
        (folder / "READ_ME.txt").write_text(read_me(wanted), encoding="utf-8", newline="\n")
        _write_manifest(folder, wanted, complete=True)
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


def _uv() -> list[str]:
    if found := shutil.which("uv"):
        return [found]
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    raise CourseError("'course workshop' needs uv to choose packages: run 'pip install uv' first.")


def _run(command: Sequence[str], what: str, *, given: str = "", work: Path | None = None) -> str:
    """What a command prints; where it failed, a CourseError with its last words.

    Args:
        what: it is for. given: what it reads.
        work: a folder for its temporary files; with one, its own progress is shown and not kept.
    """
    settings = {
        # in place of one's own limits on versions, since all versions are chosen here
        "PIP_CONSTRAINT": os.devnull,
        # by which uv chooses for macOS; its own default moves with time
        "MACOSX_DEPLOYMENT_TARGET": ".".join(map(str, MACOS)),
    }
    settings |= {name: str(work) for name in ("TMPDIR", "TEMP", "TMP") if work}
    run = subprocess.run(
        command, input=given, text=True, env=os.environ | settings, check=False,
        stdout=None if work else subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    if run.returncode:
        lines = [line.strip(" ×╰─▶│") for line in run.stderr.splitlines()]
        lines = [line for line in lines if line and not line.startswith("WARNING: ")]
        raise CourseError(
            f"{what} failed; what is complete is kept, so run the same command again once this is "
            f"mended: {' '.join(lines[-6:]) or 'no reason was given'}"
        )
    return run.stdout or ""


def _pins(project: Path, target: str, sources: Sequence[str]) -> list[str]:
    """Every package that the course needs on a target, as pip's requirement with its hashes.

    uv chooses, because pip looks at this machine's conditions even when it is asked for another's.
    """
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    system, _, python = target.rpartition("-py")
    command = [*_uv(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "-"]
    command += ["--generate-hashes", "--only-binary", ":all:", "--python-version", python]
    command += ["--python-platform", PLATFORMS[system][0]]
    # of all indexes the newest, as pip does
    command += ["--index-strategy", "unsafe-best-match", *sources]
    needed = "\n".join([*described["dependencies"], "pip"])
    text = _run(command, f"choosing packages for {target}", given=needed)
    # such as torch 2.13.0+cpu with torchvision 0.28.0, which is one for GPUs and does not load;
    # on other systems the plain ones are for processors too
    builds = dict(re.findall(r"^(torch|torchvision)==[^+\s]+(\+\w+)?", text, re.MULTILINE))
    if system == "linux-x86_64" and len(set(builds.values())) > 1:
        found = " and ".join(re.findall(r"^torch(?:vision)?==[^\s\\]+", text, re.MULTILINE))
        raise CourseError(
            f"For {target} there are {found}, of different builds, which do not work together: "
            "name an index that has both with --extra-index-url, or leave out the one named."
        )
    return re.findall(r"^[\w.-]+==[^\s\\]+(?:\s*\\\s+--hash=\S+)*", text, re.MULTILINE)


def _gather(folder: Path, project: Path, own: Path, sources: Sequence[str]) -> None:
    """Bring a target's wheels up to date: damaged and old ones go, missing ones come. folder: for
    them, named after the target. own: the course's wheel."""
    target = folder.name
    print(f"choosing packages for {target}", flush=True)
    pins = _pins(project, target, sources)
    folder.mkdir(parents=True, exist_ok=True)
    there = {path: install.digest(path) for path in folder.iterdir()}
    for path, sha256 in there.items():
        if not any(sha256 in pin for pin in pins):
            path.unlink()
    missing = [pin for pin in pins if not any(sha256 in pin for sha256 in there.values())]
    print(f"{target}: {len(pins)} packages, {len(missing)} to download", flush=True)
    # every so-manieth, because the large ones stand together in the alphabet
    calls = -(-len(missing) // AT_ONCE)
    for number in range(calls):
        what = f"downloading part {number + 1} of {calls}"
        print(what, flush=True)
        _download(missing[number::calls], folder, own.parent, what, sources)
    _copy(own, folder / own.name)


def _download(
    pins: Sequence[str], folder: Path, work: Path, what: str, sources: Sequence[str]
) -> None:
    """Bring wheels whose content is as announced, which pip makes sure of, into their folder."""
    asked = work / "asked.txt"
    asked.write_text("\n".join(pins), encoding="utf-8")
    system, _, python = folder.name.rpartition("-py")
    command = [*_uv(), "tool", "run", *sources, "pip", "download"]
    command += ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--dest", str(folder)]
    command += ["--implementation", "cp", "--python-version", python]
    command += [word for tag in PLATFORMS[system][1] for word in ("--platform", tag)]
    command += [*sources, "--require-hashes", "--requirement", str(asked)]
    _run(command, what, work=work)


def real_material() -> tuple[Path, Path]:
    """The real network's weights and the folder of photographs that the lessons would use here; a
    CourseError without one of the two."""
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


def _copy(source: Path, goal: Path) -> None:
    goal.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, goal)


def _write_manifest(folder: Path, targets: Sequence[str], *, complete: bool) -> None:
    """Say what the folder is for and, once it is complete, the SHA-256 of every file in it."""
    files = [folder / "install.py", folder / "READ_ME.txt"] if complete else []
    for name in ("wheels", "notebooks", "real") if complete else ():
        files += [path for path in (folder / name).rglob("*") if path.is_file()]
    facts = {path.relative_to(folder).as_posix(): install.digest(path) for path in sorted(files)}
    manifest = {"complete": complete, "targets": targets, "files": facts}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def read_me(targets: Sequence[str]) -> str:
    """What to type, system by system."""
    blocks = []
    for name, lines in {"Windows": _ON_WINDOWS, "macOS": _ELSEWHERE, "Linux": _ELSEWHERE}.items():
        mine = (target for target in targets if target.startswith(name.lower()))
        found = sorted({target.rpartition("-py")[2] for target in mine})
        block = f"{name}: not in this folder.\n"
        if found:
            block = f"{name}, with Python {' or '.join(found)}:\n" + lines.format(python=found[-1])
        blocks.append(block)
    return _READ_ME.format(systems="\n".join(blocks))


# with ~ and the like, so that one text is right for everybody; quoted where blanks would part it
_ON_WINDOWS = """  in PowerShell
    py -{python} install.py
    & "$env:USERPROFILE\\dont-trust-your-eyes\\start.bat"
  in the Command Prompt
    py -{python} install.py
    "%USERPROFILE%\\dont-trust-your-eyes\\start.bat"
"""

_ELSEWHERE = """  python{python} install.py
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
