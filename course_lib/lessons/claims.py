"""Claims: sentences of a lesson that are checked against what was just measured."""

from __future__ import annotations

import html
import math
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from course_lib.lessons.statistics import Estimate

STRICT = "COURSE_STRICT_CLAIMS"
"""Environment variable: set, a claim that does not hold ends the run. Tests and builds set it."""


class ClaimFailed(AssertionError):
    """A claim of a lesson did not hold in a run that was to test it."""


class Claim(NamedTuple):
    """A claim with its evidence; the last expression of a cell shows it.

    holds: whether the value keeps to the threshold.
    """

    sentence: str
    estimate: Estimate
    threshold: str
    seeds: str
    code: str
    holds: bool

    @property
    def evidence(self) -> str:
        """Value, n, interval, threshold, seeds and whose code, in one line."""
        e = self.estimate
        value = e.shown or f"{e.value:.3g}"
        interval = f"95 % interval {e.low:.3g} to {e.high:.3g}"
        if math.isnan(e.low):
            interval = "no interval, all values being equal"
        return (
            f"measured {value} (n = {e.n}{' ' + e.of if e.of else ''}, {interval}); "
            f"threshold: {self.threshold}; seeds: {self.seeds}; code: {self.code}"
        )

    @property
    def _mark(self) -> str:
        return "✓ Claim holds" if self.holds else "✗ Claim does not hold"

    def __repr__(self) -> str:  # what a front end without HTML shows
        return f"{self._mark}. {self.sentence}\n  {self.evidence}"

    def _repr_html_(self) -> str:
        colour = "#0072B2" if self.holds else "#D55E00"
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 4px 12px">'
            f"<b>{self._mark}.</b> {html.escape(self.sentence)}<br>"
            f"<small>{html.escape(self.evidence)}</small></div>"
        )


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
        estimate: the measured value with its interval.
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
    holds = (at_least is None or estimate.value >= at_least) and (
        at_most is None or estimate.value <= at_most
    )
    told = ", ".join(
        f"{what} {seed if isinstance(seed, int) else ' '.join(map(str, seed))}"
        for what, seed in seeds.items()
    )
    made = Claim(sentence, estimate, " and ".join(bounds), told, code, holds)
    if not holds and os.environ.get(STRICT):
        raise ClaimFailed(f"{sentence} ({made.evidence})")
    return made


def _bound(bound: float, estimate: Estimate, *, lower: bool) -> str:
    counted = estimate.shown.endswith(f"of {estimate.n}")
    if not counted:
        return f"{bound:.3g}"
    # the count that just keeps to the bound; the small number forgives a rounding of bound * n
    exact = bound * estimate.n
    count = math.ceil(exact - 1e-9) if lower else math.floor(exact + 1e-9)
    return f"{count} of {estimate.n}"
