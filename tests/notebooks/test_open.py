"""`course open` where something is in its way: a busy port, no browser."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from course_lib.cli.open import browser_there, where
from tests.conftest import ROOT

HERE = {"port": 8888, "token": "abc", "base_url": "/"}


def test_the_address_is_told_with_what_to_do():
    told = where(HERE, "a.ipynb", wanted=True, browser=False)
    assert "No browser was found here: open this address in one on this machine" in told
    assert "http://127.0.0.1:8888/lab/tree/a.ipynb?token=abc" in told
    assert "Port" not in told
    assert "opens in your browser" in where(HERE, "a.ipynb", wanted=True, browser=True)
    assert "token" not in where(HERE | {"token": ""}, "a.ipynb", wanted=True, browser=True)


@contextmanager
def busy(port: int):
    """Something listens on this port: we do, unless somebody else does already."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
        except OSError:
            pass
        yield


def started(tmp_path, environment, *, python=sys.executable, work=ROOT):
    """`course open 00` in an environment without browsers, and the file of what it prints."""
    empty = tmp_path / "bin"
    empty.mkdir()
    log = tmp_path / "log"
    quiet = {
        k: v for k, v in os.environ.items() if k not in ("BROWSER", "DISPLAY", "COURSE_STATIC")
    }
    with log.open("w") as file:
        process = subprocess.Popen(
            [str(python), "-m", "course_lib.cli", "open", "00"],
            stdout=file, stderr=subprocess.STDOUT, cwd=work, start_new_session=True,
            env=quiet | {"PATH": str(empty), "PYTHONUNBUFFERED": "1"}
            | {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")} | environment,
        )  # fmt: skip
    return process, log


@contextmanager
def opened(tmp_path, environment, **where):
    """What `course open 00` prints until its address is told; it runs until the end."""
    process, log = started(tmp_path, environment, **where)
    try:
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if "To stop, press Ctrl-C" in log.read_text():
                break
            time.sleep(0.3)
        yield log.read_text()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def asked(told, page):
    """What the server has at a path, asked for with the token of the address that was told."""
    port, token = re.search(r"http://127\.0\.0\.1:(\d+)/lab/tree/\S+\?(token=\w+)", told).groups()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}?{token}", timeout=20) as answer:
        assert answer.status == 200
        return answer.read()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a browser")
def test_a_busy_port_and_no_browser_get_an_address_and_no_traceback(tmp_path):
    with busy(8888), opened(tmp_path, {}) as text:
        told = re.search(
            r"course: Port 8888 is in use by another program, so this is port (\d+)\. No "
            r"browser was found here: open this address in one on this machine:\s+"
            r"http://127\.0\.0\.1:(\d+)/lab/tree/notebooks/learn/00_start_here\.ipynb\?token=\w+",
            text,
        )
        assert told, text
        assert told[1] == told[2] != "8888"
        assert "Traceback" not in text
        assert asked(text, "api/contents/notebooks/learn/00_start_here.ipynb")
        assert b'"news": {"disabled": true}' in asked(text, "lab"), "no question about news"


@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux", reason="signals and ports as on Linux")
def test_no_port_at_all_is_one_sentence(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = {"JUPYTER_PORT": str(listener.getsockname()[1]), "JUPYTER_PORT_RETRIES": "0"}
        process, log = started(tmp_path, taken)
        assert process.wait(timeout=120) == 1
    text = log.read_text()
    assert re.search(r"course: JupyterLab did not start \(exit status \d+\): .*try again\.", text)
    assert "Traceback" not in text


def test_no_browser_is_noticed(monkeypatch):
    import webbrowser

    def none_here(using=None):
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none_here)
    assert not browser_there()
