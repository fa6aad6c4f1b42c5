"""Every lesson: its three forms in step, clean outputs, and a run under nbval within its budget."""

import re
import subprocess
import sys
from functools import lru_cache

import nbformat
import pytest

from course_lib.classroom.exercises.bank import exercises
from course_lib.classroom.order import needed_for
from course_lib.classroom.rooms import seconds_of
from course_lib.classroom.script import cells_of
from course_lib.classroom.ticket import find_ticket
from course_lib.cli.execute import execute, read_source
from course_lib.cli.lessons import CourseError
from course_lib.cli.offline import can_be_offline
from course_lib.cli.verify import _MEASURE, verify_lesson
from course_lib.system import LESSON_MEGABYTES
from tests.exercises.answers import answers_to
from tests.notebooks.conftest import LESSONS, each_lesson

SECONDS, NOTEBOOK_BYTES, CELL_LINES = 90, 3_000_000, 18
LONG = 15  # seconds; the text says so from 10 on, and a machine may be half as fast
OURS = LESSON_MEGABYTES // 2  # of a lesson's megabytes; the other half is for PyTorch's import


def outputs_of(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@each_lesson
def test_the_three_forms_are_in_step_and_tell_nothing_of_the_machine(lesson, executed):
    source = read_source(lesson)
    learn = nbformat.read(lesson.learn, as_version=4)
    written, run = (
        [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]
        for notebook in (source, executed)
    )
    assert run == written, "run: course build"
    assert nbformat.writes(learn) == nbformat.writes(source), "run: course build"
    assert len({cell.id for cell in source.cells}) == len(source.cells)
    for cell in source.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None
            assert len(cell.source.splitlines()) <= CELL_LINES, cell.source  # on a projector
    for path in (lesson.executed, lesson.learn, lesson.source):
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text())
        assert not re.search(r"/(home|root|Users|work|tmp)/", text)


@each_lesson
def test_a_cell_that_takes_long_says_so_before(lesson):
    cells = [cell for cell in cells_of(lesson.source) if cell.kind == "code"]
    seconds = seconds_of(lesson.source)
    assert len(seconds) == len(cells), "run: course build"
    for cell, took in zip(cells, seconds, strict=True):
        said = re.match(r"# about (\d+) seconds on two cores\n", cell.text)
        if took > LONG or said:
            assert said and took / 3 < int(said[1]) < 3 * took, (took, cell.text)


@each_lesson
def test_outputs_are_complete_and_clean(lesson, executed):
    counts = [cell.execution_count for cell in executed.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "executed from top to bottom"
    assert "widgets" not in executed.metadata
    assert not any(cell.metadata for cell in executed.cells), "no times, nothing personal"
    for output in outputs_of(executed):
        assert output.output_type != "error"
        assert output.get("name") != "stderr", output.text
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
    assert lesson.executed.stat().st_size < NOTEBOOK_BYTES


@each_lesson
def test_every_figure_has_alt_text(lesson, executed):
    figures = 0
    for output in outputs_of(executed):
        data = output.get("data", {})
        assert "image/png" not in data, "show figures through course_lib.figures"
        for tag in re.findall(r"<img[^>]*>", str(data.get("text/html", ""))):
            alt = re.search(r'alt="([^"]+)"', tag)
            assert alt and len(alt[1].split()) >= 4 and alt[1].endswith("."), tag[-200:]
            figures += 1
    assert figures >= 2


@each_lesson
def test_the_copy_to_work_in_holds_no_answer(lesson):
    text = lesson.learn.read_text()
    for exercise in exercises(lesson.number):
        body = exercise.cell(exercise.reference).split('"""')[-1].splitlines()
        for line in body[:-1]:
            assert len(line.strip()) < 20 or line.strip() not in text, line
    if "lesson.ticket()" in text:
        for question in find_ticket(lesson.number).questions:
            for choice in question.choices:
                assert choice.text not in text and choice.why not in text


@each_lesson
def test_outputs_say_reference_wherever_nothing_was_done(lesson, executed):
    """The committed notebooks were executed with nothing done."""
    outputs = str(outputs_of(executed))
    for mine in ("your code passed", "code: your code", "drawn with: your code"):
        assert mine not in outputs
    for exercise in exercises(lesson.number):
        assert f"– {exercise.name}: nothing is written here yet." in outputs
    assert "code: reference" in outputs


# run from top to bottom


@lru_cache
def import_megabytes(python):
    """What PyTorch takes before a lesson's first line: its version's and its build's, not ours."""
    command = [python, "-c", _MEASURE, python, "-c", "import torch"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = re.search(r"peak bytes: (\d+)", run.stdout)  # Windows does not tell
    return int(peak[1]) / 1e6 if peak else None


def told(lesson, kind, verdict, report, python=sys.executable):
    """Tell time and memory against their budgets; only the memory that is ours is tested.

    Seconds are the machine's and its load's; most of the memory is PyTorch's.
    """
    imported = import_megabytes(python)
    ours = None if None in (verdict.megabytes, imported) else verdict.megabytes - imported
    memory = "unknown" if ours is None else f"{verdict.megabytes:.0f} MB"
    late = " OVER THE BUDGET" if verdict.seconds > SECONDS else ""
    large = " OVER THE BUDGET" if (verdict.megabytes or 0) > LESSON_MEGABYTES else ""
    share = "" if ours is None else f", {ours:.0f} of them above PyTorch's import (of {OURS})"
    report(
        f"lesson {lesson.name} under nbval, {kind}: {verdict.seconds:.0f} s of {SECONDS}{late}, "
        f"peak memory {memory} of {LESSON_MEGABYTES}{large}{share}"
    )
    assert verdict.passed, verdict.report
    assert ours is None or ours < OURS


@pytest.mark.long
@each_lesson
def test_under_nbval_with_nothing_done(lesson, report):
    alone = can_be_offline()
    network = "no network" if alone else "network not taken away"
    verdict = verify_lesson(lesson, without_network=alone)
    told(lesson, f"nothing done, {network}", verdict, report)


def done(lesson, folder):
    """The references in the stubs' places; the last cell makes sure that they were used."""
    notebook = read_source(lesson, lambda exercise: exercise.reference)
    last = "assert {a.code for a in lesson.answers.values()} == {'your code'}, lesson.answers"
    notebook.cells.append(nbformat.v4.new_code_cell(last))
    path = folder / f"{lesson.name}.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.long
def test_under_nbval_with_everything_done(report, tmp_path):
    """One lesson; with --full all of them, with Colab's versions."""
    [lesson] = [lesson for lesson in LESSONS if lesson.number == "00"]
    told(lesson, "everything done", verify_lesson(lesson, done(lesson, tmp_path)), report)


@pytest.mark.full
@pytest.mark.long
@each_lesson
def test_under_nbval_with_everything_done_and_colabs_versions(lesson, report, tmp_path, colab):
    """Where they cannot be had, with those that the tests run with."""
    versions = "Colab's versions" if colab.python else f"no Colab's versions: {colab.why_not}"
    python = colab.python or sys.executable
    verdict = verify_lesson(lesson, done(lesson, tmp_path), python=python)
    told(lesson, f"everything done ({versions})", verdict, report, python)


@pytest.mark.parametrize("number", ["00", pytest.param("06", marks=pytest.mark.full)])
def test_with_a_wrong_answer_everywhere_the_lesson_ends_and_says_so(number):
    """What a wrong answer leads to is the same in all, and tested without notebooks."""
    [lesson] = [lesson for lesson in LESSONS if lesson.number == number]
    notebook = read_source(lesson, lambda exercise: answers_to(exercise, "wrong")[0])
    ended = execute(notebook, lesson.number, photos=False)
    outputs = [str(output) for output in outputs_of(ended)]
    for exercise in exercises(lesson.number):
        message = rf"✗ {exercise.name}: .*{answers_to(exercise, 'wrong')[0].__doc__ or ''}"
        assert any(re.search(message, output) for output in outputs), message
    assert "your code passed" not in str(outputs) and "code: your code" not in str(outputs)
    assert "code: reference" in str(outputs)


# order and restart, in real kernels


def run_cells(*sources, number="00"):
    """What cells print, each after the line that starts a lesson."""
    first = f'from course_lib.lessons import stamp, start\nlesson = start("{number}")'
    cells = [nbformat.v4.new_code_cell(source) for source in (first, *sources)]
    ran = execute(nbformat.v4.new_notebook(cells=cells), "by hand", photos=False).cells
    return [str(cell.outputs) for cell in ran[1:]]


def quickest_section(cells, seconds):
    """The section that needs at least two cells before it and takes, with these, the least time."""
    took = dict(zip((cell for cell in cells if cell.kind == "code"), seconds, strict=True))
    needed = {cell.section: [one for one, _ in needed_for(cell.section, cells)] for cell in took}
    spent = {
        section: sum(took[cell] for cell in took if cell in before or cell.section == section)
        for section, before in needed.items()
        if len(before) >= 2
    }
    return min(spent, key=spent.__getitem__)


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(one, marks=() if one.number == "00" else pytest.mark.full) for one in LESSONS],
    ids=lambda lesson: lesson.name,
)
def test_a_fresh_kernel_catches_up_with_a_section(lesson):
    """A quick one: of all the others, test_lesson.py tests what they need without running it."""
    cells = cells_of(lesson.source)
    section = quickest_section(cells, seconds_of(lesson.source))
    wanted = [cell.text for cell in cells if cell.kind == "code" and cell.section == section]
    once, again, *_ = run_cells(*[f"lesson.catch_up({section})"] * 2, *wanted, number=lesson.number)
    assert f"Section {section} can begin" in once
    assert "All that the section needs has been run" in again


@pytest.mark.full
def test_a_cell_run_too_early_says_what_to_run_first():
    with pytest.raises(CourseError, match=r"picture is made in section 2 \(Your first picture\)"):
        run_cells("picture.images")


@pytest.mark.full
def test_your_own_answer_comes_back_after_a_restart(tmp_path, monkeypatch):
    mine = "def loudest(responses):\n    return int(responses.argmax())  # my own way\n"
    (tmp_path / "my_answers").mkdir()
    (tmp_path / "my_answers" / "00_loudest.py").write_text(mine)
    monkeypatch.chdir(tmp_path)
    assert "your code" in run_cells("lesson.catch_up(4)", "print(loudest.code)")[1]
