"""`course reproduce`: the paper's experiments on its own networks."""

from __future__ import annotations

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
from course_lib.reproduce.material import Settings
from course_lib.reproduce.real import RUNS, real_photos_folder
from course_lib.reproduce.report import JSON, RunReport, write_report
from course_lib.reproduce.run import EXPERIMENTS, Run, report_of

PAGE = "report.html"


def reproduce(
    photos: Path | None, to: Path | None, experiments: Sequence[str], **settings: Any
) -> int:
    """Run the experiments, keep what they found in a folder, print the table, and write the page.

    Args:
        photos: a folder with a folder a class; by default what the environment variable
            COURSE_PHOTOS names, or else Imagenette, downloaded on first use.
        to: by default "reproduced/" and the network's name. experiments: all without a name.
        settings: those of `Settings`.

    Returns:
        The exit status: 130 after an interruption, 0 otherwise.

    Raises:
        CourseError: anything that cannot work, in a sentence.
    """
    run: Run | None = None
    try:
        asked = Settings(photos=photos or real_photos_folder() or imagenette(), **settings)
        default = asked.network if asked.weights == "imagenet" else f"{asked.network}-random"
        folder = to or RUNS / default
        run = Run(asked, folder, experiments, procedures={**EXPERIMENTS, "bets": BETS})
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


def write_page(report: RunReport, folder: Path) -> None:
    """Execute the page's notebook and export it; last of all, since a kernel can always die.

    Raises:
        CourseError: it cannot be executed. NotKeptError: the page cannot be written.
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
    opened = (
        "from pathlib import Path\n\n"
        "from IPython.display import display\n\n"
        "from course_lib.reproduce.report import read_report\n\n"
        "report = read_report(Path())\n"
        "report.measures()"
    )
    cells = [new_markdown_cell(f"# {title}\n\n{report.summary}"), new_code_cell(opened)]
    for name in report.names:
        about = report.experiment(name)
        shown = (
            f"display(report.measures({name!r}, images=True))\n"
            f"display(*report.pictures({name!r}).values(), *report.tables({name!r}))"
        )
        cells += [
            new_markdown_cell(f"## {about['title']}\n\n{about['told']}"),
            new_code_cell(shown),
        ]
    cells += [new_markdown_cell("## What it rests on"), new_code_cell("report.rests")]
    return new_notebook(cells=cells)


def _how_to_go_on(run: Run | None, first: str = "") -> str:
    again = f"{first} give the same command again".strip()
    if run is None:
        return f"Nothing was computed yet: {again}."
    cache = run.cache
    done = cache.computed + cache.found
    return f"{done} of {cache.parts} parts are kept in {cache.folder}: {again}, and it goes on."
