"""What lesson 05 shows: tables, estimates, the explorer, rank vectors, and the real network."""

import math
import re

import pytest
import torch

from course_lib.labs.tiny.lab import open_tiny
from course_lib.lessons.lesson_05 import similarities as room
from course_lib.lessons.lesson_05.exercises.mean_pairwise import reference as mean_pairwise
from course_lib.reproduce.networks import RECIPES
from course_lib.reproduce.real import Reproduced
from course_lib.sanity.controls import compare_controls
from course_lib.sanity.path_similarity import METRICS, ClassSimilarity, LayerSimilarity, gather
from course_lib.statistics import Estimate
from course_lib.stored import as_json, from_json

LAYERS = ("conv3", "inception4b", "fc")


@pytest.fixture(scope="module")
def labs():
    return {name: open_tiny(name) for name in ("standard", "robust")}


@pytest.fixture(scope="module")
def renders(labs):
    return room.some(labs["robust"].photos("test"), 32)


@pytest.fixture(scope="module")
def kinds(labs):
    images, labels = room.some(labs["robust"].photos("train"), 16)
    one = {"visualizations": (images, labels), "<b>": (1 - images, labels)}
    return dict.fromkeys(labs, one)


def layer_row(layer: str, visualizations: list[float], same: float = 0.6, different: float = 0.2):
    """A row whose classes differ in their visualizations alone."""
    classes = [ClassSimilarity(i, same, different, v) for i, v in enumerate(visualizations)]
    mean = sum(visualizations) / len(visualizations)
    place = (mean - different) / (same - different)
    ends = (same, same), (different, different), (mean, mean), (place - 0.1, place + 0.3)
    return LayerSimilarity(
        layer, same, different, mean, place, *ends, len(classes), 0, tuple(classes)
    )


def test_the_explorer_gathers_what_is_not_known(labs, renders, kinds, monkeypatch):
    known = {"standard": gather(labs["standard"].network, LAYERS, *renders, progress=False)}
    explorer = room.path_explorer(labs, renders, kinds, known, LAYERS)
    picture = explorer.draw(
        network="robust", metric=METRICS[-1], compared=room.COMPARED[-1], pictures="<b>"
    )
    assert "<b>" in picture.alt and "3 layers from conv3 to fc" in picture.alt
    monkeypatch.setattr(room, "gather", None)
    assert explorer.draw().alt.startswith("Normalised path similarity")
    with pytest.raises(TypeError):  # channel means are another thing
        explorer.draw(compared=room.COMPARED[1])


def test_the_table_escapes_names_and_says_where_there_is_no_scale(labs, renders, kinds):
    lab = labs["robust"]
    paths = gather(lab.network, ("conv1", "fc"), *renders, progress=False)
    found = compare_controls(paths, kinds["robust"], progress=False)
    answers = {"visualizations": room.Response(0.5, 12.34), "<b>": room.Response(1.0, -3.0)}
    shown = room.path_table(found, ("conv1", "fc"), answers)
    assert "&lt;b&gt;" in shown.page and "<b>" not in shown.page
    assert "–" in shown.text and "50 %" in shown.text and shown.page.count("<tr>") == 3
    assert "12.3" in shown.text and "own logit" in shown.page
    assert "own logit" not in room.path_table(found, ("fc",)).page
    with pytest.raises(KeyError, match="conv9"):
        room.at(found["<b>"], "conv9")
    with pytest.raises(ValueError, match="At conv1 same and different cannot be told apart"):
        room.estimated(found["<b>"], "conv1")


def test_responses_are_those_of_the_classes_own_logits(labs, renders):
    lab, wrong = labs["robust"], (renders.labels + 1) % 8
    found = room.responses(lab, {"right": tuple(renders), "wrong": (renders.images, wrong)})
    assert found["right"].correct > 0.9 > 0.1 > found["wrong"].correct
    with torch.no_grad():
        expected = lab.network(renders.images)[range(32), wrong].mean()
    assert found["wrong"].logit == pytest.approx(float(expected), abs=1e-3)


def test_an_estimate_is_the_score_with_its_interval_over_classes():
    rows = [layer_row("a", [0.3, 0.5, 0.4])]
    e = room.estimated(rows, "a")
    assert e.value == pytest.approx(0.5) == room.score(rows, "a")
    assert e[1:4] == (pytest.approx(0.4), pytest.approx(0.8), 3) and e.of == "classes"


def test_a_difference_is_paired_by_class_and_averaged_over_layers_and_networks():
    high = [layer_row("a", [0.4, 0.5, 0.6]), layer_row("b", [0.5, 0.6, 0.7])]
    low = [layer_row("a", [0.2, 0.3, 0.4]), layer_row("b", [0.4, 0.5, 0.6], same=0.7)]
    both = room.difference(high, low, ("a", "b"))  # a: 0.5 for each class; b: 1.0 - 0.6 = 0.4
    assert both.value == pytest.approx((0.5 + 0.4) / 2) and both.n == 3
    assert room.difference(low, high, ("a",)).value == pytest.approx(-0.5)
    lows = [low, [layer_row("a", [0.3, 0.5, 0.6])]]
    found = room.mean_difference([high, high], lows, ("a",))
    each = [room.difference(high, low, ("a",)).value for low in lows]
    assert found.value == pytest.approx(sum(each) / 2) and found.n == 3 and found.of == "classes"


def test_the_higher_one_is_named_where_the_interval_says_so():
    for low, high, name in ((0.1, 0.3, "first"), (-0.3, -0.1, "second"), (-0.1, 0.3, "cannot say")):
        less = Estimate((low + high) / 2, low, high, 8)
        assert room.which_higher(less, "first", "second") == name


def test_rank_vectors_give_the_librarys_means(labs, renders):
    lab = labs["standard"]
    paths = gather(lab.network, ("inception4b",), *renders, progress=False)
    units = room.rank_vectors(lab, "inception4b", renders.images[renders.labels == 3])
    same = float(paths.layers["inception4b"].same[3])
    assert mean_pairwise(units) == pytest.approx(same, abs=1e-6)


# The real network


def test_what_was_measured_on_the_real_network_is_complete():
    real = room.real_paths()
    assert "MobileNetV2" in real.told
    assert list(real.found) == list(real.means) == list(real.responses)
    for rows in (*real.found.values(), *real.means.values()):
        assert [r.layer for r in rows] == list(RECIPES["mobilenet_v2"].paths)
    moved = real.found["photographs, moved 42 px"]
    assert room.score(moved, "features.14") < room.score(real.found["photographs"], "features.14")


def test_what_the_controls_leave_is_set_side_by_side(monkeypatch):
    def less(value):
        return as_json(Estimate(value, value - 0.2, value + 0.2, 10))

    numbers = {
        "early path": less(0.4), "early path, photographs": less(0.9), "shown": less(1.0),
        "early path, 128 steps less photographs, moved 6 px": None,
        "early path, 256 steps less photographs, moved 6 px": less(0.05),
        "early path, 128 steps less photographs, contrast × 3": less(-0.5),
        "early path, 256 steps less photographs, contrast × 3": less(0.5),
    }  # fmt: skip
    made = Reproduced("Your own result.", None, {}, numbers)
    monkeypatch.setattr(room, "reproduced", lambda *_: made)
    found = room.against_controls("cifar-standard-0")
    assert found.less[256, "moved"] == from_json(Estimate, less(0.05))
    assert found.less[128, "moved"] is None and len(found.less) == 4
    assert found.unchanged == pytest.approx(-0.5) and found.told == "Your own result."
    lines = room.controls_table({"CIFAR-10": found}).text.splitlines()
    assert re.search(r"CIFAR-10, 128 steps +–  .*lower", lines[1])
    assert "0.05 (-0.15 to 0.25) as low, within 0.3" in lines[2] and "control is lower" in lines[2]
    numbers["early path"] = None
    assert math.isnan(room.against_controls("cifar-standard-0").unchanged)
