"""What `course reproduce` keeps: whole or not at all, of one run's settings alone."""

import contextlib
import errno
import os
import signal
import warnings

import pytest
import torch
from torch import nn

from course_lib.reproduce.cache import (
    Cache,
    NotKeptError,
    OtherSettingsError,
    Result,
    check_settings,
    hash_of_files,
    hash_of_network,
)

SETTINGS = {"steps": 3, "photographs": "f" * 64}


class Counter:
    """A computation that counts how often it is done."""

    times = 0

    def __init__(self, value=1.0):
        self.value = value

    def __call__(self):
        self.times += 1
        return Result({"x": torch.tensor([self.value])}, {"value": self.value, "list": [1, "a"]})


def opened(folder, parts=4, **changed):
    return Cache(folder, SETTINGS | changed, parts, progress=False)


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".safetensors")


def test_a_part_is_computed_once(tmp_path):
    compute = Counter()
    first = opened(tmp_path)
    made = first.part("a", compute)
    first.part("a", compute)  # another experiment rests on it too, and it counts once
    first.part("b", lambda: Result({}, {"right": 3}))  # no tensors
    second = opened(tmp_path)
    kept = second.part("a", compute)
    assert compute.times == 1 and torch.equal(made.tensors["x"], kept.tensors["x"])
    assert kept == made._replace(tensors=kept.tensors)
    kept = second.part("b", compute)
    assert kept.tensors == {} and kept.facts == {"right": 3}
    assert (first.computed, first.found, second.computed, second.found) == (2, 0, 0, 2)


def test_what_it_rests_on_is_part_of_its_key(tmp_path):
    cache = opened(tmp_path)
    old, other = cache.part("a", Counter(1.0)), cache.part("a", Counter(2.0), version=2)
    assert old.facts != other.facts
    below = Counter()
    cache.part("b", below, after=[old])
    cache.part("b", below, after=[other])
    cache.part("b", below, after=[old])
    assert below.times == 2 and len(files(tmp_path)) == 4


def test_a_damaged_part_is_computed_again(tmp_path):
    compute = Counter()
    opened(tmp_path).part("a", compute)
    (path,) = tmp_path.glob("*.safetensors")
    opened(tmp_path).part("a", Counter(2.0), version=2)
    (other,) = set(tmp_path.glob("*.safetensors")) - {path}
    # cut off, or of another key under the same name
    for times, damaged in enumerate((path.read_bytes()[:20], other.read_bytes()), start=2):
        path.write_bytes(damaged)
        assert opened(tmp_path).part("a", compute).facts["value"] == 1.0
        assert compute.times == times


def test_other_settings_are_refused(tmp_path):
    opened(tmp_path)
    for changed, told in (
        ({"steps": 4}, r"steps was 3 and is now 4.*another folder"),
        ({"photographs": "a" * 64}, r"\(other photographs\)"),
    ):
        with pytest.raises(OtherSettingsError, match=told):
            opened(tmp_path, **changed)
    check_settings(tmp_path, {"steps": 3})  # as far as they are known
    for damaged in ("{", "[1]"):
        (tmp_path / "settings.json").write_text(damaged)
        with pytest.raises(OtherSettingsError, match=r"settings\.json is damaged"):
            opened(tmp_path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch, number):
    cache = opened(tmp_path)
    cache.part("a", Counter())

    def refuse(_file):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        told = "The disk is full" if number == errno.ENOSPC else "It cannot be written to"
        with pytest.raises(NotKeptError, match=told):
            cache.part("b", Counter())
    assert len(files(tmp_path)) == 1 and len(list(tmp_path.iterdir())) == 2  # and the settings
    again = opened(tmp_path)
    again.part("a", Counter())
    again.part("b", Counter())
    assert (again.found, again.computed) == (1, 1)


def test_what_an_interrupted_computation_returns_is_not_kept(tmp_path):
    def half_done():
        with contextlib.suppress(KeyboardInterrupt):  # as `visualize`, which then returns its best
            signal.raise_signal(signal.SIGINT)
        return Counter()()

    cache, before = opened(tmp_path), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        cache.part("a", half_done)
    assert files(tmp_path) == [] and signal.getsignal(signal.SIGINT) is before
    assert cache.part("a", Counter()).facts["value"] == 1.0


def test_warnings_are_kept_with_the_part(tmp_path):
    def warned():
        warnings.warn("The circuit leaks.", UserWarning, stacklevel=1)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return Counter()()

    opened(tmp_path).part("a", warned)
    again = opened(tmp_path)
    again.part("a", warned)
    assert list(again.warned) == ["The circuit leaks."] and again.computed == 0


def test_hashes_see_every_weight_and_every_file(tmp_path):
    network = nn.Linear(2, 2)
    before = hash_of_network(network)
    assert hash_of_network(network) == before
    with torch.no_grad():
        network.bias[0] += 1e-3
    assert hash_of_network(network) != before
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(name.encode())
    both = [tmp_path / "a", tmp_path / "b"]
    whole = hash_of_files(both, tmp_path)
    assert hash_of_files(both[:1], tmp_path) != whole
    (tmp_path / "b").write_bytes(b"c")
    assert hash_of_files(both, tmp_path) != whole
