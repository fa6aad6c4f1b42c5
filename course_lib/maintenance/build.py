"""`course build`: the notebooks from their sources."""

from __future__ import annotations

from collections.abc import Sequence

import nbformat

from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import LessonFiles


def build(lessons: Sequence[LessonFiles], *, run: bool = True) -> None:
    """Write each lesson's notebook without outputs and, unless `run` is false, the executed one.

    Photographs are never used, so that none can get into a notebook.
    """
    for lesson in lessons:
        notebook = read_source(lesson)
        lesson.learn.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, lesson.learn)
        print(f"wrote {lesson.learn}")
        if run:
            nbformat.write(
                execute(notebook, f"lesson {lesson.number}", photos=False), lesson.executed
            )
            print(f"wrote {lesson.executed}")
