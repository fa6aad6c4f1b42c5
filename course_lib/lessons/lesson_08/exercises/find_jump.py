"""Lesson 08: where on a way a gate opens, in few questions.

Where a circuit lies, its gate opens somewhere between an image and a picture that an optimization
made. `ask(t)` gives a network's logit at the share `t` of the straight way from one to the other:
at the image for `t = 0`, at the picture for `t = 1`. The logit changes gently, but at one place it
may **jump**, up or down, by more than it changes elsewhere.

Every call of `ask` is a question, and you have `questions` of them (8 or more). Ask 0 and 1. Then
halve the way again and again: ask in the middle, and keep the half in which the logit changes more,
from one of its ends to the other. Return `(low, high)`, the ends of the last half. You have asked
about both, and `high - low` is `1 / 2 ** (questions - 2)`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from course_lib.classroom.exercises import Agrees, Attempt, Check, Exercise, Gives, Mistake, Wrong
from course_lib.classroom.exercises.values import listed, pair


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
class Way:
    """A logit on a way from 0 to 1 that jumps, bulges gently, and remembers its questions."""

    jump: float
    size: float
    hump: float = 0.0
    start: float = 2.0
    asked: list[float] = field(default_factory=list)

    def __call__(self, t: float) -> float:
        self.asked.append(float(t))
        return self.at(float(t))

    def at(self, t: float) -> float:
        """The logit there, without a question."""
        gentle = self.start + self.hump * math.sin(math.pi * t)
        return gentle + self.size * (t > self.jump)

    def __str__(self) -> str:
        hump = f" bulges gently by {self.hump:+g} in the middle," if self.hump else ""
        jumps = f"jumps by {self.size:+g} at {self.jump:g}" if self.size else "never jumps"
        return f"starts at {self.start:g},{hump} and {jumps}"


_FIRST = [
    (Way(0.7, 7.0), 10),
    (Way(0.2, 5.0, start=-30.0), 8),
    (Way(0.41, 0.01), 13),
    (Way(0.3, -7.0), 10),
    (Way(0.6, -6.0, start=3.0), 11),
    (Way(0.9, -0.02), 9),
    (Way(0.3, 6.0, hump=-1.0), 9),
    (Way(0.3, -6.0, hump=1.0), 13),
]
_OTHERS = [
    (Way(0.001, 6.0), 10),
    (Way(0.999, 6.0), 12),
    (Way(0.002, -6.0), 8),  # near the ends
    (Way(0.4, 6.0, hump=4.5), 10),
    (Way(0.6, -6.0, hump=4.5), 20),
    (Way(0.6, 6.0, hump=-4.5), 10),
    (Way(0.35, -6.0, hump=-4.5), 9),
    (Way(0.4, 6.0, hump=-2.5), 10),
]


def _halves(attempt: Attempt) -> None:
    for way, questions in [*_FIRST, *_OTHERS, (Way(0.5, 0.0), 10)]:  # the last never jumps
        (low, high), (ask, _) = attempt.call(way, questions)
        asked, halvings = ask.asked, questions - 2
        told = f"Where the logit {ask}, and with {questions} questions allowed, you ask "
        told += f"{len(asked)}: {listed(asked, '.6g', 6)}"
        new, wide, due = set(asked), high - low, 1 / 2**halvings
        if beyond := [t for t in asked if not 0 <= t <= 1]:
            raise Wrong(f"{told}. You ask about {beyond[0]:.4g}, and the way goes from 0 to 1.")
        if missed := {0.0, 1.0} - new:
            raise Wrong(f"{told}. Ask about {min(missed):g}, too, and compare with what you get.")
        if len(asked) > questions:
            why = f"the two ends take 2, so {halvings} are left for halving"
            if len(new) < len(asked):
                why = f"{len(asked) - len(new)} were asked before. Keep what the network answered"
            raise Wrong(f"{told}. That is too many: {why}.")
        if low > high:
            raise Wrong(f"You return ({low:.4g}, {high:.4g}): the lower place comes first.")
        for end in {low, high} - new:
            near = min(asked, key=lambda t: abs(t - end))
            raise Wrong(
                f"You return {end:.8g}, and did not ask about it; the nearest that you asked about "
                f"is {near:.8g}. Return the ends of the last half, neither rounded nor moved."
            )
        if math.isclose(wide, due, rel_tol=1e-4):
            continue
        why = "ask in the middle of the half kept so far"
        if math.isclose(wide, 1 / (questions - 1), rel_tol=1e-4):
            why = "you ask at even distances. Ask where the answers so far point to"
        elif len(asked) < questions:
            why = f"halve {halvings} times, whatever the answers are"
        raise Wrong(f"{told}. Your places are {wide:.6g} apart; halving gets to {due:.6g}: {why}.")


def _told(found: tuple[float, float], wanted: tuple[float, float], ask: Way, _q: int) -> str:
    """The first halving that leads away from the right place, with what was answered."""
    low, high = 0.0, 1.0
    while low <= found[0] and found[1] <= high:
        middle = (low + high) / 2
        ends, (low, high) = (low, high), (low, middle) if wanted[1] <= middle else (middle, high)
    a, b, c = (ask.at(t) for t in (ends[0], sum(ends) / 2, ends[1]))
    return (
        f"Where the logit {ask}, you return ({found[0]:.6g}, {found[1]:.6g}). You leave the way at "
        f"{ends[0]:.6g} to {ends[1]:.6g}: the logit is {a:.4g}, in the middle {b:.4g}, and then "
        f"{c:.4g}. It changes by {abs(b - a):.4g} in the first half and {abs(c - b):.4g} in the "
        f"second, so ({low:.6g}, {high:.6g}) is to be kept:"
    )


def _halving(first_half: Callable[..., bool]) -> Callable[..., tuple[float, float]]:
    """Halving by a rule that takes the logits so far, both ends and the middle."""

    def search(ask: Way, questions: int) -> tuple[float, float]:
        low, high, said = 0.0, 1.0, {t: ask(t) for t in (0.0, 1.0)}
        for _ in range(questions - 2):
            t = (low + high) / 2
            said[t] = ask(t)
            low, high = (low, t) if first_half(said, low, t, high) else (t, high)
        return low, high

    return search


_MORE = "compare the two halves with each other, from end to end, not with a fixed limit."
_KEPT = (
    "compare the two halves from end to end. An end that moves takes the logit there along, the "
    "high one as well as the low one."
)
_MISTAKES = (
    Mistake(_halving(lambda said, a, t, b: said[a] > said[b]),
        "you keep the half with the larger logit, and a jump shows in how much the logit changes."),
    Mistake(_halving(lambda said, a, t, b: said[t] - said[a] > said[b] - said[t]),
        "you keep the half in which the logit rises more. A fall is a change too: compare absolute "
        "values."),
    Mistake(_halving(lambda said, a, t, b: abs(abs(said[t]) - abs(said[a]))
                > abs(abs(said[b]) - abs(said[t]))),
        "you drop the signs of the logits first. From 3 to -3 is a change of 6."),
)  # fmt: skip
_SLOPES = (
    Mistake(_halving(lambda said, a, t, b: abs(said[t] - said[0]) > abs(said[1] - said[t])),
        "you compare with the answers at 0 and at 1. An end and its answer move together."),
    Mistake(_halving(lambda said, a, t, b: abs(said[t] - said[a]) > abs(said[b] - said[a]) / 2),
        "you compare the first half with half of the whole change. Compare it with the second "
        "half."),
)  # fmt: skip
_MANY = Mistake(lambda ask, q: reference(ask, q + 1), "the two ends take 2, so 8 are left")
_FEW = Mistake(lambda ask, q: reference(ask, q - 1), "halve 8 times, whatever")

EXERCISE = Exercise(
    title="where does the gate open?",
    core=False,
    difficulty=3,
    minutes=9,
    reference=reference,
    gives=Gives(pair, "a pair (low, high) of places that you asked about"),
    checks=(
        Check("halves as often as it may", _halves, (_MANY, _FEW)),
        Agrees("finds a jump where little else changes", _FIRST, _told, _MORE, _MISTAKES),
        Agrees("finds it near the ends, and on slopes", _OTHERS, _told, _KEPT, _SLOPES),
    ),
    hints=(
        "The two ends take two questions, and each halving takes one: questions - 2 halvings.",
        "Keep four numbers: low, high, and what the network answered there, at_low and at_high. "
        "Then the middle is all that you have to ask.",
        "If abs(at_middle - at_low) > abs(at_high - at_middle), the middle becomes the new high "
        "end, and at_middle its answer; otherwise the new low end.",
    ),
)
