"""Exit tickets, as a widget where there is a front end and as folded text where there is none.

A lesson's ticket is the file ticket.toml in its room, which can be edited without knowing Python.
"""

import html
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.classroom.rooms import room_of
from course_lib.display import GOOD, MISSING, boxed, show, show_widget
from course_lib.progress import is_static

LETTERS = "ABCDEFGH"
"""The names of a question's choices."""


class Choice(NamedTuple):
    """An answer to choose: its text, whether it is right, and why."""

    text: str
    right: bool
    why: str


class Question(NamedTuple):
    """A question with its choices, exactly one of them right."""

    text: str
    choices: tuple[Choice, ...]

    @property
    def answer(self) -> Choice:
        """The right choice."""
        return next(choice for choice in self.choices if choice.right)


class Ticket:
    """The questions of a lesson; the last expression of a cell shows them.

    Args:
        note: told of each choice that is clicked: the question's place and the choice's, from 0.
    """

    def __init__(
        self, questions: Sequence[Question], note: Callable[[int, int], object] | None = None
    ) -> None:
        self.questions = tuple(questions)
        self._note = note

    def __repr__(self) -> str:
        lines = []
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {question.text}")
            lines += [f"   {LETTERS[i]}) {c.text}" for i, c in enumerate(question.choices)]
        return "\n".join(lines)

    def folded(self) -> str:
        """All questions as HTML, each with its answer and the reasons folded away."""
        page = ""
        for number, question in enumerate(self.questions, 1):
            page += f"<p><b>{number}. {html.escape(question.text)}</b>"
            for letter, choice in zip(LETTERS, question.choices, strict=False):
                page += f"<br>{letter}) {html.escape(choice.text)}"
            reasons = "<br>".join(map(_reason, LETTERS, question.choices))
            page += f"</p><details><summary>Answer to question {number}</summary>"
            page += f"<p>{reasons}</p></details>"
        return page

    def widget(self) -> Any:
        """The questions as an ipywidget: a choice is answered at once with its reason.

        Choices are buttons: JupyterLab takes the arrow keys that radio buttons would need.
        """
        import ipywidgets  # only where there is a front end

        boxes = []
        for number, question in enumerate(self.questions, 1):
            reply = ipywidgets.HTML()
            rows = []
            for place, choice in enumerate(question.choices):
                letter = LETTERS[place]
                button = ipywidgets.Button(
                    description=letter, tooltip=choice.text, layout={"width": "3em"}
                )
                page = boxed(_reason(letter, choice), GOOD if choice.right else MISSING)
                button.on_click(lambda _, page=page, reply=reply: reply.set_trait("value", page))
                if self._note is not None:
                    button.on_click(lambda _, n=self._note, at=(number - 1, place): n(*at))
                text = ipywidgets.HTML(html.escape(choice.text))
                rows.append(ipywidgets.HBox([button, text]))
            title = ipywidgets.HTML(f"<b>{number}. {html.escape(question.text)}</b>")
            boxes.append(ipywidgets.VBox([title, *rows, reply]))
        return ipywidgets.VBox(boxes)

    def _ipython_display_(self) -> None:
        if is_static():
            show(self.folded(), repr(self))
        else:
            show_widget(self.widget(), self.folded(), repr(self))


def find_ticket(lesson: str, note: Callable[[int, int], object] | None = None) -> Ticket:
    """The exit ticket of a lesson; ValueError if it has none, or one that is not complete."""
    path = room_of(lesson) / "ticket.toml"
    if not path.is_file():
        raise ValueError(f"Lesson {lesson!r} has no exit ticket.")
    return Ticket(read_ticket(path).questions, note)


def read_ticket(path: Path) -> Ticket:
    """The exit ticket in a TOML file; a ValueError says which question is not complete."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        questions = _tables(written, "question", "The ticket", fewest=1)
        _keys(written, ("question",), "The ticket")
        return Ticket([_question(q, f"Question {n}") for n, q in enumerate(questions, 1)])
    except ValueError as error:  # tomllib's and of text that is not UTF-8 are among them
        raise ValueError(f"The exit ticket {path} cannot be read. {error}") from None


def _question(written: Mapping[str, Any], name: str) -> Question:
    _keys(written, ("text", "choice"), name)
    tables = _tables(written, "question.choice", name, fewest=2)
    if len(tables) > len(LETTERS):
        raise ValueError(f"{name} has {len(tables)} choices: {len(LETTERS)} are the most.")
    choices = tuple(
        _choice(table, f"Choice {letter} of {name.lower()}")
        for letter, table in zip(LETTERS, tables, strict=False)
    )
    right = sum(choice.right for choice in choices)
    if right != 1:
        raise ValueError(f"{name} has {right or 'no'} right choices: one needs right = true.")
    if len({choice.text for choice in choices}) < len(choices):
        raise ValueError(f"{name} has two choices of the same text.")
    return Question(_text(written, "text", name), choices)


def _choice(written: Mapping[str, Any], name: str) -> Choice:
    _keys(written, ("text", "right", "why"), name)
    right = written.get("right", False)
    if not isinstance(right, bool):
        raise ValueError(f"{name} has right = {right!r}: write right = true, or leave it out.")
    return Choice(_text(written, "text", name), right, _text(written, "why", name))


def _keys(written: Mapping[str, Any], known: Sequence[str], name: str) -> None:
    """Refuse what would be left out without a word, such as a key with a slip of the pen."""
    for key in set(written) - set(known):
        raise ValueError(f"{name} has an entry {key!r}: it takes {', '.join(known)}.")


def _tables(written: Mapping[str, Any], header: str, name: str, *, fewest: int) -> list[Any]:
    key = header.rpartition(".")[2]
    tables = written.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ValueError(f"{name} has a {key} that is not begun with [[{header}]].")
    if len(tables) < fewest:
        raise ValueError(f"{name} has {len(tables) or 'no'} [[{header}]], and needs {fewest}.")
    return tables


def _text(written: Mapping[str, Any], key: str, name: str) -> str:
    """One of the texts; its line breaks count as spaces."""
    text = written.get(key)
    if not isinstance(text, str) or not text.strip():
        missing = "reason" if key == "why" else "text"
        raise ValueError(f'{name} has no {missing}: write {key} = "..." for it.')
    return " ".join(text.split())


def _reason(letter: str, choice: Choice) -> str:
    mark = "✓ Right." if choice.right else "✗ No."
    return f"<b>{letter} {mark}</b> {html.escape(choice.why)}"
