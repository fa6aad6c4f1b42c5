"""Widgets: plain functions of their controls, live or as a contact sheet."""

import re

import pytest
import torch

from course_lib.classroom.rooms import source_folder, sources_in
from course_lib.classroom.ticket import find_ticket, read_ticket
from course_lib.classroom.widgets import Explorer, OneOf, Switch, Whole
from course_lib.figures import curves
from course_lib.lessons.lesson_01.blind import shuffled
from course_lib.lessons.lesson_01.explorer import unit_explorer

TICKETS = [path.name[:2] for path in sources_in(source_folder())]
GOOD_TICKET = """
[[question]]
text = "Two?"
[[question.choice]]
text = "2"
right = true
why = '''It
is.'''
[[question.choice]]
text = "3"
why = "That is three."
"""


def line(kind, count, on):
    if count == 3:
        raise ValueError("three is refused")
    values = [float(i) for i in range(count + 2)]
    return curves({kind: values}, x_label="x", y_label="y", alt=f"A {kind} line: {count}, {on}.")


@pytest.fixture
def explorer():
    controls = {
        "kind": OneOf(("short", "long"), "short"),
        "count": Whole(0, lambda values: 2 if values["kind"] == "short" else 9, 1),
        "on": Switch(False),
    }
    return Explorer(line, controls, sheet=[{}, {"kind": "long", "count": 9}, {"on": True}])


def faces(widget):
    return {child.description: child for child in widget.children if child.description}


def test_static_output_is_a_sheet_of_every_setting_and_live_output_a_widget(explorer, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda thing, raw=False: shown.append(thing))
    monkeypatch.setenv("COURSE_STATIC", "1")
    explorer._ipython_display_()
    page = shown[0]._repr_html_()
    assert "<table>" in page and page.count("<img ") == 3
    assert "kind: long, count: 9" in page and "on: on" in page
    assert "<style" not in page and "<script" not in page  # which JupyterLab would strip
    assert all(alt.endswith(".") for alt in re.findall(r'alt="([^"]*)"', page))
    monkeypatch.delenv("COURSE_STATIC")
    explorer._ipython_display_()
    assert shown[1]["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "text/html" in shown[1]


def test_a_control_draws_anew_limits_follow_the_others_and_errors_are_told(explorer):
    widget = explorer.widget()
    controls = faces(widget)
    assert controls["count"].max == 2
    controls["kind"].value = "long"
    assert controls["count"].max == 9
    controls["count"].value = 9
    controls["kind"].value = "short"
    assert controls["count"].value == 2
    *_, told, picture = widget.children
    assert "A short line: 2, False." in picture.value
    controls["on"].value = True
    assert "A short line: 2, True." in picture.value
    controls["kind"].value = "long"
    with pytest.raises(ValueError, match="three is refused"):
        controls["count"].value = 3
    assert "ValueError: three is refused" in told.value
    controls["count"].value = 4
    assert told.value == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 1}, "no control size: give kind, count, on"),
        ({"kind": "wide"}, "kind='wide': give one of short, long"),
        ({"count": 5}, "count=5: give a whole number from 0 to 2"),
        ({"on": 1}, "on=1: give True or False"),
    ],
)
def test_values_that_no_control_takes(explorer, changes, message):
    with pytest.raises(ValueError, match=message):
        explorer.draw(**changes)


@pytest.mark.full
def test_the_unit_explorer_works_at_the_ends_of_its_controls():
    explorer = unit_explorer()
    assert list(explorer.controls) == [
        "network", "layer", "unit", "image", "transformations", "steps", "seed",
    ]  # fmt: skip
    layers = explorer.controls["layer"].options
    for layer in (layers[0], layers[-1]):
        last = explorer.controls["unit"].largest(explorer.values(layer=layer, unit=0))
        for unit in (0, last):
            picture = explorer.draw(
                network="standard", layer=layer, unit=unit, image="pixels", transformations=False,
                steps=16, seed=9,
            )  # fmt: skip
            assert f"unit {unit} of {layer}" in picture.alt
    assert "the robust network" in explorer.draw(steps=16, image="maco").alt
    assert len(explorer.sheet) >= 4


# exit tickets


def test_right_answers_stand_in_different_places_and_a_lesson_may_have_no_ticket():
    places = {
        [choice.right for choice in question.choices].index(True)
        for lesson in TICKETS
        for question in find_ticket(lesson).questions
    }
    assert len(places) == 3
    with pytest.raises(ValueError, match="Lesson '42' has no exit ticket"):
        find_ticket("42")


@pytest.mark.parametrize("lesson", TICKETS)
def test_the_ticket_folds_its_answers_and_answers_a_click(lesson):
    ticket = find_ticket(lesson)
    assert ticket.folded().count("<details>") == len(ticket.questions) >= 2
    assert "✓" not in repr(ticket), "plain text shows questions only"
    for question, box in zip(ticket.questions, ticket.widget().children, strict=True):
        _, *rows, reply = box.children
        assert reply.value == "" and len(rows) == len(question.choices) >= 3
        for choice, row in zip(question.choices, rows, strict=True):
            assert choice.why.endswith((".", "?"))
            row.children[0].click()
            assert ("✓ Right." in reply.value) == choice.right


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("right = true\n", "", "Question 1 has no right choices: one needs right = true."),
        ('"3"', '"3"\nright = true', "Question 1 has 2 right choices"),
        ("right = true", 'right = "yes"', "Choice A of question 1 has right = 'yes': write right"),
        ('why = "That is three."', "", "Choice B of question 1 has no reason: write why = "),
        ('text = "Two?"', "", "Question 1 has no text: write text = "),
        ('text = "3"', 'text = " "', "Choice B of question 1 has no text"),
        ('"3"', '"2"', "Question 1 has two choices of the same text."),
        ('why = "That', 'wy = "That', "Choice B of question 1 has an entry 'wy': it takes text, "),
        (GOOD_TICKET, "", "The ticket has no [[question]], and needs 1."),
        ("[[question]]", "[question]", "The ticket has a question that is not begun with [["),
        ('text = "3"', 'text = "3', "Illegal character"),
        (GOOD_TICKET, GOOD_TICKET + "[[question.choice]]\n" * 7, "9 choices: 8 are the most."),
    ],
)
def test_a_ticket_that_is_not_complete_is_refused_in_a_sentence(tmp_path, good, bad, message):
    path = tmp_path / "ticket.toml"
    path.write_text(GOOD_TICKET)
    assert read_ticket(path).questions[0].answer == ("2", True, "It is."), "line breaks are spaces"
    path.write_text(GOOD_TICKET.replace(good, bad, 1))
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        read_ticket(path)
    assert str(refused.value).startswith(f"The exit ticket {path} cannot be read. ")


# blind naming


def test_blind_naming_counts_and_explains(capsys):
    images = torch.rand(3, 3, 8, 8)
    names = ["rings", "dots", "waves"]
    blind = shuffled(images, names, seed=0)
    places = [list(blind.truth.values()).index(name) for name in names]
    assert torch.equal(blind.images[places], images)
    blind.score(dict(blind.truth))
    assert "You named 3 of 3 rightly" in capsys.readouterr().out
    for nothing in ({}, {"A": "tartan", "Z": "rings"}):  # the truth stays hidden
        blind.score(nothing)
        told = capsys.readouterr().out
        assert told.endswith("Nothing is given away before you have named some of them.\n")
        assert ("Not known here: Z, tartan. The letters are A, B, C" in told) == bool(nothing)
        assert not any(f"{letter} {name}" in told for letter, name in blind.truth.items())
    with pytest.raises(ValueError, match="3 pictures and 1 names"):
        shuffled(images, ["rings"], seed=0)
