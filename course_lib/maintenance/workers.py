"""Work that is done once for each of many seeds, in one process or in several."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

import torch

Item = TypeVar("Item")
Done = TypeVar("Done")


def worked(work: Callable[[Item], Done], items: Sequence[Item], workers: int) -> Iterator[Done]:
    """What `work` returns for each item, in the order in which they are done.

    Args:
        work: a module's function. workers: processes, each with one thread.
    """
    if not items:
        return
    if workers == 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # as in a worker: other thread counts round otherwise
        try:
            yield from map(work, items)
        finally:
            torch.set_num_threads(threads)
        return
    fresh = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
    with ProcessPoolExecutor(workers, fresh, _begin_work) as pool:
        waiting = [pool.submit(work, item) for item in items]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin_work() -> None:
    """One thread for each worker, which ends when the command does, however that ends."""
    torch.set_num_threads(1)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
