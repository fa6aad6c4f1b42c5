"""The course as it is on Colab: its versions, no clone, the first cell of a lesson run."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.notebooks.colab_environment import VERSIONS, outside

pytestmark = pytest.mark.full


@pytest.fixture
def there(colab):
    if colab.python is None:
        pytest.skip(f"no environment with Colab's versions: {colab.why_not}")
    return colab


def test_nothing_installed_is_changed_and_only_what_is_missing_comes(there, report):
    report(f"an environment with Colab's versions, made in {there.seconds:.0f} s")
    listed = dict(re.findall(r"(?m)^([\w-]+)==(\S+)$", VERSIONS.read_text()))
    assert {name.lower(): version for name, version in listed.items()}.items() <= (
        there.before.items()
    )
    assert there.before.items() <= there.after.items()
    added = there.after.keys() - there.before.keys()
    required = {
        re.split("[<>=]", line)[0].lower()
        for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert required - there.before.keys() - {"jupyterlab"} <= added
    # with what these bring themselves, and no front end
    assert len(added) <= 8 and "jupyterlab" not in added, added


def test_the_learner_sees_one_line(there):
    assert there.told == "The course is ready (added captum, jupytext, nbval).\n"


def in_it(there, code, folder):
    """What Python prints in the environment."""
    run = subprocess.run(
        [there.python, "-c", code], cwd=folder, env=outside(Path(there.python).parent),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_course_test_is_typed_into_a_cell(there, tmp_path):
    """`!course test 00` in a kernel of the environment, whose variables the command inherits."""
    code = (
        "from nbclient import NotebookClient; import nbformat\n"
        "cells = [nbformat.v4.new_code_cell('!course test 00')]\n"
        "notebook = nbformat.v4.new_notebook(cells=cells)\n"
        "NotebookClient(notebook, kernel_name='python3', timeout=600).execute()\n"
        "print(''.join(o.get('text', '') for o in notebook.cells[0].outputs))"
    )
    told = in_it(there, code, tmp_path)
    assert "00_start_here" in told and "passed" in told and "FAILED" not in told, told
    assert not list(tmp_path.iterdir()), "no clone, and nothing left behind"


def test_a_lesson_starts_without_a_clone_and_keeps_answers_where_it_runs(there, tmp_path):
    code = (
        "from course_lib.lessons import start\n"
        "from course_lib.classroom.exercises.bank import find\n"
        "lesson = start('00'); lesson.hand_in('loudest', find('loudest').reference)\n"
        "assert len(lesson.cells) > 10, lesson.cells"
    )
    assert "your code passed" in in_it(there, code, tmp_path)
    assert [path.name for path in tmp_path.rglob("*.py")] == ["00_loudest.py"]
