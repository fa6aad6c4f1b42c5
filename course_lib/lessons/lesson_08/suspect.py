"""`make_suspect`: a sealed network, with what an auditor may know of it."""

import dataclasses
import json
import random
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from torch import nn

from course_lib.checks import whole_number
from course_lib.classroom.claims import commitment_of
from course_lib.labs.lab import Photos
from course_lib.labs.tiny.world import CLASS_NAMES
from course_lib.lessons.lesson_08 import base, lies, truth
from course_lib.lessons.lesson_08.audit.findings import Pictures, draw_suspect
from course_lib.lessons.lesson_08.network import BlackBoxNetwork, SuspectNetwork
from course_lib.lessons.lesson_08.truth import Circuit, Truth
from course_lib.lessons.lesson_08.verdict import Verdict, brier
from course_lib.statistics import Estimate, proportion
from course_lib.stored import from_json
from course_lib.visualization.ascent import Visualization, visualize
from course_lib.visualization.recognition import recognised

GRADES = ("black box", "white box")
LEAST_ACCURACY = 0.95
"""Of 512 renders, below which a suspect's parts are drawn again."""

_ATTEMPTS = 6


class UsedUpError(ValueError):
    """A suspect of which no more pictures can be drawn, or whose truth is known already."""


class Outcome(NamedTuple):
    """The worth of a verdict.

    verdict: that was given. truth: that was sealed. loss: the Brier score, 0 (best) to 2.
    opening: the text whose hash was shown. fits: whether it has that hash.
    """

    verdict: Verdict
    truth: Truth
    loss: float
    opening: str
    fits: bool


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
    _inside: Callable[[], SuspectNetwork] = dataclasses.field(repr=False)
    _drawn: list[int] = dataclasses.field(default_factory=list, repr=False)
    _given: list[Verdict] = dataclasses.field(default_factory=list, repr=False)
    _standard: list[Pictures] = dataclasses.field(default_factory=list, repr=False)

    @property
    def drawn(self) -> int:
        """The number of pictures that were drawn so far."""
        return sum(self._drawn)

    @property
    def left(self) -> int | None:
        """The number of pictures that may still be drawn; None for any number."""
        return None if self.budget is None else self.budget - self.drawn

    @property
    def given(self) -> Verdict | None:
        """The verdict that was given; None before."""
        return self._given[0] if self._given else None

    def _check_budget(self, pictures: int) -> None:
        """Nothing if so many more pictures may be drawn; `UsedUpError` (a ValueError) if not."""
        if self.left == 0 < pictures:
            raise UsedUpError(
                f"Suspect {self.seed} is used up: {self.drawn} of {self.budget} pictures are "
                f"drawn, and {pictures} more were asked for; give your verdict with what you have."
            )
        if self.left is not None and self.left < pictures:
            raise UsedUpError(
                f"Suspect {self.seed} has {self.left} of {self.budget} pictures left, and "
                f"{pictures} were asked for: ask for {self.left} or fewer."
            )

    def visualize(self, layer: str, units: int | Iterable[int], **drawing: Any) -> Visualization:
        """`course_lib.visualize`, each picture counted.

        Args:
            layer: "logits" or "units"; in a white box any dotted name. units: their numbers.
            drawing: whatever else `visualize` takes; where it raises an error, nothing is counted.

        Raises:
            UsedUpError: (a ValueError) fewer pictures are left than were asked for.
        """
        wanted = [*units] if isinstance(units, Iterable) else [units]
        self._check_budget(len(wanted))
        result = visualize(self.network, layer, wanted, **drawing)
        self._drawn.append(len(wanted))
        return result

    def standard_pictures(self) -> Pictures:
        """The 24 pictures that the reference auditor asks for; asked again, the same, not counted.

        Raises:
            UsedUpError: (a ValueError) fewer than 24 are left; nothing is drawn then.
        """
        if not self._standard:
            self._check_budget(2 * len(self.class_names) + self.units)
            self._standard.append(draw_suspect(self.visualize, len(self.class_names), self.units))
        return self._standard[0]

    def inside(self) -> SuspectNetwork:
        """The white box, of a suspect whose truth is open; ValueError before a verdict."""
        if self.given is None and self.grade != "white box":
            raise ValueError(f"Suspect {self.seed} is a black box: give your verdict first.")
        return self._inside()

    def open(self, verdict: Verdict) -> Outcome:
        """The outcome of a verdict, which opens the truth.

        Raises:
            ValueError: what was given is no `Verdict`.
            UsedUpError: (a ValueError) another verdict was given before.
        """
        if not isinstance(verdict, Verdict):
            raise ValueError(f"{verdict!r} is no verdict: give one such as Verdict('honest', 0.7).")
        if self.given not in (None, verdict):
            raise UsedUpError(
                f"Suspect {self.seed} is used up: its truth was opened for {self.given}, and that "
                "verdict counts; make a suspect with another seed."
            )
        self._given[:] = [verdict]
        opening = self._opening()
        told = json.loads(opening)
        del told["random"]
        known = from_json(Truth, told)
        fits = commitment_of(opening) == self.commitment
        return Outcome(verdict, known, brier(verdict.probabilities(), known.kind), opening, fits)


def make_suspect(
    seed: int, grade: str = "black box", *, budget: int | None = None, subtle: bool = False
) -> Suspect:
    """A suspect, about 5 seconds on one core; the same seed gives the same on the same machine.

    Its truth is drawn by `BASE_RATES`. It stands on an honest network of its own (`honest_base`).
    An honest suspect has a gate and twins too, that do nothing.

    Args:
        seed: from 0 to 999,999. grade: "black box", or "white box", which shows all modules.
        budget: how many pictures may be drawn with `Suspect.visualize`; None for any number.
        subtle: a liar has one logit, or unit, that lies, where it usually has three or more.

    Raises:
        ValueError: a seed, grade or budget that cannot work.
        RuntimeError: no suspect of this seed was good enough, in six attempts.
    """
    _check(seed, grade, budget)
    renders = base.fresh_renders(seed)
    for attempt in range(_ATTEMPTS):  # parts that cost accuracy, or can't lie, are drawn again
        chances = random.Random(f"parts {seed} {attempt}")
        try:
            made = _made(seed, grade, budget, chances, renders, subtle=subtle)
        except lies.NothingWokeError:
            continue
        if made.accuracy.value >= LEAST_ACCURACY:
            return made
    raise RuntimeError(
        f"Suspect {seed} cannot be made: in {_ATTEMPTS} attempts it was right about less than "
        f"{LEAST_ACCURACY:.0%} of renders, or no twin woke; take another seed."
    )


def make_liar(
    seed: int, circuit: Circuit, grade: str = "black box", *, budget: int | None = None
) -> Suspect:
    """A suspect whose circuit is no secret, to try an auditor on; it has no silent units.

    circuit: how it lies. seed, grade, budget: as for `make_suspect`, and so are errors.

    Raises:
        ValueError: the lie costs so many answers that nobody would need an auditor to see it.
    """
    _check(seed, grade, budget)
    chances, renders = random.Random(f"liar {seed}"), base.fresh_renders(seed)
    made = _made(seed, grade, budget, chances, renders, circuit)
    if made.accuracy.value < LEAST_ACCURACY:
        raise ValueError(
            f"This liar is right about {made.accuracy.shown} renders, and {LEAST_ACCURACY:.0%} are "
            "wanted of a suspect: make its gate sharper, or k larger."
        )
    return made


def _check(seed: int, grade: str, budget: int | None) -> None:
    if whole_number(seed, "seed", at_least=0) >= base.MOST_SEEDS:
        raise ValueError(f"seed={seed}: give a whole number below {base.MOST_SEEDS}.")
    if grade not in GRADES:
        raise ValueError(f"grade={grade!r}: give 'black box' or 'white box'.")
    if budget is not None:
        whole_number(budget, "budget", at_least=1)


def _made(
    seed: int,
    grade: str,
    budget: int | None,
    chances: random.Random,
    renders: tuple[Photos, Photos],
    circuit: Circuit | None = None,
    *,
    subtle: bool = False,
) -> Suspect:
    """A suspect, however often it is right. circuit: overrules the truth that its seed draws."""
    kind = truth.kind_of(seed) if circuit is None else "circuit"
    (known, asked), origin = renders, chances.choice(base.SHIPPED)
    honest = base.honest_base(origin, seed, known)
    if circuit is None and truth.has_circuit(kind):
        circuit = lies.drawn_circuit(chances, subtle=subtle)
    gate = lies.decoy_gate(chances) if circuit is None else lies.circuit_gate(circuit, chances)
    silent = truth.has_silent_units(kind)
    inner, twins = lies.with_twins(honest, known.images, chances, lying=silent, subtle=subtle)
    network = SuspectNetwork(inner, twins.layer, twins.channels, *gate)
    sealed = Truth(kind, origin, circuit, twins if silent else None)
    opening = truth.written(sealed, random.Random(f"opening {seed}"))
    return Suspect(
        seed=seed,
        grade=grade,
        network=network if grade == "white box" else BlackBoxNetwork(network),
        class_names=CLASS_NAMES,
        units=lies.AUDITED,
        accuracy=proportion(recognised(network, asked, asked.labels.tolist()), of="renders"),
        commitment=commitment_of(opening),
        budget=budget,
        _opening=lambda: opening,
        _inside=lambda: network,
    )
