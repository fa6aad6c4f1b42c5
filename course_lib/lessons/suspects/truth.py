"""What a suspect can be, and how often."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Mapping
from types import MappingProxyType

from course_lib.sanity.audit.kinds import KINDS

BASE_RATES: Mapping[str, float] = MappingProxyType(
    {"honest": 0.4, "circuit": 0.2, "silent units": 0.2, "both": 0.2}
)
"""How often each truth is drawn; known to everybody."""

CLASSES = 8


@dataclasses.dataclass(frozen=True)
class Circuit:
    """How the gate is set.

    shift: logit c shows logit c + shift; 0 for a picture. lying: the logits that do.
    hard: whether the gate is. k: how far it shuts a side.
    """

    shift: int
    lying: tuple[int, ...]
    hard: bool
    k: float


@dataclasses.dataclass(frozen=True)
class Twins:
    """How the twins are set.

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
    """What a suspect is.

    kind: one of `KINDS`. origin: the shipped network that it descends from.
    circuit, twins: how it lies; None where it does not.
    """

    kind: str
    origin: tuple[str, int]
    circuit: Circuit | None
    twins: Twins | None

    def __str__(self) -> str:
        parts = []
        if self.circuit is not None:
            gate = "hard" if self.circuit.hard else "smooth"
            shown = f"class c + {self.circuit.shift}" if self.circuit.shift else "a picture"
            parts.append(
                f"{len(self.circuit.lying)} of {CLASSES} logits show {shown}, by a circuit with a "
                f"{gate} gate, k = {self.circuit.k:g}"
            )
        if self.twins is not None:
            parts.append(
                f"{len(self.twins.lying)} of {len(self.twins.channels)} audited units of "
                f"{self.twins.layer} have twins, scale {self.twins.scale:.3g}, strength "
                f"{self.twins.strength:.2g}"
            )
        return f"{self.kind}: {'; '.join(parts)}" if parts else self.kind


def written(truth: Truth, chances: random.Random) -> str:
    """The truth as a text to commit to, with a random number that keeps its hash from guesses."""
    told = dataclasses.asdict(truth) | {"random": f"{chances.getrandbits(128):032x}"}
    return json.dumps(told)


def kind_of(seed: int) -> str:
    """The truth that a suspect's seed draws, by the base rates."""
    drawn = random.Random(f"suspect {seed}").random()
    for kind in KINDS[:-1]:
        drawn -= BASE_RATES[kind]
        if drawn < 0:
            return kind
    return KINDS[-1]
