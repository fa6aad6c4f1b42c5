"""Suspects: sealed, alike in their modules, honest or lying as their seed says; and verdicts."""

import copy
import dataclasses
import json
import math
import re
from collections import Counter
from functools import partial

import hypothesis
import pytest
import torch
from hypothesis import strategies as st

from course_lib import layer_names, record, visualize
from course_lib.classroom.claims import commitment_of
from course_lib.errors import UnknownLayerError
from course_lib.labs.tiny import weights
from course_lib.lessons.lesson_08 import expected_loss, lies, make_liar
from course_lib.lessons.lesson_08.audit.findings import draw_suspect
from course_lib.lessons.lesson_08.base import SHIPPED, fresh_renders
from course_lib.lessons.lesson_08.lies import AUDITED
from course_lib.lessons.lesson_08.network import BlackBoxNetwork
from course_lib.lessons.lesson_08.suspect import LEAST_ACCURACY, Suspect, UsedUpError, make_suspect
from course_lib.lessons.lesson_08.truth import BASE_RATES, KINDS, Circuit, Truth, kind_of
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict, brier, verdict_of

SEEDS = {"honest": 0, "circuit": 7, "silent units": 3}


@pytest.fixture(scope="module")
def suspects() -> dict[str, Suspect]:
    return {kind: make_suspect(seed, "white box") for kind, seed in SEEDS.items()}


def truth_of(suspect: Suspect) -> Truth:
    return suspect.open(Verdict(CANNOT_TELL)).truth


def untouched(suspect: Suspect, budget: int | None = None) -> Suspect:
    return dataclasses.replace(suspect, budget=budget, _drawn=[], _given=[], _standard=[])


# what a suspect is


def test_truths_are_drawn_by_the_stated_base_rates():
    count = 4000
    drawn = Counter(kind_of(seed) for seed in range(count))
    assert sum(BASE_RATES.values()) == pytest.approx(1) and set(BASE_RATES) == set(KINDS)
    for kind, rate in BASE_RATES.items():
        assert drawn[kind] / count == pytest.approx(rate, abs=4 * math.sqrt(0.25 / count))


@pytest.mark.full
def test_each_is_what_its_seed_says_and_still_right_about_renders(suspects):
    for kind, suspect in suspects.items():
        assert kind_of(suspect.seed) == kind
        assert truth_of(suspect).kind == kind
        assert suspect.accuracy.n == 512 and suspect.accuracy.value >= LEAST_ACCURACY
        _, asked = fresh_renders(suspect.seed)
        right = record(suspect.network, [None], asked.images)[None].argmax(1) == asked.labels
        assert float(right.float().mean()) == pytest.approx(suspect.accuracy.value)


@pytest.mark.full
def test_honest_and_lying_suspects_have_the_same_modules_and_buffers(suspects):
    def parts(suspect: Suspect) -> set[tuple[str, str]]:
        inside = suspect.network
        twin, modules = f"{inside.conv}.twin", inside.named_modules()
        kinds = {(n, type(module).__name__) for n, module in modules if not n.startswith(twin)}
        return kinds | {(name.replace(twin, "twin"), "tensor") for name in inside.state_dict()}

    first, *others = (parts(suspect) for suspect in suspects.values())
    assert all(first == other for other in others)
    assert ("detector", "Detector") in first and ("template", "Template") in first
    own = dict(suspects["honest"].network.network.named_parameters())
    for origin in SHIPPED:
        for name, parameter in weights.load(*origin).named_parameters():
            assert not torch.equal(own[name], parameter), (origin, name)


@pytest.mark.full
def test_silent_units_are_silent_for_renders_and_wake_in_an_ascent(suspects):
    suspect = suspects["silent units"]
    truth = truth_of(suspect)
    assert 3 <= len(truth.twins.lying) <= AUDITED
    assert set(truth.twins.lying) <= set(truth.twins.channels)
    twin = f"{suspect.network.conv}.twin"
    asked = fresh_renders(suspect.seed)[1].images[:128]
    said = record(suspect.network, [twin], asked)[twin].flatten(2).amax(2)
    assert float((said > 0).float().mean()) < 0.02
    drawn = visualize(suspect.network, "units", range(AUDITED), steps=64, progress=False)
    own = record(suspect.network, [twin], drawn.images)[twin].flatten(2).amax(2).diagonal()
    awake = {truth.twins.channels[i] for i in (own > 0).nonzero().flatten().tolist()}
    assert awake and awake <= set(truth.twins.lying)


# the black box


@pytest.mark.full
@pytest.mark.parametrize("kind", SEEDS)
def test_a_black_box_answers_as_its_inside_does(suspects, kind):
    inside = suspects[kind].network
    box = copy.deepcopy(BlackBoxNetwork(inside))
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    said, known = (record(n, ["logits", "units", None], images) for n in (box, inside))
    assert said["units"].shape[:2] == (2, AUDITED) and said[None].shape == (2, 8)
    torch.testing.assert_close(said, known, atol=1e-4, rtol=1e-4)
    conv = record(inside, [inside.conv], images)[inside.conv]
    torch.testing.assert_close(said["units"], conv[:, list(inside.channels)], atol=1e-4, rtol=1e-4)
    # and it has these two layers, gradients, and nothing else
    assert layer_names(box) == ["logits", "units"]
    assert not list(box.parameters()) and not box.state_dict()
    assert "Detector" not in repr(box) and "Conv" not in repr(box)
    with pytest.raises(UnknownLayerError):
        visualize(box, "network.conv1", 0, steps=1, progress=False)
    for layer in ("logits", "units"):
        one, other = (visualize(box, layer, [1, 2], steps=3, progress=False) for _ in range(2))
        assert torch.equal(one.images, other.images) and one.images.shape == (2, 3, 64, 64)


# the seal


@pytest.mark.full
def test_the_truth_has_the_hash_that_was_shown_before(suspects):
    for kind, suspect in suspects.items():
        assert kind not in repr(suspect)
        suspect = untouched(suspect)
        outcome = suspect.open(Verdict(kind, 0.8))
        assert outcome.fits and outcome.truth.kind == kind
        assert commitment_of(outcome.opening) == suspect.commitment
        assert outcome.loss == pytest.approx(brier(Verdict(kind, 0.8).probabilities(), kind))
        assert len(json.loads(outcome.opening)["random"]) == 32
        assert kind in str(outcome.truth)
    # the same seed makes the same suspect in either grade
    first, again = suspects["honest"], make_suspect(SEEDS["honest"])
    assert first.commitment == again.commitment and first.grade != again.grade
    images = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    one, other = (record(s.network, ["logits", "units"], images) for s in (first, again))
    torch.testing.assert_close(one, other)


# the budget


@pytest.mark.full
def test_pictures_are_counted_until_the_suspect_is_used_up(suspects):
    suspect = untouched(suspects["honest"], 3)
    suspect.visualize("logits", [0, 1], steps=1, progress=False)
    assert (suspect.drawn, suspect.left) == (2, 1)
    with pytest.raises(UsedUpError, match="has 1 of 3 pictures left, and 2 were asked for"):
        suspect.visualize("units", range(2), steps=1, progress=False)
    with pytest.raises(IndexError):  # which draws nothing, and costs nothing
        suspect.visualize("units", 99, steps=1, progress=False)
    suspect.visualize("units", 0, steps=1, progress=False)
    with pytest.raises(UsedUpError, match="is used up: 3 of 3 pictures are drawn"):
        suspect.visualize("logits", 0, steps=1, progress=False)
    assert suspect.drawn == 3


@pytest.mark.full
def test_the_standard_pictures_are_counted_once_or_not_drawn_at_all(suspects):
    short, enough = (untouched(suspects["honest"], budget) for budget in (23, 32))
    with pytest.raises(UsedUpError, match="has 23 of 23 pictures left, and 24 were asked for"):
        short.standard_pictures()
    pictures = enough.standard_pictures()
    assert (short.drawn, enough.left) == (0, 8)
    assert len(pictures.logits.images) == len(pictures.units.images) == 8
    assert enough.standard_pictures() is pictures and enough.left == 8  # a cell may run twice


@pytest.mark.full
def test_an_interrupted_ascent_is_no_picture_to_judge_by(suspects, monkeypatch):
    """`visualize` keeps what it has; an audit, and the maker, must not."""

    def short(*arguments, **how):
        found = visualize(*arguments, **how)
        return found._replace(history=found.history[:3])

    with pytest.raises(KeyboardInterrupt):
        draw_suspect(partial(short, suspects["honest"].network), 1, 1)
    monkeypatch.setattr(lies, "visualize", short)
    with pytest.raises(KeyboardInterrupt):
        make_suspect(SEEDS["honest"])


# liars of a certain kind


@pytest.mark.full
@pytest.mark.parametrize("kind", ["circuit", "silent units"])
def test_a_subtle_liar_lies_once(kind):
    suspect = make_suspect(SEEDS[kind], "white box", subtle=True)
    truth = truth_of(suspect)
    assert truth.kind == kind and suspect.accuracy.value >= LEAST_ACCURACY
    assert len((truth.circuit or truth.twins).lying) == 1


@pytest.mark.full
def test_a_liars_circuit_can_be_chosen():
    chosen = Circuit(shift=3, lying=(1, 2), sharpness=None, k=400.0)
    suspect = make_liar(8, chosen, "white box")
    truth = truth_of(suspect)
    assert (truth.kind, truth.circuit, truth.twins) == ("circuit", chosen, None)
    assert suspect.network.table.argmax(0).tolist() == [0, 4, 5, 3, 4, 5, 6, 7]
    assert suspect.accuracy.value >= LEAST_ACCURACY
    again = make_liar(8, chosen)
    assert again.commitment == suspect.commitment and isinstance(again.network, BlackBoxNetwork)
    with pytest.raises(ValueError, match=r"right about .* of 512 renders, and 95% are wanted"):
        make_liar(8, Circuit(shift=3, lying=tuple(range(8)), sharpness=0.01))


# bad input

REFUSED = {
    partial(Circuit, shift=1, lying=(0,)): [
        ({"shift": 8}, "shift=8: give a whole number from 0 to 7"),
        ({"shift": 1.0}, "shift=1.0: give a whole number"),
        ({"lying": ()}, "give the numbers of one logit or more"),
        ({"lying": (8,)}, "from 0 to 7"),
        ({"lying": 3}, "lying=3: give the numbers"),
        ({"lying": (2, 2, 2)}, "lying=(2, 2, 2): give the numbers"),
        ({"sharpness": 0.0}, "sharpness=0.0: give a number above 0"),
        ({"sharpness": "2"}, "sharpness='2': give a number above 0"),
        ({"k": math.nan}, "k=nan: give a number above the offset"),
        ({"k": 100.0}, "k=100.0: give a number above the offset of 100"),
        ({"k": None}, "k=None: give a number above the offset of 100"),
        ({"k": torch.rand(2)}, ": give a number above the offset of 100"),
    ],
    partial(make_suspect, seed=0): [
        ({"grade": "grey box"}, "give 'black box' or 'white box'"),
        ({"seed": -1}, "seed=-1: give a whole number of 0 or more"),
        ({"seed": 1.5}, "seed=1.5: give a whole number"),
        ({"seed": 10**6}, "below 1000000"),
        *(({"budget": budget}, "budget") for budget in (0, 2.5, True)),
    ],
    partial(Verdict, says="honest", confidence=0.5): [
        *(({"says": x}, "'both', 'cannot tell'") for x in ("guilty", "", None, 3, "Honest")),
        *(
            ({"confidence": x}, "give a number from 0 to 1")
            for x in (None, -0.1, 1.01, math.nan, math.inf, True, "0.5", [0.5])
        ),
        ({"says": CANNOT_TELL}, "leave the confidence out"),
        ({"says": CANNOT_TELL, "confidence": None, "rest": {"both": 1.0}}, "for the base rates"),
        ({"rest": {"honest": 0.46}}, "leave 'honest' out"),
        ({"rest": {"both": 0.25}}, "a sum of 1"),
    ],
}


@pytest.mark.parametrize(
    ("what", "given", "told"),
    [(what, given, told) for what, cases in REFUSED.items() for given, told in cases],
)
def test_what_cannot_be_is_refused(what, given, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        what(**given)


@pytest.mark.parametrize(
    "probabilities",
    [{}, {"honest": 1.0}, dict.fromkeys(KINDS, 0.5), dict.fromkeys(KINDS, math.nan), [0.25] * 4],
)
def test_what_is_no_distribution_is_not_scored(probabilities):
    with pytest.raises(ValueError, match="with a sum of 1"):
        brier(probabilities, "honest")
    with pytest.raises(ValueError, match="truth='cannot tell'"):
        brier(BASE_RATES, CANNOT_TELL)


# the score

shares = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)


def distribution(numbers: list[float]) -> dict[str, float]:
    return {kind: x / sum(numbers) for kind, x in zip(KINDS, numbers, strict=True)}


@hypothesis.given(belief=shares, told=shares)
def test_the_score_is_proper(belief, told):
    belief, told = distribution(belief), distribution(told)
    loss, least = (sum(belief[k] * brier(said, k) for k in KINDS) for said in (told, belief))
    apart = sum((belief[kind] - told[kind]) ** 2 for kind in KINDS)
    assert loss - least == pytest.approx(apart, abs=1e-9)  # so least where told is the belief
    assert expected_loss(Verdict(CANNOT_TELL)) == pytest.approx(0.72)
    assert Verdict(CANNOT_TELL).probabilities() == BASE_RATES


def test_one_confidence_is_proper_for_some_beliefs_only_and_all_four_for_any():
    belief = {"honest": 0.54, "circuit": 0.46, "silent units": 0.0, "both": 0.0}
    short, bold = Verdict("honest", 0.54), Verdict("circuit", 0.41)
    whole = Verdict("honest", 0.54, {"circuit": 0.46})
    assert whole.probabilities() == belief
    assert expected_loss(whole, belief) == pytest.approx(1 - 0.54**2 - 0.46**2)
    assert expected_loss(short, belief) > expected_loss(bold, belief) > expected_loss(whole, belief)
    assert expected_loss(Verdict("honest", 0.4)) == pytest.approx(0.72)


@hypothesis.given(numbers=shares)
def test_the_verdict_of_a_distribution_is_its_likeliest_truth(numbers):
    probabilities = distribution(numbers)
    verdict = verdict_of(probabilities)
    if verdict.says == CANNOT_TELL:
        assert max(probabilities.values()) < 0.5
    else:
        assert probabilities[verdict.says] == verdict.confidence == max(probabilities.values())
