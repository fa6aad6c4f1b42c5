"""Every kind of control, in a widget that draws at once; and an error in it, told in its place."""

from __future__ import annotations

import nbformat
import pytest

from tests.browser.controls import Choose, Slide, Toggle, Type, Widget

TOY = """
from matplotlib.figure import Figure
from course_lib.figures import draw
from course_lib.classroom.widgets import Explorer, OneOf, Switch, Whole

def shown(colour, share, number, dotted):
    if number == 13:
        raise ValueError("number=13: give another one.")
    figure = Figure(figsize=(3, 1))
    figure.add_subplot().plot([share, number], color=colour, linestyle=":" if dotted else "-")
    return draw(figure, "A line between two numbers of yours.")

Explorer(shown, {
    "colour": OneOf(("red", "green", "blue"), "red"), "share": Whole(0, 100, 50, step=5),
    "number": Whole(0, 20, 3, typed=True), "dotted": Switch(False),
}, sheet=[{}])
"""
MOVES = (
    Choose("colour", "green", "blue"),
    Slide("share", 0.25, 80),
    Type("number", 5, 9),
    Toggle("dotted"),
)


@pytest.fixture
def toy(server, open_notebook):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TOY.strip())])
    # without this JupyterLab asks which kernel it wants
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, server.work / "toy.ipynb")
    opened = open_notebook("toy")
    opened.run_all()
    assert not opened.problems()
    return opened


def test_every_kind_of_control_moves_by_mouse_and_by_keyboard(toy):
    widget = Widget(toy, 0)
    toy.picture("controls", 0)
    assert widget.names() == [move.name for move in MOVES]
    for move in MOVES:
        widget.move(move)
    assert not toy.complaints


def test_an_error_in_a_widget_is_told_below_its_controls(toy):
    widget = Widget(toy, 0)
    field = widget.control("number").locator("input")
    field.fill("13")
    field.press("Enter")
    widget.box.get_by_text("ValueError: number=13: give another one.").wait_for()
    toy.picture("controls-error", 0)
    field.fill("4")
    field.press("Enter")
    widget.box.get_by_text("ValueError").wait_for(state="detached")
