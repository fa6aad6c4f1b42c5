"""`course reproduce --lab`: the paper's experiments in a lab with many images of each class."""

import contextlib
import dataclasses
import json
import re
import signal
from functools import cache, partial
from itertools import product

import pytest
import torch
from torch.nn import functional

from course_lib.cli import main
from course_lib.cli import reproduce as command_module
from course_lib.cli.reproduce import reproduce
from course_lib.fooling import detector, recipe
from course_lib.labs import open_lab
from course_lib.labs.cifar import weights as cifar_weights
from course_lib.labs.cifar.network import CifarInception
from course_lib.labs.lab import Photos
from course_lib.labs.tiny import weights
from course_lib.lessons.lesson_02.real import BETS
from course_lib.lessons.lesson_09.exercises import seen_alike
from course_lib.reproduce import fooled, lab, leash, silent, similarity
from course_lib.reproduce import material as material_module
from course_lib.reproduce.cache import Cache, hash_of_network
from course_lib.reproduce.fooled import LinearFilter
from course_lib.reproduce.lab import LabMaterial, LabSettings
from course_lib.reproduce.report import Entry, read_report
from course_lib.reproduce.run import LAB_EXPERIMENTS, Run, planned, report_of
from course_lib.statistics import Estimate
from course_lib.visualization.frozen import copied
from tests.units.test_reproduce import refuse
from tests.units.test_reproduce import rows_of as all_rows

FEW = LabSettings(
    "tiny", steps=4, starts=2, rounds=1, moments=3, channels=1, controls=2, built=64, measured=64
)
ALL = {**LAB_EXPERIMENTS, "bets": BETS}


def small_lab(name, **options):
    """A lab at half its size, at a quarter of the cost."""
    opened = open_lab(name, **options)
    opened.network.image_size = opened.image_size // 2

    @cache
    def load(split):
        photos = opened.load(split)
        return photos._replace(images=functional.avg_pool2d(photos.images, 2))

    return dataclasses.replace(opened, image_size=opened.image_size // 2, load=load)


@pytest.fixture(scope="module", autouse=True)
def small_and_short():
    """The circuit's detector is trained for a second; what it tells apart is for other tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab, "open_lab", small_lab)
        patch.setattr(detector, "_FEWEST_STEPS", 4)
        patch.setattr(recipe, "train_detector", partial(detector.train_detector, epochs=1))
        yield


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run in the tiny lab, and its folder."""
    folder = tmp_path_factory.mktemp("run")
    return Run(FEW, folder, procedures=ALL, progress=False).finish(), folder


@pytest.fixture(scope="module")
def rows(done):
    """Of all experiments, by their keys."""
    return {row.key: row for part in done[0].experiments for row in part.rows}


# the mechanics


@pytest.mark.full
def test_every_experiment_is_made(done):
    findings, _ = done
    assert [experiment.name for experiment in findings.experiments] == list(ALL)
    assert findings.cache.found == 0
    assert findings.cache.computed == planned(findings.material, list(ALL.values()))
    report = report_of(findings)
    told = json.loads(json.dumps(report.told, allow_nan=False))
    assert told["network"] == "standard" and told["photographs"]["what"] == "renders"
    assert report.summary.startswith("8 classes of renders: 64 to build with and 64 held out")
    figures = {"photographs", "circuit", "chosen", "leash", "silent", "paths", "controls"}
    assert figures <= set(report.figures)
    assert all(len(f.alt.split()) > 5 for f in report.figures.values())
    sentences = [experiment["told"] for experiment in told["experiments"]]
    sentences += [row[part] for row in all_rows(report) for part in ("measure", "images", "note")]
    assert not [sentence for sentence in sentences if "photograph" in sentence]  # but "renders"


@pytest.mark.full
def test_what_is_measured_says_how_sure_it_is(rows):
    for n, keys in (
        (64, ("top1 circuit", "price circuit", "kept", "quiet")),
        (8, ("shown", "shown other", "own other recipe", "agrees honest", "agrees circuit other")),
        (8, ("leash own", "leash wired other")),  # of 24 climbs, three from each logit
    ):
        for here in (rows[key].here for key in keys):
            assert here.n == n and here.low <= here.value <= here.high and here.low < here.high
    assert "8 units, 2 pictures each; " in rows["shown"].images
    assert "to standard 1" in rows["shown other"].measure
    assert "to robust 0" in rows["shown other recipe"].measure
    assert rows["natural"].here is None and "answers to one" in rows["natural"].note
    assert "24" in rows["quiet"].measure  # all channels of the layer have twins, and one is drawn
    assert rows["wake"].here.n == 1


@pytest.mark.full
def test_each_control_is_compared_with_visualizations_of_several_steps(done, rows):
    layers = done[0].experiments[list(ALL).index("similarity")].numbers["layers"]
    for steps, control in product((1, 2, 4), ("moved 6 px", "contrast × 3")):
        here = rows[f"early path, {steps} steps less renders, {control}"].here
        assert here.n == 8 and here.low < here.value < here.high
    assert {"visualizations, start 1", "renders, inverted", "visualizations, 1 steps",
            "renders that excite the logit most"} <= set(layers)  # fmt: skip
    vis, moved = (layers[name][:7] for name in ("visualizations", "renders, moved 6 px"))
    pairs = [(a, b) for a, b in zip(vis, moved, strict=True) if a["normalised"] is not None]
    expected = sum(a["visualization"] - b["visualization"] for a, b in pairs)
    expected /= sum(a["same"] - a["different"] for a, _ in pairs)
    less = rows["early path, 4 steps less renders, moved 6 px"].here
    assert less.value == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-0.2, 0.3, "as low"), (0.1, 0.5, "the control is lower"), (-0.1, 0.31, "cannot be told"),
        (-0.5, -0.1, "visualizations are lower"), (-0.4, 0.1, "cannot be told"),
    ],
)  # fmt: skip
def test_as_low_asks_for_the_whole_interval(low, high, told):
    assert similarity.reading_of(Estimate((low + high) / 2, low, high, 10)).startswith(told)


def test_the_papers_likeness_is_one_filter():
    picture = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))
    linear = LinearFilter(picture)
    found = linear(torch.stack([picture, torch.full_like(picture, 0.5)]))
    assert found.flatten().tolist() == pytest.approx([40, 0], abs=1e-4)
    one, two = torch.rand(2, 1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(linear((one + two) / 2), (linear(one) + linear(two)) / 2, atol=1e-4)


@pytest.mark.full
def test_each_leashed_climb_starts_from_an_image_of_another_class(done):
    material = done[0].material
    held_out = material.some_held_out(material.drawn, 3)
    starts = leash._starts(material)
    assert starts.shape[:2] == (8, 3)
    for place, own in enumerate(starts):
        which = [(held_out.images == image).all((1, 2, 3)) for image in own]
        labels = {int(held_out.labels[same][0]) for same in which}
        assert len(labels) == 3 and place not in labels


def test_a_start_that_cannot_be_read_is_named(monkeypatch):
    material = LabMaterial(FEW)
    some = material.some_held_out(range(1, 8), 3)
    monkeypatch.setattr(material, "some_held_out", lambda *_: some)
    with pytest.raises(ValueError, match=rf"no held-out image of '{material.names[0]}' can be"):
        leash._starts(material)


def test_agreement_is_lesson_09s_by_unit():
    judge = open_lab("tiny").network
    images = torch.rand(2 * 3 + 3 * 4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    drawn, best = images[:6].view(2, 3, 3, 32, 32), images[6:].view(3, 4, 3, 32, 32)
    found = leash.agrees(judge, drawn, best)
    with torch.no_grad():
        pictures, tops = judge(images[:6]).view(2, 3, -1), judge(images[6:]).view(3, 4, -1).mean(1)
    whole = [seen_alike.reference(one[None], tops[None]) for one in pictures]
    assert found.shape == (3,)
    assert float(found.mean()) == pytest.approx(float(sum(whole)) / 2, abs=1e-5)
    assert leash.agrees(judge, best[None, :, 0], best[:, :1]).tolist() == pytest.approx([1] * 3)


def test_the_judges_are_other_networks():
    for network, seed, judges in (
        ("standard", 0, {" other": "standard 1", " other recipe": "robust 0"}),
        ("standard", 1, {" other": "standard 0", " other recipe": "robust 0"}),
        ("bcos", 0, {" other recipe": "standard 0"}),
    ):
        found = lab._judging(LabSettings("tiny", network, seed))
        assert {ending: name for ending, (name, _) in found.items()} == judges
        networks = [weights.load(network, seed), *(judge for _, judge in found.values())]
        assert len(set(map(hash_of_network, networks))) == 1 + len(judges)


@pytest.mark.full
def test_a_naturally_silent_channel_is_drawn_beside_another(done, tmp_path):
    material = LabMaterial(FEW)
    network = copied(material.lab.network)
    with torch.no_grad():
        network.inception4b.branch1.bn.bias[5] = -50.0
        network.inception4b.branch1.bn.weight[5] = 0.0  # nothing wakes it
        network.inception3b.branch1.bn.bias[2] = -3.0
    material.lab = dataclasses.replace(material.lab, network=network)
    kept = Cache(tmp_path, {}, 4, progress=False)
    silences = silent._silences(kept, material)
    quiet = {layer: int(found.sum()) for layer, found in silences.items() if found.any()}
    assert quiet["inception4b"] == 1 and silences["inception4b"][5]
    row, figures = silent._natural(kept, material, silences)
    assert row.here.n == sum(quiet.values()) and row.here.value < 1 and row.here.counted
    assert "inception4b 5" in figures["natural"].alt
    assert any("layer 'inception4b' did not respond" in told for told in kept.warned)


# cut off


@pytest.mark.full
def test_a_finished_run_computes_nothing_again(done, monkeypatch):
    findings, folder = done
    for module, name in ((material_module, "visualize"), (fooled, "fool"), (similarity, "gather")):
        monkeypatch.setattr(module, name, refuse)
    again = Run(FEW, folder, procedures=ALL, progress=False).finish()
    assert again.cache.computed == 0 and again.cache.found == findings.cache.computed
    old, new = (report_of(found) for found in (findings, again))
    assert new.told["experiments"] == old.told["experiments"]


@pytest.mark.full
def test_an_interrupted_circuit_is_not_kept_and_is_made_again(tmp_path, monkeypatch, capsys):
    made, calls = fooled.fool, []

    def interrupted(*arguments, **options):
        calls.append(options["seed"])
        found = made(*arguments, **options)
        if len(calls) == 1:
            with contextlib.suppress(KeyboardInterrupt):  # as `fool`, which returns its best
                signal.raise_signal(signal.SIGINT)
        return found

    monkeypatch.setattr(fooled, "fool", interrupted)
    monkeypatch.setattr(command_module, "execute", lambda notebook, *_, **_options: notebook)
    monkeypatch.setattr(command_module, "_asked", lambda *_: FEW)
    run = partial(reproduce, None, tmp_path, ["circuit"], lab="tiny")
    assert run() == 130
    told = capsys.readouterr().err
    assert re.search(r"interrupted\. 0 of \d+ parts are kept in .*the same command again", told)
    assert run() == 0 and len(calls) == 2 and calls[0] == calls[1]
    assert read_report(tmp_path).names == ["circuit"]
    assert run() == 0 and len(calls) == 2


@pytest.mark.full
def test_other_settings_are_refused_before_the_lab_is_opened(done, monkeypatch):
    monkeypatch.setattr(lab, "LabMaterial", refuse)
    with pytest.raises(ValueError, match=r"starts was 2 and is now 3"):
        Run(dataclasses.replace(FEW, starts=3), done[1], progress=False)


# bad input


def test_the_cifar_lab_without_photographs_or_networks(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_CIFAR", raising=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(lab, "open_lab", open_lab)
    asked = ["reproduce", "--lab", "cifar", "--to", str(tmp_path / "to")]
    with monkeypatch.context() as patch:
        patch.setattr(cifar_weights, "load", lambda *_: CifarInception().eval())
        assert main(asked) == 1
    told = capsys.readouterr().err
    assert "CIFAR-10 is not in" in told and "COURSE_CIFAR" in told and "Traceback" not in told
    assert main([*asked, "--network", "bcos"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("course: network='bcos': the cifar lab has") and told.count("\n") == 1
    assert not (tmp_path / "to").exists()


def test_a_lab_with_too_little_is_refused(monkeypatch):
    opened = lab.open_lab("tiny")

    def first(split):
        return Photos(*(part[:63] for part in opened.load(split)))

    few = dataclasses.replace(opened, load=first)
    monkeypatch.setattr(lab, "open_lab", lambda *_, **__: few)
    with pytest.raises(ValueError, match=r"has 63 renders for 'test', .* 64 or more are needed"):
        LabMaterial(FEW)


@pytest.mark.full
def test_the_command_writes_the_page(tmp_path, capsys):
    arguments = ["--lab", "tiny", "--to", str(tmp_path), "--experiment", "pictures", "silent",
                 "--steps", "4", "--measured", "64"]  # fmt: skip
    assert main(["reproduce", *arguments]) == 0
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert "to standard 1" in capsys.readouterr().out
    assert set(Entry._fields) < set(read_report(tmp_path).experiment("silent")["rows"][0])
