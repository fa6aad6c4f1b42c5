"""The lessons, each as it was executed, and Colab's versions, once for a run of the tests."""

import os
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from course_lib.cli.lessons import all_lessons
from tests.conftest import ROOT
from tests.notebooks.colab_environment import Environment, made_once

LESSONS = all_lessons(ROOT / "notebooks")
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


@pytest.fixture
def executed(lesson):
    return nbformat.read(lesson.executed, as_version=4)


@pytest.fixture(scope="session")
def colab(tmp_path_factory, request) -> Environment:
    """An environment with Colab's versions, made by the first worker that asks for it.

    COURSE_COLAB names a folder where it was made before, or is to be made, so that tests without a
    network have it too.
    """
    folder = os.environ.get("COURSE_COLAB")
    if not folder and "not network" in (request.config.option.markexpr or ""):
        return Environment(None, "tests that need a network are left out")
    base = tmp_path_factory.getbasetemp()
    # all workers' folders are in one
    base = base.parent if hasattr(request.config, "workerinput") else base
    base = Path(folder) if folder else base / "colab"
    base.mkdir(parents=True, exist_ok=True)
    with FileLock(base / "lock"):
        return made_once(base)
