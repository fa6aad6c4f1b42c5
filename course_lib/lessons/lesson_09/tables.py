"""Tables of lesson 09: whom each defence accuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from course_lib.display import Message, tabulated
from course_lib.lessons.lesson_09.known import Defended, share_accused

_NOTE = (
    "How many are accused, and the interval of their share over the networks' ancestors, percent."
)


def accused_table(
    rows: Sequence[Defended],
    defences: Mapping[str, Callable[[Defended], bool]],
    *,
    code: str = "",
) -> Message:
    """How many networks of each way every defence accuses; the honest come first.

    Args:
        rows: none that a threshold was chosen on. defences: by name, whether it accuses a network.
        code: whose code the thresholds rest on.
    """
    ways = sorted({row.way for row in rows}, key=lambda way: (way != "honest", way))
    of = {way: [row for row in rows if row.way == way] for way in ways}
    lines = []
    for name, accuses in defences.items():
        found = [share_accused(of[way], accuses) for way in ways]
        lines.append(
            [name, *(f"{e.shown}\n{100 * e.low:.0f} to {100 * e.high:.0f}" for e in found)]
        )
    return tabulated(["accused by", *ways], lines, note=f"{_NOTE} {code}".rstrip())
