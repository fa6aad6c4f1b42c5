"""`course audit`: how well the reference auditor of lesson 08 does, from its suspects' seeds on."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

import torch

from course_lib.checks import whole_number
from course_lib.errors import SilentUnitWarning
from course_lib.lessons.lesson_08.audit.findings import as_json
from course_lib.lessons.lesson_08.audit.kinds import KINDS
from course_lib.lessons.lesson_08.reference import (
    STORED,
    STORED_SUSPECTS,
    Bench,
    measured,
    open_bench,
)
from course_lib.lessons.lesson_08.summary import row_of, summary
from course_lib.lessons.lesson_08.suspect import make_suspect
from course_lib.lessons.lesson_08.truth import BASE_RATES, kind_of
from course_lib.lessons.lesson_08.truth import as_json as truth_as_json
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict
from course_lib.progress import progress_bar
from course_lib.stored import pack

FIRST_DESIGN, FIRST_TEST, FIRST_SUBTLE = 100_000, 300_000, 400_000
"""Where the seeds of each set start; lessons and tests use smaller ones. Those from 200,000 on
were looked at while the auditor was designed, so that nothing is measured on them."""

EACH = 40
"""Suspects of each lie in the test set; honest ones are twice as many, as the base rates say."""

_PROTOCOL = 3  # raised when suspects or findings change, so that nothing old is mixed in


def measure_auditor(
    work: Path,
    to: Path = STORED,
    suspects_to: Path = STORED_SUSPECTS,
    each: int = EACH,
    workers: int = 1,
) -> Path:
    """Make suspects, measure them, fit the auditors on one set, test them on another.

    Every suspect takes about twenty seconds on one core, and is kept in `work` once it is done: an
    interrupted run goes on where it was, and a larger `each` keeps what a smaller one made. The
    design set is half as large as the test set, and is made first. A third set has liars only,
    half as many of each as the test set, and they are subtle: the auditors were not made for them.

    Args:
        work: folder for what is measured. to: the JSON file to write.
        suspects_to: the file for what was measured of each suspect.
        each: how many suspects of each of the three lies are in the test set, 2 or more.
        workers: processes, each with one thread.

    Raises:
        ValueError: `each` or `workers` is too small.
    """
    each = whole_number(each, "each", at_least=2)
    workers = whole_number(workers, "workers", at_least=1)
    work.mkdir(parents=True, exist_ok=True)
    sets = {
        "design": seeds_of(FIRST_DESIGN, math.ceil(each / 2)),
        "test": seeds_of(FIRST_TEST, each),
        "subtle": [s for s in seeds_of(FIRST_SUBTLE, math.ceil(each / 2)) if _lies_once(s)],
    }
    missing = [s for seeds in sets.values() for s in seeds if _kept(work / f"{s}.json") is None]
    for told in progress_bar(_examined(missing, workers), "suspects", total=len(missing)):
        _write(work / f"{told['seed']}.json", json.dumps(told, allow_nan=False).encode())
    kept = {name: [_kept(work / f"{s}.json") for s in seeds] for name, seeds in sets.items()}
    known = {name: [told for told in some if told] for name, some in kept.items()}
    results = summary(*([row_of(told) for told in known[name]] for name in sets))
    _write(to, json.dumps(results, allow_nan=False).encode() + b"\n")
    rows = {
        name: [{k: v for k, v in told.items() if k != "protocol"} for told in some]
        for name, some in known.items()
    }
    _write(suspects_to, pack(rows))
    return to


def seeds_of(first: int, each: int) -> list[int]:
    """Seeds from `first` on: `each` of each lie, and honest ones as the base rates say."""
    least = min(BASE_RATES.values())
    wanted = {kind: round(each * BASE_RATES[kind] / least) for kind in KINDS}
    found: list[int] = []
    seed = first
    while any(wanted.values()):
        kind = kind_of(seed)
        if wanted[kind]:
            wanted[kind] -= 1
            found.append(seed)
        seed += 1
    return found


def _lies_once(seed: int) -> bool:
    return kind_of(seed) in ("circuit", "silent units")


def examined(seed: int, bench: Bench) -> dict[str, Any]:
    """A suspect made as a white box and measured from outside and inside, ready for JSON."""
    suspect = make_suspect(seed, "white box", subtle=seed >= FIRST_SUBTLE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SilentUnitWarning)  # a lie may leave a logit no gradient
        findings, inside = measured(suspect, bench)
    assert inside is not None
    truth = suspect.open(Verdict(CANNOT_TELL)).truth
    return {
        "protocol": _PROTOCOL,
        "seed": seed,
        "kind": truth.kind,
        "truth": truth_as_json(truth),
        "accuracy": round(suspect.accuracy.value, 4),
        "findings": as_json(findings),
        "inside": as_json(inside),
    }


def _examined(seeds: Sequence[int], workers: int) -> Iterator[dict[str, Any]]:
    """`examined` for each seed, in the order in which they are done."""
    if not seeds:
        return
    if workers == 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # as in a worker: other thread counts round otherwise
        try:
            bench = open_bench()
            for seed in seeds:
                yield examined(seed, bench)
        finally:
            torch.set_num_threads(threads)
        return
    fresh = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
    with ProcessPoolExecutor(workers, fresh, _begin_work) as pool:
        waiting = [pool.submit(_examined_alone, seed) for seed in seeds]
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


def _examined_alone(seed: int) -> dict[str, Any]:
    return examined(seed, _bench_of_this_process())


@cache
def _bench_of_this_process() -> Bench:
    return open_bench()


def _kept(path: Path) -> dict[str, Any] | None:
    """What was measured before, unless by another protocol, or the file is damaged."""
    if not path.exists():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return told if told.get("protocol") == _PROTOCOL else None


def _write(path: Path, data: bytes) -> None:
    """At once or not at all, so that an interruption leaves no half of a file."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(data)
    unfinished.replace(path)


__all__ = ["EACH", "FIRST_DESIGN", "FIRST_TEST", "examined", "measure_auditor", "seeds_of"]
