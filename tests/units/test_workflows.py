"""What runs elsewhere: the workflows name what is there, and may do no more than read."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml

from course_lib.cli.main import _parser
from tests.conftest import ROOT

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TRUSTED = {"actions/checkout", "actions/upload-artifact", "astral-sh/setup-uv"}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs(path):
    return load(path)["jobs"]


def commands(path):
    """Every line that a job runs, continued lines joined, as words."""
    for job in jobs(path).values():
        for step in job["steps"]:
            for line in step.get("run", "").replace("\\\n", " ").splitlines():
                yield shlex.split(line)


def after_uv_run(words):
    """What `uv run` is given to run, without its own options."""
    if words[:2] == ["uv", "run"]:
        rest = words[2:]
        while rest and rest[0].startswith("--"):
            rest = rest[1:]
        yield rest


def test_there_are_workflows():
    assert {path.name for path in FILES} == {"tests.yml", "weekly.yml"}


@each_file
def test_it_may_only_read_and_comes_to_an_end(path):
    found = load(path)
    assert found["permissions"] == {"contents": "read"}
    assert found["concurrency"]["cancel-in-progress"] is True
    for name, job in found["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 120, name
        assert "permissions" not in job and "secrets" not in str(job), name


@each_file
def test_actions_are_of_a_known_origin_and_a_given_version(path):
    uses = [step for job in jobs(path).values() for step in job["steps"] if "uses" in step]
    assert uses
    for step in uses:
        name, version = step["uses"].split("@")
        assert name in TRUSTED and re.fullmatch(r"v\d+", version), step
        if name == "actions/checkout":
            assert step["with"]["persist-credentials"] is False
    assert not re.search(r"\$\{\{\s*github\.event", path.read_text())  # no text of a stranger's


def test_every_python_and_the_oldest_packages_are_in_the_matrix():
    matrix = jobs(FOLDER / "tests.yml")["all"]["strategy"]["matrix"]
    low, high = re.fullmatch(
        r">=3\.(\d+),<3\.(\d+)", PROJECT["project"]["requires-python"]
    ).groups()
    pythons = [f"3.{minor}" for minor in range(int(low), int(high))]
    assert matrix["python"] == pythons
    assert matrix["resolution"] == ["highest"]
    (oldest,) = matrix["include"]
    assert oldest["resolution"] == "lowest-direct" and oldest["python"] == pythons[0]
    systems = jobs(FOLDER / "tests.yml")["systems"]["strategy"]["matrix"]
    assert systems["system"] == ["macos-latest", "windows-latest"]
    assert systems["python"] == [pythons[0], pythons[-1]]
    job = jobs(FOLDER / "tests.yml")["all"]
    assert job["env"]["UV_RESOLUTION"] == "${{ matrix.resolution }}"
    assert job["env"]["UV_PYTHON"] == "${{ matrix.python }}"


def test_they_run_when_they_should():
    tests, weekly = (load(FOLDER / name)[True] for name in ("tests.yml", "weekly.yml"))  # "on"
    assert tests["push"] == {"branches": ["main"]} and "pull_request" in tests
    (when,) = weekly["schedule"]
    assert re.fullmatch(r"\d{1,2} \d{1,2} \* \* [0-6]", when["cron"])


def test_the_readmes_test_line_is_run():
    (line,) = re.findall(r"^    (uv run pytest)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert line.split() in list(commands(FOLDER / "tests.yml"))


@each_file
def test_commands_and_files_that_are_named_exist(path):
    dev = [re.match(r"[\w-]+", line)[0] for line in PROJECT["dependency-groups"]["dev"]]
    seen = 0
    for words in commands(path):
        for run in after_uv_run(words):
            seen += 1
            if run[0] == "course":
                _parser().parse_args(run[1:])
            elif run[0] == "python":
                target = run[2].replace(".", "/") + ".py" if run[1] == "-m" else run[1]
                assert (ROOT / target).is_file(), run
            else:
                assert run[0] in {*dev, "playwright"}, run
            for word in run[1:] if run[0] == "pytest" else []:
                assert (ROOT / word).is_dir(), run
    assert seen


def test_colabs_list_becomes_constraints():
    listed = (
        "# Do not modify this file\nabsl-py==2.0.0\ngoogle-colab @ file:///colabtools/x.tar.gz\n"
        "torch==2.11.0+cpu\nipywidgets==7.7.1\n-e git+https://x.org/y\n\n"
    )
    script = ROOT / ".github" / "colab_constraints.py"
    run = subprocess.run(
        [sys.executable, str(script)], input=listed, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["absl-py==2.0.0", "torch==2.11.0", "ipywidgets==7.7.1"]
    run = subprocess.run(
        [sys.executable, str(script)], input="<html>", capture_output=True, text=True, check=False
    )
    assert run.returncode == 1 and run.stderr.startswith("There is no NAME==VERSION")
