"""`course run`: a lesson without a browser, and a page of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbconvert import HTMLExporter

from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import Lesson


def run(lessons: Sequence[Lesson], folder: Path) -> list[Path]:
    """Execute lessons and write a self-contained HTML page of each; returns the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for lesson in lessons:
        notebook = execute(read_source(lesson), lesson.number, photos=True)
        title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
        exporter = HTMLExporter(template_name="lab")
        body, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title}})
        page = folder / f"{lesson.name}.html"
        page.write_text(body, encoding="utf-8")
        print(f"wrote {page}")
        pages.append(page)
    return pages
