"""The engine against a loop on a frozen network and against Lucent 0.1.8, side by side.

    uv run --group bench pytest tests/benchmarks/test_engine_speed.py

One process, interleaved, ratios of medians, so that the figures hold on slow machines too.
COURSE_ENGINE_JSON names a file in which the figures are kept, and has all of them measured, which
takes a quarter of an hour; by default only those are that have a bar. Without the group `bench` the
rows of Lucent are left out. Speeds do not depend on weights, so most networks have random ones.
"""

import os
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib import open_lab, recognised, record, visualize
from course_lib.errors import SilentUnitWarning
from course_lib.visualization import engine
from tests.benchmarks.engine import contenders as ways
from tests.benchmarks.engine.memory import can_measure, megabytes_above_baseline
from tests.benchmarks.engine.networks import Subject, awake, subject
from tests.benchmarks.engine.table import NAMES, keep, ratio

ROUNDS, RACES = 5, 5
STEPS = {1: 4, 8: 2}
# of the frozen loop's time, for GoogLeNet on one thread: 0.68 for one picture where its copy is
# quick and 0.77 or more where that was refused; eight vary between runs, 0.62 to 0.81 for each
FROZEN_BAR = {1: 0.72, 8: 0.85}
LUCENT_BAR = {1: 2.4, 8: 2.3}  # times a step of Lucent's, there too
REACH_BAR = 4.0  # times faster to where Lucent's default run of 512 steps ends
ALL = bool(os.environ.get("COURSE_ENGINE_JSON"))
more = pytest.mark.skipif(not ALL, reason="COURSE_ENGINE_JSON is not set: measured without a bar")
needs_lucent = pytest.mark.skipif(
    not ways.has_lucent(), reason="torch-lucent is not installed: uv run --group bench pytest ..."
)


@pytest.fixture
def kept():
    """Called with a part of the record: kept where COURSE_ENGINE_JSON says, if it says so."""
    path = os.environ.get("COURSE_ENGINE_JSON")
    return (lambda part, value: keep(Path(path), part, value)) if path else lambda *_: None


@pytest.fixture
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("name", [NAMES[0], *(pytest.param(n, marks=more) for n in NAMES[1:])])
@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=more)], indirect=True)
def test_a_step(threads, name, batch, report, kept):
    chosen, several = subject(name), ways.contenders()
    if chosen.size < 128:
        several.pop("lucent_128", None)
    seconds = ways.in_turns(chosen, several, batch, STEPS[batch], ROUNDS)
    where = f"{name}, batch {batch}, {threads} thread{'s'[: threads - 1]}"
    rows = {}
    for way, spent in seconds.items():
        middle, least, most = ratio(seconds, way, "frozen")
        rows[way] = {
            "milliseconds": round(1e3 * statistics.median(spent), 1),
            "ratio": round(middle, 3),
            "least": round(least, 3),
            "most": round(most, 3),
        }
    told = ", ".join(f"{way} {row['ratio']:.2f}" for way, row in rows.items())
    milliseconds = rows["frozen"]["milliseconds"]
    report(f"{where}: {told} (an image and step, of the frozen loop's {milliseconds:.0f} ms)")
    kept(f"step, {where}", rows)
    if name == "GoogLeNet" and threads == 1:
        assert ratio(seconds, "engine", "frozen")[0] <= FROZEN_BAR[batch]
        if "lucent" in seconds:
            assert ratio(seconds, "lucent", "engine")[0] >= LUCENT_BAR[batch]


@pytest.mark.parametrize("threads", [1], indirect=True)
@pytest.mark.parametrize("off", ["quicken_input_gradients", "fold_batch_norms"])
def test_no_quality_is_given_away(threads, off, report, kept, monkeypatch):
    """All eight logits from three seeds, with and without: rounding leads each picture elsewhere,
    to pictures as good.
    """
    lab, judge = open_lab("tiny"), open_lab("tiny", network="standard").network
    classes = range(len(lab.class_names))

    def scores():
        drawn = [
            visualize(lab.network, None, classes, steps=128, seed=seed, progress=False)
            for seed in range(3)
        ]
        seen = sum(int(recognised(judge, d.images, classes).sum()) for d in drawn)
        return float(torch.cat([d.activations for d in drawn]).mean()), seen

    on = scores()
    monkeypatch.setattr(engine, off, lambda *arguments: None)
    without = scores()
    told = f"mean logit {on[0]:.2f} with, {without[0]:.2f} without"
    report(f"{off}: {told}; recognised {on[1]} and {without[1]} of {3 * len(classes)}")
    logits = [round(mean, 2) for mean, _ in (on, without)]
    recognitions = {"recognised": [on[1], without[1]], "of": 3 * len(classes)}
    kept(f"quality, {off}", {"logits": logits, **recognitions})
    assert abs(on[0] / without[0] - 1) < 0.03
    assert on[1] >= without[1] - 1


@needs_lucent
@pytest.mark.skipif(not can_measure(), reason="memory is measured as Linux tells it")
@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("name", [*(pytest.param(n, marks=more) for n in NAMES[1:]), NAMES[0]])
def test_memory(name, batch, report, kept):
    peaks = {
        way: round(megabytes_above_baseline(way, name, batch), 1)
        for way in ("bare", "engine", "lucent")
    }
    told = ", ".join(f"{way} {peak:.0f} MB" for way, peak in peaks.items())
    report(f"peak memory above the loaded network, {name}, batch {batch}: {told}")
    kept(f"memory, {name}, batch {batch}", peaks)
    assert peaks["engine"] < peaks["lucent"]


@needs_lucent
@pytest.mark.parametrize("threads", [1], indirect=True)
@pytest.mark.parametrize("layer", ["inception4a", None])
def test_reaches_what_lucent_reaches_in_its_default_run(threads, layer, report, kept):
    """Five units of a layer; both engines' pictures get their score from one plain forward pass.

    Where Lucent's picture is no stronger than the grey that the engine starts from, there is
    nothing to reach: such units are counted, and tell nothing of speed. One that the engine never
    brings so far counts as 0 times faster, and every logit has to be reached.
    """
    lab = open_lab("tiny")
    judges = [open_lab("tiny", network="standard", seed=seed).network for seed in (0, 1)]
    gains, seen, void = [], {"engine": 0, "lucent": 0}, 0
    # what does not answer to grey is left out, since Lucent cannot wake it
    units = awake(lab.network, layer, lab.image_size) if layer else range(len(lab.class_names))
    for unit in units:
        race = _race(Subject("tiny lab", lab.network, layer or "fc", (unit,), lab.image_size))
        if race is None:
            void += 1
            continue
        gains.append(race["gain"])
        for way in seen:
            seen[way] += sum(bool(recognised(j, race[way], [unit])[0]) for j in judges if not layer)
        if len(gains) == RACES:
            break
    assert len(gains) == RACES
    lost = gains.count(0.0)
    assert lost == 0
    told = f"{statistics.median(gains):.1f} times ({min(gains):.1f} to {max(gains):.1f})"
    where = layer or "logits"
    told += f"; {void} units not counted, whose picture by Lucent is no stronger than grey"
    report(f"faster to the activation that Lucent reaches in 512 steps, {where}: {told}")
    record_ = {"median": round(statistics.median(gains), 2), "least": round(min(gains), 2)}
    record_ |= {"most": round(max(gains), 2), "units": len(gains), "void": void, "lost": lost}
    if layer is None:
        record_ |= {"recognised": seen, "of": len(judges) * len(gains)}
        assert seen["engine"] >= seen["lucent"]
    kept(f"reach, tiny lab, {where}", record_)
    assert statistics.median(gains) >= REACH_BAR


def _race(chosen: Subject) -> dict | None:
    """Lucent's picture after 512 steps, the engine's first that is at least as strong, and how
    many times sooner it was there (0: never); None where the engine's start is already as strong.
    """
    unit, steps, every = chosen.channels[0], 256, 4
    torch.manual_seed(0)
    np.random.seed(0)  # Lucent draws its transformations from it
    started = time.perf_counter()
    theirs = ways.render(chosen, 1, 512, chosen.size)
    lucent_seconds = time.perf_counter() - started
    goal = _score(chosen, theirs)
    started = time.perf_counter()
    with warnings.catch_warnings():  # of a unit that the engine cannot wake: it reaches nothing
        warnings.simplefilter("ignore", SilentUnitWarning)
        ours = visualize(
            chosen.network, chosen.layer, unit, steps=steps, progress=False,
            snapshots=range(0, steps + 1, every),
        )  # fmt: skip
    seconds = time.perf_counter() - started
    reached = [step for step, image in ours.snapshots.items() if _score(chosen, image) >= goal]
    if not reached:
        return {"engine": ours.images, "lucent": theirs, "gain": 0.0}
    step = reached[0]
    if step == 0:
        return None
    gain = lucent_seconds / (seconds * step / steps)
    return {"engine": ours.snapshots[step], "lucent": theirs, "gain": gain}


def _score(chosen: Subject, images: torch.Tensor) -> float:
    response = record(chosen.network, [chosen.layer], images)[chosen.layer][0, chosen.channels[0]]
    return float(response.mean())
