"""Networks whose truth is known, and what each defence made of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from course_lib.lessons.lesson_08.audit.evidence import evidence_of
from course_lib.lessons.lesson_08.audit.findings import Findings, Inside
from course_lib.stored import from_json, unpack

STORED = Path(__file__).with_name("defended.json.bz2")
"""Every network, as `course defences` measured it."""


@dataclasses.dataclass(frozen=True)
class Defended:
    """A network that was made and measured.

    way: "honest", "circuit, hard gate", "circuit, smooth gate", "silent units", or one of
        `liars.WAYS`.
    design: whether thresholds may be chosen on it; else it is there to measure with.
    origin: recipe and seed of the shipped network that it descends from.
    accuracy: the share of 512 renders that it names rightly. kept: the share of them to which it
        gives its honest parent's answer; None where nothing was trained.
    shown: how much it shows of what it was trained to show; None where nothing was. "climbs" and
        "leash too": the share of judges' votes for the class, in pictures from noise; "slingshot":
        the pictures' mean correlation with the one; "top images": the share of the logits' top
        nine, among 512 renders, that are of the class.
    scores: how suspicious each defence finds it, by name.
    findings, inside: the measurements of lesson 08's auditor.
    """

    way: str
    design: bool
    seed: int
    origin: tuple[str, int]
    accuracy: float
    kept: float | None
    shown: float | None
    scores: dict[str, float]
    findings: Findings = dataclasses.field(repr=False)
    inside: Inside = dataclasses.field(repr=False)

    @property
    def evidence(self) -> Mapping[str, float]:
        """What lesson 08's auditor of a white box goes by; that of a black one is part of it."""
        return evidence_of(self.findings, self.inside)


def stored_defended(path: Path = STORED) -> list[Defended]:
    """All networks that were measured."""
    return from_json(list[Defended], unpack(path.read_bytes()))
