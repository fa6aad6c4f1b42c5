"""binder/ as repo2docker reads it: it is asked what it would build, without building it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

BINDER = ROOT / "binder"


@pytest.fixture
def checkout(tmp_path):
    """The root's files that repo2docker might take instead, and binder/."""
    for name in ("environment.yml", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(BINDER, tmp_path / "binder")
    return tmp_path


def dockerfile(folder):
    if importlib.util.find_spec("repo2docker") is None:
        pytest.skip("repo2docker is not installed: uv sync --group binder")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug"]
    run = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


@pytest.mark.full
def test_repo2docker_takes_the_environment_and_both_scripts_of_binder(checkout):
    text = dockerfile(checkout)
    assert re.search(r"env update .*\"binder/environment\.yml", text)
    assert not re.search(r"env update .*[\" ]environment\.yml", text)
    assert "RUN ./binder/postBuild" in text
    assert re.search(r"R2D_ENTRYPOINT=?\s*\"?\S*binder/start", text)
    assert "Building conda environment for python=3.12\n" in text, "the one that is named"


@pytest.mark.full
def test_without_binder_it_would_take_the_root_s_environment(checkout):
    shutil.rmtree(checkout / "binder")
    text = dockerfile(checkout)
    assert "binder/environment.yml" not in text and "postBuild\n" not in text
    assert re.search(r"env update .*environment\.yml", text)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_the_scripts_are_executable_and_bash_can_read_them():
    for name in ("postBuild", "start"):
        path = BINDER / name
        assert os.access(path, os.X_OK), name
        assert path.read_bytes().startswith(b"#!/usr/bin/env bash\n")
        subprocess.run(["bash", "-n", str(path)], check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(("given", "threads"), [(None, "1"), ("4", "4")])
def test_start_keeps_the_threads_few_and_becomes_the_command(given, threads):
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    environment |= {"OMP_NUM_THREADS": given} if given else {}
    command = ["bash", str(BINDER / "start"), "sh", "-c", "echo $OMP_NUM_THREADS two words"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == f"{threads} two words\n"


def test_post_build_installs_the_course_and_nothing_else():
    text = (BINDER / "postBuild").read_text()
    assert "--no-deps" in text
    assert "set -euo pipefail" in text
