"""The interval of a share."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""The normal distribution's 97.5 % point: within as many standard errors lie 95 %."""


def wilson(hits: float, n: int) -> tuple[float, float]:
    """The ends of the 95 % score interval (Wilson, 1927) of `hits` out of `n` independent trials.

    Args:
        hits: from 0 to n; a part of one too, where n counts what is independent. n: 1 or more.
    """
    share = hits / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)
