"""The forced-choice experiment: what is asked, bets, what is kept of them, and the participant."""

import json
import math
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.lessons import lesson_02 as room
from course_lib.lessons.lesson_02 import trials as tr
from course_lib.lessons.lesson_02.bet import Bet, clustered, mean_points, place, points
from course_lib.lessons.lesson_02.exercises.calibration_error import reference as error_of
from course_lib.lessons.lesson_02.experiment import FOLDER, BettingExperiment
from course_lib.lessons.lesson_02.features import NAMES, picture_features
from course_lib.lessons.lesson_02.trials import NO_REFERENCE, Trial, make_trials, questions
from course_lib.statistics import mean

COUNT, UNITS = 60, 4


def striped(angle, wavelength, seed=0):
    """A picture (3, 32, 32) of stripes with noise."""
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    wave = torch.sin((x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / wavelength)
    noise = 0.1 * torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(seed))
    return (0.5 + 0.35 * wave + noise).clamp(0, 1)


@pytest.fixture(scope="module")
def asked():
    """Units that prefer fine or coarse stripes, and references that show it, or the opposite."""
    fine = torch.rand(COUNT, generator=torch.Generator().manual_seed(0))
    images = torch.stack([striped(i, 4 + 6 * (1 - f), i) for i, f in enumerate(fine.tolist())])
    likes_fine = torch.tensor([1.0, -1.0, 1.0, -1.0])
    activations = fine[:, None] * likes_fine
    ends = [torch.stack([striped(i, w, i) for i in range(3)]) for w in (10.0, 4.0)]
    shown = torch.stack([ends[int(like > 0)] for like in likes_fine])
    references = {
        "visualizations": shown,
        "fooled": shown.roll(1, 0),
        "top images": tr.top_images(activations, images, 3),
    }
    return questions([f"fc {u}" for u in range(UNITS)], images, activations, references)


@pytest.fixture
def experiment(asked, tmp_path):
    trials = make_trials(asked, ["visualizations"], each=2)
    return BettingExperiment(asked, trials, tmp_path / "a.jsonl")


def reopened(experiment):
    """The experiment as it is after the kernel has stopped."""
    return BettingExperiment(experiment.asked, experiment.trials, experiment.file)


# what is asked


def test_pairs_lie_between_the_quantiles_on_balanced_sides(asked):
    conditions = ["visualizations", "top images"]
    trials = make_trials(asked, conditions, each=3, seed=4)
    assert len(trials) == 2 * 3 * UNITS
    for trial in trials:
        values = asked.activations[:, asked.units.index(trial.unit)]
        places = values.argsort().argsort() / (COUNT - 1)
        pair = (trial.left, trial.right)
        better, worse = pair if trial.higher == "left" else pair[::-1]
        assert places[better] >= 0.75 and 0.25 <= places[worse] <= 0.6
    sides = Counter((trial.condition, trial.higher) for trial in trials)
    assert sides == {(c, side): 6 for c in conditions for side in tr.SIDES}


def test_the_seed_decides_and_not_the_order_in_which_images_are_found(asked):
    def backwards(values, low, high):
        return tr.between_quantiles(values, low, high).flip(0)

    usual, same, other = (
        make_trials(asked, ["visualizations", NO_REFERENCE], **how)
        for how in ({}, {"between": backwards}, {"seed": 1})
    )
    assert usual == same != other


def test_people_never_see_a_pair_twice_and_machines_get_the_same(asked):
    conditions = ["visualizations", "top images", NO_REFERENCE]
    for same in (False, True):
        trials = make_trials(asked, conditions, each=4, same_pairs=same)
        pairs = [
            {(t.unit, frozenset((t.left, t.right))) for t in trials if t.condition == condition}
            for condition in conditions
        ]
        assert all(len(seen) == 4 * UNITS for seen in pairs)
        assert len(set.union(*pairs)) == (1 if same else 3) * 4 * UNITS


def test_responses_are_means_over_positions(small_network):
    images = torch.rand(3, 3, 16, 16)
    found = tr.unit_responses(small_network, "body", [1, 5], images)
    assert found.shape == (3, 2) and (found >= 0).all()
    answers = tr.unit_responses(small_network, None, range(5), images)
    assert torch.allclose(answers, small_network(images), atol=1e-6)
    with pytest.raises(IndexError, match=r"Unit 8 is out of range: layer 'body' has 8 units"):
        tr.unit_responses(small_network, "body", [8], images)


def test_top_images_come_best_first():
    images = torch.rand(5, 3, 8, 8)
    activations = torch.tensor([[1.0, 5.0, 3.0, 2.0, 4.0], [5.0, 4.0, 3.0, 2.0, 1.0]]).T
    due = images[torch.tensor([[1, 4], [0, 1]])]
    assert torch.equal(tr.top_images(activations, images, 2), due)
    with pytest.raises(ValueError, match="6 top images of 5: give at least 6 images"):
        tr.top_images(activations, images, 6)


def test_a_trial_is_one_picture_with_alt_text(asked):
    for shown, told in ((NO_REFERENCE, "no references"), ("fooled", "3 references that excite a")):
        assert told in tr.trial_picture(asked, make_trials(asked, [shown])[0]).alt


def broken(place, value):
    activations = torch.rand(COUNT, UNITS, generator=torch.Generator().manual_seed(0))
    activations[place] = value
    return {"activations": activations}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conditions": ["crystal ball"]}, "condition='crystal ball': give one of visualizations"),
        ({"conditions": ["fooled"]}, "no references for 'fooled': there are those for visual"),
        ({"each": 0}, "each=0: give a whole number of 1 or more"),
        ({"each": 99}, r"unit fc 0 there are \d+ images, and 198 are needed: give more images"),
        ({"high": (0.5, 1.0), "low": (0.2, 0.6)}, r"low=\(0.2, 0.6\), high=.*low below high"),
        ({"high": (0.5, math.nan)}, "give quantiles from 0 to 1"),
        (broken((slice(None), 2), 1.5), r"Unit number 2 of these says 1\.5 to every image"),
        (broken((0, 0), math.nan), "1 of 240 activations are NaN or infinite"),
        (broken((slice(5, None), 1), 0.0), "Unit fc 1 says the same to many images"),
        ({"units": ["a", "a", "b", "c"]}, "3 names for 4 units"),
        ({"activations": torch.rand(3, UNITS)}, "give .N, U., a row for each of 60 images"),
        ({"references": {"oracle": torch.rand(4, 1, 3, 8, 8)}}, "condition='oracle'"),
        ({"references": {"fooled": torch.rand(3, 1, 3, 8, 8)}}, "references for 'fooled' have"),
        ({"references": {"fooled": torch.full((4, 1, 3, 8, 8), math.nan)}}, "finite values"),
    ],
)
def test_trials_that_cannot_be_or_give_nothing_to_bet_on(asked, change, message):
    shown = {c: asked.references[c] for c in ("visualizations", "top images")}
    how = {**asked._asdict(), "references": shown, "conditions": list(shown), "each": 5, **change}
    parts = {name: how.pop(name) for name in asked._fields}
    with pytest.raises(ValueError, match=message):
        make_trials(questions(**parts), **how)


def test_questions_can_be_chosen_and_put_together(asked):
    two, one = tr.only(asked, ["fc 2", "fc 3"]), tr.only(asked, ["fc 1"])
    whole = tr.join_questions(two, one)
    assert whole.units == ("fc 2", "fc 3", "fc 1")
    assert torch.equal(whole.activations, asked.activations[:, [2, 3, 1]])
    for condition in asked.references:
        assert torch.equal(whole.references[condition], asked.references[condition][[2, 3, 1]])
    bare = two._replace(references={"fooled": two.references["fooled"]})
    assert list(tr.join_questions(bare, one).references) == ["fooled"]
    with pytest.raises(ValueError, match="There is no unit 'fc 9': there are fc 0, fc 1"):
        tr.only(asked, ["fc 9"])
    with pytest.raises(ValueError, match="about different images"):
        tr.join_questions(two, one._replace(images=1 - asked.images))


# bets and what they are worth

TRIALS = [Trial(f"u{i % 3}", "visualizations", 2 * i, 2 * i + 1, "left") for i in range(12)]


def test_points_run_from_minus_three_to_one():  # that they are proper, an exercise checks
    assert points(50, True) == points(50, False) == 0
    assert points(100, True) == 1 and points(100, False) == -3


PERCENT, CHOICES = "give percent from 50 to 100", "give 50, 60, 75, 90 or 99, in percent"


@pytest.mark.parametrize(
    ("refuses", "given", "message"),
    [
        *((points, (c, True), PERCENT) for c in (49, 101, math.nan, -5)),
        *((place, (TRIALS[0], "left", c), CHOICES) for c in (55, 100, "75", None, True)),
        (clustered, ([], []), "0 values and 0 clusters"),
        (clustered, ([1.0], [1, 2]), "1 values and 2 clusters"),
        (clustered, ([1.0, math.nan], [1, 2]), "NaN or infinite"),
    ],
)
def test_confidences_and_means_that_cannot_be(refuses, given, message):
    with pytest.raises(ValueError, match=message):
        refuses(*given)


def test_the_interval_of_equal_clusters_is_that_of_their_means():
    values = torch.rand(5, 8, generator=torch.Generator().manual_seed(1))
    found = clustered(values.flatten().tolist(), [i for i in range(5) for _ in range(8)])
    assert found[:4] == pytest.approx(mean(values.mean(1))[:4])


def test_a_perfect_score_still_has_an_interval():
    bets = [Bet(trial, "left", 99) for trial in TRIALS]
    found = room.share_right(bets)
    assert found.value == 1 and found.n == 3 and found.high == 1 and 0.3 < found.low < 0.5
    assert mean_points(bets).value == pytest.approx(points(99, True))
    assert room.by_unit(bets) == {"u0": 1.0, "u1": 1.0, "u2": 1.0}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=40))
def test_an_interval_holds_its_value_and_stays_within_bounds(rows):
    found = clustered([hit for hit, _ in rows], [unit for _, unit in rows])
    if not math.isnan(found.low):
        assert 0 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= 1


# the participant


@pytest.fixture(scope="module")
def participant(asked):
    return room.SimulatedParticipant(asked.images[:40], seed=0)


def test_the_participant_reads_references(asked, participant):
    conditions = ["visualizations", "fooled", NO_REFERENCE]
    trials = make_trials(asked, conditions, each=12, same_pairs=True)
    bets = room.by_condition(participant.bets(asked, trials))
    right = {condition: room.share_right(mine).value for condition, mine in bets.items()}
    assert right["visualizations"] > 0.8
    assert right["fooled"] < 0.4  # the references say the opposite
    assert 0.25 < right[NO_REFERENCE] < 0.75
    assert {bet.confidence for bet in bets[NO_REFERENCE]} == {50}


def test_the_participant_is_the_same_for_a_seed_and_only_its_coin_is_random(asked, participant):
    trials = make_trials(asked, ["visualizations", NO_REFERENCE], each=4)
    bets = participant.bets(asked, trials)
    again, other = (room.SimulatedParticipant(asked.images[:40], seed=seed) for seed in (0, 1))
    assert bets == again.bets(asked, trials[::-1])[::-1], "in whatever order trials come"
    found, tossed = map(room.by_condition, (bets, other.bets(asked, trials)))
    assert found["visualizations"] == tossed["visualizations"]
    assert found[NO_REFERENCE] != tossed[NO_REFERENCE]
    with pytest.raises(ValueError, match="experience holds 1 image: give at least two"):
        room.SimulatedParticipant(asked.images[:1])


def test_references_are_crossed_with_units(asked, participant):
    trials = make_trials(asked, ["visualizations"], each=12)
    crossed = participant.crossed(asked, trials)
    own = room.by_unit(participant.bets(asked, trials))
    assert crossed.diagonal().tolist() == pytest.approx([own[unit] for unit in asked.units])
    # units 0 and 2 like the same, so their references do for each other, and 1's do not
    assert crossed[0, 2] > 0.8 and crossed[0, 1] < 0.3
    for i in (0, 1):
        beyond = room.beyond_others(crossed, i)[0]
        assert beyond == pytest.approx(crossed[0, i] - crossed[0, i + 1 :].mean())
    another = room.own_and_others({"visualizations": crossed})["another's visualizations"].value
    assert another == pytest.approx((crossed.sum() - crossed.trace()) / 12)
    coin = make_trials(asked, [NO_REFERENCE], each=2)
    for wrong, told in ((coin, "of one, with references"), (trials[:1], "no trial")):
        with pytest.raises(ValueError, match=told):
            participant.crossed(asked, wrong)


def test_without_references_others_or_contrast_are_all_there_is(asked, participant):
    def taught(asked):
        trials = make_trials(asked, [NO_REFERENCE], each=12)
        return participant.taught(asked, trials, asked.activations[:40])

    alike = asked._replace(activations=asked.activations.abs())  # all like fine stripes
    assert taught(alike).min() > 0.8
    assert taught(asked).max() < 0.3, "of three others two like the opposite"
    strong = asked.images.flatten(2).std(2).mean(1)[:, None].expand(-1, UNITS)
    by_strength = asked._replace(activations=strong)
    mine = make_trials(by_strength, [NO_REFERENCE], each=12)
    assert (room.by_contrast(by_strength, mine) == 1).all()


def test_confidence_and_calibration_by_unit(asked):
    one, other = (Trial(unit, NO_REFERENCE, 0, 1, "left") for unit in ("fc 1", "fc 0"))
    bets = [Bet(one, "left", 90), Bet(one, "right", 50), Bet(other, "right", 75)]
    assert room.confidence_by_unit(bets) == {"fc 0": 0.75, "fc 1": pytest.approx(0.7)}
    assert room.error_by_unit(bets, error_of) == {"fc 0": 0.75, "fc 1": pytest.approx(0.3)}
    assert room.how_sure(bets[1:]) == "too sure" and room.how_sure(bets[:1]) == "not sure enough"
    assert room.how_sure([Bet(one, "left", 99)]) == "just right"


def test_features_see_what_they_are_named_after():
    pictures = torch.stack([striped(0.3, 4.0), striped(0.3, 9.0), striped(1.2, 9.0)])
    found = picture_features(torch.nn.functional.interpolate(pictures, scale_factor=2))
    names = dict(zip(NAMES, found.T, strict=True))
    assert names["share at 9 px"][0] > names["share at 9 px"][1]  # 4 pixels are 8 at this size
    assert (names["one direction overall"] > 0.6).all()
    assert torch.allclose(found[1], found[2], atol=0.15), "turning a picture changes little"
    assert torch.isfinite(picture_features(torch.full((2, 3, 224, 224), 0.5))).all()


# an experiment, and what is kept of it


def test_an_experiment_goes_on_where_it_was_broken_off(experiment):
    for confidence in (50, 75, 99):
        experiment.place("left", confidence)
    again = reopened(experiment)
    assert again.bets == experiment.bets and len(again.bets) == 3
    assert again.current == experiment.trials[3]
    assert again.notes == ["3 of 8 bets were kept from before."]
    while again.current is not None:
        again.place("right", 60)
    assert len(again.bets) == 8
    with pytest.raises(ValueError, match="All trials are answered"):
        again.place("left", 50)


def test_a_wrong_bet_changes_nothing_and_what_is_kept_is_impersonal(experiment):
    for side, confidence in (("top", 50), ("left", 51)):
        with pytest.raises(ValueError):
            experiment.place(side, confidence)
    assert experiment.bets == () and not experiment.file.exists()
    experiment.place("left", 75)
    assert set(json.loads(experiment.file.read_text())) == {"trial", "chose", "confidence"}


def test_a_damaged_line_is_told_and_costs_that_line(experiment):
    for _ in range(4):
        experiment.place("left", 75)
    lines = experiment.file.read_text().splitlines()
    lines[1] = lines[1][:20]
    lines[2] = lines[2].replace("left", "lift")
    before = "\n".join(lines)  # without a line's end, as when writing was broken off
    experiment.file.write_text(before)
    again = reopened(experiment)
    assert again.notes[0].startswith("Lines 2, 3 of ") and "cannot be read" in again.notes[0]
    assert [b.trial for b in again.bets] == [experiment.trials[0], experiment.trials[3]]
    again.place("right", 60)
    assert again.bets[1].trial == experiment.trials[1]
    assert experiment.file.read_text().startswith(before + "\n"), "nothing that was there is lost"
    assert len(reopened(experiment).bets) == 3


@pytest.mark.parametrize(
    "line", [b"\xff\xfe", b"[]", b"null", b"7", b'{"trial": 3}', b'{"trial": ["a"]}', b"{}"]
)
def test_any_rubbish_in_the_file_is_told(experiment, line):
    experiment.file.write_bytes(line + b"\n")
    again = reopened(experiment)
    assert again.notes[0].startswith("Line 1 of ") and not again.bets


def test_bets_on_other_trials_are_left_alone(asked, experiment):
    experiment.place("left", 75)
    others = make_trials(asked, ["visualizations"], each=2, seed=9)
    again = BettingExperiment(asked, others, experiment.file)
    assert not again.bets and "1 kept bet belongs to other trials" in again.notes[0]
    again.place("right", 50)
    assert len(reopened(experiment).bets) == 1


def test_a_bet_can_be_taken_back(experiment):
    experiment.take_back()
    assert experiment.bets == ()
    experiment.place("left", 75)
    experiment.place("left", 99)
    experiment.take_back()
    assert len(experiment.bets) == 1 and experiment.current == experiment.trials[1]
    assert reopened(experiment).bets == experiment.bets
    assert len(experiment.file.read_text().splitlines()) == 3


def test_starting_again_loses_nothing(experiment):
    for _ in range(2):
        experiment.place("left", 75)
        kept = experiment.file.read_text()
        experiment.start_again()
        assert experiment.bets == () and not experiment.file.exists()
    files = sorted(path.name for path in experiment.file.parent.iterdir())
    assert files == ["a-1.jsonl", "a-2.jsonl"]
    assert (experiment.file.parent / "a-2.jsonl").read_text() == kept
    assert experiment.notes == ["The bets so far are kept as a-2.jsonl."]


def test_a_folder_that_cannot_be_written_is_told_and_the_experiment_goes_on(asked, tmp_path):
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    trials = make_trials(asked, ["fooled"])
    experiment = BettingExperiment(asked, trials, tmp_path / FOLDER / "a.jsonl")
    for _ in range(2):
        experiment.place("left", 75)
    [told] = experiment.notes
    assert len(experiment.bets) == 2 and "Bets cannot be kept in" in told


def test_nothing_is_kept_where_outputs_are_built(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_STATIC", "1")
    trials = make_trials(asked, ["fooled"])
    room.begin(asked, trials, "first").place("left", 50)
    assert not list(tmp_path.iterdir())
    monkeypatch.delenv("COURSE_STATIC")
    room.begin(asked, trials, "first").place("left", 50)
    assert (tmp_path / FOLDER / "first.jsonl").exists()


def test_trials_must_differ(asked):
    for trials in ([], TRIALS[:1] * 2):
        with pytest.raises(ValueError, match="give at least one, and none twice"):
            BettingExperiment(asked, trials)


# the widget


class Faces:
    """The parts of a live betting table."""

    def __init__(self, table):
        self.notes, self.head, self.asking, self.told, self.code = table.widget().children
        self.picture, sides, row = self.asking.children
        _, self.side = sides.children
        _, *self.sure, self.back = row.children


def test_the_widget_takes_an_experiment_to_its_score(experiment):
    experiment.place("left", 50)
    again = reopened(experiment)
    faces = Faces(room.BettingTable(again, seed=0))
    assert "1 of 8 bets were kept from before" in faces.notes.value
    assert faces.head.value == "Trial 2 of 8" and "<img " in faces.picture.value
    least = tr.trial_picture(again.asked, again.current).height
    faces.back.click()
    faces.sure[2].click()
    assert "Choose a side first" in faces.told.value and not again.bets
    for number in range(8):
        assert faces.head.value == f"Trial {number + 1} of 8"
        assert faces.side.value is None and "✓" not in faces.told.value
        least = max(least, tr.trial_picture(again.asked, again.current).height)
        assert faces.picture.layout.min_height == f"{least}px"  # buttons never jump up
        faces.side.value = "left"
        faces.sure[number % 5].click()
    assert faces.asking.layout.display == "none"
    assert "visualizations: 4 of 8 right, 50 %" in faces.told.value
    assert faces.code.value.startswith("BET1P") and faces.code.layout.display == ""
    assert [bet.confidence for bet in again.bets] == [50, 60, 75, 90, 99, 50, 60, 75]


def test_an_error_in_the_widget_is_told(experiment):
    faces = Faces(room.BettingTable(experiment, seed=0))
    experiment.trials = experiment.trials[:1]
    for _ in range(2):
        faces.side.value = "left"
        faces.sure[0].click()  # ipywidgets logs what a click raises
    assert "ValueError: All trials are answered" in faces.told.value


def test_the_contact_sheet_shows_trials_and_no_answer(experiment):
    page = room.BettingTable(experiment, seed=0).contact_sheet()
    assert page.count("<img ") == 4 and "The first 4 of 8 trials" in page
    assert "<style" not in page and "<script" not in page
