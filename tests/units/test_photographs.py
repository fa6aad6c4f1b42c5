"""Photographs as people have them: each is read as a viewer shows it, or named in a sentence."""

import os
import struct
import sys
import warnings

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.errors import NoImagesError, SkippedImageWarning
from course_lib.labs.folders import find_files
from course_lib.labs.photographs import as_seen, printable, read_files

RAMP = np.linspace(0, 1, 1600).reshape(40, 40)


def put(folder, count=4, suffix=".png"):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("RGB", (20, 20), (i, 0, 0)).save(folder / f"{i}{suffix}")


def read(path):
    return read_files([(path, 0)], resize=40, size=40, progress=False).images


# files


@pytest.mark.parametrize(
    ("image", "name"),
    [
        (Image.fromarray((65535 * RAMP).astype(np.uint16)), "a.png"),
        (Image.fromarray((65535 * RAMP).astype(np.uint16)), "a.tif"),
        (Image.fromarray((65535 * RAMP).astype(np.int32)), "a.tiff"),
        (Image.fromarray(RAMP.astype(np.float32)), "a.tif"),
        (Image.fromarray((255 * RAMP).astype(np.float32)), "a.tif"),
        (Image.fromarray((255 * RAMP).astype(np.uint8)), "a.png"),
        (Image.fromarray((255 * RAMP).astype(np.uint8)).convert("LA"), "a.png"),
        (Image.fromarray((255 * RAMP).astype(np.uint8)).convert("P"), "a.bmp"),
        (Image.fromarray((255 * RAMP).astype(np.uint8)).convert("CMYK"), "a.jpg"),
    ],
)
def test_greys_of_every_depth_are_those_of_the_file(tmp_path, image, name):
    image.save(tmp_path / name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = read(tmp_path / name)
    assert seen.shape == (1, 3, 40, 40)
    assert (seen[0] - torch.tensor(RAMP).float()).abs().max() < 0.03


def test_numbers_that_do_not_say_what_is_white_are_named(tmp_path):
    for i, greys in enumerate((1000 * RAMP, RAMP - 0.5, RAMP + np.nan)):
        Image.fromarray(greys.astype(np.float32)).save(tmp_path / f"{i}.tif")
    todo = [(tmp_path / f"{i}.tif", 0) for i in range(3)]
    told = r"Skipped 3 of 3 files, .* first is .*0\.tif \(its greys run from 0 to 1000, which"
    with pytest.warns(SkippedImageWarning, match=told):
        assert len(read_files(todo, resize=8, size=8, progress=False).images) == 0
    Image.fromarray((4095 * RAMP).astype(np.uint16)).save(tmp_path / "12.png")
    with pytest.warns(UserWarning, match=r"1 of 1 files .* nearly black; the first is .*12\.png"):
        read(tmp_path / "12.png")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif"])
def test_a_photograph_is_upright(tmp_path, orientation, ending):
    upright = np.zeros((40, 40, 3), np.uint8)
    upright[:20, :20], upright[:20, 20:] = 255, 128
    undo = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
            6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270"}  # fmt: skip
    stored = Image.fromarray(upright)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose[undo[orientation]])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / f"a.{ending}", exif=exif)
    seen = read(tmp_path / f"a.{ending}")[0]
    assert (seen - torch.tensor(upright).movedim(2, 0) / 255).abs().mean() < 0.01


def test_what_is_transparent_is_white():
    clear, half = Image.new("RGBA", (4, 4), (255, 0, 0, 0)), Image.new("LA", (4, 4), (0, 128))
    assert as_seen(clear).getpixel((0, 0)) == (255, 255, 255)
    assert as_seen(half).getpixel((0, 0)) == (127, 127, 127)
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([255, 0, 0])
    palette.info["transparency"] = 0
    assert as_seen(palette).getpixel((0, 0)) == (255, 255, 255)


# folders


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"), ("Train", "Test"), ("TRAIN", "VAL"), ("Training", "Testing"),
        ("training", "validation"), ("seg_train", "seg_test"), ("training_set", "test_set"),
        ("trainset", "testset"), ("TrainSet", "ValidSet"), ("train-images", "eval-images"),
        ("train2017", "val2017"), ("01_train", "02_dev"), ("train", "valid"),
    ],
)  # fmt: skip
def test_splits_of_any_usual_name_are_kept(tmp_path, train, test):
    for split, count in ((train, 3), (test, 2)):
        for name in ("cat", "dog"):
            put(tmp_path / split / name, count)
    files = find_files(tmp_path, 10)
    assert {s: {n: len(p) for n, p in c.items()} for s, c in files.items()} == {
        "train": {"cat": 3, "dog": 3},
        "test": {"cat": 2, "dog": 2},
    }


def test_a_class_may_be_called_like_a_split(tmp_path):
    for name in ("bus", "train", "car"):
        put(tmp_path / name)
    put(tmp_path / "test" / "2020")  # photographs by year
    assert list(find_files(tmp_path, 10)["train"]) == ["bus", "car", "test", "train"]


def test_a_split_alone_is_divided_and_what_is_not_used_is_named(tmp_path):
    for name in ("cat", "dog"):
        put(tmp_path / "train" / name)
    with pytest.warns(SkippedImageWarning, match="its folder train alone is divided in two"):
        assert len(find_files(tmp_path, 10)["test"]["cat"]) == 2
    put(tmp_path / "test")  # without classes, as in competitions
    with pytest.warns(SkippedImageWarning, match="train alone is divided in two; not used: test"):
        find_files(tmp_path, 10)
    for name in ("Cat", "Dog"):  # other capitals
        put(tmp_path / "val" / name, 1)
    put(tmp_path / "labels")
    with pytest.warns(SkippedImageWarning, match="not used: labels, test"):
        assert len(find_files(tmp_path, 10)["test"]["cat"]) == 1


def test_splits_that_cannot_be_told_are_refused(tmp_path):
    for fold in ("fold one", "fold two"):
        for name in ("cat", "dog"):
            put(tmp_path / "a" / fold / name)
            put(tmp_path / "b" / name / fold)
    put(tmp_path / "c" / "train"), put(tmp_path / "c" / "test")
    for folder, told in (
        ("a", "each of fold one, fold two holds the same folders cat, dog"),
        ("b", "each of cat, dog holds the same folders fold one, fold two"),
        ("c", "divided into test, train, which hold no folder per class"),
    ):
        with pytest.raises(ValueError, match=told):
            find_files(tmp_path / folder, 10)
    (tmp_path / "d").mkdir()
    with pytest.raises(NoImagesError, match="holds no images"):
        find_files(tmp_path / "d", 10)


def test_hidden_copies_are_not_seen_and_links_are_followed_once(tmp_path):
    for name in ("a", "b"):
        for inner in (".picasaoriginals", ".ipynb_checkpoints", "@eaDir", "__MACOSX", "mine"):
            put(tmp_path / name / inner)
    put(tmp_path / "@eaDir"), put(tmp_path / ".thumbnails")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    try:
        for name in ("a", "b"):
            (elsewhere / name).mkdir()
            (elsewhere / name / "linked").symlink_to(tmp_path / name, target_is_directory=True)
            (tmp_path / name / "again").symlink_to(tmp_path / name, target_is_directory=True)
    except OSError:
        pytest.skip("no links may be made here")
    files = find_files(elsewhere, 10)["train"]
    assert {name: len(paths) for name, paths in files.items()} == {"a": 2, "b": 2}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_not_utf_8_can_be_printed(tmp_path):
    strange = os.fsdecode(b"tea\xe9")
    put(tmp_path / strange), put(tmp_path / "tea")
    names = list(find_files(tmp_path, 10)["train"])
    assert names == ["tea", "tea�"] and printable(tmp_path / strange).endswith("tea�")
    (tmp_path / strange / "1.png").write_text("no image")
    with pytest.warns(SkippedImageWarning, match="tea�/1.png"):
        read(tmp_path / strange / "1.png")
    put(tmp_path / os.fsdecode(b"tea\xe8"))
    with pytest.raises(ValueError, match="has two folders tea�, whose names are not UTF-8"):
        find_files(tmp_path, 10)


def test_a_damaged_note_in_a_photograph_does_not_turn_it_away(tmp_path):
    wide = struct.pack("<HHII", 256, 2, 5, 38)  # the width, which should be a number, as text
    turned = struct.pack("<HHIHH", 274, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + wide + turned + b"\0\0\0\0wide\0"
    Image.fromarray((255 * RAMP).astype(np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    seen = read(tmp_path / "a.jpg")[0, 0]
    assert (seen - torch.tensor(RAMP).float().rot90(-1)).abs().max() < 0.05


def test_what_is_transparent_or_white_in_16_bits_is_white(tmp_path):
    greys = (65535 * RAMP).astype(np.uint16)
    greys[:20] = 999
    Image.fromarray(greys).save(tmp_path / "a.png", transparency=999)
    assert (read(tmp_path / "a.png")[0, :, :19] > 0.99).all()
    Image.fromarray((65535 * RAMP).astype(np.uint16)).save(tmp_path / "b.tif", tiffinfo={262: 0})
    with Image.open(tmp_path / "b.tif") as file:
        assert file.tag_v2[262] == 0, "0 is white"
    assert (read(tmp_path / "b.tif")[0] - 1 + torch.tensor(RAMP).float()).abs().max() < 0.03


def test_folders_that_divide_each_class_or_lead_back_are_told(tmp_path):
    for name in ("bottle/train", "bottle/test", "cable/train", "cable/test", "screw/train"):
        put(tmp_path / "inside" / name)
    with pytest.raises(ValueError, match=r"bottle is divided itself, into test and train: make"):
        find_files(tmp_path / "inside", 9)
    for name in ("data/train/a", "data/train/b", "data/test/a", "data/test/b"):
        put(tmp_path / "wrapped" / name)
    with pytest.raises(ValueError, match=r"wrapped holds one folder with both: give .*data\."):
        find_files(tmp_path / "wrapped", 9)
    for name in ("cars/train", "cars/test car", "boats"):
        put(tmp_path / "named" / name)
    assert len(find_files(tmp_path / "named", 9)["test"]["cars"]) == 4
    for name in ("traindata/a", "traindata/b", "testdata/a", "testdata/b"):
        put(tmp_path / "glued" / name)
    assert list(find_files(tmp_path / "glued", 9)["test"]) == ["a", "b"]
    put(tmp_path / "linked" / "a", suffix=".jfif")
    put(tmp_path / "linked" / "b", suffix=".gif")
    (tmp_path / "linked" / "latest").symlink_to(tmp_path / "linked", target_is_directory=True)
    assert list(find_files(tmp_path / "linked", 9)["train"]) == ["a", "b"]
