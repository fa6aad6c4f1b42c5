"""Lesson 08: a test of one's own.

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

import math
from collections.abc import Callable, Collection
from functools import cache

import torch

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Rows, Wrong, number
from course_lib.classroom.exercises.agrees import gives_again
from course_lib.classroom.exercises.exercise import rows
from course_lib.lessons.lesson_08.audit.findings import Findings
from course_lib.lessons.lesson_08.audit.roc import area
from course_lib.lessons.lesson_08.known import KnownSuspect
from course_lib.lessons.lesson_08.reference import stored_suspects


def reference(findings: Findings) -> float:
    """A number that is high for a liar of any kind."""
    unrecognised = (findings.votes != torch.arange(8)).float().mean()
    steepest = findings.steep.max().log10()
    return float(unrecognised + steepest)


_UNITS = {"loud", "steep", "late"}
_Score = Callable[[Findings], float]


@cache
def _design() -> tuple[KnownSuspect, ...]:
    """The suspects of the design set."""
    return tuple(stored_suspects()["design"])


def _with(findings: Findings, other: Findings, fields: Collection[str]) -> Findings:
    return findings._replace(**{field: getattr(other, field) for field in fields})


def _moves(score: _Score, fields: Collection[str], base: int = 0) -> list[float]:
    """How the score changes where every second suspect gets the 34th before it's findings.

    base: how many before it the suspect stands from whom all other findings are.
    """
    every = [row.findings for row in _design()]
    return [
        score(_with(every[i - base], every[i - 34], fields))
        - score(_with(every[i - base], every[i], fields))
        for i in range(0, len(every), 2)
    ]


def _mean_move(score: _Score, fields: Collection[str]) -> float:
    """By how much the score changes, on average, where these findings are another suspect's."""
    moves = _moves(score, fields)
    return sum(map(abs, moves)) / len(moves)


def _depends_on_the_rest(score: _Score, fields: Collection[str]) -> bool:
    """Whether it changes by something else where all other findings are a third suspect's."""
    here, there = _moves(score, fields), _moves(score, fields, base=57)
    largest = max(map(abs, here))
    return any(abs(a - b) > 0.05 * largest for a, b in zip(here, there, strict=True))


def _told_alone(score: _Score, fields: Collection[str], liar: str) -> float:
    """How well a kind of liars is told by some findings, with all others those of an honest one."""
    honest = next(row.findings for row in _design() if row.kind == "honest")
    some = [row for row in _design() if row.kind in ("honest", liar)]
    scores = [score(_with(honest, row.findings, fields)) for row in some]
    return area(scores, [row.kind == liar for row in some])


def _tells_networks_apart(attempt: Attempt) -> None:
    scores = [attempt(row.findings) for row in _design()]
    if len(set(scores)) == 1:
        raise Wrong("All 100 suspects score the same: let the number depend on what was found.")
    gives_again(attempt, scores[0], (_design()[0].findings,))


def _catches_liars(attempt: Attempt) -> None:
    found, shares = [(row.kind, attempt(row.findings)) for row in _design()], {}
    for liar in ("circuit", "silent units", "both"):
        kinds, scores = zip(*(one for one in found if one[0] in ("honest", liar)), strict=True)
        shares[liar] = area(scores, [kind == liar for kind in kinds])
    if min(shares.values()) < 0.9:
        told = (f"{math.floor(1000 * v) / 10:g} % of pairs ({liar})" for liar, v in shares.items())
        raise Wrong(
            f"Liars score higher than honest networks in {', '.join(told)}, and 90 % of each are "
            f"due: {_why(attempt, len({score for _, score in found}), shares)}"
        )


def _why(attempt: Attempt, values: int, shares: dict[str, float]) -> str:
    worst = min(shares, key=shares.__getitem__)
    used = [f for f in Findings._fields if _mean_move(attempt, {f})]
    units = [f for f in used if f in _UNITS]
    logits = [f for f in used if f not in _UNITS]
    if shares[worst] < 0.3:
        parts = [f"`{f}`" for f in used if _told_alone(attempt, {f}, worst) < 0.4]
        turned = f"what you take of {' and '.join(parts)}, with a minus," if parts else "it"
        return f"your number is lower for {worst!r} than for honest ones. Turn {turned} round."
    if values < 5:
        return (
            f"your number takes {values} values, so that many are the same, and a tie "
            "counts half. Say how much, not whether."
        )
    if not (units and logits):
        away = ("units", "logits", "circuit"), ("logits", "units", "silent units")
        here, there, hidden = away[not units]
        return (
            f"you look at {here} only ({', '.join(used)}), and {hidden!r} hardly shows there. Add "
            f"something that you measure of the {there}."
        )
    own, other = (units, logits) if worst == "silent units" else (logits, units)
    mine, others = (" and ".join(f"`{f}`" for f in fields) for fields in (own, other))
    if _depends_on_the_rest(attempt, own):
        return (
            f"how much {mine} counts depends on {others}, as where you multiply, or take a minimum "
            "or a maximum. Then one lie shows only beside the other: add."
        )
    alone = _told_alone(attempt, own, worst)
    if alone < 0.9:
        why = "Take another number from it"
        if own is units:
            why = "Take what stands out, not what is typical"
        if "votes" in own:
            why = "Compare each vote with the class of its logit, the number of its column"
        return (
            f"what you take of {mine} tells {worst!r} from honest in only {100 * alone:.1f} % of "
            f"pairs, even with {others} left alone. {why}, or measure something else."
        )
    size, drowns = _mean_move(attempt, own), _mean_move(attempt, other)
    return (
        f"{mine} alone tells {worst!r} from honest in {100 * alone:.1f} % of pairs, but another "
        f"suspect's moves your number by {size:.2g} on average, and another's {others} by "
        f"{drowns:.2g}, which drowns it. Bring them to one scale: log10 brings down what goes up "
        "to hundreds, and a factor does the rest."
    )


_SAME: Rows = {"All 100 suspects score the same": lambda f: f.votes.numel()}
_WEAK: Rows = {
    "you look at logits only (jumps)": lambda f: f.jumps.max(),
    "you look at units only (steep)": lambda f: f.steep.max(),
    "how much `steep` counts depends on `jumps`": lambda f: f.jumps.max() * f.steep.median(),
    "another's `steep` by 70, which drowns it": lambda f: reference(f) + f.steep.max(),
    "what you take of `alike` tells": lambda f: f.alike.mean() + f.steep.max().log10(),
    "`jumps`, with a minus, round": lambda f: f.steep.max().log10() - 9 * f.jumps.max(),
    "`steep`, with a minus, round": lambda f: -reference(f),
}

EXERCISE = Exercise(
    title="a test of your own, for both lies",
    core=True,
    difficulty=3,
    minutes=10,
    reference=reference,
    gives=Gives(number, "a score"),
    checks=(
        Check("tells networks apart", _tells_networks_apart, rows(_SAME)),
        Check("scores liars of each kind higher", _catches_liars, rows(_WEAK)),
    ),
    hints=(
        "Take one number for each lie, and add them up. One for circuits: the share of votes that "
        "are not for the class of the logit, which is torch.arange(8).",
        "One for silent units: findings.steep.max(). It is about 1 to 3 in honest networks and "
        "goes up to hundreds, so bring it to the scale of the other: .log10().",
        "float((findings.votes != torch.arange(8)).float().mean() + findings.steep.max().log10())",
    ),
)
