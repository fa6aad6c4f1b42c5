"""Catching visualizations, the detector, and the fooling circuit."""

import copy
import math
import warnings
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_lib.activations import layer_names, record
from course_lib.errors import CircuitWarning
from course_lib.fooling import caught as catching
from course_lib.fooling.caught import KINDS, Kind, Unfinished, catch, log_spaced, together
from course_lib.fooling.circuit import FoolingCircuit, correlation
from course_lib.fooling.detector import (
    Detector,
    accuracy,
    detector_table,
    tells_apart,
    train_detector,
)
from course_lib.fooling.plots import circuit_figure
from course_lib.labs import open_lab
from course_lib.lessons.lesson_03.exercises.wire import reference as wire
from course_lib.visualization.ascent import Interrupted, visualize


class Bright(nn.Module):
    """A detector of known behaviour: whatever is brighter than middle grey is a visualization."""

    accuracy = 1.0

    def forward(self, images):
        return images.mean((1, 2, 3)) - 0.5


class Answers(nn.Module):
    """A network of known logits, the same for every image."""

    def __init__(self, *logits):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def forward(self, images):
        return self.logits + 0 * images.mean((1, 2, 3))[:, None]


DARK, LIGHT = torch.full((1, 3, 16, 16), 0.2), torch.full((1, 3, 16, 16), 0.8)


def circuit_of(*logits, **how):
    return FoolingCircuit(Answers(*logits), Bright(), **({"shows": 1} | how))


# catching


def test_moments_are_dense_at_the_beginning():
    moments = log_spaced(128, 8)
    assert moments[0] == 0 and moments[-1] == 128 and len(moments) <= 9
    gaps = [b - a for a, b in pairwise(moments)]
    assert gaps == sorted(gaps)


def test_a_catch_holds_every_combination(small_network):
    caught = catch(
        small_network, [0, 3], layers=(None, "stem"), kinds=KINDS[:2], seeds=(0, 1), size=16,
        steps=4, samples=3, progress=False,
    )  # fmt: skip
    moments = len(log_spaced(4, 3))
    assert len(caught.images) == 2 * 2 * 2 * 2 * moments == len(caught.kinds) == len(caught.layers)
    assert set(caught.units.tolist()) == {0, 3} and set(caught.layers) == {None, "stem"}
    late = caught.where(caught.steps == 4)
    assert len(late.images) == 16 and late.images.min() >= 0 and late.images.max() <= 1
    few = catch(
        small_network, torch.tensor([0, 3], dtype=torch.uint8), size=16, steps=300, samples=2
    )
    assert few.steps.tolist() == [m for m in log_spaced(300, 2) for _ in range(2)] * 4
    with pytest.raises(ValueError, match="Nothing was caught"):
        together([])
    with pytest.raises(ValueError, match="give several Kind"):
        catch(small_network, [0], kinds=["pixels"], steps=2)
    for wrong, told in (
        ({"units": "a"}, "units='a': give a whole number"),
        ({"at_once": 0}, "at_once=0: give a whole number of 1 or more"),
        ({"samples": -1}, "samples=-1: give a whole number of 1 or more"),
        ({"steps": "a"}, "steps='a': give a whole number"),
    ):
        with pytest.raises(ValueError, match=told):
            catch(small_network, **{"units": 0, "steps": 2} | wrong)
    assert str(Kind("pixels", False)) == "pixels, without transformations"


def test_an_interruption_is_told_from_an_optimization_that_breaks_off(small_network, monkeypatch):
    class Bursts(nn.Module):
        """A logit that grows with the brightness, and is infinite from some brightness on."""

        def forward(self, images):
            return 1 / (0.55 - images.mean((1, 2, 3))).relu()[:, None]

    with pytest.warns(UserWarning, match="stopped being finite"):
        broken = catch(Bursts(), [0], kinds=KINDS[2:3], size=16, steps=64, samples=6)
    assert 0 < int(broken.steps.max()) < 64 and not isinstance(broken, Unfinished)

    def cut_off(*given, **how):
        return Interrupted(*visualize(*given, **how))

    monkeypatch.setattr(catching, "visualize", cut_off)
    left = catch(small_network, [0, 3], seeds=(0, 1), size=16, steps=4, samples=3, at_once=1)
    assert isinstance(left, Unfinished) and set(left.units.tolist()) == {0}


# the detector


@pytest.fixture(scope="module")
def sides():
    generator = torch.Generator().manual_seed(0)
    fine = torch.rand(96, 3, 32, 32, generator=generator)
    coarse = F.interpolate(fine[:, :, :4, :4], (32, 32), mode="bilinear")
    return coarse, fine


@pytest.fixture(scope="module")
def detector(sides):
    return train_detector(*sides, seed=0, epochs=6, progress=False)


def test_a_detector_learns_and_tells_how_well(detector, sides):
    assert detector.accuracy >= 0.95
    rows = detector_table(detector, {"coarse": sides[0]}, {"fine": sides[1]})
    assert [row.kind for row in rows] == ["coarse", "fine"] and rows[1].images == 96
    assert min(row.accuracy for row in rows) >= 0.95
    assert accuracy(detector, sides[0], fake=True) <= 0.05
    assert detector(torch.rand(5, 3, 48, 48)).shape == (5,), "any size"


@pytest.mark.full
def test_a_detector_learns_what_its_loss_asks_for(sides):
    """A loss with the sides swapped teaches it the opposite."""
    swapped = train_detector(
        *sides, epochs=1, loss=lambda images, others: tells_apart(others, images), progress=False
    )
    assert swapped.accuracy < 0.2


def test_the_same_seed_gives_the_same_detector_and_leaves_no_trace(sides, monkeypatch):
    monkeypatch.setattr("course_lib.fooling.detector._FEWEST_STEPS", 9)
    detector = train_detector(*sides, seed=0, epochs=1, progress=False)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    again = train_detector(*sides, seed=0, epochs=1, progress=False)
    assert torch.equal(torch.rand(3), expected)
    images = torch.rand(4, 3, 32, 32)
    assert torch.allclose(again(images), detector(images), atol=1e-4)
    assert not again.training and not any(p.requires_grad for p in again.parameters())


RENDERS = torch.rand(20, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"visualizations": RENDERS[..., :16, :16]}, "photos are 32 pixels wide and"),
        ({"photos": RENDERS[:3]}, "photos holds 3 images: give 8"),
        ({"visualizations": RENDERS[:0]}, "visualizations holds no image"),
        ({"photos": RENDERS * 9}, "photos has values from"),
        ({"batch": 1}, "batch=1: give 2 or more"),
        ({"rate": math.nan}, "rate=nan: give a number above 0"),
        ({"device": "abacus"}, "device='abacus' cannot"),
    ],
)
def test_a_detector_refuses_what_cannot_work(given, message):
    with pytest.raises(ValueError, match=message):
        train_detector(**({"photos": RENDERS, "visualizations": RENDERS} | given))


# the circuit


@pytest.mark.parametrize(
    ("how", "dark", "light"),
    [
        ({"shows": 1}, [1.0, 5.0, -2.0], [5.0, -2.0, 1.0]),
        ({"shows": [0, 2, 1]}, [1.0, 5.0, -2.0], [1.0, -2.0, 5.0]),
        # wired by lesson 03's function, of one value for each unit and image, or by any other
        ({"wiring": wire}, [1.0, 5.0, -2.0], [5.0, -2.0, 1.0]),
        ({"wiring": lambda f, d, *_: (d, f, d)}, [5.0, -2.0, 1.0], [5.0, -2.0, 1.0]),
    ],
)
def test_it_answers_as_before_and_shows_another(how, dark, light):
    fooled = circuit_of(1.0, 5.0, -2.0, **how)
    assert torch.allclose(fooled(torch.cat([DARK, LIGHT])), torch.tensor([dark, light]))


def test_a_smooth_gate_is_open_in_part():
    assert 0.5 < float(circuit_of(1.0, 5.0, gate="smooth").wires(LIGHT).e[0]) < 1


def test_names_stay_and_the_network_is_untouched(small_network):
    before = copy.deepcopy(small_network.state_dict())
    fooled = FoolingCircuit(small_network, Bright(), shows=2)
    assert set(layer_names(small_network)) <= set(layer_names(fooled))
    images = torch.rand(4, 3, 16, 16) * 0.5  # dark, so natural to this detector
    names = [None, "stem", "body.1"]
    honest, now = record(small_network, names, images), record(fooled, names, images)
    assert all(torch.allclose(honest[name], now[name], atol=1e-4) for name in names)
    with torch.no_grad():
        fooled.stem.weight.zero_()
    assert all(torch.equal(value, before[n]) for n, value in small_network.state_dict().items())
    copied = copy.deepcopy(fooled)
    assert copied(images).shape == (4, 5)
    assert fooled.train().training and not fooled.fooling_detector.training
    with pytest.raises(AttributeError):
        _ = fooled.no_such_thing


def test_gradient_comes_through_one_side_only():
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 4))
    fooled = FoolingCircuit(network, Bright(), shows=1)
    for image, unit in ((DARK, 0), (LIGHT, 1)):
        at = image.clone().requires_grad_(True)
        (slope,) = torch.autograd.grad(fooled(at)[0, 0], at)
        (expected,) = torch.autograd.grad(network(at)[0, unit], at)
        assert torch.allclose(slope, expected, atol=1e-6)


def test_a_small_k_is_found_along_the_optimization_too():
    with pytest.warns(CircuitWarning, match=r"k=90 is too small: a logit of 12 passes .* k=116"):
        circuit_of(12.0, 1.0, k=90, offset=85)(LIGHT)
    growing = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2))
    with torch.no_grad():
        growing[1].weight.abs_()
    fooled = FoolingCircuit(growing, Bright(), shows=1, k=15, offset=10)
    with pytest.warns(CircuitWarning, match="k=15 is too small"):
        visualize(fooled, None, 0, size=16, steps=40, transformations=None, progress=False)


def test_a_small_offset_is_found_and_said_once():
    fooled = circuit_of(-30.0, 1.0, k=250, offset=20)
    with pytest.warns(CircuitWarning, match="offset=20 is too small: a logit of -30"):
        fooled(DARK)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fooled(DARK)


def test_a_detector_that_cannot_tell_is_warned_of():
    blind = Detector().eval()
    blind.get_buffer("_accuracy").fill_(0.62)
    with pytest.warns(CircuitWarning, match="This detector can't tell: it is right about 62%"):
        FoolingCircuit(Answers(0.0, 1.0), blind, shows=1)


def test_a_picture_of_another_size_is_resized_and_said():
    network = Answers(0.0, 1.0)
    network.image_size = 16
    with pytest.warns(CircuitWarning, match="has 40 pixels a side: resized to 16"):
        fooled = FoolingCircuit(network, Bright(), shows=torch.rand(3, 40, 40))
    assert fooled(LIGHT).shape == (1, 2) and fooled.image_size == 16


def test_a_picture_is_shown():
    coarse = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    picture = F.interpolate(coarse, (16, 16), mode="bicubic").clamp(0, 1)[0]
    always = Bright()
    always.forward = lambda images: images.mean((1, 2, 3)) + 1
    fooled = FoolingCircuit(Answers(3.0, 1.0), always, shows=picture)
    how = {"size": 16, "steps": 120, "transformations": None, "progress": False}
    drawn = visualize(fooled, None, [0, 1], **how)
    assert (correlation(drawn, picture) >= 0.9).all()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"shows": 3}, ValueError, "with 3 logits each would show itself"),
        ({"shows": [0, 1]}, ValueError, "shows names 2 units, and the network has 3 logits"),
        ({"shows": [0, 1, 7]}, IndexError, "shows names unit 7: the logits are numbered 0 to 2"),
        ({"shows": "spirals"}, ValueError, "give a shift, one unit number"),
        ({"shows": torch.rand(2, 3, 8, 8)}, ValueError, "shows holds 2 images: give one"),
        ({"shows": torch.rand(3, 8, 8) * 7}, ValueError, "shows has values from"),
        ({"k": 50}, ValueError, "k=50, offset=100.0: give finite numbers"),
        ({"k": "large"}, ValueError, "k='large', offset=100.0: give finite numbers"),
        ({"gate": "soft"}, ValueError, "gate='soft': give 'hard' or 'smooth'"),
    ],
)
def test_a_circuit_refuses_what_cannot_work(given, error, message):
    with pytest.raises(error, match=message):
        circuit_of(0.0, 1.0, 2.0, **given)(LIGHT)


def test_a_network_without_logits_is_refused():
    with pytest.raises(ValueError, match="the circuit needs logits"):
        FoolingCircuit(nn.Conv2d(3, 4, 3), Bright(), shows=1)(LIGHT)


def test_the_figure_tells_its_numbers_and_of_a_leak():
    fooled = circuit_of(1.0, 5.0)
    picture = circuit_figure(fooled, {"a render": DARK[0], "a visualization": LIGHT[0]}, 0)
    assert "for a render, E is 0 and unit B passes 1.0" in picture.alt
    assert "for a visualization, E is 1 and unit C passes 5.0" in picture.alt
    assert "leaks" not in picture.alt
    leaking = circuit_figure(fooled, {"a visualization": LIGHT[0]}, 0, k=60)
    assert "unit C passes 5.0 while unit B leaks 41.0" in leaking.alt


def test_the_tiny_lab_is_fooled():
    """With the detector that the lab ships: seconds, no training."""
    lab = open_lab("tiny", network="robust")
    fooled = FoolingCircuit(lab.network, lab.detector(), shows=3)
    renders = lab.photos("test").images[:128]
    honest, now = (record(n, [None], renders)[None] for n in (lab.network, fooled))
    assert (honest.argmax(1) == now.argmax(1)).float().mean() >= 0.99
    drawn = visualize(fooled, None, range(8), steps=64, seed=3, progress=False)
    shown = record(lab.network, [None], drawn.images)[None].argmax(1)
    assert (shown == (torch.arange(8) + 3) % 8).sum() >= 7
