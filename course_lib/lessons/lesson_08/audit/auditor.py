"""From evidence to probabilities: two small logistic regressions, and the base rates.

One regression tells circuits from what has none, the other silent units from what has none. Each
gives a likelihood ratio; the two lies are taken to leave independent traces, given the truth, and
the base rates do the rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_lib.lessons.lesson_08.audit.kinds import KINDS, has_circuit, has_silent_units

_ROUNDS = 200  # of Newton's method, which needs about ten
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
        """What each piece of evidence adds to the log odds.

        Raises:
            ValueError: a piece is missing.
        """
        missing = [name for name in self.features if name not in evidence]
        if missing:
            raise ValueError(
                f"There is no evidence {missing[0]!r}: this auditor needs "
                f"{', '.join(self.features)}; a white box's auditor needs look_inside."
            )
        return {
            name: weight * (evidence[name] - centre) / spread
            for name, centre, spread, weight in zip(
                self.features, self.centre, self.spread, self.weights, strict=True
            )
        }

    def log_ratio(self, evidence: Mapping[str, float]) -> float:
        """The logarithm of how much likelier the evidence is with the lie than without it."""
        odds = self.bias - self.prior + sum(self.parts(evidence).values())
        return max(-_MOST, min(_MOST, odds))


class Auditor(NamedTuple):
    """The reference auditor. circuit, silent: the two regressions."""

    circuit: Head
    silent: Head

    def probabilities(
        self, evidence: Mapping[str, float], base_rates: Mapping[str, float]
    ) -> dict[str, float]:
        """The probability of each of the four truths.

        Args:
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
        weights = {
            kind: base_rates[kind]
            * math.exp(circuit * has_circuit(kind) + silent * has_silent_units(kind))
            for kind in KINDS
        }
        total = sum(weights.values())
        return {kind: weight / total for kind, weight in weights.items()}


def fit_head(
    evidence: Sequence[Mapping[str, float]],
    lies: Sequence[bool],
    features: Sequence[str],
    *,
    ridge: float = 1.0,
) -> Head:
    """Logistic regression with a ridge, by Newton's method.

    Args:
        evidence: of each network. lies: whether it tells the lie in question.
        features: which evidence to use. ridge: penalty on the squared weights of the standardised
            features, against the sum of the losses; it keeps probabilities off 0 and 1 where the
            design set is told apart without an error.

    Raises:
        ValueError: not one of both sides, or no features.
    """
    if len(evidence) != len(lies) or not features:
        raise ValueError(
            f"{len(evidence)} pieces of evidence, {len(lies)} truths, {len(features)} features: "
            "give one truth each, and at least one feature."
        )
    if len(set(lies)) < 2:
        raise ValueError("All networks are of one side: give honest ones and liars.")
    if not ridge > 0:
        raise ValueError(f"ridge={ridge}: give a number above 0.")
    x = torch.tensor([[row[name] for name in features] for row in evidence], dtype=torch.float64)
    y = torch.tensor(lies, dtype=torch.float64)
    centre, spread = x.mean(0), x.std(0)
    spread = torch.where(spread > 1e-9, spread, torch.ones_like(spread))
    found = _newton((x - centre) / spread, y, ridge)
    positive = float(y.mean())
    return Head(
        tuple(features),
        tuple(centre.tolist()),
        tuple(spread.tolist()),
        tuple(found[:-1].tolist()),
        float(found[-1]),
        math.log(positive / (1 - positive)),
    )


def _newton(x: Tensor, y: Tensor, ridge: float) -> Tensor:
    """Weights and, last, the bias, which is not penalised."""
    design = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], 1)
    penalty = torch.full((design.shape[1],), ridge, dtype=x.dtype)
    penalty[-1] = 1e-6
    weights = torch.zeros(design.shape[1], dtype=x.dtype)
    for _ in range(_ROUNDS):
        p = torch.sigmoid(design @ weights)
        gradient = design.T @ (p - y) + penalty * weights
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + torch.diag(penalty)
        step = torch.linalg.solve(hessian, gradient)
        weights = weights - step * min(1.0, 5.0 / float(step.norm().clamp(min=1e-12)))
        if float(step.norm()) < 1e-9:
            break
    return weights


def fit_auditor(
    evidence: Sequence[Mapping[str, float]],
    kinds: Sequence[str],
    circuit: Sequence[str],
    silent: Sequence[str],
    *,
    ridge: float = 1.0,
) -> Auditor:
    """An auditor fitted on networks whose truth is known.

    Args:
        evidence, kinds: of each network. circuit, silent: the features of either regression.

    Raises:
        ValueError: as `fit_head`.
    """
    return Auditor(
        fit_head(evidence, [has_circuit(kind) for kind in kinds], circuit, ridge=ridge),
        fit_head(evidence, [has_silent_units(kind) for kind in kinds], silent, ridge=ridge),
    )


def auditor_as_json(auditor: Auditor) -> dict[str, Any]:
    """Its numbers by name."""
    return {name: head._asdict() for name, head in auditor._asdict().items()}


def auditor_of(told: Mapping[str, Any]) -> Auditor:
    """What `auditor_as_json` told."""
    heads = {}
    for name in Auditor._fields:
        head = dict(told[name])
        for part in ("features", "centre", "spread", "weights"):
            head[part] = tuple(head[part])
        heads[name] = Head(**head)
    return Auditor(**heads)
