"""`course run`: a lesson without a browser, and a page of it."""

import re
from collections.abc import Sequence
from pathlib import Path

from nbconvert import HTMLExporter
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell

from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import find_lessons, writing_into
from course_lib.stored import write_whole

# What nbconvert's template would fetch: scripts for mathematics and live widgets, which no lesson
# has, and which keep a page from showing where the network neither answers nor refuses.
_REMOTE_SCRIPT = re.compile(r'<script\b[^>]*\ssrc="https?://[^>]*>\s*</script>')
_PREDICTION = re.compile(r"^my_\w+ = ", re.MULTILINE)
# on a screen an answer is never beside its question; on paper there is no such room
_ROOM = """<style>@media screen { .answer-below { height: 95vh; } }</style>
<p class="answer-below">The answer is further down.</p>"""
_REMOTE_IMAGE = re.compile(r'<img\b(?=[^>]*\ssrc="https?://)(?=[^>]*\salt="([^"]*)")[^>]*>')


def run(lessons: Sequence[str], to: Path) -> None:
    """Lessons executed, and a self-contained HTML page of each written; a CourseError where there
    can be no such folder, or a cell failed."""
    chosen = find_lessons(lessons)
    with writing_into(to):
        to.mkdir(parents=True, exist_ok=True)
    for lesson in chosen:
        notebook = execute(read_source(lesson), f"lesson {lesson.number}", photos=True)
        page = to / f"{lesson.name}.html"
        write_whole(page, as_page(notebook))
        print(f"wrote {page}")


def as_page(notebook: NotebookNode) -> str:
    """A notebook as a self-contained HTML page; its title is the notebook's.

    After each cell that takes a prediction there is a screenful of room: who projects the page
    collects predictions before anybody sees what was measured. It asks nothing of the internet; a
    badge's picture gives way to its alt text.
    """
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "code" and _PREDICTION.search(cell.source):
            cells.append(new_markdown_cell(_ROOM))
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(
        from_dict({**notebook, "cells": cells}), {"metadata": {"name": title}}
    )
    return _REMOTE_IMAGE.sub(r"\1", _REMOTE_SCRIPT.sub("", page))
