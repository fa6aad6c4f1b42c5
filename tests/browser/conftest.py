"""A JupyterLab of our own, and Chromium in front of it; without Chromium these tests are skipped.

The server listens on loopback, asks for a token, and works in a temporary copy of notebooks/learn,
so that nothing in the checkout changes. The environment variable COURSE_SCREENSHOTS names a folder
for the pictures; without it they are in pytest's temporary folder.
"""

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
_SETTINGS = {
    # nothing asks anything of the internet
    "apputils-extension/notification.jupyterlab-settings": {
        "checkForUpdates": False, "fetchNews": "false",
    },
    # what one test does to a notebook is not there for the next
    "docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}  # fmt: skip
_ROOT_USER = getattr(os, "geteuid", lambda: 1)() == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab in a copy of the lessons to work in."""
    home = tmp_path_factory.mktemp("jupyter")
    work = shutil.copytree(ROOT / "notebooks" / "learn", home / "work")
    for name, settings in _SETTINGS.items():
        path = home / "config" / "lab" / "user-settings" / "@jupyterlab" / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(settings))
    token = secrets.token_hex(16)
    places = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    environment = os.environ | {f"JUPYTER_{name}": str(home / at) for name, at in places.items()}
    environment |= {
        "JUPYTER_TOKEN": token,
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
    if _ROOT_USER:
        command.append("--allow-root")
    log = home / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=work
        )
    try:
        # the file in which it says where it listens
        told = home / "runtime" / f"jpserver-{process.pid}.json"
        deadline = time.monotonic() + _START_SECONDS
        while not (told.exists() and told.read_text().rstrip().endswith("}")):
            late = process.poll() is not None or time.monotonic() > deadline
            assert not late, f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}"
            time.sleep(0.2)
        yield Server(f"http://127.0.0.1:{json.loads(told.read_text())['port']}", token, work)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.skip("no Chromium on the PATH: install your system's package chromium to run this")
    api = pytest.importorskip(
        "playwright.sync_api", reason="Playwright for Python is missing: pip install playwright"
    )
    with api.sync_playwright() as playwright:
        program = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if _ROOT_USER else []
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
