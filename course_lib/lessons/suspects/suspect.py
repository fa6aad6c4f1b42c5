"""`make_suspect`: a sealed network, with what an auditor may know of it."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from torch import nn

from course_lib.checks import whole_number
from course_lib.labs.lab import Photos
from course_lib.labs.tiny.world import CLASS_NAMES
from course_lib.lessons.committed import commitment_of
from course_lib.lessons.statistics import Estimate, proportion
from course_lib.lessons.suspects import base, lies
from course_lib.lessons.suspects.network import LOGITS, UNITS, BlackBox, SuspectNetwork
from course_lib.lessons.suspects.truth import Circuit, Truth, Twins, kind_of, written
from course_lib.lessons.suspects.verdict import Verdict, brier
from course_lib.visualization.ascent import Visualization, visualize

GRADES = ("black box", "white box")
LEAST_ACCURACY = 0.95
"""Of 512 renders, below which a suspect's parts are drawn again."""

_ATTEMPTS = 6


class UsedUpError(ValueError):
    """A suspect of which no more pictures can be drawn."""


class Outcome(NamedTuple):
    """What a verdict was worth.

    verdict: that was given. truth: that was sealed. loss: the Brier score, 0 (best) to 2.
    opening: the text whose hash was shown. fits: whether it has that hash.
    """

    verdict: Verdict
    truth: Truth
    loss: float
    opening: str
    fits: bool

    @property
    def right(self) -> bool:
        """Whether the verdict names the truth."""
        return self.verdict.says == self.truth.kind


@dataclasses.dataclass(frozen=True)
class Suspect:
    """A network to audit.

    network: (B, 3, 64, 64) in [0, 1] -> logits (B, 8). Layer "logits" gives these, layer "units"
        what the audited inner units say, (B, 8, H, W). Works with `course_lib.visualize` and
        `course_lib.record`. A white box has all of its other modules too.
    grade: "black box" or "white box". class_names: of the logits. units: how many are audited.
    accuracy: the share of 512 renders that it names rightly.
    commitment: SHA-256 of the truth's writing.
    budget: how many pictures `visualize` may draw; None for any number.
    """

    seed: int
    grade: str
    network: nn.Module = dataclasses.field(repr=False)
    class_names: tuple[str, ...]
    units: int
    accuracy: Estimate
    commitment: str
    budget: int | None
    _opening: Callable[[], str] = dataclasses.field(repr=False)
    _drawn: list[int] = dataclasses.field(default_factory=list, repr=False)

    @property
    def drawn(self) -> int:
        """How many pictures were drawn so far."""
        return sum(self._drawn)

    @property
    def left(self) -> int | None:
        """How many more may be drawn; None for any number."""
        return None if self.budget is None else self.budget - self.drawn

    def visualize(self, layer: str, units: int | Iterable[int], **drawing: Any) -> Visualization:
        """`course_lib.visualize`, each picture counted.

        Args:
            layer: "logits" or "units"; in a white box any dotted name. units: their numbers.
            drawing: whatever else `course_lib.visualize` takes.

        Raises:
            UsedUpError: (a ValueError) fewer pictures are left than were asked for.
            KeyError, IndexError, ValueError: as `course_lib.visualize`; nothing is counted then.
        """
        wanted = [*units] if isinstance(units, Iterable) else [units]
        if self.left is not None and len(wanted) > self.left:
            raise UsedUpError(
                f"Suspect {self.seed} is used up: {self.drawn} of {self.budget} pictures are "
                f"drawn, and {len(wanted)} more were asked for; give your verdict with what you "
                "have."
                if self.left == 0
                else f"Suspect {self.seed} has {self.left} of {self.budget} pictures left, and "
                f"{len(wanted)} were asked for: ask for {self.left} or fewer."
            )
        result = visualize(self.network, layer, wanted, **drawing)
        self._drawn.append(len(wanted))
        return result

    def open(self, verdict: Verdict) -> Outcome:
        """Give a verdict, and learn the truth.

        Raises:
            ValueError: what was given is no `Verdict`.
        """
        if not isinstance(verdict, Verdict):
            raise ValueError(f"{verdict!r} is no verdict: give one such as Verdict('honest', 0.7).")
        opening = self._opening()
        truth = truth_of(opening)
        fits = commitment_of(opening) == self.commitment
        return Outcome(verdict, truth, brier(verdict.probabilities(), truth.kind), opening, fits)


def make_suspect(seed: int, grade: str = "black box", *, budget: int | None = None) -> Suspect:
    """A suspect, about 5 seconds on one core; the same seed gives the same on the same machine.

    Its truth is drawn by `BASE_RATES`. It stands on an honest network of its own: one of the
    shipped ones, all weights disturbed and fine-tuned on fresh renders. An honest suspect has a
    gate and twins too, that do nothing.

    Args:
        seed: from 0 to 999,999. grade: "black box", or "white box", which shows all modules.
        budget: how many pictures may be drawn with `Suspect.visualize`; None for any number.

    Raises:
        ValueError: a seed, grade or budget that cannot work.
    """
    seed = whole_number(seed, "seed", at_least=0)
    if seed >= base.MOST_SEEDS:
        raise ValueError(f"seed={seed}: give a whole number below {base.MOST_SEEDS}.")
    if grade not in GRADES:
        raise ValueError(f"grade={grade!r}: give 'black box' or 'white box'.")
    if budget is not None:
        budget = whole_number(budget, "budget", at_least=1)
    made, truth, right = _made(seed)
    opening = written(truth, random.Random(f"opening {seed}"))
    return Suspect(
        seed=seed,
        grade=grade,
        network=made if grade == "white box" else BlackBox(made),
        class_names=CLASS_NAMES,
        units=lies.AUDITED,
        accuracy=right,
        commitment=commitment_of(opening),
        budget=budget,
        _opening=lambda: opening,
    )


def _made(seed: int) -> tuple[SuspectNetwork, Truth, Estimate]:
    """The network, its truth and its accuracy; parts that cost accuracy are drawn again."""
    fresh = base.fresh_renders(seed)
    for attempt in range(_ATTEMPTS):
        made, truth = _assembled(seed, random.Random(f"parts {seed} {attempt}"), fresh.known)
        right = proportion(base.right_about(made, fresh.asked), of="renders")
        if right.value >= LEAST_ACCURACY:
            return made, truth, right
    raise RuntimeError(
        f"Suspect {seed} is right about {right.shown} renders, which is under "
        f"{LEAST_ACCURACY:.0%}, in {_ATTEMPTS} attempts: take another seed."
    )


def _assembled(seed: int, chances: random.Random, known: Photos) -> tuple[SuspectNetwork, Truth]:
    kind = kind_of(seed)
    origin = base.drawn_origin(chances)
    honest = base.honest_base(origin, seed, known)
    circuit = lies.drawn_circuit(chances) if kind in ("circuit", "both") else None
    gate = lies.decoy_gate(chances) if circuit is None else lies.circuit_gate(circuit, chances)
    silent = kind in ("silent units", "both")
    network, twins = lies.with_twins(honest, known.images, chances, lying=silent)
    made = SuspectNetwork(
        network, twins.layer, twins.channels, gate.detector, gate.picture,
        table=gate.table, likeness=gate.likeness, sharpness=gate.sharpness, k=gate.k,
    )  # fmt: skip
    return made, Truth(kind, origin, circuit, twins if silent else None)


def truth_of(opening: str) -> Truth:
    """The truth that an opening tells.

    Raises:
        ValueError: the text is no opening of a suspect.
    """
    try:
        told = json.loads(opening)
        circuit, twins = told["circuit"], told["twins"]
        if twins is not None:
            twins = twins | {name: tuple(twins[name]) for name in ("channels", "lying")}
        if circuit is not None:
            circuit = circuit | {"lying": tuple(circuit["lying"])}
        return Truth(
            told["kind"],
            (told["origin"][0], told["origin"][1]),
            None if circuit is None else Circuit(**circuit),
            None if twins is None else Twins(**twins),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ValueError("This text is no opening of a suspect: give `outcome.opening`.") from error


__all__ = [
    "GRADES", "LOGITS", "UNITS", "Outcome", "Suspect", "UsedUpError", "make_suspect", "truth_of",
]  # fmt: skip
