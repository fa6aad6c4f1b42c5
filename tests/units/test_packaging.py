"""The package as a whole: its floors, its ranges, its promises about safety."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from course_lib.cli.open import NOTE
from tests.conftest import ROOT, tool
from tests.notebooks.colab_environment import outside
from tests.notebooks.test_open import asked, opened

PACKAGE = ROOT / "course_lib"
OTHER_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}  # conda's, and PyPI's
SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.full
def test_floors_import_only_downward(tmp_path):
    """The contract stands in pyproject.toml; a copy that breaks it is refused."""

    def lint_imports(folder):
        run = subprocess.run(
            [tool("lint-imports"), "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
            cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return run.returncode, run.stdout + run.stderr

    status, told = lint_imports(ROOT)
    assert status == 0, told
    ignore = shutil.ignore_patterns("*.safetensors", "*.bz2", "__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "course_lib", ignore=ignore)
    with (tmp_path / "course_lib" / "errors.py").open("a", encoding="utf-8") as ground:
        ground.write("\nfrom course_lib.figures import draw\n")
    status, told = lint_imports(tmp_path)
    assert status == 1 and "course_lib.errors -> course_lib.figures" in told


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


def test_text_is_read_and_written_as_utf_8():
    """Windows would take an encoding of its own; `open` is left to ruff, which sees fewer of these:
    none on a path that was put together."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                given = {keyword.arg for keyword in node.keywords}
                text = node.func.attr in ("read_text", "write_text")
                assert not text or "encoding" in given, f"{path}: {ast.unparse(node)}"


def ranges(lines: list[str]) -> dict[str, str]:
    found = [re.fullmatch(r"([A-Za-z0-9-]+)(.*)", line.strip()) for line in lines]
    assert all(found), lines
    return {match[1].lower(): match[2] for match in found}


@pytest.mark.parametrize("folder", [".", "binder"])
def test_conda_and_pip_ask_for_the_same(folder):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    environment = yaml.safe_load((ROOT / folder / "environment.yml").read_text())
    listed = ranges([line for line in environment["dependencies"] if isinstance(line, str)])
    listed.pop("pip")
    python = listed.pop("python")
    wanted, bound = project["project"]["dependencies"], project["project"]["requires-python"]
    if folder == "binder":
        assert all(isinstance(line, str) for line in environment["dependencies"])
        # one version, or repo2docker takes one of its own choice that may be none of ours
        pinned = re.fullmatch(r"=(3\.\d+)", python)
        assert pinned and SpecifierSet(bound).contains(pinned[1])
    else:
        assert python == bound
        wanted += project["dependency-groups"]["test"]
    assert {OTHER_NAMES.get(name, name): bound for name, bound in listed.items()} == ranges(wanted)
    assert environment["channels"] == ["conda-forge"]


@pytest.mark.full
@pytest.mark.network
def test_the_wheel_is_small_and_works_in_an_empty_environment(tmp_path):
    uv, python = tool("uv"), tmp_path / "env" / "bin" / "python"

    def run(*command, ends_with=0):
        made = subprocess.run(command, cwd=tmp_path, env=outside(), capture_output=True, text=True)
        assert made.returncode == ends_with, made.stdout + made.stderr
        return made.stdout + made.stderr

    run(uv, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT))
    [wheel] = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 5e6
    run(uv, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "env"))
    run(uv, "pip", "install", "--quiet", "--python", str(python), str(wheel))
    course = [str(python), "-m", "course_lib.cli"]
    assert "Ready" in run(*course, "doctor")
    assert "00_start_here" in run(*course, "run", "00")
    assert [path.stem for path in (tmp_path / "pages").iterdir()] == ["00_start_here"]
    assert "go to a clone of the course" in run(*course, "train", "robust", ends_with=1)
    (here := tmp_path / "mine").mkdir()
    (here / NOTE).write_text('{"version": "0.0.1", "sha256": {}}')
    with opened(tmp_path, {"PYTHONPATH": ""}, python=python, work=here) as told:
        assert asked(told, "api/contents/00_start_here.ipynb")
    assert "after 0.0.1." in told and (ROOT / "CHANGELOG.md").read_text()[13:] in told
    learn = (ROOT / "notebooks" / "learn").glob("*.ipynb")
    lessons = {path.name: path.read_bytes() for path in here.glob("*.ipynb")}
    assert lessons == {path.name: path.read_bytes() for path in learn}


def test_no_lock_file_or_photograph_is_kept():
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    for name in listing.stdout.split("\0"):
        endings = (".lock", "package-lock.json", ".jpg", ".jpeg", ".pt", ".pth", ".pkl")
        assert not name.lower().endswith(endings), name


def test_the_citation_is_of_this_course():
    """.ci/run and the workflow have cffconvert check its form."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for field in ("version", "license", "authors"):
        assert citation[field] == project[field]
    url = project.get("urls", {}).get("Repository", citation["repository-code"])
    assert citation["repository-code"] == url
    (paper,) = citation["references"]
    assert paper["url"] in (ROOT / "README.md").read_text()
