"""`course audit`: how well the reference auditor of lesson 08 does, from its suspects' seeds on."""

from __future__ import annotations

import json
import math
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from course_lib.checks import whole_number
from course_lib.errors import SilentUnitWarning
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.detector import detector_record
from course_lib.lessons.lesson_08 import base, lies, reference, suspect, truth
from course_lib.lessons.lesson_08.audit import findings
from course_lib.lessons.lesson_08.base import SHIPPED
from course_lib.lessons.lesson_08.known import KnownSuspect
from course_lib.lessons.lesson_08.reference import (
    STORED,
    STORED_SUSPECTS,
    Bench,
    measured,
    open_bench,
)
from course_lib.lessons.lesson_08.suspect import make_suspect
from course_lib.lessons.lesson_08.truth import BASE_RATES, KINDS, kind_of
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict
from course_lib.maintenance.fitting import needs_scikit_learn
from course_lib.maintenance.scoring import audit_scores
from course_lib.maintenance.workers import kept_each
from course_lib.stored import (
    as_json,
    constants,
    fingerprint,
    from_json,
    note,
    pack,
    write_whole,
)
from course_lib.visualization.defaults import engine_defaults

FIRST_DESIGN, FIRST_TEST, FIRST_SUBTLE = 100_000, 300_000, 400_000
"""Where the seeds of each set start; lessons and tests use smaller ones. Those from 200,000 on
were looked at while the auditor was designed, so that nothing is measured on them."""

EACH = 40
"""Suspects of each lie in the test set; honest ones are twice as many, as the base rates say."""

_PROTOCOL = 3  # raised when suspects or findings change and none of their constants does


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
        ValueError: `each` or `workers` is too small, or there is no scikit-learn to fit with.
    """
    needs_scikit_learn()
    each = whole_number(each, "each", at_least=2)
    workers = whole_number(workers, "workers", at_least=1)
    sets = {
        "design": seeds_of(FIRST_DESIGN, math.ceil(each / 2)),
        "test": seeds_of(FIRST_TEST, each),
        "subtle": [
            seed
            for seed in seeds_of(FIRST_SUBTLE, math.ceil(each / 2))
            if kind_of(seed) in ("circuit", "silent units")
        ],
    }
    rests_on = audit_rests_on()
    files = {work / f"{seed}.json": seed for seeds in sets.values() for seed in seeds}
    found = kept_each(examined, files, lambda _: rests_on, workers, "suspects")
    of = dict(zip(files.values(), found, strict=True))
    kept = {name: [of[seed] for seed in seeds] for name, seeds in sets.items()}
    write_scores(from_json(dict[str, list[KnownSuspect]], kept), to)
    write_whole(suspects_to, pack(kept))
    for path in (to, suspects_to):
        note(path, rests_on)
    return to


def write_scores(kept: dict[str, list[KnownSuspect]], to: Path = STORED) -> None:
    """Fit the auditors on suspects that were measured, and write what they score.

    Args:
        kept: the three sets, as `stored_suspects` returns them.
    """
    scores = audit_scores(**kept)
    rounded = as_json(scores, digits=4) | {"auditors": as_json(scores.auditors)}
    write_whole(to, json.dumps(rounded, allow_nan=False) + "\n")


def audit_rests_on() -> str:
    """The fingerprint of the engine, the networks and the protocol of an audit."""
    return fingerprint(
        engine=engine_defaults(),
        weights=[weights.record_of(*origin)["sha256"] for origin in SHIPPED],
        detector=detector_record()["sha256"],
        protocol=[_PROTOCOL, constants(base, findings, lies, reference, suspect, truth)],
    )


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


def examined(seed: int) -> dict[str, Any]:
    """A `KnownSuspect` as JSON: made as a white box, and measured from outside and inside."""
    made = make_suspect(seed, "white box", subtle=seed >= FIRST_SUBTLE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SilentUnitWarning)  # a lie may leave a logit no gradient
        outside, inside = measured(made, _bench_of_this_process())
    assert inside is not None
    opened = made.open(Verdict(CANNOT_TELL)).truth
    known: dict[str, Any] = as_json(
        KnownSuspect(seed, opened, made.accuracy.value, outside, inside), digits=4
    )
    return known


@cache
def _bench_of_this_process() -> Bench:
    return open_bench()
