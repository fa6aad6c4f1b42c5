"""Progress bars that suit where the code runs."""

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    steps: Iterable[Any],
    what: str,
    *,
    total: int | None = None,
    show: bool = True,
    delay: float = 0,
) -> tqdm:
    """A bar over `steps`; nothing where `show` is false or outputs are static.

    Args:
        total: how many steps there are, where `steps` has no length.
        delay: seconds before it is seen, for what is mostly short.
    """
    hidden = not show or is_static()
    return tqdm(steps, desc=what, total=total, leave=False, disable=hidden, delay=delay)


@contextmanager
def ticking(bar: tqdm, seconds: float) -> Iterator[None]:
    """Move a bar of seconds while the block runs, by as many as it is expected to take.

    Args:
        seconds: expected; the bar stops there until the block ends, and stands there after it.
    """
    begin, started, done = bar.n, time.perf_counter(), threading.Event()

    def move() -> None:
        while not done.wait(1):
            bar.n = round(min(begin + time.perf_counter() - started, begin + seconds))
            bar.refresh()

    watcher = threading.Thread(target=move, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        bar.n = begin + seconds
        bar.refresh()
