"""Blind naming: pictures shuffled, their titles gone, and a count of what was named rightly."""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from course_lib.figures import Picture, picture_grid


class Blind(NamedTuple):
    """Shuffled pictures without their titles.

    images: (N, 3, S, S), shuffled. truth: the name of each, by its letter.
    """

    images: Tensor
    truth: dict[str, str]

    def shown(self, *, code: str = "") -> Picture:
        """The pictures with letters for titles."""
        return picture_grid(
            self.images,
            titles=list(self.truth),
            alt="Shuffled visualizations with letters for titles, to be named by looking.",
            code=code,
        )

    def score(self, names: Mapping[str, str]) -> None:
        """Print how many names are right, and what chance would get; nobody is graded.

        The truth is told once there is a name, by its letter, and every one is one that there is.
        """
        count = len(self.truth)
        odd = [str(x) for x in names if x not in self.truth]
        odd += [str(x) for x in names.values() if x not in self.truth.values()]
        if odd:
            print(
                f"Not known here: {', '.join(odd)}. The letters are {', '.join(self.truth)}; "
                f"the names are {', '.join(sorted(set(self.truth.values())))}."
            )
        if odd or not names:
            print("Nothing is given away before you have named some of them.")
            return
        right = sum(names.get(letter) == name for letter, name in self.truth.items())
        print(f"You named {right} of {count} rightly; guessing gets 1 of {count} on average.")
        print("They were:", ", ".join(f"{letter} {name}" for letter, name in self.truth.items()))


def shuffled(images: Tensor, names: Sequence[str], seed: int) -> Blind:
    """Pictures (N, 3, S, S), at most 26, in a random order, the name of each kept for later;
    ValueError if there is not one name for each."""
    if len(images) != len(names) or not 0 < len(names) <= 26:
        raise ValueError(
            f"{len(images)} pictures and {len(names)} names: give one name each, 26 at most."
        )
    order = list(range(len(names)))
    random.Random(seed).shuffle(order)
    return Blind(images[order], {chr(65 + i): names[k] for i, k in enumerate(order)})
