"""Lesson 02: a rule for bets on which honesty pays."""

from __future__ import annotations

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong, number

STATEMENT = """
How many points does a bet earn? `confidence` is how sure somebody said to be, a whole number of
percent from 50 to 99; `right` says whether the bet was right. Find a rule with

- 0 points for whoever says 50 %, right or wrong;
- 1 point, or nearly so, for whoever says 99 % and is right;
- **honesty**: whoever is right in, say, 75 % of such cases earns more, on average, by saying 75 %
  than by saying anything else. Such a rule is called *proper*.

There is more than one. Return a number.
"""


def reference(confidence: int, right: bool) -> float:
    """Points for a bet, by how sure it was and whether it was right."""
    return 1 - 4 * (right - confidence / 100) ** 2


_SAID = (75, 50, 99, 60, 90, *range(51, 99))  # those that the lesson offers come first


def _keeps_to_the_scale(attempt: Attempt) -> None:
    top = attempt(99, True)
    if abs(top) > 100:
        raise Wrong(
            f"99 % and right earns {top:.0f} points: with confidence in percent and right as 0 or "
            "1, the two have to be brought to one scale first."
        )
    if attempt(99, False) >= top:
        raise Wrong("99 % earns as much when it is wrong as when it is right, or more.")
    for right in (True, False):
        guess = attempt(50, right)
        if abs(guess) > 1e-6:
            raise Wrong(
                f"Somebody who says 50 % and is {'right' if right else 'wrong'} earns {guess:.2g}; "
                "a guess should earn 0."
            )
    if not 0.9 <= top <= 1.01:
        raise Wrong(f"99 % and right earns {top:.2f}; that should be 1, or nearly so.")


def _makes_wrong_bets_cost(attempt: Attempt) -> None:
    if attempt(90, False) >= -1e-6:
        raise Wrong("A wrong bet costs nothing, so that nobody would ever say less than 99 %.")


def _pays_honesty(attempt: Attempt) -> None:
    paid = {said: (attempt(said, True), attempt(said, False)) for said in _SAID}
    if attempt(75, True) != paid[75][0]:
        raise Wrong("The same bet earns other points when it is made again.")
    for truth in _SAID:
        share = truth / 100
        earned = {said: share * r + (1 - share) * w for said, (r, w) in paid.items()}
        honest = earned.pop(truth)
        best = max(earned, key=earned.__getitem__)
        if earned[best] < honest - 1e-9:
            continue
        told = f"Whoever is right in {truth} % of cases earns {honest:.3g} on average by saying so"
        if earned[best] < honest + 1e-9:
            raise Wrong(f"{told}, and as much by saying {best} %: honesty should earn more.")
        pays = "exaggeration" if best > truth else "understatement"
        raise Wrong(f"{told}, and {earned[best]:.3g} by saying {best} %: {pays} pays.")


def straight(confidence: int, right: bool) -> float:
    stake = 2 * confidence / 100 - 1
    return stake if right else -stake


EXERCISE = Exercise(
    title="a rule on which honesty pays",
    core=True,
    difficulty=2,
    minutes=7,
    statement=STATEMENT,
    reference=reference,
    gives=Gives(number, "a number of points"),
    checks=(
        Check(
            "is 0 for a guess and 1 for certainty",
            _keeps_to_the_scale,
            (
                Mistake(
                    lambda confidence, right: 1 - 4 * (right - confidence) ** 2,
                    "with confidence in percent",
                ),
                Mistake(
                    lambda confidence, right: 1.0 if right else -1.0,
                    "Somebody who says 50 % and is right earns 1;",
                ),
            ),
        ),
        Check(
            "makes wrong bets cost something",
            _makes_wrong_bets_cost,
            (
                Mistake(
                    lambda confidence, right: 2 * confidence / 100 - 1 if right else 0.0,
                    "A wrong bet costs nothing",
                ),
            ),
        ),
        Check(
            "pays honesty most",
            _pays_honesty,
            (
                Mistake(straight, "exaggeration pays"),
                Mistake(
                    lambda confidence, right: straight(confidence, right) * (1 if right else 12),
                    "understatement pays",
                ),
            ),
        ),
    ),
    hints=(
        "Begin with a loss that grows with the square of the distance between what was said, as a "
        "share, and what came out, 1 or 0. Brier did that for weather forecasts in 1950.",
        "At 50 % that loss is 0.25 either way. Stretch and shift it until this is 0 points and a "
        "loss of 0 is 1 point.",
        "1 - 4 * (right - confidence / 100) ** 2",
    ),
)
