"""The peak of memory of one contender, in a process of its own.

python -m tests.benchmarks.engine.memory CONTENDER NETWORK PICTURES
"""

import gc
import subprocess
import sys
from pathlib import Path

import torch

from tests.benchmarks.engine import contenders as ways
from tests.benchmarks.engine.networks import subject

_STEPS = 3
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def can_measure() -> bool:
    """Only where Linux tells a process its peak and lets it be set back."""
    return _STATUS.exists() and _RESET.exists()


def megabytes_above_baseline(contender: str, network: str, batch: int) -> float:
    """In a new process: the peak while drawing, less what the loaded network takes before."""
    command = [sys.executable, "-m", __spec__.name, contender, network, str(batch)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _kilobytes(field: str) -> int:
    (line,) = [
        row for row in _STATUS.read_text(encoding="utf-8").splitlines() if row.startswith(field)
    ]
    return int(line.split()[1])


def main() -> None:
    contender, network, batch = sys.argv[1:]
    torch.set_num_threads(1)
    chosen = subject(network)
    if ways.has_lucent():
        import lucent.optvis.render  # noqa: F401  # so that a library is no part of a peak
    gc.collect()
    before = _kilobytes("VmRSS")
    _RESET.write_text("5", encoding="utf-8")
    getattr(ways, contender)(chosen, int(batch), _STEPS)
    print((_kilobytes("VmHWM") - before) / 1000)


if __name__ == "__main__":
    main()
