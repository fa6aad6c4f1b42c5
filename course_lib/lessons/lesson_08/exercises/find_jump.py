"""Lesson 08: where on a way a gate opens, in few questions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from course_lib.classroom.exercises import Agrees, Attempt, Check, Exercise, Gives, Mistake, Wrong
from course_lib.classroom.exercises.values import pair

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


@dataclass
class _Way:
    """A logit on a way from 0 to 1 that jumps, bulges gently, and remembers its questions."""

    jump: float
    size: float
    hump: float = 0.0
    start: float = 2.0
    asked: list[float] = field(default_factory=list)

    def __call__(self, t: float) -> float:
        self.asked.append(float(t))
        gentle = self.start + self.hump * math.sin(math.pi * float(t))
        return gentle + self.size * (float(t) > self.jump)

    def __str__(self) -> str:
        hump = f" bulges gently by {self.hump:+g} in the middle," if self.hump else ""
        return f"starts at {self.start:g},{hump} and jumps by {self.size:+g} at {self.jump:g}"


_FIRST = [
    *((_Way(0.7, 7.0), 10), (_Way(0.2, 5.0, start=-30.0), 8), (_Way(0.41, 0.01), 13)),
    *((_Way(0.3, -7.0), 10), (_Way(0.6, -6.0, start=3.0), 11), (_Way(0.9, -0.02), 9)),
    *((_Way(0.3, 6.0, hump=-1.0), 9), (_Way(0.3, -6.0, hump=1.0), 13)),
]
_OTHERS = [
    *((_Way(0.001, 6.0), 10), (_Way(0.999, 6.0), 12), (_Way(0.002, -6.0), 8)),  # near the ends
    *((_Way(0.4, 6.0, hump=4.5), 10), (_Way(0.6, -6.0, hump=4.5), 20)),
    *((_Way(0.6, 6.0, hump=-4.5), 10), (_Way(0.35, -6.0, hump=-4.5), 9)),
]


def _halves(attempt: Attempt) -> None:
    for way, questions in [*_FIRST, *_OTHERS, (_Way(0.5, 0.0), 10)]:  # the last never jumps
        (low, high), (ask, _) = attempt.call(way, questions)
        asked, halvings = ask.asked, questions - 2
        beyond = [t for t in asked if not 0 <= t <= 1]
        if beyond:
            raise Wrong(f"You ask about t = {beyond[0]:.4g}, and the way goes from 0 to 1.")
        if len(asked) > questions:
            again = len(asked) - len(set(asked))
            why = f"the two ends take 2, so {halvings} are left for halving."
            if again:
                why = f"{again} of them were asked before. Keep what the network answered."
            raise Wrong(f"You ask {len(asked)} questions, and {questions} are allowed: {why}")
        if low > high:
            raise Wrong(f"You return ({low:.4g}, {high:.4g}): the lower place comes first.")
        wide, wanted = high - low, 1 / 2**halvings
        why = f"halve {halvings} times, whatever the answers are, and round nothing."
        if math.isclose(wide, 1 / (questions - 1), rel_tol=1e-4):
            why = "you ask at even distances. Ask where the answers so far point to."
        if not math.isclose(wide, wanted, rel_tol=1e-4):
            raise Wrong(
                f"With {questions} questions your two places are {wide:.6g} apart, and halving "
                f"gets them to {wanted:.6g}: {why}"
            )


def _by(first_half: Callable[..., bool]) -> Callable[..., tuple[float, float]]:
    """Halving by a rule that takes the logits so far, both ends and the middle."""

    def search(ask: _Way, questions: int) -> tuple[float, float]:
        low, high, said = 0.0, 1.0, {t: ask(t) for t in (0.0, 1.0)}
        for _ in range(questions - 2):
            t = (low + high) / 2
            said[t] = ask(t)
            low, high = (low, t) if first_half(said, low, t, high) else (t, high)
        return low, high

    return search


_TOLD = (
    "Where the logit {0}, {1} questions should lead to ({wanted[0]:.6g}, {wanted[1]:.6g}), and you "
    "return ({found[0]:.6g}, {found[1]:.6g}):"
)
_MORE = "keep the half in which the logit changes more, from one of its ends to the other."
_MISTAKES = (
    Mistake(_by(lambda said, a, t, b: said[a] > said[b]),
        "you keep the half with the larger logit, and a jump shows in how much the logit changes."),
    Mistake(_by(lambda said, a, t, b: said[t] - said[a] > said[b] - said[t]),
        "you keep the half in which the logit rises more. A fall is a change too: compare absolute "
        "values."),
)  # fmt: skip
_FIXED = Mistake(_by(lambda said, a, t, b: abs(said[t] - said[0]) > abs(said[1] - said[t])),
    "you compare with the answers at 0 and at 1. An end and its answer move together.")  # fmt: skip
_MANY = Mistake(lambda ask, q: reference(ask, q + 1), "the two ends take 2, so 8 are left")
_FEW = Mistake(lambda ask, q: reference(ask, q - 1), "halve 8 times, whatever the answers are")

EXERCISE = Exercise(
    title="where does the gate open?",
    core=False,
    difficulty=3,
    minutes=9,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(pair, "a pair (low, high) of places that you asked about"),
    checks=(
        Check("halves as often as it may", _halves, (_MANY, _FEW)),
        Agrees("finds a jump, up or down", _FIRST, _TOLD, _MORE, _MISTAKES),
        Agrees("finds it near the ends, and on gentle slopes", _OTHERS, _TOLD, _MORE, (_FIXED,)),
    ),
    hints=(
        "The two ends take two questions, and each halving takes one: questions - 2 halvings.",
        "Keep four numbers: low, high, and what the network answered there, at_low and at_high. "
        "Then the middle is all that you have to ask.",
        "If abs(at_middle - at_low) > abs(at_high - at_middle), the middle becomes the new high "
        "end, and at_middle its answer; otherwise the new low end.",
    ),
)
