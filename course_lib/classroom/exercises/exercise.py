"""What an exercise consists of."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from course_lib.classroom.exercises.attempt import Attempt, Gives

if TYPE_CHECKING:
    from course_lib.classroom.exercises.agrees import Agrees


class Mistake(NamedTuple):
    """A common mistake: a function that makes it, and what is said to whoever answers as it does.

    why: the end of the sentence; of a mistake that a `Check` finds, some words of it.
    """

    function: Callable[..., Any]
    why: str


Rows = dict[str, Callable[..., Any]]
"""Mistakes, each by what is said to whoever makes it."""


def rows(told: Rows) -> tuple[Mistake, ...]:
    """The mistakes of these rows, in their order."""
    return tuple(Mistake(function, why) for why, function in told.items())


class Check(NamedTuple):
    """A stage of an exercise's checks that is more than a comparison: `Agrees` is for those.

    finds: what holds once it has passed, such as "goes uphill".
    run: takes the learner's function, raises `Wrong` with a sentence if something is missing.
    mistakes: those that it finds. slow: what is said if the time is up in it; or empty.
    """

    finds: str
    run: Callable[[Attempt], object]
    mistakes: tuple[Mistake, ...] = ()
    slow: str = ""


@dataclass(frozen=True)
class Exercise:
    """An exercise, all of it in one place: the reference's file tells its name, lesson, statement.

    Attributes:
        title: for the cell above the stub.
        core: part of the lesson's main thread; otherwise a stretch.
        difficulty: 1 (easy) to 5. minutes: what it takes.
        reference: a right answer; the stub that the learner starts from is its head.
        gives: how what the function returned is read, by the checks and by the lesson.
        checks: in stages. hints: from a nudge to nearly all.
    """

    title: str
    core: bool
    difficulty: int
    minutes: int
    reference: Callable[..., Any]
    gives: Gives
    checks: tuple[Check | Agrees, ...]
    hints: tuple[str, ...]

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Those that the stages know, in their order."""
        return tuple(mistake for check in self.checks for mistake in check.mistakes)

    @property
    def name(self) -> str:
        """Of the function to write; unique in the course."""
        return self.reference.__module__.split(".")[-1]

    @property
    def lesson(self) -> str:
        """Two digits."""
        return self.reference.__module__.split(".")[-3].removeprefix("lesson_")

    @property
    def statement(self) -> str:
        """What to write, in Markdown: the docstring of the reference's file, below its title."""
        text = inspect.getdoc(sys.modules[self.reference.__module__]) or ""
        return text.partition("\n\n")[2]

    @property
    def kind(self) -> str:
        """ "core" or "stretch"."""
        return "core" if self.core else "stretch"

    def described(self) -> str:
        """The Markdown that stands above the stub in a notebook."""
        effort = "●" * self.difficulty + "○" * (5 - self.difficulty)
        about = f"{self.kind}; difficulty {effort}; about {self.minutes} minutes"
        return f"**✏️ Exercise · {self.title}** ({about})\n\n{self.statement}"

    def cell(self, answer: Callable[..., Any] | None = None) -> str:
        """The code of the exercise's cell: the stub, or another answer, and the line to hand in."""
        source = source_of(answer or self.reference, self.name)
        if answer is None:  # the reference's head, with its docstring
            head, told, _ = source.split('"""', 2)
            source = f'{head}"""{told}"""\n    raise NotImplementedError  # your code here'
        return f'{source}\n\n\n{self.name} = lesson.hand_in("{self.name}", {self.name})'


def untouched(*_arguments: Any) -> Any:
    """What a stub does, whatever it takes."""
    raise NotImplementedError


def source_of(function: Callable[..., Any], name: str) -> str:
    """A function's source under another name, without what only the bank needs."""
    source = textwrap.dedent(inspect.getsource(function))
    source = re.sub(r"^def \w+\(", f"def {name}(", source, count=1, flags=re.MULTILINE)
    return source.strip()
