"""`course slides`: an executed lesson as one file of slides, which asks nothing of the internet.

What goes onto which slide follows from the lesson: a section begins a column of slides, a figure
has a slide of its own, and so has the question of a prediction. Texts are cut between paragraphs.
"""

import ast
import math
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import nbformat
from markdown_it import MarkdownIt
from nbconvert import SlidesExporter

from course_lib.classroom.script import Cell
from course_lib.cli.lessons import CourseError, find_lessons, writing_into
from course_lib.maintenance.shown import (
    Shown,
    answering,
    asked_in,
    is_set_up,
    read_executed,
    without_badges,
)
from course_lib.stored import write_whole

WIDTH, HEIGHT = 1280, 800
"""Of a slide, in pixels: the least that a projector has today."""

LINES, LETTERS = 14.0, 66
"""What fits onto a slide below its title: lines of text, and letters to a line."""

_FOR_LEARNERS = ("lesson.progress(", "lesson.ticket(", "lesson.hint(")  # nothing to project
_IN_TABLE = re.compile(r"<td[^>]*>(.*?<img[^>]*>)</td>")
_TEMPLATE = """
{%- extends "index.html.j2" -%}
{%- block html_head_js -%}<script>{{ resources.reveal_js }}</script>{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_css -%}<style>{{ resources.styles }}</style>{%- endblock -%}
{%- block footer_js -%}
<script>
// a table with many rows is made smaller than the rest
function fit(slide) {
  const over = () => slide.scrollHeight > slide.clientHeight
                     || slide.scrollWidth > slide.clientWidth;
  for (let zoom = 0.95; over() && zoom > 0.4; zoom -= 0.05)
    slide.querySelectorAll(".jp-Cell").forEach(cell => cell.style.zoom = zoom);
}
Reveal.on("ready", event => fit(event.currentSlide));
Reveal.on("slidechanged", event => fit(event.currentSlide));
Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fit));
Reveal.initialize({
  width: {{ resources.width }}, height: {{ resources.height }}, margin: 0, center: false,
  controls: false, hash: true, slideNumber: "c/t", transition: "none", pdfMaxPagesPerSlide: 1});
</script>
</html>
{%- endblock -%}
"""


class Piece(NamedTuple):
    """What is shown in one go.

    cell: of a notebook. lines: how many it takes, roughly. alone: whether nothing else may be on
    its slide, but the heading above a question. first: whether it begins a slide. result: whether
    it was computed. heading: that of the section which it begins, or None.
    """

    cell: nbformat.NotebookNode
    lines: float
    alone: bool = False
    first: bool = False
    result: bool = False
    heading: str | None = None


def write_slides(lessons: Sequence[str], to: Path) -> None:
    """A file of slides for each lesson, from what it showed when it was built; a CourseError where
    reveal.js is not installed, it was changed and not built, or nothing can be written."""
    reveal = _reveal()
    for lesson in find_lessons(lessons):
        shown = read_executed(lesson)
        page = to / f"{lesson.name}.html"
        with writing_into(to):
            write_whole(page, as_slides(shown, reveal))
        print(f"wrote {page}")


def _reveal() -> Path:
    """The folder of reveal.js, which a package for Sphinx carries; a CourseError without it."""
    carrier = find_spec("sphinx_revealjs")
    if carrier is None or carrier.origin is None:
        raise CourseError(
            "Slides need reveal.js, which is not installed: 'uv run --group site course slides' "
            "brings it, or, with pip, 'pip install --group site'."
        )
    return Path(carrier.origin).parent / "_static" / "revealjs"


def as_slides(shown: Shown, reveal: Path) -> str:
    """A self-contained HTML page of slides. reveal: the folder of reveal.js."""
    licence, script, look = (
        (reveal / name).read_text(encoding="utf-8")
        for name in ("LICENSE", "dist/reveal.js", "dist/reveal.css")
    )
    own = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    notebook = nbformat.v4.new_notebook(cells=list(slide_cells(list(pieces_of(shown)))))
    exporter = SlidesExporter(
        raw_template=_TEMPLATE, exclude_input_prompt=True, exclude_output_prompt=True
    )
    title = shown.notebook.cells[0].source.splitlines()[0].lstrip("# ")
    resources = {
        "metadata": {"name": title}, "reveal_js": f"/* reveal.js:\n{licence}*/\n{script}",
        "styles": look + own, "width": WIDTH, "height": HEIGHT,
    }  # fmt: skip
    page, _ = exporter.from_notebook_node(notebook, resources)
    return re.sub(r"<link\b[^>]*>", "", page)  # all of that is in the page


def slide_cells(pieces: Sequence[Piece]) -> Iterator[nbformat.NotebookNode]:
    """Cells that nbconvert takes for slides: pieces together as long as they fit.

    A slide below a section's first repeats its heading, small.
    """
    used, heading, before = math.inf, "", pieces[0]
    for piece in pieces:
        full = used + piece.lines > LINES
        below_text = piece.result and not before.result
        below_heading = before.heading is not None and not piece.result
        apart = before.alone or below_text or ((piece.alone or piece.first) and not below_heading)
        kind = "-"
        if piece.heading is not None:
            kind, heading, used = "slide", piece.heading, 0.0
        elif full or apart:
            used = 0.0
            yield _slide(nbformat.v4.new_markdown_cell(f"###### {heading}"), "subslide")
        used += piece.lines
        before = piece
        yield _slide(piece.cell, kind)


def _slide(cell: nbformat.NotebookNode, kind: str) -> nbformat.NotebookNode:
    cell.metadata["slideshow"] = {"slide_type": kind}
    return cell


def pieces_of(shown: Shown) -> Iterator[Piece]:
    """A lesson in pieces: paragraphs, results, and of the code what is there to be read."""
    answers, cells = answering(shown.cells), shown.cells
    for place, (cell, executed) in enumerate(zip(cells, shown.notebook.cells, strict=True)):
        if cell.kind == "markdown":
            after = cells[min(place + 1, len(cells) - 1)]
            yield from _texts(
                without_badges(cell.text), asks=bool(asked_in(after)), exercise=bool(after.exercise)
            )
        elif not is_set_up(cell) and not any(call in cell.text for call in _FOR_LEARNERS):
            if _is_to_be_read(cell):
                lines = 0.7 * len(cell.text.splitlines()) + 1.0
                yield Piece(nbformat.v4.new_code_cell(cell.text), lines)
            if not cell.exercise:
                tags = ["answer"] if place in answers else []
                for output in executed.outputs:
                    yield from _results(output, tags)


def _texts(text: str, asks: bool, exercise: bool) -> Iterator[Piece]:
    """A cell's text in blocks. asks: in the last one, for a prediction. exercise: it states one."""
    blocks = _blocks(text)
    for number, block in enumerate(blocks, 1):
        cell = nbformat.v4.new_markdown_cell(block)
        question = asks and number == len(blocks)
        if question:
            cell.metadata["tags"] = ["question"]
        heading = re.match(r"##? (.+)", block)
        yield Piece(
            cell, _lines(block), alone=question, first=exercise and number == 1,
            heading=heading and heading[1],
        )  # fmt: skip


def _blocks(text: str) -> list[str]:
    """Markdown cut between paragraphs and between a list's items."""
    lines = text.splitlines()
    begins = {
        token.map[0]
        for token in MarkdownIt().enable("table").parse(text)
        if token.map and (token.level == 0 or (token.type == "list_item_open" and token.level == 1))
    }
    edges = [*sorted(begins), len(lines)]
    return ["\n".join(lines[a:b]).strip() for a, b in pairwise(edges)]


def _lines(block: str) -> float:
    """About how many lines a block of Markdown takes, the gap below it included."""
    if block.startswith("#"):
        return 2.0
    if block.startswith(("```", "|")):
        return 0.9 * len(block.splitlines()) + 0.6
    return math.ceil(len(block) / LETTERS) + 0.6


def _is_to_be_read(cell: Cell) -> bool:
    """Whether a cell's code is more than calls that draw: an exercise, a function or class."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return bool(cell.exercise) or any(isinstance(s, kinds) for s in ast.parse(cell.text).body)


def _results(output: nbformat.NotebookNode, tags: list[str]) -> Iterator[Piece]:
    """A result without its code; each figure has a slide, also those side by side in a table."""
    page = output.get("data", {}).get("text/html")
    if page is None:
        text = output.get("text") or output["data"].get("text/plain", "")
        lines = 0.8 * sum(math.ceil(len(line) / 80) for line in text.splitlines()) + 0.6
        yield _shown(output, lines, tags)
    elif "<img" in page:
        settings = page.partition("<table>")[0]
        for figure in _IN_TABLE.findall(page) or [page]:
            part = page if figure == page else settings + figure
            html = nbformat.v4.new_output(
                "display_data", {"text/html": f'<div class="fits">{part}</div>'}
            )
            yield _shown(html, LINES, tags)._replace(alone=True)
    else:
        letters = len(re.sub(r"<[^>]+>", "", page))
        yield _shown(output, max(1.1 * page.count("<tr"), math.ceil(letters / 80)) + 1.5, tags)


def _shown(output: nbformat.NotebookNode, lines: float, tags: list[str]) -> Piece:
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    cell.metadata["tags"] = ["result", *tags]
    return Piece(cell, lines, result=True)
