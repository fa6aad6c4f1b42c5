"""Path similarity against the forward passes that it cannot do without, and its growth.

One process, one thread, interleaved; the figures are ratios, so they hold on slow machines too.
Run by hand or in CI with: pytest tests/benchmarks
"""

import statistics
import time
from collections.abc import Callable

import pytest
import torch
from torch import nn

import course_lib
from course_lib.labs.lab import Photos
from course_lib.sanity.path_similarity import path_similarity
from course_lib.visualization.frozen import frozen_copy

ROUNDS, BATCH = 5, 16


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def bare(network: nn.Module, images: torch.Tensor) -> None:
    with torch.no_grad():
        for batch in images.split(BATCH):
            network(batch)


def summary(ratios: list[float]) -> str:
    return (
        f"{statistics.median(ratios):.2f} "
        f"(median of {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f})"
    )


def test_a_few_times_the_bare_forward_passes_and_linear_in_the_images(one_thread, report):
    lab = course_lib.open_lab("tiny")
    photos, others = lab.photos("test"), lab.photos("train")
    vis, labels = others.images[:8], others.labels[:8]
    half = Photos(photos.images[:256], photos.labels[:256])
    # the harder yardstick: weights and images laid out channels last, three times faster
    fast = frozen_copy(lab.network, "cpu", channels_last=True)
    laid_out = photos.images.contiguous(memory_format=torch.channels_last)

    def similarity(photos: Photos) -> Callable[[], object]:
        return lambda: path_similarity(lab.network, lab.layers, vis, labels, photos, progress=False)

    to_plain, to_fast, growth = [], [], []
    for measured in range(ROUNDS + 1):
        plain = seconds(lambda: bare(lab.network, photos.images))
        faster = seconds(lambda: bare(fast, laid_out))
        once, twice = seconds(similarity(half)), seconds(similarity(photos))
        if measured:  # the first round warms up
            to_plain.append(twice / plain)
            to_fast.append(twice / faster)
            growth.append(twice / once)
    report(f"path similarity, all layers / bare forward passes: {summary(to_plain)}")
    report(f"path similarity / forward passes channels last: {summary(to_fast)}")
    report(f"path similarity, 512 images / 256 images: {summary(growth)}")
    assert statistics.median(to_plain) <= 5
    assert statistics.median(to_fast) <= 5
    assert statistics.median(growth) <= 2.3
