"""Files that are whole or not there, the one JSON form, and what every stored number rests on."""

import dataclasses
import enum
import math
import re
import subprocess
from typing import Any, Literal, NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_lib.labs.tiny import weights
from course_lib.lessons.lesson_08.audit import findings
from course_lib.maintenance.kept import ROOT, kept_files, stale_files
from course_lib.statistics import Estimate
from course_lib.stored import (
    as_json,
    fingerprint,
    from_json,
    note,
    pack,
    stale,
    unpack,
    write_whole,
)
from course_lib.visualization.images import Fourier

# files


def test_a_file_is_whole_or_what_it_was(tmp_path, monkeypatch):
    path = tmp_path / "new" / "kept.txt"
    write_whole(path, "ä, and a line\n")
    assert path.read_bytes() == "ä, and a line\n".encode()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"half of")
    assert [file.name for file in path.parent.iterdir()] == ["kept.txt"]
    assert path.read_bytes() == "ä, and a line\n".encode()


# one JSON form


class Colour(enum.Enum):
    RED = 1.5
    BLUE = 2.5


@dataclasses.dataclass(frozen=True)
class Part:
    sizes: tuple[int, ...]
    pair: tuple[str, int]
    colour: Colour
    way: Literal["up", "down"]
    soft: float | None = None


class Whole(NamedTuple):
    share: float
    parts: dict[str, list[Part]]
    other: Part | None
    numbers: Tensor


texts, whole_numbers = st.text(max_size=5), st.integers(-(10**9), 10**9)
floats = st.floats(allow_infinity=False, width=32)
parts = st.builds(
    Part,
    st.lists(whole_numbers, max_size=3).map(tuple),
    st.tuples(texts, whole_numbers),
    st.sampled_from(Colour),
    st.sampled_from(["up", "down"]),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
tensors = st.integers(1, 3).flatmap(
    lambda columns: st.lists(
        st.lists(floats, min_size=columns, max_size=columns), min_size=1, max_size=3
    ).map(torch.tensor)
)
wholes = st.builds(
    Whole,
    st.floats(allow_infinity=False),
    st.dictionaries(texts, st.lists(parts, max_size=2), max_size=2),
    st.none() | parts,
    tensors,
)


@given(wholes)
def test_what_is_read_is_what_was_written(whole):
    read = from_json(Whole, unpack(pack(as_json(whole))))
    assert torch.equal(read.numbers.nan_to_num(7), whole.numbers.nan_to_num(7))
    assert read.share == whole.share or (math.isnan(read.share) and math.isnan(whole.share))
    assert read[1:3] == whole[1:3]
    assert type(read.other) is type(whole.other)


def test_an_estimate_without_an_interval_and_one_of_an_earlier_edition():
    told = as_json(Estimate(2 / 3, math.nan, math.nan, 3, "2 of 3"), digits=4)
    assert told["low"] is None and told["value"] == 0.6667
    read = from_json(Estimate, told)
    assert math.isnan(read.low) and read[3:] == (3, "2 of 3", "", False, None)
    assert from_json(Estimate, {"value": 1, "low": 0, "high": 1, "n": 3}) == Estimate(1, 0, 1, 3)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Estimate, {"value": 1.0}),
        (Estimate, {"value": "1", "low": 0, "high": 1, "n": 3}),
        (Estimate, {"value": 1, "low": 0, "high": 1, "n": 3, "mean": 2}),
        (Estimate, [1, 0, 1, 3]),
        (Estimate, {"value": 1, "low": 0, "high": 1, "n": None}),
        (int, True),
        (int, 1.5),
        (Colour, "GREEN"),
        (Literal["up"], "down"),
        (tuple[int, int], [1]),
        (list[int], [1, "2"]),
        (dict[str, int], {"a": None}),
    ],
)
def test_what_is_of_another_form_is_refused(kind: Any, data: Any):
    with pytest.raises(ValueError):
        from_json(kind, data)


@pytest.mark.parametrize("value", [{1: "a key that is no text"}, {1, 2}, object(), b"bytes"])
def test_what_has_no_form_is_refused(value):
    with pytest.raises(TypeError, match="no JSON form"):
        as_json(value)


# what every stored number rests on


def test_every_stored_file_rests_on_what_is_here():
    """Where this fails, its sentences say which file is stale and which command makes it again."""
    assert not stale_files()


def test_every_stored_file_has_a_command():
    data = ("*.bz2", "*.safetensors", "*.webp", "*.json")
    git = subprocess.run(
        ["git", "ls-files", *data], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # what they rest on, and what `build` measures, which a test holds to the notebooks
    of_others = ("rests.json", "seconds.json", "notebooks/results.json")
    files = {path for path in git.stdout.split() if not path.endswith(of_others)}
    assert files == {kept.path for kept in kept_files()}
    assert all(kept.command for kept in kept_files())


def test_a_stored_file_is_refused_when_what_it_rests_on_changes(monkeypatch):
    monkeypatch.setattr(Fourier, "rate", 0.06)
    told = stale_files()
    sentence = "table.json.bz2 is stale (engine): make it again with 'course structures'"
    assert any(sentence in one for one in told)
    # no picture is drawn for the labs' networks; a liar is trained on pictures
    networks = [kept for kept in kept_files() if re.search(r"labs/.*/\w+-\d\.", kept.path)]
    assert not any("weights/robust" in one for one in told) and networks
    assert len(told) == len(kept_files()) - len(networks)
    monkeypatch.undo()
    monkeypatch.setattr(findings, "STEPS", 65)
    assert [one.split(" is stale ")[1][:10] for one in stale_files()] == ["(protocol)"] * 3
    monkeypatch.undo()
    monkeypatch.setattr(weights, "record_of", lambda *_, **__: {"sha256": "of another network"})
    told = [one for one in stale_files() if "lesson_08" in one]
    assert len(told) == 2 and all("(weights)" in one for one in told)


def test_a_file_that_changed_by_itself_or_was_never_noted_is_stale(tmp_path):
    path, now = tmp_path / "kept.json", fingerprint(engine={"rate": 0.05}, protocol=3)
    path.write_text("{}", encoding="utf-8")
    assert stale(path, now) == ["never noted"]
    note(path, now)
    assert stale(path, now) == []
    assert stale(path, fingerprint(engine={"rate": 0.06}, protocol=3)) == ["engine"]
    assert stale(path, fingerprint(engine={"rate": 0.05}, weights="abc")) == ["protocol", "weights"]
    path.write_text("[]", encoding="utf-8")
    assert stale(path, now) == ["file"]
