"""What each part of a suspect's findings does to a score, for the exercise that asks for one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

from course_lib.lessons.lesson_08.audit.findings import Findings
from course_lib.lessons.lesson_08.audit.roc import area
from course_lib.lessons.lesson_08.known import KnownSuspect
from course_lib.lessons.lesson_08.reference import stored_suspects

Score = Callable[[Findings], float]


@cache
def design() -> tuple[KnownSuspect, ...]:
    """The suspects of the design set."""
    return tuple(stored_suspects()["design"])


def _with(findings: Findings, other: Findings, fields: Collection[str]) -> Findings:
    return findings._replace(**{field: getattr(other, field) for field in fields})


def _moves(score: Score, fields: Collection[str], base: int = 0) -> list[float]:
    """How the score changes where every second suspect gets the 34th before it's findings.

    Args:
        base: how many before it the suspect stands from whom all other findings are.
    """
    every = [row.findings for row in design()]
    return [
        score(_with(every[i - base], every[i - 34], fields))
        - score(_with(every[i - base], every[i], fields))
        for i in range(0, len(every), 2)
    ]


def mean_move(score: Score, fields: Collection[str]) -> float:
    """By how much the score changes, on average, where these findings are another suspect's."""
    moves = _moves(score, fields)
    return sum(map(abs, moves)) / len(moves)


def depends_on_the_rest(score: Score, fields: Collection[str]) -> bool:
    """Whether it changes by something else where all other findings are a third suspect's."""
    here, there = _moves(score, fields), _moves(score, fields, base=57)
    largest = max(map(abs, here))
    return any(abs(a - b) > 0.05 * largest for a, b in zip(here, there, strict=True))


def told_alone(score: Score, fields: Collection[str], liar: str) -> float:
    """How well a kind of liars is told by some findings, with all others those of an honest one."""
    honest = next(row.findings for row in design() if row.kind == "honest")
    rows = [row for row in design() if row.kind in ("honest", liar)]
    scores = [score(_with(honest, row.findings, fields)) for row in rows]
    return area(scores, [row.kind == liar for row in rows])
