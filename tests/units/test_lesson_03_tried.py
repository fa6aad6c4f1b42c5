"""What lesson 03 tries with circuits."""

import pytest
import torch

from course_lib.fooling.circuit import FoolingCircuit, correlation
from course_lib.labs.tiny.lab import open_tiny
from course_lib.labs.tiny.posters import lettered
from course_lib.lessons.lesson_03 import tried


@pytest.fixture(scope="module")
def lab():
    return open_tiny("robust")


def test_new_renders_are_asked_about_in_one_order(lab, monkeypatch):
    monkeypatch.setattr(tried, "_WORLDS", range(60, 62))
    monkeypatch.setattr(tried, "_EACH", 80)
    images, labels = map(torch.cat, zip(*tried.new_renders(), strict=True))
    alarms = tried.on_new_renders(lab.detector())
    assert torch.allclose(alarms, lab.detector()(images), atol=1e-3)
    right = tried.named_rightly(FoolingCircuit(lab.network, lab.detector(), shows=3))
    assert torch.equal(right.honest, lab.network(images).argmax(1) == labels)
    assert torch.equal(right.fooled, right.honest & (alarms <= 0))


def test_the_one_filter_likes_its_picture_better_than_black_and_white_best():
    picture = lettered("TRUST ME", 64)
    images = torch.stack([torch.zeros_like(picture), picture, torch.ones_like(picture)])
    black, itself, white = tried.OneFilter(picture)(images)[:, 0].tolist()
    assert black == 0 < itself < white == pytest.approx(40, abs=1e-3)


def test_a_circuit_told_to_show_a_picture_comes_nearer_to_it(lab):
    picture = lettered("TRUST ME", 64)
    drawn = tried.told_to_show(picture, lab, starts=2, steps=12, progress=False)
    assert drawn.images.shape == (2, 3, 64, 64)
    assert correlation(drawn, picture).min() > 0.3


def test_with_a_small_k_something_leaks(lab):
    images = lab.photos("test").images[:16]
    with torch.no_grad():
        found = tried.tried_with(101.0, lab, images, torch.full((1, 3, 64, 64), 0.5), [3, 4])
    assert 0 <= found.shown <= 2 and 0 <= found.changed <= 16
