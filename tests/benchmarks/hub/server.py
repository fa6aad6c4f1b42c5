"""A JupyterHub on loopback, from its proxy to its end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import requests

from tests.benchmarks.hub.rooms import Rooms

PROXY = "configurable-http-proxy"
MARK = "COURSE_HUB_RUN"
"""Every process of a run has this variable, whatever started it: so all can be found and ended."""

START_SECONDS, STOP_SECONDS = 240, 30


class HubError(RuntimeError):
    """The hub cannot be had; the message says what to do."""


class Hub(NamedTuple):
    """A running hub.

    url: its address, without a slash at the end. mark: what its processes have in `MARK`.
    passwords: by learner. rooms: where learners work.
    """

    url: str
    mark: str
    passwords: dict[str, str]
    rooms: Rooms


def find_proxy(folder: Path) -> Path:
    """JupyterHub's proxy: the one on the PATH, or else installed with npm into a folder.

    Raises:
        HubError: there is none and it cannot be installed.
    """
    found = shutil.which(PROXY)
    if found:
        return Path(found)
    installed = folder / "node_modules" / ".bin" / PROXY
    if not shutil.which("node") or not shutil.which("npm"):
        raise HubError(
            f"JupyterHub's proxy needs Node.js: install node and npm, or {PROXY} on the PATH."
        )
    if not installed.exists():
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", PROXY]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            raise HubError(f"npm did not install {PROXY} within 300 seconds: try again.") from None
        if run.returncode or not installed.exists():
            last = (run.stderr.strip().splitlines() or ["no message"])[-1]
            raise HubError(f"npm could not install {PROXY}: {last}")
    works = subprocess.run([installed, "--version"], capture_output=True, text=True, timeout=60)
    if works.returncode:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
        raise HubError(
            f"{PROXY} does not run with Node.js {version.strip()}: install Node.js 20 or newer."
        )
    return installed


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def claim_port(port: int) -> int:
    """The same port, if it is free.

    Raises:
        HubError: it is busy.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise HubError(
                f"Port {port} of 127.0.0.1 is busy: stop what listens there, or choose another."
            ) from None
    return port


@contextmanager
def running_hub(
    rooms: Rooms, folder: Path, proxy: Path, *, port: int | None = None, seconds: int = 3600
) -> Iterator[Hub]:
    """A hub on 127.0.0.1, with passwords, tokens and secrets made for it alone.

    Args:
        folder: for the hub's own files; only the hub's user should be able to read it.
        port: where it answers; None for any that is free.
        seconds: how long it may live, whatever happens to whoever started it.

    Raises:
        HubError: the port is busy, or the hub did not start; the message ends with its log.
    """
    port = free_port() if port is None else claim_port(port)
    mark = secrets.token_hex(8)
    passwords = {learner: secrets.token_urlsafe(16) for learner in rooms.learners}
    settings = {
        "port": port,
        "hub_port": free_port(),
        "proxy_port": free_port(),
        "proxy": str(proxy),
        "proxy_token": secrets.token_hex(32),
        "cookie_secret": secrets.token_hex(32),
        "passwords": passwords,
        "folder": str(folder),
        "homes": str(rooms.homes),
        "unix_users": rooms.unix_users,
        "start_seconds": START_SECONDS,
        # a thread for each kernel: those of many kernels would wait for each other
        "environment": {MARK: mark, "OMP_NUM_THREADS": "1"},
    }
    path = folder / "settings.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(settings))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COURSE_", "JUPYTER"))}
    environment |= {"COURSE_HUB_SETTINGS": str(path), MARK: mark}
    config = Path(__file__).with_name("jupyterhub_config.py")
    # fmt: off
    command = [
        "timeout", "--kill-after=10", str(seconds), *rooms.prefix,
        sys.executable, "-m", "jupyterhub", "--config", str(config),
    ]
    # fmt: on
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            command if shutil.which("timeout") else command[3:],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        hub = Hub(f"http://127.0.0.1:{port}", mark, passwords, rooms)
        _wait_until_up(hub, process, folder / "hub.log")
        yield hub
    finally:
        _end(process, mark)


def processes(mark: str) -> Iterator[tuple[psutil.Process, dict[str, str]]]:
    """A run's processes, with their environments; those of others cannot be read and are left."""
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue
        if environment.get(MARK) == mark:
            yield process, environment


def _wait_until_up(hub: Hub, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if requests.get(f"{hub.url}/hub/health", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise HubError(
        f"JupyterHub did not start. The end of its log:\n{log.read_text(encoding='utf-8')[-3000:]}"
    )


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """End the hub and everything that it started, gently first."""
    process.send_signal(signal.SIGTERM)
    for action in ("terminate", "kill"):
        try:
            process.wait(STOP_SECONDS / 2)
        except subprocess.TimeoutExpired:
            process.kill()
        left = [one for one, _ in processes(mark)]
        for one in left:
            try:
                getattr(one, action)()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(left, STOP_SECONDS / 2)
