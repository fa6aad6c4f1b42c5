"""A hub full of learners: the real JupyterHub, each learner on a server of their own.

    uv run --group hub pytest tests/benchmarks/test_hub.py

Environment variables: COURSE_HUB_LEARNERS (8) and COURSE_HUB_LESSON (01) choose how many learn
what; COURSE_HUB_JSON names a file to which the figures are added, an entry a run. Times are told,
never tested: they are the machine's. Everything listens on 127.0.0.1 only, with secrets made for
the run.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
import requests
import websocket
from jupyter_client.session import Session

pytest.importorskip(
    "jupyterhub", reason="JupyterHub is not installed: uv run --group hub pytest ..."
)
if not Path("/proc/self/smaps_rollup").exists():
    pytest.skip("memory is measured as Linux tells it", allow_module_level=True)

from course_lib.cli.lessons import find_lessons
from course_lib.stored import fingerprint, note, write_whole
from course_lib.visualization.defaults import engine_defaults
from tests.units.test_hub_guide import rows

LEARNERS = int(os.environ.get("COURSE_HUB_LEARNERS", "8"))
LESSON = os.environ.get("COURSE_HUB_LESSON", "01")
PROXY = "configurable-http-proxy"
MARK = "COURSE_HUB_RUN"  # every process of a run has this variable, so all can be found and ended
CALL, CELL, START, STOP, RUN = 120, 600, 240, 15, 1800  # seconds


@pytest.fixture
def hub(request, tmp_path):
    """A hub's settings, while it runs; at its end nothing that it started is left."""
    proxy = shutil.which(PROXY)
    if proxy is None:
        if shutil.which("npm") is None:
            pytest.skip("JupyterHub's proxy needs Node.js 20 or newer: install node and npm")
        folder = request.config.cache.mkdir("hub-proxy")
        proxy = str(folder / "node_modules" / ".bin" / PROXY)
        if not Path(proxy).exists():
            command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", PROXY]
            subprocess.run(command, check=True, timeout=300)
    secret = {name: secrets.token_hex(32) for name in ("password", "proxy_token", "cookie_secret")}
    settings = secret | {
        "url": own_address(),
        "hub_url": own_address(),
        "proxy_url": own_address(),
        "proxy": proxy,
        "folder": str(tmp_path),
        "learners": [f"learner-{number}" for number in range(1, LEARNERS + 1)],
        "start_seconds": START,
        # a thread for each kernel: those of many kernels would wait for each other
        "environment": {MARK: str(tmp_path), "OMP_NUM_THREADS": "1"},
    }
    for name in settings["learners"]:
        (tmp_path / name).mkdir(mode=0o700)
    path = tmp_path / "settings.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(settings))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COURSE_", "JUPYTER"))}
    environment |= {"COURSE_HUB_SETTINGS": str(path), MARK: str(tmp_path)}
    config = str(Path(__file__).with_name("hub_config.py"))
    # for so long at most, whatever happens to whoever started it
    command = ["timeout", "--kill-after=10", str(RUN), sys.executable, "-m", "jupyterhub"]
    with (tmp_path / "hub.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--config", config], cwd=tmp_path, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or answers(f"{settings['url']}/hub/health"))
        assert process.poll() is None, (tmp_path / "hub.log").read_text()[-3000:]
        yield settings
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP)
        for end in (psutil.Process.terminate, psutil.Process.kill):
            left = [one for one, _ in processes(str(tmp_path))]
            for one in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    end(one)
            psutil.wait_procs(left, STOP)
    assert not list(processes(str(tmp_path))), "the run left processes behind"


def own_address():
    """Where nobody listens yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def answers(address):
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False


def wait_until(ready):
    deadline = time.monotonic() + START
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"No server answered within {START} seconds.")
        time.sleep(0.3)


def processes(mark):
    """A run's processes, with their environments; those of others cannot be read and are left."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            environment = process.environ()
            if environment.get(MARK) == mark:
                yield process, environment


class Meter(threading.Thread):
    """Looks once a second at how much memory each learner takes, from outside; "" is the hub.

    Attributes:
        shares: the most that each one's processes took together, in bytes: the sum of their
            proportional set sizes (PSS: what two processes share counts half for each).
        kernels: the peak of each one's largest kernel, with all that it shares (VmHWM).
        together: the most that all had at one time, the hub and its proxy included.
    """

    def __init__(self, mark):
        super().__init__(daemon=True)
        self._mark, self.ended = mark, threading.Event()
        self.shares, self.kernels, self.together = {}, {}, 0

    def run(self):
        while not self.ended.wait(1):
            now = {}
            for process, environment in processes(self._mark):
                name = environment.get("JUPYTERHUB_USER", "")
                with contextlib.suppress(psutil.Error, OSError):  # it has just ended
                    now[name] = now.get(name, 0) + size(process, "smaps_rollup", "Pss")
                    if any("ipykernel" in word for word in process.cmdline()):
                        peak = size(process, "status", "VmHWM")
                        self.kernels[name] = max(self.kernels.get(name, 0), peak)
            for name, share in now.items():
                self.shares[name] = max(self.shares.get(name, 0), share)
            self.together = max(self.together, sum(now.values()))


def size(process, file, field):
    text = Path(f"/proc/{process.pid}/{file}").read_text(encoding="utf-8")
    found = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


class Learner:
    """A learner in front of the hub; the token, for the own server, is made after logging in."""

    def __init__(self, hub, name):
        self.hub, self.name, self.token = hub, name, ""

    def log_in(self):
        """Log in through the hub's form."""
        browser, home = requests.Session(), f"{self.hub['url']}/hub/home"
        browser.trust_env = False
        browser.get(f"{self.hub['url']}/hub/login", timeout=CALL).raise_for_status()

        def xsrf():
            return browser.cookies.get("_xsrf", path="/hub/") or ""

        form = {"username": self.name, "password": self.hub["password"], "_xsrf": xsrf()}
        address = f"{self.hub['url']}/hub/login"
        reply = browser.post(address, form, timeout=CALL, allow_redirects=False)
        if reply.status_code != 302:
            raise RuntimeError(f"The hub did not let {self.name} in.")
        browser.get(home, timeout=CALL)  # a new _xsrf
        made = browser.post(
            f"{self.hub['url']}/hub/api/users/{self.name}/tokens",
            json={"note": "benchmark", "expires_in": 3600},
            headers={"X-XSRFToken": xsrf(), "Referer": home},
            timeout=CALL,
        )
        made.raise_for_status()
        self.token = made.json()["token"]

    def start_server(self):
        mine = f"hub/api/users/{self.name}"
        self.call("POST", f"{mine}/server")
        wait_until(lambda: self.call("GET", mine)["servers"].get("", {}).get("ready"))

    def call(self, method, path, body=None):
        """What the hub, or the learner's own server behind it, answers."""
        headers = {"Authorization": f"token {self.token}"}
        address = f"{self.hub['url']}/{path}"
        reply = requests.request(method, address, json=body, headers=headers, timeout=CALL)
        reply.raise_for_status()
        return reply.json() if reply.content else None

    def kernel(self, notebook):
        """A kernel for a notebook, as a function that runs a cell in it."""
        mine, session = f"user/{self.name}/api", Session()
        body = {"path": notebook, "name": notebook, "type": "notebook"}
        opened = self.call("POST", f"{mine}/sessions", body | {"kernel": {"name": "python3"}})
        line = websocket.create_connection(
            f"{self.hub['url'].replace('http:', 'ws:', 1)}/{mine}/kernels/"
            f"{opened['kernel']['id']}/channels?session_id={session.session}",
            header=[f"Authorization: token {self.token}"], timeout=CELL,
            http_no_proxy=["127.0.0.1"],
        )  # fmt: skip
        return lambda source: run_cell(line, session, source)


def run_cell(line, session, source):
    """A cell's outputs, its errors, and when its first picture came (None: there was none).

    Raises:
        RuntimeError: the kernel died, took too long or the line to it was cut.
    """
    outputs, errors, picture, ended = [], [], None, set()
    content = {"code": source, "allow_stdin": False}
    request = session.msg("execute_request", content) | {"channel": "shell"}
    line.send(json.dumps(request, default=str))
    deadline = time.monotonic() + CELL
    while ended != {"execute_reply", "idle"}:
        line.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            raw = line.recv()
        except websocket.WebSocketTimeoutException:
            raise RuntimeError("The kernel did not answer in time.") from None
        if raw == "":
            raise RuntimeError("The line to the kernel was cut.")
        if isinstance(raw, bytes):
            continue  # a widget's buffers, which nobody draws here
        message = json.loads(raw)
        kind, content = message["msg_type"], message["content"]
        state = content.get("execution_state")
        if kind == "status" and state in ("restarting", "dead"):
            raise RuntimeError(f"The server says: kernel {state}.")
        if message["parent_header"].get("msg_id") != request["msg_id"]:
            continue
        if kind == "execute_reply" or state == "idle":
            ended.add(state or kind)
        if kind in ("display_data", "execute_result", "update_display_data"):
            shown = content["data"]
            if "image/" in str(shown.keys()) or "<img" in str(shown.get("text/html", "")):
                picture = picture or time.monotonic()
        if kind in ("display_data", "execute_result", "stream", "error"):
            outputs.append(nbformat.v4.output_from_msg(message))
        if kind == "error":
            errors.append(f"{content['ename']}: {content['evalue']}")
        elif kind == "stream" and "rate exceeded" in content["text"]:
            errors.append(content["text"].strip())  # the server has dropped what came then
    return outputs, errors, picture


def visit(hub, name, notebook):
    """Log in, start a server, open a lesson, run all of its cells, save it; seconds from the login
    on, and what went wrong."""
    learner, began = Learner(hub, name), time.monotonic()
    told = {"failures": [], "cells run": 0, "seconds from login to first picture": None}
    page = f"user/{name}/api/contents/{notebook.name}"
    body = {"type": "notebook", "content": json.loads(notebook.read_text(encoding="utf-8"))}
    try:
        learner.log_in()
        learner.start_server()
        told["seconds from login to server"] = round(time.monotonic() - began, 1)
        learner.call("PUT", page, body)
        body["content"] = learner.call("GET", page)["content"]
        run = learner.kernel(notebook.name)
        for number, cell in enumerate(body["content"]["cells"]):
            if cell["cell_type"] != "code":
                continue
            cell["outputs"], errors, picture = run(cell["source"])
            told["cells run"] += 1
            told["failures"] += [f"cell {number}: {error}" for error in errors]
            if picture and told["seconds from login to first picture"] is None:
                told["seconds from login to first picture"] = round(picture - began, 1)
        learner.call("PUT", page, body)
    except (OSError, RuntimeError) as error:  # told beside those of the others
        told["failures"].append(f"{type(error).__name__}: {error}")
    return told | {"seconds from login to end": round(time.monotonic() - began, 1)}


def test_learners_at_once(hub, report, tmp_path):
    (lesson,) = find_lessons([LESSON])
    busy, meter, names = os.getloadavg()[0], Meter(str(tmp_path)), hub["learners"]
    meter.start()
    try:
        with ThreadPoolExecutor(len(names)) as class_room:
            visits = list(class_room.map(lambda name: visit(hub, name, lesson.learn), names))
    finally:
        meter.ended.set()
        meter.join(30)
    for name, one in zip(names, visits, strict=True):
        one["bytes, server and kernel (PSS)"] = meter.shares.get(name, 0)
        one["bytes, kernel (VmHWM)"] = meter.kernels.get(name, 0)
    told = {
        "lesson": lesson.name,
        "learners": len(visits),
        "cores": os.cpu_count(),
        "load of the machine before": round(busy, 2),  # above 0.5 or so, times are too long
        "python": sys.version.split()[0],
        "bytes at one time, all learners and the hub (PSS)": meter.together,
        "bytes, hub and proxy (PSS)": meter.shares.get("", 0),
        "each": visits,
    }
    path = Path(os.environ.get("COURSE_HUB_JSON") or tmp_path / "hub.json")
    runs = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    write_whole(path, json.dumps([*runs, told], indent=1) + "\n")
    note(path, fingerprint(engine=engine_defaults()))

    assert [one["failures"] for one in visits] == [[]] * len(names)
    assert all(one["seconds from login to first picture"] for one in visits), "no picture"
    assert all(one["bytes, kernel (VmHWM)"] for one in visits), "told against the budget, below"
    for number, line in enumerate(rows([told])):  # lines stay in order when they are sorted
        report(f"hub {number}: {line}")
