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

PROXY = "configurable-http-proxy"
MARK = "COURSE_HUB_RUN"
"""Every process of a run has this variable, whatever started it: so all can be found and ended."""

START_SECONDS, STOP_SECONDS = 240, 30


class Hub(NamedTuple):
    """A running hub.

    url: its address, without a slash at the end. mark: what its processes have in `MARK`.
    passwords: by learner.
    """

    url: str
    mark: str
    passwords: dict[str, str]


def find_proxy(folder: Path) -> Path:
    """JupyterHub's proxy: the one on the PATH, or else installed with npm into a folder."""
    found = shutil.which(PROXY)
    if found:
        return Path(found)
    installed = folder / "node_modules" / ".bin" / PROXY
    if not installed.exists():
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", PROXY]
        subprocess.run(command, check=True, timeout=300)
    return installed


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_hub(learners: int, folder: Path, proxy: Path, seconds: int = 1800) -> Iterator[Hub]:
    """A hub on 127.0.0.1, with passwords, tokens and secrets made for it alone.

    Args:
        learners: how many; each has a folder for a home.
        folder: for the hub's own files; only the hub's user should be able to read it.
        seconds: how long it may live, whatever happens to whoever started it.
    """
    port, mark = free_port(), secrets.token_hex(8)
    passwords = {f"learner-{n}": secrets.token_urlsafe(16) for n in range(1, learners + 1)}
    for name in passwords:
        (folder / "homes" / name).mkdir(mode=0o700, parents=True)
    settings = {
        "port": port,
        "hub_port": free_port(),
        "proxy_port": free_port(),
        "proxy": str(proxy),
        "proxy_token": secrets.token_hex(32),
        "cookie_secret": secrets.token_hex(32),
        "passwords": passwords,
        "folder": str(folder),
        "homes": str(folder / "homes"),
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
    with (folder / "hub.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [
                "timeout", "--kill-after=10", str(seconds),
                sys.executable, "-m", "jupyterhub", "--config", str(config),
            ],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        hub = Hub(f"http://127.0.0.1:{port}", mark, passwords)
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
    raise RuntimeError(
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
