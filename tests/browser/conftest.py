"""A JupyterLab of our own, and Chromium in front of it; without Chromium these tests are skipped.

The server listens on loopback, asks for a token, and works in a temporary copy of notebooks/learn,
so that nothing in the checkout changes. The environment variable COURSE_SCREENSHOTS names a folder
for the pictures; without it they are in pytest's temporary folder.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.jupyterlab import Notebook, Server
from tests.conftest import ROOT

_START_SECONDS = 120
# the badges' pictures are the only thing that a lesson takes from the internet; tests take none
_BADGES = re.compile(r"https://(colab\.research\.google\.com|mybinder\.org)/.*\.svg")
_EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="117" height="20"/>'
_QUIET = {"checkForUpdates": False, "fetchNews": "false"}  # nothing asks anything of the internet


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium on the PATH: install your system's package chromium to run this")
    return found


@pytest.fixture(scope="session")
def playwright_api() -> Any:
    return pytest.importorskip(
        "playwright.sync_api", reason="Playwright for Python is missing: pip install playwright"
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab in a copy of the lessons to work in."""
    home = tmp_path_factory.mktemp("jupyter")
    work = shutil.copytree(ROOT / "notebooks" / "learn", home / "work")
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(_QUIET))
    # what one test does to a notebook is not there for the next
    settings = settings.with_name("docmanager-extension")
    settings.mkdir()
    (settings / "plugin.jupyterlab-settings").write_text(json.dumps({"autosave": False}))
    token = secrets.token_hex(16)
    environment = dict(os.environ) | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    for name in ("COURSE_STATIC", "COURSE_STRICT_CLAIMS", "COURSE_PHOTOS"):
        environment.pop(name, None)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0",
        "--expose-app-in-browser", f"--ServerApp.root_dir={work}",
    ]  # fmt: skip
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")
    log = home / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=work
        )
    try:
        yield Server(_address(process, home / "runtime", log), token, work, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Where the server listens, from the file in which it says so."""
    told = runtime / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if told.exists() and told.read_text().rstrip().endswith("}"):
            return f"http://127.0.0.1:{json.loads(told.read_text())['port']}"
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def browser(playwright_api: Any, chromium: str) -> Iterator[Any]:
    root = getattr(os, "geteuid", lambda: 1)() == 0
    with playwright_api.sync_playwright() as playwright:
        program = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if root else []
        )
        yield program
        program.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wanted = os.environ.get("COURSE_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.route(_BADGES, lambda route: route.fulfill(content_type="image/svg+xml", body=_EMPTY))
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture
def open_notebook(server: Server, page: Any, screenshots: Path) -> Iterator[Any]:
    """Called with a notebook's name; its kernel is shut down after the test."""
    yield lambda name: Notebook(page, server, name, screenshots)
    server.shut_kernels_down()
