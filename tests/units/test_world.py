import pytest
import torch

from course_lib.labs.tiny.world import CLASS_NAMES, render, textures


@pytest.mark.parametrize("size", [32, 64, 96])
def test_renders_are_images_of_every_class_at_any_size(size):
    images, labels = render(40, seed=5, size=size)
    assert images.shape == (40, 3, size, size) and images.dtype == torch.float32
    assert images.min() >= 0 and images.max() <= 1
    assert torch.bincount(labels).tolist() == [5] * 8


def test_the_seed_alone_decides():
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = render(24, seed=5).images
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(render(24, seed=5).images, first)
    assert not torch.equal(render(24, seed=6).images, first)


def test_a_shorter_call_is_the_beginning_of_a_longer_one():
    assert torch.equal(render(130, seed=1).images[:9], render(9, seed=1).images)


def test_an_object_stands_out_from_its_background():
    images, _ = render(64, seed=3)
    middle = images[..., 24:40, 24:40].std((2, 3)).mean()
    corner = images[..., :12, :12].std((2, 3)).mean()
    assert middle > 1.3 * corner


def test_textures_are_the_ground_truth():
    shown = textures(64)
    assert shown.shape == (len(CLASS_NAMES), 64, 64)
    flat = shown.flatten(1) - shown.flatten(1).mean(1, keepdim=True)
    alike = torch.corrcoef(flat).fill_diagonal_(0).abs()
    assert alike.max() < 0.6  # no two are the same pattern


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0, "seed": 0}, "count=0"),
        ({"count": 8, "seed": -1}, "seed=-1"),
        ({"count": 8, "seed": 0, "size": 8}, "size=8"),
    ],
)
def test_senseless_worlds_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        render(**arguments)
