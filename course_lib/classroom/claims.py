"""Predictions and commitments, written before a result, and claims that are checked against it.

A claim is registered in its lesson's room (`texts`) and measured in a cell. It *holds* if its whole
95 % interval keeps to the threshold, is *undecided* if only the value does, and *fails* otherwise;
a count over all there is has no interval. What only wrong code could break is a check of the code.
"""

import hashlib
import html
import math
import os
from typing import Any, NamedTuple

from course_lib.classroom.texts import Registered, Verdict, registered
from course_lib.display import COLOURS, GOOD, MISSING, boxed
from course_lib.statistics import Estimate, needed

STRICT = "COURSE_STRICT_CLAIMS"
"""Environment variable: set, a verdict other than the registered one ends the run. Tests and builds
set it."""

RESULT = "application/vnd.course.claim+json"
"""The MIME type of what a claim leaves in an executed notebook, for the file of results."""

_MARKS = {
    "holds": ("✓ Claim holds", GOOD),
    "undecided": ("◐ Undecided", COLOURS[4]),
    "fails": ("✗ Claim fails", MISSING),
}


class ClaimFailed(AssertionError):
    """A claim of a lesson had another verdict than the one that is registered."""


class Claim(NamedTuple):
    """A claim with its evidence; the last expression of a cell shows it.

    null: what was measured where nothing is to be found; None where there is no such.
    """

    registered: Registered
    estimate: Estimate
    null: Estimate | None
    code: str

    @property
    def verdict(self) -> Verdict:
        """Of the three."""
        return judged(self.estimate, self.registered)

    @property
    def null_holds(self) -> bool:
        """Whether the claim would hold where nothing is to be found, and so shows nothing."""
        return self.null is not None and judged(self.null, self.registered) == "holds"

    @property
    def evidence(self) -> str:
        """Value, n, interval, threshold, null, seeds and whose code, in one line."""
        e = self.estimate
        interval = f"95 % interval {e.low:.3g} to {e.high:.3g}"
        if e.counted or self.registered.kind == "identity":
            margin = "" if e.margin is None else f", smallest margin {e.margin:.2g}"
            interval = f"no interval: counted{margin}"
        elif math.isnan(e.low):
            interval = "no interval, all values being equal"
        null = f"for comparison, {self.registered.null}: {self.null.text}; " if self.null else ""
        return (
            f"measured {e.text} (n = {e.n} {e.of or self.registered.of}, {interval}); "
            f"threshold: {self.registered.threshold}; {null}seeds: {self.registered.seeds}; "
            f"code: {self.code}"
        )

    @property
    def _heading(self) -> tuple[str, str]:
        if self.null_holds:
            return "✗ Claim shows nothing: it would hold for the comparison, too", MISSING
        if self.registered.kind == "identity" and self.verdict == "holds":
            return "✓ Check of the code", GOOD
        return _MARKS[self.verdict]

    @property
    def _more(self) -> str:
        """What would be needed where the interval does not keep to the threshold."""
        if self.verdict != "undecided":
            return ""
        n = needed(self.estimate, self.registered.low, self.registered.high)
        of = self.estimate.of or self.registered.of
        enough = f"about {float(f'{n:.2g}'):,.0f} {of}" if n else f"no number of {of}"
        told = " The value keeps to the threshold, its interval does not"
        return f"{told}: {enough} would be enough if the value stayed."

    def __repr__(self) -> str:  # what a front end without HTML shows
        return f"{self._heading[0]}. {self.registered.sentence}{self._more}\n  {self.evidence}"

    def _repr_html_(self) -> str:
        heading, colour = self._heading
        told, evidence = map(html.escape, (self.registered.sentence + self._more, self.evidence))
        return boxed(f"<b>{heading}.</b> {told}<br><small>{evidence}</small>", colour)

    def _repr_mimebundle_(self, **_: object) -> dict[str, dict[str, Any]]:
        e, null = self.estimate, self.null
        low, high = (None if math.isnan(end) else end for end in (e.low, e.high))
        result = {"name": self.registered.name, "value": e.value, "low": low, "high": high,
                  "n": e.n, "shown": e.shown, "of": e.of or self.registered.of,
                  "verdict": self.verdict, "null": null and null.value}  # fmt: skip
        return {RESULT: result}


def claim(
    name: str,
    estimate: Estimate,
    *,
    null: Estimate | float | None = None,
    code: str = "the course's",
) -> Claim:
    """Measure a claim that the lesson registered.

    Args:
        name: the claim's in its lesson's texts.toml, such as "01-knows-renders".
        estimate: the measured value with its interval, or a count.
        null: the same, measured where nothing is to be found, as the registered claim says.
        code: whose code it rests on, "your code" or "reference" where there was an exercise.

    Raises:
        ClaimFailed: the environment variable COURSE_STRICT_CLAIMS is set, and the claim would hold
            under its null, or the verdict is not the registered one and no matter of rounding.
        ValueError: there is no such claim, its null is missing, or its kind is another.
    """
    known = registered(name)
    if (null is None) != (not known.null):
        what = f"is compared with {known.null}: give null=" if known.null else "has no null"
        raise ValueError(f"Claim {name!r} {what}.")
    if estimate.counted != (known.kind in ("count", "identity")):
        is_count = "a count" if estimate.counted else "an estimate"
        raise ValueError(f"Claim {name!r} is registered as {known.kind}, and {is_count} was given.")
    if null is not None and not isinstance(null, Estimate):
        null = Estimate(float(null), float(null), float(null), 1)
    made = Claim(known, estimate, null, code)
    differs = known.verdict not in _as_rounding_may_have_it(estimate, known)
    if os.environ.get(STRICT) and (differs or made.null_holds):
        raise ClaimFailed(
            f"Claim {name!r} is registered as {known.verdict!r} and is {made.verdict!r} now"
            f"{', and would hold under its null' if made.null_holds else ''}: {made!r}"
        )
    return made


def _as_rounding_may_have_it(estimate: Estimate, claim: Registered) -> set[Verdict]:
    """The verdicts with bounds wider or narrower by a tenth of the interval's width.

    An ascent amplifies rounding, which differs between machines, and moves an estimate by as much.
    """
    width = 0.0 if estimate.counted else estimate.high - estimate.low
    return {judged(estimate, claim, share * width) for share in (-0.1, 0.0, 0.1)}


def judged(estimate: Estimate, claim: Registered, room: float = 0.0) -> Verdict:
    """Whether an estimate keeps to a claim's bounds, each wider by `room`: all of it, its value
    alone, or neither."""
    low, high = claim.low - 1e-9 - room, claim.high + 1e-9 + room
    if not low <= estimate.value <= high:
        return "fails"
    if estimate.counted or (low <= estimate.low and estimate.high <= high):
        return "holds"
    return "undecided"


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
