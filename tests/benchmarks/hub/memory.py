"""How much memory each learner takes, measured from outside (Linux)."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.benchmarks.hub.server import processes

HUB = ""
"""In place of a learner's name: the hub and its proxy."""


class Peak(NamedTuple):
    """The most memory that was in use, in bytes.

    learner: of all processes of a learner together, server and kernels: the sum of their
        proportional set sizes (PSS: what two processes share counts half for each).
    kernel: of the learner's largest kernel, with all that it shares (VmHWM, the system's own peak).
    """

    learner: int
    kernel: int


class Meter(threading.Thread):
    """Looks at a run's processes once a second, from `start()` to `stop()`.

    Attributes:
        peaks: by learner. together: the most that all had at one time, the hub included, in bytes.
        hub: the most that the hub and its proxy had.
    """

    def __init__(self, mark: str) -> None:
        super().__init__(daemon=True)
        self._mark, self._ended = mark, threading.Event()
        self.peaks: dict[str, Peak] = {}
        self.together = self.hub = 0

    def run(self) -> None:
        while not self._ended.wait(1):
            self._look()

    def stop(self) -> None:
        """End, and wait for the end."""
        self._ended.set()
        self.join(30)

    def _look(self) -> None:
        shares: dict[str, int] = {}
        for process, environment in processes(self._mark):
            learner = environment.get("JUPYTERHUB_USER", HUB)
            try:
                share = _kilobytes(process.pid, "smaps_rollup", "Pss")
                peak = _kilobytes(process.pid, "status", "VmHWM") if _is_kernel(process) else 0
            except (psutil.Error, OSError):
                continue  # it has just ended
            shares[learner] = shares.get(learner, 0) + share * 1024
            before = self.peaks.get(learner, Peak(0, 0))
            self.peaks[learner] = before._replace(kernel=max(before.kernel, peak * 1024))
        for learner, share in shares.items():
            before = self.peaks[learner]
            self.peaks[learner] = before._replace(learner=max(before.learner, share))
        self.together = max(self.together, sum(shares.values()))
        self.hub = max(self.hub, shares.get(HUB, 0))


def _is_kernel(process: psutil.Process) -> bool:
    return any("ipykernel" in word for word in process.cmdline())


def _kilobytes(pid: int, file: str, field: str) -> int:
    found = re.search(
        rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8"), re.M
    )
    return int(found[1]) if found else 0
