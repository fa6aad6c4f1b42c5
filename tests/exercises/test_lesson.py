"""What a notebook calls: handing in, hints, progress, stamps, and the way back after a restart."""

import linecache
import re

import pytest
import torch

from course_lib.classroom.answers import FOLDER
from course_lib.classroom.done import decode
from course_lib.classroom.exercises.bank import exercises, find
from course_lib.classroom.exercises.exercise import untouched
from course_lib.classroom.lesson import Lesson, start
from course_lib.classroom.order import History, Needed, names_of, needed_for
from course_lib.classroom.rooms import find_script, source_folder, sources_in
from course_lib.classroom.script import Cell, cells_of
from course_lib.classroom.sources import by_itself
from course_lib.lessons import stamp
from course_lib.lessons.lesson_00.exercises import loudest as bank
from course_lib.lessons.lesson_01.exercises import target

NUMBERS = [path.name[:2] for path in sources_in(source_folder())]
each_lesson = pytest.mark.parametrize("number", NUMBERS)


@pytest.fixture
def lesson(tmp_path):
    return Lesson("00", find_script("00"), tmp_path)


def loudest(responses):
    return int(responses.argmax())


def test_a_wrong_function_gives_way_to_the_reference(lesson, capsys):
    answer = lesson.hand_in("loudest", bank.returns_the_response)
    assert answer.code == "reference"
    assert answer(torch.tensor([0.0, 2.0, 1.0])) == 1
    told = capsys.readouterr().out
    assert "✗ loudest: You returned how much the unit responds" in told
    assert "the lesson goes on with the reference" in told


def test_the_stub_and_none_are_not_tries(lesson, capsys):
    for nothing in (untouched, None):
        assert lesson.hand_in("loudest", nothing).code == "reference"
        assert "nothing is written here yet" in capsys.readouterr().out
    lesson.progress()
    assert "– not done; reference" in capsys.readouterr().out


def test_handed_in_twice_the_last_counts(lesson, capsys):
    assert lesson.hand_in("loudest", loudest).code == "your code"
    capsys.readouterr()
    assert lesson.hand_in("loudest", bank.finds_the_least).code == "reference"
    assert "(handed in 2 times; the last counts)" in capsys.readouterr().out
    again = lesson.hand_in("loudest", lesson.hand_in("loudest", loudest))
    assert again.code == "your code"  # the line was run twice, and the function is still there
    capsys.readouterr()
    lesson.progress()
    told = capsys.readouterr().out
    assert "1 of 1 exercises passed" in told and "✓ your code, after 4 tries" in told


def test_a_function_under_anothers_name_gets_a_sentence(lesson, capsys):
    def ascent_step(responses):
        return int(responses.argmax())

    assert lesson.hand_in("loudest", ascent_step).code == "reference"
    assert "You handed in ascent_step as loudest" in capsys.readouterr().out


def test_what_passed_and_fails_in_the_lesson_gives_way_to_the_reference(lesson, capsys):
    def not_of_five(responses):
        return int(responses.argmax()) if len(responses) != 5000 else None

    answer = lesson.hand_in("loudest", not_of_five)
    assert answer.code == "your code"
    capsys.readouterr()
    assert answer(torch.arange(5000.0)) == 4999
    told = capsys.readouterr().out
    assert told.startswith("✗ loudest: your code passed its checks and failed here. Your function")
    assert "returned None" in told and told.endswith("From here on the reference is used.\n")
    assert answer.code == "reference" == stamp(answer)
    answer(torch.arange(5000.0))
    assert not capsys.readouterr().out  # it is said once


def test_a_result_comes_in_the_form_that_the_lesson_goes_on_with(lesson):
    def in_numpy(responses):
        return responses.double().numpy().argmax()

    assert type(lesson.hand_in("loudest", in_numpy)(torch.tensor([0.0, 3.0]))) is int


def test_stamps_tell_whose_code(tmp_path):
    lesson = Lesson("01", find_script("01"), tmp_path)
    done = lesson.hand_in("target", target.reference)
    missing = lesson.hand_in("ascent_step", untouched)
    assert stamp(done) == "your code" and stamp(missing) == "reference"
    assert stamp(done, missing) == "target: your code, ascent_step: reference"


def test_hints_go_from_a_nudge_to_the_last(lesson, capsys):
    hints = find("loudest").hints
    for given in (1, 2, 2):
        lesson.hint("loudest")
        told = capsys.readouterr().out
        assert all((hint in told) == (i < given) for i, hint in enumerate(hints))
    assert 'lesson.solution("loudest")' in told


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
def test_the_solution_shown_is_the_reference(exercise, tmp_path, capsys):
    Lesson(exercise.lesson, find_script(exercise.lesson), tmp_path).solution(exercise.name)
    shown = capsys.readouterr().out.strip()
    assert shown.startswith(f"def {exercise.name}(")
    assert exercise.cell(exercise.reference).startswith(shown)


def test_answers_that_pass_are_kept_where_outputs_are_live(lesson, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_STATIC", raising=False)
    lesson.hand_in("loudest", bank.finds_the_least)
    assert not list(tmp_path.rglob("*.py"))
    assert lesson.hand_in("loudest", loudest).marks.state == "passed"
    assert "✓ loudest: your code passed" in capsys.readouterr().out
    assert "argmax" in (tmp_path / FOLDER / "00_loudest.py").read_text()
    Lesson("00", find_script("00"), tmp_path).progress()
    assert "passed in an earlier session" in capsys.readouterr().out


def test_progress_tells_the_code_once_there_is_one(lesson, tmp_path, monkeypatch, capsys):
    def told():
        lesson.progress()
        return re.findall(r"EYES1\w+", capsys.readouterr().out)

    monkeypatch.setenv("COURSE_STATIC", "1")
    lesson.hand_in("loudest", loudest)  # where outputs are kept, nothing is
    assert not told() and not list(tmp_path.iterdir())
    monkeypatch.delenv("COURSE_STATIC")
    lesson.hand_in("loudest", untouched)
    assert not told() and not list(tmp_path.iterdir())
    lesson.hand_in("loudest", bank.finds_the_least)
    (first,) = told()
    lesson.hand_in("loudest", loudest)
    lesson.hand_in("loudest", bank.finds_the_least)  # it passed once
    lesson.ticket().widget().children[0].children[2].children[0].click()  # question 1, B
    (second,) = told()
    states = [(decode(code).states, decode(code).chosen[0]) for code in (first, second)]
    assert states == [({"loudest": "reference"}, None), ({"loudest": "own"}, 1)]


def test_a_folder_that_cannot_be_written_is_no_obstacle(lesson, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_STATIC", raising=False)
    (tmp_path / FOLDER).write_text("a file in the way")
    assert lesson.hand_in("loudest", loudest).code == "your code"
    assert "It is not kept for after a restart of the kernel: " in capsys.readouterr().out


HELPED = """
import numpy as np
from math import sqrt
FACTOR = 2
def helper(x: np.ndarray) -> float:
    return FACTOR * x
def timed(function):
    function.timed = True
    return function
@timed
def my_try(responses: np.ndarray, lab=FACTOR) -> int:
    return int(helper(responses).argmax() + 0 * sqrt(4))
def rests_on(what):
    def inner(responses):
        return what
    return inner
def on_the_lab(responses):
    return opened(responses)
"""


@pytest.fixture
def notebook(monkeypatch):
    """The names of HELPED as if typed into a notebook's cell."""
    names = {"__name__": "__main__", "opened": torch.nn.Linear(2, 2)}
    lines = HELPED.splitlines(keepends=True)
    monkeypatch.setitem(linecache.cache, "<cell>", (len(HELPED), None, lines, "<cell>"))
    exec(compile(HELPED, "<cell>", "exec"), names)
    return names


def test_an_answer_is_kept_with_what_it_needs(notebook):
    source = by_itself(notebook["my_try"], "loudest")
    names = {"__name__": "__main__"}
    exec(source, names)
    assert names["loudest"](torch.tensor([0.0, 4.0, 1.0])) == 1
    assert "rests_on" not in source


def test_what_cannot_be_kept_says_why(notebook):
    for function, why in (
        (notebook["rests_on"](3), "it rests on what of a function around it"),
        (notebook["on_the_lab"], "it uses opened, a Linear that only this kernel has"),
        (eval("lambda r: 1"), "the source of <lambda> is not to be found"),
    ):
        with pytest.raises(LookupError, match=why):
            by_itself(function, "loudest")


def test_only_what_does_not_stand_is_run_again():
    first, second, third = (Cell("code", text, 1) for text in ("a = 1", "b = a", "a = b + 1"))
    history = History([first, second, third])
    needed = [Needed(cell, names_of(cell.text).makes) for cell in (first, second, third)]
    assert history.missing(needed, {}) == [first, second, third]
    for code in ("a = 1", "b = a * 2  # changed", "%magic"):
        history.add(code)
    assert history.missing(needed[:2], {"a", "b"}) == []
    assert history.missing(needed[:2], {"a"}) == [second]  # b was deleted
    assert history.missing(needed, {"a", "b"}) == [third]
    history.add("import numpy as np\nb = np.add(a, 0)")  # with an import of the learner's own
    assert history.missing(needed[:2], {"a", "b", "np"}) == []
    history.add("a = b + 1")
    assert history.missing(needed, {"a", "b"}) == []
    assert history.missing(needed[:2], {"a", "b"}) == [first, second]  # a is the third's
    only_b = Needed(second, frozenset("b"))
    assert history.missing([needed[0]._replace(wanted=frozenset()), only_b], {"b"}) == []


# order


@each_lesson
def test_what_a_section_needs_is_made_before_it_without_figures_and_made_once(number):
    """Although cells that are not needed make some names of needed ones again, a loop's or so."""
    code = [cell for cell in cells_of(find_script(number)) if cell.kind == "code"]
    history, there = History(code), set()
    for section in sorted({cell.section for cell in code}):
        needed = needed_for(section, code)
        assert history.missing(needed, there) == [], "it was run up to here"
        chosen = [cell for cell, _ in needed]
        assert not any(cell.text.startswith("picture_grid(") for cell in chosen)
        first = [cell for cell in code if cell.section == 0]
        made: set[str] = set()
        for cell in first + chosen + [c for c in code if c.section >= max(section, 1)]:
            names = names_of(cell.text)
            assert names.needs <= made, f"section {section} needs {names.needs - made}"
            made |= names.makes
        for cell in (c for c in code if c.section == section):
            history.add(cell.text)
            there |= names_of(cell.text).makes


@each_lesson
def test_its_exercises_stand_in_it_once_and_it_imports_from_its_own_room(number):
    script = find_script(number)
    placed = [c.exercise for c in cells_of(script) if c.exercise]
    assert placed == [exercise.name for exercise in exercises(number)]
    imports = re.findall(r"^from course_lib\.lessons\.(\S+)", script.read_text(), re.M)
    assert imports in ([], [f"lesson_{number}"])


def test_a_missing_name_is_explained(lesson):
    told = lesson.explain("picture")
    assert told.startswith("picture is made in section 2 (Your first picture), by the cell “import")
    assert "the exercise loudest" not in lesson.explain("logits")
    assert lesson.explain("no_such_name") == ""


def test_names_of_a_cell():
    code = "import a.b\nx = y\nx += z\ndef f(p):\n    q = p\n    return q + g\n[i for i in x]\n"
    code += "for j in x:\n    print(j, h)\ngone = 1\ndel gone\n"
    names = names_of(code)
    assert names.makes == {"a", "x", "f", "j"}
    assert names.needs == {"y", "z", "g", "h"}


def test_what_is_not_there_is_refused_with_what_is(lesson):
    with pytest.raises(ValueError, match=r"no exercise 'ascent_step'.* The exercises are: loudest"):
        lesson.hand_in("ascent_step", loudest)
    with pytest.raises(ValueError, match="no section 9: this lesson has 1 to 5"):
        lesson.catch_up(9)
    with pytest.raises(ValueError, match=r"Lesson '42' cannot be started. There is no lesson 42"):
        start("42")
