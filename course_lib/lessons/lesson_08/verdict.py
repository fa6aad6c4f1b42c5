"""A verdict on a suspect, and what it scores."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.checks import is_finite
from course_lib.lessons.lesson_08.truth import BASE_RATES, KINDS

CANNOT_TELL = "cannot tell"
VERDICTS = (*KINDS, CANNOT_TELL)
"""The names of the verdicts."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A verdict on a suspect.

    says: one of `VERDICTS`. confidence: between 0 and 1, that this is the truth; "cannot tell"
    takes none. rest: how probable each other truth is, 0 where it is left out; None spreads what
    the confidence leaves by the base rates.

    Raises:
        ValueError: the verdict has another form, the confidence is not between 0 and 1, or the
            probabilities do not sum to 1.
    """

    says: str
    confidence: float | None = None
    rest: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if self.says not in VERDICTS:
            raise ValueError(f"Verdict {self.says!r}: give one of {_listed(VERDICTS)}.")
        if self.says == CANNOT_TELL:
            if self.confidence is not None or self.rest is not None:
                raise ValueError(
                    f"Verdict {CANNOT_TELL!r} with confidence={self.confidence!r}: leave the "
                    "confidence out; it stands for the base rates."
                )
            return
        if not _between_0_and_1(self.confidence):
            raise ValueError(
                f"confidence={self.confidence!r}: give a number from 0 to 1, such as "
                f"Verdict({self.says!r}, 0.8)."
            )
        if self.rest is not None:
            if self.says in self.rest:
                raise ValueError(
                    f"rest={self.rest!r}: leave {self.says!r} out, it has the confidence."
                )
            _check_distribution(self.probabilities())

    def probabilities(self) -> dict[str, float]:
        """The probability that the verdict gives to each of the four truths; they sum to 1.

        Others than what it says get what `rest` says, or by default what is left, in proportion to
        their base rates. "cannot tell" gives the base rates.
        """
        if self.confidence is None:
            return dict(BASE_RATES)
        if self.rest is not None:
            return dict.fromkeys(KINDS, 0.0) | {**self.rest, self.says: self.confidence}
        left, others = 1 - self.confidence, 1 - BASE_RATES[self.says]
        shares = {kind: left * rate / others for kind, rate in BASE_RATES.items()}
        return shares | {self.says: self.confidence}


def told_verdict(verdict: Verdict) -> str:
    """A verdict in a few words."""
    if verdict.confidence is None:
        return verdict.says
    return f"{verdict.says}, {100 * verdict.confidence:.0f} %"


def verdict_of(probabilities: Mapping[str, float]) -> Verdict:
    """The verdict nearest to a distribution: the likeliest truth, and all four probabilities.

    probabilities: of the four truths; if each is below 0.5, it is "cannot tell".

    Raises:
        ValueError: it is no distribution over the four truths.
    """
    _check_distribution(probabilities)
    likeliest = max(KINDS, key=lambda kind: probabilities[kind])
    if probabilities[likeliest] < 0.5:
        return Verdict(CANNOT_TELL)
    rest = {kind: float(p) for kind, p in probabilities.items() if kind != likeliest}
    return Verdict(likeliest, float(probabilities[likeliest]), rest)


def brier(probabilities: Mapping[str, float], truth: str) -> float:
    """The Brier score (Brier, 1950): the sum of squared differences from the truth, 0 (best) to 2.

    It is a proper rule: whoever believes p expects to lose least by saying p. The base rates lose
    0.72 on average. A verdict without its `rest` says p only for whoever believes that the rest
    follows the base rates; others may lose less by saying something else.

    probabilities: of the four truths. truth: one of `KINDS`.

    Raises:
        ValueError: they are no distribution over the four truths, or there is no such truth.
    """
    _check_distribution(probabilities)
    if truth not in KINDS:
        raise ValueError(f"truth={truth!r}: give one of {_listed(KINDS)}.")
    return sum((probabilities[kind] - (kind == truth)) ** 2 for kind in KINDS)


def expected_loss(verdict: Verdict, belief: Mapping[str, float] = BASE_RATES) -> float:
    """The mean Brier score of a verdict, if the truths are as probable as a belief says.

    Raises:
        ValueError: the belief is no distribution over the four truths.
    """
    _check_distribution(belief)
    told = verdict.probabilities()
    return sum(belief[kind] * brier(told, kind) for kind in KINDS)


def _check_distribution(probabilities: Mapping[str, float]) -> None:
    names = set(probabilities) if isinstance(probabilities, Mapping) else set()
    fits = names == set(KINDS) and all(map(_between_0_and_1, probabilities.values()))
    if not fits or abs(sum(probabilities.values()) - 1) > 1e-6:
        raise ValueError(
            f"probabilities={probabilities!r}: give one from 0 to 1 for each of {_listed(KINDS)}, "
            "with a sum of 1."
        )


def _between_0_and_1(value: Any) -> bool:
    return is_finite(value) and 0 <= value <= 1


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
