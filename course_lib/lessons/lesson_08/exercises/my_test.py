"""Lesson 08: a test of one's own."""

from __future__ import annotations

import math
from functools import cache

import torch

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong, number
from course_lib.lessons.lesson_08.audit.findings import Findings
from course_lib.lessons.lesson_08.audit.roc import area
from course_lib.lessons.lesson_08.reference import stored_suspects

LEAST = 0.9
"""The area under the ROC curve, on the design set, to be reached for each kind of liar."""

STATEMENT = """
Each question so far catches one lie and is blind to the other. Write one test for both:
`findings` is what was measured of a suspect from outside; return **one number that is high for any
liar**, whether it has a circuit, silent units or both.

| `findings.` | shape | what it holds |
|---|---|---|
| `votes` | (4, 8) | the class, 0 to 7, that each of four judges sees in each logit's picture |
| `plain` | (4, 8) | the same for pictures of plain pixels, from another start |
| `early` | (4, 8) | the same after four updates |
| `alike` | (8,) | how much each logit's picture is like the seven others |
| `jumps` | (8,) | the largest jump on the way from a render to each logit's picture |
| `lows` | (8,) | how far all logits fall on that way below what renders have |
| `loud`, `steep` | (8,) | a unit's loudness, steepness at its picture over that at renders |
| `late` | (8,) | after which share of the ascent half of a unit's rise was reached |
| `path` | (2,) | path similarity at the logits: of their pictures, and of a control |

It is tried on the 100 suspects of the design set, and passes if liars of each of the three kinds
score higher than honest networks in 90 % of all pairs.
"""


def reference(findings: Findings) -> float:
    """A number that is high for a liar of any kind."""
    unrecognised = (findings.votes != torch.arange(8)).float().mean()
    steepest = findings.steep.max().log10()
    return float(unrecognised + steepest)


_UNITS = {"loud", "steep", "late"}


@cache
def _design() -> tuple[tuple[Findings, str], ...]:
    return tuple((row.findings, row.kind) for row in stored_suspects()["design"])


def _areas(scores: list[float]) -> dict[str, float]:
    """Of each kind of liar against honest networks."""
    kinds, found = [kind for _, kind in _design()], {}
    for liar in ("circuit", "silent units", "both"):
        chosen = [i for i, kind in enumerate(kinds) if kind in ("honest", liar)]
        found[liar] = area([scores[i] for i in chosen], [kinds[i] == liar for i in chosen])
    return found


def _tells_networks_apart(attempt: Attempt) -> None:
    findings = [findings for findings, _ in _design()]
    scores = [attempt(one) for one in findings]
    if len(set(scores)) == 1:
        raise Wrong(
            "All 100 suspects score the same: let the number depend on what was found of each."
        )
    if [attempt(one) for one in findings[:3]] != scores[:3]:
        raise Wrong(
            "Called twice with the same findings, your function gives two scores: it must neither "
            "draw random numbers nor remember."
        )


def _catches_liars(attempt: Attempt) -> None:
    scores = [attempt(findings) for findings, _ in _design()]
    found = _areas(scores)
    if min(found.values()) < LEAST:
        told = ", ".join(
            f"{math.floor(1000 * value) / 10:g} % of pairs ({liar})"
            for liar, value in found.items()
        )
        raise Wrong(
            f"Liars score higher than honest networks in {told}, and 90 % of each are due: "
            f"{_why(attempt, scores, found)}"
        )


def _why(attempt: Attempt, scores: list[float], found: dict[str, float]) -> str:
    worst = min(found, key=lambda liar: found[liar])
    if max(found.values()) <= 1 - LEAST:
        return "your number is high for the honest. Turn it round, with a minus."
    if found[worst] < 0.3:
        return (
            f"something in your number is lower for {worst!r} than for the honest. Turn that part "
            "round."
        )
    if len(set(scores)) < 5:
        return (
            f"your number takes {len(set(scores))} values, so that many are the same, and a tie "
            "counts half. Say how much, not whether."
        )
    moves = _moves(attempt, scores)
    used = ", ".join(sorted(moves))
    if moves and not _UNITS & set(moves):
        return (
            f"you look at logits only ({used}), and silent units hardly show there. Add something "
            "that you measure of the units."
        )
    if moves and set(moves) <= _UNITS:
        return (
            f"you look at units only ({used}), and a circuit hardly shows there. Add something "
            "that you measure of the logits."
        )
    most, least = max(moves, key=moves.__getitem__), min(moves, key=moves.__getitem__)
    if (
        worst == ("circuit" if most in _UNITS else "silent units")
        and moves[most] > 3 * moves[least]
    ):
        why = f"try `{least}` by itself, too."
        if moves[most] > 5:
            why = "log10 brings down what goes up to hundreds."
        return (
            f"another suspect's `{most}` moves your number by {moves[most]:.2g} on average, and "
            f"another's `{least}` by {moves[least]:.2g}. The larger one may drown the other. Bring "
            f"them to one scale; {why}"
        )
    if found["both"] >= LEAST and worst != "both":
        return (
            f"who tells both lies is caught, and who has {worst!r} alone less so. Do you multiply, "
            "or take a minimum, or a typical unit? That asks for both lies, or for all units, at "
            f"once: add, and take what stands out. If you do, try each part ({used}) by itself."
        )
    return f"try each part ({used}) by itself, and keep what is higher for liars."


def _moves(attempt: Attempt, scores: list[float]) -> dict[str, float]:
    """By how much the score changes where a suspect gets another one's findings, if it does."""
    found = [findings for findings, _ in _design()][::2]
    moves = {}
    for field in Findings._fields:
        moved = [
            abs(attempt(mine._replace(**{field: getattr(other, field)})) - score)
            for mine, other, score in zip(found, found[17:] + found[:17], scores[::2], strict=True)
        ]
        if any(moved):
            moves[field] = sum(moved) / len(moved)
    return moves


def _votes(findings: Findings) -> float:
    return float((findings.votes != torch.arange(8)).float().mean())


def _steepest(findings: Findings) -> float:
    return float(findings.steep.max().log10())


_SHAPE = Mistake(
    lambda f: (f.votes != torch.arange(8)).float().mean(0) + f.steep.log10(), "returned 8 numbers"
)
_WEAK = (
    Mistake(_votes, "you look at logits only (votes)"),
    Mistake(_steepest, "you look at units only (steep)"),
    Mistake(lambda f: _votes(f) * _steepest(f), "Do you multiply, or take a minimum, or"),
    Mistake(lambda f: _votes(f) + f.steep.max(), "another suspect's `steep` moves your number by"),
    Mistake(lambda f: 1 - _votes(f) + _steepest(f), "your number is lower for 'circuit' than for"),
    Mistake(lambda f: -_votes(f) - _steepest(f), "your number is high for the honest"),
)

EXERCISE = Exercise(
    title="a test of your own, for both lies",
    core=True,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(number, "a score"),
    checks=(
        Check(
            "tells networks apart",
            _tells_networks_apart,
            (_SHAPE, Mistake(lambda f: f.votes.numel(), "All 100 suspects score the same")),
        ),
        Check("scores liars of each kind higher", _catches_liars, _WEAK),
    ),
    hints=(
        "Take one number for each lie, and add them up. One for circuits: the share of votes that "
        "are not for the class of the logit, which is torch.arange(8).",
        "One for silent units: findings.steep.max(). It is about 1 to 3 in honest networks and "
        "goes up to hundreds, so bring it to the scale of the other: .log10().",
        "float((findings.votes != torch.arange(8)).float().mean() + findings.steep.max().log10())",
    ),
)
