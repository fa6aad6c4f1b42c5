from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_lib.activations import record
from course_lib.errors import UnitOutOfRangeError
from course_lib.labs.lab import Photos
from course_lib.labs.tiny.world import render
from course_lib.sanity.controls import (
    _power_by_frequency,
    best_of,
    blurred,
    compare_controls,
    contrast,
    grey,
    inverted,
    matched_contrast,
    matched_spectrum,
    named_as_class,
    noisy,
    shifted,
)
from course_lib.sanity.path_similarity import compare, gather
from course_lib.visualization.spectrum import amplitude_by_frequency

RENDERS = render(24, seed=5, size=32)[0]
PICTURES = render(6, seed=6, size=32)[0].square()  # darker, and with other contrast
CONTROLS = {
    "contrast": lambda images: contrast(images, 3.0),
    "grey": grey,
    "inverted": inverted,
    "blurred": blurred,
    "noisy": noisy,
    "shifted": lambda images: shifted(images, 3),
    "matched_contrast": lambda images: matched_contrast(images, RENDERS),
    "matched_spectrum": lambda images: matched_spectrum(images, RENDERS),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_gives_new_images_of_the_same_kind(name):
    before = PICTURES.clone()
    made = CONTROLS[name](PICTURES)
    assert torch.equal(PICTURES, before)
    assert made.shape == PICTURES.shape and made.dtype == PICTURES.dtype
    assert made.min() >= 0 and made.max() <= 1 and not torch.equal(made, before)
    assert torch.equal(made, CONTROLS[name](PICTURES))


@pytest.mark.parametrize("name", sorted(CONTROLS.keys() - {"noisy", "shifted"}))
def test_every_control_without_chance_treats_each_image_by_itself(name):
    made = CONTROLS[name](PICTURES)
    assert torch.allclose(CONTROLS[name](PICTURES[2:3]), made[2:3], atol=1e-5)


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_takes_flat_images_and_refuses_nan(name):
    flat = torch.full((1, 3, 8, 8), 0.4)
    control = CONTROLS[name]
    if name == "matched_spectrum":
        control = lambda images: matched_spectrum(images, torch.rand(4, 3, 8, 8))  # noqa: E731
    assert torch.isfinite(control(flat)).all()
    with pytest.raises(ValueError, match="images has values from nan"):
        control(flat * math.nan)


@given(st.floats(0.0, 1.0))
def test_less_contrast_keeps_the_mean_and_scales_the_deviations(factor):
    made = contrast(PICTURES, factor)
    assert torch.allclose(made.mean((2, 3)), PICTURES.mean((2, 3)), atol=1e-5)
    assert torch.allclose(made.std((2, 3)), factor * PICTURES.std((2, 3)), atol=1e-5)


def test_more_contrast():
    made = contrast(PICTURES, 3.0)
    assert (made.std((2, 3)) > PICTURES.std((2, 3))).all()


def test_inverting_twice_changes_nothing():
    assert torch.allclose(inverted(inverted(PICTURES)), PICTURES, atol=1e-6)


def test_blurring_takes_fine_detail_and_keeps_coarse():
    _, before = amplitude_by_frequency(PICTURES)
    _, after = amplitude_by_frequency(blurred(PICTURES, 2.0))
    assert after[0] > 0.8 * before[0]
    assert after[-1] < 0.2 * before[-1]
    assert blurred(torch.rand(1, 3, 4, 4), 9.0).shape == (1, 3, 4, 4)


def test_noise_has_its_amount_and_its_seed():
    grey = torch.full((4, 3, 32, 32), 0.5)
    assert (noisy(grey, 0.1) - grey).std() == pytest.approx(0.1, rel=0.05)
    assert not torch.equal(noisy(grey, seed=1), noisy(grey, seed=2))
    state = torch.get_rng_state()
    noisy(grey)
    assert torch.equal(state, torch.get_rng_state())


def test_grey_has_one_value_a_pixel_and_keeps_the_brightness():
    made = grey(PICTURES)
    assert torch.equal(made[:, 0], made[:, 1]) and torch.equal(made[:, 0], made[:, 2])
    assert torch.allclose(made.mean(1), PICTURES.mean(1), atol=1e-6)


def test_shifting_moves_along_both_axes_and_mirrors_the_edges():
    made = shifted(RENDERS, 5)
    directions = []
    for before, after in zip(RENDERS, made, strict=True):
        found = []
        for down in (-5, 5):
            for right in (-5, 5):
                moved = before.roll((down, right), (1, 2))
                inner = (slice(None), slice(5, -5), slice(5, -5))
                if torch.equal(moved[inner], after[inner]):
                    found.append((down, right))
        assert len(found) == 1
        directions += found
    assert len(set(directions)) == 4
    down, right = directions[0]
    rows = made[0] if down > 0 else made[0].flip(1)  # what came in at the edge is the mirror image
    assert torch.equal(rows[:, :5], rows[:, 6:11].flip(1))
    assert torch.equal(shifted(RENDERS, 0), RENDERS)


def test_shifting_has_its_seed_and_leaves_the_random_state_alone():
    assert not torch.equal(shifted(RENDERS, 5, seed=1), shifted(RENDERS, 5, seed=2))
    state = torch.get_rng_state()
    shifted(RENDERS, 5)
    assert torch.equal(state, torch.get_rng_state())


def test_matched_contrast_has_the_others_mean_and_deviation():
    made = matched_contrast(PICTURES, Photos(RENDERS, torch.zeros(24).long()))
    mean = RENDERS.mean((0, 2, 3)).expand(6, 3)
    spread = RENDERS.var((2, 3), unbiased=False).mean(0).sqrt().expand(6, 3)
    assert torch.allclose(made.mean((2, 3)), mean, atol=0.01)
    assert torch.allclose(made.std((2, 3), unbiased=False), spread, atol=0.01)


def test_matched_spectrum_has_the_others_amplitudes_and_its_own_phases():
    made = matched_spectrum(PICTURES, RENDERS)

    def amplitudes(images: Tensor) -> Tensor:
        return _power_by_frequency(torch.fft.fft2(images)).mean(0).sqrt()

    assert torch.allclose(amplitudes(made), amplitudes(RENDERS), rtol=0.03)
    assert torch.allclose(made.mean((2, 3)), RENDERS.mean((0, 2, 3)).expand(6, 3), atol=0.02)
    phases, kept = torch.fft.fft2(PICTURES).angle(), torch.fft.fft2(made).angle()
    weights = torch.fft.fft2(PICTURES).abs()
    weights[..., 0, 0] = 0
    assert ((phases - kept).cos() * weights).sum() / weights.sum() > 0.95  # clipping moves a few


def test_matching_what_already_matches_changes_little():
    one = RENDERS[:1]
    assert torch.allclose(matched_contrast(one, one), one, atol=1e-4)
    assert torch.allclose(matched_spectrum(one, one), one, atol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: contrast(PICTURES, -1), "factor=-1: give a number of 0 or more"),
        (lambda: contrast(PICTURES, math.nan), "factor=nan"),
        (lambda: blurred(PICTURES, 0), "sigma=0: give a positive number"),
        (lambda: noisy(PICTURES, math.inf), "amount=inf"),
        (lambda: shifted(PICTURES, 32), "pixels=32: the images are 32 pixels an edge"),
        (lambda: shifted(PICTURES, -1), "pixels=-1: give a whole number"),
        (lambda: shifted(PICTURES, 1.5), "pixels=1.5: give a whole number"),
        (lambda: noisy(PICTURES, seed=0.5), "seed=0.5: give a whole number"),
        (lambda: matched_contrast(PICTURES, RENDERS[:0]), "like holds no image"),
        (lambda: matched_contrast(PICTURES, 3), "Images are a int"),
        (lambda: matched_spectrum(PICTURES, RENDERS[..., :8, :8]), "32 pixels .* like 8"),
        (lambda: inverted(PICTURES * 3), "images has values from"),
    ],
)
def test_what_a_control_cannot_do_is_one_clear_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Activation maxima within the distribution, and classification


@pytest.mark.parametrize("layer", ["stem", "fc", None])
def test_best_of_finds_the_images_with_the_strongest_response(small_network, layer):
    images = torch.rand(700, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    outputs = record(small_network, [layer], images)[layer]
    responses = outputs.flatten(2).mean(2) if outputs.dim() == 4 else outputs
    best = best_of(small_network, layer, [2, 0], images, each=3)
    assert best.shape == (2, 3)
    assert torch.equal(best[0], responses[:, 2].topk(3).indices)
    assert torch.equal(best[1], responses[:, 0].topk(3).indices)
    photos = Photos(images, torch.zeros(700).long())
    assert torch.equal(best_of(small_network, layer, [2, 0], photos), best[:, :1])


def test_best_of_refuses_what_is_not_there(small_network):
    with pytest.raises(UnitOutOfRangeError, match="Unit 5 is out of range"):
        best_of(small_network, None, [5], PICTURES)
    with pytest.raises(KeyError, match="no layer 'stam'"):
        best_of(small_network, "stam", [0], PICTURES)
    with pytest.raises(ValueError, match="say for which units"):
        best_of(small_network, None, [], PICTURES)
    with pytest.raises(ValueError, match="each=7: there are 6 images"):
        best_of(small_network, None, [0], PICTURES, each=7)


def test_images_are_named_by_the_units_of_the_classes_alone(small_network):
    with torch.no_grad():
        small_network.fc.weight.zero_()
        small_network.fc.bias.copy_(torch.tensor([1.0, 9.0, 3.0, 2.0, 0.0]))
    named = named_as_class(small_network, PICTURES, [0, 1, 2, 1, 1, 0], [0, 2, 4])
    assert named.tolist() == [False, True, False, True, True, False]
    assert torch.equal(named, named_as_class(
        small_network, PICTURES, torch.tensor([0, 1, 2, 1, 1, 0]), torch.tensor([0, 2, 4])
    ))  # fmt: skip


def test_classification_refuses_what_does_not_match(small_network):
    with pytest.raises(ValueError, match=r"labels is .2,. of torch.int64: .* each of 6 images"):
        named_as_class(small_network, PICTURES, [0, 1], [0, 1])
    with pytest.raises(ValueError, match=r"labels run from 0 to 2: .* classes 0 to 1"):
        named_as_class(small_network, PICTURES, [0, 1, 2, 0, 1, 2], [0, 1])
    with pytest.raises(UnitOutOfRangeError, match="Unit 9"):
        named_as_class(small_network, PICTURES, [0, 1, 0, 1, 0, 1], [0, 9])


# Comparing


def test_controls_are_compared_by_name(small_network):
    photos = render(16, seed=7, size=32)
    paths = gather(small_network, ["stem", "fc"], photos)
    labels = torch.arange(6) % 2
    controls = {"plain": (PICTURES, labels), "inverted": (inverted(PICTURES), labels)}
    rows = compare_controls(paths, {**controls, "renders": render(8, seed=8, size=32)})
    assert list(rows) == ["plain", "inverted", "renders"]
    assert rows["inverted"] == compare(paths, inverted(PICTURES), labels)
    with pytest.raises(ValueError, match="Control 'dark': labels has 2 labels for 6 images"):
        compare_controls(paths, {"dark": (PICTURES, [0, 1])})
    with pytest.raises(ValueError, match="Control 'bare' is a Tensor: give a pair"):
        compare_controls(paths, {"bare": PICTURES})
