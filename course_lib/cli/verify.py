"""`course test`: every lesson under nbval, with its time and its kernel's memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from course_lib.cli.lessons import Lesson, run_environment


class Verdict(NamedTuple):
    """How a lesson did under nbval.

    seconds: of the whole run. megabytes: the largest resident memory of any of its processes,
    which is the kernel; None where the system does not tell.
    """

    lesson: str
    passed: bool
    seconds: float
    megabytes: float | None
    report: str


def verify_lesson(lesson: Lesson) -> Verdict:
    """Run one executed notebook under nbval: every cell must run, marked outputs must match."""
    command = [
        sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env",
        "-p", "no:cacheprovider", "-q", "--rootdir", str(lesson.executed.parent),
        "-c", os.devnull, str(lesson.executed),
    ]  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=run_environment(photos=True),
    )
    assert process.stdout is not None
    report = process.stdout.read()
    if hasattr(os, "wait4"):
        # The kernel is waited for by pytest, so its peak is among those of this child's children.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        kibibytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
        megabytes = kibibytes * 1024 / 1e6
    else:
        process.wait()
        megabytes = None
    seconds = time.perf_counter() - started
    return Verdict(lesson.name, process.returncode == 0, seconds, megabytes, report)


def verify(lessons: Sequence[Lesson]) -> bool:
    """Run lessons under nbval and print a table; true if all passed."""
    table = Table("lesson", "nbval", "seconds", "peak memory")
    verdicts = [verify_lesson(lesson) for lesson in lessons]
    for verdict in verdicts:
        memory = "unknown" if verdict.megabytes is None else f"{verdict.megabytes:.0f} MB"
        table.add_row(
            verdict.lesson,
            "passed" if verdict.passed else "FAILED",
            f"{verdict.seconds:.0f}",
            memory,
        )
        if not verdict.passed:
            print(verdict.report)
    Console().print(table)
    return all(verdict.passed for verdict in verdicts)
