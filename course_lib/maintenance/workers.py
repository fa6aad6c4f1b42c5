"""Work that is done once for each of many seeds, in one process or in several."""

import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import torch

from course_lib.progress import progress_bar
from course_lib.stored import note, stale, write_whole

Item = TypeVar("Item")
Done = TypeVar("Done")


def kept_each(
    work: Callable[[Item], Any],
    items: Mapping[Path, Item],
    rests_on: Callable[[Item], str],
    workers: int,
    what: str,
) -> list[Any]:
    """What `work` returns for each item, in order, from its file where that is fresh.

    Each file is written once its item is done, so that an interrupted run goes on where it was.

    Args:
        work: a module's function, to what can be JSON. items: by the files that keep them.
        rests_on: the fingerprint of an item. workers: as for `worked`. what: the items' name.
    """
    missing = {
        path: item
        for path, item in items.items()
        if not path.exists() or stale(path, rests_on(item))
    }
    done = worked(partial(_beside, work), [*missing.items()], workers)
    for path, found in progress_bar(done, what, total=len(missing)):
        write_whole(path, json.dumps(found, allow_nan=False))
        note(path, rests_on(items[path]))
    return [json.loads(path.read_bytes()) for path in items]


def _beside(work: Callable[[Item], Done], pair: tuple[Path, Item]) -> tuple[Path, Done]:
    path, item = pair
    return path, work(item)


def worked(work: Callable[[Item], Done], items: Sequence[Item], workers: int) -> Iterator[Done]:
    """What `work` returns for each item, in the order in which they are done. work: a module's
    function. workers: processes, each with one thread."""
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
