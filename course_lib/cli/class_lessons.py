"""What a class has done in its lessons, from the codes that `lesson.progress()` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from course_lib.classroom.done import Done, questions_of
from course_lib.classroom.ticket import LETTERS
from course_lib.display import tabulated

_EXERCISES = ("exercise", "passed with own code", "tried", "not tried", "the room")
_QUESTIONS = (
    "question of the exit ticket",
    "right at first",
    "answered",
    "wrong most often",
    "the room",
)


class _Row(NamedTuple):
    """An exercise or question. short: its name in a sentence. more: the cell after the counts."""

    name: str
    short: str
    passed: int
    tried: int
    more: str

    @property
    def failed(self) -> bool:
        """Whether fewer than half of those who tried passed."""
        return 2 * self.passed < self.tried


def lesson_tables(class_of: Sequence[Done]) -> str:
    """HTML: for each lesson a table of its exercises, and one of its ticket's questions."""
    parts = []
    for lesson, people, *groups in _by_lesson(class_of):
        parts.append(f"<h2>Lesson {lesson}, people who sent a code: {people}</h2>")
        for head, rows in zip((_EXERCISES, _QUESTIONS), groups, strict=True):
            cells = [
                (r.name, str(r.passed), str(r.tried), r.more, "✗\u00a0failed" if r.failed else "")
                for r in rows
            ]
            parts += [tabulated(head, cells, numbers=True).page] if rows else []
    return "\n".join(parts)


def lesson_lines(class_of: Sequence[Done]) -> list[str]:
    """A sentence for each lesson: who sent a code, and what the room failed."""
    lines = []
    for lesson, people, exercises, questions in _by_lesson(class_of):
        rows = [row for row in exercises + questions if row.failed]
        told = ", ".join(f"{row.short} ({row.passed} of {row.tried})" for row in rows) or "nothing"
        lines.append(f"Lesson {lesson}, codes of {people}; fewer than half passed: {told}.")
    return lines


def _by_lesson(class_of: Sequence[Done]) -> Iterator[tuple[str, int, list[_Row], list[_Row]]]:
    """Each lesson's number, how many sent a code of it, its exercises and its questions."""
    for lesson in sorted({done.lesson for done in class_of}):
        group = [done for done in class_of if done.lesson == lesson]
        exercises = []
        for name in group[0].states:
            of = Counter(done.states[name] for done in group)
            tried = of["own"] + of["reference"]
            exercises.append(_Row(name, name, of["own"], tried, str(of["nothing"])))
        questions = []
        for at, question in enumerate(questions_of(lesson)):
            taken = Counter(done.chosen[at] for done in group if done.chosen[at] is not None)
            right = taken.pop(question.choices.index(question.answer), 0)
            wrong = "".join(f"{LETTERS[at or 0]} ({n})" for at, n in taken.most_common(1)) or "–"
            name, short = f"{at + 1}. {question.text}", f"question {at + 1}"
            questions.append(_Row(name, short, right, right + taken.total(), wrong))
        yield lesson, len(group), exercises, questions
