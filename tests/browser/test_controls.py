"""What a screen reader is told of the controls, and which keys move them."""

import re

import nbformat
import pytest

from tests.browser.controls import Widget
from tests.conftest import ROOT

SCRIPT = ROOT / "course_lib" / "controls.js"
CELL = """
import torch
from course_lib.classroom.ticket import find_ticket
from course_lib.classroom.widgets import Explorer, OneOf, Switch, Whole
from course_lib.figures import curves
from course_lib.lessons.lesson_02 import BettingTable, trials as tr
from course_lib.lessons.lesson_02.experiment import BettingExperiment

controls = {
    "kind": OneOf(("short", "long", "wide"), "long"), "size": Whole(0, 9, 4),
    "typed": Whole(0, 9, 4, typed=True), "on": Switch(False),
}
def drawn(**values):
    return curves({"a": [0.0, 1.0]}, x_label="x", y_label="y", alt=f"{values}.")
images, said = torch.rand(40, 3, 16, 16), torch.rand(40, 2)
asked = tr.questions(["a 0", "a 1"], images, said, {"fooled": torch.rand(2, 3, 3, 16, 16)})
first = BettingExperiment(asked, tr.make_trials(asked, ["fooled"], each=2))
"""
SHOWN = {
    "explorer": "Explorer(drawn, controls, sheet=[{}])",
    "table": "BettingTable(first, seed=0)",
    "ticket": "find_ticket('00')",
}
_ROLES = "button|slider|textbox|spinbutton|checkbox|radio|combobox"
_NAMELESS = rf"^- ({_ROLES})( \[[^\]]*\])*(:.*)?$"


def nameless(box):
    """The controls of a box that have no name, as the browser tells it to a screen reader."""
    told = [line.strip() for line in box.aria_snapshot().splitlines()]
    return [line for line in told if re.match(_NAMELESS, line)]


@pytest.fixture
def widgets(server, open_notebook):
    """An explorer with a control of each kind, a betting table, and a ticket."""
    cells = [nbformat.v4.new_code_cell(code) for code in (CELL, *SHOWN.values())]
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata = {"kernelspec": {"display_name": "Python 3", "name": "python3"}}
    nbformat.write(made, server.work / "controls.ipynb")
    notebook = open_notebook("controls")
    notebook.run_all()
    assert not notebook.problems()
    return {name: Widget(notebook, place) for place, name in enumerate(SHOWN, 1)}


def test_every_control_has_a_name_and_keys(widgets):
    explorer, table, ticket = widgets.values()
    page = explorer.page
    for widget in widgets.values():
        widget.notebook.cell(widget.place)
        assert not nameless(widget.box), nameless(widget.box)
    named = explorer.box.get_by_role

    # arrows move a choice and a slider, and not the notebook
    def shows(told):
        explorer.notebook.cell(explorer.place)
        explorer.box.locator(f'img[alt*="{told}"]').wait_for()

    chosen = named("group", name="kind").get_by_role("button", pressed=True)
    assert chosen.inner_text().strip() == "long"
    chosen.focus()
    page.keyboard.press("ArrowRight")
    shows("'kind': 'wide'")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    shows("'kind': 'short'")
    named("slider", name="size").focus()
    page.keyboard.press("ArrowRight")
    shows("'size': 5")
    number = named("textbox", name="size, as a number")
    number.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7\n")  # a number key means a number there
    shows("'size': 7")
    assert named("spinbutton", name="typed").count() == named("checkbox", name="on").count() == 1

    # a bet: an arrow, a number
    box = table.box
    sure = box.get_by_role("group", name="How sure are you?").get_by_role("button")
    assert sure.first.get_attribute("aria-label") == "50 %: bet, and be 50 % sure"
    box.get_by_role("button", name="right").focus()
    for trial, (arrow, number) in enumerate((("Left", 1), ("Right", 5), ("Left", 3)), 2):
        page.keyboard.press(f"Arrow{arrow}")
        box.get_by_role("button", name=arrow.lower(), pressed=True).wait_for()
        page.keyboard.press(str(number))
        box.get_by_role("status").get_by_text(f"Trial {trial} of 4").wait_for()
    kinds = [cell["kind"] for cell in table.notebook.cells()]
    assert kinds == ["code"] * len(kinds), "no cell became a heading"
    page.keyboard.press("5")
    box.get_by_text("Choose a side first, left or right.").wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("3")
    box.get_by_text(re.compile(r"You:\s4\sbets\.")).wait_for()
    extra = table.notebook.insert_below(ticket.place)
    table.notebook.write(extra, "print([(bet.chose, bet.confidence) for bet in first.bets])")
    placed = "[('left', 50), ('right', 99), ('left', 75), ('right', 75)]"
    assert placed in table.notebook.run(extra)
    ticket.notebook.cell(ticket.place)
    assert "A: " in ticket.box.get_by_role("button").first.get_attribute("aria-label")


OLD = """
<div class="jupyter-widgets widget-container widget-box widget-vbox">
  <div class="jupyter-widgets widget-inline-hbox widget-slider widget-hslider">
    <label class="widget-label">steps</label>
    <div class="ui-slider"><span class="ui-slider-handle" role="slider" tabindex="0">.</span></div>
    <div class="widget-readout" contenteditable="true">48</div>
  </div>
  <div class="jupyter-widgets widget-inline-hbox widget-toggle-buttons">
    <label class="widget-label">network</label>
    <div><button class="widget-toggle-button mod-active" title="">robust</button></div>
  </div>
</div>
"""


def test_controls_of_ipywidgets_7_get_names_and_those_without_are_found(page):
    page.set_content(OLD)
    box = page.locator(".widget-vbox")
    assert nameless(box)
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    assert not nameless(box)
    assert box.get_by_role("slider", name="steps").get_attribute("aria-valuetext") == "48"
    box.locator(".widget-readout").evaluate("node => { node.textContent = '96'; }")
    page.locator("[aria-valuetext='96']").wait_for(state="attached")
    group = box.get_by_role("group", name="network")
    assert group.get_by_role("button", pressed=True).inner_text() == "robust"
