"""How much an image is like a picture that a circuit is to show, and pictures to be shown."""

import copy

import pytest
import torch

from course_lib import Transformations, visualize
from course_lib.fooling.circuit import correlation
from course_lib.fooling.template import Template, resized
from course_lib.labs.tiny.posters import lettered, posters
from course_lib.visualization.transformations import moved

PICTURE = lettered("F", 32)


def likeness(images, picture=PICTURE):
    return Template(picture)(images).flatten()


def test_nothing_is_as_much_alike_as_the_picture_itself():
    generator = torch.Generator().manual_seed(0)
    noise = (PICTURE + 0.05 * torch.randn(3, 32, 32, generator=generator)).clamp(0, 1)
    others = (PICTURE.flip(2), 1 - PICTURE, torch.full_like(PICTURE, 0.5))
    found = likeness(torch.stack([PICTURE, noise, *others]))
    assert found.argmax() == 0
    assert found[0] == pytest.approx(40, abs=2)
    assert found[1] > found[2:].max()


def test_it_stays_within_bounds_for_any_image():
    """A likeness far below would be cut off by the circuit's offset, and give no gradient."""
    extremes = torch.stack([torch.zeros(3, 32, 32), torch.ones(3, 32, 32), (PICTURE > 0.5).float()])
    for picture in (PICTURE, torch.full((3, 32, 32), 0.5), 0.45 + PICTURE / 10):
        assert (likeness(extremes, picture).abs() <= 50).all()  # and finite


def test_a_moved_copy_is_still_alike():
    near, far = likeness(torch.stack([PICTURE.roll(by, dims=-1) for by in (2, 14)]))
    turned = moved(PICTURE[None], torch.tensor([0.1]), torch.tensor([1.08]), torch.zeros(2, 1))
    assert near > far + 10
    assert likeness(turned) > far + 5


def test_other_sizes_are_compared_at_theirs():
    template = Template(PICTURE)
    for size in (16, 32, 96):
        same = resized(PICTURE, size)[None]
        assert template(same) > template(same.flip(3)) + 10
    assert template(PICTURE[None]).item() == pytest.approx(likeness(PICTURE[None]).item(), abs=1e-4)


def test_a_copy_of_it_answers_alike():
    template = Template(PICTURE)
    template(PICTURE[None])
    assert torch.equal(copy.deepcopy(template)(PICTURE[None] * 0.5), template(PICTURE[None] * 0.5))
    assert list(template.state_dict()) == ["picture"]


@pytest.mark.parametrize("transformations", [None, Transformations()])
def test_it_can_be_drawn_with_transformations_and_without(transformations):
    how = {"size": 32, "transformations": transformations, "progress": False}
    drawn = visualize(Template(PICTURE), None, 0, **how)
    assert correlation(drawn, PICTURE).item() >= 0.75


def test_posters_are_pictures_that_differ_and_letters_stand_out():
    some = posters(6, seed=0, size=48)
    assert some.shape == (6, 3, 48, 48)
    assert some.min() >= 0 and some.max() <= 1
    assert torch.equal(some, posters(6, seed=0, size=48))
    assert not torch.equal(some, posters(6, seed=1, size=48))
    assert (some.flatten(1).std(1) > 0).all()
    page = lettered("A B", 64, colours=("#FFFFFF", "#000000"))
    assert page[:, 0, 0].mean() > 0.95
    assert 0.02 < (page < 0.5).float().mean() < 0.5


@pytest.mark.parametrize("shift", [(3, 0), (-3, 0), (0, 3), (0, -3), (3, -3)])
def test_a_copy_as_far_off_as_a_transformation_moves_it_is_found(shift):
    """A tenth of 32 pixels; noise is like no other place of itself."""
    picture = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
    near, far = (torch.roll(picture, [n * one for one in shift], (1, 2))[None] for n in (1, 3))
    found, missed = (Template(picture)._to_nearest_copy(one, picture) for one in (near, far))
    assert found < 0.2 < missed
