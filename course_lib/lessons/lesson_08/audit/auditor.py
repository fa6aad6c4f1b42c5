"""From evidence to probabilities: two small logistic regressions, and the base rates.

One regression tells circuits from what has none, the other silent units from what has none. Each
gives a likelihood ratio; the two lies are taken to leave independent traces, given the truth, and
the base rates do the rest. `course_lib.maintenance.fitting` fits both.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from course_lib.lessons.lesson_08.truth import BASE_RATES, KINDS, has_circuit, has_silent_units

_MOST = 30.0  # of a logarithm of odds


class Head(NamedTuple):
    """A logistic regression.

    features: names of evidence. centre, spread: of each in the design set. weights: of the
    standardised features. bias: log odds where all of them are at their centre. prior: log odds of
    the lie in the design set, which the bias contains.
    """

    features: tuple[str, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    prior: float

    def parts(self, evidence: Mapping[str, float]) -> dict[str, float]:
        """The terms that the pieces of evidence add to the log odds, by name.

        Raises:
            ValueError: a piece is missing.
        """
        missing = [name for name in self.features if name not in evidence]
        if missing:
            raise ValueError(
                f"There is no evidence {missing[0]!r}: this auditor needs "
                f"{', '.join(self.features)}; a white box's auditor needs look_inside."
            )
        columns = zip(self.features, self.centre, self.spread, self.weights, strict=True)
        return {name: w * (evidence[name] - centre) / spread for name, centre, spread, w in columns}

    def log_ratio(self, evidence: Mapping[str, float]) -> float:
        """The logarithm of how much likelier the evidence is with the lie than without it."""
        odds = self.bias - self.prior + sum(self.parts(evidence).values())
        return max(-_MOST, min(_MOST, odds))


class Auditor(NamedTuple):
    """The reference auditor. circuit, silent: the two regressions."""

    circuit: Head
    silent: Head

    def probabilities(
        self, evidence: Mapping[str, float], base_rates: Mapping[str, float] = BASE_RATES
    ) -> dict[str, float]:
        """The probability of each of the four truths.

        evidence: what `evidence_of` returns. base_rates: by truth; they sum to 1.

        Raises:
            ValueError: evidence is missing, or the base rates are no distribution.
        """
        sound = set(base_rates) == set(KINDS) and all(rate >= 0 for rate in base_rates.values())
        if not sound or abs(sum(base_rates.values()) - 1) > 1e-6:
            raise ValueError(
                f"base_rates={dict(base_rates)!r}: give one for each of {', '.join(KINDS)}, with "
                "a sum of 1."
            )
        circuit, silent = self.circuit.log_ratio(evidence), self.silent.log_ratio(evidence)
        odds = {k: circuit * has_circuit(k) + silent * has_silent_units(k) for k in KINDS}
        weights = {kind: base_rates[kind] * math.exp(odds[kind]) for kind in KINDS}
        total = sum(weights.values())
        return {kind: weight / total for kind, weight in weights.items()}
