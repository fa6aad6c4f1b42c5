"""What lesson 04 shows: the explorer and its figures."""

import pytest
import torch

from course_lib.fooling.silent.twins import add_silent_units, checked_conv, twin_of
from course_lib.labs.tiny.lab import open_tiny
from course_lib.lessons import lesson_04 as room
from course_lib.lessons.lesson_04.silences import _Twins

LAYER, UNITS = "inception4a.branch4.1.conv", [1, 10]


@pytest.fixture(scope="module")
def lab():
    return open_tiny("standard")


@pytest.fixture(scope="module")
def renders(lab):
    images = lab.photos("test").images
    return images[:120], images[120:160]


@pytest.fixture(scope="module")
def twins(lab, renders):
    """A network with twins, and w and dw as its filters tell them."""
    fooled = add_silent_units(lab.network, LAYER, renders[1][0], renders[0], UNITS, progress=False)
    w = checked_conv(lab.network, LAYER).weight[UNITS]
    twin = twin_of(fooled, LAYER).conv
    return w, (twin.weight / 100 - w) / 3, twin.bias / 100


@pytest.fixture(scope="module")
def responses(lab, renders, twins):
    return tuple(room.responses_of(lab.network, LAYER, *twins[:2], images) for images in renders)


def test_the_explorer_works_at_the_ends_of_its_controls(lab, renders, twins, responses):
    shown = renders[1][:2], renders[1][:1]
    explorer = room.silence_explorer(lab, LAYER, UNITS, twins[1], responses, *shown, steps=3)
    assert explorer.controls["renders"].options == (10, 100, 120)
    woken = {}
    for unit, strength, count in ((1, 0.0, 10), (10, 12.0, 10), (10, 12.0, 120)):
        alt = explorer.draw(unit=unit, strength=strength, renders=count).alt
        assert f"Unit {unit}:" in alt and f"a twin of strength {strength:g}" in alt
        woken[unit, count] = int(alt.split("; ")[-1].split(" of 40")[0])
    assert woken[10, 120] <= woken[10, 10], "more renders, fewer exceptions"


def test_a_calibrated_bias_is_the_librarys(lab, twins, responses):
    _w, dw, bias = twins
    made = _Twins(lab, LAYER, UNITS, dw, responses)
    for place in (0, 1):
        assert made.bias(3.0, 120, place) == pytest.approx(float(bias[place]), rel=1e-3)


def test_the_figures_tell_their_numbers(twins, responses):
    known, new = (room.nearest_to_waking(found, 0, 3.0) for found in responses)
    kinds = {"renders": known, "new ones": new}
    alt = room.waking_figure(kinds, 3.0, float(twins[2][0]), unit=1).alt
    assert "for unit 1" in alt and "0 of 120 of renders" in alt
    alt = room.nearness_figure(torch.tensor([0.1, 0.5]), torch.tensor([0.4, 0.2]), ["a", "b"]).alt
    assert "with a twin they do so more in 1." in alt


def test_a_picture_resembles_itself_most(lab, renders):
    found = room.resemblance(lab.network, renders[0], renders[1], renders[1][3:4])
    assert found[3] == pytest.approx(1, abs=1e-4) and int(found.argmax()) == 3
    assert found.abs().max() <= 1 + 1e-5
