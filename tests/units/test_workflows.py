"""What runs elsewhere: the workflows name what is there, and strangers can do nothing to them."""

import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml

from course_lib.cli.main import _parser
from tests.conftest import ROOT, tool

FOLDER = ROOT / ".github" / "workflows"


def jobs(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


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
            rest = rest[2 if rest[0] == "--group" else 1 :]
        yield rest


@pytest.mark.full
def test_nothing_in_them_is_open_to_strangers(tmp_path):
    """zizmor: rights to read, no text of a stranger's in a command, actions of known origin."""
    check = [tool("zizmor"), "--offline", "--config", str(ROOT / ".github" / "zizmor.yml")]
    run = subprocess.run([*check, str(FOLDER)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    open_to_all = (FOLDER / "tests.yml").read_text(encoding="utf-8")
    for mine, worse, audit in (
        ("contents: read", "contents: write", "excessive-permissions"),
        ("uv run mypy", "echo ${{ github.event.head_commit.message }}", "template-injection"),
        ("astral-sh/setup-uv@v7", "anybody/setup-uv@v7", "unpinned-uses"),
    ):
        path = tmp_path / "tests.yml"
        path.write_text(open_to_all.replace(mine, worse), encoding="utf-8")
        run = subprocess.run([*check, str(path)], capture_output=True, text=True, check=False)
        assert run.returncode and f"[{audit}]" in run.stdout


def test_every_python_and_the_oldest_packages_are_in_the_matrix():
    tests = jobs(FOLDER / "tests.yml")
    job, matrix = tests["all"], tests["all"]["strategy"]["matrix"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()
    pythons = [f"3.{minor}" for minor in range(int(low), int(high))]
    assert matrix["python"] == pythons
    assert matrix["resolution"] == ["highest"]
    (oldest,) = matrix["include"]
    assert oldest["resolution"] == "lowest-direct" and oldest["python"] == pythons[0]
    systems = tests["systems"]["strategy"]["matrix"]
    assert systems["system"] == ["macos-latest", "windows-latest"]
    assert systems["python"] == [pythons[0], pythons[-1]]
    assert job["env"]["UV_RESOLUTION"] == "${{ matrix.resolution }}"
    assert job["env"]["UV_PYTHON"] == "${{ matrix.python }}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.name)
def test_commands_and_files_that_are_named_exist(path):
    seen = 0
    for words in commands(path):
        for run in after_uv_run(words):
            seen += 1
            if run[0] == "course":
                _parser().parse_args(run[1:])
            elif run[0] == "python":
                target = run[2].replace(".", "/") + ".py" if run[1] == "-m" else run[1]
                assert (ROOT / target).is_file(), run
            for word in run[1:] if run[0] == "pytest" else []:
                assert word == "--full" or (ROOT / word).exists(), run
    assert seen


def test_the_speed_ratios_are_measured_weekly():
    """And not with every change: they take minutes and want a machine of their own."""
    (run,) = [words for words in commands(FOLDER / "weekly.yml") if "tests/benchmarks" in words]
    assert run == ["uv", "run", "--group", "bench", "pytest", "tests/benchmarks"]
    assert "pytest tests/benchmarks" not in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_colabs_list_becomes_constraints():
    listed = (
        "# Do not modify this file\nabsl-py==2.0.0\ngoogle-colab @ file:///colabtools/x.tar.gz\n"
        "torch==2.11.0+cpu\nipywidgets==7.7.1\n-e git+https://x.org/y\n\n"
    )
    script = ROOT / ".github" / "colab_constraints.py"

    def run_on(text):
        command = [sys.executable, str(script)]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False)

    assert run_on(listed).stdout.split() == ["absl-py==2.0.0", "torch==2.11.0", "ipywidgets==7.7.1"]
    run = run_on("<html>")
    assert run.returncode == 1 and run.stderr.startswith("There is no NAME==VERSION")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("", "", "", "- What is new."),
        ("pyproject.toml", "0.2.0", "0.1.0", "one: The tag 0.2.0, pyproject.toml 0.1.0, CITATION"),
        ("CITATION.cff", "version: 0.2.0", "", "CITATION.cff none"),
        ("CHANGELOG.md", "0.2.0", "0.3.0", "CHANGELOG.md 0.3.0."),
        ("CHANGELOG.md", "2026-05-01", "unreleased", 'put the date in place of "unreleased"'),
    ],
)
def test_a_release_has_notes_and_its_files_agree_with_the_tag(tmp_path, file, old, new, told):
    files = {
        "pyproject.toml": '[project]\nversion = "0.2.0"\n',
        "CITATION.cff": "cff-version: 1.2.0\nversion: 0.2.0\n",
        "CHANGELOG.md": "# C\n\n## 0.2.0 (2026-05-01)\n\n- What is new.\n\n## 0.1.0\n\n- Old.\n",
    }
    for name, text in files.items():
        changed = text.replace(old, new) if name == file else text
        (tmp_path / name).write_text(changed, encoding="utf-8")
    script = ROOT / ".github" / "release_notes.py"
    command = [sys.executable, str(script), "v0.2.0"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if file:
        assert run.returncode == 1 and told in run.stderr and not run.stdout
    else:
        assert run.returncode == 0 and run.stdout.split("\n") == [told, ""]
