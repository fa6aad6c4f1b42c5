"""Predictions, figures, spectra, and the pictures of the real network."""

import io

import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from course_lib.classroom.claims import compare
from course_lib.figures import curves, dots, draw, picture_grid
from course_lib.labs.tiny.world import render
from course_lib.reproduce.real import PHOTOS, real_lab
from course_lib.visualization.spectrum import amplitude_by_frequency

ALT = "Eight small pictures in a row."


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
    two, row = picture_grid(torch.rand(2, 3, 8, 8)), picture_grid({"a": torch.rand(1, 3, 8, 8)})
    assert two.alt == "2 small pictures; nobody has described them."
    assert row.alt.startswith("1 small picture, in rows: a;")
    with pytest.raises(ValueError, match="no pictures"):
        picture_grid({}, alt=ALT)
    with pytest.raises(ValueError, match=r"\(3, 8, 8\): give .* one picture as pictures\[:1\]"):
        picture_grid({"a": torch.rand(3, 8, 8)}, alt=ALT)


def test_every_kind_of_figure_can_be_opened_and_is_the_same_bytes_again():
    titles = ["no formula: $5 {$", "a name far too long for the room above a small picture"]
    images, titles = torch.rand(11, 3, 8, 8), titles * 5 + ["last"]
    grid, again = (picture_grid(images, alt=ALT, titles=titles) for _ in range(2))
    assert grid == again
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
