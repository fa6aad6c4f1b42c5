"""`course build`: the notebooks from their sources."""

from __future__ import annotations

from collections.abc import Sequence

import nbformat

from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import find_lessons


def build(lessons: Sequence[str], no_run: bool = False) -> None:
    """Each lesson's notebook without outputs, written, and unless `no_run` the executed one.

    Photographs are never used, so that none can get into a notebook.
    """
    for lesson in find_lessons(lessons):
        notebook = read_source(lesson)
        lesson.learn.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, lesson.learn)
        print(f"wrote {lesson.learn}")
        if not no_run:
            nbformat.write(
                execute(notebook, f"lesson {lesson.number}", photos=False), lesson.executed
            )
            print(f"wrote {lesson.executed}")
