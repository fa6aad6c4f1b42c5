"""`course audit`: how well the reference auditor of lesson 08 does, from its suspects' seeds on."""

import json
import math
import warnings
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from course_lib.errors import SilentUnitWarning
from course_lib.lessons.lesson_08 import base, lies, reference, suspect, truth
from course_lib.lessons.lesson_08.audit import findings
from course_lib.lessons.lesson_08.known import KnownSuspect
from course_lib.lessons.lesson_08.reference import STORED, STORED_SUSPECTS, measured, open_bench
from course_lib.lessons.lesson_08.suspect import make_suspect
from course_lib.lessons.lesson_08.truth import BASE_RATES, KINDS, kind_of
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict
from course_lib.maintenance.fitting import check_measuring
from course_lib.maintenance.scoring import audit_scores
from course_lib.maintenance.train import rests_on_networks
from course_lib.maintenance.workers import kept_each
from course_lib.stored import as_json, constants, from_json, note, pack, write_whole

FIRST_DESIGN, FIRST_TEST, FIRST_SUBTLE = 100_000, 300_000, 400_000
"""Where the seeds of each set start; lessons and tests use smaller ones. Those from 200,000 on
were looked at while the auditor was designed, so that nothing is measured on them."""

EACH = 40
"""Suspects of each lie in the test set; honest ones are twice as many, as the base rates say."""

_PROTOCOL = 3  # raised when suspects or findings change and none of their constants does

bench_of_this_process = cache(open_bench)


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
        work: folder for what is measured. to: the JSON file to write. suspects_to: the file for
            what was measured of each suspect. workers: processes, each with one thread.
        each: how many suspects of each of the three lies are in the test set, 2 or more.

    Errors as `check_measuring`.
    """
    check_measuring(each, workers)
    half = math.ceil(each / 2)
    subtle = [s for s in seeds_of(FIRST_SUBTLE, half) if kind_of(s) in ("circuit", "silent units")]
    sets = {
        "design": seeds_of(FIRST_DESIGN, half),
        "test": seeds_of(FIRST_TEST, each),
        "subtle": subtle,
    }
    rests_on = audit_rests_on()
    files = {work / f"{seed}.json": seed for seeds in sets.values() for seed in seeds}
    found = kept_each(examined, files, lambda _: rests_on, workers, "suspects")
    of = dict(zip(files.values(), found, strict=True))
    kept = {name: [of[seed] for seed in seeds] for name, seeds in sets.items()}
    scores = audit_scores(**from_json(dict[str, list[KnownSuspect]], kept))
    rounded = as_json(scores, digits=4) | {"auditors": as_json(scores.auditors)}
    write_whole(to, json.dumps(rounded, allow_nan=False) + "\n")
    write_whole(suspects_to, pack(kept))
    for path in (to, suspects_to):
        note(path, rests_on)
    return to


def audit_rests_on() -> str:
    """The fingerprint of the engine, the networks and the protocol of an audit."""
    numbers = constants(base, findings, lies, reference, suspect, truth)
    return rests_on_networks(base.SHIPPED, protocol=[_PROTOCOL, numbers])


def seeds_of(first: int, each: int) -> list[int]:
    """Seeds from `first` on: `each` of each lie, and honest ones as the base rates say."""
    least = min(BASE_RATES.values())
    left = {kind: round(each * BASE_RATES[kind] / least) for kind in KINDS}
    found: list[int] = []
    seeds = count(first)
    while any(left.values()):
        seed = next(seeds)
        if left[kind_of(seed)]:
            left[kind_of(seed)] -= 1
            found.append(seed)
    return found


def examined(seed: int) -> dict[str, Any]:
    """A `KnownSuspect` as JSON: made as a white box, and measured from outside and inside."""
    made = make_suspect(seed, "white box", subtle=seed >= FIRST_SUBTLE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SilentUnitWarning)  # a lie may leave a logit no gradient
        outside, inside = measured(made, bench_of_this_process())
    assert inside is not None
    opened = made.open(Verdict(CANNOT_TELL)).truth
    known = KnownSuspect(seed, opened, made.accuracy.value, outside, inside)
    found: dict[str, Any] = as_json(known, digits=4)
    return found
