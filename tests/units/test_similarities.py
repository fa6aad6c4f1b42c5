"""What lesson 05 shows: its table, its explorer, its rank vectors, and no real network."""

from __future__ import annotations

import pytest
import torch

from course_lib.labs.tiny.lab import open_tiny
from course_lib.lessons import similarities
from course_lib.lessons.real import PHOTOS
from course_lib.lessons.similarities import at, path_explorer, rank_vectors, real_paths, some, table
from course_lib.sanity.controls import compare_controls
from course_lib.sanity.path_similarity import METRICS, gather


@pytest.fixture(scope="module")
def labs():
    return {name: open_tiny(name) for name in ("standard", "robust")}


@pytest.fixture(scope="module")
def renders(labs):
    return some(labs["robust"].photos("test"), 32)


@pytest.fixture(scope="module")
def kinds(labs):
    others = some(labs["robust"].photos("train"), 16)
    one = {
        "visualizations": (others.images, others.labels),
        "<b>": (1 - others.images, others.labels),
    }
    return dict.fromkeys(labs, one)


def test_the_explorer_works_at_the_ends_of_its_controls(labs, renders, kinds):
    explorer = path_explorer(labs, renders, kinds, {})
    assert list(explorer.controls) == ["network", "metric", "pictures"]
    for network, metric, pictures in (
        ("standard", METRICS[0], "visualizations"),
        ("robust", METRICS[-1], "<b>"),
    ):
        picture = explorer.draw(network=network, metric=metric, pictures=pictures)
        assert pictures in picture.alt and "fc" in picture.alt
    assert len(explorer.sheet) >= 4


def test_what_is_known_is_not_gathered_again(labs, renders, kinds, monkeypatch):
    lab = labs["standard"]
    known = {"standard": gather(lab.network, lab.layers, *renders, progress=False)}
    explorer = path_explorer(labs, renders, kinds, known)
    monkeypatch.setattr(similarities, "gather", None)
    assert explorer.draw().alt.startswith("Normalised path similarity")


def test_the_table_escapes_names_and_says_where_there_is_no_scale(labs, renders, kinds):
    lab = labs["robust"]
    paths = gather(lab.network, ("conv1", "fc"), *renders, progress=False)
    found = compare_controls(paths, kinds["robust"], progress=False)
    shown = table(found, ("conv1", "fc"), {"visualizations": 0.5, "<b>": 1.0})
    assert "&lt;b&gt;" in shown.page and "<b>" not in shown.page
    assert "–" in shown.text and "50 %" in shown.text and shown.page.count("<tr>") == 3
    with pytest.raises(KeyError, match="conv9"):
        at(found["<b>"], "conv9")


def test_rank_vectors_give_the_librarys_means(labs, renders):
    lab = labs["standard"]
    paths = gather(lab.network, ("inception4b",), *renders, progress=False)
    units = rank_vectors(lab, "inception4b", renders.images[renders.labels == 3])
    n, total = len(units), units.sum(0)
    assert float((total @ total - n) / (n * (n - 1))) == pytest.approx(
        float(paths.layers["inception4b"].same[3]), abs=1e-6
    )
    assert torch.allclose(units.norm(dim=1), torch.ones(n).double())


def test_without_a_real_network_a_sentence_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv(PHOTOS, str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert real_paths() is None
    assert "so this section is skipped" in capsys.readouterr().out
