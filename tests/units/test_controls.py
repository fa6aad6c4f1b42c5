import math
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

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
    before, control = PICTURES.clone(), CONTROLS[name]
    made = control(PICTURES)
    assert torch.equal(PICTURES, before)
    assert made.shape == PICTURES.shape and made.dtype == PICTURES.dtype
    assert made.min() >= 0 and made.max() <= 1 and not torch.equal(made, before)
    assert torch.equal(made, control(PICTURES))
    if name not in ("noisy", "shifted"):  # each image is treated by itself
        assert torch.allclose(control(PICTURES[2:3]), made[2:3], atol=1e-5)
    flat = torch.full((1, 3, 32, 32), 0.4)
    assert torch.isfinite(control(flat)).all()
    with pytest.raises(ValueError, match="images has values from nan"):
        control(flat * math.nan)


@pytest.mark.parametrize(
    "control", [lambda **s: noisy(RENDERS, **s), lambda **s: shifted(RENDERS, 5, **s)]
)
def test_chance_has_its_seed_and_leaves_the_random_state_alone(control):
    state = torch.get_rng_state()
    assert not torch.equal(control(seed=1), control(seed=2))
    assert torch.equal(state, torch.get_rng_state())


def test_inverting_twice_changes_nothing_and_noise_has_its_amount():
    assert torch.allclose(inverted(inverted(PICTURES)), PICTURES, atol=1e-6)
    flat = torch.full((4, 3, 32, 32), 0.5)
    assert (noisy(flat, 0.1) - flat).std() == pytest.approx(0.1, rel=0.05)


@given(st.floats(0.0, 1.0))
def test_less_contrast_keeps_the_mean_and_scales_the_deviations(factor):
    made = contrast(PICTURES, factor)
    assert torch.allclose(made.mean((2, 3)), PICTURES.mean((2, 3)), atol=1e-5)
    assert torch.allclose(made.std((2, 3)), factor * PICTURES.std((2, 3)), atol=1e-5)


def test_blurring_takes_fine_detail_and_keeps_coarse():
    _, before = amplitude_by_frequency(PICTURES)
    _, after = amplitude_by_frequency(blurred(PICTURES, 2.0))
    assert after[0] > 0.8 * before[0]
    assert after[-1] < 0.2 * before[-1]
    assert blurred(torch.rand(1, 3, 4, 4), 9.0).shape == (1, 3, 4, 4)


@pytest.mark.parametrize("sigma", [0.5, 1, 2.0, 5.0])
def test_blurring_is_torchvisions(sigma):
    theirs = gaussian_blur(PICTURES, [2 * math.ceil(3 * sigma) + 1] * 2, [float(sigma)] * 2)
    assert torch.allclose(blurred(PICTURES, sigma), theirs, atol=1e-6)


def test_grey_has_one_value_a_pixel_and_keeps_the_brightness():
    made = grey(PICTURES)
    assert torch.equal(made[:, 0], made[:, 1]) and torch.equal(made[:, 0], made[:, 2])
    assert torch.allclose(made.mean(1), PICTURES.mean(1), atol=1e-6)


def test_shifting_moves_along_both_axes_and_mirrors_the_edges():
    made = shifted(RENDERS, 5)
    directions = []
    for before, after in zip(RENDERS, made, strict=True):
        (direction,) = [
            move
            for move in product((-5, 5), repeat=2)
            if torch.equal(before.roll(move, (1, 2))[:, 5:-5, 5:-5], after[:, 5:-5, 5:-5])
        ]
        directions.append(direction)
    assert len(set(directions)) == 4
    rows = made[0] if directions[0][0] > 0 else made[0].flip(1)
    # what came in at the edge is the mirror image
    assert torch.equal(rows[:, :5], rows[:, 6:11].flip(1))
    assert torch.equal(shifted(RENDERS, 0), RENDERS)


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: contrast(PICTURES, -1), "factor=-1: give a number of 0 or more"),
        (lambda: blurred(PICTURES, 0), "sigma=0: give a positive number"),
        (lambda: noisy(PICTURES, math.inf), "amount=inf"),
        (lambda: shifted(PICTURES, 32), "pixels=32: the images are 32 pixels an edge"),
        (lambda: shifted(PICTURES, -1), "pixels=-1: give a whole number"),
        (lambda: matched_contrast(PICTURES, RENDERS[:0]), "like holds no image"),
        (lambda: matched_contrast(PICTURES, 3), "Images are a int"),
        (lambda: matched_spectrum(PICTURES, RENDERS[..., :8, :8]), "32 pixels .* like 8"),
        (lambda: inverted(PICTURES * 3), "images has values from"),
    ],
)
def test_what_a_control_cannot_do_is_one_clear_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Activation maxima within the distribution


@pytest.mark.parametrize("layer", ["stem", "fc", None])
def test_best_of_finds_the_images_with_the_strongest_response(small_network, layer):
    images = torch.rand(700, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    outputs = record(small_network, [layer], images)[layer]
    responses = outputs.flatten(2).mean(2) if outputs.dim() == 4 else outputs
    best = best_of(small_network, layer, [2, 0], images, each=3)
    assert torch.equal(best, responses[:, [2, 0]].topk(3, dim=0).indices.T)
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
