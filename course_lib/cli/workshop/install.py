"""Install the course from this folder, without internet:  python install.py [--to FOLDER]

Run it again after an interruption: it goes on where it was. Standard library only, and readable for
old Pythons too, which get a sentence instead of a traceback.
"""

import argparse
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePath
from typing import Any

HERE = Path(__file__).resolve().parent
SYSTEMS = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
BATCH = 250000000  # bytes of wheels that one call of pip installs; what an interruption costs


class Stop(Exception):
    """Why the installation cannot go on, in one sentence."""


def this_target() -> str:
    """Such as "windows-x86_64-py3.12"; 32-bit Pythons on 64-bit machines tell themselves apart."""
    machine = platform.machine().lower()
    machine = MACHINES.get(machine, machine) if sys.maxsize > 2**32 else machine + "-32bit"
    system = SYSTEMS.get(platform.system(), platform.system().lower())
    return f"{system}-{machine}-py{sys.version_info[0]}.{sys.version_info[1]}"


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def read_manifest(folder: Path) -> "dict[str, Any]":
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["complete"]:
            return manifest
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise Stop(
        f"{path} is missing, damaged or says that the folder is not finished: copy the whole "
        "folder again, or let the teacher run 'course workshop' again."
    )


def wanted_files(manifest: "dict[str, Any]", target: str) -> "dict[str, Any]":
    """What this machine needs of the folder: its own wheels, and all that is no wheel."""
    if target not in manifest["targets"]:
        raise Stop(
            f"This Python is {target}, and the folder has the course for "
            f"{', '.join(manifest['targets'])}: run install.py with one of those Pythons."
        )
    own = {"wheels/" + wheel for wheel in manifest["targets"][target]}
    return {
        name: facts
        for name, facts in manifest["files"].items()
        if name in own or not name.startswith("wheels/")
    }


def check(folder: Path, files: "dict[str, Any]") -> None:
    total, done = sum(facts["bytes"] for facts in files.values()), 0
    for name, facts in sorted(files.items()):
        path = folder / name
        size = path.stat().st_size if path.is_file() else -1
        if size != facts["bytes"] or digest(path) != facts["sha256"]:
            how = "is missing" if size < 0 else "is damaged or half copied"
            raise Stop(f"{path} {how}: copy the folder again.")
        done += size
        show("checking", done, total)


def show(what: str, done: int, total: int) -> None:
    end = "\n" if done == total else "\r"
    print(f"{what}: {done // 1000000} of {total // 1000000} MB", end=end, flush=True)


def room_needed(files: "dict[str, Any]", done: "dict[str, str]") -> int:
    """Bytes on the disk, with a tenth to spare for what Python compiles."""
    names = [name for name in files if Path(name).name not in done]
    return int(1.1 * sum(files[name].get("unpacked", files[name]["bytes"]) for name in names))


def batches(wheels: "list[Path]") -> "list[list[Path]]":
    """Wheels, small ones first, in groups of about BATCH bytes."""
    groups: list[list[Path]] = [[]]
    size = 0
    for wheel in sorted(wheels, key=lambda path: path.stat().st_size):
        size += wheel.stat().st_size
        if groups[-1] and size > BATCH:
            groups.append([])
            size = wheel.stat().st_size
        groups[-1].append(wheel)
    return groups


def install(folder: Path, home: Path, files: "dict[str, Any]") -> None:
    wheels = [folder / name for name in files if name.startswith("wheels/")]
    environment, journal = home / ".venv", home / ".venv" / "installed.json"
    identity = {path.name: files["wheels/" + path.name]["sha256"] for path in wheels}
    if environment.exists() and not journal.exists():
        raise Stop(f"{home} holds another environment: name another folder with --to.")
    done = read_journal(journal)
    if any(identity.get(name) != sha for name, sha in done.items()) or not done:
        # of another edition of the course, or not begun: nothing of it is kept
        shutil.rmtree(str(environment), ignore_errors=True)
        done = {}
    free, needed = shutil.disk_usage(str(home)).free, room_needed(files, done)
    if free < needed:
        raise Stop(
            f"{home} has {free // 1000000} MB free and the course needs {needed // 1000000} MB: "
            "make room, or name a folder on another disk with --to."
        )
    if not done:
        import venv

        # told first, so that an interrupted start is known for what it is
        environment.mkdir(parents=True, exist_ok=True)
        write(journal, "{}")
        # with the folder's own pip, because some systems leave Python's out
        venv.create(str(environment), with_pip=False)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = next(path for path in wheels if path.name.startswith("pip-"))
    left = [path for path in wheels if path.name not in done]
    total, size = sum(path.stat().st_size for path in left), 0
    for group in batches(left) if left else []:
        # --ignore-installed: a package that an interruption cut in half is written over
        command = [str(python), str(pip / "pip"), "install", "--no-index", "--no-deps", "--quiet"]
        command += ["--ignore-installed", "--no-warn-script-location", "--no-cache-dir"]
        settings = dict(os.environ, PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1")
        run = subprocess.run(
            command + [str(path) for path in group],
            env={k: v for k, v in settings.items() if k != "PIP_CONSTRAINT"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if run.returncode:
            last = run.stdout.decode("utf-8", "replace").strip().split("\n")[-1]
            raise Stop(f"pip could not install: {last}")
        done.update((path.name, identity[path.name]) for path in group)
        write(journal, json.dumps(done))
        size += sum(path.stat().st_size for path in group)
        show("installing", size, total)


def read_journal(path: Path) -> "dict[str, str]":
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def write(path: Path, text: str) -> None:
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(str(part), str(path))


def lay_out(folder: Path, home: Path, files: "dict[str, Any]") -> None:
    """Notebooks, the real network, and scripts that start the course. Work is never replaced."""
    for name in files:
        inside = name.split("/")[0]
        goal = home / name
        # a notebook that somebody has worked in stays as it is
        if inside not in ("notebooks", "real") or name == "real/photos.zip" or goal.exists():
            continue
        goal.parent.mkdir(parents=True, exist_ok=True)
        part = goal.with_name(goal.name + ".part")
        shutil.copyfile(str(folder / name), str(part))
        os.replace(str(part), str(goal))
    if "real/photos.zip" in files and not (home / "real" / "photos").exists():
        part = home / "real" / "photos.part"
        shutil.rmtree(str(part), ignore_errors=True)
        with zipfile.ZipFile(str(folder / "real" / "photos.zip")) as archive:
            archive.extractall(str(part))
        os.replace(str(part), str(home / "real" / "photos"))
    for name, text in scripts((home / "real").is_dir(), os.name == "nt").items():
        # bytes, so that no system makes other ends of lines of them
        (home / name).write_bytes(text.encode("ascii"))


def scripts(real: bool, windows: bool) -> "dict[str, str]":
    """Files beside the notebooks: `course` with any of its commands, and the one that opens it."""
    if windows:
        course = ["@echo off", 'cd /d "%~dp0"']
        if real:
            course.append('set "TORCH_HOME=%~dp0real\\torch_home"')
            course.append('set "COURSE_PHOTOS=%~dp0real\\photos"')
        course.append(".venv\\Scripts\\python.exe -m course_lib.cli %*")
        # a window that was opened by a double click would be gone with its message
        start = ["@echo off", 'call "%~dp0course.bat" open %* || pause']
        files = {"course.bat": course, "start.bat": start}
        return {name: "\r\n".join(lines) + "\r\n" for name, lines in files.items()}
    course = ["#!/bin/sh", 'cd "$(dirname "$0")" || exit 1']
    if real:
        course.append('export TORCH_HOME="$PWD/real/torch_home" COURSE_PHOTOS="$PWD/real/photos"')
    course.append('exec .venv/bin/python -m course_lib.cli "$@"')
    start = ["#!/bin/sh", 'exec sh "$(dirname "$0")/course.sh" open "$@"']
    files = {"course.sh": course, "start.sh": start}
    return {name: "\n".join(lines) + "\n" for name, lines in files.items()}


def start_lines(home: PurePath, windows: bool) -> "list[str]":
    """What to type to open the course, also where the folder's name has blanks; a shell a line."""
    if not windows:
        return ["sh " + shlex.quote(str(home / "start.sh"))]
    path = str(home / "start.bat")
    # inside its double quotes, PowerShell reads a $ and a ` as more than themselves
    return [
        '& "' + path.replace("`", "``").replace("$", "`$") + '"    in PowerShell',
        '"' + path + '"    in the Command Prompt',
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Install the course without internet.")
    home = Path.home() / "dont-trust-your-eyes"
    parser.add_argument("--to", type=Path, default=home, help=f"where to; {home} without")
    parser.add_argument("--check", action="store_true", help="only check every file of the folder")
    options = parser.parse_args()
    home = options.to.expanduser().absolute()
    try:
        manifest = read_manifest(HERE)
        if options.check:
            check(HERE, manifest["files"])
            return 0
        files = wanted_files(manifest, this_target())
        try:
            home.mkdir(parents=True, exist_ok=True)
            write(home / ".writable", "")
            (home / ".writable").unlink()
        except OSError as error:
            raise Stop(
                f"{home} cannot be written to ({error.strerror}): name another folder with --to."
            ) from error
        check(HERE, files)
        install(HERE, home, files)
        lay_out(HERE, home, files)
    except (Stop, OSError) as error:
        print(f"install.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninstall.py: interrupted; run it again to go on.", file=sys.stderr)
        return 130
    windows = os.name == "nt"
    print("Done. To open the course" + (", double-click start.bat there, or type" * windows) + ":")
    print("\n".join("  " + line for line in start_lines(home, windows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
