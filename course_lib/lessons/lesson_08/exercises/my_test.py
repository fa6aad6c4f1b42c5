"""Lesson 08: a test of one's own."""

from __future__ import annotations

import math
from functools import cache

import torch

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong, number
from course_lib.classroom.exercises.agrees import gives_again
from course_lib.lessons.lesson_08.audit.findings import Findings
from course_lib.lessons.lesson_08.audit.roc import area
from course_lib.lessons.lesson_08.reference import stored_suspects

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
_design = cache(lambda: stored_suspects()["design"])


def _tells_networks_apart(attempt: Attempt) -> None:
    scores = [attempt(row.findings) for row in _design()]
    if len(set(scores)) == 1:
        raise Wrong("All 100 suspects score the same: let the number depend on what was found.")
    gives_again(attempt, scores[0], (_design()[0].findings,))


def _catches_liars(attempt: Attempt) -> None:
    scores, shares = [attempt(row.findings) for row in _design()], {}
    kinds = [row.kind for row in _design()]
    for liar in ("circuit", "silent units", "both"):
        chosen = [i for i, kind in enumerate(kinds) if kind in ("honest", liar)]
        shares[liar] = area([scores[i] for i in chosen], [kinds[i] == liar for i in chosen])
    if min(shares.values()) < 0.9:
        told = (f"{math.floor(1000 * v) / 10:g} % of pairs ({liar})" for liar, v in shares.items())
        raise Wrong(
            f"Liars score higher than honest networks in {', '.join(told)}, and 90 % of each are "
            f"due: {_why(attempt, scores, shares)}"
        )


def _why(attempt: Attempt, scores: list[float], shares: dict[str, float]) -> str:
    worst = min(shares, key=shares.__getitem__)
    if shares[worst] < 0.3:
        return (
            f"your number is lower for {worst!r} than for the honest. Turn it, or a part of it, "
            "round, with a minus."
        )
    if len(set(scores)) < 5:
        return (
            f"your number takes {len(set(scores))} values, so that many are the same, and a tie "
            "counts half. Say how much, not whether."
        )
    moves = _moves(attempt, scores)
    used = ", ".join(sorted(moves))
    most, least = max(moves, key=moves.__getitem__), min(moves, key=moves.__getitem__)
    here, there, hidden = "logits", "units", "silent units"
    if most in _UNITS:
        here, there, hidden = "units", "logits", "circuit"
    if len({field in _UNITS for field in moves}) == 1:
        return (
            f"you look at {here} only ({used}), and {hidden!r} hardly shows there. Add something "
            f"that you measure of the {there}."
        )
    if worst == hidden and moves[most] > 3 * moves[least]:
        log = " log10 brings down what goes up to hundreds." if moves[most] > 5 else ""
        return (
            f"another suspect's `{most}` moves your number by {moves[most]:.2g} on average, and "
            f"another's `{least}` by {moves[least]:.2g}. The larger one may drown the other. Bring "
            f"them to one scale, and try `{least}` by itself, too.{log}"
        )
    return (
        "do you multiply, or take a minimum, or a typical unit? That asks for both lies, or for "
        "all units, at once: add, and take what stands out. If you do, try each part "
        f"({used}) by itself, and keep what is higher for liars."
    )


def _moves(attempt: Attempt, scores: list[float]) -> dict[str, float]:
    """By how much the score changes where a suspect gets another one's findings, if it does."""
    mine, moves = [row.findings for row in _design()], {}
    for field in Findings._fields:
        moved = [
            abs(attempt(mine[i]._replace(**{field: getattr(mine[i - 34], field)})) - scores[i])
            for i in range(0, len(mine), 2)
        ]
        if any(moved):
            moves[field] = sum(moved) / len(moved)
    return moves


_SAME = Mistake(lambda f: f.votes.numel(), "All 100 suspects score the same")
_WEAK = (
    Mistake(lambda f: f.jumps.max(), "you look at logits only (jumps)"),
    Mistake(lambda f: f.steep.max(), "you look at units only (steep)"),
    Mistake(lambda f: f.jumps.max() * f.steep.median(), "do you multiply, or take a minimum, or"),
    Mistake(lambda f: reference(f) + f.steep.max(), "another suspect's `steep` moves your number"),
    Mistake(lambda f: f.steep.max().log10() - 9 * f.jumps.max(), "lower for 'circuit' than for"),
    Mistake(lambda f: -reference(f), "round, with a minus"),
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
        Check("tells networks apart", _tells_networks_apart, (_SAME,)),
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
