"""Lesson 08: a test of one's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number
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


@cache
def _design() -> tuple[tuple[Findings, str], ...]:
    return tuple((row.findings, row.kind) for row in stored_suspects()["design"])


def _areas(scores: list[float]) -> dict[str, float]:
    """Of each kind of liar against honest networks."""
    pairs = [(score, kind) for score, (_, kind) in zip(scores, _design(), strict=True)]
    found = {}
    for liar in ("circuit", "silent units", "both"):
        compared = [(score, kind == liar) for score, kind in pairs if kind in ("honest", liar)]
        found[liar] = area([score for score, _ in compared], [lies for _, lies in compared])
    return found


def _scores(test: Callable[[Any], Any]) -> list[float]:
    return [number(test(findings), "a score") for findings, _ in _design()]


def _tells_networks_apart(attempt: Attempt) -> None:
    if len(set(_scores(attempt))) == 1:
        raise Wrong(
            "All 100 suspects score the same: let the number depend on what was found of each."
        )


def _catches_liars(attempt: Attempt) -> None:
    found = _areas(_scores(attempt))
    worst = min(found, key=lambda liar: found[liar])
    if found[worst] >= LEAST:
        return
    told = ", ".join(f"{100 * value:.0f} % of pairs ({liar})" for liar, value in found.items())
    told = f"Liars score higher than honest networks in {told}: "
    if max(found.values()) < 0.5:
        raise Wrong(told + "your number is high for the honest. Turn it round, with a minus.")
    if found[worst] < 0.3:
        raise Wrong(
            told + f"what you measure for {worst!r} is high for the honest. Turn that part round."
        )
    used = _used(attempt)
    if used <= {"votes", "plain", "early", "alike", "jumps", "lows", "path"}:
        raise Wrong(
            told + f"you look at logits only ({', '.join(sorted(used))}), and silent units do not "
            "show there. Add something that you measure of the units."
        )
    if used <= {"loud", "steep", "late"}:
        raise Wrong(
            told + f"you look at units only ({', '.join(sorted(used))}), and a circuit does not "
            "show there. Add something that you measure of the logits."
        )
    if found["both"] > LEAST and found["silent units"] < 0.8:
        raise Wrong(
            told + "who tells both lies is caught, and who tells one less so. A product, a minimum "
            "or a typical unit asks for both lies, or for all units, at once. Add, and look at "
            "what stands out."
        )
    raise Wrong(
        told + "your parts may be on different scales, so that the larger one drowns the other. "
        "findings.steep runs from 1 to hundreds; log10 brings it down."
    )


def _used(test: Callable[[Any], Any]) -> set[str]:
    """The findings that the score depends on: it changes where a suspect gets another one's."""
    found = [findings for findings, _ in _design()[:12]]
    scores = [float(test(findings)) for findings in found]
    used = set()
    for field in Findings._fields:
        for mine, other, score in zip(found, found[1:] + found[:1], scores, strict=True):
            if float(test(mine._replace(**{field: getattr(other, field)}))) != score:
                used.add(field)
                break
    return used


def a_number_each(findings: Findings) -> Tensor:
    return (findings.votes != torch.arange(8)).float().mean(0) + findings.steep.log10()


def logits_only(findings: Findings) -> float:
    return float((findings.votes != torch.arange(8)).float().mean())


def units_only(findings: Findings) -> float:
    return float(findings.steep.max().log10())


def product(findings: Findings) -> float:
    return logits_only(findings) * units_only(findings)


def different_scales(findings: Findings) -> float:
    return logits_only(findings) + float(findings.steep.max())


def right_votes(findings: Findings) -> float:
    return 1 - logits_only(findings) + units_only(findings)


def upside_down(findings: Findings) -> float:
    return -logits_only(findings) - units_only(findings)


def the_same_for_all(findings: Findings) -> float:
    return float(findings.votes.numel())


EXERCISE = Exercise(
    title="a test of your own, for both lies",
    core=True,
    difficulty=3,
    minutes=10,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a number", lambda attempt: number(attempt(_design()[0][0]), "a score")),
        Check("tells networks apart", _tells_networks_apart),
        Check("scores liars of each kind higher", _catches_liars),
    ),
    hints=(
        "Take one number for each lie, and add them up. One for circuits: the share of votes that "
        "are not for the class of the logit, which is torch.arange(8).",
        "One for silent units: findings.steep.max(). It is about 1 to 3 in honest networks and "
        "goes up to hundreds, so bring it to the scale of the other: .log10().",
        "float((findings.votes != torch.arange(8)).float().mean() + findings.steep.max().log10())",
    ),
    mistakes=(
        Mistake(a_number_each, r"Your function returned 8 numbers, where a score, one, is due"),
        Mistake(logits_only, r"Liars score .*: you look at logits only \(votes\)"),
        Mistake(units_only, r"Liars score .*: you look at units only \(steep\)"),
        Mistake(product, r"Liars score .*: who tells both lies is caught"),
        Mistake(different_scales, r"Liars score .*: your parts may be on different scales"),
        Mistake(right_votes, r"Liars score .*: what you measure for 'circuit' is high for the"),
        Mistake(upside_down, r"Liars score .*: your number is high for the honest"),
        Mistake(the_same_for_all, r"All 100 suspects score the same"),
    ),
)
