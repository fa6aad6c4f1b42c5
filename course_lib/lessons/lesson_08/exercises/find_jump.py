"""Lesson 08: where on a way a gate opens, in few questions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from course_lib.classroom.exercises import (
    Attempt,
    Check,
    Exercise,
    Mistake,
    Wrong,
    blame,
    number,
    several,
)

STATEMENT = """
Where a circuit lies, its gate opens somewhere between an image and a picture that an optimization
made. `ask(t)` gives a network's logit at the share `t` of the straight way from one to the other:
at the image for `t = 0`, at the picture for `t = 1`. The logit changes gently, but at one place it
may **jump**, up or down, by more than it changes elsewhere.

Every call of `ask` is a question, and you have `questions` of them (8 or more). Ask 0 and 1. Then
halve the way again and again: ask in the middle, and keep the half in which the logit changes more,
from one of its ends to the other. Return `(low, high)`, the ends of the last half. You have asked
about both, and `high - low` is `1 / 2 ** (questions - 2)`.
"""


def reference(ask: Callable[[float], float], questions: int) -> tuple[float, float]:
    """Two places, low and high, between which the logit changes most."""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        middle = (low + high) / 2
        at_middle = ask(middle)
        if abs(at_middle - at_low) > abs(at_high - at_middle):
            high, at_high = middle, at_middle
        else:
            low, at_low = middle, at_middle
    return low, high


_Ask = Callable[[float], float]
_Places = tuple[float, float]
_Reasons = dict[Callable[..., Any], str]


class _Way(NamedTuple):
    """A logit on a way from 0 to 1.

    jump: where it jumps. size: by how much; below 0 for down. slope: by how much it rises gently
    over the way. hump: how far it rises gently up to the middle, to fall again.
    """

    jump: float
    size: float
    slope: float = 0.0
    hump: float = 0.0

    def logit(self, t: float) -> float:
        gentle = 2 + self.slope * t + self.hump * math.sin(math.pi * t)
        return gentle + self.size * (t > self.jump)

    def described(self) -> str:
        told = (
            f"jumps {'up' if self.size > 0 else 'down'} by {abs(self.size):g} at t = {self.jump:g}"
        )
        if self.slope:
            told += f", and {'rises' if self.slope > 0 else 'falls'} gently by {abs(self.slope):g}"
        if self.hump:
            told += f", and rises gently by {self.hump:g} up to the middle, to fall again"
        return told


_UP, _DOWN = _Way(0.7, 7.0), _Way(0.3, -7.0)
_OTHERS = (
    _Way(0.001, 6.0), _Way(0.999, 6.0), _Way(0.002, -6.0), _Way(0.998, -6.0),  # near the ends
    _Way(0.3, 6.0, 4.0), _Way(0.8, 6.0, -4.0), _Way(0.6, -6.0, 4.0),
    _Way(0.4, 6.0, hump=4.5), _Way(0.6, -6.0, hump=4.5),
)  # fmt: skip


def _search(search: Callable[..., object], way: _Way, questions: int) -> tuple[object, list[float]]:
    """What a learner's function returns, and what it asked."""
    asked: list[float] = []

    def ask(t: float) -> float:
        asked.append(float(t))
        return way.logit(float(t))

    return search(ask, questions), asked


def _places(value: object) -> tuple[float, float]:
    what = "a pair (low, high)"
    if isinstance(value, float):
        found = number(value, what)
        raise Wrong(
            f"Your function returned one place, {found:.4g}, where {what} is due: the jump is "
            "somewhere between two places that you asked about."
        )
    low, high = several(value, 2, what)
    return number(low, "the low place"), number(high, "the high place")


def _gives_a_pair(attempt: Attempt) -> None:
    low, high = _places(_search(attempt, _UP, 10)[0])
    if low > high:
        raise Wrong(f"You return ({low:.4g}, {high:.4g}): the lower place comes first.")


def _keeps_to_its_questions(attempt: Attempt) -> None:
    for questions in (10, 8, 13):
        _, asked = _search(attempt, _UP, questions)
        beyond = [t for t in asked if not 0 <= t <= 1]
        if beyond:
            raise Wrong(f"You ask about t = {beyond[0]:.4g}, and the way goes from 0 to 1.")
        if len(asked) <= questions:
            continue
        told = f"You ask {len(asked)} questions, and {questions} are allowed: "
        if len(asked) > len(set(asked)):
            raise Wrong(
                told + f"{len(asked) - len(set(asked))} of them were asked before. Keep what the "
                "network answered at the two ends."
            )
        raise Wrong(told + f"the two ends take 2, so {questions - 2} are left for halving.")


def _is_narrow(attempt: Attempt) -> None:
    for questions in (10, 8, 13):
        value, asked = _search(attempt, _UP, questions)
        low, high = _places(value)
        wanted = 1 / 2 ** (questions - 2)
        told = (
            f"With {questions} questions your two places are {high - low:.3g} apart, and halving "
            f"gets them to {wanted:.3g}"
        )
        if high - low > 1.001 * wanted:
            if _same(high - low, 1 / (questions - 1)):
                raise Wrong(
                    told + ": you ask at even distances. Ask where the answers so far point to."
                )
            if _same(high - low, 2 * wanted):
                raise Wrong(
                    told + f": one halving is missing. You asked {len(asked)} questions of "
                    f"{questions}."
                )
            raise Wrong(told + f": halve {questions - 2} times.")
        for place in (low, high):
            if place not in asked:
                raise Wrong(
                    f"You return {place:.5g}, and never asked about it: return the two ends of "
                    "the last half, both of which were asked about."
                )
        if high - low < 0.999 * wanted:
            raise Wrong(told + ".")


def _finds_jumps_up(attempt: Attempt) -> None:
    reasons: _Reasons = {
        changes_less: "you keep the half in which the logit changes less.",
        larger_logit: "you keep the half with the larger logit, and a jump shows in how much the "
        "logit changes.",
    }
    _finds(attempt, _UP, reasons, "keep the half in which the logit changes more.")


def _finds_jumps_down(attempt: Attempt) -> None:
    reasons: _Reasons = {
        rises_more: "you keep the half in which the logit rises more. A fall is a change too: "
        "compare absolute values."
    }
    _finds(attempt, _DOWN, reasons, "keep the half in which the logit changes more, up or down.")


def _finds_jumps_anywhere(attempt: Attempt) -> None:
    reasons: _Reasons = {
        forgets_new_ends: "you compare with the answers at 0 and at 1. When an end moves, its "
        "answer has to move along."
    }
    for way in _OTHERS:
        _finds(attempt, way, reasons, "compare each half's own two ends.")


def _finds(attempt: Attempt, way: _Way, reasons: _Reasons, otherwise: str) -> None:
    low, high = _places(_search(attempt, way, 10)[0])
    if not low < way.jump < high:
        told = f"Where the logit {way.described()}, you return ({low:.4g}, {high:.4g}): "
        blame(told, lambda made: made(way.logit, 10) == (low, high), reasons, otherwise)


def _same(found: float, wanted: float) -> bool:
    return abs(found - wanted) <= 1e-3 * wanted


def asks_again(ask: Callable[[float], float], questions: int) -> tuple[float, float]:
    low, high = 0.0, 1.0
    for _ in range(questions - 2):
        middle = (low + high) / 2
        if abs(ask(middle) - ask(low)) > abs(ask(high) - ask(middle)):
            high = middle
        else:
            low = middle
    return low, high


def rises_more(ask: _Ask, questions: int) -> _Places:
    return _halved(ask, questions, lambda low, middle, high: middle - low > high - middle)


def changes_less(ask: _Ask, questions: int) -> _Places:
    return _halved(ask, questions, lambda low, mid, high: abs(mid - low) < abs(high - mid))


def larger_logit(ask: _Ask, questions: int) -> _Places:
    return _halved(ask, questions, lambda low, middle, high: low > high)


def _halved(
    ask: _Ask, questions: int, first_half: Callable[[float, float, float], bool]
) -> _Places:
    """Halving by another rule, which takes the logits at the two ends and in the middle."""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        middle = (low + high) / 2
        at_middle = ask(middle)
        if first_half(at_low, at_middle, at_high):
            high, at_high = middle, at_middle
        else:
            low, at_low = middle, at_middle
    return low, high


def forgets_new_ends(ask: _Ask, questions: int) -> _Places:
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        middle = (low + high) / 2
        at_middle = ask(middle)
        if abs(at_middle - at_low) > abs(at_high - at_middle):
            high = middle
        else:
            low = middle
    return low, high


def one_too_many(ask: _Ask, questions: int) -> _Places:
    return reference(ask, questions + 1)


def one_too_few(ask: _Ask, questions: int) -> _Places:
    return reference(ask, questions - 1)


def even_scan(ask: _Ask, questions: int) -> _Places:
    places = [i / (questions - 1) for i in range(questions)]
    logits = [ask(t) for t in places]
    changes = [abs(logits[i + 1] - logits[i]) for i in range(questions - 1)]
    most = changes.index(max(changes))
    return places[most], places[most + 1]


def the_middle(ask: _Ask, questions: int) -> float:
    low, high = reference(ask, questions)
    return (low + high) / 2


EXERCISE = Exercise(
    title="where does the gate open?",
    core=False,
    difficulty=3,
    minutes=9,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives two places", _gives_a_pair),
        Check("asks no more than it may", _keeps_to_its_questions),
        Check("is as narrow as halving makes it", _is_narrow),
        Check("finds a jump up", _finds_jumps_up),
        Check("finds a jump down", _finds_jumps_down),
        Check("finds jumps anywhere, and on gentle slopes", _finds_jumps_anywhere),
    ),
    hints=(
        "The two ends take two questions, and each halving takes one: questions - 2 halvings.",
        "Keep four numbers: low, high, and what the network answered there, at_low and at_high. "
        "Then the middle is all that you have to ask.",
        "If abs(at_middle - at_low) > abs(at_high - at_middle), the middle becomes the new high "
        "end, and at_middle its answer; otherwise the new low end.",
    ),
    mistakes=(
        Mistake(asks_again, r"You ask 32 questions, and 10 are allowed: .* were asked before"),
        Mistake(rises_more, r"Where the logit jumps down by 7 .*: you keep the half in which the"),
        Mistake(changes_less, r"Where the logit jumps up by 7 .* the logit changes less"),
        Mistake(larger_logit, r"Where the logit jumps up by 7 .* the half with the larger"),
        Mistake(forgets_new_ends, r"Where the logit jumps .*: you compare with the answers at 0"),
        Mistake(one_too_many, r"You ask 11 questions, and 10 are allowed: the two ends take 2"),
        Mistake(one_too_few, r"With 10 questions your .*: one halving is missing"),
        Mistake(even_scan, r"With 10 questions your .*: you ask at even distances"),
        Mistake(the_middle, r"Your function returned one place"),
    ),
)
