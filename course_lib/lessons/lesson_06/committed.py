"""A game of lesson 06: predict f(x), where f was committed to before you guessed.

The house draws, for each round, one of the two witnesses, writes down which, and shows the SHA-256
hash of what it wrote. After the guesses it shows the writing itself: anybody can hash it again and
rebuild the function from it. A random number in the writing keeps the hash from being guessed.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from course_lib.classroom.claims import commitment_of
from course_lib.display import Message, tabulated
from course_lib.lessons.lesson_06.knowable.catalogue import find_class
from course_lib.lessons.lesson_06.knowable.extremes import LINE, Function, Range, point, value_at

ROUNDS = (
    ("black box", 0.5),
    ("Lipschitz, L known", 0.6),
    ("monotone", 0.3),
    ("convex", 0.7),
    ("affine, one variable", 0.4),
)
"""The class and the place x of each round."""

BOUND = 1.5
"""L in the round that knows one; the extremes force a slope of 1."""


class Round(NamedTuple):
    """A round before the guess.

    kind, x: the class, and where f is to be predicted. range: the values that are left open.
    commitment: the SHA-256 hash of the opening, in hexadecimal.
    """

    kind: str
    x: float
    range: Range
    commitment: str


class Opened(NamedTuple):
    """The content of an opening: the function that is rebuilt from it, and its value at x."""

    function: Function
    value: float


class Played(NamedTuple):
    """A round after the guess.

    guess: None where none was made. value: f(x). honest: the opening has the hash that was shown.
    """

    round: Round
    guess: float | None
    value: float
    honest: bool

    @property
    def error(self) -> float | None:
        """The distance of the guess from the value; None where no guess was made."""
        return None if self.guess is None else abs(self.guess - self.value)


class Game:
    """The house's side, its choices from a seed, or for None from one that nobody can know; the
    last expression of a cell shows the rounds.
    """

    def __init__(self, seed: int | None = None) -> None:
        chance = random.Random(secrets.randbits(128) if seed is None else seed)
        self._openings = [_written(kind, x, chance) for kind, x in ROUNDS]
        self.rounds = [
            Round(kind, x, find_class(kind, L=BOUND).value_range(LINE, x), commitment_of(opening))
            for (kind, x), opening in zip(ROUNDS, self._openings, strict=True)
        ]

    def reveal(self, guesses: Sequence[float | None]) -> GameResult:
        """The result of the game, with every round opened.

        Raises:
            ValueError: there is not one guess a round, a number in [0, 1], or None for none.
        """
        if len(guesses) != len(self.rounds):
            raise ValueError(
                f"{len(guesses)} guesses for {len(self.rounds)} rounds: give one a round, None "
                "where you make none."
            )
        played = []
        for known, guess, opening in zip(self.rounds, guesses, self._openings, strict=True):
            if guess is not None:
                point(guess, 1, name="A guess")
            opened = verify_opening(known.commitment, opening)
            value = opened.value if opened else float("nan")
            played.append(Played(known, guess, value, opened is not None))
        return GameResult(played, list(self._openings))

    def _shown(self) -> Message:
        head = ["round", "class", "f(0)", "f(1)", "x", "SHA-256 of the house's choice"]
        rows = [
            [str(i), _title(r.kind), "0", "1", f"{r.x:g}", r.commitment]
            for i, r in enumerate(self.rounds, 1)
        ]
        return tabulated(head, rows)

    def __repr__(self) -> str:
        return self._shown().text

    def _repr_html_(self) -> str:
        return self._shown().page


class GameResult(NamedTuple):
    """The played rounds, and the openings (JSON texts), for anybody to verify."""

    played: list[Played]
    openings: list[str]

    def _shown(self) -> Message:
        head = ["round", "class", "left open", "your guess", "f(x)", "off by", "hash fits"]
        rows = []
        for i, p in enumerate(self.played, 1):
            guess, error = (("–" if n is None else f"{n:.2f}") for n in (p.guess, p.error))
            fits = "yes" if p.honest else "NO"
            left = f"{p.round.range.low:.2f} to {p.round.range.high:.2f}"
            rows.append([str(i), _title(p.round.kind), left, guess, f"{p.value:.2f}", error, fits])
        return tabulated(head, rows)

    def __repr__(self) -> str:
        return self._shown().text

    def _repr_html_(self) -> str:
        return self._shown().page


def verify_opening(commitment: str, opening: str) -> Opened | None:
    """The function of an opening, checked by anybody against the commitment shown before.
    None if the opening has another hash, or its function has not the extremes or the class named.

    Raises:
        ValueError: the opening has the right hash and is no opening of this game.
    """
    if commitment_of(opening) != commitment:
        return None
    try:
        written = json.loads(opening)
        kind, x, bound = written["class"], float(written["x"]), written["L"]
        which = ("lowest", "highest").index(written["end"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            "This text is no opening of the game: give one of result.openings."
        ) from error
    function_class = find_class(kind, L=bound)
    function = function_class.witness(LINE, x)[:2][which]
    fits = function_class.check_member(function, LINE) <= 1e-8
    return Opened(function, value_at(function, point(x))) if fits else None


def least_mean_error(rounds: Sequence[Round]) -> float:
    """The mean error that no way of guessing can beat on average, whatever it knows of the ranges.

    A fair coin has chosen between the two ends of a range. Whatever the guess, its distances to the
    two ends sum to at least the width, so on average it is off by at least half of it.
    """
    return sum(r.range.width / 2 for r in rounds) / len(rounds)


def _written(kind: str, x: float, chance: random.Random) -> str:
    """A round's opening: all that it takes to rebuild the function, and a random number."""
    bound = BOUND if kind == "Lipschitz, L known" else None
    written = {"class": kind, "x": x, "L": bound, "end": chance.choice(["lowest", "highest"])}
    return json.dumps(written | {"random": f"{chance.getrandbits(128):032x}"})


def _title(kind: str) -> str:
    return f"Lipschitz, L = {BOUND:g}" if kind == "Lipschitz, L known" else kind
