"""`course test`: every lesson under nbval, with its time and its kernel's memory."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import nbformat
from rich.console import Console
from rich.table import Table

from course_lib.cli.execute import read_source
from course_lib.cli.lessons import CourseError, LessonFiles, find_lessons, run_environment
from course_lib.cli.offline import can_be_offline
from course_lib.cli.offline import offline as offline_command


class NbvalRun(NamedTuple):
    """How a lesson did under nbval. megabytes: the largest resident memory of any of its processes,
    which is the kernel; None where the system does not tell."""

    lesson: str
    passed: bool
    seconds: float
    megabytes: float | None
    report: str


# Runs a command and prints the largest resident memory among it and what it started, in bytes. A
# small process of its own, because a child begins with the peak of whoever started it.
_MEASURE = """
import subprocess, sys
status = subprocess.call(sys.argv[1:])
try:
    import resource
except ImportError:  # Windows
    sys.exit(status)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print("peak bytes:", peak * (1 if sys.platform == "darwin" else 1024))
sys.exit(status)
"""


def verify_lesson(
    lesson: LessonFiles,
    notebook: Path | None = None,
    python: str = sys.executable,
    *,
    without_network: bool = False,
) -> NbvalRun:
    """Run one executed notebook under nbval: every cell must run without an error.

    Where the lesson has no executed notebook, as when there is no clone, one without outputs is
    built from its source and run in its place.

    Args:
        notebook: another notebook of the lesson, such as one with all exercises done.
        python: the interpreter to run it with; the course and nbval must be installed for it.
        without_network: leave it the loopback interface alone; a CourseError where that fails.
    """
    if without_network and not can_be_offline():
        raise CourseError(
            "This system cannot take the network away from a command, which takes Linux and leave "
            "to make namespaces: run 'course test' without --offline, with the network unplugged."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = notebook or lesson.executed
        if notebook is None and not path.exists():
            path = Path(folder) / f"{lesson.name}.ipynb"
            nbformat.write(read_source(lesson), path)
        path = path.resolve()
        command = [
            python, "-c", _MEASURE, python, "-m", "pytest", "--nbval-lax",
            "--nbval-current-env", "-p", "no:cacheprovider", "-q",
            "--rootdir", str(path.parent), "-c", os.devnull, str(path),
        ]  # fmt: skip
        started = time.perf_counter()
        run = subprocess.run(
            offline_command(command) if without_network else command,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=run_environment(photos=True), check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - started
    peak = re.search(r"peak bytes: (\d+)", run.stdout)
    megabytes = int(peak[1]) / 1e6 if peak else None
    return NbvalRun(lesson.name, run.returncode == 0, seconds, megabytes, run.stdout)


def verify(lessons: Sequence[str], offline: bool) -> int:
    """Lessons run under nbval, and a table printed; the exit status is 0 if all passed.

    A CourseError where nbval is not installed, or the network cannot be taken away.
    """
    chosen = find_lessons(lessons)
    if find_spec("nbval") is None:
        raise CourseError(
            "The lessons are tested with nbval, which is not installed: run 'pip install nbval'."
        )
    table = Table("lesson", "nbval", "seconds", "peak memory")
    verdicts = [verify_lesson(lesson, without_network=offline) for lesson in chosen]
    for name, passed, seconds, megabytes, report in verdicts:
        memory = "unknown" if megabytes is None else f"{megabytes:.0f} MB"
        table.add_row(name, "passed" if passed else "FAILED", f"{seconds:.0f}", memory)
        if not passed:
            print(report)
    Console().print(table)
    return 0 if all(verdict.passed for verdict in verdicts) else 1
