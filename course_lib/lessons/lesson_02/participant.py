"""The simulated participant: answers trials by hand-made features, so that nobody need be there.

It is no model of people. It knows nothing of any network: it compares pictures by how they vary at
which scale and in which directions (`picture_features`), which nobody learned from anything. So if
it predicts a unit's answers, what it predicts from must be in the pictures.
"""

import math
import zlib
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from course_lib.checks import check_images, whole_number
from course_lib.lessons.lesson_02.bet import CONFIDENCES, Bet, place
from course_lib.lessons.lesson_02.features import picture_features
from course_lib.lessons.lesson_02.trials import NO_REFERENCE, Questions, Trial
from course_lib.statistics import Estimate, mean

SIMULATED = "simulated participant"
"""The name of its results wherever they are shown."""

SHARPNESS = 3.0
"""The growth of its confidence with the evidence: set so that bets on logits are calibrated."""


class SimulatedParticipant:
    """A bettor on the image that is more like the references, and the surer the more it is.

    Like means: the cosine between features, each counted from its mean over images that the
    participant has looked at before, in units of its spread there. Without references it tosses
    a coin, with a confidence of 50 %.

    Args:
        experience: (M, 3, S, S) in [0, 1], at least two: images to look at before, without labels.
        seed: of its coin. Nothing else about it is random.

    Raises:
        ValueError: an argument that cannot work.
    """

    def __init__(self, experience: Tensor, seed: int = 0) -> None:
        check_images(experience, "experience")
        if len(experience) < 2:
            raise ValueError("experience holds 1 image: give at least two, to know what is usual.")
        found = picture_features(experience)
        self._usual, self._spread = found.mean(0), found.std(0).clamp(min=1e-6)
        self._experience = (found - self._usual) / self._spread
        self._seed = whole_number(seed, "seed", at_least=0)
        self._seen: tuple[Tensor, Tensor] | None = None
        self._liked: list[tuple[Tensor, Tensor, Tensor]] = []

    def bets(self, asked: Questions, trials: Sequence[Trial]) -> tuple[Bet, ...]:
        """The participant's bets, in the order of the trials."""
        likeness = {
            condition: self._likeness(asked, condition)
            for condition in {trial.condition for trial in trials} - {NO_REFERENCE}
        }
        answers = []
        for trial in trials:
            evidence = 0.0
            if trial.condition != NO_REFERENCE:
                liked = likeness[trial.condition][:, asked.units.index(trial.unit)]
                evidence = float(liked[trial.left] - liked[trial.right])
            left = evidence > 0 if evidence else self._toss(trial)
            chose = "left" if left else "right"
            sure = 100 / (1 + math.exp(-SHARPNESS * abs(evidence)))
            answers.append(place(trial, chose, min(CONFIDENCES, key=lambda c: abs(c - sure))))
        return tuple(answers)

    def crossed(self, asked: Questions, trials: Sequence[Trial]) -> Tensor:
        """The share of its bets that would be right with each unit's references, (U, U).

        A row is a unit that is asked about, a column whose references are shown: the diagonal has
        the unit's own. What it scores off the diagonal is not about the unit.

        Args:
            trials: of one condition, with references; some for every unit.

        Raises:
            ValueError: a unit without trials, or trials of other conditions.
        """
        shown = {trial.condition for trial in trials}
        if len(shown) != 1 or NO_REFERENCE in shown:
            raise ValueError(f"Conditions {sorted(shown)}: give trials of one, with references.")
        return _share_right(asked, trials, self._likeness(asked, *shown)[:, None])

    def taught(self, asked: Questions, trials: Sequence[Trial], answers: Tensor) -> Tensor:
        """The share of bets that would be right without references, taught by other units, (U,).

        About the unit itself nothing is known. What the other units answered to the images of its
        experience tells which of its fifteen numbers such units like: their mean correlation.

        Args:
            answers: (M, U), of each unit to each image of its experience.
        """
        said = (answers - answers.mean(0)) / answers.std(0)
        liked = self._experience.T @ said / len(said)
        by_others = (liked.sum(1, keepdim=True) - liked) / (liked.shape[1] - 1)
        return _share_right(asked, trials, (self._look(asked.images) @ by_others)[..., None])[:, 0]

    def _look(self, images: Tensor) -> Tensor:
        """The standardized features of images to ask about (N, 15); looked at once."""
        if self._seen is None or self._seen[0] is not images:
            self._seen = images, (picture_features(images) - self._usual) / self._spread
        return self._seen[1]

    def _toss(self, trial: Trial) -> bool:
        """The participant's coin: the same for the same trial, whatever was asked before."""
        return zlib.crc32(f"{self._seed}, {trial.key}".encode()) % 2 == 0

    def _likeness(self, asked: Questions, condition: str) -> Tensor:
        """(N, U): the mean likeness of each image to each unit's references; looked at once."""
        references = asked.references[condition]
        for images, of, likeness in self._liked:
            if images is asked.images and of is references:
                return likeness
        shown = (picture_features(references.flatten(0, 1)) - self._usual) / self._spread
        seen = normalize(shown, dim=1).reshape(*references.shape[:2], -1)
        likeness = normalize(self._look(asked.images), dim=1) @ seen.mean(1).T
        self._liked.append((asked.images, references, likeness))
        return likeness


def by_contrast(asked: Questions, trials: Sequence[Trial]) -> Tensor:
    """The share of bets that are right for whoever always takes the image with more contrast, (U,).

    Contrast: the standard deviation over pixels, averaged over channels.
    """
    strength = asked.images.flatten(2).std(2).mean(1)
    value = strength[:, None, None].expand(-1, len(asked.units), 1)
    return _share_right(asked, trials, value)[:, 0]


def beyond_others(shares: Tensor, whose: int = 0) -> Tensor:
    """What references of the unit itself bring over those of all other units, (U,).

    Args:
        shares: (U, U) from `SimulatedParticipant.crossed`.
        whose: 0 for the unit's own; 1 for the next unit's in their place, which should bring
            nothing.
    """
    n = len(shares)
    rows = torch.arange(n)
    taken = shares[rows, (rows + whose) % n]
    rest = shares.sum(1) - shares.diagonal() - (taken if whose else 0)
    return taken - rest / (n - 2 if whose else n - 1)


def own_and_others(crossed: Mapping[str, Tensor]) -> dict[str, Estimate]:
    """The scores with the units' own references, and with another unit's, by condition.

    Args:
        crossed: (U, U) from `SimulatedParticipant.crossed`, by condition.
    """
    scores = {}
    for condition, shares in crossed.items():
        own = shares.diagonal()
        scores[condition] = mean(own, of="units")
        scores[f"another's {condition}"] = mean(own - beyond_others(shares), of="units")
    return scores


def _share_right(asked: Questions, trials: Sequence[Trial], value: Tensor) -> Tensor:
    """The share of trials in which the image with the larger value is the right one, (U, V).

    Args:
        value: (N, U or 1, V) of each image, for each unit, in V ways.
    """
    units = torch.tensor([asked.units.index(trial.unit) for trial in trials])
    sides = torch.tensor(
        [(t.left, t.right) if t.higher == "left" else (t.right, t.left) for t in trials]
    )
    of = units if value.shape[1] > 1 else torch.zeros_like(units)
    right = (value[sides[:, 0], of] > value[sides[:, 1], of]).double()
    counts = units.bincount(minlength=len(asked.units))
    if not counts.all():
        raise ValueError("Some unit has no trial: give trials for every unit.")
    found = torch.zeros(len(asked.units), value.shape[2], dtype=torch.float64)
    return found.index_add(0, units, right) / counts[:, None]
