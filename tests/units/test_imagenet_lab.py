"""The imagenet lab; some tests run only where COURSE_PHOTOS and TORCH_HOME name real data."""

import time
from urllib.error import URLError

import pytest
import torch
import torchvision

import course_lib
from course_lib.errors import DamagedFileError
from course_lib.labs import imagenet
from course_lib.labs.imagenet import drop_auxiliaries, imagenet_weights, load_classifier
from course_lib.lessons.lesson_02.real import real_questions
from course_lib.lessons.lesson_02.trials import make_trials


@pytest.fixture
def offline(monkeypatch, tmp_path):
    def refuse(*_arguments, **_options):
        raise URLError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    monkeypatch.setattr(torchvision.datasets.imagenette, "download_and_extract_archive", refuse)


def test_nothing_on_disk_and_no_network(offline):
    with pytest.raises(ValueError, match=r"weights of googlenet are not in .*open_lab\('tiny'\)"):
        course_lib.open_lab("imagenet", network="googlenet")
    with pytest.raises(OSError, match=r"Imagenette is not in .*could not be downloaded"):
        imagenet.imagenette()


def test_what_is_wrong_is_refused_before_anything_is_downloaded(offline):
    with pytest.raises(ValueError, match="torchvision has no such classifier"):
        course_lib.open_lab("imagenet", network="mobilenet_v9")
    with pytest.raises(ValueError, match="'anywhere' is not a folder"):
        course_lib.open_lab("imagenet", photos="anywhere")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04 cut off"])
def test_a_damaged_weights_file_is_named(offline, content):
    path = imagenet.weights_file("mobilenet_v2")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"mobilenet_v2-\w+\.pth is damaged.*delete it"):
        load_classifier("mobilenet_v2")


def test_classifiers_without_the_first_weights_have_others():
    assert imagenet_weights("vit_h_14").url
    assert imagenet_weights("resnet50").name == "IMAGENET1K_V1"


def test_auxiliary_classifiers_are_dropped():
    network = torchvision.models.googlenet(
        weights=None, aux_logits=True, transform_input=True, init_weights=False
    )
    drop_auxiliaries(network)
    with torch.no_grad():
        assert network.eval()(torch.rand(1, 3, 96, 96)).shape == (1, 1000)


@pytest.fixture(scope="module")
def lab(real_photos):
    return course_lib.open_lab("imagenet", network="mobilenet_v2", photos=real_photos)


def test_real_photographs_are_classified_rightly(lab):
    photos = lab.photos("test")
    assert photos.images.shape[1:] == (3, 224, 224)
    logits = course_lib.record(lab.network, [None], photos.images)[None]
    assert logits.shape[1] == 1000 and len(set(lab.unit_of_class)) == len(lab.class_names)
    # the unit of a folder says more to its own photographs than to those of other folders
    for label, unit in enumerate(lab.unit_of_class):
        mine = photos.labels == label
        assert logits[mine, unit].mean() > logits[~mine, unit].mean() + 1


def test_real_layers_end_with_the_logits(lab):
    images = lab.photos("test").images[:2]
    outputs = course_lib.record(lab.network, [*lab.layers, None], images)
    assert torch.equal(outputs[lab.layers[-1]], outputs[None])
    assert lab.layers[0] == "features.0"


def test_a_real_network_can_be_bet_on(lab):
    units = lab.unit_of_class[:2]
    asked = real_questions(lab, units, steps=2)
    assert asked.units == tuple(f"logit {unit}" for unit in units)
    assert asked.references["visualizations"].shape == (2, 1, 3, 224, 224)
    assert len(make_trials(asked, ["visualizations", "top images"])) == 4


def test_real_visualizations_within_a_minute(lab, report):
    units = lab.unit_of_class[:8]
    started = time.perf_counter()
    vis = course_lib.visualize(lab.network, None, units, steps=160, progress=False)
    seconds = time.perf_counter() - started
    late = " OVER THE BUDGET" if seconds > 60 else ""
    report(f"imagenet lab: 8 pictures at 224 px, 160 steps: {seconds:.0f} s of 60{late}")
    assert vis.images.shape == (8, 3, 224, 224)
    logits = course_lib.record(lab.network, [None], lab.photos("test").images)[None]
    for i, unit in enumerate(units):
        assert vis.activations[i] > logits[:, unit].max()
