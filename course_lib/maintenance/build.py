"""`course build`: the notebooks from their sources."""

from __future__ import annotations

import json
from collections.abc import Sequence

import nbformat

from course_lib.classroom.rooms import seconds_file
from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import CourseError, find_lessons
from course_lib.maintenance.results import fill_texts, keep_results


def build(lessons: Sequence[str], no_run: bool = False) -> None:
    """Each lesson's notebook without outputs, written, and unless `no_run` the executed one,
    with the time that each of its cells took beside the source, and what its claims
    measured in notebooks/results.json, from which README.md and the notes take their numbers.

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
