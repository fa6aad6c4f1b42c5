"""Every lesson in a real browser: every widget lives, every control moves.

Only the cells run that the widgets need, since every lesson runs as a whole under nbval; where
COURSE_SCREENSHOTS wants pictures, all of them do.
"""

import os
import re

import pytest

from course_lib.classroom.order import names_of
from course_lib.classroom.script import cells_of
from course_lib.classroom.ticket import find_ticket
from course_lib.cli.lessons import LessonFiles, all_lessons
from tests.browser.controls import Choose, Move, Slide, Toggle, Type, Widget
from tests.browser.jupyterlab import RUN_SECONDS, Notebook
from tests.conftest import ROOT

LESSONS = all_lessons(ROOT / "notebooks")

# The widgets of the lessons beside their exit tickets, by the text of their cells, and how their
# controls are moved: each so that the picture has to change.
EXPLORERS: dict[str, dict[str, tuple[Move, ...]]] = {
    "01": {
        "unit_explorer()": (
            Choose("network", "standard", "robust"),
            Choose("layer", "inception3b", "inception4a"),
            Type("unit", 30, 3),
            Choose("image", "pixels", "fourier"),
            Toggle("transformations"),
            Slide("steps", 0.3, 32),
            Slide("seed", 0.5, 1),
        )
    },
    "03": {
        "morph_explorer(fooled": (
            Slide("percent", 0.5, 90),
            Slide("unit", 0.5, 2),
            Slide("k", 0.2, 100),
        )
    },
    "04": {
        "silence_explorer(lab": (
            Choose("strength", "12.0", "6.0"),
            Choose("renders", "10", "100"),
            Choose("unit", 0, 1),
        )
    },
    "05": {
        "path_explorer(labs": (
            Choose("network", 1, 0),
            Choose("metric", "cosine", "pearson"),
            Choose("compared", "channel means", "every position"),
            Choose("pictures", "blurred", "contrast × 3"),
        )
    },
    "06": {
        "extremes_explorer()": (
            Slide("x", 0.8, 30),
            Choose("kind", "monotone", "Lipschitz, L known"),
            Slide("slope", 0.6, 120),
            Slide("members", 0.5, 3),
        )
    },
    "08": {
        "verdict_card()": (
            Slide("confidence", 0.3, 95),
            Choose("says", "circuit", "cannot tell"),
        )
    },
}
TABLES = {"02": ("BettingTable(first", "BettingTable(second")}
TICKET = "lesson.ticket()"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_no_widget_of_a_lesson_is_forgotten_here(lesson):
    """Each line that begins with a widget's call, unless it is for a real network."""
    call = r"^(?:\w+\.)?((?:\w+_explorer|verdict_card|BettingTable)\(\w*)(?!.* if real )"
    there = re.findall(call, lesson.source.read_text(encoding="utf-8"), re.MULTILINE)
    here = [*EXPLORERS.get(lesson.number, ()), *TABLES.get(lesson.number, ())]
    assert sorted(there) == sorted(text.removesuffix(")") for text in here)


@pytest.mark.long
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_in_a_browser(lesson, open_notebook):
    notebook = open_notebook(lesson.name)
    explorers, tables = EXPLORERS.get(lesson.number, {}), TABLES.get(lesson.number, ())
    if os.environ.get("COURSE_SCREENSHOTS"):
        notebook.run_all()
        notebook.pictures_of_all()
    else:
        code = [place for place, cell in enumerate(notebook.cells()) if cell["kind"] == "code"]
        for number in needed_for_cells(lesson, (*explorers, *tables, TICKET)):
            notebook.run(code[number], RUN_SECONDS)
    assert not notebook.problems()
    for text, moves in explorers.items():
        move_all(notebook, text, moves)
    for text in tables:
        bet_to_the_end(notebook, text)
    answer_the_ticket(notebook, lesson.number)
    assert not notebook.problems()
    assert not notebook.complaints


def needed_for_cells(lesson: LessonFiles, texts: tuple[str, ...]) -> list[int]:
    """The code cells with these texts in them and those that they need: numbers among them all."""
    code = [cell for cell in cells_of(lesson.source) if cell.kind == "code"]
    chosen: list[int] = []
    missing: frozenset[str] = frozenset()
    for number in reversed(range(len(code))):
        names, cell = names_of(code[number].text), code[number]
        if cell.section == 0 or names.makes & missing or any(text in cell.text for text in texts):
            chosen.append(number)
            missing = (missing - names.makes) | names.needs
    return chosen[::-1]


def move_all(notebook: Notebook, text: str, moves: tuple[Move, ...]) -> None:
    place = notebook.place(text)
    widget = Widget(notebook, place)
    notebook.picture(f"{text.split('(')[0]}-before", place)
    assert sorted(widget.names()) == sorted(move.name for move in moves)
    for move in moves:
        widget.move(move)
    notebook.picture(f"{text.split('(')[0]}-after", place)


def bet_to_the_end(notebook: Notebook, text: str) -> None:
    """Take the forced-choice experiment to its score; one bet is taken back, one placed by keys."""
    place, name = notebook.place(text), re.sub(r"\W+", "-", text)
    table = Widget(notebook, place)
    box = table.box
    first_trial = re.compile(r"Trial\s1\sof\s(\d+)")  # \s: labels have hard spaces
    head = box.get_by_text(first_trial).first
    head.wait_for()
    total = int(first_trial.search(head.text_content())[1])
    assert total >= 16
    notebook.picture(f"{name}-before", place)

    def now(trial: int) -> None:
        box.get_by_text(f"Trial {trial} of {total}", exact=True).wait_for()

    def bet(side: str, confidence: str, *, keyboard: bool = False) -> None:
        for label in (side, confidence):
            button = box.locator(f'button:text-is("{label}")')
            if keyboard:
                table.reach(button)
                notebook.page.keyboard.press("Space")
            else:
                button.click()

    box.locator('button:text-is("75 %")').click()  # no side yet
    box.get_by_text("Choose a side first, left or right.").wait_for()
    first = table.sources()
    bet("left", "75 %")
    now(2)
    table.redrawn(first, "the second trial")
    box.locator('button:text-is("take back")').click()
    now(1)
    bet("right", "60 %", keyboard=True)
    for trial in range(2, total + 1):
        now(trial)
        notebook.wait_idle()  # the head is there before the picture
        bet("left", "75 %")
    box.get_by_text(re.compile(rf"You:\s{total}\sbets\.")).wait_for()
    for condition in ("visualizations", "top images") if "first" in text else ():
        told = " ".join(box.inner_text().split())
        assert re.search(rf"{condition}: \d+ of \d+ right, \d+ %", told), told
    assert not box.locator("button:visible").count()
    assert box.locator("input").input_value()
    notebook.picture(f"{name}-after", place)


def answer_the_ticket(notebook: Notebook, number: str) -> None:
    """A wrong choice, then the right one, to every question; each tells its reason."""
    place = notebook.place(TICKET)
    widget = Widget(notebook, place)
    notebook.picture("ticket-before", place)
    for box, question in zip(
        widget.box.locator(":scope > .widget-vbox").all(),
        find_ticket(number).questions,
        strict=True,
    ):
        buttons = box.locator("button")
        wrong = next(i for i, choice in enumerate(question.choices) if not choice.right)
        right = question.choices.index(question.answer)
        buttons.nth(wrong).click()
        box.get_by_text("✗ No.").wait_for()
        assert question.choices[wrong].why in box.inner_text()
        buttons.nth(right).focus()
        notebook.page.keyboard.press("Space")
        box.get_by_text("✓ Right.").wait_for()
        assert question.answer.why in box.inner_text()
        assert question.choices[wrong].why not in box.inner_text()
    notebook.picture("ticket-after", place)
