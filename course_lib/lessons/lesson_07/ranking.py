"""Ranking networks by their pictures: names hidden, and the ranking sealed beforehand."""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from course_lib.classroom.claims import commitment_of
from course_lib.figures import Picture, picture_grid


class Hidden(NamedTuple):
    """Rows of pictures whose names are hidden behind letters.

    rows: (N, 3, S, S) each, by letter. truth: the name behind each letter.
    """

    rows: dict[str, Tensor]
    truth: dict[str, str]

    def shown(self, titles: Sequence[str] = ()) -> Picture:
        """The rows, with letters for names."""
        alt = (
            f"{len(self.rows)} rows of pictures with the letters {', '.join(self.rows)} in place "
            "of their networks' names, to be ranked by looking."
        )
        return picture_grid(self.rows, titles=titles, alt=alt)

    def named(self, ranking: str | Sequence[str] | None) -> list[str] | None:
        """The names in the order of a ranking, every letter once, best first, such as "CABDE", or
        None, with a word why, if it is none.
        """
        if ranking is None:
            print("You wrote no ranking.")
            return None
        letters = [letter.upper() for letter in ranking if letter.strip(" ,>")]
        if sorted(letters) != sorted(self.truth):
            print(
                f"{ranking!r} is no ranking: write each of {''.join(sorted(self.truth))} once, "
                "the best first."
            )
            return None
        return [self.truth[letter] for letter in letters]


def hidden(rows: Mapping[str, Tensor], seed: int) -> Hidden:
    """Rows of pictures, in a shuffled order, with letters in place of their names."""
    names = list(rows)
    random.Random(seed).shuffle(names)
    truth = {chr(65 + i): name for i, name in enumerate(names)}
    return Hidden({x: rows[name] for x, name in truth.items()}, truth)


def sealed_ranking(ranking: str | Sequence[str] | None) -> str:
    """The hash of a ranking, in a sentence: it cannot be changed later without this showing."""
    if ranking is None:
        return "No ranking, nothing to seal."
    return f"Your ranking is sealed: {commitment_of(str(ranking))[:16]}"


def ordered(scores: Mapping[str, float]) -> list[str]:
    """The names from the highest score to the lowest."""
    return sorted(scores, key=lambda name: -scores[name])
