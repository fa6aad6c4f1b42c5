"""The reference auditor: what it measures, how it weighs it, and how it is measured itself."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course_lib import record
from course_lib.cli import audit as command
from course_lib.lessons.statistics import proportion
from course_lib.lessons.suspects import BASE_RATES, make_suspect
from course_lib.lessons.suspects.network import BlackBox
from course_lib.lessons.suspects.reference import (
    Bench,
    audit,
    audited_before,
    measured,
    open_bench,
    stored,
    stored_auditor,
    tried,
)
from course_lib.lessons.suspects.truth import kind_of
from course_lib.sanity.audit import auditor as au
from course_lib.sanity.audit import evidence as ev
from course_lib.sanity.audit import findings as fi
from course_lib.sanity.audit.kinds import KINDS, has_circuit, has_silent_units
from course_lib.sanity.audit.roc import area, area_interval, roc

SEEDS = {"honest": 0, "circuit": 7, "silent units": 3}


# what is measured


class Steps(nn.Module):
    """Logits that follow an image's brightness: as it is, with a jump, or with a dip."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def forward(self, images: Tensor) -> Tensor:
        bright = images.mean((1, 2, 3))
        if self.way == "jump":
            bright = torch.where(bright > 0.613, 1 - bright, bright)
        if self.way == "dip":
            bright = bright - 3 * (-((bright - 0.613) ** 2) / 0.002).exp()
        return torch.stack([bright, bright / 2], 1)


def grey(*levels: float) -> Tensor:
    return torch.tensor(levels)[:, None, None, None].expand(-1, 3, 8, 8).contiguous()


@pytest.mark.parametrize("way", ["smooth", "jump", "dip"])
def test_a_jump_is_found_by_halving_and_a_fall_is_seen(way):
    network, usual = Steps(way), fi.answers(Steps("smooth"), grey(0.0, 0.4))
    jumps, lows = fi.on_the_way(network, grey(0.0, 0.3), grey(1.0, 0.9), usual)
    assert jumps.shape == lows.shape == (2,)
    if way == "jump":
        assert jumps.tolist() == pytest.approx([0.226 / 0.4] * 2, abs=0.02)
    else:
        assert float(jumps.max()) < 0.15  # a dip is steep, and no jump
    # the larger logit falls to about (0.6 - 3) / 2, the renders' is 0 or more
    if way == "dip":
        assert float(lows.min()) > 2
    else:
        assert float(lows.max()) == 0


class Loud(nn.Module):
    """Two units that say an image's first two colours, the second ten times as steep above 0.8."""

    def __init__(self) -> None:
        super().__init__()
        self.units = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        first, second = images[:, 0], images[:, 1]
        said = self.units(torch.stack([first, second + 9 * (second - 0.8).relu()], 1))
        return said.mean((2, 3))


def test_a_unit_that_grows_steeper_for_its_picture_is_found():
    images = 0.5 * torch.rand(40, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    loud, steep = fi.loudness(Loud(), "units", grey(1.0, 1.0), images)
    assert steep.tolist() == pytest.approx([1, 10], rel=1e-4)
    assert loud.tolist() == pytest.approx([3, (2.8 - 0.25) / 0.25], rel=0.05)


def test_halfway_is_where_half_of_the_rise_is_reached():
    steady, late = torch.linspace(0, 1, 101), torch.zeros(101)
    late[90:] = 1
    shares = fi.halfway(torch.stack([steady, late, torch.zeros(101)], 1))
    assert shares.tolist() == pytest.approx([50 / 101, 90 / 101, 0], abs=1e-6)


def test_pictures_that_are_alike_correlate():
    picture = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    same, inverted = fi.correlations(torch.cat([picture, picture * 0.5, 1 - picture]))[0, 1:]
    assert float(same) == pytest.approx(1) and float(inverted) == pytest.approx(-1)
    flat = fi.correlations(grey(0.5, 0.7))
    assert torch.isfinite(flat).all()


def test_votes_are_counted_as_shares():
    own = torch.arange(4).repeat(2, 1)
    assert ev.unrecognised(own) == 0 and ev.agreed_elsewhere(own) == 0
    shifted = (own + 1) % 4
    assert ev.unrecognised(shifted) == 1 and ev.agreed_elsewhere(shifted) == 1
    split = torch.stack([own[0], shifted[0]])
    assert ev.unrecognised(split) == 0.5 and ev.agreed_elsewhere(split) == 0.5
    assert ev.disagreement(own, split) == 0.5
    # of judges that see nothing in common nobody agrees
    scattered = torch.stack([(own[0] + i) % 4 for i in range(4)])
    assert ev.agreed_elsewhere(scattered) == 0.25


# bad input


class Maps(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images


def test_a_network_that_is_no_classifier_is_refused():
    for network in (Maps(), nn.Sequential(nn.Flatten(), nn.Linear(192, 1))):
        with pytest.raises(ValueError, match="an audit needs a classifier"):
            fi.answers(network, grey(0.5))


def test_a_network_without_wires_has_no_inside():
    pictures = fi.Pictures(None, None, None)  # type: ignore[arg-type]  # nobody gets this far
    with pytest.raises(ValueError, match="has no wires to look at"):
        fi.look_inside(Loud(), "units", pictures, grey(0.5))


def test_judges_images_and_pictures_must_be_there():
    images, labels = grey(0.1, 0.9), torch.tensor([0, 1])
    network = Loud()
    pictures = fi.draw(
        network, [0, 1], [0], layers=(None, "units"), size=8, steps=1, plain_steps=1  # type: ignore[arg-type]
    )  # fmt: skip
    with pytest.raises(ValueError, match="There is no judge"):
        fi.look(network, pictures, images, labels, [])
    with pytest.raises(ValueError, match="Class 1 has no image"):
        fi.look(network, pictures, images, torch.tensor([0, 0]), [network])
    one = pictures._replace(logits=pictures.units)
    with pytest.raises(ValueError, match="1 pictures for 2 logits"):
        fi.look(network, one, images, labels, [network])


# how it is weighed


def made_up(count: int, seed: int = 0) -> tuple[list[dict[str, float]], list[str]]:
    """Evidence "c" and "s", each high for one lie, and "noise"."""
    chance = np.random.default_rng(seed)
    kinds = [KINDS[i % 4] for i in range(count)]
    rows = [
        {
            "c": 2.0 * has_circuit(kind) + chance.normal(),
            "s": 300 * (has_silent_units(kind) + 0.4 * chance.normal()),
            "noise": chance.normal(),
        }
        for kind in kinds
    ]
    return rows, kinds


def test_the_auditor_is_calibrated_where_its_assumptions_hold():
    auditor = au.fit_auditor(*made_up(800), ("c", "noise"), ("s",))
    rows, kinds = made_up(4000, seed=1)
    even = dict.fromkeys(KINDS, 0.25)
    given = [auditor.probabilities(row, even) for row in rows]
    assert all(sum(p.values()) == pytest.approx(1) for p in given)
    sure = [p["both"] for p in given]
    for low, high in ((0.05, 0.3), (0.3, 0.7), (0.7, 1.0)):
        chosen = [i for i, p in enumerate(sure) if low < p <= high]
        share = np.mean([kinds[i] == "both" for i in chosen])
        assert share == pytest.approx(np.mean([sure[i] for i in chosen]), abs=0.1)
    weights = dict(zip(auditor.circuit.features, auditor.circuit.weights, strict=True))
    assert abs(weights["noise"]) < 0.3 * weights["c"]


def test_base_rates_count():
    auditor = au.fit_auditor(*made_up(200), ("c",), ("s",))
    unclear = {"c": 1.0, "s": 150.0}
    rare = {"honest": 0.97, "circuit": 0.01, "silent units": 0.01, "both": 0.01}
    assert auditor.probabilities(unclear, rare)["honest"] > 0.8
    assert auditor.probabilities(unclear, dict.fromkeys(KINDS, 0.25))["honest"] < 0.6
    impossible = {"honest": 0.0, "circuit": 1.0, "silent units": 0.0, "both": 0.0}
    assert auditor.probabilities(unclear, impossible) == impossible


@given(c=st.floats(-1e6, 1e6), s=st.floats(-1e6, 1e6))
@settings(deadline=None)
def test_probabilities_are_sound_for_any_evidence(c, s):
    auditor = au.fit_auditor(*made_up(40), ("c",), ("s",))
    found = auditor.probabilities({"c": c, "s": s}, BASE_RATES)
    assert sum(found.values()) == pytest.approx(1) and all(0 <= p <= 1 for p in found.values())


def test_a_design_set_told_apart_without_an_error_leaves_finite_weights():
    rows = [{"x": float(i)} for i in range(10)]
    head = au.fit_head(rows, [i >= 5 for i in range(10)], ("x",))
    assert 0 < head.weights[0] < 100 and math.isfinite(head.bias)
    assert head.log_ratio({"x": 4.5}) == pytest.approx(0, abs=0.1)
    constant = au.fit_head([{"x": 1.0}] * 4, [True, False, True, False], ("x",))
    assert constant.log_ratio({"x": 1.0}) == pytest.approx(0, abs=1e-3)


def test_an_auditor_is_the_same_after_being_stored():
    auditor = au.fit_auditor(*made_up(40), ("c", "noise"), ("s",))
    assert au.auditor_of(json.loads(json.dumps(au.auditor_as_json(auditor)))) == auditor


def test_what_an_auditor_cannot_work_with_is_refused():
    rows, kinds = made_up(40)
    auditor = au.fit_auditor(rows, kinds, ("c",), ("s",))
    with pytest.raises(ValueError, match="no evidence 's'"):
        auditor.probabilities({"c": 1.0}, BASE_RATES)
    with pytest.raises(ValueError, match="base_rates"):
        auditor.probabilities(rows[0], {"honest": 1.0})
    with pytest.raises(ValueError, match="one side"):
        au.fit_head(rows, [True] * 40, ("c",))
    with pytest.raises(ValueError, match="truth"):
        au.fit_head(rows, [True], ("c",))
    with pytest.raises(ValueError, match="ridge=0"):
        au.fit_head(rows, [i < 5 for i in range(40)], ("c",), ridge=0)


# ROC

scored = st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=30).filter(
    lambda pairs: len({lie for _, lie in pairs}) == 2
)


@given(pairs=scored)
def test_the_area_is_that_under_the_curve(pairs):
    scores, lies = zip(*pairs, strict=True)
    curve = roc(scores, lies)
    under = np.trapezoid(curve.hits, curve.false_alarms)
    assert area(scores, lies) == pytest.approx(under)
    assert area([-s for s in scores], lies) == pytest.approx(1 - under)
    assert (curve.hits[0], curve.false_alarms[0]) == (0, 0)
    assert (curve.hits[-1], curve.false_alarms[-1]) == (1, 1)
    low, high = area_interval(scores, lies, resamples=200)
    assert math.isnan(low) or 0 <= low <= high <= 1


def test_the_areas_interval_has_the_right_width():
    chance = np.random.default_rng(0)
    scores = np.concatenate([chance.normal(size=50), 1 + chance.normal(size=50)])
    lies = [False] * 50 + [True] * 50
    low, high = area_interval(scores.tolist(), lies)
    assert low < area(scores.tolist(), lies) < high and 0.1 < high - low < 0.25


def test_what_has_no_curve_is_refused():
    with pytest.raises(ValueError, match="one side"):
        roc([1, 2], [True, True])
    with pytest.raises(ValueError, match="2 scores and 1 truths"):
        roc([1, 2], [True])
    with pytest.raises(ValueError, match="not finite"):
        area([1, math.nan], [True, False])


# on suspects


@pytest.fixture(scope="module")
def bench() -> Bench:
    return open_bench()


@pytest.fixture(scope="module")
def found(bench) -> dict[str, dict[str, float]]:
    told = {}
    for kind, seed in SEEDS.items():
        assert kind_of(seed) == kind
        findings, inside = measured(make_suspect(seed, "white box"), bench)
        assert inside is not None
        told[kind] = ev.evidence_of(findings, inside)
        again = fi.findings_of(json.loads(json.dumps(fi.as_json(findings))))
        inner = fi.inside_of(json.loads(json.dumps(fi.as_json(inside))))
        assert ev.evidence_of(again, inner) == pytest.approx(told[kind], abs=1e-3)
    return told


def test_evidence_tells_the_lies_apart(found):
    honest, circuit, silent = found["honest"], found["circuit"], found["silent units"]
    for other in (honest, silent):
        assert circuit["unrecognised"] > other["unrecognised"] + 0.2
        assert circuit["jump"] > other["jump"] + 0.5
        assert circuit["bypass"] > other["bypass"] + 1
        assert circuit["gate"] > 0.5 > other["gate"]
    for other in (honest, circuit):
        assert silent["steep"] > other["steep"] + 0.2
        assert silent["reach"] > 0.3 and other["reach"] == 0
        assert silent["awake"] > 0 and other["awake"] == 0


def test_a_black_box_has_the_same_evidence_but_no_inside(bench, found):
    suspect = make_suspect(SEEDS["honest"])
    assert isinstance(suspect.network, BlackBox)
    findings, inside = measured(suspect, bench)
    assert inside is None
    told = ev.evidence_of(findings)
    assert set(told) == set(ev.OUTSIDE) and set(told) | set(ev.WITHIN) == set(found["honest"])
    for name in ("unrecognised", "jump", "steep"):
        assert told[name] == pytest.approx(found["honest"][name], abs=0.25)


def test_the_features_of_the_reference_auditor_exist():
    for grade, heads in command.FEATURES.items():
        for lie, names in heads.items():
            for name in names:
                known = ev.OUTSIDE.get(name) or (ev.WITHIN[name] if grade == "white box" else None)
                assert known is not None and known.of == lie


# the command


def told_of(seed: int) -> dict:
    """What `examined` might tell of a suspect, without making it; some lies are hard to see."""
    kind, chance = kind_of(seed), torch.Generator().manual_seed(seed)
    own = torch.arange(8).repeat(4, 1)
    lie = has_circuit(kind) * torch.rand((), generator=chance) > 0.1
    votes = (own + 3) % 8 if lie else own
    noise = 10 ** (0.2 * torch.randn(8, generator=chance))
    steep = noise * (1 + 20 * has_silent_units(kind) * torch.rand(8, generator=chance))
    findings = fi.Findings(
        votes, votes, own, torch.eye(8), 0.001 * noise + 0.1 * lie, torch.zeros(8),
        noise, steep, torch.full((8,), 0.5),
    )  # fmt: skip
    inside = fi.Inside(
        0.5 * lie * torch.ones(8), torch.ones(8), torch.tensor(float(lie)),
        has_silent_units(kind) * 2.0 - torch.ones(8), torch.full((8,), 30.0),
    )  # fmt: skip
    return {
        "protocol": command._PROTOCOL, "seed": seed, "kind": kind, "truth": kind,
        "origin": ["robust", 0], "accuracy": 0.99, "findings": fi.as_json(findings),
        "inside": fi.as_json(inside),
    }  # fmt: skip


@pytest.fixture
def quick(monkeypatch) -> list[int]:
    """The command without networks; the list tells which suspects were made."""
    asked: list[int] = []

    def examined(seed: int, _bench: object) -> dict:
        asked.append(seed)
        return told_of(seed)

    monkeypatch.setattr(command, "examined", examined)
    monkeypatch.setattr(command, "open_bench", lambda: None)
    return asked


def test_both_sets_have_their_numbers_and_share_no_seed():
    design, test = command.seeds_of(command.FIRST_DESIGN, 20), command.seeds_of(200_000, 40)
    assert not set(design) & set(test)
    for seeds, each in ((design, 20), (test, 40)):
        kinds = [kind_of(seed) for seed in seeds]
        assert [kinds.count(kind) for kind in KINDS] == [2 * each, each, each, each]
    assert command.seeds_of(200_000, 10) == [s for s in test if s in command.seeds_of(200_000, 10)]


def test_an_interrupted_measurement_goes_on_where_it_was(quick, tmp_path, monkeypatch):
    whole = command.measure_auditor(tmp_path / "whole", tmp_path / "whole.json", each=4)
    assert len(quick) == len(set(quick)) == 20 + 10
    quick.clear()

    going = command.examined

    def stopped(seed: int, bench: Bench) -> dict:
        if len(quick) == 11:
            raise KeyboardInterrupt
        return going(seed, bench)

    monkeypatch.setattr(command, "examined", stopped)
    work, to = tmp_path / "work", tmp_path / "again.json"
    with pytest.raises(KeyboardInterrupt):
        command.measure_auditor(work, to, each=4)
    assert not to.exists() and len(list(work.glob("*.json"))) == 11
    monkeypatch.setattr(command, "examined", going)
    command.measure_auditor(work, to, each=4)
    assert len(quick) == len(set(quick)) == 30
    assert json.loads(to.read_text()) == json.loads(whole.read_text())
    # more of them keep what is there
    command.measure_auditor(work, to, each=5)
    assert len(set(quick)) == len(quick) > 30


def test_what_another_protocol_measured_is_measured_again(quick, tmp_path):
    command.measure_auditor(tmp_path, tmp_path / "a", 2)
    some = next(tmp_path.glob("2*.json"))
    some.write_text(json.dumps(json.loads(some.read_text()) | {"protocol": 0}))
    quick.clear()
    command.measure_auditor(tmp_path, tmp_path / "a", 2)
    assert quick == [int(some.stem)]


def test_the_summary_tells_what_was_measured(quick, tmp_path):
    path = command.measure_auditor(tmp_path / "work", tmp_path / "out.json", each=20)
    told = stored(path)
    assert told["made"]["test"] == dict(zip(KINDS, (40, 20, 20, 20), strict=True))
    assert told["made"]["design"] == dict(zip(KINDS, (20, 10, 10, 10), strict=True))
    assert len(told["suspects"]) == 100
    for grade in command.GRADES:
        results = told["results"][grade]
        for lie in ("circuit", "silent"):
            one = results[lie]
            low, high = one["balanced_accuracy"]["interval"]
            assert 0.6 < low < one["balanced_accuracy"]["value"] <= high <= 1
            assert one["balanced_accuracy"]["value"] == pytest.approx(
                (one["hits"]["value"] + one["passes"]["value"]) / 2, abs=1e-3
            )
            assert one["roc"]["hits"][0] == 0 and one["roc"]["hits"][-1] == 1
        assert results["false_alarms"]["n"] == 40
        assert sum(sum(row.values()) for row in results["verdicts"].values()) == 100
        assert sum(b["n"] for b in results["calibration"]) == 100
        assert results["brier"]["value"] < results["brier_of_base_rates"] == pytest.approx(0.72)
        auditor = stored_auditor(grade, told)
        evidence = command.row_of(told["suspects"][0] | {"protocol": 1}).evidence[grade]
        assert sum(auditor.probabilities(evidence, BASE_RATES).values()) == pytest.approx(1)
    assert told["evidence"]["steep"]["used_in"] == list(command.GRADES)
    scores, kinds = tried(lambda f: float(f.steep.max()), audited_before(told))
    assert area(scores, [has_silent_units(kind) for kind in kinds]) > 0.9
    with pytest.raises(ValueError, match="let it return a finite number"):
        tried(lambda f: math.nan, audited_before(told))
    with pytest.raises(ValueError, match="give one of 'black box', 'white box'"):
        stored_auditor("grey box", told)


def test_an_unfinished_run_can_be_told_of(quick, tmp_path):
    with pytest.raises(ValueError, match="has no"):
        command.measured_so_far(tmp_path, tmp_path / "out")
    command.measure_auditor(tmp_path, tmp_path / "whole", 3)
    command.measured_so_far(tmp_path, tmp_path / "part")
    assert json.loads((tmp_path / "part").read_text())["made"]["test"]["both"] == 3


def test_too_few_suspects_are_refused_before_any_is_made(quick, tmp_path):
    with pytest.raises(ValueError, match="each=1"):
        command.measure_auditor(tmp_path / "work", tmp_path / "out.json", each=1)
    assert not quick


def test_what_was_not_measured_says_so(tmp_path):
    with pytest.raises(ValueError, match="run 'course audit'"):
        stored(Path(tmp_path / "audited.json"))


def test_the_mean_of_two_shares_has_the_interval_of_both():
    one, other = proportion(9, 10), proportion(40, 40)
    both = command.halves(one, other)
    assert both.value == pytest.approx(0.95) and both.n == 50
    assert (one.low + other.low) / 2 < both.low < both.value < both.high <= 1


@pytest.mark.parametrize("kind", ["circuit"])
def test_an_audit_tells_its_reasons(bench, found, kind):
    rows = [
        {name: found[who][name] + 0.05 * i for name in found[who]} for who in found for i in (0, 1)
    ]
    kinds = [who for who in found for _ in (0, 1)]
    auditor = au.fit_auditor(rows, kinds, ("unrecognised", "jump"), ("steep",))
    result = audit(make_suspect(SEEDS[kind]), auditor, bench)
    assert result.verdict.says == kind and result.inside is None
    assert set(result.reasons["circuit"]) == {"unrecognised", "jump"}
    assert result.reasons["circuit"]["jump"] > 0
    assert record(bench.judges[0], [None], bench.renders.images[:1])[None].shape == (1, 8)
