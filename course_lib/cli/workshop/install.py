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
import sysconfig
import zipfile
from pathlib import Path, PurePath

HERE = Path(__file__).resolve().parent
SYSTEMS = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}

COURSE_BAT = """@echo off
cd /d "%~dp0"
{real}.venv\\Scripts\\python.exe -m course_lib.cli %*
"""
REAL_BAT = """set "TORCH_HOME=%~dp0real\\torch_home"
set "COURSE_PHOTOS=%~dp0real\\photos"
"""
COURSE_SH = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
{real}exec .venv/bin/python -m course_lib.cli "$@"
"""
REAL_SH = 'export TORCH_HOME="$PWD/real/torch_home" COURSE_PHOTOS="$PWD/real/photos"\n'


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


def read_manifest(folder: Path) -> "tuple[list[str], dict[str, str]]":
    """The targets that a folder is for, and the SHA-256 of its every file."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["complete"]:
            return manifest["targets"], manifest["files"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise Stop(
        f"{path} is missing, damaged or says that the folder is not finished: copy the whole "
        "folder again, or let the teacher run 'course workshop' again."
    )


def check(folder: Path, files: "dict[str, str]") -> None:
    """Refuse a folder of which a file is missing or damaged."""
    for number, name in enumerate(sorted(files), 1):
        path = folder / name
        if not path.is_file() or digest(path) != files[name]:
            how = "is damaged or half copied" if path.is_file() else "is missing"
            raise Stop(f"{path} {how}: copy the folder again.")
        print(f"checking: {number} of {len(files)} files", end="\r", flush=True)
    print()


def unpacked(path: Path) -> int:
    """The bytes of a file, or of what is packed in it."""
    if path.suffix not in (".whl", ".zip"):
        return path.stat().st_size
    with zipfile.ZipFile(str(path)) as archive:
        return sum(info.file_size for info in archive.infolist())


def prepare(home: Path, edition: str, needed: int) -> Path:
    """The Python of an environment for these packages: new, or with what was installed before.

    edition: which packages these are; an environment of others is made anew. needed: the bytes of
    all that is to be installed.
    """
    environment, before = home / ".venv", home / ".venv.before"
    mark = environment / "installed.json"
    if environment.exists() and not mark.exists():
        raise Stop(f"{home} holds another environment: name another folder with --to.")
    if mark.exists() and mark.read_text(encoding="utf-8") != edition:
        # moved away first, or an interruption would leave what looks like somebody else's
        shutil.rmtree(str(before), ignore_errors=True)
        os.replace(str(environment), str(before))
    shutil.rmtree(str(before), ignore_errors=True)
    free = shutil.disk_usage(str(home)).free
    there = [path for place in (environment, home / "real") for path in place.rglob("*")]
    # with a tenth to spare for what Python compiles
    needed = int(1.1 * needed) - sum(path.stat().st_size for path in there if path.is_file())
    if free < needed:
        raise Stop(
            f"{home} has {free // 1000000} MB free and the course needs {needed // 1000000} MB: "
            "make room, or name a folder on another disk with --to."
        )
    if not mark.exists():
        import venv

        # marked at once, as of no edition, so that an interrupted start is known for what it is
        environment.mkdir(parents=True)
        mark.write_text("", encoding="utf-8")
        # with the folder's own pip, because some systems leave Python's out
        venv.create(str(environment), with_pip=False)
        mark.write_text(edition, encoding="utf-8")
    place = sysconfig.get_path("purelib", "venv", {"base": str(environment)})
    for facts in Path(place).glob("*.dist-info"):
        # pip writes this last: a package without it was cut in half, and is written over
        if not (facts / "INSTALLER").exists():
            shutil.rmtree(str(facts))
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(wheels: "list[Path]", python: Path) -> None:
    """Install what is not installed yet; pip itself tells the one from the other."""
    pip = next(path for path in wheels if path.name.startswith("pip-"))
    command = [str(python), str(pip / "pip"), "install", "--no-index", "--no-deps"]
    command += ["--no-warn-script-location", "--no-cache-dir", "--disable-pip-version-check"]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    run = subprocess.run(
        command + [str(path) for path in wheels],
        env=dict(settings, PIP_CONFIG_FILE=os.devnull),
        stderr=subprocess.PIPE,
        check=False,
    )
    if run.returncode:
        last = run.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        raise Stop(f"pip could not install: {last}")


def lay_out(folder: Path, home: Path, files: "dict[str, str]") -> None:
    """Notebooks, the real network, and scripts that start the course. Work is never replaced."""
    for name in files:
        goal = home / name
        wanted = name.startswith(("notebooks/", "real/")) and name != "real/photos.zip"
        if wanted and not goal.exists():  # a notebook that somebody has worked in stays as it is
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
        # a window that was opened by a double click would be gone with its message
        files = {"start.bat": '@echo off\ncall "%~dp0course.bat" open %* || pause\n'}
        files["course.bat"] = COURSE_BAT.format(real=REAL_BAT if real else "")
        return {name: text.replace("\n", "\r\n") for name, text in files.items()}
    files = {"start.sh": '#!/bin/sh\nexec sh "$(dirname "$0")/course.sh" open "$@"\n'}
    files["course.sh"] = COURSE_SH.format(real=REAL_SH if real else "")
    return files


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
        targets, files = read_manifest(HERE)
        if options.check:
            check(HERE, files)
            return 0
        if this_target() not in targets:
            raise Stop(
                f"This Python is {this_target()}, and the folder has the course for "
                f"{', '.join(targets)}: run install.py with one of those Pythons."
            )
        own = f"wheels/{this_target()}/"
        wheels = {name: sha256 for name, sha256 in files.items() if name.startswith(own)}
        mine = {name: s for name, s in files.items() if not name.startswith("wheels/")}
        mine.update(wheels)
        try:
            home.mkdir(parents=True, exist_ok=True)
            (home / ".writable").write_text("", encoding="utf-8")
            (home / ".writable").unlink()
        except OSError as error:
            raise Stop(
                f"{home} cannot be written to ({error.strerror}): name another folder with --to."
            ) from error
        check(HERE, mine)
        needed = sum(unpacked(HERE / name) for name in mine)
        python = prepare(home, json.dumps(wheels, sort_keys=True), needed)
        install([HERE / name for name in wheels], python)
        lay_out(HERE, home, mine)
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
