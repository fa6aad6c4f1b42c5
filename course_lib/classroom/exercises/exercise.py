"""What an exercise consists of."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from course_lib.classroom.exercises.attempt import Attempt


class Check(NamedTuple):
    """One stage of an exercise's checks; the first that fails tells the learner what is missing.

    finds: what holds once it has passed, such as "goes uphill".
    run: takes the learner's function, raises `Wrong` with a sentence if something is missing.
    """

    finds: str
    run: Callable[[Attempt], object]


class Mistake(NamedTuple):
    """A common mistake: a function that makes it, and how the message that it gets begins.

    message: a regular expression for the beginning of the message.
    """

    function: Callable[..., Any]
    message: str


@dataclass(frozen=True)
class Exercise:
    """An exercise, all of it in one place: the reference's file tells its name and its lesson.

    Attributes:
        title: for the cell above the stub.
        core: part of the lesson's main thread; otherwise a stretch.
        difficulty: 1 (easy) to 5. minutes: what it takes.
        statement: what to write, in Markdown.
        reference: a right answer; the stub that the learner starts from is its head.
        checks: in stages. hints: from a nudge to nearly all. mistakes: common ones; the
            first needs nothing outside itself, so that tests can put it into a notebook.
        outcome: what the lesson gains from a function, a number, where that is more than what the
            checks compare: the reference's is the largest, and each mistake's is smaller by
            at least `harm`, or an error. Tests measure it.
    """

    title: str
    core: bool
    difficulty: int
    minutes: int
    statement: str
    reference: Callable[..., Any]
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    outcome: Callable[[Callable[..., Any]], float] | None = None
    harm: float = 0.0

    @property
    def name(self) -> str:
        """Of the function to write; unique in the course."""
        return self.reference.__module__.split(".")[-1]

    @property
    def lesson(self) -> str:
        """Two digits."""
        return self.reference.__module__.split(".")[-3].removeprefix("lesson_")

    @property
    def kind(self) -> str:
        """ "core" or "stretch"."""
        return "core" if self.core else "stretch"

    def described(self) -> str:
        """The Markdown that stands above the stub in a notebook."""
        effort = "●" * self.difficulty + "○" * (5 - self.difficulty)
        return (
            f"**✏️ Exercise · {self.title}** "
            f"({self.kind}; difficulty {effort}; about {self.minutes} minutes)\n\n"
            f"{textwrap.dedent(self.statement).strip()}"
        )

    def cell(self, answer: Callable[..., Any] | None = None) -> str:
        """The code of the exercise's cell: the stub, or another answer, and the line to hand in."""
        source = source_of(answer, self.name) if answer else self._stub_source()
        return f'{source}\n\n\n{self.name} = lesson.hand_in("{self.name}", {self.name})'

    def _stub_source(self) -> str:
        """The source that the learner starts from: the reference without its body."""
        source = source_of(self.reference, self.name)
        head = source[: source.index('"""', source.index('"""') + 3) + 3]
        return f"{head}\n    raise NotImplementedError  # your code here"


def untouched(*_arguments: Any) -> Any:
    """What a stub does, whatever it takes."""
    raise NotImplementedError


def source_of(function: Callable[..., Any], name: str) -> str:
    """A function's source under another name, without what only the bank needs."""
    source = textwrap.dedent(inspect.getsource(function))
    source = re.sub(r"^def \w+\(", f"def {name}(", source, count=1, flags=re.MULTILINE)
    return source.strip()
