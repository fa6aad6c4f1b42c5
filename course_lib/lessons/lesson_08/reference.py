"""The reference auditor at work: on one suspect, and what was measured of it on many."""

import json
import math
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from torch import nn

from course_lib.labs.lab import Photos
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.world import render
from course_lib.lessons.lesson_08.audit import findings as measure
from course_lib.lessons.lesson_08.audit.auditor import Auditor
from course_lib.lessons.lesson_08.audit.evidence import WITHIN, evidence_of
from course_lib.lessons.lesson_08.base import SHIPPED
from course_lib.lessons.lesson_08.known import AuditScores, KnownSuspect
from course_lib.lessons.lesson_08.network import SuspectNetwork
from course_lib.lessons.lesson_08.suspect import Suspect
from course_lib.lessons.lesson_08.verdict import Verdict, verdict_of
from course_lib.stored import from_json, unpack
from course_lib.visualization.ascent import visualize

STORED = Path(__file__).parent / "audited.json"
"""The auditors and their scores, by `course audit`."""

STORED_SUSPECTS = STORED.with_name("audited_suspects.json.bz2")
"""Every single suspect, as `course audit` measured it."""

_WORLD = 12  # of the auditor's renders; no network was trained on it, and no lesson shows it
_RENDERS = 256


class Bench(NamedTuple):
    """The equipment of an auditor. judges: the four shipped networks. renders: 256."""

    judges: tuple[nn.Module, ...]
    renders: Photos


class Audited(NamedTuple):
    """The result of an audit of a suspect.

    findings: what was measured. inside: the same of the inside of a white box; None for a black
    one. evidence: numbers by name. probabilities: of the four truths. verdict: the likeliest.
    reasons: by lie what each piece of evidence adds to its log odds.
    """

    findings: measure.Findings
    inside: measure.Inside | None
    evidence: dict[str, float]
    probabilities: dict[str, float]
    verdict: Verdict
    reasons: dict[str, dict[str, float]]


def open_bench() -> Bench:
    """The judges and renders of the reference auditor, about a second."""
    judges = tuple(weights.load(recipe, seed) for recipe, seed in SHIPPED)
    return Bench(judges, render(_RENDERS, seed=_WORLD, size=64))


def measured(
    suspect: Suspect, bench: Bench, pictures: measure.Pictures | None = None
) -> tuple[measure.Findings, measure.Inside | None]:
    """The measurements that the reference auditor takes of a suspect.

    pictures: what `Suspect.standard_pictures` drew; by default they are drawn here, and the
    suspect's budget is not touched.
    """
    network, renders = suspect.network, bench.renders
    count = len(suspect.class_names)
    pictures = pictures or measure.draw_suspect(partial(visualize, network), count, suspect.units)
    findings, inside = measure.look(network, pictures, *renders, bench.judges), None
    if isinstance(network, SuspectNetwork):
        inside = measure.look_inside(network, pictures, *renders)
    return findings, inside


def within(suspect: Suspect, bench: Bench) -> dict[str, float]:
    """The evidence that only an open box gives, by name, from the suspect's standard pictures.

    Errors are those of `Suspect.inside`.
    """
    inside = measure.look_inside(suspect.inside(), suspect.standard_pictures(), *bench.renders)
    return {name: evidence.measure(inside) for name, evidence in WITHIN.items()}


def audit(
    suspect: Suspect, auditor: Auditor, bench: Bench, pictures: measure.Pictures | None = None
) -> Audited:
    """The audit of a suspect: about 3 seconds on one core, and 8 more without pictures.

    auditor: of the suspect's grade, see `stored_auditor`. pictures: as for `measured`.
    """
    return judged(auditor, *measured(suspect, bench, pictures))


def judged(
    auditor: Auditor, findings: measure.Findings, inside: measure.Inside | None = None
) -> Audited:
    """The result of an audit, from what was measured.

    Raises:
        ValueError: it is an auditor of white boxes, and there is no inside.
    """
    evidence = evidence_of(findings, inside)
    probabilities = auditor.probabilities(evidence)
    reasons = {name: head.parts(evidence) for name, head in auditor._asdict().items()}
    return Audited(findings, inside, evidence, probabilities, verdict_of(probabilities), reasons)


def stored_scores(path: Path = STORED) -> AuditScores:
    """The auditors and their scores, which `course audit` measured and the course ships."""
    return from_json(AuditScores, json.loads(path.read_bytes()))


def stored_auditor(grade: str) -> Auditor:
    """The fitted reference auditor of a grade, "black box" or "white box".

    Raises:
        ValueError: there is no such grade.
    """
    auditors = stored_scores().auditors
    if grade not in auditors:
        raise ValueError(f"grade={grade!r}: give one of {', '.join(map(repr, auditors))}.")
    return auditors[grade]


def stored_suspects(path: Path = STORED_SUSPECTS) -> dict[str, list[KnownSuspect]]:
    """The suspects of the "design", the "test" and the "subtle" set, as they were measured."""
    return from_json(dict[str, list[KnownSuspect]], unpack(path.read_bytes()))


def tried(
    test: Callable[[measure.Findings], float], rows: Iterable[KnownSuspect]
) -> tuple[list[float], list[str]]:
    """The scores of a test of one's own on suspects that were measured before, and the truths.

    test: to a number, high for a lie. rows: one of the sets of `stored_suspects`.

    Raises:
        ValueError: the test gave no finite number.
    """
    scores, kinds = [], []
    for row in rows:
        score = float(test(row.findings))
        if not math.isfinite(score):
            raise ValueError(
                f"The test gave {score} for suspect {row.seed}: let it return a finite number."
            )
        scores.append(score)
        kinds.append(row.kind)
    return scores, kinds
