"""Fixtures that several tests share, and the lines that tests add to the report."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

ROOT = Path(__file__).parents[1]
REPORT = pytest.StashKey[list[str]]()


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


@pytest.fixture
def small_network() -> SmallNetwork:
    torch.manual_seed(0)
    return SmallNetwork().eval()


@pytest.fixture
def real_photos() -> str:
    """A folder of real photographs; TORCH_HOME must hold real weights beside it."""
    folder = os.environ.get("COURSE_PHOTOS")
    if not folder:
        pytest.skip("COURSE_PHOTOS does not name a folder of photographs")
    return folder


@pytest.fixture
def report(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print at the end of the test run."""
    return request.config.stash.setdefault(REPORT, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(REPORT, [])
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)
