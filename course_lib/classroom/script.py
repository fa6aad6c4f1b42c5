"""A lesson's cells, from its source: text, code, and the exercises put into their places."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from course_lib.classroom.exercises.bank import find
from course_lib.classroom.exercises.exercise import Exercise

_SECTION = re.compile(r"^## (\d+) · (.+)$", re.MULTILINE)

ChosenAnswer = Callable[[Exercise], Callable[..., Any]]
"""The function to put into an exercise's cell, such as its stub or its reference."""


class Cell(NamedTuple):
    """A cell of a lesson.

    section: the number of the section that it stands in; 0 before the first.
    heading: of that section. exercise: the name of the exercise whose stub this is.
    """

    kind: Literal["markdown", "code"]
    text: str
    section: int = 0
    heading: str = ""
    exercise: str | None = None


def cells_of(script: Path, answers: ChosenAnswer | None = None) -> list[Cell]:
    """The cells of a lesson.

    A cell marked `# %% exercise="NAME"` stands for the exercise of that name: its statement in one
    cell, its stub, or one of `answers`, and the line that hands it in, in the next.
    """
    import jupytext  # only where a lesson is built, or caught up with: it is not small

    section, heading = 0, ""
    cells: list[Cell] = []
    for cell in jupytext.read(script, fmt="py:percent").cells:
        if name := cell.metadata.get("exercise"):
            exercise = find(name)
            code = exercise.cell(answers(exercise) if answers else None)
            cells.append(Cell("markdown", exercise.described(), section, heading))
            cells.append(Cell("code", code, section, heading, name))
        elif cell.cell_type == "markdown":
            for found in _SECTION.finditer(cell.source):
                section, heading = int(found[1]), found[2]
            cells.append(Cell("markdown", cell.source, section, heading))
        else:
            cells.append(Cell("code", cell.source, section, heading))
    return cells
