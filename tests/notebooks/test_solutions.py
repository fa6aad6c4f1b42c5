"""`course solutions`: every lesson with its exercises done."""

import nbformat
import pytest

from course_lib.classroom.exercises.bank import exercises
from course_lib.cli.main import main
from course_lib.cli.solutions import solutions_of
from tests.notebooks.conftest import LESSONS, each_lesson

FIRST = LESSONS[0]


@each_lesson
def test_every_exercise_is_done_and_nothing_else_is_changed(lesson):
    solved = solutions_of(lesson)
    learn = nbformat.read(lesson.learn, as_version=4)
    assert "**Solutions.**" in solved.cells[1].source
    texts = [cell.source for cell in solved.cells[:1] + solved.cells[2:]]
    given = [cell.source for cell in learn.cells]
    assert len(texts) == len(given)
    changed = [new for new, old in zip(texts, given, strict=True) if new != old]
    done = [exercise.cell(exercise.reference) for exercise in exercises(lesson.number)]
    assert sorted(changed) == sorted(done)


@pytest.mark.full
def test_with_results_in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["solutions", "0", "--to", "out", "--run"]) == 0
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"{FIRST.name}_solutions.ipynb"
    text = path.read_text()
    assert "your code passed" in text and "code: reference" not in text
    assert not (tmp_path / "my_answers").exists() and not (tmp_path / "out/my_answers").exists()


@pytest.fixture
def solved(tmp_path):
    assert main(["solutions", "0", "--to", str(tmp_path)]) == 0
    return tmp_path / f"{FIRST.name}_solutions.ipynb"


def test_its_own_files_are_written_again(solved):
    before = solved.read_bytes()
    notebook = nbformat.read(solved, as_version=4)
    for cell in notebook.cells:  # as JupyterLab saves it once it was run
        if cell.cell_type == "code":
            cell.execution_count = 1
    nbformat.write(notebook, solved)
    assert main(["solutions", "0", "--to", str(solved.parent)]) == 0
    assert solved.read_bytes() == before


def add_a_note(path):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].source += "\n\nTell them about the bus."
    nbformat.write(notebook, path)


MADE_ELSEWHERE = (b"mine", b"[]", b'{"cells": 3}', FIRST.learn.read_bytes(), b"\xff\xfe\x00")


@pytest.mark.parametrize("content", [None, *MADE_ELSEWHERE], ids=range(6))
def test_what_is_anybody_elses_is_kept(content, solved, capsys):
    if content is None:
        add_a_note(solved)
    else:
        solved.write_bytes(content)
    before = solved.read_bytes()
    capsys.readouterr()
    assert main(["solutions", "--to", str(solved.parent)]) == 1
    told = capsys.readouterr()
    assert "was not written by 'course solutions', or was changed since: move it" in told.err
    assert told.out == ""  # it is seen before anything is written
    assert solved.read_bytes() == before
    assert [path.name for path in solved.parent.iterdir()] == [solved.name]


def test_no_write_permission(tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("course_lib.cli.solutions.write_whole", refuse)
    assert main(["solutions", "0", "--to", str(tmp_path)]) == 1
    assert "(Permission denied): choose a folder of yours" in capsys.readouterr().err
