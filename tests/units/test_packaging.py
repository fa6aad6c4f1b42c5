"""The package as a whole: its floors, its ranges, its promises about safety."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.conftest import ROOT

PACKAGE = ROOT / "course_lib"
# from the ground up; each may import from itself and from what stands before it
FLOORS = (
    ("errors", "system"), ("checks", "colab", "progress", "statistics", "stored"),
    ("activations", "display"), ("figures",), ("visualization",), ("fooling",), ("sanity",),
    ("labs",), ("reproduce",), ("classroom",), ("lessons",), ("cli",), ("maintenance",),
)  # fmt: skip
OTHER_NAMES = {  # conda's, and PyPI's
    "pytorch-cpu": "torch",
    "matplotlib-base": "matplotlib",
    "playwright-python": "playwright",
}
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
SOURCES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_floors_import_only_downward(path):
    room = room_of(path)
    if room == "__init__":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("course_lib."):
                other = name.split(".")[1]
                assert LEVEL[other] < LEVEL[room] or other == room, f"{room} imports {other}"


def test_nothing_is_unpickled():
    """torch.load and torchvision's own weights only with weights_only=True; no pickle, no eval."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                if ast.unparse(node) == "from pickle import UnpicklingError":
                    continue
                modules = {getattr(node, "module", None), *(alias.name for alias in node.names)}
                assert not modules & {"pickle", "dill", "joblib"}, path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("torch.load", "weights.get_state_dict"):
                    given = {k.arg: ast.unparse(k.value) for k in node.keywords}
                    assert given.get("weights_only") == "True", f"{path}: {ast.unparse(node)}"
                assert called not in ("eval", "exec", "pickle.load"), path


def test_importing_touches_no_device_file_or_random_state():
    check = (
        "import socket, torch\n"
        "def refuse(*a, **k): raise RuntimeError('network at import')\n"
        "socket.socket.connect = refuse\n"
        "before = torch.get_rng_state()\n"
        "import course_lib\n"
        "assert torch.equal(before, torch.get_rng_state())\n"
        "assert not torch.cuda.is_initialized()\n"
        "import sys; assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


def test_the_command_starts_without_pytorch():
    """So that `course doctor` can tell that it is missing, and help comes at once."""
    check = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "import course_lib, course_lib.cli, course_lib.cli.doctor\n"
        "assert set(course_lib.__all__) <= set(dir(course_lib))\n"
        "assert not {'numpy', 'matplotlib', 'jupyter_client'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


def test_every_public_name_is_found_where_it_is_said_to_be():
    import course_lib

    assert sorted(course_lib._HOME) == sorted(course_lib.__all__)
    for name in course_lib.__all__:
        assert getattr(course_lib, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = course_lib.nothing


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_text_is_read_and_written_as_utf_8(path):
    """Windows would take an encoding of its own."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, named = node.func.attr, {keyword.arg for keyword in node.keywords}
            if name in ("read_text", "write_text"):
                assert "encoding" in named, f"{path}: {ast.unparse(node)}"


def ranges(lines: list[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        match = re.fullmatch(r"([A-Za-z0-9-]+)(.*)", line.strip())
        assert match, line
        found[match[1].lower()] = match[2]
    return found


def test_conda_and_pip_ask_for_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = ranges(
        project["project"]["dependencies"]
        + project["dependency-groups"]["dev"]
        + ["python" + project["project"]["requires-python"]]
    )
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    listed = ranges([line for line in environment["dependencies"] if isinstance(line, str)])
    listed.pop("pip")
    assert {OTHER_NAMES.get(name, name): bound for name, bound in listed.items()} == wanted
    assert environment["channels"] == ["conda-forge"]


def test_binder_and_pip_ask_for_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
    assert all(isinstance(line, str) for line in environment["dependencies"])
    listed = ranges(environment["dependencies"])
    listed.pop("pip")
    # one version, or repo2docker takes one of its own choice that may be none of ours
    pinned = re.fullmatch(r"=(3\.\d+)", listed.pop("python"))
    assert pinned and SpecifierSet(project["requires-python"]).contains(pinned[1])
    assert {OTHER_NAMES.get(name, name): bound for name, bound in listed.items()} == ranges(
        project["dependencies"]
    )
    assert environment["channels"] == ["conda-forge"]


def test_the_fixed_packages_are_all_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    fixed = {"torch", "torchvision", "ipywidgets", "jupyterlab", "matplotlib", "nbval", "captum"}
    assert fixed <= set(ranges(project["project"]["dependencies"]))


def test_the_package_stays_small():
    files = (
        path for path in PACKAGE.rglob("*") if path.is_file()
    )  # a folder's size is its system's
    size = sum(path.stat().st_size for path in files if "__pycache__" not in path.parts)
    assert size < 5e6


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name]


def test_no_lock_file_and_no_photograph_is_kept():
    for path in tracked_files():
        assert not path.name.endswith((".lock", "package-lock.json")), path
        assert path.suffix.lower() not in (".jpg", ".jpeg", ".pt", ".pth", ".pkl"), path
