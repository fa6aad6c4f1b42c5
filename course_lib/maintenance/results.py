"""`course build`: the notebooks from their sources; the file of results, which is what every claim
measured when they were built, and the texts whose numbers come from it.

In README.md and the notes a number that was measured stands between two comments:

    <!--= {03-price.value:%} of {03-price.n} -->0.2 % of 512<!-- -->

The first has the numbers' places: the name of a claim, of a paper's fact, or of a stored run and a
measure in it, and one of value, low, high, n, shown, null. `course build` fills them in; a test
compares them.
"""

import json
import math
import platform
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat

from course_lib.classroom.claims import RESULT
from course_lib.classroom.rooms import seconds_file
from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import CourseError, find_lessons, notebooks_folder
from course_lib.maintenance.pictures import stored_runs
from course_lib.reproduce.real import STORED
from course_lib.reproduce.report import read_report
from course_lib.reproduce.similarity import reading_of
from course_lib.statistics import Estimate
from course_lib.stored import from_json, write_whole

FILLED = re.compile(r"<!--=(?P<places>.*?)-->(?P<text>.*?)<!-- -->", re.DOTALL)
_MADE_WITH = ("torch", "torchvision", "captum", "numpy", "scipy")


class Number(float):
    """A number that texts print: "%" in percent, "points" the same without its sign."""

    def __format__(self, how: str) -> str:
        if how in ("%", "points"):
            return f"{round(100 * self, 1) + 0.0:g}" + (" %" if how == "%" else "")
        return super().__format__(how or ".3g")


def build(lessons: Sequence[str], no_run: bool = False) -> None:
    """Each lesson's notebook without outputs, written, and unless `no_run` the executed one, with
    the time of each cell beside the source, and what its claims measured in the file of results.

    Photographs are never used, so that none can get into a notebook.
    """
    for lesson in find_lessons(lessons):
        notebook = read_source(lesson)
        lesson.learn.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, lesson.learn)
        print(f"wrote {lesson.learn}")
        if not no_run:
            seconds: list[float] = []
            name = f"lesson {lesson.number}"
            executed = execute(notebook, name, photos=False, seconds=seconds)
            nbformat.write(executed, lesson.executed)
            keep_results(lesson.number, executed)
            text = json.dumps([round(took, 1) for took in seconds])
            seconds_file(lesson.source).write_text(text + "\n", encoding="utf-8")
            print(f"wrote {lesson.executed}")
    if not no_run:
        try:
            changed = fill_texts()
        except ValueError as error:
            raise CourseError(f"{error} Build the lesson that measures it, too.") from error
        for path in changed:
            print(f"filled in the numbers of {path}")


def results_file(notebooks: Path | None = None) -> Path:
    """Where the results are kept."""
    return (notebooks or notebooks_folder()) / "results.json"


def results_in(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """What the claims of an executed notebook measured, in their order."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return [output.data[RESULT] for output in outputs if RESULT in output.get("data", {})]


def keep_results(lesson: str, notebook: nbformat.NotebookNode) -> Path:
    """A lesson's results, put into the file, with when and with what they were made."""
    path = results_file()
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[lesson] = {
        "made": date.today().isoformat(),
        "with": {"python": platform.python_version(), "machine": platform.machine()}
        | {name: version(name) for name in _MADE_WITH},
        "claims": results_in(notebook),
    }
    write_whole(path, json.dumps(dict(sorted(known.items())), indent=1) + "\n")
    return path


def all_results() -> dict[str, Any]:
    """Every claim's result by its name, the paper's facts ("paper-top1-before"), and what is stored
    of runs of `course reproduce` ("cifar-standard-0 shown")."""
    kept = json.loads(results_file().read_text(encoding="utf-8"))
    found: dict[str, Any] = {
        row["name"]: _printable(row) for part in kept.values() for row in part["claims"]
    }
    for run in stored_runs():
        for part in read_report(STORED / run).told["experiments"]:
            measured = {row["key"]: row["here"] for row in part["rows"] if row["here"]}
            found |= {f"{run} {key}": _printable(_stored(key, m)) for key, m in measured.items()}
    paper = tomllib.loads((Path(__file__).parent / "paper.toml").read_text(encoding="utf-8"))
    return found | {f"paper-{name}": str(fact) for name, fact in paper.items()}


def fill(text: str, results: Mapping[str, Any]) -> str:
    """A text with its numbers filled in again; a ValueError if a place names what is unmeasured."""

    def filled(place: re.Match[str]) -> str:
        try:
            told = place["places"].strip().format_map(results)
        except (KeyError, AttributeError, TypeError) as error:
            raise ValueError(f"Nothing measured fits {place['places'].strip()}: {error}.") from None
        return f"<!--={place['places']}-->{told}<!-- -->"

    return FILLED.sub(filled, text)


def texts_with_results() -> list[Path]:
    """README.md and every page of the teacher's kit."""
    notebooks = notebooks_folder()
    pages = [notebooks.parent / "README.md", *sorted((notebooks / "teach").rglob("*.md"))]
    return [page for page in pages if page.exists()]


def fill_texts() -> list[Path]:
    """The texts whose numbers were old, written with the new ones."""
    results, changed = all_results(), []
    for path in texts_with_results():
        text = path.read_text(encoding="utf-8")
        if (new := fill(text, results)) != text:
            write_whole(path, new)
            changed.append(path)
    return changed


def _stored(key: str, here: dict[str, Any]) -> dict[str, Any]:
    """A stored measure as a claim's result; a difference is shown with what it says."""
    shown = here["shown"]
    if " less " in key:
        less = from_json(Estimate, here)
        shown = f"{less.value:.2f} ({less.low:.2f} to {less.high:.2f}): {reading_of(less)}"
    return here | {"null": None, "verdict": "", "shown": shown}


def _printable(row: dict[str, Any]) -> SimpleNamespace:
    numbers = {
        k: Number(math.nan if row[k] is None else row[k]) for k in ("value", "low", "high", "null")
    }
    shown = row["shown"] or format(numbers["value"])
    return SimpleNamespace(**numbers, n=row["n"], shown=shown, verdict=row["verdict"])
