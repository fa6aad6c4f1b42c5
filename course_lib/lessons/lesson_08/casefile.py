"""A case: its docket, the verdict card, and what came out when the truth was opened."""

import statistics
from collections.abc import Iterable, Mapping, Sequence

from course_lib.classroom.claims import commitment_of
from course_lib.classroom.widgets import Control, Explorer, OneOf, Values, Whole
from course_lib.display import Message, tabulated
from course_lib.figures import Picture
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE
from course_lib.lessons.lesson_08.known import LIES, KnownSuspect
from course_lib.lessons.lesson_08.plots import card_figure
from course_lib.lessons.lesson_08.suspect import Suspect, UsedUpError
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, VERDICTS, Verdict, brier, told_verdict

Verdicts = Mapping[str, Verdict | None]


def docket(suspects: Mapping[str, Suspect]) -> Message:
    """A table of what is known of each suspect before anything is measured."""
    head = ["suspect", "grade", "right about new renders", "pictures left", "the truth's SHA-256"]
    rows = []
    for name, one in suspects.items():
        right = f"{one.accuracy.shown} ({100 * one.accuracy.value:.1f} %)"
        left = "any number" if one.left is None else str(one.left)
        rows.append([name, one.grade, right, left, f"{one.commitment[:16]}…"])
    return tabulated(head, rows)


def evidence_notebook(
    evidence: Mapping[str, Mapping[str, float]], known: Sequence[KnownSuspect], names: Sequence[str]
) -> Message:
    """Each suspect's evidence, and how many known ones without the lie have as much of it.

    evidence: by suspect, what `evidence_of` returned. names: which to list; all from outside.
    """
    rows = []
    for name in names:
        lie = OUTSIDE[name].of
        others = [r.evidence["black box"][name] for r in known if not LIES[lie](r.kind)]
        values = [one[name] for one in evidence.values()]
        cells = [f"{value:.2f} ({sum(x >= value for x in others)})" for value in values]
        rows.append([name, lie, *cells, str(len(others))])
    note = "In brackets: how many of the known suspects without the lie score at least as high."
    return tabulated(["evidence", "high for", *evidence, "known without the lie"], rows, note=note)


def draw_card(says: str, confidence: int) -> Picture:
    """The loss of a verdict; confidence in percent, which "cannot tell" does not take."""
    return card_figure(Verdict(says, None if says == CANNOT_TELL else confidence / 100))


def verdict_card() -> Explorer:
    """A widget to choose a verdict and a confidence in, which shows what it loses."""
    controls: dict[str, Control] = {
        "says": OneOf(VERDICTS, VERDICTS[0]),
        "confidence": Whole(0, 100, 70, step=5),
    }
    sheet: list[Values] = [{}, {"confidence": 95}, {"says": "circuit"}, {"says": CANNOT_TELL}]
    return Explorer(draw_card, controls, sheet=sheet)


def sealed(verdicts: Verdicts) -> str:
    """The hash of what was written down so far, in a sentence.

    Raises:
        ValueError: a verdict is neither None nor a `Verdict`, which `close_case` would not take.
    """
    _check("verdicts", verdicts, verdicts)
    given = {name: verdict for name, verdict in verdicts.items() if verdict is not None}
    if not given:
        return "No verdict yet, nothing to seal."
    return f"Sealed: {commitment_of(repr(given))[:16]}"


def close_case(
    suspects: Mapping[str, Suspect],
    verdicts: Verdicts,
    others: Mapping[str, Verdicts] | None = None,
) -> Message:
    """A table of all suspects, opened: their truth, the verdicts on them, and what these lost.

    Where there is no verdict, "cannot tell" is one. The first verdict on a suspect counts: another
    one, given when the truth was known, is told of and changes nothing.

    verdicts: by suspect. others: what others said, by their name, for comparison.

    Raises:
        ValueError: somebody has no entry for a suspect, or one that is neither None nor a
            `Verdict`; no suspect is opened then.
    """
    for who, some in {"verdicts": verdicts, **(others or {})}.items():
        _check(who, some, suspects)
    outcomes = {}
    for name, suspect in suspects.items():
        try:
            outcomes[name] = suspect.open(verdicts[name] or Verdict(CANNOT_TELL))
        except UsedUpError as error:
            print(error)
            assert suspect.given is not None
            outcomes[name] = suspect.open(suspect.given)
    if any(not outcome.fits for outcome in outcomes.values()):
        raise ValueError("An opening does not have the hash that was shown: the seal is broken.")
    own = {name: outcome.verdict for name, outcome in outcomes.items()}
    head, last = ["suspect", "the truth"], ["mean", ""]
    rows = [[name, str(outcome.truth)] for name, outcome in outcomes.items()]
    for who, some in {"your verdict": own, **(others or {})}.items():
        losses = []
        for row, (name, outcome) in zip(rows, outcomes.items(), strict=True):
            verdict = some[name] or Verdict(CANNOT_TELL)
            losses.append(brier(verdict.probabilities(), outcome.truth.kind))
            row += [told_verdict(verdict), f"{losses[-1]:.2f}"]
        head += [who, "lost"]
        last += ["", f"{statistics.fmean(losses):.2f}"]
    return tabulated(head, [*rows, last])


def _check(who: str, verdicts: Verdicts, suspects: Iterable[str]) -> None:
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
