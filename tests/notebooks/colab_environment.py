"""An environment with Colab's versions, in which the course is installed as Colab does it.

`python -m tests.notebooks.colab_environment FOLDER` makes it ahead of a run without a network.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from course_lib.classroom.script import cells_of
from course_lib.cli.lessons import all_lessons
from tests.conftest import ROOT

VERSIONS = Path(__file__).parent / "colab_versions.txt"
_SECONDS = 1200  # for one step; the largest downloads some gigabytes


class Environment(NamedTuple):
    """How it was made.

    python: its interpreter; None where it could not be made. why_not: the reason, then.
    before, after: versions by name, before and after the first cell of a lesson. told: what that
    cell printed. seconds: for all of it.
    """

    python: str | None
    why_not: str = ""
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None
    told: str = ""
    seconds: float = 0.0


def make(folder: Path) -> Environment:
    """Make it with uv, which links files from its cache."""
    uv = shutil.which("uv")
    if uv is None:
        return Environment(None, "uv is not installed")
    began = time.monotonic()
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    try:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder / "env")])
        _run([uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(VERSIONS)])
        _run([uv, "build", "--quiet", "--wheel", "--out-dir", str(folder / "wheel"), str(ROOT)])
        [wheel] = (folder / "wheel").glob("*.whl")
        before = _versions(python)
        told = _run(["sh", "-c", first_cell(wheel)], first_on_path=python.parent)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no reason given"])[-1].strip()
        return Environment(None, f"{Path(error.cmd[0]).name} {error.cmd[1]} failed: {last}")
    except subprocess.TimeoutExpired:
        return Environment(None, f"it took more than {_SECONDS} s")
    return Environment(str(python), "", before, _versions(python), told, time.monotonic() - began)


def first_cell(wheel: Path) -> str:
    """What the first code cell of a lesson hands to the shell on Colab, with the wheel in the place
    of the repository's address."""
    commands: list[str] = []

    class Shell:
        def __str__(self) -> str:
            return "<google.colab._shell.Shell object>"

        def system(self, command: str) -> None:
            commands.append(command)

    lesson = all_lessons(ROOT / "notebooks")[0]
    line = next(cell.text for cell in cells_of(lesson.source) if cell.kind == "code")
    exec(line, {"get_ipython": Shell})
    command, count = re.subn(r"https://\S+", str(wheel), commands[0])
    assert count == 1
    return command


def outside(first_on_path: Path | None = None) -> dict[str, str]:
    """Environment variables without those of the environment that the tests run in."""
    without = ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME", "COURSE_STATIC")
    variables = {name: value for name, value in os.environ.items() if name not in without}
    if first_on_path:
        variables["PATH"] = f"{first_on_path}{os.pathsep}{variables.get('PATH', '')}"
    return variables


def _run(command: list[str], first_on_path: Path | None = None) -> str:
    run = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=_SECONDS,
        cwd=ROOT.anchor, env=outside(first_on_path),
    )  # fmt: skip
    return run.stdout


def _versions(python: Path) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json\n"
        "print(json.dumps({d.metadata['Name'].lower(): d.version for d in m.distributions()}))"
    )
    found: dict[str, str] = json.loads(_run([str(python), "-c", code]))
    return found


def made_once(folder: Path) -> Environment:
    """The environment in a folder, made if it is not there yet."""
    record = folder / "colab.json"
    if record.exists():
        return Environment(**json.loads(record.read_text(encoding="utf-8")))
    made = make(folder)
    record.write_text(json.dumps(made._asdict()), encoding="utf-8")
    return made


if __name__ == "__main__":
    prepared = made_once(Path(sys.argv[1]))
    print(f"Colab's versions: {prepared.why_not or f'made in {prepared.seconds:.0f} s'}")
