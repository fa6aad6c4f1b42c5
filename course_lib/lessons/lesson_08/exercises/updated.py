"""Lesson 08: what to believe after a finding."""

from __future__ import annotations

from torch import Tensor

from course_lib.classroom.exercises import (
    Attempt,
    Check,
    Exercise,
    Mistake,
    Wrong,
    blame,
    number,
    tensor,
)

STATEMENT = """
A test catches 90 % of the liars, and suspects 10 % of the honest networks. It has just alarmed. How
sure may you be that this network lies, if only 1 network in 20 does?

`beliefs` is a dict from each truth to its probability before, here
`{"lies": 0.05, "honest": 0.95}`. `chances` has the same keys: how probable what you saw would be if
that were the truth, here `{"lies": 0.9, "honest": 0.1}`. Chances need not sum to 1. Return a new
dict with the probabilities after, by **Bayes' rule**: multiply each belief by its chance, then
divide each product by the sum of all of them. At least one product is above 0.

Leave both dicts as they are: you may want to ask what another finding would have told you.
"""


def reference(beliefs: dict[str, float], chances: dict[str, float]) -> dict[str, float]:
    """The probability of each truth after what was seen."""
    products = {truth: beliefs[truth] * chances[truth] for truth in beliefs}
    total = sum(products.values())
    return {truth: product / total for truth, product in products.items()}


_Shares = dict[str, float]
_WHAT = "a dict from each truth to its probability"
_BASE = {"honest": 0.4, "circuit": 0.2, "silent units": 0.2, "both": 0.2}
_JUMP = {"honest": 0.1, "circuit": 0.9, "silent units": 0.3, "both": 0.95}
_NO_JUMP = {truth: 1 - chance for truth, chance in _JUMP.items()}
_RARE = {"lies": 0.05, "honest": 0.95}
_ALARM = {"lies": 0.9, "honest": 0.1}


def _found(attempt: Attempt, beliefs: _Shares, chances: _Shares) -> _Shares:
    value = attempt(beliefs, chances)
    if isinstance(value, Tensor):
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(value.shape)}, where {_WHAT} is due."
        )
    if not isinstance(value, dict):
        if value is None or type(value).__module__ == "numpy":
            tensor(value, _WHAT)  # says what is wrong
        raise Wrong(f"Your function returned a {type(value).__name__}, where {_WHAT} is due.")
    if set(value) != set(beliefs):
        raise Wrong(
            f"Your dict has the keys {_named(value)}, and should have those of the beliefs, "
            f"{_named(beliefs)}."
        )
    return {truth: number(value[truth], f"the probability of {truth}") for truth in beliefs}


def _follows_bayes(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _BASE, _JUMP), reference(_BASE, _JUMP)
    if _same(found, wanted):
        return
    told = (
        f"With beliefs of {_listed(_BASE)} and chances of {_listed(_JUMP)}, you give "
        f"{_listed(found)}, and it should be {_listed(wanted)}: "
    )
    total = sum(found.values())
    yours = f"and your numbers sum to {total:.3g}, not 1."
    reasons = {
        unchanged: "those are the beliefs from before, as if nothing had been seen.",
        forgets_to_divide: f"your products sum to {total:.3g}; divide each by this sum.",
        ignores_the_beliefs: "you leave out the beliefs, so that a rare truth counts as much as a "
        "common one.",
        adds: "you add belief and chance. What has no chance at all would keep its belief.",
        averages: "you average belief and chance; multiply them.",
        divides_by_the_number: f"you divide by 4, the number of truths, {yours}",
        divides_by_the_largest: f"you divide by the largest product, {yours}",
        divides_by_the_chances: f"you divide by the sum of the chances, {yours} Divide by the sum "
        "of the products.",
    }
    otherwise = "multiply belief by chance, then divide by the sum of the products."
    if abs(total - 1) > 1e-6:
        otherwise = f"yours sum to {total:.3g}, and probabilities sum to 1."
    blame(told, lambda made: _same(found, made(_BASE, _JUMP)), reasons, otherwise)


def _leaves_what_was_given(attempt: Attempt) -> None:
    for place, what in enumerate(("beliefs", "chances")):
        given = attempt.call(_BASE, _JUMP).given[place]
        if given != (_BASE, _JUMP)[place]:
            raise Wrong(
                f"Your function changes the {what} that it is given: afterwards they are "
                f"{_listed(given)}. Put the probabilities into a new dict."
            )


def _goes_by_name(attempt: Attempt) -> None:
    mixed = {truth: _JUMP[truth] for truth in reversed(_JUMP)}
    found, wanted = _found(attempt, _BASE, mixed), reference(_BASE, _JUMP)
    told = (
        f"With the truths of `chances` in another order you give {_listed(found)}, and it should "
        f"be {_listed(wanted)}"
    )
    if _same(found, by_place(_BASE, mixed)):
        raise Wrong(told + ": you pair them by their place; pair them by their name.")
    if not _same(found, wanted):
        raise Wrong(told + ", as before.")


def _of_any(attempt: Attempt) -> None:
    sure = {"honest": 0.0, "circuit": 0.5, "silent units": 0.25, "both": 0.25}
    small = {truth: chance * 1e-9 for truth, chance in _JUMP.items()}
    for beliefs, chances in (
        (_RARE, _ALARM),
        (_BASE, _NO_JUMP),
        (_BASE, {"honest": 0.0, "circuit": 0.0, "silent units": 0.2, "both": 0.6}),
        (sure, _JUMP),
        (_BASE, small),
        ({"honest": 1.0}, {"honest": 0.3}),
    ):
        found, wanted = _found(attempt, beliefs, chances), reference(beliefs, chances)
        if not _same(found, wanted):
            raise Wrong(
                f"With beliefs of {_listed(beliefs)} and chances of {_listed(chances)}, you give "
                f"{_listed(found)}, and it should be {_listed(wanted)}."
            )


def _same(found: _Shares, wanted: _Shares) -> bool:
    return all(abs(found[truth] - wanted[truth]) < 1e-6 for truth in wanted)


def _listed(shares: _Shares) -> str:
    return ", ".join(f"{truth} {share:.3g}" for truth, share in shares.items())


def _named(shares: dict[str, float]) -> str:
    return ", ".join(str(truth) for truth in shares) or "none"


def ignores_the_beliefs(beliefs: dict[str, float], chances: dict[str, float]) -> dict[str, float]:
    total = sum(chances.values())
    return {truth: chance / total for truth, chance in chances.items()}


def forgets_to_divide(beliefs: _Shares, chances: _Shares) -> _Shares:
    return {truth: beliefs[truth] * chances[truth] for truth in beliefs}


def adds(beliefs: _Shares, chances: _Shares) -> _Shares:
    sums = {truth: beliefs[truth] + chances[truth] for truth in beliefs}
    return {truth: one / sum(sums.values()) for truth, one in sums.items()}


def averages(beliefs: _Shares, chances: _Shares) -> _Shares:
    return {truth: (beliefs[truth] + chances[truth]) / 2 for truth in beliefs}


def divides_by_the_number(beliefs: _Shares, chances: _Shares) -> _Shares:
    return {truth: beliefs[truth] * chances[truth] / len(beliefs) for truth in beliefs}


def divides_by_the_largest(beliefs: _Shares, chances: _Shares) -> _Shares:
    products = forgets_to_divide(beliefs, chances)
    return {truth: product / max(products.values()) for truth, product in products.items()}


def divides_by_the_chances(beliefs: _Shares, chances: _Shares) -> _Shares:
    total = sum(chances.values())
    return {truth: beliefs[truth] * chances[truth] / total for truth in beliefs}


def unchanged(beliefs: _Shares, chances: _Shares) -> _Shares:
    return dict(beliefs)


def by_place(beliefs: _Shares, chances: _Shares) -> _Shares:
    return reference(beliefs, dict(zip(beliefs, chances.values(), strict=True)))


def in_the_given_dict(beliefs: _Shares, chances: _Shares) -> _Shares:
    beliefs.update(reference(beliefs, chances))
    return beliefs


EXERCISE = Exercise(
    title="how sure may you be?",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a probability for each truth", lambda attempt: _found(attempt, _BASE, _JUMP)),
        Check("multiplies, and divides by the sum", _follows_bayes),
        Check("leaves what it was given", _leaves_what_was_given),
        Check("goes by the names of the truths", _goes_by_name),
        Check("holds for other beliefs and findings", _of_any),
    ),
    hints=(
        "Count 1,000 networks. 50 lie, and 45 of these raise the alarm. 950 are honest, and 95 of "
        "these raise it too. So an alarm means a liar in 45 cases of 140, which is 32 %.",
        "{truth: beliefs[truth] * chances[truth] for truth in beliefs} holds the products: 0.045 "
        "and 0.095. They are the 45 and the 95 of 1,000.",
        "total = sum(products.values()), and each product is divided by it, in another new dict.",
    ),
    mistakes=(
        Mistake(ignores_the_beliefs, r"With beliefs of .*: you leave out the beliefs"),
        Mistake(forgets_to_divide, r"With beliefs of .*: your products sum to 0\.47"),
        Mistake(adds, r"With beliefs of .*: you add belief and chance"),
        Mistake(averages, r"With beliefs of .*: you average belief and chance"),
        Mistake(divides_by_the_number, r"With beliefs of .*: you divide by 4, the number"),
        Mistake(divides_by_the_largest, r"With beliefs of .*: you divide by the largest"),
        Mistake(divides_by_the_chances, r"With beliefs of .* divide by the sum of the chances"),
        Mistake(unchanged, r"With beliefs of .*: those are the beliefs from before"),
        Mistake(by_place, r"With the truths of `chances` in another order .*: you pair them"),
        Mistake(in_the_given_dict, r"Your function changes the beliefs that it is given"),
    ),
)
