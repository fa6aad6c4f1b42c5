"""Colab's versions, once for a run of the tests."""

from __future__ import annotations

import json

import pytest
from filelock import FileLock

from tests.notebooks.colab_environment import Environment, kept, make


@pytest.fixture(scope="session")
def colab(tmp_path_factory, request) -> Environment:
    """An environment with Colab's versions, made by the first worker that asks for it."""
    if "not network" in (request.config.option.markexpr or ""):
        return Environment(None, "tests that need a network are left out")
    base = tmp_path_factory.getbasetemp()
    # all workers' folders are in one
    base = base.parent if hasattr(request.config, "workerinput") else base
    with FileLock(base / "colab.lock"):
        made = kept(base / "colab.json")
        if made is None:
            made = make(base / "colab")
            (base / "colab.json").write_text(
                json.dumps(
                    made._asdict() | {"before": dict(made.before), "after": dict(made.after)}
                )
            )
    return made
