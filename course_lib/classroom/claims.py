"""Predictions and commitments, written before a result, and claims that are checked against it.

Claims are of two kinds: *counted* ("in 4 of 4 networks", see `statistics.counted`), which shows its
smallest margin and no interval; and *estimated*, which shows its 95 % interval, and whether this
keeps to the threshold too. What holds or fails is the value.
"""

from __future__ import annotations

import hashlib
import html
import math
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from course_lib.display import GOOD, MISSING, boxed
from course_lib.statistics import Estimate

STRICT = "COURSE_STRICT_CLAIMS"
"""Environment variable: set, a claim that does not hold ends the run. Tests and builds set it."""


class ClaimFailed(AssertionError):
    """A claim of a lesson did not hold in a run that was to test it."""


class Claim(NamedTuple):
    """A claim with its evidence; the last expression of a cell shows it.

    holds: whether the value keeps to the threshold.
    interval_holds: whether the whole interval does; None where there is no interval.
    """

    sentence: str
    estimate: Estimate
    threshold: str
    seeds: str
    code: str
    holds: bool
    interval_holds: bool | None = None

    @property
    def evidence(self) -> str:
        """Value, n, interval, threshold, seeds and whose code, in one line."""
        e = self.estimate
        value = e.shown or f"{e.value:.3g}"
        interval = f"95 % interval {e.low:.3g} to {e.high:.3g}"
        if e.counted:
            interval = "no interval: counted"
            interval += "" if e.margin is None else f", smallest margin {e.margin:.2g}"
        elif math.isnan(e.low):
            interval = "no interval, all values being equal"
        return (
            f"measured {value} (n = {e.n}{' ' + e.of if e.of else ''}, {interval}); "
            f"threshold: {self.threshold}{self._how_surely}; "
            f"seeds: {self.seeds}; code: {self.code}"
        )

    @property
    def _how_surely(self) -> str:
        if not self.holds or self.interval_holds is None:
            return ""
        if self.interval_holds:
            return " (the whole interval keeps to it)"
        return " (the point keeps to it, the interval does not)"

    @property
    def _mark(self) -> str:
        return "✓ Claim holds" if self.holds else "✗ Claim does not hold"

    def __repr__(self) -> str:  # what a front end without HTML shows
        return f"{self._mark}. {self.sentence}\n  {self.evidence}"

    def _repr_html_(self) -> str:
        page = (
            f"<b>{self._mark}.</b> {html.escape(self.sentence)}<br>"
            f"<small>{html.escape(self.evidence)}</small>"
        )
        return boxed(page, GOOD if self.holds else MISSING)


def claim(
    sentence: str,
    estimate: Estimate,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    seeds: Mapping[str, int | Sequence[int]],
    code: str = "the course's",
) -> Claim:
    """Check a sentence against a measurement.

    Args:
        sentence: what is claimed, readable by itself.
        estimate: the measured value with its interval, or a count.
        at_least, at_most: the threshold that the value must keep to; at least one of them. For a
            proportion they are shares between 0 and 1.
        seeds: of everything random that the measurement rests on, by its name, such as
            {"network": 0, "starts": (0, 1, 2)}.
        code: whose code it rests on, "your code" or "reference" where there was an exercise.

    Raises:
        ClaimFailed: the claim does not hold, and the environment variable COURSE_STRICT_CLAIMS
            is set.
        ValueError: there is no threshold, or no seed.
    """
    if at_least is None and at_most is None:
        raise ValueError("A claim needs a threshold: give at_least or at_most.")
    if not seeds:
        raise ValueError("A claim needs its seeds: give those of everything random it rests on.")
    bounds = [
        f"{words} {_bound(bound, estimate, lower=words == 'at least')}"
        for words, bound in (("at least", at_least), ("at most", at_most))
        if bound is not None
    ]
    low = -math.inf if at_least is None else at_least
    high = math.inf if at_most is None else at_most
    holds = low <= estimate.value <= high
    surely = None if math.isnan(estimate.low) else low <= estimate.low and estimate.high <= high
    told = ", ".join(
        f"{what} {seed if isinstance(seed, int) else ' '.join(map(str, seed))}"
        for what, seed in seeds.items()
    )
    made = Claim(sentence, estimate, " and ".join(bounds), told, code, holds, surely)
    if not holds and os.environ.get(STRICT):
        raise ClaimFailed(f"{sentence} ({made.evidence})")
    return made


def compare(prediction: object, measured: float | str | list[str], what: str) -> None:
    """A prediction, printed beside what was measured; nobody is graded.

    Args:
        prediction: the reader's number, word or list of words, or None if none was written down.
        what: what was counted or measured, such as "pictures of 8 recognised".
    """
    shown = _in_words(measured)
    if prediction is None:
        print(f"Measured: {shown} {what}. (You wrote no prediction.)")
        return
    same = isinstance(prediction, (int, float, str, list)) and prediction == measured
    verdict = "exactly what you predicted" if same else f"you predicted {_in_words(prediction)}"
    print(f"Measured: {shown} {what}; {verdict}.")


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def commitment_of(opening: str) -> str:
    """The commitment to a text that is opened later: its SHA-256 hash, in hexadecimal."""
    return hashlib.sha256(opening.encode("utf-8")).hexdigest()


def _bound(bound: float, estimate: Estimate, *, lower: bool) -> str:
    if not estimate.shown.endswith(f"of {estimate.n}"):  # no count
        return f"{bound:.3g}"
    # the count that just keeps to the bound; the small number forgives a rounding of bound * n
    exact = bound * estimate.n
    count = math.ceil(exact - 1e-9) if lower else math.floor(exact + 1e-9)
    return f"{count} of {estimate.n}"
