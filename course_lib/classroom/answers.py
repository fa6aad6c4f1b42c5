"""Answers to exercises: what a lesson works with, whose code it is, and what is kept on disk."""

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from course_lib.classroom.exercises.advice import told_error
from course_lib.classroom.exercises.attempt import Wrong
from course_lib.classroom.exercises.exercise import Exercise
from course_lib.classroom.exercises.marking import Marks
from course_lib.classroom.sources import by_itself
from course_lib.display import MISSING, boxed, show
from course_lib.system import ANSWERS as FOLDER

Code = Literal["your code", "reference"]


class Answer:
    """The function that a lesson goes on with: the learner's if it passed, else the reference.

    Where the learner's fails in the lesson after all, a sentence says so once, and from there on
    the reference is called in its place.

    Attributes:
        code: "your code" or "reference"; figures and claims that rest on it are stamped with this.
        marks: how what was handed in did. handed_in: what that was.
    """

    def __init__(self, exercise: Exercise, handed_in: Any, marks: Marks) -> None:
        self.name = exercise.name
        self.handed_in = handed_in
        self.marks = marks
        self.code: Code = "your code" if marks.state == "passed" else "reference"
        self._exercise = exercise

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self.code == "reference":
            return self._exercise.reference(*arguments, **named)
        try:
            value = self._exercise.gives(self.handed_in(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - it is the learner's code
            self.code = "reference"
            told = str(error) if isinstance(error, Wrong) else told_error(error, self.handed_in)
            head = f"✗ {self.name}: your code passed its checks and failed here."
            text = f"{head} {told} From here on the reference is used."
            show(boxed(html.escape(text), MISSING), text)
            return self._exercise.reference(*arguments, **named)
        floats = [a.dtype for a in arguments if isinstance(a, Tensor) and a.is_floating_point()]
        if isinstance(value, Tensor) and value.is_floating_point() and floats:
            return value.to(floats[0])  # what comes after it was written for the lesson's own type
        return value

    def __repr__(self) -> str:
        return f"<{self.name}: {self.code}>"


def stamp(*answers: Answer) -> str:
    """Whose code a result rests on: "your code", "reference", or, where they differ, of each.

    Take it in the cell that computes the result, so that it goes with the result.
    """
    kinds = {answer.code for answer in answers}
    if len(kinds) == 1:
        return kinds.pop()
    return ", ".join(f"{answer.name}: {answer.code}" for answer in answers)


def path_of(exercise: Exercise, folder: Path) -> Path:
    """The file for a kept answer."""
    return folder / FOLDER / f"{exercise.lesson}_{exercise.name}.py"


def keep(exercise: Exercise, function: Callable[..., Any], folder: Path) -> str:
    """Write an answer's source, with what it needs, for after a restart of the kernel; why it can't
    be kept, as the end of a sentence, empty if it was."""
    path = path_of(exercise, folder)
    try:
        source = by_itself(function, exercise.name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    except LookupError as error:
        path.unlink(missing_ok=True)  # an older answer would come back in its place
        return str(error.args[0])
    except OSError as error:
        return f"{path} cannot be written ({error.strerror})"
    return ""


def kept(exercise: Exercise, folder: Path) -> str | None:
    """The source of the answer that passed last; None if there is none."""
    path = path_of(exercise, folder)
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
