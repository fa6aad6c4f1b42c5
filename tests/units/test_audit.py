"""The reference auditor: what it measures, how it weighs it, and how it is measured itself."""

import json
import math
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course_lib import visualize
from course_lib.cli.main import main
from course_lib.lessons.lesson_08 import known as kn
from course_lib.lessons.lesson_08 import reference as ref
from course_lib.lessons.lesson_08.audit import evidence as ev
from course_lib.lessons.lesson_08.audit import findings as fi
from course_lib.lessons.lesson_08.audit.auditor import Auditor
from course_lib.lessons.lesson_08.audit.roc import area, best_threshold, roc, roc_estimate
from course_lib.lessons.lesson_08.base import SHIPPED
from course_lib.lessons.lesson_08.known import LIES, AuditScores, KnownSuspect
from course_lib.lessons.lesson_08.network import BlackBoxNetwork
from course_lib.lessons.lesson_08.reference import Bench, stored_auditor, stored_scores
from course_lib.lessons.lesson_08.suspect import GRADES, make_suspect
from course_lib.lessons.lesson_08.truth import KINDS, Circuit, Truth, Twins, kind_of
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict
from course_lib.maintenance import audit as command
from course_lib.maintenance import fitting as fit
from course_lib.maintenance.scoring import audit_scores, halves, without_ancestor
from course_lib.maintenance.workers import worked
from course_lib.statistics import needed, proportion, wilson
from course_lib.stored import as_json, from_json

has_circuit, has_silent_units = LIES.values()
SEEDS = {"honest": 0, "circuit": 7, "silent units": 3}
needs_sklearn = pytest.mark.skipif(
    find_spec("sklearn") is None, reason="fitting needs scikit-learn: --group maintain"
)


# what is measured


class Says(nn.Module):
    """A network that is a function, with one layer, "said"."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function, self.said = function, nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        return self.said(self.function(images))


def grey(*levels: float) -> Tensor:
    return torch.tensor(levels)[:, None, None, None].expand(-1, 3, 8, 8).contiguous()


def brightness(images: Tensor, way: str = "smooth") -> Tensor:
    """Logits that follow an image's brightness: as it is, with a jump, or with a dip."""
    bright = images.mean((1, 2, 3))
    if way == "jump":
        bright = torch.where(bright > 0.613, 1 - bright, bright)
    if way == "dip":
        bright = bright - 3 * (-((bright - 0.613) ** 2) / 0.002).exp()
    return torch.stack([bright, bright / 2], 1)


@pytest.mark.parametrize("way", ["smooth", "jump", "dip"])
def test_a_jump_is_found_by_halving_and_a_fall_is_seen(way):
    network, usual = Says(partial(brightness, way=way)), brightness(grey(0.0, 0.4))
    jumps, lows = fi.on_the_way(network, grey(0.0, 0.3), grey(1.0, 0.9), usual)
    assert jumps.shape == lows.shape == (2,)
    assert ((jumps - 0.226 / 0.4).abs() < 0.02 if way == "jump" else jumps < 0.15).all()
    # the larger logit falls to about (0.6 - 3) / 2, the renders' is 0 or more
    assert (lows > 2 if way == "dip" else lows == 0).all()


def second_steeper(images: Tensor) -> Tensor:
    """Two units that say an image's first two colours, the second ten times as steep above 0.8."""
    first, second = images[:, 0], images[:, 1]
    return torch.stack([first, second + 9 * (second - 0.8).relu()], 1)


def test_a_unit_that_grows_steeper_for_its_picture_is_found():
    images = 0.5 * torch.rand(40, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    loud, steep = fi.loudness(Says(second_steeper), "said", grey(1.0, 1.0), images)
    assert steep.tolist() == pytest.approx([1, 10], rel=1e-4)
    assert loud.tolist() == pytest.approx([3, (2.8 - 0.25) / 0.25], rel=0.05)
    bright = grey(0.5, 1.0).requires_grad_(True)
    said = fi.largest_response(Says(second_steeper), "said", 1)(bright)
    assert said.tolist() == pytest.approx([0.5, 2.8])
    (slope,) = torch.autograd.grad(said.sum(), bright)
    assert slope.flatten(1).sum(1).tolist() == pytest.approx([1, 10], rel=1e-4)


def test_halfway_is_where_half_of_the_rise_is_reached():
    steady, late = torch.linspace(0, 1, 101), (torch.arange(101) >= 90).float()
    shares = fi.halfway(torch.stack([steady, late, torch.zeros(101)], 1))
    assert shares.tolist() == pytest.approx([50 / 101, 90 / 101, 0], abs=1e-6)


def test_pictures_that_are_alike_correlate():
    picture = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    alike = fi.likeness(torch.cat([picture, picture * 0.5, 1 - picture]))
    assert alike.tolist() == pytest.approx([0, 0, -1], abs=1e-5)  # (1 - 1) / 2, and (-1 - 1) / 2
    assert torch.isfinite(fi.likeness(grey(0.5, 0.7))).all()


def colours(images: Tensor) -> Tensor:
    """Three logits: how red, green and blue an image is; or all the same, if it is very bright."""
    said = images.mean((2, 3))
    return torch.where(said.amax(1, keepdim=True) > 0.95, 1.0, said)


def coloured(count: int, seed: int) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(seed)
    labels = torch.arange(3).repeat(count)
    images = 0.4 * torch.rand(3 * count, 3, 8, 8, generator=chance)
    images[torch.arange(3 * count), labels] += 0.5
    return images, labels


def test_paths_of_pictures_are_told_beside_the_control():
    images, labels = coloured(12, seed=0)
    honest, _ = coloured(1, seed=1)
    (same, control), (lying, _), (none, _) = (
        fi.picture_paths(Says(colours), ["said"], pictures, images, labels)[0].tolist()
        for pictures in (honest, honest.roll(1, 0), torch.ones(3, 3, 8, 8))
    )
    assert [same, control] == pytest.approx([1, 1], abs=0.2)
    assert lying < 0.2 and none == 0  # where all logits say the same there is no path


def test_votes_are_counted_as_shares():
    # judges see a picture's own class, another one each time, either; or nothing in common
    for shifts, share, agreed in (
        ((0, 0), 0, 0), ((1, 1), 1, 1), ((0, 1), 0.5, 0.5), ((0, 1, 2, 3), 0.75, 0.25)
    ):  # fmt: skip
        votes = (torch.arange(4) + torch.tensor(shifts)[:, None]) % 4
        assert (ev.unrecognised(votes), ev.agreed_elsewhere(votes)) == (share, agreed)


def test_there_must_be_enough_images_and_a_picture_of_each_logit(bench):
    network, (images, labels) = bench.judges[0], bench.renders
    pictures = fi.Pictures(*[visualize(network, None, 0, steps=1, progress=False)] * 3)
    few = "Class 1 has 0 images: give 6 or more of each class"
    for classes, told in ((labels, "1 pictures for 8 logits"), (0 * labels, few)):
        with pytest.raises(ValueError, match=told):
            fi.look(network, pictures, images, classes, bench.judges)


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


@needs_sklearn
def test_the_auditor_is_calibrated_where_its_assumptions_hold():
    rows, kinds = made_up(800)
    features = {has_circuit: ("c", "noise"), has_silent_units: ("s",)}
    heads = [fit.fit_head(rows, [*map(lie, kinds)], names) for lie, names in features.items()]
    auditor = Auditor(*heads)
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
    unclear = {"c": 1.0, "s": 150.0, "noise": 0.0}
    rare = {"honest": 0.97, "circuit": 0.01, "silent units": 0.01, "both": 0.01}
    assert auditor.probabilities(unclear, rare)["honest"] > 0.8
    assert auditor.probabilities(unclear, even)["honest"] < 0.6


@given(c=st.floats(-1e6, 1e6), s=st.floats(-1e6, 1e6))
@settings(deadline=None)
def test_probabilities_are_sound_for_any_evidence(c, s):
    head = stored_auditor("black box").circuit._replace(
        features=("c",), centre=(1.0,), spread=(0.5,), weights=(3.0,)
    )
    auditor = Auditor(head, head._replace(features=("s",)))
    found = auditor.probabilities({"c": c, "s": s})
    assert sum(found.values()) == pytest.approx(1) and all(0 <= p <= 1 for p in found.values())
    with pytest.raises(ValueError, match="no evidence 's'"):
        auditor.probabilities({"c": c})
    with pytest.raises(ValueError, match="base_rates"):
        auditor.probabilities({"c": c, "s": s}, {"honest": 1.0})


@needs_sklearn
def test_a_design_set_told_apart_without_an_error_leaves_finite_weights():
    rows = [{"x": float(i)} for i in range(10)]
    head = fit.fit_head(rows, [i >= 5 for i in range(10)], ("x",))
    assert 0 < head.weights[0] < 100 and math.isfinite(head.bias)
    assert head.log_ratio({"x": 4.5}) == pytest.approx(0, abs=0.1)
    constant = fit.fit_head([{"x": 1.0}] * 4, [True, False, True, False], ("x",))
    assert constant.log_ratio({"x": 1.0}) == pytest.approx(0, abs=1e-3)


# ROC

scored = st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=30).filter(
    lambda pairs: len({lie for _, lie in pairs}) == 2
)


@settings(deadline=None)
@given(pairs=scored)
def test_the_area_is_that_under_the_curve(pairs):
    scores, lies = zip(*pairs, strict=True)
    curve = roc(scores, lies)
    steps = zip(curve.hits, curve.hits[1:], np.diff(curve.false_alarms), strict=False)
    under = sum((low + high) / 2 * width for low, high, width in steps)
    assert area(scores, lies) == pytest.approx(under)
    assert area([-s for s in scores], lies) == pytest.approx(1 - under)
    assert (curve.hits[0], curve.false_alarms[0]) == (0, 0)
    assert (curve.hits[-1], curve.false_alarms[-1]) == (1, 1)
    balanced = [(hit + 1 - alarm) / 2 for alarm, hit in list(zip(*curve[:2], strict=True))[1:-1]]
    if not balanced:
        with pytest.raises(ValueError, match="score the same"):
            best_threshold(scores, lies)
        return
    best, values, truth = best_threshold(scores, lies), np.asarray(scores), np.asarray(lies)
    assert best not in scores  # between two, so that rounding moves nobody
    reached = ((values[truth] >= best).mean() + (values[~truth] < best).mean()) / 2
    assert reached == pytest.approx(max(balanced))  # no other is better


@pytest.mark.parametrize(
    ("scores", "lies", "told"),
    [
        ([1, 2], [True, True], "one side"),
        ([1, 2], [True], "2 scores and 1 truths"),
        ([1, math.nan], [True, False], "not finite"),
    ],
)
def test_what_has_no_curve_is_refused(scores, lies, told):
    for measure in (roc, area, roc_estimate, best_threshold):
        with pytest.raises(ValueError, match=told):
            measure(scores, lies)


def test_the_area_has_an_interval_and_a_perfect_test_too():
    lies = [False] * 60 + [True] * 40
    perfect, upside_down, none = (
        roc_estimate([factor * lie for lie in lies], lies) for factor in (1.0, -1.0, 0.0)
    )
    one, other = proportion(9, 10), proportion(40, 40)
    both = halves(one, other)  # the mean of two shares, with the interval of both
    assert both.value == pytest.approx(0.95) and both.n == 50
    assert (one.low + other.low) / 2 < both.low < both.value < both.high <= 1
    assert perfect[:3] == (1, pytest.approx(proportion(40, 40).low, abs=1e-4), 1)
    assert upside_down[:3] == (0, 0, pytest.approx(proportion(0, 40).high, abs=1e-4))
    assert none.value == 0.5 and math.isnan(none.low) and math.isnan(none.high)
    chance = np.random.default_rng(0)
    some = roc_estimate((chance.normal(size=100) + lies).tolist(), lies)
    assert some.low < some.value < some.high and 0.1 < some.high - some.low < 0.25


# on suspects


@pytest.fixture(scope="module")
def bench() -> Bench:
    return ref.open_bench()


@pytest.fixture(scope="module")
def found(bench) -> dict[str, dict[str, float]]:
    told = {}
    for kind, seed in SEEDS.items():
        assert kind_of(seed) == kind
        found = ref.measured(make_suspect(seed, "white box"), bench)
        told[kind] = ev.evidence_of(*found)
        again = [from_json(type(part), json.loads(json.dumps(as_json(part, 4)))) for part in found]
        assert ev.evidence_of(*again) == pytest.approx(told[kind], abs=1e-3)
    return told


@pytest.mark.full
def test_evidence_tells_the_lies_apart(found):
    honest, circuit, silent = (found[kind] for kind in SEEDS)
    for other in (honest, silent):
        assert circuit["unrecognised"] > other["unrecognised"] + 0.2
        assert circuit["jump"] > other["jump"] + 0.5
        assert circuit["bypass"] > other["bypass"] + 1
        assert circuit["gate"] > 0.5 > other["gate"]
    for other in (honest, circuit):
        assert silent["steep"] > other["steep"] + 0.2
        assert silent["reach"] > 0.3 and other["reach"] < -1
        assert silent["awake"] > 0 and other["awake"] == 0


@pytest.mark.full
def test_a_black_box_has_the_same_evidence_but_no_inside(bench, found):
    suspect = make_suspect(SEEDS["honest"])
    assert isinstance(suspect.network, BlackBoxNetwork)
    findings, inside = ref.measured(suspect, bench)
    assert inside is None
    told = ev.evidence_of(findings)
    assert set(told) == set(ev.OUTSIDE) and set(told) | set(ev.WITHIN) == set(found["honest"])
    for name in ("unrecognised", "jump", "steep"):
        assert told[name] == pytest.approx(found["honest"][name], abs=0.25)
    with pytest.raises(ValueError, match="Suspect 0 is a black box: give your verdict first"):
        ref.within(suspect, bench)
    suspect.open(Verdict(CANNOT_TELL))
    opened = ref.within(suspect, bench)
    assert set(opened) == set(ev.WITHIN) and opened["awake"] == 0 and opened["reach"] < -1


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
        votes, votes, own, torch.zeros(8), 0.001 * noise + 0.1 * lie, torch.zeros(8),
        noise, steep, torch.full((8,), 0.5), torch.tensor([1 - 0.5 * lie, 1.0]),
    )  # fmt: skip
    inside = fi.Inside(
        0.5 * lie * torch.ones(8), torch.ones(8), torch.tensor(float(lie)),
        has_silent_units(kind) * 2.0 - torch.ones(8), torch.full((8,), 30.0), torch.ones(2, 2),
    )  # fmt: skip
    circuit = Circuit(3, (0, 1, 2), 1.5) if has_circuit(kind) else None
    twins = Twins("conv", tuple(range(8)), (1, 2), 2.0, 10.0) if has_silent_units(kind) else None
    truth = Truth(kind, SHIPPED[seed % len(SHIPPED)], circuit, twins)
    return as_json(KnownSuspect(seed, truth, 0.99, findings, inside), 4)


@pytest.fixture
def quick(monkeypatch) -> list[int]:
    """The command without networks; the list tells which suspects were made."""
    asked: list[int] = []

    def examined(seed: int) -> dict:
        asked.append(seed)
        return told_of(seed)

    monkeypatch.setattr(command, "examined", examined)
    return asked


def test_the_sets_have_their_numbers_and_share_no_seed():
    firsts = {command.FIRST_DESIGN: 20, command.FIRST_TEST: 40, command.FIRST_SUBTLE: 20}
    sets = {first: command.seeds_of(first, each) for first, each in firsts.items()}
    assert len(set().union(*sets.values())) == sum(map(len, sets.values()))
    for first, each in firsts.items():
        kinds = [kind_of(seed) for seed in sets[first]]
        assert [kinds.count(kind) for kind in KINDS] == [2 * each, each, each, each]
    fewer = command.seeds_of(command.FIRST_TEST, 10)
    assert fewer == [s for s in sets[command.FIRST_TEST] if s in fewer]
    assert min(firsts) > 99_999  # which are left to lessons and tests


def run(folder: Path, each: int, workers: int = 1) -> Path:
    to = folder / "out.json"
    folder.mkdir(exist_ok=True)
    return command.measure_auditor(folder / "work", to, folder / "out.json.bz2", each, workers)


@needs_sklearn
def test_an_interrupted_measurement_goes_on_where_it_was(quick, tmp_path, monkeypatch):
    whole = run(tmp_path / "whole", each=4)
    assert len(quick) == len(set(quick)) == 10 + 20 + 4
    quick.clear()
    going, again = command.examined, tmp_path / "again"

    def stopped(seed: int) -> dict:
        if len(quick) == 11:
            raise KeyboardInterrupt
        return going(seed)

    monkeypatch.setattr(command, "examined", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(again, each=4)
    monkeypatch.setattr(command, "examined", going)
    assert not (again / "out.json").exists()
    assert len(list((again / "work").glob("[0-9]*.json"))) == 11
    to = run(again, each=4)
    assert len(quick) == len(set(quick)) == 34
    for suffix in (".json", ".json.bz2"):  # the same bytes whenever it was made
        assert to.with_suffix(suffix).read_bytes() == whole.with_suffix(suffix).read_bytes()
    # more of them keep what is there
    run(again, each=5)
    assert len(set(quick)) == len(quick) > 34


@needs_sklearn
def test_what_rests_on_something_else_or_is_half_written_is_measured_again(
    quick, tmp_path, monkeypatch
):
    run(tmp_path, 2)
    everything, quick[:] = list(quick), []
    some = next((tmp_path / "work").glob("1*.json"))
    some.write_text(some.read_text(encoding="utf-8")[:100], encoding="utf-8")
    run(tmp_path, 2)
    assert quick == [int(some.stem)]
    quick.clear()
    monkeypatch.setattr(fi, "STEPS", fi.STEPS + 1)
    run(tmp_path, 2)
    assert quick == everything


@needs_sklearn
def test_the_scores_tell_what_was_measured(quick, tmp_path):
    path = run(tmp_path, each=20)
    scores, suspects = stored_scores(path), ref.stored_suspects(path.with_suffix(".json.bz2"))
    kinds = {which: [one.kind for one in some] for which, some in suspects.items()}
    counts = {"design": (20, 10, 10, 10), "test": (40, 20, 20, 20), "subtle": (0, 10, 10, 0)}
    assert {w: tuple(map(some.count, KINDS)) for w, some in kinds.items()} == counts
    for grade in GRADES:
        result = scores.results[grade]
        for lie, one in result.lies.items():
            share = one.balanced_accuracy
            assert 0.6 < share.low < share.value <= share.high <= 1
            assert share.value == pytest.approx((one.hits.value + one.passes.value) / 2, abs=1e-3)
            found = scores.subtle[grade][lie]
            assert found.n == 10 and found.shown == f"{round(10 * found.value)} of 10"
        assert result.false_alarms.n == 40
        assert list(scores.across[grade]) == ["standard", "robust"]
        for recipe, lies in scores.across[grade].items():
            others = [one for one in suspects["test"] if one.truth.origin[0] != recipe]
            assert all(one.hits.n + one.passes.n == len(others) > 30 for one in lies.values())
        assert sum(one.right.n for one in result.calibration) == 100
        assert result.brier.value < 0.72 and scores.left_one_out[grade] < 0.72
        assert scores.auditors[grade] == fit.fitted(suspects["design"], grade)  # to the last digit
    tests, lies = ref.tried(lambda f: float(f.steep.max()), suspects["test"])
    assert area(tests, [has_silent_units(kind) for kind in lies]) > 0.9
    with pytest.raises(ValueError, match="let it return a finite number"):
        ref.tried(lambda f: math.nan, suspects["test"])
    with pytest.raises(ValueError, match="give one of 'black box', 'white box'"):
        stored_auditor("grey box")


def test_a_judge_that_is_an_ancestor_can_be_left_out():
    told = told_of(SEEDS["honest"])
    told["findings"]["votes"][0] = [1, 2, 3, 4, 5, 6, 7, 0]  # the first judge sees all wrong
    told["truth"]["origin"] = list(SHIPPED[0])
    known = from_json(KnownSuspect, told)
    assert known.evidence["black box"]["unrecognised"] == pytest.approx(1 / 4)
    assert without_ancestor(known).evidence["black box"]["unrecognised"] == 0


def test_over_ancestors_only_they_count():
    found = kn.over_ancestors(proportion(198, 200))
    assert (found.value, found.n, found.of) == (0.99, 4, "ancestors")
    assert 0.45 < found.low < 0.55 and found.high == pytest.approx(1, abs=1e-3)
    many = needed(found, 0.9, 1.0)
    assert many is not None and 30 < many < 50
    assert wilson(0.99 * many, many)[0] >= 0.9


def test_truths_dealt_anew_leave_an_auditor_chance():
    rows = ref.stored_suspects()["test"]
    told = kn.by_chance(stored_auditor("black box"), rows)
    assert all(0.4 < told[lie] < 0.6 for lie in LIES) and told["accused"] > 0.4
    kinds = [row.kind for row in rows]
    assert kn.dealt_anew(kinds) == kn.dealt_anew(kinds) != kinds
    assert sorted(kn.dealt_anew(kinds)) == sorted(kinds)


@pytest.mark.full
def test_several_workers_find_the_same_as_one():
    """Real processes, which make a real suspect."""
    threads = torch.get_num_threads()
    (one,), (other,) = (list(worked(command.examined, [0], workers)) for workers in (1, 2))
    assert torch.get_num_threads() == threads
    assert one == other and one["truth"]["kind"] == kind_of(0)


@needs_sklearn
def test_what_cannot_be_measured_is_refused_before_any_is_made(
    quick, tmp_path, monkeypatch, capsys
):
    with pytest.raises(ValueError, match="workers=0"):
        run(tmp_path / "none", 2, 0)
    monkeypatch.setattr(fit, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="fitted with scikit-learn, which is not here: start"):
        run(tmp_path / "none", 2)
    monkeypatch.undo()
    assert main(["audit", "--each", "1", "--work", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("course: each=1: give a whole number of 2 or more")
    assert not quick and not list((tmp_path / "none").iterdir())


# what is shipped


@needs_sklearn
@pytest.mark.full
def test_the_shipped_scores_are_those_of_the_shipped_suspects():
    again, told = audit_scores(**ref.stored_suspects()), stored_scores()
    for part in set(AuditScores._fields) - {"made_with"}:  # versions differ
        assert as_json(getattr(again, part), 4) == close_to(as_json(getattr(told, part))), part


@pytest.mark.full
@pytest.mark.parametrize("kind", ["honest", "circuit"])
def test_suspects_of_the_test_set_made_anew_are_judged_as_they_were(bench, kind):
    """Another machine rounds otherwise, and may draw other parts; the truth stays."""
    auditor = stored_auditor("black box")
    known = next(
        one
        for one in ref.stored_suspects()["test"]
        if one.kind == kind == ref.judged(auditor, one.findings).verdict.says
    )
    again = ref.audit(make_suspect(known.seed), auditor, bench)
    assert again.verdict.says == kind and again.inside is None
    assert tuple(again.reasons["circuit"]) == auditor.circuit.features
    assert (again.reasons["circuit"]["jump"] > 0) == (kind == "circuit")


def close_to(told):
    """The same with room in the last digit."""
    if isinstance(told, dict):
        return {key: close_to(value) for key, value in told.items()}
    if isinstance(told, list):
        return [close_to(value) for value in told]
    return pytest.approx(told, abs=2e-4, rel=1e-3) if isinstance(told, float) else told
