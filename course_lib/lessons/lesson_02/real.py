"""Bets on a real network's units: an experiment of `course reproduce`, and a table to bet at."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_lib.labs.lab import Lab
from course_lib.lessons.lesson_02 import trials as tr
from course_lib.lessons.lesson_02.bet import Bet, by_condition, share_right
from course_lib.lessons.lesson_02.participant import SimulatedParticipant
from course_lib.lessons.lesson_02.widget import bets_summary
from course_lib.reproduce.cache import Cache, Result
from course_lib.reproduce.circuit import honest_parts
from course_lib.reproduce.material import Material
from course_lib.reproduce.report import Entry, Experiment
from course_lib.reproduce.run import Procedure
from course_lib.statistics import Estimate
from course_lib.stored import as_json, from_json
from course_lib.visualization.ascent import visualize

STEPS = 48
_EACH, _SEEDS = 3, (0, 1, 2)
_PER_FOLDER = 12  # photographs to ask about, at most
_CONDITIONS = ("visualizations", "top images")


def real_questions(
    lab: Lab, units: Sequence[int] | None = None, *, steps: int = STEPS, seed: int = 0
) -> tr.Questions:
    """What can be asked about logits of the imagenet lab: one picture a unit, and its top images.

    About a second a unit on two cores. Queries are the lab's photographs for tests; top images are
    chosen from the others.

    Args:
        units: by default the logits that answer to the lab's folders.
        steps, seed: of the visualizations.
    """
    units = list(lab.unit_of_class if units is None else units)
    # one after the other: together they would need more memory than Binder has to spare
    drawn = [
        visualize(lab.network, None, unit, size=lab.image_size, steps=steps, seed=seed).images
        for unit in units
    ]
    train, test = lab.photos("train").images, lab.photos("test").images
    return _asked(lab.network, units, torch.cat(drawn), train, test)


def bets(cache: Cache, material: Material) -> Experiment:
    """Let the simulated participant bet on the logits that answer to the drawn folders."""
    honest = honest_parts(cache, material)
    units = [material.units[place] for place in material.drawn]

    def simulate() -> Result:
        drawn = torch.stack([part.tensors["images"][-1].float() for part in honest])
        train = material.train.images
        test = material.some_held_out(material.drawn, _PER_FOLDER).images
        asked = _asked(material.lab.network, units, drawn, train, test)
        placed: list[Bet] = []
        try:
            participant = SimulatedParticipant(train)
            for seed in _SEEDS:
                trials = tr.make_trials(asked, _CONDITIONS, each=_EACH, seed=seed, same_pairs=True)
                placed += participant.bets(asked, trials)
        except ValueError as error:  # too few photographs for so many pairs
            return Result({}, {"why": str(error), "photographs": len(test)})
        shares = {name: share_right(mine) for name, mine in by_condition(placed).items()}
        told = bets_summary(placed, "The simulated participant")
        return Result({}, {"shares": as_json(shares), "told": told, "photographs": len(test)})

    found = cache.part("bets", simulate, after=honest).facts
    shares = from_json(dict[str, Estimate], found.get("shares", {}))
    images = f"{len(units)} logits, {found['photographs']} held-out {material.what}"
    rows = tuple(
        Entry(f"bets {name}", f"Bets that are right, with {name}", shares.get(name), images,
            note=found.get("why", ""))
        for name in _CONDITIONS
    )  # fmt: skip
    told = (
        f"The simulated participant of lesson 02 bets {_EACH * len(_SEEDS)} times on each logit, "
        f"which of two held-out {material.what} excites it more, with the logit's visualization "
        "for a reference, or the one that excites it most of those to build with. Chance is 50 %; "
        "intervals are over logits."
    )
    numbers = {"told": found.get("told", found.get("why"))}
    return Experiment("bets", "Bets on the pictures", told, rows, {}, (), numbers)


BETS = Procedure(bets, lambda _material: 1, frozenset({"honest"}))
"""How `course reproduce` makes the experiment."""


def _asked(
    network: nn.Module, units: Sequence[int], drawn: Tensor, train: Tensor, test: Tensor
) -> tr.Questions:
    best = tr.top_images(tr.unit_responses(network, None, units, train), train, 1)
    return tr.questions(
        [f"logit {unit}" for unit in units],
        test,
        tr.unit_responses(network, None, units, test),
        {"visualizations": drawn[:, None], "top images": best},
    )
