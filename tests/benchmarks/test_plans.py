"""The clock beside a plan: the cells that it has learners run, in order, in real kernels.

    COURSE_PLAN_JSON=plans.json uv run pytest tests/benchmarks/test_plans.py -k 90

COURSE_PLAN_JSON names the file that keeps the figures, a list of rows a plan.
"""

import json
import os
import re
from pathlib import Path

import nbformat
import pytest

from course_lib.cli.execute import execute
from tests.units.test_teach import PLANS, Row, cells, plan

KEPT = os.environ.get("COURSE_PLAN_JSON")


def cells_to_run(row: Row) -> list[str]:
    """The code that a row has learners run: two cells, then the calls and the sections' own."""
    code = [cell for cell in cells(row.lesson) if cell.kind == "code"]
    late = dict(re.findall(r"(?i:after) section (\d+) `(lesson\.catch_up\(\d+\))`", row.skip))
    early = [c for c in re.findall(r"lesson\.catch_up\(\d+\)", row.skip) if c not in late.values()]
    run = [cell.text for cell in code if not cell.section] + early
    for section in row.sections:
        run += [cell.text for cell in code if cell.section == section]
        run += [late[str(section)]] if str(section) in late else []
    return run


def waiting(row: Row, tmp_path: Path) -> dict[str, object]:
    """How long a row's cells take, in seconds, and which takes longest."""
    run, seconds = cells_to_run(row), []
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in run])
    notebook.cells.append(nbformat.v4.new_code_cell("import time\nprint(time.process_time())"))
    execute(notebook, f"lesson {row.lesson}", photos=False, folder=tmp_path, seconds=seconds)
    assert len(seconds) == len(run) + 1
    longest = max(range(len(run)), key=seconds.__getitem__)
    call = run[longest].startswith("lesson.catch_up")
    return {
        "lesson": row.lesson,
        "cells": len(run),
        "seconds": round(sum(seconds)),
        "of a core": round(float(notebook.cells[-1].outputs[0].text)),
        "longest": round(seconds[longest]),
        "which": f"`{run[longest]}`" if call else "drawing",
    }


@pytest.mark.skipif(not KEPT, reason="COURSE_PLAN_JSON is not set: a plan takes minutes")
@pytest.mark.parametrize("heading", PLANS)
def test_how_long_a_plan_waits(heading, tmp_path):
    learners = [row for row in plan(heading) if row.lesson != "–" and "is yours" not in row.skip]
    measured = [waiting(row, tmp_path) for row in learners]
    for row, took in zip(learners, measured, strict=True):
        print(took)
        assert took["seconds"] < 60 * row.minutes, "a plan leaves time for its cells"
    file = Path(str(KEPT))
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps(kept | {heading: measured}, indent=1) + "\n", encoding="utf-8")
