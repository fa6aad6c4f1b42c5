"""`course reproduce`: the paper's experiments on its own networks, or in a lab of the course."""

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.cli.execute import execute
from course_lib.cli.lessons import CourseError
from course_lib.cli.run import as_page
from course_lib.labs.imagenet import imagenette
from course_lib.lessons.lesson_02.real import BETS
from course_lib.reproduce.cache import NotKeptError, keep_file
from course_lib.reproduce.lab import LabSettings
from course_lib.reproduce.material import Settings
from course_lib.reproduce.real import RUNS, real_photos_folder
from course_lib.reproduce.report import JSON, RunReport, write_report
from course_lib.reproduce.run import Run, experiments_for, report_of

PAGE = "report.html"
_OPTIONS = {"network_seed": "seed-of-network"}
_OPENED = """from pathlib import Path

from IPython.display import display

from course_lib.reproduce.report import read_report

report = read_report(Path())
report.measures()"""


def reproduce(
    photos: Path | None,
    to: Path | None,
    experiments: Sequence[str],
    *,
    lab: str | None = None,
    **settings: Any,
) -> int:
    """Run the experiments, keep what they found in a folder, print the table, and write the page;
    the exit status is 130 after an interruption, and what cannot work is a CourseError.

    Args:
        photos: a folder with a folder a class; by default what the environment variable
            COURSE_PHOTOS names, or else Imagenette, downloaded on first use.
        to: by default "reproduced/" and the network's name. experiments: all without a name.
        lab: "imagenet", by default, or one of `LABS`, which have photographs of their own.
        settings: those of `Settings`, or of `LabSettings`; None is as if it were not given.
    """
    run: Run | None = None
    try:
        given = {name: value for name, value in settings.items() if value is not None}
        asked = _asked(lab or "imagenet", photos, given)
        folder = to or RUNS / _name_of(asked)
        procedures = {**experiments_for(asked), "bets": BETS}
        run = Run(asked, folder, experiments, procedures=procedures)
        findings = run.finish()
        report = report_of(findings)
        write_report(report, folder)
        print(report.measures().text)
        cache = run.cache
        if cache.found:
            print(f"{cache.computed} parts were computed, {cache.found} were kept from before.")
        write_page(report, folder)
    except NotKeptError as error:
        raise CourseError(f"{error} {_how_to_go_on(run, 'make room, then')}") from error
    except (ValueError, KeyError, IndexError, RuntimeError) as error:
        raise CourseError(str(error)) from error
    except KeyboardInterrupt:
        print(f"course: interrupted. {_how_to_go_on(run)}", file=sys.stderr)
        return 130
    print(f"wrote {folder / PAGE} and {folder / JSON}")
    return 0


def _asked(lab: str, photos: Path | None, given: dict[str, Any]) -> Settings | LabSettings:
    """The settings of a run, by the lab that it is in."""
    kind: Any = Settings if lab == "imagenet" else LabSettings
    accepted = {field.name for field in dataclasses.fields(kind)}
    others = [name for name in given if name not in accepted]
    others += ["photos"] if photos is not None and kind is LabSettings else []
    if others:
        names = ", ".join("--" + _OPTIONS.get(name, name) for name in others)
        raise ValueError(f"--lab {lab} takes no {names}: leave it out, or choose another lab.")
    if kind is Settings:
        return Settings(photos=photos or real_photos_folder() or imagenette(), **given)
    return LabSettings(lab, **given)


def _name_of(asked: Settings | LabSettings) -> str:
    """What a run's folder is called."""
    if isinstance(asked, LabSettings):
        return f"{asked.lab}-{asked.network}-{asked.network_seed}"
    return asked.network if asked.weights == "imagenet" else f"{asked.network}-random"


def write_page(report: RunReport, folder: Path) -> None:
    """Execute the page's notebook and export it; last of all, since a kernel can always die.

    A CourseError where it cannot be executed, a NotKeptError where it cannot be written.
    """
    try:
        notebook = execute(page_notebook(report), "the page", photos=False, folder=folder)
    except (CourseError, OSError) as error:
        raise CourseError(
            f"{folder / JSON} is whole, and only {PAGE} is missing: give the same command again. "
            f"({error})"
        ) from error
    keep_file(folder / PAGE, as_page(notebook))


def page_notebook(report: RunReport) -> NotebookNode:
    """The page as a notebook that shows what a folder keeps, and is executed in that folder."""
    title = f"Don't Trust Your Eyes, reproduced on {report.told['title']}"
    cells = [new_markdown_cell(f"# {title}\n\n{report.summary}"), new_code_cell(_OPENED)]
    for name in report.names:
        about = report.experiment(name)
        shown = (
            f"display(report.measures({name!r}, images=True))\n"
            f"display(*report.pictures({name!r}).values(), *report.tables({name!r}))"
        )
        cells.append(new_markdown_cell(f"## {about['title']}\n\n{about['told']}"))
        cells.append(new_code_cell(shown))
    cells += [new_markdown_cell("## What it rests on"), new_code_cell("report.rests")]
    return new_notebook(cells=cells)


def _how_to_go_on(run: Run | None, first: str = "") -> str:
    again = f"{first} give the same command again".strip()
    if run is None:
        return f"Nothing was computed yet: {again}."
    cache = run.cache
    done = cache.computed + cache.found
    return f"{done} of {cache.parts} parts are kept in {cache.folder}: {again}, and it goes on."
