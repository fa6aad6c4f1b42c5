"""Progress bars that suit where the code runs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from tqdm.auto import tqdm

STATIC = "COURSE_STATIC"
"""Environment variable: set, notebooks get no live bars and no widgets, only static output.

No kernel can tell whether a front end is there, so whoever runs notebooks without one says so.
"""


def is_static() -> bool:
    """Whether outputs are being kept, not watched: `course build`, `run` and `test` set this."""
    return bool(os.environ.get(STATIC))


def progress_bar(
    steps: Iterable[Any], what: str, *, total: int | None = None, show: bool = True
) -> tqdm:
    """A bar over `steps`; nothing where `show` is false or outputs are static.

    Args:
        total: how many steps there are, where `steps` has no length.
    """
    return tqdm(steps, desc=what, total=total, leave=False, disable=not show or is_static())
