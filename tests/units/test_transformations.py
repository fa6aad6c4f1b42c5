import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.visualization.transformations import Transformations, checked_transformations, warp


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(st.floats(0, 0.3), st.floats(0, 45), st.floats(1, 1.5), st.integers(0, 99))
def test_a_warp_keeps_size_and_range(jitter, rotate, scale, seed):
    images = torch.rand(3, 3, 17, 17, generator=generator(1))
    warped = warp(images, Transformations(jitter, rotate, scale), generator(seed))
    assert warped.shape == images.shape
    assert warped.min() >= images.min() - 1e-5 and warped.max() <= images.max() + 1e-5


def test_jitter_moves_by_what_it_says():
    spot = torch.zeros(1, 3, 40, 40)
    spot[..., 20, 20] = 1
    for seed in range(20):
        moved = warp(spot, Transformations(jitter=0.1, rotate=0, scale=1), generator(seed))[0, 0]
        row, column = divmod(int(moved.argmax()), 40)
        assert abs(row - 20) <= 4 + 1 and abs(column - 20) <= 4 + 1


def test_pictures_are_warped_one_by_one():
    image = torch.rand(1, 3, 16, 16).repeat(2, 1, 1, 1)
    warped = warp(image, Transformations(), generator())
    assert not torch.equal(warped[0], warped[1])


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "wrong",
    [(-0.1, 0, 1), (0, -1, 1), (0, 0, 0.9), (NAN, 0, 1), (0, INF, 1), (0, 0, NAN), (1, 2), "x", 3],
)
def test_senseless_transformations_are_refused(wrong):
    with pytest.raises(ValueError, match="jitter and rotate of 0 or more"):
        checked_transformations(wrong)


def test_plain_numbers_and_none_are_transformations():
    assert checked_transformations((0.1, 5, 1.2)) == Transformations(0.1, 5, 1.2)
    images = torch.rand(2, 3, 20, 20)
    assert torch.equal(warp(images, checked_transformations(None), generator()), images)
