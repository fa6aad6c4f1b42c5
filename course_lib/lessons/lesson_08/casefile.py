"""A case: its docket, the verdict card, and what came out when the truth was opened."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from course_lib.classroom.claims import commitment_of
from course_lib.classroom.widgets import Control, Explorer, OneOf, Values, Whole
from course_lib.display import Message, tabulated
from course_lib.figures import Picture
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE
from course_lib.lessons.lesson_08.known import LIES, KnownSuspect
from course_lib.lessons.lesson_08.plots import card_figure
from course_lib.lessons.lesson_08.suspect import Outcome, Suspect, UsedUpError
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, VERDICTS, Verdict, brier

Verdicts = Mapping[str, Verdict | None]


def docket(suspects: Mapping[str, Suspect]) -> Message:
    """A table of what is known of each suspect before anything is measured."""
    head = ["suspect", "grade", "right about new renders", "pictures left", "the truth's SHA-256"]
    rows = [
        [
            name,
            one.grade,
            f"{one.accuracy.shown} ({100 * one.accuracy.value:.1f} %)",
            "any number" if one.left is None else str(one.left),
            f"{one.commitment[:16]}…",
        ]
        for name, one in suspects.items()
    ]
    return tabulated(head, rows)


def evidence_notebook(
    evidence: Mapping[str, Mapping[str, float]], known: Sequence[KnownSuspect], names: Sequence[str]
) -> Message:
    """Each suspect's evidence, and how many known ones without the lie have as much of it.

    Args:
        evidence: by suspect, what `evidence_of` returned. known: suspects whose truth is known.
        names: which evidence to list; all from outside.
    """
    rows = []
    for name in names:
        lie = OUTSIDE[name].of
        others = [r.evidence["black box"][name] for r in known if not LIES[lie](r.kind)]
        cells = [
            f"{one[name]:.2f} ({sum(x >= one[name] for x in others)})" for one in evidence.values()
        ]
        rows.append([name, lie, *cells, str(len(others))])
    return tabulated(
        ["evidence", "high for", *evidence, "known without the lie"],
        rows,
        note="In brackets: how many of the known suspects without the lie score at least as high.",
    )


def draw_card(says: str, confidence: int) -> Picture:
    """The loss of a verdict; confidence in percent, which "cannot tell" does not take."""
    sure = None if says == CANNOT_TELL else confidence / 100
    return card_figure(Verdict(says, sure))


def verdict_card() -> Explorer:
    """A widget to choose a verdict and a confidence in, which shows what it loses."""
    controls: dict[str, Control] = {
        "says": OneOf(VERDICTS, VERDICTS[0]),
        "confidence": Whole(0, 100, 70, step=5),
    }
    sheet: tuple[Values, ...] = (
        {},
        {"confidence": 95},
        {"says": "circuit"},
        {"says": CANNOT_TELL},
    )
    return Explorer(draw_card, controls, sheet=sheet)


def sealed(verdicts: Verdicts) -> str:
    """The hash of what was written down so far, in a sentence."""
    given = {name: verdict for name, verdict in verdicts.items() if verdict is not None}
    if not given:
        return "No verdict yet, nothing to seal."
    return f"Sealed: {commitment_of(repr(given))[:16]}"


class Closed(NamedTuple):
    """A case that is closed; the last expression of a cell shows it.

    outcomes: of each suspect. others: what others said of them, by their name.
    """

    outcomes: dict[str, Outcome]
    others: dict[str, dict[str, Verdict]]

    @property
    def loss(self) -> float:
        """The mean loss of the verdicts."""
        return statistics.fmean(outcome.loss for outcome in self.outcomes.values())

    def loss_of(self, who: str) -> float:
        """The mean loss of what somebody else said."""
        return statistics.fmean(
            brier(self.others[who][name].probabilities(), outcome.truth.kind)
            for name, outcome in self.outcomes.items()
        )

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        head = ["suspect", "the truth", "your verdict", "lost"]
        head += [text for who in self.others for text in (who, "lost")]
        rows = []
        for name, outcome in self.outcomes.items():
            row = [name, str(outcome.truth), told_verdict(outcome.verdict), f"{outcome.loss:.2f}"]
            for verdicts in self.others.values():
                loss = brier(verdicts[name].probabilities(), outcome.truth.kind)
                row += [told_verdict(verdicts[name]), f"{loss:.2f}"]
            rows.append(row)
        last = ["mean", "", "", f"{self.loss:.2f}"]
        for who in self.others:
            last += ["", f"{self.loss_of(who):.2f}"]
        return head, [*rows, last]

    def __repr__(self) -> str:
        return repr(tabulated(*self._cells()))

    def _repr_html_(self) -> str:
        return tabulated(*self._cells()).page


def close_case(
    suspects: Mapping[str, Suspect],
    verdicts: Verdicts,
    others: Mapping[str, Verdicts] | None = None,
) -> Closed:
    """The outcomes of all suspects, opened; where there is no verdict, "cannot tell" is one.

    The first verdict on a suspect counts: another one, given when the truth was known, is told of
    and changes nothing.

    Args:
        verdicts: by suspect. others: what others said, by their name, for comparison.

    Raises:
        ValueError: somebody has no entry for a suspect, or one that is neither None nor a
            `Verdict`; no suspect is opened then.
    """
    for who, some in {"verdicts": verdicts, **(others or {})}.items():
        _check(who, some, suspects)
    outcomes = {}
    for name, suspect in suspects.items():
        verdict = verdicts[name]
        try:
            outcomes[name] = suspect.open(Verdict(CANNOT_TELL) if verdict is None else verdict)
        except UsedUpError as error:
            print(error)
            assert suspect.given is not None
            outcomes[name] = suspect.open(suspect.given)
    if any(not outcome.fits for outcome in outcomes.values()):
        raise ValueError("An opening does not have the hash that was shown: the seal is broken.")
    said = {
        who: {name: some[name] or Verdict(CANNOT_TELL) for name in suspects}
        for who, some in (others or {}).items()
    }
    return Closed(outcomes, said)


def _check(who: str, verdicts: Verdicts, suspects: Mapping[str, Suspect]) -> None:
    if set(suspects) != set(verdicts):
        raise ValueError(
            f"{who} names {', '.join(verdicts)}: give one for each of {', '.join(suspects)}, "
            "None where there is none."
        )
    for name, verdict in verdicts.items():
        if verdict is not None and not isinstance(verdict, Verdict):
            raise ValueError(
                f"{who}[{name!r}] is {verdict!r}: give None, or a verdict such as "
                "Verdict('honest', 0.7)."
            )


def told_verdict(verdict: Verdict) -> str:
    """A verdict in a few words."""
    if verdict.confidence is None:
        return verdict.says
    return f"{verdict.says}, {100 * verdict.confidence:.0f} %"
