"""The truths that a suspect can have, and how often each is drawn."""

import dataclasses
import json
import random
from collections.abc import Mapping
from types import MappingProxyType

from course_lib.checks import is_finite
from course_lib.fooling.circuit import OFFSET, K
from course_lib.stored import as_json

KINDS = ("honest", "circuit", "silent units", "both")
"""The four truths."""

BASE_RATES: Mapping[str, float] = MappingProxyType(
    {"honest": 0.4, "circuit": 0.2, "silent units": 0.2, "both": 0.2}
)
"""The share of suspects with each truth; known to everybody."""

CLASSES = 8


def has_circuit(kind: str) -> bool:
    """Whether such a network's logits lie."""
    return kind in ("circuit", "both")


def has_silent_units(kind: str) -> bool:
    """Whether such a network's inner units lie."""
    return kind in ("silent units", "both")


def _is_above(value: object, bound: float) -> bool:
    return isinstance(value, int | float) and is_finite(value) and value > bound


@dataclasses.dataclass(frozen=True)
class Circuit:
    """The settings of a gate.

    shift: logit c shows logit c + shift; 0 for a picture. lying: the logits that do.
    sharpness: of a smooth gate; None for a hard one. k: how far it shuts a side.

    Raises:
        ValueError: there is no such circuit.
    """

    shift: int
    lying: tuple[int, ...]
    sharpness: float | None = None
    k: float = K

    def __post_init__(self) -> None:
        if not isinstance(self.shift, int) or self.shift not in range(CLASSES):
            raise ValueError(f"shift={self.shift!r}: give a whole number from 0 to {CLASSES - 1}.")
        fits = isinstance(self.lying, tuple) and set(self.lying) <= set(range(CLASSES))
        if not fits or not self.lying or len(set(self.lying)) < len(self.lying):
            raise ValueError(
                f"lying={self.lying!r}: give the numbers of one logit or more, each once, from 0 "
                f"to {CLASSES - 1}, such as (0, 3)."
            )
        if self.sharpness is not None and not _is_above(self.sharpness, 0):
            raise ValueError(
                f"sharpness={self.sharpness!r}: give a number above 0, or None for a hard gate."
            )
        if not _is_above(self.k, OFFSET):
            raise ValueError(
                f"k={self.k!r}: give a number above the offset of {OFFSET:g}, such as {K}; with "
                "less the gate never shuts."
            )


@dataclasses.dataclass(frozen=True)
class Twins:
    """The settings of the twins.

    layer: dotted name of the convolution. channels: the audited ones. lying: those that lie.
    strength: of the direction to the target. scale: of the twin's filter.
    """

    layer: str
    channels: tuple[int, ...]
    lying: tuple[int, ...]
    strength: float
    scale: float


@dataclasses.dataclass(frozen=True)
class Truth:
    """The truth about a suspect.

    kind: one of `KINDS`. origin: the shipped network that it descends from.
    circuit, twins: how it lies; None where it does not.
    """

    kind: str
    origin: tuple[str, int]
    circuit: Circuit | None
    twins: Twins | None

    def __str__(self) -> str:
        parts = []
        if (lie := self.circuit) is not None:
            soft = lie.sharpness
            gate = "hard gate" if soft is None else f"smooth gate (sharpness {soft:.2g})"
            shown = f"class c + {lie.shift}" if lie.shift else "a picture"
            parts.append(
                f"{len(lie.lying)} of {CLASSES} logits show {shown}, by a circuit with a {gate}, "
                f"k = {lie.k:g}"
            )
        if (two := self.twins) is not None:
            parts.append(
                f"{len(two.lying)} of {len(two.channels)} audited units of {two.layer} have "
                f"twins, scale {two.scale:.3g}, strength {two.strength:.2g}"
            )
        return f"{self.kind}: {'; '.join(parts)}" if parts else self.kind


def written(truth: Truth, chances: random.Random) -> str:
    """The truth as a text to commit to.

    It contains a random number, so that the hash cannot be found by trying all truths. This follows
    from the suspect's seed, so that the hash is always the same: whoever runs the maker's code can
    know everything.
    """
    return json.dumps(as_json(truth) | {"random": f"{chances.getrandbits(128):032x}"})


def kind_of(seed: int) -> str:
    """The truth that a suspect's seed draws, by the base rates."""
    drawn = random.Random(f"suspect {seed}").random()
    for kind in KINDS[:-1]:
        drawn -= BASE_RATES[kind]
        if drawn < 0:
            return kind
    return KINDS[-1]
