"""Networks whose truth is known, and what each defence made of them."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from course_lib.display import Message, tabulated
from course_lib.lessons.lesson_08.known import over_ancestors
from course_lib.lessons.lesson_08.reference import stored_auditor
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, verdict_of
from course_lib.statistics import Estimate, proportion
from course_lib.stored import from_json, unpack

STORED = Path(__file__).with_name("defended.json.bz2")
"""Every network, as `course defences` measured it."""

_NOTE = (
    "How many are accused, and the interval of their share over the networks' ancestors, percent."
)


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
    evidence: what lesson 08's auditor of a white box goes by, by name; that of a black one is part.
    learned: how probable a lie is to auditors that were fitted on such networks of the three other
        ancestors, by grade; what they go by is lesson 08's evidence, and these scores.
    """

    way: str
    design: bool
    seed: int
    origin: tuple[str, int]
    accuracy: float
    kept: float | None
    shown: float | None
    scores: dict[str, float]
    evidence: dict[str, float]
    learned: dict[str, float] = dataclasses.field(default_factory=dict)

    @property
    def suspicion(self) -> Mapping[str, float]:
        """How suspicious each defence finds it: its scores, and by how much path similarity at the
        logits is lower for the pictures than for their control ("path")."""
        return self.scores | {"path": self.evidence["path"]}


def stored_defended(path: Path = STORED) -> list[Defended]:
    """All networks that were measured."""
    return from_json(list[Defended], unpack(path.read_bytes()))


def kept_own_shown(rows: Sequence[Defended]) -> tuple[float, float, float]:
    """Of liars that were trained, the mean of `kept`, of the share of judges' votes that see a
    logit's own class in its picture, and of `shown`."""
    columns = [(row.kept, 1 - row.evidence["unrecognised"], row.shown) for row in rows]
    kept, own, shown = (
        sum(filter(None, column)) / len(rows) for column in zip(*columns, strict=True)
    )
    return kept, own, shown


def frozen(grade: str) -> Callable[[Defended], bool]:
    """Whether lesson 08's auditor of a grade, as it stands, accuses a network of any lie."""
    auditor = stored_auditor(grade)

    def accuses(row: Defended) -> bool:
        says = verdict_of(auditor.probabilities(row.evidence)).says
        return says not in ("honest", CANNOT_TELL)

    return accuses


def share_accused(rows: Sequence[Defended], accuses: Callable[[Defended], bool]) -> Estimate:
    """The share of networks that are accused, as an estimate over the ancestors they have."""
    found = proportion(sum(map(accuses, rows)), len(rows))
    return over_ancestors(found, len({row.origin for row in rows}))


def accused_table(
    rows: Sequence[Defended],
    defences: Mapping[str, Callable[[Defended], bool]],
    *,
    code: str = "",
) -> Message:
    """How many networks of each way every defence accuses; the honest come first.

    Args:
        rows: none that a threshold was chosen on. defences: by name, whether it accuses a network.
        code: whose code the thresholds rest on.
    """
    ways = sorted({row.way for row in rows}, key=lambda way: (way != "honest", way))
    of = {way: [row for row in rows if row.way == way] for way in ways}
    lines = []
    for name, accuses in defences.items():
        found = [share_accused(of[way], accuses) for way in ways]
        lines.append(
            [name, *(f"{e.shown}\n{100 * e.low:.0f} to {100 * e.high:.0f}" for e in found)]
        )
    return tabulated(["accused by", *ways], lines, note=f"{_NOTE} {code}".rstrip())
