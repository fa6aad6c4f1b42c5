"""An executed lesson beside its source: which cells ask for a prediction, and which answer one."""

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple

import nbformat

from course_lib.classroom.order import names_of
from course_lib.classroom.script import Cell, cells_of
from course_lib.cli.lessons import CourseError, LessonFiles

_REMOTE_IMAGE = re.compile(r"!\[([^\]]*)\]\(https?://[^)]*\)")


class Shown(NamedTuple):
    """An executed lesson. cells: of the source, one for each of the notebook's."""

    notebook: nbformat.NotebookNode
    cells: list[Cell]


def read_executed(lesson: LessonFiles) -> Shown:
    """A lesson with its results; a CourseError if it was not built, or changed since."""
    cells = cells_of(lesson.source)
    notebook = nbformat.read(lesson.executed, 4) if lesson.executed.exists() else None
    if notebook is None or [one.source for one in notebook.cells] != [one.text for one in cells]:
        raise CourseError(
            f"Lesson {lesson.number} was changed and not built: 'course build {lesson.number}' "
            "runs it, then try again."
        )
    return Shown(notebook, cells)


def without_badges(text: str) -> str:
    """A text of which no picture has to be fetched: its alt text takes a badge's place."""
    return _REMOTE_IMAGE.sub(r"\1", text)


def is_set_up(cell: Cell) -> bool:
    """Whether it only prepares Colab."""
    return cell.kind == "code" and "google.colab" in cell.text


def asked_in(cell: Cell) -> frozenset[str]:
    """The names that a cell keeps free for predictions, such as `my_factor = None`."""
    if cell.kind != "code" or cell.exercise:
        return frozenset()
    return frozenset(
        name.id
        for one in ast.parse(cell.text).body
        if isinstance(one, ast.Assign) and _is_free(one.value)
        for name in ast.walk(one)
        if isinstance(name, ast.Name) and name.id.startswith("my_")
    )


def _is_free(value: ast.expr) -> bool:
    """Whether it is None, or a list, tuple or dict with nothing else in it."""
    if isinstance(value, ast.Dict):
        return all(map(_is_free, value.values))
    if isinstance(value, (ast.List, ast.Tuple)):
        return all(map(_is_free, value.elts))
    return isinstance(value, ast.Constant) and value.value is None


def answering(cells: Sequence[Cell]) -> frozenset[int]:
    """The places of the code cells whose results answer a prediction.

    These are the cells that read it, those on the way there from the question, if it was asked in
    the same section, and those that go on until the next text.
    """
    asked: dict[str, int] = {}
    answers: set[int] = set()
    going_on = False
    for place, cell in enumerate(cells):
        if cell.kind != "code":
            going_on = False
            continue
        read = [] if cell.exercise else [asked[n] for n in names_of(cell.text).needs & asked.keys()]
        same = [one + 1 for one in read if cells[one].section == cell.section]
        if going_on or read:
            answers.update(range(min(same, default=place), place + 1))
            going_on = True
        asked |= dict.fromkeys(asked_in(cell), place)
    return frozenset(p for p in answers if cells[p].kind == "code" and not cells[p].exercise)
