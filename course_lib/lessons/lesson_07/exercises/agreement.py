"""Lesson 07: how far two rankings agree.

You ranked the networks before anything was measured, and each measurement ranks them again. Does
what looks better come out better? `first` and `second` rank the same names, two or more, best
first, without ties. Return **Kendall's τ**, a number:

    (pairs in the same order - pairs in opposite order) / all pairs

Each pair of two different names counts once. A pair is in the same order if the name that comes
earlier in `first` comes earlier in `second` too. So τ is 1 for the same ranking, -1 for the
opposite one, and around 0 for rankings that have nothing to do with each other.
"""

import itertools
import math
import random
from collections.abc import Callable

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, number, rows


def reference(first: list[str], second: list[str]) -> float:
    """Kendall's tau of two rankings of the same names, from -1 to 1."""
    place = {name: i for i, name in enumerate(second)}
    pairs = same = 0
    for i, a in enumerate(first):
        for b in first[i + 1 :]:
            pairs += 1
            same += place[a] < place[b]
    return (2 * same - pairs) / pairs


_FIRST = ["robust", "bcos", "smooth", "lipschitz", "standard"]
_SECOND = ["robust", "smooth", "standard", "bcos", "lipschitz"]


def _drawn(seed: int, count: int) -> tuple[list[str], list[str]]:
    """Two rankings of so many names, in no alphabetical order."""
    names = [f"net-{letter}" for letter in "abcdefghijkl"[:count]]
    chances = random.Random(seed)
    return chances.sample(names, count), chances.sample(names, count)


def _told(found: float, wanted: float, first: list[str], second: list[str]) -> str:
    pairs = list(itertools.combinations(first, 2))
    swapped = [f"{a} and {b}" for a, b in pairs if second.index(a) > second.index(b)]
    few = f" (all but {'; '.join(swapped)})" if 0 < len(swapped) < 5 else ""
    same = len(pairs) - len(swapped)
    return (
        f"For {', '.join(first)} and {', '.join(second)}, with {same} of {len(pairs)} pairs in the "
        f"same order{few}, τ is ({same} - {len(swapped)}) / {len(pairs)} = {wanted:.3g}; you give "
        f"{found:.3g}:"
    )


def _of_pairs(pairs: Callable[[int], list[tuple[int, int]]]) -> Callable[..., float]:
    """Kendall's formula, of these pairs of places alone."""

    def tau(first: list[str], second: list[str]) -> float:
        place = [second.index(name) for name in first]
        signs = [1 if place[i] < place[j] else -1 for i, j in pairs(len(first))]
        return sum(signs) / len(signs)

    return tau


def _moves(power: int) -> Callable[..., float]:
    """Spearman's footrule for 1, his correlation for 2."""

    def agreement(first: list[str], second: list[str]) -> float:
        moved = sum(abs(i - second.index(name)) ** power for i, name in enumerate(first))
        most = sum(abs(2 * i + 1 - len(first)) ** power for i in range(len(first)))
        return 1 - 2 * moved / most

    return agreement


def by_alphabet(first: list[str], second: list[str]) -> float:
    pairs = list(itertools.combinations(range(len(first)), 2))
    same = sum((first[i] < first[j]) == (second[i] < second[j]) for i, j in pairs)
    return (2 * same - len(pairs)) / len(pairs)


def _times(factor: Callable[[int], float]) -> Callable[..., float]:
    return lambda first, second: factor(len(first)) * reference(first, second)


_SIGNS: Rows = {
    "it is the other way round, 1 is for the same.": _times(lambda n: -1),
    "you count each pair twice, (a, b) and (b, a).": _times(lambda n: 2),
    "you divide by n², and not by all pairs.": _times(lambda n: (n - 1) / n),
    "divide by the number of all pairs.": _times(lambda n: n * (n - 1) / 2),
    "you always divide by 10 pairs.": _times(lambda n: n * (n - 1) / 20),
    "`second` plays no part in yours.": lambda a, _: by_alphabet(a, sorted(a)),
    "what is in opposite order counts below 0: take those pairs off, and cut nothing off.": (
        lambda *case: (1 + reference(*case)) / 2
    ),
    "you count names with the same place in both: count pairs.": (
        lambda a, b: sum(map(str.__eq__, a, b)) / len(a)
    ),
    "< goes by the alphabet here: take two names, and compare their places.": by_alphabet,
}
_PAIRS: Rows = {
    "you compare the best with the others only, and all pairs count.": (
        _of_pairs(lambda n: [(0, j) for j in range(1, n)])
    ),
    "// drops decimals: divide with /.": lambda *case: math.floor(reference(*case)),
    "you look at how far the names move: count pairs in order.": _moves(1),
    "you compare neighbours only, and all pairs count.": (
        _of_pairs(lambda n: list(itertools.pairwise(range(n))))
    ),
    "that is Spearman's correlation, of how far names move.": _moves(2),
}

EXERCISE = Exercise(
    title="do two rankings agree?",
    core=False,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(number, "the agreement"),
    checks=(
        Agrees(
            "is 1 for the same ranking and -1 for the opposite",
            [(r, r[::s]) for r in (_FIRST, _FIRST[:2], ["c", "a", "d", "b"]) for s in (1, -1)],
            _told,
            "1 is for the same ranking, and -1 for the opposite one.",
            rows(_SIGNS),
        ),
        Agrees(
            "counts the pairs of other rankings",
            [(_FIRST, _SECOND), (_SECOND[:3], _SECOND[1::-1] + _SECOND[2:3])]
            + [(["b", "a", "c"], ["c", "b", "a"])]
            + [_drawn(seed, count) for seed, count in enumerate((3, 4, 4, 5, 6, 9, 12))],
            _told,
            "all pairs count, each as much as any other, and how far a name moves does not.",
            rows(_PAIRS),
        ),
    ),
    hints=(
        "You need the place of each name: place = {name: i for i, name in enumerate(second)}.",
        "All pairs, a earlier in `first`: for i, a in enumerate(first), for b in first[i + 1 :].",
        "The pair is in the same order if place[a] < place[b]. Then 2 * (same / all pairs) - 1 is "
        "τ.",
    ),
)
