"""What a class has done in its lessons, from the codes that `lesson.progress()` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from course_lib.classroom.done import Done, questions_of
from course_lib.classroom.ticket import LETTERS
from course_lib.display import tabulated

_EXERCISES = ("exercise", "own code passed", "tried, reference", "nothing", "")
_QUESTIONS = ("question of the exit ticket", "first choices", "right", "wrong most often", "")
_MARK = "✗ failed"


def lesson_tables(class_of: Sequence[Done]) -> str:
    """HTML: for each lesson a table of its exercises, and one of its ticket's questions."""
    parts = []
    for lesson, group in _by_lesson(class_of):
        exercises = []
        for name in group[0].states:
            own, tried, nothing = _counts(group, name)
            mark = _MARK if _failed(own, own + tried) else ""
            exercises.append((name, str(own), str(tried), str(nothing), mark))
        questions = []
        for at, question in enumerate(questions_of(lesson)):
            right = question.choices.index(question.answer)
            taken = Counter(done.chosen[at] for done in group if done.chosen[at] is not None)
            wrong = [(n, place) for place, n in taken.items() if place not in (None, right)]
            most, place = max(wrong, default=(0, None), key=lambda pair: pair[0])
            told = f"{LETTERS[place]} ({most})" if place is not None else "–"
            mark = _MARK if _failed(taken[right], taken.total()) else ""
            row = (f"{at + 1}. {question.text}", str(taken.total()), str(taken[right]), told, mark)
            questions.append(row)
        parts.append(f"<h2>Lesson {lesson}, people who sent a code: {len(group)}</h2>")
        parts.append(tabulated(_EXERCISES, exercises, numbers=True).page)
        if questions:
            parts.append(tabulated(_QUESTIONS, questions, numbers=True).page)
    return "\n".join(parts)


def lesson_lines(class_of: Sequence[Done]) -> list[str]:
    """A sentence for each lesson: who sent a code, and what fewer than half of them passed."""
    lines = []
    for lesson, group in _by_lesson(class_of):
        failed = [
            f"{name} ({own} of {own + tried})"
            for name in group[0].states
            for own, tried, _ in [_counts(group, name)]
            if _failed(own, own + tried)
        ]
        for at, question in enumerate(questions_of(lesson)):
            chosen = [done.chosen[at] for done in group if done.chosen[at] is not None]
            right = chosen.count(question.choices.index(question.answer))
            if _failed(right, len(chosen)):
                failed.append(f"question {at + 1} ({right} of {len(chosen)})")
        told = ", ".join(failed) or "nothing"
        lines.append(f"Lesson {lesson}, codes of {len(group)}; fewer than half passed: {told}.")
    return lines


def _by_lesson(class_of: Sequence[Done]) -> Iterator[tuple[str, list[Done]]]:
    for lesson in sorted({done.lesson for done in class_of}):
        yield lesson, [done for done in class_of if done.lesson == lesson]


def _counts(group: Sequence[Done], exercise: str) -> tuple[int, int, int]:
    """Of an exercise: own code, the reference after a try, nothing."""
    states = [done.states[exercise] for done in group]
    return states.count("own"), states.count("reference"), states.count("nothing")


def _failed(passed: int, tried: int) -> bool:
    return 2 * passed < tried
