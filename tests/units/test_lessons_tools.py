"""Claims, statistics, predictions, figures, spectra, and the pictures of the real network."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image
from scipy import stats

from course_lib.classroom.claims import STRICT, ClaimFailed, claim, compare
from course_lib.figures import curves, dots, draw, picture_grid
from course_lib.labs.tiny.world import render
from course_lib.reproduce.real import PHOTOS, real_lab
from course_lib.statistics import Estimate, counted, mean, paired_difference, proportion
from course_lib.visualization.spectrum import amplitude_by_frequency

ALT = "Eight small pictures in a row."


@pytest.fixture(autouse=True)
def claims_may_fail(monkeypatch):
    monkeypatch.delenv(STRICT, raising=False)


def test_a_claim_shows_all_its_evidence():
    made = claim(
        "Most are seen.",
        proportion(15, 16),
        at_least=14 / 16,
        seeds={"starts": (0, 1), "judge": 3},
        code="reference",
    )
    assert made.holds
    text = repr(made)
    for part in ("✓", "Most are seen.", "15 of 16", "n = 16", "95 % interval 0.717 to 0.989",
                 "at least 14 of 16", "seeds: starts 0 1, judge 3", "reference"):  # fmt: skip
        assert part in text
    angular = claim("<b>", proportion(1, 1), at_least=0, seeds={"start": 0})
    assert "&lt;b&gt;" in angular._repr_html_()


def test_a_claim_that_fails_shows_a_cross_or_ends_a_test_run(monkeypatch):
    made = claim("All are seen.", proportion(3, 8), at_least=1, seeds={"start": 0})
    assert not made.holds and "✗" in made._repr_html_()
    assert not claim("?", Estimate(math.nan, 0, 1, 5), at_least=0, seeds={"start": 0}).holds
    monkeypatch.setenv(STRICT, "1")
    with pytest.raises(ClaimFailed, match=r"All are seen.*3 of 8"):
        claim("All are seen.", proportion(3, 8), at_least=1, seeds={"start": 0})
    with pytest.raises(AssertionError):
        claim("Few are seen.", proportion(3, 8), at_most=0.25, seeds={"start": 0})
    with pytest.raises(ValueError, match="threshold"):
        claim("?", proportion(1, 2), seeds={"start": 0})
    with pytest.raises(ValueError, match="seeds"):
        claim("?", proportion(1, 2), at_least=0, seeds={})


def test_a_threshold_is_told_as_the_count_that_just_keeps_to_it():
    made = claim("?", proportion(993, 1024), at_least=0.97, seeds={"start": 0})
    assert not made.holds
    assert made.threshold == "at least 994 of 1024"
    assert claim("?", proportion(7, 8), at_least=7 / 8, seeds={"start": 0}).holds
    assert claim("?", proportion(1, 8), at_most=0.3, seeds={"s": 0}).threshold == "at most 2 of 8"


def test_a_count_pretends_no_interval_and_shows_its_smallest_margin(monkeypatch):
    scores = torch.tensor([0.93, 0.9, 1.1, 0.85])
    all_of_them = counted(scores > 0.8, of="networks", margin=scores - 0.8)
    made = claim("All are high.", all_of_them, at_least=1, seeds={"networks": (0, 1)})
    assert made.holds and made.interval_holds is None
    assert "measured 4 of 4 (n = 4 networks, no interval: counted, smallest margin 0.05); " in repr(
        made
    )
    assert "threshold: at least 4 of 4; seeds" in made.evidence
    assert "95 %" not in made.evidence and "interval does not" not in made.evidence
    some = claim("All are higher.", counted(scores > 0.86, of="networks", margin=scores - 0.86),
                 at_least=1, seeds={"networks": (0, 1)})  # fmt: skip
    assert not some.holds and "smallest margin -0.01" in some.evidence
    assert (
        "no interval: counted);" in claim("?", counted(3, 3), at_least=1, seeds={"s": 0}).evidence
    )
    monkeypatch.setenv(STRICT, "1")
    with pytest.raises(ClaimFailed, match="3 of 4"):
        claim("All are higher.", counted(scores > 0.86), at_least=1, seeds={"networks": 0})
    for wrong in (lambda: counted(3, 2), lambda: counted(0, 0), lambda: counted(torch.zeros(0))):
        with pytest.raises(ValueError, match="hits"):
            wrong()


def test_an_estimated_claim_says_whether_its_interval_keeps_to_the_threshold_too():
    estimate = Estimate(0.3, 0.2, 0.45, 8, of="classes")
    surely = claim("?", estimate, at_most=0.5, seeds={"s": 0})
    assert surely.interval_holds and "at most 0.5 (the whole interval keeps to it)" in repr(surely)
    barely = claim("?", estimate, at_most=0.4, seeds={"s": 0})
    assert barely.holds and barely.interval_holds is False
    assert "at most 0.4 (the point keeps to it, the interval does not);" in barely.evidence
    assert not claim("?", estimate, at_least=0.25, seeds={"s": 0}).interval_holds
    fails = claim("?", estimate, at_least=0.4, seeds={"s": 0})
    assert not fails.holds and "keeps" not in fails.evidence
    equal = claim("?", mean([1.0, 1.0], of="units"), at_least=1, seeds={"s": 0})
    assert "n = 2 units, no interval, all values being equal" in equal.evidence


def test_intervals():
    assert proportion(torch.tensor([True, False, True])).shown == "2 of 3"
    for hits in (0, 3, 8):
        expected = stats.binomtest(hits, 8).proportion_ci(method="wilson")
        assert proportion(hits, 8)[1:3] == (
            pytest.approx(expected.low, abs=1e-9),
            pytest.approx(expected.high, abs=1e-9),
        )
    values = [0.2, 1.7, -3.0, 4.4]
    expected = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert mean(values)[1:3] == (pytest.approx(expected[0]), pytest.approx(expected[1]))
    assert mean([1.0, 2.0, 3.0]).value == 2
    assert math.isnan(mean([2.0, 2.0]).low)
    assert paired_difference([3, 5, 9], [1, 2, 3]).value == pytest.approx(11 / 3)
    for wrong in (lambda: proportion(3, 2), lambda: proportion(0, 0), lambda: mean([1.0])):
        with pytest.raises(ValueError):
            wrong()
    with pytest.raises(ValueError, match="pairs"):
        paired_difference([1, 2], [1])


def test_predictions_are_compared(capsys):
    told = ["no prediction", "you predicted 5", "exactly", "you predicted some"]
    for prediction in (None, 5, 3, "some"):
        compare(prediction, 3, "of 8")
    lines = capsys.readouterr().out.splitlines()
    assert all(part in line for part, line in zip(told, lines, strict=True))


def opened(picture):
    return Image.open(io.BytesIO(picture.data))


def test_pictures_carry_escaped_alt_text_and_no_metadata():
    picture = picture_grid(
        {'a "row" <b>': torch.rand(8, 3, 8, 8)}, alt='Eight "small" pictures side by side.'
    )
    assert 'alt="Eight &quot;small&quot; pictures side by side."' in picture._repr_html_()
    assert repr(picture) == '[Figure: Eight "small" pictures side by side.]'
    assert not {"Software", "exif", "xmp"} & set(opened(picture).info)
    assert "Software" not in opened(draw(Figure(), ALT)).info
    with pytest.raises(ValueError, match="in a sentence"):
        picture_grid(torch.rand(2, 3, 8, 8), alt="figure 1")
    assert (
        picture_grid(torch.rand(2, 3, 8, 8)).alt == "2 small pictures; nobody has described them."
    )
    assert picture_grid({"a": torch.rand(1, 3, 8, 8)}).alt.startswith(
        "1 small picture, in rows: a;"
    )
    with pytest.raises(ValueError, match="no pictures"):
        picture_grid({}, alt=ALT)


def test_the_same_figure_is_the_same_bytes():
    images = torch.rand(4, 3, 8, 8)
    first, second = (picture_grid({"row": images}, alt=ALT, titles="abcd") for _ in range(2))
    assert first == second


def test_every_kind_of_figure_can_be_opened():
    titles = ["no formula: $5 {$", "a name far too long for the room above a small picture"]
    grid = picture_grid(torch.rand(11, 3, 8, 8), alt=ALT, titles=titles * 5 + ["last"])
    noted = picture_grid({"a": torch.rand(3, 3, 8, 8)}, alt=ALT, notes={"a": ["x", "y", "z"]})
    lines = curves(
        {"one": [1.0, 2.0], "two": torch.tensor([2.0, 1.0])}, x_label="step", y_label="logit",
        alt=ALT, level=(1.5, "the best render"),
    )  # fmt: skip
    points = dots({"one": [1, 2]}, columns=["a", "b"], x_label="", y_label="count", alt=ALT)
    for picture in (grid, noted, lines, points, draw(Figure(), ALT)):
        assert opened(picture).width > 100


def test_without_photographs_there_is_no_real_lab(monkeypatch, capsys):
    monkeypatch.delenv(PHOTOS, raising=False)
    assert real_lab() is None
    assert "real_lab(download=True)" in capsys.readouterr().out


def test_a_pure_wave_noise_and_renders_have_their_amplitudes_by_frequency():
    wave = 0.5 + 0.5 * torch.sin(2 * torch.pi * 5 * torch.arange(64) / 64)
    frequency, amplitude = amplitude_by_frequency(wave.expand(1, 3, 64, 64))
    assert len(frequency) == len(amplitude) == 32 and frequency[amplitude.argmax()] == 5
    _, of_noise = amplitude_by_frequency(torch.rand(32, 3, 64, 64))
    _, of_renders = amplitude_by_frequency(render(32, seed=0).images)
    assert of_noise[0] < 3 * of_noise[-1] and of_renders[0] > 10 * of_renders[-1]
