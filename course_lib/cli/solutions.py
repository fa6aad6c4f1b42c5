"""`course solutions`: every lesson with its exercises done, for whoever teaches."""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat

from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import CourseError, LessonFiles, find_lessons, writing_into
from course_lib.stored import write_whole

_OURS = "dont_trust_your_eyes"  # in a notebook's metadata: the digest of what was written
NOTE = "-solutions"
"""How the id of the note's cell ends."""

_NOTE = (
    "**Solutions.** In this copy every exercise is done with the reference, the answer that comes "
    "with the course. For teachers: hand learners the lessons of `notebooks/learn`."
)


def write_solutions(lessons: Sequence[str], to: Path, run: bool = False) -> None:
    """A notebook of each lesson, written with the references in the stubs' places.

    run: with outputs; in a folder of its own that is deleted afterwards, so that nobody's kept
    answers are touched. A CourseError where a file of that name is not as this command wrote it,
    the folder cannot be written, or a cell failed.
    """
    targets = {to / f"{one.name}_solutions.ipynb": one for one in find_lessons(lessons)}
    for path in targets:
        if path.exists() and not _is_ours(path):
            raise CourseError(
                f"{path} was not written by 'course solutions', or was changed since: move it "
                "away, or choose another folder with --to."
            )
    for path, lesson in targets.items():
        notebook, name = solutions_of(lesson), f"lesson {lesson.number}"
        if run:
            with tempfile.TemporaryDirectory() as place:
                notebook = execute(notebook, name, photos=False, folder=Path(place))
        with writing_into(to):
            write_whole(path, nbformat.writes(notebook) + "\n")
        print(f"wrote {path}")


def solutions_of(lesson: LessonFiles) -> nbformat.NotebookNode:
    """A lesson without outputs, every exercise done, and a note that says so."""
    notebook = read_source(lesson, lambda exercise: exercise.reference)
    note = nbformat.v4.new_markdown_cell(_NOTE, id=f"{lesson.number}{NOTE}")
    notebook.cells.insert(1, note)
    notebook.metadata[_OURS] = {"solutions": _digest(notebook)}
    nbformat.validate(notebook)
    return notebook


def resealed(before: str, after: str) -> str:
    """The text of a notebook that was changed by a command of the course: if it was as `course
    solutions` wrote it, it is still."""
    if not _sealed(before):
        return after
    old, new = (nbformat.from_dict(json.loads(text)) for text in (before, after))
    return after.replace(old.metadata[_OURS]["solutions"], _digest(new))


def _is_ours(path: Path) -> bool:
    try:
        return _sealed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


def _sealed(text: str) -> bool:
    try:
        notebook = nbformat.from_dict(json.loads(text))
        return bool(notebook.metadata[_OURS]["solutions"] == _digest(notebook))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False  # no notebook, or without our mark


def _digest(notebook: nbformat.NotebookNode) -> str:
    """Of what is written in the cells; running them changes nothing in it."""
    sources = [(cell.cell_type, "".join(cell.source)) for cell in notebook.cells]  # lines on disk
    text = "\0".join(f"{kind}\n{source}" for kind, source in sources)
    return hashlib.sha256(text.encode()).hexdigest()
