"""The simulated participant: answers trials by hand-made features, so that nobody need be there.

It is no model of people. It knows nothing of any network: it compares pictures by how they vary at
which scale and in which directions (`picture_features`), which nobody learned from anything. So if
it predicts a unit's answers, what it predicts from must be in the pictures.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.checks import check_images, whole_number
from course_lib.lessons.lesson_02.bet import CONFIDENCES, Bet, place
from course_lib.lessons.lesson_02.features import picture_features
from course_lib.lessons.lesson_02.trials import NO_REFERENCE, Questions, Trial

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
        self._seed = whole_number(seed, "seed", at_least=0)
        self._seen: tuple[Tensor, Tensor] | None = None

    def _impressions(self, images: Tensor) -> Tensor:
        """The standardized features of images (N, 3, S, S): (N, 15), each row of length 1."""
        found = (picture_features(images) - self._usual) / self._spread
        return torch.nn.functional.normalize(found, dim=1)

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

    def _toss(self, trial: Trial) -> bool:
        """The participant's coin: the same for the same trial, whatever was asked before."""
        return zlib.crc32(f"{self._seed}, {trial.key}".encode()) % 2 == 0

    def _likeness(self, asked: Questions, condition: str) -> Tensor:
        """(N, U): the mean likeness of each image to each unit's references."""
        references = asked.references[condition]
        seen = self._impressions(references.flatten(0, 1)).reshape(*references.shape[:2], -1)
        if self._seen is None or self._seen[0] is not asked.images:  # looked at once
            self._seen = asked.images, self._impressions(asked.images)
        return self._seen[1] @ seen.mean(1).T
