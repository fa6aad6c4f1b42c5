"""Ways on which a logit jumps, for the exercise that finds the jump, and searches by halving."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Way:
    """A logit on a way from 0 to 1 that jumps, bulges gently, and remembers its questions."""

    jump: float
    size: float
    hump: float = 0.0
    start: float = 2.0
    asked: list[float] = field(default_factory=list)

    def __call__(self, t: float) -> float:
        self.asked.append(float(t))
        return self.at(float(t))

    def at(self, t: float) -> float:
        """The logit there, without a question."""
        gentle = self.start + self.hump * math.sin(math.pi * t)
        return gentle + self.size * (t > self.jump)

    def __str__(self) -> str:
        hump = f" bulges gently by {self.hump:+g} in the middle," if self.hump else ""
        jumps = f"jumps by {self.size:+g} at {self.jump:g}" if self.size else "never jumps"
        return f"starts at {self.start:g},{hump} and {jumps}"


def halving(first_half: Callable[..., bool]) -> Callable[..., tuple[float, float]]:
    """Halving by a rule that takes the logits so far, both ends and the middle."""

    def search(ask: Way, questions: int) -> tuple[float, float]:
        low, high, said = 0.0, 1.0, {t: ask(t) for t in (0.0, 1.0)}
        for _ in range(questions - 2):
            t = (low + high) / 2
            said[t] = ask(t)
            low, high = (low, t) if first_half(said, low, t, high) else (t, high)
        return low, high

    return search
