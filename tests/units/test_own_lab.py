import math
import shutil

import pytest
import torch
from PIL import Image
from torch import nn

import course_lib
from course_lib.errors import NoImagesError, SkippedImageWarning
from course_lib.labs.folders import find_files
from course_lib.labs.layers import layers_in_order
from course_lib.labs.units import units_of_classes
from tests.conftest import built


class BrightnessNetwork(nn.Module):
    """Logit 2 answers to red, logit 0 to green, logit 3 to blue, logit 1 to nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(3, 4, bias=False)
        with torch.no_grad():
            self.fc.weight.copy_(torch.tensor([[0.0, 1, 0], [0.0, 0, 0], [1.0, 0, 0], [0.0, 0, 1]]))

    def forward(self, images):
        return self.fc(self.drop(self.pool(images).flatten(1)))


def opened(photos, network=None, **options):
    network = BrightnessNetwork() if network is None else network
    return course_lib.open_lab(network=network, photos=photos, **{"image_size": 16, **options})


def pair(images, labels, test=None):
    """The same images for both splits, by other labels for "test" where these are given."""
    train = course_lib.Photos(images, torch.tensor(labels))
    return {"train": train, "test": course_lib.Photos(images, torch.tensor(test or labels))}


@pytest.fixture
def folder(tmp_path):
    """Red, green and blue photographs of uneven sizes in folders of odd names."""
    for name, colour in {"<red & co>": 0, "green": 1, "ü blue": 2}.items():
        (tmp_path / name).mkdir()
        for i in range(4):
            value = [40, 40, 40]
            value[colour] = 170 + 20 * i
            Image.new("RGB", (50 + 10 * i, 40), tuple(value)).save(tmp_path / name / f"{i}.png")
    return tmp_path


def test_units_are_found_from_the_data(folder):
    network = BrightnessNetwork().train()
    lab = opened(folder, network)
    assert lab.class_names == ("<red & co>", "green", "ü blue")
    assert lab.unit_of_class == (2, 0, 3)
    assert lab.layers == ("pool", "fc")
    assert not lab.network.training and lab.image_size == 16
    drawn = course_lib.visualize(lab.network, None, 0, steps=1, progress=False)
    assert drawn.images.shape[-1] == 16, "by itself"
    photos = lab.photos("test")
    assert photos.images.shape == (6, 3, 16, 16)
    assert photos.labels.tolist() == [0, 0, 1, 1, 2, 2]
    # the network that was given stays as it was, and the lab does not follow its training
    assert network.training and all(p.requires_grad for p in network.parameters())
    with torch.no_grad():
        network.fc.weight += 1
    assert not torch.equal(lab.network.fc.weight, network.fc.weight)


def test_photos_may_be_tensors():
    images = torch.zeros(8, 3, 16, 16)
    images[0::2, 0] = torch.rand(4, 1, 1) * 0.5 + 0.5
    images[1::2, 1] = torch.rand(4, 1, 1) * 0.5 + 0.5
    assert opened(pair(images, [0, 1] * 4)).unit_of_class == (2, 0)


def test_a_given_division_is_kept(folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("divided")
    for split, other in {"train": "[23].png", "val": "[01].png"}.items():
        for name in ("green", "ü blue"):
            left = shutil.ignore_patterns(other)
            shutil.copytree(folder / name, root / split / name, ignore=left)
    files = find_files(root, per_class=10)
    assert [p.stem for p in files["train"]["green"]] == ["0", "1"]
    assert [p.stem for p in files["test"]["green"]] == ["2", "3"]


def test_at_most_so_many_of_a_class(folder):
    assert all(len(paths) == 1 for paths in find_files(folder, per_class=1)["train"].values())
    with pytest.raises(ValueError, match="photos_per_class=0"):
        find_files(folder, per_class=0)


def test_a_corrupt_image_is_named_and_skipped(folder):
    (folder / "green" / "2.png").write_bytes((folder / "green" / "2.png").read_bytes()[:60])
    (folder / "green" / "x.jpg").write_text("this is no image")
    (folder / "empty").mkdir()
    named = r"Skipped [12] of \d+ files, .*; the first is .*(2\.png|x\.jpg) \("
    with (
        pytest.warns(SkippedImageWarning, match=r"Skipped 1 folder without images; .*empty\."),
        pytest.warns(SkippedImageWarning, match=named),
    ):
        assert len(opened(folder).photos("test").images) == 6


def test_a_class_without_a_single_readable_image_is_named(folder):
    for path in (folder / "green").iterdir():
        path.write_text("nothing")
    refused = pytest.raises(NoImagesError, match="No file of class 'green'")
    with pytest.warns(SkippedImageWarning), refused:
        opened(folder)


def test_folders_that_cannot_serve(tmp_path):
    def refused(message, photos=tmp_path, kind=ValueError):
        with pytest.raises(kind, match=message):
            opened(photos)

    def image(path):
        Image.new("RGB", (20, 20)).save(path)

    refused(r"nowhere' is not a folder", tmp_path / "nowhere")
    refused("holds no images")
    image(tmp_path / "0.png")
    refused("no folder per class", kind=NoImagesError)
    (tmp_path / "0.png").unlink()
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    with pytest.warns(SkippedImageWarning, match="Skipped 1 folder without .*cat"):
        refused("holds no images")
    image(tmp_path / "cat" / "0.png")
    image(tmp_path / "cat" / "1.png")
    refused(r"one class only \(cat\)")
    (tmp_path / "dog").mkdir()
    image(tmp_path / "dog" / "0.png")
    refused("class 'dog' needs at least two images")
    for split, names in (("train", "abc"), ("test", "ab")):
        for name in names:
            (tmp_path / "both" / split / name).mkdir(parents=True)
            for number in range(2):
                image(tmp_path / "both" / split / name / f"{number}.png")
    refused("class 'c' has no images to test with", tmp_path / "both")
    refused("NoneType", None)
    refused(r"give Photos\(images", {"train": 1, "test": 2})


def test_networks_that_cannot_serve(folder):
    narrow = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    broken = BrightnessNetwork()
    with torch.no_grad():
        broken.fc.weight[0, 0] = math.nan
    for wrong, message in (
        ({"network": narrow}, "2 logits for 3 classes"),
        ({"network": nn.Identity()}, r"returned \(2, 3, 16, 16\)"),
        ({"network": nn.Linear(5, 5)}, "cannot take images"),
        ({"network": broken}, "not finite"),
        ({"image_size": 0}, "image_size=0"),
        ({"resize": 8}, "resize=8: give a whole number of 16 or more"),
        ({"colour": "red"}, "'colour'; this lab takes network, photos"),
    ):
        with pytest.raises(ValueError, match=message):
            opened(folder, **wrong)
    with pytest.raises(ValueError, match="photos= is missing"):
        course_lib.open_lab(network=broken)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.rand(4, 3, 16, 16) + 0.5, "without any normalisation"),
        (torch.full((4, 3, 16, 16), math.nan), "finite values"),
        (torch.rand(4, 1, 16, 16), "square colour images"),
        (torch.rand(4, 3, 16, 12), "square colour images"),
        (torch.rand(4, 3, 20, 20), "image_size=16"),
        (torch.zeros(4, 3, 16, 16, dtype=torch.uint8), "divide by 255"),
        (torch.rand(0, 3, 16, 16), "holds no image"),
    ],
)
def test_tensors_that_are_no_images(images, message):
    with pytest.raises(ValueError, match=message):
        opened(pair(images, [i % 2 for i in range(len(images))]))


def test_layers_of_common_architectures_are_found_in_order():
    import torchvision

    vit = torchvision.models.VisionTransformer(32, 8, 5, 2, 16, 32, num_classes=7)
    names = layers_in_order(vit, torch.zeros(1, 3, 32, 32))
    assert names[0] == "conv_proj" and names[-1] == "heads.head"
    assert "encoder.layers.encoder_layer_3" in names
    resnet = torchvision.models.resnet18(num_classes=7)
    wrapped = nn.Sequential(nn.Identity(), resnet)  # as whoever normalises in front would have it
    names = layers_in_order(wrapped, torch.zeros(1, 3, 64, 64))
    assert "1.layer3.1" in names and names[-1] == "1.fc"
    names = layers_in_order(resnet, torch.zeros(1, 3, 64, 64))
    assert names.index("layer1.0") < names.index("layer1.1") < names.index("layer4.1")
    assert names[-1] == "fc"


def test_a_network_that_goes_on_after_its_last_layer_is_named(folder):
    class LogSoftmax(BrightnessNetwork):
        def forward(self, images):
            return super().forward(images).log_softmax(1)

    with pytest.warns(UserWarning, match="goes on after its last layer 'fc'"):
        opened(folder, LogSoftmax())
    with pytest.raises(ValueError, match="runs no modules"):
        layers_in_order(nn.Flatten(), torch.zeros(1, 3, 8, 8))


def test_classes_must_be_numbered_without_a_gap_and_shown_in_both_splits():
    for train, test, error, message in (
        ([0, 0, 2, 2], None, ValueError, "must show all classes"),
        ([0, 1, 0, 1], [0, 0, 0, 0], ValueError, "must show all classes"),
        ([0, 0, 0, 0], None, NoImagesError, "show 1 class"),
    ):
        with pytest.raises(error, match=message):
            opened(pair(torch.rand(4, 3, 16, 16), train, test))


def test_two_classes_never_share_a_unit():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(60, 12, generator=generator)
    labels = torch.arange(60) % 6
    logits[labels < 2, 4] += 5  # the same logit is the best for two classes
    units = units_of_classes(logits, labels, 6)
    assert len(set(units)) == 6 and 4 in units[:2]


def test_a_class_has_one_number_however_a_split_spells_it(tmp_path):
    """Capitals come before small letters, so that the two splits are sorted differently."""
    colours = {"Apple": 0, "banana": 1, "Cherry": 2, "café": 0}
    spelt = {"train": lambda name: name, "test": lambda name: name.lower().replace("é", "e\u0301")}
    for split, spelling in spelt.items():
        for name, colour in colours.items():
            (tmp_path / split / spelling(name)).mkdir(parents=True)
            value = [20, 20, 20]
            value[colour] = 240 if name == "café" else 150
            for i in range(2):
                path = tmp_path / split / spelling(name) / f"{i}.png"
                Image.new("RGB", (20, 20), tuple(value)).save(path)
    lab = opened(tmp_path)
    for split in spelt:
        photos = lab.photos(split)
        for image, label in zip(photos.images, photos.labels.tolist(), strict=True):
            name = lab.class_names[label]
            assert int(image.mean((1, 2)).argmax()) == colours[name]
            assert (image.max() > 0.8) == (name == "café")


def test_what_a_forward_pass_raises_is_told_in_a_sentence(folder):
    asking = built(lambda net, x: net.fc(x["image"]), fc=nn.Linear(3, 4))
    sized = built(lambda net, x: {224: net.fc}[x.shape[-1]](x), fc=nn.Linear(3, 4))
    for network in (asking, sized):
        with pytest.raises(ValueError, match="The network cannot take images of shape"):
            opened(folder, network)
        with pytest.raises(ValueError, match="The network cannot be run on pictures"):
            course_lib.visualize(network, units=[0], size=16, steps=1, progress=False)
