"""The cifar lab, on made-up images; some tests run only where COURSE_CIFAR names real ones."""

import dataclasses
import hashlib
import io
import json
import os
import pickle
import re
import shutil
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import safetensors.torch
import torch
import torchvision
from PIL import Image

import course_lib
from course_lib.cli.main import main
from course_lib.errors import DamagedFileError, NoImagesError, WeightsUnavailableError
from course_lib.labs.cifar import photographs, training, weights
from course_lib.labs.cifar.network import CifarInception
from course_lib.labs.cifar.photographs import CLASS_NAMES, SIZE, Pixels, photographs_folder, read
from course_lib.labs.cifar.training import RECIPES, moved_and_flipped, train
from course_lib.labs.lab import Photos
from course_lib.labs.tiny import training as tiny_training
from course_lib.labs.tiny import weights as tiny_weights
from course_lib.labs.tiny.network import LAYERS
from course_lib.labs.tiny.weights import available, record_of
from course_lib.maintenance import cifar as maintenance
from course_lib.maintenance.train import train_and_record
from course_lib.reproduce.real import CIFAR_RUN, reproduced
from tests.conftest import ROOT
from tests.units.test_tiny_lab import percent

NETWORKS = [(name, seed) for name, seeds in available(weights.FOLDER).items() for seed in seeds]
REAL = os.environ.get(photographs.CIFAR)
LEAST = {"standard": (0.87, 0.0), "robust": (0.76, 0.56)}  # right, and right under attack


@pytest.fixture(autouse=True)
def few(monkeypatch, tmp_path, request):
    """Six made-up photographs of a class, of which four are held out; nothing on disk so far."""
    if "real" not in request.node.name:
        monkeypatch.setattr(photographs, "PER_CLASS", 6)
        monkeypatch.setattr(photographs, "HELD_OUT", 4)
        monkeypatch.delenv(photographs.CIFAR, raising=False)
        monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))


@pytest.fixture
def untrained(monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(weights, "load", lambda *_: CifarInception().eval().requires_grad_(False))


def grey(label, number):
    """The grey of a made-up photograph, which tells which one it is."""
    return 10 * label + number


@pytest.fixture
def files(tmp_path):
    """An image file for each, in a folder per class inside another."""
    for label, name in enumerate(CLASS_NAMES):
        folder = tmp_path / "photos" / "cifar10_train" / name
        folder.mkdir(parents=True)
        for number in range(6):
            image = Image.new("RGB", (SIZE, SIZE), (grey(label, number),) * 3)
            image.save(folder / f"{number:04}.png")
    return tmp_path / "photos"


def greys(pixels):
    assert torch.equal(pixels.images.amin((1, 2, 3)), pixels.images.amax((1, 2, 3)))
    return pixels.images[:, 0, 0, 0].tolist()


# the photographs


def test_of_each_class_the_last_are_held_out(files):
    for folder in (files, files / "cifar10_train"):
        trained = greys(read(folder, held_out=False))
        assert trained == [grey(label, n) for label in range(10) for n in range(2)]
        held_out = read(folder, held_out=True)
        assert greys(held_out) == [grey(label, n) for label in range(10) for n in range(2, 6)]
        assert held_out.labels.tolist() == [label for label in range(10) for _ in range(4)]


def test_the_lab_is_what_the_surface_promises(files, monkeypatch, untrained):
    monkeypatch.setenv(photographs.CIFAR, str(files))
    lab = course_lib.open_lab("cifar", network="standard", seed=1)
    assert (lab.name, lab.what, lab.layers, lab.image_size) == ("cifar", "photographs", LAYERS, 32)
    assert lab.class_names == CLASS_NAMES and lab.unit_of_class == tuple(range(10))
    build, measure = lab.photos("train"), lab.photos("test")
    assert build.labels.tolist() == measure.labels.tolist() == [*range(10)] * 2
    shown = (build.images[:, 0, 0, 0] * 255).round().int().tolist()
    assert shown == [grey(label, n) for n in (2, 4) for label in range(10)]
    others = (measure.images[:, 0, 0, 0] * 255).round().int().tolist()
    assert others == [grey(label, n) for n in (3, 5) for label in range(10)]
    outputs = course_lib.record(lab.network, [*lab.layers, None], measure.images)
    assert list(outputs) == [*LAYERS, None] and outputs[None].shape == (20, 10)
    assert torch.equal(outputs["fc"], outputs[None])
    assert outputs["conv1"].shape[2:] == (32, 32) and outputs["inception3a"].shape[2:] == (16, 16)
    assert lab.network.image_size == SIZE


def lost(files):
    (files / "cifar10_train" / "cat" / "0003.png").unlink()


def large(files):
    Image.new("RGB", (48, 32)).save(files / "cifar10_train" / "cat" / "0003.png")


def broken(files):
    (files / "cifar10_train" / "cat" / "0003.png").write_bytes(b"no image")


def renamed(files):
    (files / "cifar10_train" / "cat").rename(files / "cifar10_train" / "kitten")


@pytest.mark.parametrize(
    ("spoil", "kind", "message"),
    [
        (lost, NoImagesError, r"cat holds 5 image files, not 6: .* Put back all 6\."),
        (large, ValueError, r"0003.png is 48 x 32 pixels: .* have 32 x 32\."),
        (broken, DamagedFileError, r"0003.png cannot be read as an image .* put a whole one there"),
        (renamed, NoImagesError, r"photos is not laid out like .*cifar-10-batches-py.* airplane"),
        (shutil.rmtree, NoImagesError, r"COURSE_CIFAR='.*photos' is not a folder: give a folder"),
    ],
)
def test_photographs_that_cannot_be_used_are_refused(
    files, monkeypatch, untrained, spoil, kind, message, tmp_path, capsys
):
    monkeypatch.setenv(photographs.CIFAR, str(files))
    spoil(files)
    lab = course_lib.open_lab("cifar")  # the network can do without
    with pytest.raises(kind, match=message) as raised:
        lab.photos("test")
    assert "\n" not in str(raised.value)
    for asked in (["reproduce", "--lab", "cifar"], ["train", "cifar-standard"]):
        assert main([*asked, "--to", str(tmp_path / "to")]) == 1
        told = [line for line in capsys.readouterr().err.splitlines() if "course: " in line]
        assert len(told) == 1 and re.search(message, told[0])
        assert not (tmp_path / "to").exists()
    # and lessons show what is stored
    assert reproduced("pictures", CIFAR_RUN).origin.startswith("Stored with the course")


def test_a_network_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="network='bcos': the cifar lab has "):
        course_lib.open_lab("cifar", network="bcos")
    with pytest.raises(ValueError, match="this lab takes network, seed, download"):
        course_lib.open_lab("cifar", colour="red")


# as torchvision keeps them, and the download


def batch(first, count):
    """A pickle like torchvision's, of `count` photographs of each class, the classes by turns."""
    photos = [(label, first + number) for number in range(count) for label in range(10)]
    told = [np.full((1, 3 * SIZE * SIZE), grey(*photo), np.uint8) for photo in photos]
    return {"data": np.concatenate(told), "labels": [label for label, _ in photos]}


@pytest.fixture
def archive(monkeypatch):
    """The bytes of an archive like torchvision's, which torchvision now takes for CIFAR-10."""
    kind, made = torchvision.datasets.CIFAR10, io.BytesIO()
    contents = {
        "data_batch_1": batch(0, 6),
        "test_batch": batch(6, 5),
        "batches.meta": {"label_names": list(CLASS_NAMES)},
    }
    data = {name: pickle.dumps(part) for name, part in contents.items()}
    md5 = {name: hashlib.md5(part).hexdigest() for name, part in data.items()}
    with tarfile.open(fileobj=made, mode="w:gz") as packed:
        for name, part in data.items():
            told = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            told.size = len(part)
            packed.addfile(told, io.BytesIO(part))
    monkeypatch.setattr(kind, "train_list", [["data_batch_1", md5["data_batch_1"]]])
    monkeypatch.setattr(kind, "test_list", [["test_batch", md5["test_batch"]]])
    monkeypatch.setattr(kind, "meta", kind.meta | {"md5": md5["batches.meta"]})
    monkeypatch.setattr(kind, "tgz_md5", hashlib.md5(made.getvalue()).hexdigest())
    return made.getvalue()


class Server:
    """A loopback server of one file. cut: bytes after which it hangs up; ranges: what was asked."""

    def __init__(self, data, cut=None, resumes=True):
        self.data, self.cut, self.resumes, self.ranges = data, cut, resumes, []


@pytest.fixture
def serve(monkeypatch, archive):
    server = Server(archive)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers.get("Range")
            server.ranges.append(asked)
            first = int(asked[6:-1]) if asked and server.resumes else 0
            if first >= len(server.data):
                self.send_error(416)
                return
            rest = server.data[first:]
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest if server.cut is None else rest[: server.cut])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{listening.server_port}/cifar.tar.gz"
        monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", address)
        yield server
        listening.shutdown()


@pytest.mark.parametrize("resumes", [True, False])
def test_a_download_that_was_cut_off_goes_on(serve, tmp_path, untrained, resumes):
    serve.cut, serve.resumes = 100, resumes
    with pytest.raises(WeightsUnavailableError, match=r"lost after 100 of [\d,]+ bytes.*Try again"):
        course_lib.open_lab("cifar", download=True)
    serve.cut = None
    lab = course_lib.open_lab("cifar", download=True)
    assert serve.ranges == [None, "bytes=100-"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["cifar-10-batches-py"]
    shown = (lab.photos("train").images[:, 0, 0, 0] * 255).round().int().tolist()
    assert shown == [grey(label, n) for n in (6, 8) for label in range(10)]  # test photographs
    trained = read(tmp_path / "data" / "cifar-10-batches-py", held_out=False)
    assert greys(trained) == [grey(label, n) for label in range(10) for n in range(2)]
    course_lib.open_lab("cifar", download=True)
    assert len(serve.ranges) == 2, "what is there is not fetched again"


def test_what_arrived_whole_before_an_interruption_is_used(serve, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cifar-10-python.tar.gz.part").write_bytes(serve.data)
    photographs_folder(download=True)
    assert serve.ranges == [f"bytes={len(serve.data)}-"]
    assert len(read(tmp_path / "data", held_out=True).labels) == 40


def test_what_is_not_cifar_is_not_kept(serve, tmp_path):
    serve.data = b"<html>please log in</html>"
    with pytest.raises(DamagedFileError, match=r"is not CIFAR-10 \(MD5 .*nothing of it is kept"):
        photographs_folder(download=True)
    assert not list((tmp_path / "data").iterdir())


def test_nothing_on_disk_and_no_network(archive, monkeypatch, tmp_path, untrained):
    told = r"CIFAR-10 is not in .*data: open_lab\('cifar', download=True\) fetches it \(170 MB\)"
    with pytest.raises(WeightsUnavailableError, match=told):
        course_lib.open_lab("cifar").photos("test")
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", "http://127.0.0.1:9/cifar.tar.gz")
    with pytest.raises(OSError, match=r"could not be downloaded .*COURSE_CIFAR"):
        course_lib.open_lab("cifar", download=True)


def test_a_damaged_copy_of_torchvisions_is_refused_and_fetched_again(serve, tmp_path):
    photographs_folder(download=True)
    spoilt = tmp_path / "data" / "cifar-10-batches-py" / "test_batch"
    spoilt.write_bytes(b"")
    with pytest.raises(DamagedFileError, match=r"is damaged or lacks a file: open_lab\('cifar'"):
        read(tmp_path / "data", held_out=True)
    photographs_folder(download=True)
    assert len(read(tmp_path / "data", held_out=True).labels) == 40


# the training


def noise(count):
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (count, 3, SIZE, SIZE), generator=generator, dtype=torch.uint8)
    return Pixels(images, torch.arange(count) % 10)


def test_an_image_moves_and_is_mirrored_and_nothing_else():
    images = torch.rand(300, 3, 7, 7)
    moved = moved_and_flipped(images, 5, torch.Generator().manual_seed(0))
    windows = images.unfold(2, 5, 1).unfold(3, 5, 1).flatten(2, 3)  # (300, 3, 9, 5, 5)
    both = torch.cat([windows, windows.flip(4)], 2)
    found = (both == moved[:, :, None]).flatten(3).all(3).all(1)
    assert (found.sum(1) == 1).all()
    assert found.any(0).all(), "every window and each mirrored"


def test_training_repeats_itself_and_goes_on_after_an_interruption(tmp_path, monkeypatch):
    recipe = dataclasses.replace(RECIPES["robust"], attack_steps=1, epochs=2, batch=16, cropped=0.5)
    whole, _ = train(recipe, 3, noise(40), progress=False)
    with monkeypatch.context() as other:
        other.setattr(training.training, "attack", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(recipe, 3, noise(40), progress=False)
    seen, moves = [], training.moved_and_flipped

    def stop_in_the_second_epoch(images, size, generator):
        seen.append((tuple(images.shape[2:]), size))
        if len(seen) == 3:
            raise KeyboardInterrupt
        return moves(images, size, generator)

    monkeypatch.setattr(training, "moved_and_flipped", stop_in_the_second_epoch)
    path = tmp_path / "run.checkpoint"
    with pytest.raises(KeyboardInterrupt):
        train(recipe, 3, noise(40), checkpoint=path, progress=False)
    assert seen == [((32, 32), 24)] * 2 + [((40, 40), 32)]
    monkeypatch.setattr(training, "moved_and_flipped", moves)
    resumed, _ = train(recipe, 3, noise(40), checkpoint=path, progress=False)
    for name, value in resumed.state_dict().items():
        assert torch.allclose(value, whole.state_dict()[name], atol=1e-6), name
    with pytest.raises(ValueError, match="is of another recipe"):
        train(dataclasses.replace(recipe, crop=20), 3, noise(40), checkpoint=path, progress=False)


def test_a_training_is_recorded(files, tmp_path, monkeypatch):
    monkeypatch.setenv(photographs.CIFAR, str(files))
    short = dataclasses.replace(RECIPES["standard"], epochs=1, batch=10)
    monkeypatch.setitem(RECIPES, "standard", short)
    monkeypatch.setattr(maintenance, "ATTACK_STEPS", 1)
    folder = tmp_path / "trained"
    given = ["train", "cifar-standard", "--seed", "2", "--to", str(folder), "--attempt", "a test"]
    assert main(given) == 0
    record = record_of("standard", 2, folder)
    assert record["recipe"]["crop"] == 24 and record["attempt"] == "a test"
    assert record["photographs"] == "CIFAR-10's own"  # the files are PNG
    assert record["accuracy"]["n"] == record["accuracy_under_attack"]["n"] == 40
    names = {"standard-2.json", "standard-2.safetensors", "rests.json"}
    assert {path.name for path in folder.iterdir()} == names
    assert not any(p.requires_grad for p in weights.load("standard", 2, folder).parameters())
    with pytest.raises(ValueError, match=r"standard-2.json is another lab's: .* with --to"):
        train_and_record("standard", 2, folder, "")
    with pytest.raises(ValueError, match=r"the cifar lab's 'standard' networks have the seeds 2\."):
        weights.load("standard", 7, folder)
    (folder / "standard-2.safetensors").write_bytes(b"")
    with pytest.raises(DamagedFileError, match=r"standard-2.safetensors is missing"):
        weights.load("standard", 2, folder)


def test_a_training_without_photographs_says_what_to_do(capsys, tmp_path):
    assert main(["train", "cifar-robust", "--to", str(tmp_path / "trained")]) != 0
    assert "COURSE_CIFAR" in capsys.readouterr().err
    assert not (tmp_path / "trained").exists()


def test_copies_are_known_by_their_files(files):
    assert not photographs.is_jpeg(files)
    Image.new("RGB", (SIZE, SIZE)).save(files / "cifar10_train" / "cat" / "0003.jpg")
    assert photographs.is_jpeg(files)


def test_both_labs_recipes_tell_all_that_the_other_does_not():
    cifar, tiny = (dataclasses.asdict(module.RECIPES["robust"]).keys()
                   for module in (training, tiny_training))  # fmt: skip
    assert cifar - tiny and tiny - cifar, "or a network of one lab may overwrite the other's"


# the networks that come with the course


@pytest.mark.parametrize(("name", "seed"), NETWORKS)
def test_records_tell_how_a_network_was_made(name, seed):
    record = record_of(name, seed, weights.FOLDER)
    assert record["recipe"] == json.loads(json.dumps(dataclasses.asdict(RECIPES[name])))
    assert record["seed"] == seed and record["accuracy"]["n"] == 5000
    right, attacked = (record[key]["value"] for key in ("accuracy", "accuracy_under_attack"))
    assert right >= LEAST[name][0] and attacked >= LEAST[name][1]
    row = f"| {name} | {seed} | {percent(record['accuracy'])} | "
    assert row + f"{percent(record['accuracy_under_attack'])} |" in (ROOT / "README.md").read_text()
    stored = safetensors.torch.load_file(weights.FOLDER / f"{name}-{seed}.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16, torch.int8}


def test_a_filter_in_bytes_is_itself_to_half_a_step(tmp_path):
    network, path = CifarInception().eval(), tmp_path / "standard-0.safetensors"
    with torch.no_grad():
        network.conv3.conv.weight[0] = 0.0  # and a filter of zeros is one
    read = tiny_weights.read(path, tiny_weights.save(network, path, in_bytes=True))
    assert path.stat().st_size < 300_000
    for name, tensor in network.state_dict().items():
        if tensor.dim() > 1:
            step = tensor.abs().flatten(1).amax(1) / 127
            off = (read[name] - tensor).abs().flatten(1).amax(1)
            assert (off <= 0.56 * step + 1e-7).all(), name  # the scale is in half precision
    assert not read["conv3.conv.weight"][0].any()


@pytest.mark.full
@pytest.mark.skipif(REAL is None, reason="COURSE_CIFAR names no folder")
@pytest.mark.parametrize(("name", "seed"), NETWORKS)
def test_networks_know_real_photographs_they_never_saw(name, seed):
    pixels = read(photographs_folder(), held_out=True)
    photos = Photos(pixels.images.float() / 255, pixels.labels)
    measured = maintenance.accuracy(weights.load(name, seed), photos).value
    # the record's photographs may be others, as where these are torchvision's
    recorded = record_of(name, seed, weights.FOLDER)["accuracy"]["value"]
    assert measured == pytest.approx(recorded, abs=0.02)
