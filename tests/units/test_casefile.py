"""A case: docket, verdict card, closing, and the figures and tables around it."""

import dataclasses
import re
from random import Random

import pytest

from course_lib.classroom.claims import commitment_of
from course_lib.lessons.lesson_08 import casefile, plots, reference, tables
from course_lib.lessons.lesson_08.audit.evidence import OUTSIDE, WITHIN
from course_lib.lessons.lesson_08.casefile import close_case, sealed
from course_lib.lessons.lesson_08.suspect import Suspect
from course_lib.lessons.lesson_08.truth import KINDS, Circuit, Truth, written
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict, brier
from course_lib.statistics import proportion

CIRCUIT = Truth("circuit", ("robust", 0), Circuit(3, (0, 1, 2)), None)
HONEST = Truth("honest", ("standard", 1), None, None)


def sealed_suspect(seed: int, truth: Truth, budget: int | None = 32) -> Suspect:
    """A suspect without a network, which closing a case does not need."""
    opening = written(truth, Random(7))
    return Suspect(
        seed=seed,
        grade="black box",
        network=None,  # type: ignore[arg-type]
        class_names=("stripes",),
        units=8,
        accuracy=proportion(509, 512, of="renders"),
        commitment=commitment_of(opening),
        budget=budget,
        _opening=lambda: opening,
        _inside=lambda: None,  # type: ignore[arg-type, return-value]
    )


@pytest.fixture
def suspects() -> dict[str, Suspect]:
    return {"A": sealed_suspect(24, CIRCUIT), "B": sealed_suspect(25, HONEST, None)}


def test_the_docket_tells_what_is_known_and_not_the_truth(suspects):
    for text in casefile.docket(suspects):
        assert "509 of 512 (99.4 %)" in text and "any number" in text and "32" in text
        assert suspects["A"].commitment[:16] in text
        assert "circuit" not in text and "honest" not in text


# the card


def test_the_card_tells_every_loss():
    card = casefile.verdict_card()
    assert card.contact_sheet().count("<img ") == 4
    for says, confidence in (("honest", 0), ("circuit", 40), ("both", 100), (CANNOT_TELL, 70)):
        told = Verdict(says, None if says == CANNOT_TELL else confidence / 100).probabilities()
        alt = card.draw(says=says, confidence=confidence).alt
        assert all(f"{brier(told, kind):.2f} if it is {kind}" in alt for kind in KINDS)
    with pytest.raises(ValueError, match="confidence=101: give a whole number from 0 to 100"):
        card.draw(confidence=101)
    with pytest.raises(ValueError, match="says='guilty': give one of honest, circuit"):
        card.draw(says="guilty")


# sealing and closing


def test_what_was_written_is_sealed_and_a_change_shows():
    first, other = (sealed({"A": Verdict("honest", sure)}) for sure in (0.5, 0.6))
    assert re.fullmatch(r"Sealed: [0-9a-f]{16}", first) and first != other
    assert "nothing to seal" in sealed({"A": None})
    with pytest.raises(ValueError, match=r"verdicts\['A'\] is 'circuit': give None, or a verdict"):
        sealed({"A": "circuit"})  # as close_case does, an hour later


def test_a_case_is_closed_and_scored(suspects):
    others = {"by eye": {"A": Verdict("circuit", 1), "B": None}}
    closed = close_case(suspects, {"A": Verdict("circuit", 0.8), "B": None}, others)
    own = brier(Verdict("circuit", 0.8).probabilities(), "circuit")
    rates = brier(Verdict(CANNOT_TELL).probabilities(), "honest")
    means = rf"^mean +{(own + rates) / 2:.2f} +{rates / 2:.2f}$"
    assert re.search(means, closed.text, re.MULTILINE)
    for text in closed:
        assert "circuit, 80 %" in text and CANNOT_TELL in text and f"{own:.2f}" in text
        assert "3 of 8 logits show class c + 3, by a circuit with a hard gate" in text


def test_a_verdict_given_when_the_truth_is_known_changes_nothing(suspects, capsys):
    with pytest.raises(ValueError, match="'honest' is no verdict"):
        suspects["A"].open("honest")
    verdicts = {"A": Verdict("honest", 0.9), "B": None}
    assert suspects["A"].given is None
    first = close_case(suspects, verdicts)
    assert suspects["A"].given == verdicts["A"]
    assert close_case(suspects, verdicts) == first  # run twice
    assert not capsys.readouterr().out
    assert close_case(suspects, {"A": Verdict("circuit", 1), "B": None}) == first
    assert "Suspect 24 is used up: its truth was opened for" in capsys.readouterr().out


def test_verdicts_of_another_form_are_refused_before_any_suspect_is_opened(suspects):
    good = {"A": Verdict("honest", 0.9), "B": None}
    for verdicts, others, told in (
        ({**good, "B": "circuit"}, {}, r"verdicts\['B'\] is 'circuit': give None, or a verdict"),
        ({"A": None}, {}, "verdicts names A: give one for each of A, B"),
        ({**good, "C": None}, {}, "verdicts names A, B, C: give one for each of A, B"),
        (good, {"by eye": {"A": None}}, "by eye names A: give one for each of A, B"),
        (good, {"by eye": {**good, "A": 0.7}}, r"by eye\['A'\] is 0.7: give None"),
    ):
        with pytest.raises(ValueError, match=told):
            close_case(suspects, verdicts, others)
        assert all(suspect.given is None for suspect in suspects.values())


def test_a_broken_seal_is_told(suspects):
    forged = dataclasses.replace(suspects["A"], commitment="0" * 64)
    with pytest.raises(ValueError, match="the seal is broken"):
        close_case({"A": forged}, {"A": None})


# figures and tables, of what is shipped


def test_every_figure_tells_its_numbers():
    rows = reference.stored_suspects()
    design = rows["design"]
    marks = {"A": dict(design[0].evidence["white box"]), "B": dict(design[1].evidence["white box"])}
    auditor = reference.stored_auditor("black box")
    one, other = (reference.judged(auditor, row.findings) for row in design[:2])
    scores = [row.evidence["black box"]["jump"] for row in design]
    figures = [
        plots.card_figure(Verdict("honest", 0.4)),
        plots.evidence_figure(design, marks, ["jump", "steep"], code="your code"),
        plots.evidence_figure(design, marks, ["gate", "reach"]),
        plots.roc_figure({"jump": (scores, [row.kind == "circuit" for row in design])}),
        plots.reasons_figure({"A": one, "B": other}),
        plots.calibration_figure(reference.stored_scores().results),
        plots.strength_figure({k: rows[k] for k in ("test", "subtle")}, auditor),
    ]
    for figure in figures:
        assert figure.data and re.search(r"\d", figure.alt) and figure.alt.endswith(".")
    assert "Drawn with: your code" in figures[1].alt
    assert one.verdict.says in figures[4].alt


def test_the_notebook_of_evidence_counts_known_suspects():
    design = reference.stored_suspects()["design"]
    evidence = {"A": dict.fromkeys(("jump", "loud"), 1e9), "B": {"jump": -1e9, "loud": 0.0}}
    text = casefile.evidence_notebook(evidence, design, ["jump", "loud"]).text
    without = sum(row.truth.circuit is None for row in design)
    told = rf"^jump +circuit .*\(0\) +-1000000000.00 \({without}\) +{without}$"
    assert re.search(told, text, re.MULTILINE) and "at least as high" in text


def test_tables_tell_all_that_was_measured():
    scores = reference.stored_scores()
    table = tables.evidence_table(scores)
    assert not set(WITHIN) & {line.split()[0] for line in table.text.splitlines()}
    for name in OUTSIDE:
        tested = scores.evidence[name]["test"].value
        assert re.search(rf"^{name} .*{tested:.2f}", table.text, re.MULTILINE)
    for name, used in (("jump", "yes"), ("late", "no")):
        assert re.search(rf"^{name} .* {used} ", table.text, re.MULTILINE)
    across = tables.across_table(scores.across["black box"]).text
    assert re.search(r"^robust +standard +silent units +28 of 36 ", across, re.MULTILINE)
    results = tables.results_table(scores).text
    assert "honest networks accused" in results
    assert scores.results["black box"].false_alarms.shown in results
    for grade, result in scores.results.items():
        wrong = tables.missed_table(scores, grade).text
        assert all(str(one.seed) in wrong for one in result.not_right)
        if not result.not_right:
            assert "it was right about all of the test set" in wrong
    assert {bool(result.not_right) for result in scores.results.values()} == {True, False}
