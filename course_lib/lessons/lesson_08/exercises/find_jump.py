"""Lesson 08: where on a way a gate opens, in few questions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Attempt, Check, Exercise, Gives, Mistake, Wrong
from course_lib.classroom.exercises import pair as two_numbers

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


_Places = tuple[float, float]


@dataclass
class _Way:
    """A logit on a way from 0 to 1, which counts its questions.

    jump: where it jumps. size: by how much; below 0 for down. slope: by how much it rises gently
    over the way. hump: how far it rises gently up to the middle, to fall again. start: at t = 0.
    """

    jump: float
    size: float
    slope: float = 0.0
    hump: float = 0.0
    start: float = 2.0
    asked: list[float] = field(default_factory=list)

    def __call__(self, t: float) -> float:
        self.asked.append(float(t))
        gentle = self.start + self.slope * float(t) + self.hump * math.sin(math.pi * float(t))
        return gentle + self.size * (float(t) > self.jump)

    def __str__(self) -> str:
        slope = f" changes gently by {self.slope:+g} over the way," if self.slope else ""
        hump = f" bulges gently by {self.hump:+g} in the middle," if self.hump else ""
        return (
            f"starts at {self.start:g},{slope}{hump} and jumps by {self.size:+g} at {self.jump:g}"
        )


_UP = [
    *((_Way(0.7, 7.0), 10), (_Way(0.2, 5.0, start=-30.0), 8), (_Way(0.41, 0.01), 13)),
    (_Way(0.3, 6.0, slope=-2.0), 9),
]
_DOWN = [
    *((_Way(0.3, -7.0), 10), (_Way(0.6, -6.0, start=3.0), 11), (_Way(0.9, -0.02), 9)),
    (_Way(0.3, -6.0, slope=2.0), 13),
]
_OTHERS = [
    *((_Way(0.001, 6.0), 10), (_Way(0.999, 6.0), 12), (_Way(0.002, -6.0), 8)),  # near the ends
    *((_Way(0.3, 6.0, 4.0), 10), (_Way(0.8, 6.0, -4.0), 16), (_Way(0.6, -6.0, 4.0, start=-2), 10)),
    *((_Way(0.4, 6.0, hump=4.5), 10), (_Way(0.6, -6.0, hump=4.5), 20)),
    *((_Way(0.6, 6.0, hump=-4.5), 10), (_Way(0.35, -6.0, hump=-4.5), 9)),
]
_ALL = [*_UP, *_DOWN, *_OTHERS, (_Way(0.5, 0.0), 10)]  # the last never jumps


def _read(value: Any, what: str) -> _Places:
    if isinstance(value, float) or (isinstance(value, Tensor | np.ndarray) and value.ndim == 0):
        raise Wrong(
            f"Your function returned one place, {float(value):.4g}, where {what} is due: the jump "
            "is somewhere between two places that you asked about."
        )
    low, high = two_numbers(value, what)
    if low > high:
        raise Wrong(f"You return ({low:.4g}, {high:.4g}): the lower place comes first.")
    return low, high


def _keeps_to_its_questions(attempt: Attempt) -> None:
    for way, questions in _ALL:
        asked = attempt.call(way, questions).given[0].asked
        beyond = [t for t in asked if not 0 <= t <= 1]
        if beyond:
            raise Wrong(f"You ask about t = {beyond[0]:.4g}, and the way goes from 0 to 1.")
        if len(asked) > questions:
            again = len(asked) - len(set(asked))
            why = f"the two ends take 2, so {questions - 2} are left for halving."
            if again:
                why = f"{again} of them were asked before. Keep what the network answered."
            raise Wrong(f"You ask {len(asked)} questions, and {questions} are allowed: {why}")


def _is_narrow(attempt: Attempt) -> None:
    for way, questions in _ALL:
        (low, high), (ask, _) = attempt.call(way, questions)
        wide, wanted = high - low, 1 / 2 ** (questions - 2)
        why = f"halve {questions - 2} times, whatever the answers are, and round nothing."
        if math.isclose(wide, 1 / (questions - 1), rel_tol=1e-4):
            why = "you ask at even distances. Ask where the answers so far point to."
        elif math.isclose(wide, 2 * wanted, rel_tol=1e-4):
            why = f"one halving is missing. You asked {len(ask.asked)} questions of {questions}."
        if not math.isclose(wide, wanted, rel_tol=1e-4):
            raise Wrong(
                f"With {questions} questions your two places are {wide:.6g} apart, and halving "
                f"gets them to {wanted:.6g}: {why}"
            )


def _told(found: _Places, wanted: _Places, way: _Way, questions: int) -> str:
    (a, b), (low, high) = found, wanted
    return (
        f"Where the logit {way}, {questions} questions should lead to ({low:.6g}, {high:.6g}), and "
        f"you return ({a:.6g}, {b:.6g}):"
    )


def _by(first_half: Callable[[float, float, float], bool], moves: bool = True) -> Any:
    """Halving by a rule that takes the logits at the two ends and in the middle."""

    def search(ask: _Way, questions: int) -> _Places:
        low, high = (0.0, ask(0.0)), (1.0, ask(1.0))
        for _ in range(questions - 2):
            t = (low[0] + high[0]) / 2
            said = ask(t)
            if first_half(low[1], said, high[1]):
                high = t, said if moves else high[1]
            else:
                low = t, said if moves else low[1]
        return low[0], high[0]

    return search


_MORE = "keep the half in which the logit changes more, from one of its ends to the other."
_UPWARD = (
    Mistake(_by(lambda low, mid, high: abs(mid - low) < abs(high - mid)),
        "you keep the half in which the logit changes less."),
    Mistake(_by(lambda low, mid, high: low > high),
        "you keep the half with the larger logit, and a jump shows in how much the logit changes."),
)  # fmt: skip
_RISES = Mistake(_by(lambda low, mid, high: mid - low > high - mid),
    "you keep the half in which the logit rises more. A fall is a change too: compare absolute "
    "values.")  # fmt: skip
_FIXED = Mistake(_by(lambda low, mid, high: abs(mid - low) > abs(high - mid), moves=False),
    "you compare with the answers at 0 and at 1. When an end moves, its answer has to move along.",
)  # fmt: skip
_MANY = Mistake(lambda ask, q: reference(ask, q + 1), "the two ends take 2, so 8 are left")
_FEW = Mistake(lambda ask, q: reference(ask, q - 1), "one halving is missing")

EXERCISE = Exercise(
    title="where does the gate open?",
    core=False,
    difficulty=3,
    minutes=9,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(_read, "a pair (low, high)"),
    checks=(
        Check("asks no more than it may", _keeps_to_its_questions, (_MANY,)),
        Check("is as narrow as halving makes it", _is_narrow, (_FEW,)),
        Agrees("finds a jump up", _UP, _told, _MORE, _UPWARD),
        Agrees("finds a jump down", _DOWN, _told, _MORE, (_RISES,)),
        Agrees("finds jumps anywhere, and on gentle slopes", _OTHERS, _told, _MORE, (_FIXED,)),
    ),
    hints=(
        "The two ends take two questions, and each halving takes one: questions - 2 halvings.",
        "Keep four numbers: low, high, and what the network answered there, at_low and at_high. "
        "Then the middle is all that you have to ask.",
        "If abs(at_middle - at_low) > abs(at_high - at_middle), the middle becomes the new high "
        "end, and at_middle its answer; otherwise the new low end.",
    ),
)
