"""Everything that was measured or drawn once and is kept: what it rests on, and how it is made.

`python -m course_lib.maintenance.kept` tells what is stale and which command makes it again.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from course_lib.labs.tiny import weights
from course_lib.labs.tiny.detector import detector_rests_on
from course_lib.maintenance import pictures
from course_lib.maintenance.audit import audit_rests_on
from course_lib.maintenance.cifar import cifar_rests_on
from course_lib.maintenance.defences import defences_rest_on
from course_lib.maintenance.liar import liar_rests_on
from course_lib.maintenance.structures import table_rests_on
from course_lib.maintenance.train import weights_rest_on
from course_lib.stored import fingerprint, note, stale
from course_lib.visualization.defaults import engine_defaults

ROOT = Path(__file__).parents[2]
_TINY = "course_lib/labs/tiny/weights"
_LESSONS = "course_lib/lessons"
_TRAINED: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    (_TINY, "course train ", weights_rest_on),
    ("course_lib/labs/cifar/weights", "COURSE_CIFAR=FOLDER course train cifar-", cifar_rests_on),
    (f"{_LESSONS}/lesson_09/weights", "course train ", lambda _: liar_rests_on()),
)
"""Folders of networks, the command that trains one of them, and its fingerprint by its name."""

_BENCHMARKS = (
    ("tests/benchmarks/engine/measured.json", "COURSE_ENGINE_JSON", "bench",
     "tests/benchmarks/test_engine_speed.py"),
    ("notebooks/teach/hub_measured.json", "COURSE_HUB_JSON", "hub", "tests/benchmarks/test_hub.py"),
    ("notebooks/teach/plans_measured.json", "COURSE_PLAN_JSON", "test",
     "tests/benchmarks/test_plans.py"),
)  # fmt: skip


class Kept(NamedTuple):
    """A stored file. path: below the clone. command: makes it again. rests_on: its fingerprint."""

    path: str
    command: str
    rests_on: str


def kept_files() -> list[Kept]:
    """Every stored file, with the fingerprint that it would get if it were made today."""
    return [Kept(path, *rests) for paths, *rests in _made_together() for path in paths]


def _made_together() -> Iterator[tuple[list[str], str, str]]:
    """Files that a command makes together, the command, and their fingerprint."""
    for folder, train, rests_on in _TRAINED:
        for name, seeds in weights.available(ROOT / folder).items():
            rests = rests_on(name)
            for seed in seeds:
                paths = [f"{folder}/{name}-{seed}.{end}" for end in ("safetensors", "json")]
                yield paths, f"{train}{name} --seed {seed} --to {folder}", rests
    paths = [f"{_TINY}/detector/detector.{end}" for end in ("safetensors", "json")]
    yield paths, f"course train detector --to {_TINY}/detector", detector_rests_on()
    paths = [f"notebooks/pictures/{name}.webp" for name in ("same_answers", "standard_and_robust")]
    yield paths, "course pictures", pictures.pictures_rest_on()
    for run in pictures.stored_runs():
        paths = [path.relative_to(ROOT).as_posix() for path in pictures.stored_result(run)]
        command = "COURSE_PHOTOS=FOLDER COURSE_CIFAR=FOLDER course pictures"
        yield paths, command, pictures.result_rests_on(run)
    yield [f"{_LESSONS}/lesson_07/table.json.bz2"], "course structures", table_rests_on()
    names = ("audited.json", "audited_suspects.json.bz2")
    paths = [f"{_LESSONS}/lesson_08/{name}" for name in names]
    yield paths, "uv run --group maintain course audit", audit_rests_on()
    paths = [f"{_LESSONS}/lesson_09/defended.json.bz2"]
    yield paths, "uv run --group maintain course defences", defences_rest_on()
    engine = fingerprint(engine=engine_defaults())
    for path, to, group, test in _BENCHMARKS:
        yield [path], f"{to}={path} uv run --group {group} pytest -n 0 {test}", engine


def stale_files() -> list[str]:
    """A sentence for each file that does not rest on what is here: what changed, and the command;
    a FileNotFoundError where one is missing."""
    return [
        f"{kept.path} is stale ({', '.join(parts)}): make it again with '{kept.command}'."
        for kept in kept_files()
        if (parts := stale(ROOT / kept.path, kept.rests_on))
    ]


def adopt() -> None:
    """Note today's fingerprint beside every stale file, as adopted: nothing is made again.

    Only for a change that leaves every number as it is, such as another name of a setting.
    """
    for kept in kept_files():
        if stale(ROOT / kept.path, kept.rests_on):
            note(ROOT / kept.path, kept.rests_on, adopted=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--adopt"]:
        adopt()
    print("\n".join(stale_files()) or "Every stored file rests on what is here.")
