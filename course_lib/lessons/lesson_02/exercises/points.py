"""Lesson 02: a rule for bets on which honesty pays.

How many points does a bet earn? `confidence` is how sure somebody said to be, a whole number of
percent from 50 to 99; `right` says whether the bet was right. Find a rule with

- 0 points for whoever says 50 %, right or wrong;
- 1 point, or nearly so, for whoever says 99 % and is right;
- **honesty**: whoever is right in, say, 75 % of such cases earns more, on average, by saying 75 %
  than by saying anything else. Such a rule is called *proper*.

There is more than one. Return a number.
"""

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Rows, Wrong, number
from course_lib.classroom.exercises.exercise import rows


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
    wrong = attempt(99, False)
    if wrong >= top:
        why = "`right` makes no difference." if wrong == top else "right and wrong are swapped."
        raise Wrong(
            f"99 % earns {top:.4g} when it is right and {wrong:.4g} when it is wrong: {why}"
        )
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
    wrong = attempt(90, False)
    if wrong >= -1e-6:
        raise Wrong(
            f"A wrong bet costs nothing, so that nobody would ever say less than 99 %: 90 % and "
            f"wrong earns {wrong:.4g}, and it should be below 0."
        )


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
        (mine, my_loss), (other, loss) = paid[truth], paid[best]
        sides = (
            f"{truth} % earns {mine:.4g} if right and {my_loss:.4g} if wrong, {best} % earns "
            f"{other:.4g} and {loss + 0.0:.4g}"
        )
        if earned[best] < honest + 1e-9:
            why = "honesty should earn more"
            if all(points == round(points, 2) for both in paid.values() for points in both):
                why = "yours are rounded, so that some confidences earn just as much as others"
            elif paid[best] == paid[truth]:
                why = "each confidence should have points of its own"
            raise Wrong(f"{told}, and as much by saying {best} %: {sides}; {why}.")
        why = f"exaggeration pays. A wrong {best} % has to cost more, or a right one to earn less"
        if best < truth:
            why = (
                f"understatement pays. A wrong {truth} % has to cost less, or a right one earn more"
            )
        raise Wrong(f"{told}, and {earned[best]:.3g} by saying {best} %: {sides}; {why}.")


def straight(confidence: int, right: bool) -> float:
    stake = 2 * confidence / 100 - 1
    return stake if right else -stake


_SCALE: Rows = {
    "with confidence in percent": lambda said, right: 1 - 4 * (right - said) ** 2,
    "Somebody who says 50 % and is right earns 1;": lambda said, right: 1.0 if right else -1.0,
}
_FREE: Rows = {
    "A wrong bet costs nothing": lambda said, right: straight(said, True) if right else 0.0,
}
_DISHONEST: Rows = {
    "exaggeration pays.": straight,
    "understatement pays.": lambda said, right: straight(said, right) * (1 if right else 12),
}

EXERCISE = Exercise(
    title="a rule on which honesty pays",
    core=True,
    difficulty=2,
    minutes=7,
    reference=reference,
    gives=Gives(number, "a number of points"),
    checks=(
        Check(
            "is 0 for a guess, and about 1 for 99 % and right", _keeps_to_the_scale, rows(_SCALE)
        ),
        Check("makes wrong bets cost something", _makes_wrong_bets_cost, rows(_FREE)),
        Check("pays honesty most", _pays_honesty, rows(_DISHONEST)),
    ),
    hints=(
        "Begin with a loss that grows with the square of the distance between what was said, as a "
        "share, and what came out, 1 or 0. Brier did that for weather forecasts in 1950.",
        "At 50 % that loss is 0.25 either way. Stretch and shift it until this is 0 points and a "
        "loss of 0 is 1 point.",
        "1 - 4 * (right - confidence / 100) ** 2",
    ),
)
