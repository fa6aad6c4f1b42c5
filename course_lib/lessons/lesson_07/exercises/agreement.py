"""Lesson 07: how far two rankings agree."""

from __future__ import annotations

import itertools
import random

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame, number

STATEMENT = """
You ranked the networks before anything was measured, and each measurement ranks them again. Does
what looks better come out better? `first` and `second` rank the same names, best first, without
ties. Return **Kendall's τ**, a number:

    (pairs in the same order - pairs in opposite order) / all pairs

Each pair of two different names counts once. A pair is in the same order if the name that comes
earlier in `first` comes earlier in `second` too. So τ is 1 for the same ranking, -1 for the
opposite one, and around 0 for rankings that have nothing to do with each other.
"""


def reference(first: list[str], second: list[str]) -> float:
    """Kendall's tau of two rankings of the same names, from -1 to 1."""
    place = {name: i for i, name in enumerate(second)}
    same = opposite = 0
    for i, a in enumerate(first):
        for b in first[i + 1 :]:
            if place[a] < place[b]:
                same += 1
            else:
                opposite += 1
    return (same - opposite) / (same + opposite)


_FIRST = ["robust", "bcos", "smooth", "lipschitz", "standard"]
_SECOND = ["robust", "smooth", "standard", "bcos", "lipschitz"]


def _found(attempt: Attempt, first: list[str], second: list[str]) -> float:
    return number(attempt(first, second), "the agreement")


def _has_its_ends(attempt: Attempt) -> None:
    same = _found(attempt, _FIRST, _FIRST)
    opposite = _found(attempt, _FIRST, _FIRST[::-1])
    if abs(same - 1) < 1e-6 and abs(opposite + 1) < 1e-6:
        return
    mixed = _found(attempt, _FIRST, _SECOND)
    told = f"The same ranking gets {same:.3g} from you and the opposite one {opposite:.3g}: "
    if abs(same + 1) < 1e-6 and abs(opposite - 1) < 1e-6:
        raise Wrong(told + "it is the other way round, 1 is for the same.")
    reasons = {
        equal_places: "you count the names that have the same place in both; one name moved to "
        "the front shifts all others by one, and changes few pairs.",
        share_in_order: "that is the share of pairs in the same order; those in opposite order "
        "are taken off.",
        pairs_twice: "you count each pair twice, (a, b) and (b, a), and divide by pairs that count "
        "once.",
        by_alphabet: "you compare the names that stand at the same two places, and < goes by the "
        "alphabet. Take two names, and compare their places.",
        with_itself: "you divide by n², where a name is paired with itself too.",
        not_divided: "divide by the number of all pairs, n (n - 1) / 2.",
    }
    if abs(opposite - 0.2) > 1e-6:  # the middle one of five keeps its place
        del reasons[equal_places]
    otherwise = "they should get 1 and -1."
    blame(told, lambda made: abs(mixed - made(_FIRST, _SECOND)) < 1e-6, reasons, otherwise)


def _of_two_rankings(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _FIRST, _SECOND), reference(_FIRST, _SECOND)
    if abs(found - wanted) < 1e-6:
        return
    told = (
        f"For {', '.join(_FIRST)} and {', '.join(_SECOND)}, with 7 pairs of 10 in the same order, "
        f"τ is {wanted:.1f}; you give {found:.3g}: "
    )
    reasons = {
        neighbours_only: "you compare neighbours only, and all pairs count.",
        of_places: "that is Spearman's correlation, which looks at how far each name moves; "
        "Kendall's counts pairs.",
    }
    otherwise = "go through the pairs by hand."
    blame(told, lambda made: abs(found - made(_FIRST, _SECOND)) < 1e-6, reasons, otherwise)


def _of_any(attempt: Attempt) -> None:
    for first, second in (["a", "b"], ["b", "a"]), *(_rankings(seed) for seed in range(4)):
        found, wanted = _found(attempt, first, second), reference(first, second)
        if abs(found - wanted) > 1e-6:
            raise Wrong(
                f"For {', '.join(first)} and {', '.join(second)} you give {found:.3f}, and it "
                f"should be {wanted:.3f}."
            )


def _rankings(seed: int) -> tuple[list[str], list[str]]:
    """Two rankings of three to nine names."""
    names = [f"net-{letter}" for letter in "abcdefghi"[: 3 + 2 * (seed % 4)]]
    chances = random.Random(seed)
    return chances.sample(names, len(names)), chances.sample(names, len(names))


def equal_places(first: list[str], second: list[str]) -> float:
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def share_in_order(first: list[str], second: list[str]) -> float:
    return (1 + reference(first, second)) / 2


def pairs_twice(first: list[str], second: list[str]) -> float:
    return 2 * reference(first, second)


def with_itself(first: list[str], second: list[str]) -> float:
    n = len(first)
    return reference(first, second) * (n - 1) / n


def not_divided(first: list[str], second: list[str]) -> float:
    n = len(first)
    return reference(first, second) * n * (n - 1) / 2


def upside_down(first: list[str], second: list[str]) -> float:
    return -reference(first, second)


def neighbours_only(first: list[str], second: list[str]) -> float:
    place = {name: i for i, name in enumerate(second)}
    pairs = list(itertools.pairwise(first))
    same = sum(place[a] < place[b] for a, b in pairs)
    return (2 * same - len(pairs)) / len(pairs)


def of_places(first: list[str], second: list[str]) -> float:
    n = len(first)
    moved = [i - second.index(name) for i, name in enumerate(first)]
    return 1 - 6 * sum(d * d for d in moved) / (n * (n * n - 1))


def by_alphabet(first: list[str], second: list[str]) -> float:
    n = len(first)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    same = sum((first[i] < first[j]) == (second[i] < second[j]) for i, j in pairs)
    return (2 * same - len(pairs)) / len(pairs)


EXERCISE = Exercise(
    title="do two rankings agree?",
    core=False,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("is 1 for the same ranking and -1 for the opposite", _has_its_ends),
        Check("counts all pairs", _of_two_rankings),
        Check("holds for other rankings", _of_any),
    ),
    hints=(
        "What you need of `second` is the place of each name: a dictionary from name to place.",
        "place = {name: i for i, name in enumerate(second)}. Go through all pairs a, b with a "
        "earlier in `first`: for i, a in enumerate(first), and for b in first[i + 1 :].",
        "The pair is in the same order if place[a] < place[b]. Then 2 * (same / all pairs) - 1 is "
        "τ.",
    ),
    mistakes=(
        Mistake(equal_places, r"The same ranking gets .*: you count the names that have"),
        Mistake(share_in_order, r"The same ranking gets .*: that is the share of pairs"),
        Mistake(pairs_twice, r"The same ranking gets 2 .*: you count each pair twice"),
        Mistake(with_itself, r"The same ranking gets .*: you divide by n²"),
        Mistake(not_divided, r"The same ranking gets 10 .*: divide by the number of all pairs"),
        Mistake(upside_down, r"The same ranking gets -1 .*: it is the other way round"),
        Mistake(neighbours_only, r"For robust, .*: you compare neighbours only"),
        Mistake(of_places, r"For robust, .*: that is Spearman's"),
        Mistake(by_alphabet, r"The same ranking gets .*: you compare the names that stand"),
    ),
)
