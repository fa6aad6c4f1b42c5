"""Lesson 02: a rule for bets on which honesty pays."""

from __future__ import annotations

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, number

STATEMENT = """
How many points does a bet earn? `confidence` is how sure somebody said to be, in percent, from 50
to 99; `right` says whether the bet was right. Find a rule with

- 0 points for whoever says 50 %, right or wrong;
- 1 point, or nearly so, for whoever says 99 % and is right;
- **honesty**: whoever is right in, say, 75 % of such cases earns more, on average, by saying 75 %
  than by saying anything else. Such a rule is called *proper*.

There is more than one. Return a number.
"""


def reference(confidence: int, right: bool) -> float:
    """Points for a bet, by how sure it was and whether it was right."""
    return 1 - 4 * (right - confidence / 100) ** 2


_SAID = (50, 60, 75, 90, 99)


def _found(attempt: Attempt, confidence: int, right: bool) -> float:
    return number(attempt(confidence, right), "points")


def _gives_numbers(attempt: Attempt) -> None:
    for said in _SAID:
        for right in (True, False):
            _found(attempt, said, right)


def _keeps_to_the_scale(attempt: Attempt) -> None:
    top = _found(attempt, 99, True)
    if abs(top) > 100:
        raise Wrong(
            f"99 % and right earns {top:.0f} points: with confidence in percent and right as 0 or "
            "1, the two have to be brought to one scale first."
        )
    if _found(attempt, 99, False) >= top:
        raise Wrong("99 % earns as much when it is wrong as when it is right, or more.")
    for right in (True, False):
        guess = _found(attempt, 50, right)
        if abs(guess) > 1e-6:
            raise Wrong(
                f"Somebody who says 50 % and is {'right' if right else 'wrong'} earns {guess:.2f}; "
                "a guess should earn 0."
            )
    if not 0.9 <= top <= 1.01:
        raise Wrong(f"99 % and right earns {top:.2f}; that should be 1, or nearly so.")


def _makes_wrong_bets_cost(attempt: Attempt) -> None:
    if _found(attempt, 90, False) >= -1e-6:
        raise Wrong("A wrong bet costs nothing, so that nobody would ever say less than 99 %.")


def _pays_honesty(attempt: Attempt) -> None:
    paid = {said: (_found(attempt, said, True), _found(attempt, said, False)) for said in _SAID}
    for truth in (60, 75, 90):
        share = truth / 100
        earned = {
            said: share * right + (1 - share) * wrong for said, (right, wrong) in paid.items()
        }
        best = max(earned, key=earned.__getitem__)
        if earned[best] > earned[truth] + 1e-9:
            raise Wrong(
                f"Whoever is right in {truth} % of cases earns {earned[truth]:.2f} on average by "
                f"saying so, and {earned[best]:.2f} by saying {best} %: "
                f"{'exaggeration' if best > truth else 'understatement'} pays."
            )


def straight(confidence: int, right: bool) -> float:
    stake = 2 * confidence / 100 - 1
    return stake if right else -stake


def no_loss(confidence: int, right: bool) -> float:
    return 2 * confidence / 100 - 1 if right else 0.0


def percent_and_share(confidence: int, right: bool) -> float:
    return 1 - 4 * (right - confidence) ** 2


def all_or_nothing(confidence: int, right: bool) -> float:
    return 1.0 if right else -1.0


def too_strict(confidence: int, right: bool) -> float:
    stake = 2 * confidence / 100 - 1
    return stake if right else -12 * stake


EXERCISE = Exercise(
    title="a rule on which honesty pays",
    core=True,
    difficulty=2,
    minutes=7,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a number", _gives_numbers),
        Check("is 0 for a guess and 1 for certainty", _keeps_to_the_scale),
        Check("makes wrong bets cost something", _makes_wrong_bets_cost),
        Check("pays honesty most", _pays_honesty),
    ),
    hints=(
        "Begin with a loss that grows with the square of the distance between what was said, as a "
        "share, and what came out, 1 or 0. Brier did that for weather forecasts in 1950.",
        "At 50 % that loss is 0.25 either way. Stretch and shift it until this is 0 points and a "
        "loss of 0 is 1 point.",
        "1 - 4 * (right - confidence / 100) ** 2",
    ),
    mistakes=(
        Mistake(straight, r"Whoever is right in \d+ % .*exaggeration pays"),
        Mistake(no_loss, r"A wrong bet costs nothing"),
        Mistake(percent_and_share, r"99 % and right earns -\d+ points: with confidence"),
        Mistake(all_or_nothing, r"Somebody who says 50 % and is right earns"),
        Mistake(too_strict, r"Whoever is right in \d+ % .*understatement pays"),
    ),
)
