"""The simulated participant on networks that played no part in choosing its features: seed 1."""

import pytest
import torch

from course_lib import FoolingCircuit, open_lab, visualize
from course_lib.lessons.lesson_02.bet import by_condition, by_unit, share_right
from course_lib.lessons.lesson_02.participant import SimulatedParticipant, beyond_others
from course_lib.lessons.lesson_02.trials import make_trials, questions, top_images, unit_responses
from course_lib.statistics import paired_difference

pytestmark = pytest.mark.full

STARTS = (0, 1, 2)
INNER = range(0, 176, 11)


def drawn(network, layer, units):
    runs = [visualize(network, layer, units, steps=48, seed=seed) for seed in STARTS]
    return torch.stack([run.images for run in runs], 1)


@pytest.fixture(scope="module", params=["robust", "standard"])
def bets(request):
    """Bets on logits and inner units of a network, by layer and condition."""
    lab = open_lab("tiny", network=request.param, seed=1)
    renders, others = lab.photos("test"), lab.photos("train").images[:512].clone()
    participant = SimulatedParticipant(others[:256])
    fooled = FoolingCircuit(lab.network, lab.detector(), shows=3)
    found, left = {}, {}
    for layer, units in (("fc", range(8)), ("inception3b", INNER)):
        references = {
            "visualizations": drawn(lab.network, layer, units),
            "top images": top_images(unit_responses(lab.network, layer, units, others), others, 3),
        }
        if layer == "fc":
            references["fooled"] = drawn(fooled, None, units)
        said = unit_responses(lab.network, layer, units, renders)
        asked = questions([f"{layer} {unit}" for unit in units], renders, said, references)
        conditions = [*references, "no reference"]
        trials = []
        for seed in STARTS:
            trials += make_trials(asked, conditions, each=30, seed=seed, same_pairs=True)
        found[layer] = by_condition(participant.bets(asked, trials))
    for condition in ("top images", "visualizations"):  # of inner units, which came last
        mine = [trial for trial in trials if trial.condition == condition]
        left[condition] = beyond_others(participant.crossed(asked, mine))
    return request.param, found, left


def test_honest_pictures_of_logits_are_worth_something_and_lies_are_not(bets, report):
    name, found, _ = bets
    for layer, conditions in found.items():
        for condition, mine in conditions.items():
            value, low, high, *_ = share_right(mine)
            report(f"{name} 1, {layer}, {condition}: {value:.2f} right ({low:.2f} to {high:.2f})")
    scores = {condition: share_right(mine) for condition, mine in found["fc"].items()}
    assert scores["visualizations"].low > 0.5 and scores["top images"].low > 0.5
    assert scores["fooled"].value < 0.62
    honest, lied = (list(by_unit(found["fc"][c]).values()) for c in ("visualizations", "fooled"))
    assert paired_difference(honest, lied).value > 0.12


def test_inner_units_are_harder(bets, report):
    name, found, left = bets
    inner = found["inception3b"]
    assert share_right(inner["visualizations"]).value > 0.55

    def gain(what, values):
        gain, low, high, *_ = paired_difference(values["top images"], values["visualizations"])
        told = f"{gain:+.2f} ({low:+.2f} to {high:+.2f})"
        report(f"{name} 1, inner units, {what}top images - visualizations: {told}")
        return gain

    shares = {condition: list(by_unit(mine).values()) for condition, mine in inner.items()}
    assert gain("", shares) > -0.08  # in the robust network of this seed there is next to none
    assert gain("beyond another unit's, ", left) < 0.1 and left["visualizations"].mean() > 0.05
