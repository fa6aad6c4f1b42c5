"""A hub full of learners: the real JupyterHub, each learner on a server of their own.

    uv run --group hub pytest tests/benchmarks/test_hub.py

Environment variables: COURSE_HUB_LEARNERS (8) and COURSE_HUB_LESSON (01) choose how many learn
what; COURSE_HUB_JSON names a file to which the figures are added, an entry a run;
COURSE_HUB_FOLDERS=1 gives learners folders in place of Unix users, as where root is not to be had.
Times are told, never tested: they are the machine's. Everything listens on 127.0.0.1 only, with
secrets made for the run.
"""

from __future__ import annotations

import json
import os
import socket
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
from tests.benchmarks.hub.learner import KernelDied, Learner
from tests.benchmarks.hub.memory import Meter, Peak
from tests.benchmarks.hub.rooms import closed, namespace, rooms_for
from tests.benchmarks.hub.server import HubError, find_proxy, processes, running_hub

LEARNERS = int(os.environ.get("COURSE_HUB_LEARNERS", "8"))
LESSON = os.environ.get("COURSE_HUB_LESSON", "01")
FOLDERS = bool(os.environ.get("COURSE_HUB_FOLDERS"))
KERNEL_BYTES = 1.2e9
LIFETIME = 1800  # seconds after which the hub ends by itself
GB = 1e9

FIRST_CELL = 'from course_lib.lessons import start, stamp\nlesson = start("00")'
MINE = "def loudest(responses):\n    return int(responses.argmax())  # my own way\n"


class Visit(NamedTuple):
    """How a learner fared: what went wrong, and seconds from the login on."""

    learner: str
    failures: list[str]
    server: float  # until the learner's server answered
    picture: float | None  # until the first picture was there
    total: float  # until the last cell had ended
    cells: int


@pytest.fixture(scope="module")
def proxy(request, tmp_path_factory):
    cache = request.config.cache
    folder = cache.mkdir("hub-proxy") if cache else tmp_path_factory.mktemp("proxy")
    try:
        return find_proxy(folder)
    except HubError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def hub(proxy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    node = [Path(proxy).resolve().parents[1]]
    with rooms_for(max(2, LEARNERS), [folder, *node], unix_users=not FOLDERS) as rooms:
        with running_hub(rooms, folder, proxy, seconds=LIFETIME) as hub:
            yield hub
        assert not list(processes(hub.mark)), "the run left processes behind"


@pytest.fixture
def two(hub):
    """Two learners, each logged in and with a server."""
    pair = [Learner(hub, name) for name in hub.rooms.learners[:2]]
    for learner in pair:
        assert learner.log_in()
        learner.start_server()
    yield pair
    for learner in pair:
        learner.stop_server()


def test_nobody_sees_anothers_files(hub, two, report):
    one, other = two
    note = {"type": "file", "format": "text", "content": "for my eyes only"}
    for learner in two:
        assert learner.call("PUT", "contents/note.txt", json=note).status_code == 201
        assert learner.call("GET", "contents/note.txt").ok

    # over the web: neither with a token nor with the cookies of a login
    for path in ("contents/note.txt", "contents", "kernels", "sessions"):
        assert one.call("GET", path, at=other.name).status_code == 403, path
    stranger = one.call("GET", f"contents/../{other.name}/note.txt")
    assert stranger.status_code in (403, 404), stranger.text
    with_cookies = one.session.get(f"{hub.url}/user/{other.name}/lab", timeout=60)
    assert with_cookies.status_code == 403
    assert not Learner(hub, other.name).log_in(hub.passwords[one.name])

    # from inside a kernel
    if hub.rooms.unix_users:
        home = hub.rooms.homes / other.name
        kernel = one.open("look.ipynb")
        for attempt in (
            f"open({str(home / 'note.txt')!r}).read()",
            f"import os; os.listdir({str(home)!r})",
            f"open({str(home / 'mine.txt')!r}, 'w')",
        ):
            assert any("PermissionError" in e for e in kernel.run(attempt).errors), attempt
        # a token in the environment of another's server would open all of it
        server = next(
            process.pid
            for process, environment in processes(hub.mark)
            if environment.get("JUPYTERHUB_USER") == other.name
        )
        spied = kernel.run(f"open('/proc/{server}/environ', 'rb').read()")
        assert any("PermissionError" in e or "FileNotFound" in e for e in spied.errors)
        kernel.close()
    kept = "nobody sees another's files" if hub.rooms.unix_users else "web access is kept apart"
    report(f"hub: {kept}; {hub.rooms.why}")


def test_a_kernel_killed_in_the_middle_is_restarted_and_catches_up(two):
    """As when a machine runs out of memory: nothing that passed is lost."""
    learner = two[0]
    (lesson,) = find_lessons(["00"])
    learner.upload(lesson.learn)
    kernel = learner.open(lesson.learn.name)
    for source in (FIRST_CELL, f"{MINE}\nloudest = lesson.hand_in('loudest', loudest)"):
        assert not kernel.run(source).errors
    with pytest.raises(KernelDied, match="restarting"):
        kernel.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    kernel.wait_until_back()
    assert "NameError" in str(kernel.run("lesson").errors)
    assert not kernel.run(FIRST_CELL).errors
    caught_up = kernel.run("lesson.catch_up(4)")
    assert "Section 4 can begin" in caught_up.text and not caught_up.errors
    assert "your code" in kernel.run("print(loudest.code)").text
    assert learner.cells(lesson.learn.name), "the notebook is still there"
    kernel.close()


def visit(hub, name, notebook):
    """Log in, start a server, open a lesson, run all of its cells, and save it."""
    learner, began = Learner(hub, name), time.monotonic()
    failures: list[str] = []
    server, picture, done = 0.0, None, 0
    try:
        assert learner.log_in(), "the hub did not let the learner in"
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
        learner.call("PUT", f"contents/{notebook.name}", json=body).raise_for_status()
    except (OSError, RuntimeError, AssertionError) as error:  # told beside those of the others
        failures.append(f"{type(error).__name__}: {error}")
    return Visit(name, failures, server, picture, time.monotonic() - began, done)


def _with(notebook, cells):
    return json.loads(notebook.read_text()) | {"cells": cells}


def test_learners_at_once(hub, report, tmp_path):
    (lesson,) = find_lessons([LESSON])
    names = hub.rooms.learners[:LEARNERS]
    busy, meter = os.getloadavg()[0], Meter(hub.mark)
    meter.start()
    try:
        with ThreadPoolExecutor(len(names)) as class_room:
            visits = list(class_room.map(lambda name: visit(hub, name, lesson.learn), names))
    finally:
        meter.stop()
    peaks = {name: meter.peaks.get(name, Peak(0, 0)) for name in names}
    told = _figures(lesson.name, visits, peaks, meter, busy, hub.rooms.why)
    path = Path(os.environ.get("COURSE_HUB_JSON") or tmp_path / "hub.json")
    runs = json.loads(path.read_text()) if path.exists() else []
    write_whole(path, json.dumps([*runs, told], indent=1) + "\n")
    note(path, fingerprint(engine=engine_defaults()))
    for line in _table(told):
        report(line)

    assert [v.failures for v in visits] == [[]] * len(names)
    assert all(v.picture is not None for v in visits), "a lesson without a picture"
    assert all(0 < peak.kernel <= KERNEL_BYTES for peak in peaks.values())


def _figures(lesson, visits, peaks, meter, busy, why):
    return {
        "lesson": lesson,
        "learners": len(visits),
        "cores": os.cpu_count(),
        "load of the machine before": round(busy, 2),  # above 0.5 or so, times are too long
        "python": sys.version.split()[0],
        "rooms": why,
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


# bad input


def test_without_node_a_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HubError, match="install node and npm, or configurable-http-proxy"):
        find_proxy(tmp_path)


def test_a_busy_port_is_named(hub, tmp_path):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with (
            pytest.raises(HubError, match=f"Port {port} of 127.0.0.1 is busy: stop what"),
            running_hub(hub.rooms, tmp_path, Path("no-proxy"), port=port),
        ):
            pass


def test_a_hub_that_cannot_start_shows_its_log_and_leaves_nothing(hub, tmp_path):
    missing = tmp_path / "no-proxy"
    with (
        pytest.raises(HubError, match=r"did not start[\s\S]*no-proxy"),
        running_hub(hub.rooms, tmp_path, missing),
    ):
        pass
    mark = json.loads((tmp_path / "settings.json").read_text())["environment"]["COURSE_HUB_RUN"]
    assert not list(processes(mark))


def test_folders_that_others_may_not_enter_are_found(tmp_path):
    shut, inside = tmp_path / "shut", tmp_path / "shut" / "inside"
    inside.mkdir(parents=True)
    above = closed([tmp_path])  # pytest's own folder is closed as well
    shut.chmod(0o700)
    assert closed([inside]) == (above or [shut])
    assert closed([Path("/")]) == []
    assert namespace([Path("/")], [inside]) == [], "nothing to cover"
    prefix = namespace([inside], [])
    assert prefix[0] == "unshare" and str(inside) in prefix[-2]
