"""Bets on a real network's units, at the end of lesson 02."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.labs.lab import Lab
from course_lib.lessons.lesson_02.participant import SimulatedParticipant
from course_lib.lessons.lesson_02.trials import (
    Questions,
    make_trials,
    questions,
    top_images,
    unit_responses,
)
from course_lib.lessons.lesson_02.widget import bets_summary
from course_lib.reproduce.real import draw_real

STEPS = 48


def real_questions(
    lab: Lab, units: Sequence[int] | None = None, *, steps: int = STEPS, seed: int = 0
) -> Questions:
    """What can be asked about logits of the imagenet lab: one picture a unit, and its top images.

    About a second a unit on two cores. Queries are the lab's photographs for tests; top images are
    chosen from the others.

    Args:
        units: by default the logits that answer to the lab's folders.
        steps, seed: of the visualizations.
    """
    units = list(lab.unit_of_class if units is None else units)
    drawn = draw_real(lab.network, units, steps=steps, seed=seed)
    train, test = lab.photos("train").images, lab.photos("test").images
    best = top_images(unit_responses(lab.network, None, units, train), train, 1)
    return questions(
        [f"logit {unit}" for unit in units],
        test,
        unit_responses(lab.network, None, units, test),
        {"visualizations": drawn.images[:, None], "top images": best},
    )


def real_summary(
    lab: Lab, asked: Questions, *, each: int = 3, seeds: Sequence[int] = (0, 1, 2)
) -> str:
    """How the simulated participant does on them, in words."""
    participant = SimulatedParticipant(lab.photos("train").images)
    bets = [
        bet
        for seed in seeds
        for bet in participant.bets(
            asked, make_trials(asked, list(asked.references), each=each, seed=seed, same_pairs=True)
        )
    ]
    return bets_summary(bets, "The simulated participant")
