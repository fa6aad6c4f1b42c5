"""The command `course`, on a course of one very small lesson."""

import inspect
import re
import sys

import nbformat
import pytest

from course_lib.cli import lessons, verify
from course_lib.cli.main import COMMANDS, MAINTAINERS, _function, _parser, main
from course_lib.maintenance.commands import COMMANDS as FOR_MAINTAINERS

LESSON = """# %% [markdown]
# # 07 · A *tiny* lesson
#
# [![Open in Colab](https://example.org/badge.svg)](https://example.org/lesson)

# %%
import os
print("static" if os.environ.get("COURSE_STATIC") else "live")

# %%
from course_lib.figures import curves
curves({"line": [1.0, 2.0]}, x_label="x", y_label="y", alt="A line that goes up.")
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    source = tmp_path / "notebooks" / "source"
    source.mkdir(parents=True)
    (source / "07_tiny.py").write_text(LESSON)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.full
def test_build_writes_both_notebooks_and_repeats_itself(course, capsys):
    assert main(["build", "7"]) == 0
    executed = (course / "notebooks" / "07_tiny.ipynb").read_text()
    learn = (course / "notebooks" / "learn" / "07_tiny.ipynb").read_text()
    assert "static" in executed and "A line that goes up." in executed
    assert all(not c.get("outputs") for c in nbformat.reads(learn, as_version=4).cells)
    assert main(["build"]) == 0
    assert (course / "notebooks" / "07_tiny.ipynb").read_text() == executed


def test_run_writes_a_page_that_needs_nothing_else(course):
    assert main(["run", "07", "--to", "out"]) == 0
    page = (course / "out" / "07_tiny.html").read_text()
    assert "<title>07 · A *tiny* lesson</title>" in page
    assert 'alt="A line that goes up."' in page
    assert "data:image/png;base64," in page
    assert not re.search(r'<(?:script|img|link)\b[^>]*\s(?:src|href)="http', page)
    assert '<a href="https://example.org/lesson">Open in Colab</a>' in page


def test_a_folder_for_pages_that_cannot_be(course, capsys):
    (course / "out").write_text("a file")
    assert main(["run", "07", "--to", "out"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("course: Cannot write into out (") and told.count("\n") == 1
    assert "choose a folder of yours with --to." in told


def test_test_tells_of_a_bad_lesson(course, capsys):
    source = course / "notebooks" / "source" / "07_tiny.py"
    source.write_text(LESSON.replace("import os", "raise SystemError('broken on purpose')"))
    assert main(["test", "7"]) == 1
    assert "broken on purpose" in capsys.readouterr().out


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The course as installed from a wheel, without a clone; as if typed into a notebook."""
    scripts = tmp_path / "installed"
    scripts.mkdir()
    (scripts / "07_tiny.py").write_text(LESSON + SURROUNDINGS)
    here = tmp_path / "content"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(lessons, "clone_folder", lambda: None)
    monkeypatch.setattr(lessons, "INSTALLED", scripts)
    monkeypatch.setenv("MPLBACKEND", "module://google.colab.not_here")
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("COURSE_PHOTOS", "")
    return here


SURROUNDINGS = """
# %%
import matplotlib.pyplot
assert "google" not in os.environ.get("MPLBACKEND", "")
assert os.environ["JPY_PARENT_PID"] != "1"
assert "google.colab" not in str(get_ipython())
"""


def test_what_another_kernel_or_a_test_run_sets_stays_outside(monkeypatch):
    given = ("MPLBACKEND", "JPY_PARENT_PID", "PYTEST_ADDOPTS", "COURSE_PHOTOS", "COURSE_CIFAR")
    for name in given:
        monkeypatch.setenv(name, "1")
    assert not set(given) & set(lessons.run_environment(photos=False))
    assert set(given) & set(lessons.run_environment(photos=True)) == {
        "COURSE_PHOTOS",
        "COURSE_CIFAR",
    }


@pytest.mark.full
def test_without_a_clone_the_installed_lessons_are_tested_and_run(installed, capsys):
    assert main(["test", "7"]) == 0
    assert "passed" in capsys.readouterr().out
    assert main(["run", "7"]) == 0
    assert [path.name for path in installed.rglob("*") if path.is_file()] == ["07_tiny.html"]


def test_without_a_clone_no_address_is_stamped_and_the_lessons_are_known(installed, capsys):
    assert main(["stamp", "bo/x"]) == 1
    assert "go to a clone of the course" in capsys.readouterr().err
    assert main(["test", "42"]) == 1
    assert "no lesson '42'. The lessons are: 07_tiny" in capsys.readouterr().err


@pytest.mark.parametrize("name", [*COMMANDS, *FOR_MAINTAINERS])
def test_a_command_s_function_takes_what_its_arguments_give(name):
    words = {"stamp": "a/b", "class": "-", "workshop": "--to x", "train": "robust", "collect": "x"}
    options = vars(_parser().parse_args([name, *words.get(name, "").split()]))
    inspect.signature(_function(options.pop("calls"))).bind(**options)


def test_the_maintainers_commands_are_for_a_clone(monkeypatch, capsys):
    assert sorted(FOR_MAINTAINERS) == sorted(MAINTAINERS)
    monkeypatch.setattr(sys.modules["course_lib.cli.main"], "find_spec", lambda _: None)
    for name in MAINTAINERS:
        assert main([name, "robust", "--seed", "1"]) == 1
        told = capsys.readouterr().err
        assert told.startswith(f"course: '{name}' is for whoever works on the course, and was not")
        assert told.endswith("go to a clone of the course and try again.\n")
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "doctor" in (listed := capsys.readouterr().out) and "audit" not in listed


def test_testing_without_nbval_says_so(course, capsys, monkeypatch):
    monkeypatch.setattr(verify, "find_spec", lambda name: None)
    assert main(["test", "7"]) == 1
    assert "nbval, which is not installed: run 'pip install nbval'" in capsys.readouterr().err


def test_a_failing_cell_ends_the_command_with_its_error(course, capsys):
    (course / "notebooks" / "source" / "07_tiny.py").write_text("# %%\n1 / 0\n")
    assert main(["run", "7"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not (course / "pages").exists() or not list((course / "pages").iterdir())
