"""A hub full of learners: the real JupyterHub, each learner on a server of their own.

    uv run --group hub pytest tests/benchmarks/test_hub.py

Environment variables: COURSE_HUB_LEARNERS (8) and COURSE_HUB_LESSON (01) choose how many learn
what; COURSE_HUB_JSON names a file to which the figures are added, an entry a run. Times are told,
never tested: they are the machine's. Everything listens on 127.0.0.1 only, with secrets made for
the run.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip(
    "jupyterhub", reason="JupyterHub is not installed: uv run --group hub pytest ..."
)
if not Path("/proc/self/smaps_rollup").exists():
    pytest.skip("memory is measured as Linux tells it", allow_module_level=True)

from course_lib.cli.lessons import find_lessons
from course_lib.stored import fingerprint, note, write_whole
from course_lib.visualization.defaults import engine_defaults
from tests.benchmarks.hub.learner import Learner
from tests.benchmarks.hub.memory import Meter, Peak
from tests.benchmarks.hub.server import find_proxy, processes, running_hub

LEARNERS = int(os.environ.get("COURSE_HUB_LEARNERS", "8"))
LESSON = os.environ.get("COURSE_HUB_LESSON", "01")
KERNEL_BYTES = 1.2e9
GB = 1e9


class Visit(NamedTuple):
    """How a learner fared: what went wrong, and seconds from the login on."""

    learner: str
    failures: list[str]
    server: float  # until the learner's server answered
    picture: float | None  # until the first picture was there
    total: float  # until the last cell had ended
    cells: int


@pytest.fixture
def hub(request, tmp_path):
    if not (shutil.which("npm") or shutil.which("configurable-http-proxy")):
        pytest.skip("JupyterHub's proxy needs Node.js 20 or newer: install node and npm")
    proxy = find_proxy(request.config.cache.mkdir("hub-proxy"))
    with running_hub(LEARNERS, tmp_path, proxy) as hub:
        yield hub
    assert not list(processes(hub.mark)), "the run left processes behind"


def visit(hub, name, notebook):
    """Log in, start a server, open a lesson, run all of its cells, and save it."""
    learner, began = Learner(hub, name), time.monotonic()
    failures: list[str] = []
    server, picture, done = 0.0, None, 0
    try:
        learner.log_in()
        learner.start_server()
        server = time.monotonic() - began
        learner.upload(notebook)
        cells = learner.cells(notebook.name)
        kernel = learner.open(notebook.name)
        for number, cell in enumerate(cells):
            if cell["cell_type"] != "code":
                continue
            before = time.monotonic() - began
            ran = kernel.run(cell["source"])
            done += 1
            failures += [f"cell {number}: {error}" for error in ran.errors]
            if picture is None and ran.first_picture is not None:
                picture = before + ran.first_picture
            cell["outputs"] = ran.outputs
        kernel.close()
        body = {"type": "notebook", "format": "json", "content": _with(notebook, cells)}
        learner.call("PUT", f"contents/{notebook.name}", json=body)
    except (OSError, RuntimeError) as error:  # told beside those of the others
        failures.append(f"{type(error).__name__}: {error}")
    return Visit(name, failures, server, picture, time.monotonic() - began, done)


def _with(notebook, cells):
    return json.loads(notebook.read_text()) | {"cells": cells}


def test_learners_at_once(hub, report, tmp_path):
    (lesson,) = find_lessons([LESSON])
    names = list(hub.passwords)
    busy, meter = os.getloadavg()[0], Meter(hub.mark)
    meter.start()
    try:
        with ThreadPoolExecutor(len(names)) as class_room:
            visits = list(class_room.map(lambda name: visit(hub, name, lesson.learn), names))
    finally:
        meter.stop()
    peaks = {name: meter.peaks.get(name, Peak(0, 0)) for name in names}
    told = _figures(lesson.name, visits, peaks, meter, busy)
    path = Path(os.environ.get("COURSE_HUB_JSON") or tmp_path / "hub.json")
    runs = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    write_whole(path, json.dumps([*runs, told], indent=1) + "\n")
    note(path, fingerprint(engine=engine_defaults()))
    for line in _table(told):
        report(line)

    assert [v.failures for v in visits] == [[]] * len(names)
    assert all(v.picture is not None for v in visits), "a lesson without a picture"
    assert all(peak.kernel > 0 for peak in peaks.values()), "told against the budget, above"


def _figures(lesson, visits, peaks, meter, busy):
    return {
        "lesson": lesson,
        "learners": len(visits),
        "cores": os.cpu_count(),
        "load of the machine before": round(busy, 2),  # above 0.5 or so, times are too long
        "python": sys.version.split()[0],
        "bytes at one time, all learners and the hub (PSS)": meter.together,
        "bytes, hub and proxy (PSS)": meter.hub,
        "each": [
            {
                "failures": v.failures,
                "cells run": v.cells,
                "bytes, server and kernel (PSS)": peaks[v.learner].learner,
                "bytes, kernel (VmHWM)": peaks[v.learner].kernel,
                "seconds from login to server": round(v.server, 1),
                "seconds from login to first picture": v.picture and round(v.picture, 1),
                "seconds from login to end": round(v.total, 1),
            }
            for v in visits
        ],
    }


def _table(told):
    """Lines that stay in order when they are sorted."""
    yield (
        f"hub 0: {told['learners']} learners at once, lesson {told['lesson']}, {told['cores']} "
        f"cores: all together {told['bytes at one time, all learners and the hub (PSS)'] / GB:.1f} "
        f"GB, of which hub and proxy {told['bytes, hub and proxy (PSS)'] / GB:.2f} GB"
    )
    for number, one in enumerate(told["each"], 1):
        picture = one["seconds from login to first picture"]
        yield (
            f"hub {number}: {len(one['failures'])} failures in {one['cells run']} cells; "
            f"server and kernel {one['bytes, server and kernel (PSS)'] / GB:.2f} GB (PSS); kernel "
            f"{one['bytes, kernel (VmHWM)'] / GB:.2f} GB of {KERNEL_BYTES / GB:.1f} (VmHWM); "
            f"server after {one['seconds from login to server']:.0f} s, first picture after "
            f"{'-' if picture is None else f'{picture:.0f} s'}, "
            f"end after {one['seconds from login to end']:.0f} s"
        )
