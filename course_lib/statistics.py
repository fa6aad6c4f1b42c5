"""Estimates with their 95 % intervals, and counts that have none: what claims rest on.

An interval belongs to a number that is estimated from independent observations of a kind, such as
a mean over classes. Where a handful of networks or layers is all there is, they are *counted*: "in
4 of 4 networks" is a fact about these four, and says nothing about a fifth.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Z = 1.959963984540054
"""The normal distribution's 97.5 % point: within as many standard errors lie 95 %."""


class Estimate(NamedTuple):
    """A measured number.

    value: the estimate. low, high: its 95 % interval; NaN where none can be given.
    n: how many independent observations. of: what these are, such as "units".
    shown: how to print the value where a plain number would say less, such as "15 of 16".
    counted: it is a count over all there is, so that no interval is pretended.
    margin: of a count, how clearly the least clear one passed; None where that has no number.
    """

    value: float
    low: float
    high: float
    n: int
    shown: str = ""
    of: str = ""
    counted: bool = False
    margin: float | None = None

    @property
    def text(self) -> str:
        """The value, in print."""
        return self.shown or f"{self.value:.3g}"


def proportion(hits: int | Tensor, n: int | None = None, *, of: str = "") -> Estimate:
    """A share of successes, with its score interval (Wilson, 1927).

    Args:
        hits: the number of successes out of `n`, or a tensor of booleans, one a trial. The trials
            must be independent of each other.
        of: what the trials are, such as "units".
    """
    hits, n = _counts(hits, n, "successes between 0 and the trials")
    return Estimate(hits / n, *wilson(hits, n), n, f"{hits} of {n}", of)


def grouped(found: Estimate, groups: int, of: str = "") -> Estimate:
    """A share of trials that come in groups, such as three pictures a unit, over such groups.

    What is true of one trial may be true of all in its group, so only groups count as independent.
    The interval is the score interval (Wilson, 1927) of as many numbers between 0 and 1, the widest
    that any such numbers need. That of `found` itself holds for further trials in the same groups.

    Args:
        of: what the groups are, such as "units".
    """
    low, high = wilson(groups * found.value, groups)
    return found._replace(low=low, high=high, n=groups, of=of)


def counted(
    hits: int | Tensor, n: int | None = None, *, of: str = "", margin: float | Tensor | None = None
) -> Estimate:
    """The count of a few given things that keep to something, such as 4 of 4; no interval.

    The value is their share. Use it for what is no sample of independent trials: the layers of one
    network, or all the networks there are.

    >>> counted(scores > 0.8, of="networks", margin=scores - 0.8)

    Args:
        hits: the number of hits out of `n`, or a tensor of booleans.
        of: what was counted, such as "networks".
        margin: by how much each keeps to it (above 0) or fails (below 0), in the units of the
            measurement, or the smallest of these by itself. The smallest is shown.

    Raises:
        ValueError: hits that are not between 0 and `n`, or no things to count.
    """
    hits, n = _counts(hits, n, "hits between 0 and the things counted")
    least = float(margin.min()) if isinstance(margin, Tensor) else margin
    return Estimate(hits / n, math.nan, math.nan, n, f"{hits} of {n}", of, True, least)


def _counts(hits: int | Tensor, n: int | None, what: str) -> tuple[int, int]:
    if isinstance(hits, Tensor):
        n, hits = hits.numel(), int(hits.sum())
    if n is None or not 0 <= hits <= n or n == 0:
        raise ValueError(f"{hits} of {n}: give a number of {what}.")
    return hits, n


def mean(
    samples: Sequence[float] | Tensor,
    *,
    of: str = "",
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """A mean, with Student's interval; at least two samples, independent of each other.

    Samples that are all equal say nothing about their spread, so there is no interval then.

    Args:
        bounds: the least and the greatest mean that such values can have: (0, 1) for shares.
    """
    values = np.asarray(samples, dtype=float)
    if values.size < 2 or not np.isfinite(values).all():
        raise ValueError(f"{values.size} samples: give at least two finite numbers.")
    low, high = student(values) if np.ptp(values) > 0 else (math.nan, math.nan)
    low, high = (float(np.clip(end, *bounds)) for end in (low, high))
    return Estimate(float(values.mean()), low, high, values.size, of=of)


def paired_difference(
    first: Sequence[float] | Tensor, second: Sequence[float] | Tensor, *, of: str = ""
) -> Estimate:
    """The mean of first - second over pairs, with Student's interval."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} and {b.size} samples: give pairs.")
    return mean((a - b).tolist(), of=of)


def paired_shares(first: Tensor, second: Tensor, *, of: str = "") -> Estimate:
    """A share less another one of the same things, with its interval (Newcombe, 1998, method 10).

    Student's interval of the differences is far too narrow where few things differ.

    Args:
        first, second: (n,) booleans, of the same n independent things.
    """
    if first.shape != second.shape:
        raise ValueError(f"{first.numel()} and {second.numel()} trials: give pairs.")
    n, a, b = first.numel(), first.bool(), second.bool()
    p, q = float(a.double().mean()), float(b.double().mean())
    (low_p, high_p), (low_q, high_q) = wilson(p * n, n), wilson(q * n, n)
    both, neither = int((a & b).sum()), int((~a & ~b).sum())
    product: float = both * neither - int((a & ~b).sum()) * int((~a & b).sum())
    if product > 0:
        product = max(0.0, product - n / 2)
    scale = n**2 * math.sqrt(p * (1 - p) * q * (1 - q))
    phi = product / scale if scale else 0.0

    def away(x: float, y: float) -> float:
        return math.sqrt(max(0.0, x**2 - 2 * phi * x * y + y**2))

    return Estimate(
        p - q, p - q - away(p - low_p, high_q - q), p - q + away(high_p - p, q - low_q), n, of=of
    )


def needed(estimate: Estimate, low: float, high: float) -> int | None:
    """About how many observations would bring the interval between two bounds at the same value.

    None if none would: the value lies on a bound, or there is no interval.
    """
    if math.isnan(estimate.low) or min(estimate.value - low, high - estimate.value) <= 0:
        return None
    n, inside = estimate.n, 0 <= estimate.value <= 1
    share = inside and math.isclose(wilson(estimate.value * n, n)[0], estimate.low, abs_tol=1e-9)
    while n < 1_000_000_000:
        scale = math.sqrt(estimate.n / n)
        by_width = (estimate.value + scale * (end - estimate.value) for end in estimate[1:3])
        lowest, highest = wilson(estimate.value * n, n) if share else by_width
        if low <= lowest and highest <= high:
            return n
        n = math.ceil(1.02 * n + 1)
    return None


def wilson(hits: float, n: int) -> tuple[float, float]:
    """The ends of the 95 % score interval (Wilson, 1927) of `hits` out of `n` independent trials.

    Args:
        hits: from 0 to n; a part of one too, where n counts what is independent. n: 1 or more.
    """
    share = hits / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    # rounding may put an end past the share itself, where that is 0 or 1
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def student(samples: NDArray[np.float64]) -> tuple[float, float]:
    """The ends of Student's 95 % interval of a mean; of no width if the samples are all equal.

    Args:
        samples: (n,), n of 2 or more, independent of each other.
    """
    n = len(samples)
    half = student_quantile(n - 1) * float(samples.std(ddof=1)) / math.sqrt(n)
    centre = float(samples.mean())
    return centre - half, centre + half


def student_quantile(freedom: int) -> float:
    """The 97.5 % point of Student's distribution, of 1 or more degrees of freedom."""
    from scipy.special import stdtrit  # here, or a first picture pays; scipy.stats costs 60 MB more

    return float(stdtrit(freedom, 0.975))
