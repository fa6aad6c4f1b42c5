"""Lesson 08: what to believe after a finding.

A test catches 90 % of the liars, and suspects 10 % of the honest networks. It has just alarmed. How
sure may you be that this network lies, if only 1 network in 20 does?

`beliefs` is a dict from each truth to its probability before, here
`{"lies": 0.05, "honest": 0.95}`. `chances` has the same keys: how probable what you saw would be if
that were the truth, here `{"lies": 0.9, "honest": 0.1}`. Chances need not sum to 1. Return a new
dict with the probabilities after, by **Bayes' rule**: multiply each belief by its chance, then
divide each product by the sum of all of them. At least one product is above 0, and the truths may
have any names.

Leave both dicts as they are: you may want to ask what another finding would have told you.
"""

import math
from itertools import accumulate
from typing import Any

from course_lib.classroom.exercises import Agrees, Attempt, Check, Exercise, Gives, Mistake, Wrong
from course_lib.classroom.exercises.values import number


def reference(beliefs: dict[str, float], chances: dict[str, float]) -> dict[str, float]:
    """The probability of each truth after what was seen."""
    products = {truth: beliefs[truth] * chances[truth] for truth in beliefs}
    total = sum(products.values())
    return {truth: product / total for truth, product in products.items()}


_Shares = dict[str, float]
_BASE = {"honest": 0.4, "circuit": 0.2, "silent units": 0.2, "both": 0.2}
_JUMP = {"honest": 0.1, "circuit": 0.9, "silent units": 0.3, "both": 0.95}
_THREE = {"sunny": 0.5, "rain": 0.3, "snow": 0.2}
_FIRST = [({"lies": 0.05, "honest": 0.95}, {"lies": 0.9, "honest": 0.1}), (_BASE, _JUMP)]
_OTHERS: list[tuple[_Shares, _Shares]] = [
    (_BASE, dict(reversed(_JUMP.items()))),
    (_THREE, {"snow": 0.9, "sunny": 0.2, "rain": 0.6}),
    (_BASE, {truth: 1 - chance for truth, chance in _JUMP.items()}),
]
_ZEROS: list[tuple[_Shares, _Shares]] = [
    ({"honest": 0.0, "circuit": 0.5, "silent units": 0.25, "both": 0.25}, _JUMP),
    ({"honest": 1, "circuit": 0.0}, {"honest": 0.3, "circuit": 1.0}),
    (_BASE, {"honest": 0.0, "circuit": 0.0, "silent units": 0.2, "both": 0.6}),
]
_TINY = [
    (_BASE, {truth: 1e-20 * chance for truth, chance in _JUMP.items()}),
    ({"heads": 1e-6, "tails": 1 - 1e-6}, {"heads": 1.0, "tails": 1e-6}),
]


def _shares(value: Any, what: str) -> _Shares:
    if value is None:
        number(value, what)  # says what is wrong
    if not isinstance(value, dict):
        kind = type(value).__name__.lower()
        shape = f" of shape {tuple(value.shape)}" if hasattr(value, "shape") else ""
        raise Wrong(f"Your function returned a {kind}{shape}, where {what} is due.")
    return {truth: number(share, f"the probability of {truth}") for truth, share in value.items()}


def _has_each_truth(attempt: Attempt) -> None:
    for beliefs, chances in _FIRST + _OTHERS:
        names = ", ".join(beliefs)
        try:
            given = attempt(beliefs, chances).keys()
        except Wrong as wrong:
            told = f"The truths may have any names, {names} for example: take them from beliefs. "
            raise Wrong(told * ("KeyError" in str(wrong)) + str(wrong)) from None
        if given != beliefs.keys():
            told = ", ".join(map(str, given)) or "none"
            raise Wrong(f"Your dict has the keys {told}, and should have the beliefs', {names}.")


def _told(found: _Shares, wanted: _Shares, beliefs: _Shares, chances: _Shares) -> str:
    products, total = _products(beliefs, chances), sum(found.values())
    more = f", which sums to {total:.6g}" * (abs(total - 1) > 1e-5)
    return (
        f"With beliefs of {_listed(beliefs)} and chances of {_listed(chances)}, the products are "
        f"{_listed(products)}, and their sum is {sum(products.values()):.4g}; you give "
        f"{_listed(found)}{more}, and it should be {_listed(wanted)}:"
    )


def _listed(shares: _Shares) -> str:
    return ", ".join(f"{truth} {share:.6g}" for truth, share in shares.items())


def _products(beliefs: _Shares, chances: _Shares) -> _Shares:
    return {truth: beliefs[truth] * chances[truth] for truth in beliefs}


def _divided(shares: _Shares, by: float | None = None) -> _Shares:
    return {truth: share / (by or sum(shares.values())) for truth, share in shares.items()}


_RULE = "multiply each belief by its own chance, and divide by the sum of these products."
_MISTAKES = (
    Mistake(lambda b, c: b, "those are the beliefs from before, as if nothing had been seen."),
    Mistake(_products, "those are the products; divide each by the sum of all."),
    Mistake(lambda b, c: _divided(c),
        "you leave out the beliefs, so that a rare truth counts as much as a common one."),
    Mistake(lambda b, c: _divided({t: b[t] + c[t] for t in b}),
        "you add belief and chance. What has no chance at all would keep its belief."),
    Mistake(lambda b, c: _divided(_products(b, c), sum(c.values())),
        "you divide by the sum of the chances. Divide by the sum of the products."),
    Mistake(lambda b, c: reference(b, {truth: 1 - chance for truth, chance in c.items()}),
        "you take 1 - chance, as if the opposite had been seen."),
    Mistake(lambda b, c: _divided({t: math.exp(p) for t, p in _products(b, c).items()}),
        "you take exp of the products (a softmax); divide the products themselves."),
    Mistake(lambda b, c: {t: b[t] * c[t] / so_far for t, so_far
                          in zip(b, accumulate(_products(b, c).values()), strict=True)},
        "you divide by the sum so far, before all products are in it. Sum up first."),
    Mistake(lambda b, c: {**_products(b, c), [*b][-1]: 1 - sum([*_products(b, c).values()][:-1])},
        "you keep the products, and give the last truth the rest. Divide all by their sum."),
    Mistake(lambda b, c: {t: b[t] * c[t] / (b[t] * c[t] + (1 - b[t]) * (1 - c[t])) for t in b},
        "you weigh each truth against the rest with 1 - chance. Other truths have their own "
        "chances: divide by the sum of the products."),
)  # fmt: skip
_ZERO = "a truth whose product is 0 stays in the dict, with a probability of exactly 0."
_ANY = "the sum may be ever so small: add nothing to it, and round nothing."
_BY_PLACE = Mistake(lambda b, c: reference(b, dict(zip(b, c.values(), strict=True))),
    "you pair them by their place; pair them by their name.")  # fmt: skip

EXERCISE = Exercise(
    title="how sure may you be?",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(_shares, "a dict from each truth to its probability"),
    checks=(
        Check("gives a probability for each truth", _has_each_truth),
        Agrees("multiplies, and divides by the sum", _FIRST, _told, _RULE, _MISTAKES),
        Agrees("holds for other truths, in any order", _OTHERS, _told, _RULE, (_BY_PLACE,)),
        Agrees("holds where something is 0", _ZEROS, _told, _ZERO),
        Agrees("holds for tiny numbers", _TINY, _told, _ANY),
    ),
    hints=(
        "Count 1,000 networks. 50 lie, and 45 of these raise the alarm. 950 are honest, and 95 of "
        "these raise it too. So an alarm means a liar in 45 cases of 140, which is 32 %.",
        "{truth: beliefs[truth] * chances[truth] for truth in beliefs} holds the products: 0.045 "
        "and 0.095. They are the 45 and the 95 of 1,000.",
        "total = sum(products.values()), and each product is divided by it, in another new dict.",
    ),
)
