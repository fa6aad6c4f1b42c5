"""Fixtures that several tests share, and the lines that tests add to the report."""

import importlib.util
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings
from torch import Tensor, nn

ROOT = Path(__file__).parents[1]
_MEASURED = "measured"
SEED = int(os.environ.get("COURSE_TEST_SEED", "0"))  # of each test; another one, to find luck


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A worker for each core; none for benchmarks, which want a quiet machine."""
    if any("benchmarks" in arg for arg in config.args):
        return 0
    asked = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")
    mine = getattr(os, "sched_getaffinity", None)  # on Linux: the cores that this process may use
    return int(asked) if asked else len(mine(0)) if mine else os.cpu_count() or 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run every test, the slow ones, too")


def pytest_configure(config: pytest.Config) -> None:
    # a slow machine is no fault of a property's
    settings.register_profile(
        "quick",
        max_examples=10,
        derandomize=True,  # the same for everybody who runs the README's line
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    settings.register_profile("full", settings.get_profile("quick"), max_examples=100)
    settings.load_profile("full" if config.getoption("--full") else "quick")
    # threads of several workers and of the kernels they start would wait for each other
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["OMP_NUM_THREADS"] = "1"
        torch.set_num_threads(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow unless all is asked for, and begin with what takes longest."""
    if not config.getoption("--full"):
        config.hook.pytest_deselected(items=[item for item in items if is_slow(item)])
        items[:] = [item for item in items if not is_slow(item)]
    items[:] = in_parts(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def is_slow(item: pytest.Item) -> bool:
    """Whether it runs with --full alone: marked so, or on a real network and photographs."""
    return item.get_closest_marker("full") is not None or "real_photos" in getattr(
        item, "fixturenames", ()
    )


def in_parts(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The items so that each worker's part of the list begins with its share of the long ones.

    xdist cuts the list into equal parts; who is done takes over from the end of another's part.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if not item.get_closest_marker("long")]
    ordered: list[pytest.Item] = []
    for number in range(workers):
        mine = long[number::workers]
        end = max(0, len(items) * (number + 1) // workers - len(ordered) - len(mine))
        ordered += mine + short[:end]
        del short[:end]
    return ordered


@pytest.hookimpl(tryfirst=True)  # before any fixture, also one that other tests share
def pytest_runtest_setup(item: pytest.Item) -> None:
    # what a test draws depends neither on what ran before it nor on what was collected with it
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    if item.get_closest_marker("network") is not None and not registry_answers():
        pytest.skip("no package registry can be reached")


def tool(name: str) -> str:
    """A developers' tool, of this environment or else on the PATH; the test is skipped without."""
    found = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: uv run --group dev pytest --full")
    return found


@lru_cache(maxsize=1)
def registry_answers() -> bool:
    """Whether uv, or else pip, finds a package by this machine's own settings."""
    environment = dict(os.environ) | {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "20"}
    if shutil.which("uv"):
        ask = ["uv", "pip", "compile", "--quiet", "--no-deps", "--refresh", "-"]
    elif importlib.util.find_spec("pip"):
        ask = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"]
        ask += ["--retries", "0", "--quiet", "--no-deps", "--requirement", "/dev/stdin"]
    else:
        return False
    answer = subprocess.run(ask, input="nbval", text=True, capture_output=True, env=environment)
    return answer.returncode == 0


class SmallNetwork(nn.Module):
    """A convolutional network of no merit: every part that the engine must cope with, fast."""

    def __init__(self, classes: int = 5) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.body = nn.Sequential(nn.Conv2d(6, 8, 3, stride=2), nn.ReLU(inplace=True))
        self.fc = nn.Linear(8, classes)

    def forward(self, images: Tensor) -> Tensor:
        features = self.body(self.relu(self.norm(self.stem(images))))
        return self.fc(features.mean((2, 3)))


def built(forward: Callable[[nn.Module, Tensor], Tensor], **parts: nn.Module) -> nn.Module:
    """A network of these modules, whose forward pass is a function of itself and the images."""
    return type("Built", (nn.ModuleDict,), {"forward": forward})(parts)


@pytest.fixture
def small_network() -> SmallNetwork:
    torch.manual_seed(0)
    return SmallNetwork().eval()


@pytest.fixture(scope="session")
def real_photos() -> str:
    """A folder of real photographs; TORCH_HOME must hold real weights beside it."""
    folder = os.environ.get("COURSE_PHOTOS")
    if not folder:
        pytest.skip("COURSE_PHOTOS does not name a folder of photographs")
    return folder


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Called with a line to print at the end of the test run."""
    return lambda line: request.node.user_properties.append((_MEASURED, line))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ended = [t for outcome in ("passed", "failed") for t in terminalreporter.stats.get(outcome, [])]
    lines = [line for test in ended for kind, line in test.user_properties if kind == _MEASURED]
    if lines:
        terminalreporter.section("measured")
        for line in sorted(lines):
            terminalreporter.write_line(line)
