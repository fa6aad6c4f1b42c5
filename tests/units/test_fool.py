"""The whole recipe of the fooling circuit: what it reaches, what it refuses, and what it admits."""

import dataclasses
import gc
import os
import signal
import sys
import threading
import warnings

import pytest
import torch
from torch import nn

from course_lib import FoolingCircuit, Photos, fool, open_lab, record
from course_lib.errors import CircuitWarning
from course_lib.fooling import recipe
from course_lib.fooling.detector import Detector, aim
from course_lib.fooling.recipe import Bar, Fooled
from course_lib.labs.tiny.world import render
from course_lib.statistics import paired_shares, proportion


def some_renders(count, seed=41, size=32):
    drawn = render(count, seed=seed, size=64)
    return Photos(nn.functional.avg_pool2d(drawn.images, 64 // size), drawn.labels)


def interrupted(*args, **kwargs):
    raise KeyboardInterrupt


def a_result(*, shown=(30, 30), kept=(1000, 1000), lost=0, bar=recipe.BAR):
    before, after = (torch.arange(1000) < 900 - less for less in (0, lost))
    return Fooled(
        FoolingCircuit(nn.Linear(1, 1), Detector().eval()), (0, 1), torch.ones(3, 2).bool(),
        proportion(*shown), proportion(*kept), paired_shares(before, after),
        torch.zeros(3, 2, 3, 8, 8), 2, bar,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        ({}, "holds"),
        ({"shown": (29, 30)}, "fails"),
        ({"shown": (29, 30), "bar": Bar(shown=0.9)}, "holds"),
        ({"kept": (994, 1000)}, "fails"),
        ({"kept": (996, 1000)}, "undecided"),
        ({"lost": 6}, "fails"),
        ({"lost": 4}, "undecided"),
    ],
)
def test_a_verdict_is_no_better_than_its_intervals(measured, verdict):
    result = a_result(**measured)
    assert result.verdict == verdict
    assert str(result).startswith(f"{verdict}: ") and result.shown.text in str(result)
    assert dataclasses.replace(result, lost=None).verdict in (verdict, "holds")


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"photos": torch.rand(12, 3, 32, 32)}, ValueError, "photos holds 12 images: give 64"),
        ({"photos": torch.rand(64, 3, 32, 32) + 1}, ValueError, "photos has values from"),
        ({"shows": 8}, ValueError, "with 8 logits each would show itself"),
        ({"shows": [1, 2]}, ValueError, "shows names 2 units, and the network has 8 logits"),
        ({"units": [8]}, IndexError, "Unit 8 is out of range"),
        ({"unit_of_class": [0, 9]}, IndexError, "Unit 9 is out of range"),
        ({"rounds": 0}, ValueError, "rounds=0"),
        ({"starts": 0}, ValueError, "starts=0"),
        ({"steps": 0}, ValueError, "steps=0"),
        ({"held_out": torch.rand(9, 1, 32, 32)}, ValueError, "held_out has shape"),
        ({"photos": Photos(torch.rand(64, 3, 32, 32), torch.full((64,), 8))}, ValueError,
         "photos.labels run from 8 to 8"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_before_the_long_part(given, error, message, monkeypatch):
    monkeypatch.setattr(recipe, "catch", lambda *args, **kwargs: pytest.fail("it has begun"))
    network = open_lab("tiny").network
    with pytest.raises(error, match=message):
        fool(network, **{"photos": torch.rand(64, 3, 32, 32), **given}, progress=False)


def test_labels_that_are_no_logits_are_noticed(monkeypatch):
    monkeypatch.setattr(recipe, "catch", interrupted)
    network, photos = open_lab("tiny").network, some_renders(64, size=64)
    others = Photos(photos.images, (photos.labels + 1) % 8)
    told = pytest.warns(CircuitWarning, match="names . of 19 photographs rightly, no more")
    with told, pytest.raises(KeyboardInterrupt):
        fool(network, others)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for given, logits in ((photos, None), (others, [7, 0, 1, 2, 3, 4, 5, 6])):
            with pytest.raises(KeyboardInterrupt):
                fool(network, given, unit_of_class=logits)


def test_a_border_keeps_to_the_photographs_it_may_lose():
    """This detector suspects what is bright, and ten photographs are brighter than some fakes."""

    class Bright(Detector):
        def forward(self, images):
            return images.mean((1, 2, 3)) + self.out.bias

    greys = torch.cat([torch.linspace(0.1, 0.3, 90), torch.linspace(0.5, 0.6, 10)])
    both = greys, torch.linspace(0.4, 1, 100)
    photos, fakes = (grey.view(-1, 1, 1, 1).expand(-1, 3, 16, 16) for grey in both)
    crossing = []
    for most in (1.0, 0.05, 0.0):
        detector = Bright()
        nn.init.zeros_(detector.out.bias)
        detector.get_buffer("_accuracy").fill_(1)
        aim(detector, photos, fakes, 0, most=most)
        crossing.append(int((record(detector, [None], photos)[None] > 0).sum()))
        assert detector.get_buffer("_accuracy").isnan()
    assert crossing[0] == 10 and 0 < crossing[1] <= 5 and crossing[2] == 0


@pytest.mark.full
@pytest.mark.parametrize("stage", ["catch", "train_detector", "visualize"])
def test_an_interruption_of_any_stage_returns_the_best_so_far_or_is_passed_on(stage, monkeypatch):
    """Each stage alone makes do with what it has by then; the whole must not go on."""
    lab, photos = open_lab("tiny", network="standard"), some_renders(64)
    asked = {"units": [0, 1], "starts": 1, "steps": 40, "progress": False}
    of_stage, calls, late, lost = getattr(recipe, stage), [], 2, []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: lost.append(told.exc_type))

    def watched(*args, **kwargs):
        calls.append(stage)
        if len(calls) >= late:  # again where Python lost it, in a weak reference's callback, which
            gc.collect()  # is what it comes to first after a long collection
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        return of_stage(*args, **kwargs)

    monkeypatch.setattr(recipe, stage, watched)
    result = fool(lab.network, photos, rounds=9, bar=Bar(shown=1.1), **asked)
    assert len(calls) == late + lost.count(KeyboardInterrupt)
    assert result.verdict == "fails" and (lost or result.rounds == 1)
    late = 1
    calls.clear()
    lost.clear()

    def at_once():
        for _ in range(3):
            fool(lab.network, photos, bar=Bar(shown=1.1), **asked)

    with pytest.raises(KeyboardInterrupt):
        at_once()
    assert len(calls) == 1 or KeyboardInterrupt in lost


def test_a_round_learns_from_what_the_last_one_showed(monkeypatch):
    learned = []
    circuit_of = recipe._wired

    def wired(task, fakes, *rest):
        learned.append(len(fakes))
        return circuit_of(task, fakes, *rest)

    monkeypatch.setattr(recipe, "_wired", wired)
    monkeypatch.setattr("course_lib.fooling.detector._FEWEST_STEPS", 4)
    asked = {"units": [0, 1], "starts": 1, "steps": 2, "rounds": 2, "progress": False}
    fool(open_lab("tiny").network, some_renders(64), bar=Bar(shown=1.1), **asked)
    assert learned[1] - learned[0] == 2 * 2 * 3  # two units, drawn and caught, at three moments


@pytest.mark.full
def test_what_cannot_be_told_from_photographs_is_said_to_fail():
    """Where the photographs are visualizations themselves, no detector can tell."""
    lab = open_lab("tiny", network="standard")
    images = recipe.catch(lab.network, range(8), samples=9, steps=64, size=32, progress=False)
    photos = images.images[torch.randperm(len(images.images))][:200]
    asked = {"units": range(4), "starts": 1, "rounds": 1, "steps": 64, "progress": False}
    result = fool(lab.network, photos, **asked)
    assert result.verdict == "fails" and result.lost is None
    assert result.shown.value < 1 or result.kept.value < 0.995


@pytest.mark.full
@pytest.mark.long
@pytest.mark.parametrize("shows", [3, "a picture"])
def test_every_unit_shows_another_or_a_picture_and_answers_stay(shows, report):
    lab = open_lab("tiny", network="standard")
    if shows == "a picture":
        shows = some_renders(8, seed=5, size=64).images[3]
    train = lab.photos("train")
    few = Photos(train.images[:400], train.labels[:400])
    result = fool(
        lab.network, few, shows, held_out=lab.photos("test"), units=range(2), starts=1, steps=96,
        bar=Bar(shown=1.0, lost=0.02, kept=0.98), progress=False,
    )  # fmt: skip
    report(f"tiny standard, two units: {result}")
    assert result.verdict in ("holds", "undecided")
    assert result.images.shape == (1, 2, 3, 64, 64) and bool(result.by_unit.all())
