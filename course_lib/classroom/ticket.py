"""Exit tickets, as a widget where there is a front end and as folded text where there is none."""

from __future__ import annotations

import html
import importlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from course_lib.display import GOOD, MISSING, boxed, show, show_widget
from course_lib.progress import is_static


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
    """The questions of a lesson; the last expression of a cell shows them."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple(questions)

    def __repr__(self) -> str:
        lines = []
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {question.text}")
            lines += [f"   {_letter(i)}) {c.text}" for i, c in enumerate(question.choices)]
        return "\n".join(lines)

    def folded(self) -> str:
        """All questions as HTML, each with its answer and the reasons folded away."""
        parts = []
        for number, question in enumerate(self.questions, 1):
            choices = "<br>".join(
                f"{_letter(i)}) {html.escape(c.text)}" for i, c in enumerate(question.choices)
            )
            reasons = "<br>".join(_reason(_letter(i), c) for i, c in enumerate(question.choices))
            parts.append(
                f"<p><b>{number}. {html.escape(question.text)}</b><br>{choices}</p>"
                f"<details><summary>Answer to question {number}</summary><p>{reasons}</p></details>"
            )
        return "".join(parts)

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
                letter = _letter(place)
                button = ipywidgets.Button(
                    description=letter, tooltip=choice.text, layout={"width": "3em"}
                )
                page = boxed(_reason(letter, choice), GOOD if choice.right else MISSING)
                button.on_click(lambda _button, page=page, reply=reply: _put(reply, page))
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


def find_ticket(lesson: str) -> Ticket:
    """The exit ticket of a lesson.

    Raises:
        ValueError: it has none.
    """
    try:
        module = importlib.import_module(f"course_lib.lessons.lesson_{lesson}.ticket")
    except ModuleNotFoundError:
        raise ValueError(f"Lesson {lesson!r} has no exit ticket.") from None
    return Ticket(module.QUESTIONS)


def _put(reply: Any, page: str) -> None:
    reply.value = page


def _letter(place: int) -> str:
    return "ABCDEFGH"[place]


def _reason(letter: str, choice: Choice) -> str:
    mark = "✓ Right." if choice.right else "✗ No."
    return f"<b>{letter} {mark}</b> {html.escape(choice.why)}".replace("<b> ", "<b>")
