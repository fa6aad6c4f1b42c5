"""The lessons laid out without a clone: nobody's work is lost, and what is new is told."""

import re

import pytest

from course_lib.cli import open as opening
from course_lib.cli.lessons import CourseError, LessonFiles
from course_lib.cli.open import ELSEWHERE, NOTE, lay_out, what_changed
from tests.conftest import ROOT

CHANGES = (
    "# Changelog\n\n## 0.10.0\n\n- Ten.\n\n## 0.2.0 (a date)\n\n- Two.\n\n## 0.1.0\n\n- One.\n"
)


@pytest.fixture
def course(tmp_path):
    """Called with a version and the text of each lesson: lays them out; what is there then."""
    (here := tmp_path / "here").mkdir()
    (package := tmp_path / "package").mkdir()

    def course(version, place=here, **texts):
        lessons = []
        for name, text in texts.items():
            learn = package / f"{name}.ipynb"
            learn.write_text(text)
            lessons.append(LessonFiles(learn, learn, learn))
        folder = lay_out(lessons, place, version, CHANGES)
        return {path.stem: path.read_text() for path in folder.glob("*.ipynb")}

    course.here = here
    return course


def test_an_empty_folder_gets_the_lessons_and_keeps_them(course, capsys):
    (course.here / ".venv").mkdir()
    assert course("0.1.0", a="1", b="1") == {"a": "1", "b": "1"}
    assert capsys.readouterr().out == f"New in {course.here}: a, b\n"
    kept = course.here / "my_answers" / "01_x.py"
    kept.parent.mkdir()
    kept.write_text("mine")
    (course.here / "a.ipynb").write_text("1, worked in")
    (course.here / "b.ipynb").unlink()  # wanted back
    capsys.readouterr()
    assert course("0.1.0", a="1", b="1") == {"a": "1, worked in", "b": "1"}
    assert capsys.readouterr().out == f"New in {course.here}: b\n"
    course("0.2.0", a="2", b="2")
    assert kept.read_text() == "mine"


def test_a_newer_version_replaces_what_nobody_touched_and_tells_what_changed(course, capsys):
    course("0.1.0", a="1", b="1", c="1")
    (course.here / "a.ipynb").write_text("1, worked in")
    capsys.readouterr()
    there = {"a": "1, worked in", "a_0.10.0": "2", "b": "2", "c": "1", "d": "2"}
    assert course("0.10.0", a="2", b="2", c="1", d="2") == there
    assert capsys.readouterr().out == (
        "This is version 0.10.0 of the course, after 0.1.0.\n"
        "## 0.10.0\n\n- Ten.\n\n## 0.2.0 (a date)\n\n- Two.\n\n"
        f"New in {course.here}: d\nBrought up to date: b\n"
        "You have worked in the older one, which is kept; the new one lies beside it: a_0.10.0\n"
    )
    # the one beside is worked in, too, or is not wanted: neither is laid out again
    (course.here / "a_0.10.0.ipynb").write_text("2, worked in")
    there["a_0.10.0"] = "2, worked in"
    assert course("0.10.0", a="2", b="2", c="1", d="2") == there
    (course.here / "a_0.10.0.ipynb").unlink()
    del there["a_0.10.0"]
    assert course("0.10.0", a="2", b="2", c="1", d="2") == there
    assert not capsys.readouterr().out


@pytest.mark.parametrize("note", ["{", "[]", '{"version": "no", "sha256": {}}'])
def test_where_its_note_is_damaged_whatever_differs_is_somebodys_work(course, note):
    course("0.1.0", a="1", b="1")
    (course.here / NOTE).write_text(note)
    (course.here / "a_0.2.0.ipynb").write_text("whose?")
    there = {"a": "1", "a_0.2.0": "whose?", "b": "1", "b_0.2.0": "2"}
    assert course("0.2.0", a="2", b="2") == there


def test_a_full_disk_loses_nothing_and_the_next_time_goes_on(course, monkeypatch):
    course("0.1.0", a="1", b="1", c="1")
    (course.here / "c.ipynb").write_text("1, worked in")
    real, done = opening.write_whole, []

    def full(path, data):
        done.append(path)
        if len(done) == 2:
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(opening, "write_whole", full)
    with pytest.raises(CourseError, match=r"\(No space left on device\): go to a folder of yours"):
        course("0.2.0", a="2", b="2", c="c2")
    there = {"a": "2", "b": "2", "c": "1, worked in", "c_0.2.0": "c2"}
    assert course("0.2.0", a="2", b="2", c="c2") == there


def test_a_folder_of_other_things_gets_a_folder_for_the_lessons(course):
    (course.here / "thesis.tex").write_text("mine")
    (course.here / "a.ipynb").write_text("mine")
    for _ in range(2):
        assert course("0.1.0", a="1") == {"a": "1"}
    assert {path.name for path in course.here.iterdir()} == {"thesis.tex", "a.ipynb", ELSEWHERE}
    assert (course.here / "a.ipynb").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_one_sentence(course):
    (course.here / ELSEWHERE).write_text("a file")
    with pytest.raises(CourseError, match=r"cannot be laid out in .* go to a folder of yours and"):
        course("0.1.0", a="1")


def test_the_change_log_has_sections_that_are_found():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## .*", changes, re.MULTILINE)
    assert re.findall(r"^## .*", what_changed(changes, "0.0"), re.MULTILINE) == heads != []
    assert not what_changed(changes, "999")
