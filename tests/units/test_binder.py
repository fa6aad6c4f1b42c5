"""binder/ as repo2docker reads it, which is asked what it would build, without building it."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

BINDER = ROOT / "binder"


@pytest.mark.full
def test_repo2docker_takes_the_environment_and_both_scripts_of_binder(tmp_path):
    """And not the root's files, which lie beside it."""
    pytest.importorskip("repo2docker", reason="it is not installed: uv sync --group binder")
    for name in ("environment.yml", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(BINDER, tmp_path / "binder")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    text = run.stdout + run.stderr
    assert re.search(r"env update .*\"binder/environment\.yml", text)
    assert not re.search(r"env update .*[\" ]environment\.yml", text)
    assert "RUN ./binder/postBuild" in text
    assert re.search(r"R2D_ENTRYPOINT=?\s*\"?\S*binder/start", text)
    assert "Building conda environment for python=3.12\n" in text, "the one that is named"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_the_scripts_are_executable_and_bash_can_read_them():
    for name in ("postBuild", "start"):
        path = BINDER / name
        assert os.access(path, os.X_OK), name
        assert path.read_bytes().startswith(b"#!/usr/bin/env bash\n")
        subprocess.run(["bash", "-n", str(path)], check=True)
    build = (BINDER / "postBuild").read_text()
    assert "--no-deps" in build and "set -euo pipefail" in build  # the course, and nothing else


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(("given", "threads"), [(None, "1"), ("4", "4")])
def test_start_keeps_the_threads_few_and_becomes_the_command(given, threads):
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    environment |= {"OMP_NUM_THREADS": given} if given else {}
    command = ["bash", str(BINDER / "start"), "sh", "-c", "echo $OMP_NUM_THREADS two words"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == f"{threads} two words\n"
