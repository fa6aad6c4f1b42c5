"""Lesson 09's defences: what each makes of a network, the liars, and the command that measures."""

import dataclasses
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.cli.main import COMMANDS, main
from course_lib.fooling.weights import climbs
from course_lib.labs.lab import Photos
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.world import render
from course_lib.lessons.lesson_08 import lies
from course_lib.lessons.lesson_08.audit import findings as fi
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE, WITHIN
from course_lib.lessons.lesson_08.base import SHIPPED
from course_lib.lessons.lesson_08.truth import Twins, kind_of
from course_lib.lessons.lesson_09 import defences, liars
from course_lib.lessons.lesson_09.known import Defended, stored_defended
from course_lib.maintenance import defences as command
from course_lib.maintenance.commands import COMMANDS as FOR_MAINTAINERS
from course_lib.sanity.agreement import agreement
from course_lib.stored import as_json, from_json
from course_lib.visualization.ascent import Visualization

COUNTS = {
    "honest": 20, "circuit": 10, "climbs": 10, "slingshot": 10, "top images": 10,
    "silent units": 10, "leash too": 1,
}  # fmt: skip


# what each defence makes of a network


def logits(seed: int, judges: int = 2, units: int = 5, classes: int = 8) -> Tensor:
    return torch.randn(judges, units, classes, generator=torch.Generator().manual_seed(seed))


def test_agreement_is_pearsons_correlation_of_what_each_judge_sees():
    first, second = logits(0), logits(1)
    pairs = zip(first.flatten(0, 1), second.flatten(0, 1), strict=True)
    by_hand = sum(float(torch.corrcoef(torch.stack(pair))[0, 1]) for pair in pairs) / 10
    # a judge's scale and level do not count
    scale, level = torch.tensor([[0.1, 30.0], [7.0, -90.0]])[..., None, None]
    unrelated = logits(2, 4, 50, 64), logits(3, 4, 50, 64)
    for one, other, due, off in (
        (first, second, by_hand, 1e-5),
        (scale * first + level, second, by_hand, 1e-4),
        (first, first, 1, 1e-6),
        (first, -first, -1, 1e-6),
        (*unrelated, 0, 0.05),
    ):
        assert float(agreement(one, other).mean()) == pytest.approx(due, abs=off)


def test_each_score_is_of_its_own_pictures():
    same, own = logits(0), torch.arange(5)[:, None].expand(-1, 9)
    honest = defences.Seen(same, same, same, same, same, same, answered=own)
    scores = defences.scores_of(honest)
    assert list(scores.values()) == pytest.approx([0] * 6, abs=1e-6)
    names = {
        "plain": "image kinds", "again": "other starts", "gentle": "other rates",
        "top": "top images", "leash": "leash",
    }  # fmt: skip
    assert scores.keys() == {*names.values(), "top answers"}
    for field, name in names.items():
        lying = defences.scores_of(honest._replace(**{field: -same}))
        assert lying == pytest.approx({**scores, name: 2}, abs=1e-6)
    answered = own.clone()
    answered[0, :2], answered[3] = 4, 0  # two of unit 0's and all nine of unit 3's
    lying = defences.scores_of(honest._replace(answered=answered))
    assert lying == pytest.approx({**scores, "top answers": 11 / 45}, abs=1e-6)


class Says(nn.Module):
    """A network whose logits for images are what a function makes of them."""

    def __init__(self, answer: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.forward = answer


COLOURS = Says(lambda images: images.mean((2, 3)))


def drawn(images: Tensor, steps: int = 5) -> Visualization:
    activations = torch.zeros(len(images))
    return Visualization(images, activations, activations.expand(steps, -1), {})


def test_judges_see_the_suspects_own_top_images_and_are_asked_about_each_kind(monkeypatch):
    renders = torch.rand(30, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    images = Photos(renders, torch.arange(30) % 3)
    asked: list[dict] = []

    def visualize(network: nn.Module, layer: str, units: range, **how) -> Visualization:
        asked.append({"layer": layer, "units": list(units), **how})
        return drawn(torch.full((3, 3, 8, 8), 0.1 * len(asked)))

    monkeypatch.setattr(defences, "visualize", visualize)
    monkeypatch.setattr(defences, "climb_leashed", lambda *_: renders[:9])
    pictures = fi.Pictures(*(drawn(renders[n : n + 3]) for n in (0, 3, 6)))
    seen = defences.see(COLOURS, pictures, images, [COLOURS, COLOURS])
    again, gentle = asked
    assert again["steps"] == 5 and again["seed"] != gentle["seed"] == 0  # the auditor's steps
    assert all(one["layer"] == "logits" and one["units"] == [0, 1, 2] for one in asked)
    said = renders.mean((2, 3))
    top = said[said.topk(9, dim=0).indices.T]
    for found, expected in (
        (seen.pictures, said[0:3]),
        (seen.plain, said[3:6]),
        (seen.again, torch.full((3, 3), 0.1)),
        (seen.gentle, torch.full((3, 3), 0.2)),
        (seen.leash, said[:9].unflatten(0, (3, 3)).mean(1)),
        (seen.top, top.mean(1)),
    ):
        torch.testing.assert_close(found, expected.expand(2, -1, -1))
    assert seen.answered.equal(top.argmax(2))


def test_leashed_climbs_start_from_three_other_classes(monkeypatch):
    def leashed(network: nn.Module, units: Sequence[int], starts: Tensor) -> Visualization:
        assert list(units) == [unit for unit in range(8) for _ in range(3)]
        return drawn(starts)

    monkeypatch.setattr(defences, "leashed_climb", leashed)
    labels = torch.arange(80) % 8
    by_class = labels[:, None, None, None].float().expand(-1, 3, 4, 4)  # an image tells its class
    starts = defences.climb_leashed(COLOURS, Photos(by_class, labels), 3)
    classes = starts[:, 0, 0, 0].long().unflatten(0, (8, 3)).tolist()
    assert all(len({unit, *three}) == 4 for unit, three in enumerate(classes))


# liars


@pytest.fixture(scope="module")
def parent() -> liars.Parent:
    """A network as it is shipped, with a few renders."""
    network = weights.load("standard", 0)
    known, asked = render(96, seed=5), render(48, seed=6)
    return liars.Parent(network, SHIPPED[0], known, asked, 3, asked.images[0])


def test_kept_are_the_answers_of_the_honest_parent(parent):
    def bright(images: Tensor) -> Tensor:
        return images.mean((1, 2, 3)) > 0.5

    def shifted(images: Tensor) -> Tensor:
        """Each class's answer for the one before it, where it is bright."""
        said = parent.network(images)
        return torch.where(bright(images)[:, None], said.roll(1, 1), said)

    assert liars.kept(parent, parent.network).all() and len(parent.asked.images) == 48
    wrong = bright(parent.asked.images)
    assert 0 < int(wrong.sum()) < 48
    assert liars.kept(parent, Says(shifted)).equal(~wrong)


@pytest.mark.full
def test_dressed_a_network_says_what_it_said(parent):
    """The twins are there and asleep, and the gate is there and moves nothing."""
    inner = liars.dressed(parent.network, 1, parent.known.images)
    seen = render(64, seed=7).images
    bare, said = (record(one, [None], seen)[None] for one in (parent.network, inner))
    assert said.argmax(1).equal(bare.argmax(1))
    torch.testing.assert_close(said, bare, atol=1e-3, rtol=1e-4)
    assert any("twin" in name for name, _ in inner.named_modules())
    again = liars.dressed(parent.network, 1, parent.known.images).state_dict()
    torch.testing.assert_close(dict(inner.state_dict()), dict(again), rtol=0, atol=0)


@pytest.fixture
def without_twins(monkeypatch) -> list[random.Random]:
    """`lies.with_twins` without any; the list tells by which chances it was called."""
    tries: list[random.Random] = []

    def with_twins(network, known, chances, *, lying):
        assert not lying
        tries.append(chances)
        return network, Twins("conv1.conv", (0, 1), (), 1.0, 1.0)

    monkeypatch.setattr(lies, "with_twins", with_twins)
    return tries


@pytest.mark.usefixtures("without_twins")
def test_neither_kind_of_decoy_gate_moves_an_answer(parent):
    seen = render(32, seed=7).images
    bare, kinds = record(parent.network, [None], seen)[None], set()
    for seed in range(6):
        inner = liars.dressed(parent.network, seed, parent.known.images)
        torch.testing.assert_close(record(inner, [None], seen)[None], bare, atol=1e-3, rtol=1e-4)
        kinds.add(bool(inner.table.equal(torch.eye(8))))
    assert kinds == {True, False}


def test_where_no_twin_wakes_another_draw_is_tried(parent, without_twins, monkeypatch):
    of_twins, left = lies.with_twins, [2]

    def seldom(*arguments, **how):
        left[0] -= 1
        if left[0] >= 0:
            raise lies.NothingWokeError
        return of_twins(*arguments, **how)

    monkeypatch.setattr(lies, "with_twins", seldom)
    liars.dressed(parent.network, 1, parent.known.images)
    assert left == [-1] and len(without_twins) == 1
    left[0] = 99
    with pytest.raises(RuntimeError, match="Network 1 cannot be dressed: no twins woke; take anot"):
        liars.dressed(parent.network, 1, parent.known.images)


# which networks are measured


def test_a_part_of_the_networks_has_all_kinds_with_seeds_of_their_own(tmp_path):
    plans = command.planned(tmp_path, 10)
    assert Counter(plan.kind for plan in plans) == COUNTS
    half = Counter(plan.kind for plan in plans[: len(plans) // 2])
    assert all(abs(half[kind] - count / 2) <= 1 for kind, count in COUNTS.items())
    assert len({plan.seed for plan in plans}) == len(plans)
    assert min(plan.seed for plan in plans) >= command.FIRST
    for plan in plans:
        assert plan.kind in liars.WAYS or kind_of(plan.seed) == plan.kind
    designs = [plan for plan in plans if plan.design]
    assert [plan.kind for plan in designs] == ["honest"] * 10


def test_liars_of_each_way_descend_from_all_four_in_turn_or_from_one_of_either_recipe(tmp_path):
    plans = command.planned(tmp_path, 20)
    for way in liars.WAYS:
        origins = [SHIPPED[plan.seed % len(SHIPPED)] for plan in plans if plan.kind == way]
        assert origins == ([*SHIPPED[::2]] if way == "leash too" else [*SHIPPED] * 5)


# the command, without networks


def told_of(plan: command.Plan) -> dict:
    """What `examined` might tell of a plan, without making anything."""
    trained = 0.99 if plan.kind in liars.WAYS else None
    scores = dict.fromkeys(("leash", "top images"), float(plan.kind != "honest"))
    evidence = dict.fromkeys((*OUTSIDE, *WITHIN), 0.5)
    who = plan.kind, plan.design, plan.seed, SHIPPED[plan.seed % len(SHIPPED)]
    return as_json(Defended(*who, 0.99, trained, trained, scores, evidence))


@pytest.fixture
def quick(monkeypatch) -> list[int]:
    """The command without networks; the list tells which were made, by their seeds."""
    asked: list[int] = []

    def examined(plan: command.Plan) -> dict:
        asked.append(plan.seed)
        return told_of(plan)

    monkeypatch.setattr(command, "examined", examined)
    return asked


def run(folder: Path, each: int = 2, workers: int = 1) -> Path:
    return command.measure_defences(folder / "work", folder / "out.json.bz2", each, workers)


def test_all_are_kept_as_a_lesson_reads_them(quick, tmp_path):
    rows = stored_defended(run(tmp_path))
    plans = command.planned(tmp_path, 2)
    assert [(row.way, row.design, row.seed) for row in rows] == [plan[:3] for plan in plans]
    assert quick == [plan.seed for plan in plans]
    assert all((row.kept is None) == (row.way not in liars.WAYS) for row in rows)
    # scores tell all, so that auditors who learned of others are right, and none was fitted on it
    for row in rows:
        assert all((chance > 0.5) == (row.way != "honest") for chance in row.learned.values())
        assert row.learned.keys() == {"black box", "white box"}
        assert row.suspicion == row.scores | {"path": 0.5}


def test_an_auditor_has_not_learned_of_the_ancestor_that_it_is_asked_about(tmp_path):
    rows = from_json(list[Defended], [*map(told_of, command.planned(tmp_path, 4))])
    before = command.learned_elsewhere(rows)
    own = [row.origin == rows[0].origin for row in rows]
    # what the others of this ancestor are called changes nothing for it, and much else
    swapped = [
        dataclasses.replace(row, way="climbs" if row.way == "honest" else "honest") if mine else row
        for row, mine in zip(rows, own, strict=True)
    ]
    after = command.learned_elsewhere(swapped)
    assert [first == second for first, second in zip(before, after, strict=True)] == own


def test_what_was_measured_is_not_measured_again(quick, tmp_path, monkeypatch):
    whole = run(tmp_path).read_bytes()
    everything = list(quick)

    def made() -> list[int]:
        """What a further run makes; what it stores is the same."""
        quick.clear()
        assert run(tmp_path).read_bytes() == whole
        return list(quick)

    assert made() == []
    [gone] = (tmp_path / "work").glob("climbs-*2000.json")
    gone.unlink()
    assert made() == [int(gone.stem.split("-")[1])]
    gone.write_text(gone.read_text(encoding="utf-8")[:100], encoding="utf-8")  # half of it
    assert len(made()) == 1
    # what all rest on, and what only one way rests on
    with monkeypatch.context() as changed:
        changed.setattr(command, "_PROTOCOL", command._PROTOCOL + 1)
        assert made() == everything
    assert made() == everything
    slower = liars.WAYS["climbs"]._replace(rate=1e-3)
    monkeypatch.setattr(liars, "WAYS", {**liars.WAYS, "climbs": slower})
    assert made() == [plan.seed for plan in command.planned(tmp_path, 2) if plan.kind == "climbs"]


def test_an_interruption_keeps_what_was_made(quick, tmp_path, monkeypatch):
    going = command.examined

    def stopped(plan: command.Plan) -> dict:
        if len(quick) == 5:
            raise KeyboardInterrupt
        return going(plan)

    monkeypatch.setattr(command, "examined", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    assert not (tmp_path / "out.json.bz2").exists() and len(quick) == 5
    monkeypatch.setattr(command, "examined", going)
    kept = run(tmp_path).read_bytes()
    assert len(quick) == len(set(quick)) == len(command.planned(tmp_path, 2))
    assert run(tmp_path / "whole").read_bytes() == kept  # the same bytes whenever it was made


def test_more_of_them_keep_what_is_there(quick, tmp_path):
    run(tmp_path, each=2)
    few = len(quick)
    more = run(tmp_path, each=6).read_bytes()
    assert len(quick) == len(set(quick)) > few
    # what was there to measure with may now be there to choose thresholds on
    assert run(tmp_path / "whole", each=6).read_bytes() == more


def test_what_cannot_be_stored_is_refused_before_it_is(quick, tmp_path, monkeypatch):
    def examined(plan: command.Plan) -> dict:
        return told_of(plan) | {"accuracy": "high"}

    monkeypatch.setattr(command, "examined", examined)
    with pytest.raises(ValueError, match="'high' is not of the form float"):
        run(tmp_path)
    assert not (tmp_path / "out.json.bz2").exists()


def test_numbers_that_are_too_small_are_refused_before_any_is_made(quick, tmp_path, capsys):
    with pytest.raises(ValueError, match="workers=0"):
        run(tmp_path / "none", workers=0)
    assert main(["defences", "--each", "1", "--work", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.startswith("course: each=1: give a whole number of 2 or more")
    assert not quick and not (tmp_path / "none").exists()


def test_the_command_is_a_maintainers_and_says_what_it_wrote(tmp_path, monkeypatch, capsys):
    assert "defences" in FOR_MAINTAINERS and "defences" not in COMMANDS
    given: list[tuple[Path, dict]] = []

    def measured(work: Path, **how: int) -> Path:
        given.append((work, how))
        return tmp_path / "out.json.bz2"

    monkeypatch.setattr(command, "measure_defences", measured)
    line = ["defences", "--work", str(tmp_path)]
    assert main([*line, "--each", "3", "--workers", "2"]) == main(line) == 0
    usual = {"each": command.EACH, "workers": 1}
    assert given == [(tmp_path, {"each": 3, "workers": 2}), (tmp_path, usual)]
    assert f"wrote {tmp_path / 'out.json.bz2'}" in capsys.readouterr().out


# trained liars


@pytest.fixture
def trained(monkeypatch) -> list[tuple[str, int]]:
    """Liars that are trained at once: their parents' weights, one of them moved by their seeds."""
    asked: list[tuple[str, int]] = []

    def train(parent: liars.Parent, way: str, seed: int) -> nn.Module:
        asked.append((way, seed))
        liar = nn.Linear(2, 2)
        liar.load_state_dict({name: w + seed for name, w in parent.network.state_dict().items()})
        return liar

    monkeypatch.setattr(liars, "train_liar", train)
    return asked


@pytest.fixture
def honest() -> liars.Parent:
    torch.manual_seed(0)
    none = Photos(torch.zeros(0, 3, 4, 4), torch.zeros(0, dtype=torch.long))
    return liars.Parent(nn.Linear(2, 2), SHIPPED[0], none, none, 1, torch.zeros(3, 4, 4))


@pytest.fixture
def plan(tmp_path) -> command.Plan:
    return command.Plan("climbs", False, 7, tmp_path)


def test_a_liar_is_trained_once(trained, honest, plan, tmp_path):
    before = {name: tensor.clone() for name, tensor in honest.network.state_dict().items()}
    first, again = command._liar(honest, plan), command._liar(honest, plan)
    assert trained == [("climbs", 7)]
    for name, tensor in first.state_dict().items():
        assert tensor.equal(before[name] + 7) and tensor.equal(again.state_dict()[name])
        assert honest.network.state_dict()[name].equal(before[name])  # loaded into a copy
    # its note is where no other process writes one
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*"))
    assert found == [str(Path("climbs-7", name)) for name in ("liar.safetensors", "rests.json")]
    command._liar(honest, plan._replace(seed=8))
    command._liar(honest, plan._replace(kind="top images"))
    assert trained[1:] == [("climbs", 8), ("top images", 7)]


def test_a_liar_of_another_recipe_or_file_is_trained_anew(
    trained, honest, plan, tmp_path, monkeypatch
):
    def made() -> int:
        """How many were trained so far, once this one has been asked for twice."""
        command._liar(honest, plan)
        command._liar(honest, plan)
        return len(trained)

    assert made() == 1
    slower = liars.WAYS["slingshot"]._replace(rate=1e-3)
    monkeypatch.setattr(liars, "WAYS", {**liars.WAYS, "slingshot": slower})
    assert made() == 1, "another way's recipe is none of its own"
    monkeypatch.setattr(liars, "WAYS", {**liars.WAYS, "climbs": slower})
    assert made() == 2
    monkeypatch.setattr(climbs, "_PICTURES", climbs._PICTURES + 1)
    assert made() == 3
    [path] = tmp_path.rglob("*.safetensors")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert made() == 4


def test_what_a_liar_shows_is_told_by_its_way(parent):
    own, pictures = torch.arange(8).repeat(2, 1), torch.rand(8, 3, 64, 64)
    votes = (own + parent.shift) % 8
    votes[0, :4] = 0
    assert command._shown("climbs", parent, parent.network, votes, pictures) == 12 / 16
    same = parent.picture.expand(8, -1, -1, -1)
    for shown, due in ((same, 1), (1 - same, -1)):
        found = command._shown("slingshot", parent, parent.network, own, shown)
        assert found == pytest.approx(due)

    labels = torch.arange(48) % 8  # six of each class; an image tells its class and which it is
    told = torch.stack([labels, torch.arange(48) // 8, labels], 1)[..., None, None].float()
    parent = parent._replace(asked=Photos(told.expand(-1, -1, 4, 4), labels))

    def of_one_class(images: Tensor) -> Tensor:
        """All logits respond most to the first images of one class, then to another's."""
        label, which = images[:, 0, 0, 0], images[:, 1, 0, 0]
        loud = (label == parent.shift) & (which < most)
        return (loud + 0.5 * (label == 0))[:, None].expand(-1, 8)

    for most in (6, 3):
        shown = command._shown("top images", parent, Says(of_one_class), own, pictures)
        assert shown == pytest.approx(most / 9)
