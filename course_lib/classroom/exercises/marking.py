"""Mark what a learner handed in: passed, untouched, or what is missing."""

import inspect
import types
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from course_lib.classroom.exercises import guard
from course_lib.classroom.exercises.attempt import Attempt, Wrong
from course_lib.classroom.exercises.exercise import Exercise, untouched

_PRINTED_LINES = 12


class Marks(NamedTuple):
    """The result of an exercise's checks.

    message: what is missing; empty if nothing is. found: what already holds, stage by stage.
    printed: what the learner's function printed meanwhile, its first lines.
    """

    state: Literal["passed", "untouched", "wrong"]
    message: str
    found: tuple[str, ...] = ()
    printed: str = ""


def mark(exercise: Exercise, handed_in: Any, *, seconds: float = 20) -> Marks:
    """Check what was handed in; whatever it is or does, the answer is `Marks`, in so many seconds.

    The random numbers after it are those without it, and arguments are copies.
    """
    try:
        function = _function(exercise, handed_in)
    except Wrong as wrong:
        return Marks("wrong", str(wrong))
    if is_stub(function):
        return Marks("untouched", "Nothing is written here yet.")
    found: list[str] = []
    with guard.random_state_kept(), guard.prints_kept() as printed:
        attempt = Attempt(function, exercise.reference, exercise.gives)
        message = _first_failure(exercise, attempt, seconds, found)
    lines = printed.getvalue().splitlines()
    shown = lines[:_PRINTED_LINES] + ["..."] * (len(lines) > _PRINTED_LINES)
    return Marks("wrong" if message else "passed", message, tuple(found), "\n".join(shown))


def _first_failure(exercise: Exercise, attempt: Attempt, limit: float, found: list[str]) -> str:
    slow = ""
    try:
        with guard.time_limit(limit):
            for check in exercise.checks:
                slow = check.slow
                check.run(attempt)
                found.append(check.finds)
    except Wrong as wrong:
        return str(wrong)
    except guard.TimeIsUp:
        return f"Your function was still at work after {limit:g} seconds and was stopped: " + (
            slow or "either a loop never ends, or it is far slower than it has to be."
        )
    except Exception as error:  # noqa: BLE001 - odd values can make any check stumble
        told = f"({type(error).__name__}: {error})"
        return f"Your function returned something that the check could not work with {told}."
    return ""


def _function(exercise: Exercise, handed_in: Any) -> Callable[..., Any]:
    name = exercise.name
    if handed_in is None:
        return untouched  # skipped on purpose
    if inspect.isclass(handed_in):
        raise Wrong(f"You handed in a class: hand in a function, def {name}(...).")
    if not isinstance(handed_in, (types.FunctionType, types.MethodType)):
        told = f"You handed in a {type(handed_in).__name__}, not a function"
        raise Wrong(f"{told}: hand in {name} itself, without calling it.")
    if handed_in.__name__ == "<lambda>":
        told = f"write it as def {name}(...), so that messages can name its lines."
        raise Wrong(f"You handed in a lambda: {told}")
    wanted = list(inspect.signature(exercise.reference).parameters)
    try:
        inspect.signature(handed_in).bind(*wanted)
    except TypeError:
        taken = ", ".join(inspect.signature(handed_in).parameters) or "nothing"
        told = f"Your function takes {taken}; {name} takes {', '.join(wanted)}"
        raise Wrong(f"{told}: keep the stub's first line.") from None
    return handed_in


def is_stub(function: Callable[..., Any]) -> bool:
    """Whether a function still does what a stub does; comments and layout do not matter."""
    code = getattr(function, "__code__", None)
    return isinstance(code, types.CodeType) and _does(code) == _does(untouched.__code__)


def _does(code: types.CodeType) -> tuple[Any, ...]:
    constants = tuple(
        _does(c) if isinstance(c, types.CodeType) else c
        for c in code.co_consts
        if not isinstance(c, str)  # docstrings among them
    )
    return code.co_code, code.co_names, constants
