import math

import pytest
import torch

import course_lib
from course_lib import logit, maco, visualize
from course_lib.errors import NoImagesError
from course_lib.labs.lab import Photos
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.world import render
from course_lib.visualization.maco import Maco, resized_magnitude, spectrum_of

FAST = {"size": 24, "steps": 12, "progress": False}


@pytest.fixture(scope="module")
def renders():
    return render(96, seed=5, size=64)[0]


def picture(images, size, count=2, seed=0):
    return Maco(spectrum_of(images), count, size, seed)


def magnitudes(planes):
    return torch.fft.rfft2(planes, norm="forward").abs()


def same(first, second, tolerance=1e-6):
    return torch.allclose(first, second, rtol=1e-4, atol=tolerance)


@pytest.mark.parametrize("size", [64, 63, 48, 33, 3, 65, 96])
def test_the_magnitudes_are_exactly_the_spectrums_whatever_the_phases(renders, size):
    made = picture(renders, size)
    wanted = resized_magnitude(spectrum_of(renders).magnitude, size)
    for _ in range(3):
        assert same(magnitudes(made.planes()), wanted.expand(2, -1, -1, -1))
        with torch.no_grad():
            made.parameters[0].uniform_(-30, 30)


def test_the_magnitudes_hold_after_an_ascent_too(small_network, renders):
    """They can be read off the finished pictures, back through sigmoid and colours."""
    kind, spectrum = maco(renders), spectrum_of(renders)
    vis = visualize(small_network, None, [0, 3], image=kind, size=40, steps=20, progress=False)
    wanted = resized_magnitude(spectrum.magnitude, 40)
    assert not torch.equal(picture(renders, 40).images(), vis.images)
    before = torch.logit(vis.images) - spectrum.mean[:, None, None]
    planes = torch.einsum("ck,nchw->nkhw", spectrum.axes, before)
    assert same(magnitudes(planes), wanted.expand(2, -1, -1, -1), tolerance=1e-5)
    assert torch.allclose(before.mean((2, 3)), torch.zeros(2, 3), atol=1e-5)


def test_the_spectrum_is_that_of_a_straightforward_loop(renders, monkeypatch):
    monkeypatch.setattr("course_lib.visualization.maco.batches", lambda images: images.split(2))
    images = renders[:5].double()
    before = torch.logit(images, 1 / 32)
    spectrum = spectrum_of(renders[:5])
    assert same(spectrum.mean, before.mean((0, 2, 3)).float())
    axes = spectrum.axes.double()
    assert torch.allclose(axes.T @ axes, torch.eye(3, dtype=torch.float64), atol=1e-6)
    planes = torch.einsum("ck,nchw->nkhw", axes, before)
    covariance = torch.cov(planes.transpose(0, 1).flatten(1))
    assert (covariance - covariance.diag().diag()).abs().max() < 1e-4 * covariance.max()
    assert covariance.diag().tolist() == sorted(covariance.diag().tolist(), reverse=True)
    wanted = torch.stack([magnitudes(image) for image in planes]).mean(0).float()
    wanted[:, 0, 0] = 0
    assert same(spectrum.magnitude, wanted)


def test_every_phase_that_a_photograph_can_have_is_reached():
    image = render(1, seed=3, size=32)[0].clamp(0.05, 0.95)
    spectrum = spectrum_of(image)
    before = torch.logit(image) - spectrum.mean[:, None, None]
    phases = torch.fft.rfft2(torch.einsum("ck,nchw->nkhw", spectrum.axes, before)).angle()
    made = Maco(spectrum, 1, 32, seed=0)
    with torch.no_grad():
        made.parameters[0].copy_(phases)
        made.parameters[0][..., [0, -1]] /= 2  # there, either wave of a pair bears half the phase
        reached = torch.fft.rfft2(made.planes()).angle()
    free = torch.ones(32, 17, dtype=torch.bool)
    free[[0, 0, 16, 16], [0, 16, 0, 16]] = False  # each its own opposite: these have no phase
    alike = torch.cos(reached - phases)[..., free]
    assert torch.allclose(alike, torch.ones_like(alike), atol=1e-3)


def test_contrast_and_colour_are_the_photographs_own(renders):
    images = picture(renders, 64, count=16).images()
    assert images.min() >= 0 and images.max() <= 1 and torch.isfinite(images).all()
    spread = [x.std((2, 3)).mean().item() for x in (images, renders)]
    assert 0.7 < spread[0] / spread[1] < 1.2
    green = renders * torch.tensor([0.4, 1.0, 0.4])[:, None, None]
    red, middle, blue = picture(green, 64, count=4).images().mean((0, 2, 3)).tolist()
    assert middle > red + 0.1 and middle > blue + 0.1


def test_the_start_has_every_phase(renders):
    start = maco(renders)(2, 24, 3, "cpu").parameters[0]
    assert start.min() < -3 and start.max() > 3 and start.abs().max() <= math.pi


def test_pictures_of_one_batch_do_not_depend_on_each_other(small_network, renders):
    given = FAST | {"image": maco(renders), "transformations": None}
    several = visualize(small_network, objective=[logit(1), -logit(1)], **given)
    alone = visualize(small_network, objective=logit(1), **given)
    assert torch.allclose(several.images[:1], alone.images, atol=1e-4)
    assert several.activations[0] > -several.activations[1]


def test_a_smaller_picture_has_the_photographs_coarse_waves(renders):
    magnitude = spectrum_of(renders).magnitude
    small = resized_magnitude(magnitude, 16)
    assert torch.equal(small[:, 1:8, 1:8], magnitude[:, 1:8, 1:8])
    assert torch.equal(small[:, -7:, 1:8], magnitude[:, -7:, 1:8])
    assert torch.equal(resized_magnitude(magnitude, 64)[:, :, 1:-1], magnitude[:, :, 1:-1])


def test_a_larger_picture_is_smooth(renders):
    large = resized_magnitude(spectrum_of(renders).magnitude, 128)
    assert (large[:, 32:97] == 0).all() and (large[:, :, 32:] == 0).all()
    planes = picture(renders, 128).planes().detach()
    photo_sized = picture(renders, 64).planes().detach()
    assert planes.std().item() == pytest.approx(photo_sized.std().item(), rel=0.05)
    steps = [(x[..., 1:] - x[..., :-1]).abs().mean().item() for x in (planes, photo_sized)]
    assert steps[0] < 0.7 * steps[1]


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_photographs_may_be_a_tensor_or_what_a_lab_returns(small_network, renders, dtype):
    one = renders[:1].to(dtype).requires_grad_(True)
    for photos in (one, Photos(one, torch.zeros(1).long())):
        vis = visualize(small_network, None, 0, image=maco(photos), **FAST)
        assert vis.images.dtype == torch.float32 and vis.images.shape == (1, 3, 24, 24)
    assert torch.equal(one, renders[:1].to(dtype)) and one.grad is None


def test_another_network_recognises_the_pictures_and_not_their_start(renders):
    network, judge = weights.load("robust", 0), weights.load("robust", 1)
    vis = visualize(
        network, None, range(8), size=64, steps=64, image=maco(renders), snapshots=[0],
        progress=False,
    )  # fmt: skip
    assert course_lib.recognised(judge, vis.images, range(8)).sum() >= 6
    assert course_lib.recognised(judge, vis.snapshots[0], range(8)).sum() <= 3


NOTHING = torch.zeros(0, 3, 8, 8)


@pytest.mark.parametrize(
    ("photos", "message"),
    [
        (NOTHING, "photos holds no image"),
        (torch.rand(4, 3, 8, 9), r"photos has shape \(4, 3, 8, 9\)"),
        (torch.rand(4, 1, 8, 8), "square colour images"),
        (torch.full((2, 3, 8, 8), math.nan), "give finite values"),
        (torch.rand(2, 3, 8, 8) * 255, "without any normalisation"),
        (torch.zeros(2, 3, 8, 8, dtype=torch.uint8), "divide by 255"),
        ("photos", "Images are a str"),
        (torch.full((2, 3, 8, 8), 0.4), "each of the 2 images is of one colour"),
        (torch.rand(5, 3, 1, 1).expand(-1, -1, 8, 8), "each of the 5 images is of one colour"),
    ],
)
def test_photographs_that_cannot_be_used_are_told_in_a_sentence(photos, message):
    with pytest.raises(NoImagesError if photos is NOTHING else ValueError, match=message):
        maco(photos)


def test_other_kinds_of_picture_than_maco_s_own_are_told_in_a_sentence(small_network, renders):
    messages = ("needs photographs.*", "image is a Tensor.*", "image is a NoneType.*")
    for wrong, message in zip(("maco", renders, None), messages, strict=True):
        with pytest.raises(ValueError, match=rf"{message}course_lib\.maco\(photos\)"):
            visualize(small_network, None, 0, image=wrong, **FAST)
    with pytest.raises(ValueError, match="size=2: a MACO picture has an edge of at least 3"):
        picture(renders, 2)
