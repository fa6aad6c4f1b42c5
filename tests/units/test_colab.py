"""What a lesson's first cell does on Colab, without Colab: a made-up set of packages."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib import colab
from course_lib.classroom.script import cells_of
from course_lib.cli.lessons import all_lessons
from tests.conftest import ROOT

LESSONS = all_lessons(ROOT / "notebooks")
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
REQUIRED = ["torch>=2.3", "numpy>=1.26", "jupyterlab>=4.0", "nbval>=0.11", "IPython>=7.34"]
INSTALLED = {"torch": "2.11.0+cu130", "numpy": "2.1.3", "ipython": "7.34.0"}


def test_only_what_is_missing_is_asked_for_and_everything_installed_is_pinned():
    required = [*REQUIRED, 'winonly>=1; sys_platform == "none"', "numpy>=3"]
    needs = colab.compare_packages(required, INSTALLED)
    assert needs == (["nbval>=0.11"], ["numpy 2.1.3 (wanted >=3)"])
    pins = colab.constraints(INSTALLED | {"odd": "not a version"})
    assert pins == "ipython==7.34.0\nnumpy==2.1.3\ntorch==2.11.0+cu130\n"


@pytest.fixture
def machine(monkeypatch):
    """Colab's packages are INSTALLED; calls of pip are kept, and end as the test says."""
    calls = []
    ended = subprocess.CompletedProcess([], 0, "")

    def run(command, **_):
        pins = Path(command[command.index("--constraint") + 1]).read_text("utf-8")
        calls.append((command, pins))
        return ended

    monkeypatch.setattr(colab, "installed_versions", lambda: dict(INSTALLED))
    monkeypatch.setattr(colab.importlib.metadata, "requires", lambda name: REQUIRED)
    monkeypatch.setattr(colab.subprocess, "run", run)
    return calls, ended


def test_missing_packages_are_added_under_the_pins(machine, capsys):
    calls, _ = machine
    assert colab.main() == 0
    [(command, pins)] = calls
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert command[command.index("--constraint") + 2 :] == ["nbval>=0.11"]
    assert "torch==2.11.0+cu130\n" in pins
    assert capsys.readouterr().out == "The course is ready (added nbval).\n"


def test_nothing_missing_needs_no_pip(machine, capsys, monkeypatch):
    calls, _ = machine
    monkeypatch.setattr(colab, "installed_versions", lambda: INSTALLED | {"nbval": "0.11.0"})
    assert colab.main() == 0 and not calls
    assert capsys.readouterr().out == "The course is ready.\n"


def test_a_failure_is_one_line_and_no_error(machine, capsys):
    _, ended = machine
    ended.returncode, ended.stdout = 1, "noise\nERROR: no route\nERROR: No matching distribution\n"
    assert colab.main() == 0
    told = capsys.readouterr().out
    assert told.count("\n") == 1 and "nbval could not be added" in told
    assert "pip says: No matching distribution" in told


# the line in the notebooks


def line_of(lesson):
    return next(cell.text for cell in cells_of(lesson.source) if cell.kind == "code")


class Shell:
    def __init__(self, name):
        self.name, self.commands = name, []

    def __str__(self):
        return self.name

    def system(self, command):
        self.commands.append(command)


def run_in(shell, line):
    exec(line, {"get_ipython": lambda: shell})


@each_lesson
def test_the_first_code_cell_is_the_one_long_line_and_runs_on_colab_alone(lesson):
    line = line_of(lesson)
    assert line.count("\n") == 0 and line == line_of(LESSONS[0])
    condition = ast.parse(line).body[0]
    assert isinstance(condition, ast.If) and not condition.orelse
    for name, count in (
        ("<ipykernel.zmqshell.ZMQInteractiveShell object>", 0),
        ("<google.colab._shell.Shell object>", 1),
    ):
        shell = Shell(name)
        run_in(shell, line)
        assert len(shell.commands) == count
    for other in lesson.source.read_text().splitlines():
        assert len(other) <= 100 or "](https://" in other or other == line


@each_lesson
def test_badges_open_the_copy_without_outputs(lesson):
    title, empty, *badges = cells_of(lesson.source)[0].text.splitlines()[:4]
    assert title.startswith(f"# {lesson.number} · ") and not empty
    page = f"notebooks/learn/{lesson.name}.ipynb"
    assert (ROOT / page).is_file()
    at_colab, at_binder = (
        r"https://colab\.research\.google\.com/github",
        r"https://mybinder\.org/v2/gh",
    )
    repository = r"[\w.-]+/[\w.-]+"
    wanted = {
        "Open in Colab": rf"{at_colab}/{repository}/blob/main/{page}",
        "Launch Binder": rf"{at_binder}/{repository}/main\?urlpath=lab/tree/{page}",
    }
    for badge, (alt, there) in zip(badges, wanted.items(), strict=True):
        assert re.fullmatch(rf"\[!\[{alt}\]\(https://[^)]+\.svg\)\]\({there}\)", badge), badge


def test_a_failed_install_says_one_sentence(tmp_path):
    """The line's own command, with an address where nothing answers."""
    shell = Shell("google.colab")
    run_in(shell, line_of(LESSONS[0]))
    [command] = shell.commands
    nowhere = (tmp_path / "nowhere.zip").as_uri()
    command = re.sub(r"https://\S+", nowhere, command)
    command = command.replace("pip install", f"{sys.executable} -m pip install")
    run = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert run.stdout.startswith("The course could not be installed: ")
    assert run.stdout.count("\n") == 1 and "Traceback" not in run.stdout + run.stderr
