"""Right and wrong answers as learners type them, a file a lesson.

A function EXERCISE__KIND_WHAT is an answer. EXERCISE__edits holds wrong ones that are the reference
but for one mistake: a regular expression for what is said to it, and in the lines below what is
changed in the reference as `ast.unparse` writes it. "this  ->  that" puts that in the place of
this, which stands there once, "all  ->  that" in the place of everything; a line without an arrow
takes the place of the last one.
"""

import ast
import importlib
from collections.abc import Callable, Iterator
from typing import Any

from course_lib.classroom.exercises.exercise import Exercise
from tests.exercises.mutants import made, plain


def answers_to(exercise: Exercise, kind: str) -> list[Callable[..., Any]]:
    """The "right" or "wrong" answers to an exercise; each runs by itself, as a cell."""
    answers = vars(importlib.import_module(f"{__name__}.lesson_{exercise.lesson}"))
    found = [f for name, f in answers.items() if name.startswith(f"{exercise.name}__{kind}")]
    if kind == "wrong":
        found += _edited(exercise, answers.get(f"{exercise.name}__edits", ""), answers)
    return found


def _edited(exercise: Exercise, edits: str, names: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    head, reference = ast.unparse(plain(exercise)).split("\n", 1)
    for mistake in filter(None, edits.strip().replace("\n    ", "\0").split("\n")):
        said, *changes = mistake.split("\0")
        assert changes, f"{exercise.name}: nothing is changed for {said!r}"
        body = reference
        for change in changes:
            old, arrow, new = change.partition("  ->")
            if old == "all":
                old = body.strip()
            if not arrow:
                old, new = body.splitlines()[-1].strip(), change
            assert body.count(old) == 1, f"{exercise.name}: {old!r} stands {body.count(old)} times"
            body = body.replace(old, new.strip())
        answer = made(exercise, f"{head}\n{body}", **names)
        answer.__doc__, answer.__name__ = said, f"{exercise.name}: {'; '.join(changes)}"
        yield answer
