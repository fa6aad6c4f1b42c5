"""A lesson 99 that is dropped in: a room and a source are all that a new lesson needs."""

import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

EXERCISE = '''"""Double it."""

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number


def reference(x):
    """The double of a number."""
    return 2 * x


def squares(x):
    return x * x


EXERCISE = Exercise(
    title="Twice", core=True, difficulty=1, minutes=1,
    reference=reference, gives=Gives(number, "the double"),
    checks=(Agrees("doubles", [(3.0,)], "{0} gets {found}:", "add it to itself.",
                   (Mistake(squares, "that is its square."),)),),
    hints=("Add it to itself.", "x + x"),
)
'''

TICKET = """
[[question]]
text = "What is twice 3?"
[[question.choice]]
text = "5"
why = "That is 3 + 2."
[[question.choice]]
text = "6"
right = true
why = "It is 3 + 3."
"""

SOURCE = """\
# %% [markdown]
# # 99 · Dropped in

# %%
from course_lib.lessons import start

lesson = start("99")

# %% [markdown]
# ## 1 · Twice

# %%
from course_lib.lessons.lesson_99 import THREE

# %% exercise="doubled"

# %%
print("twice is", doubled(THREE), doubled.code)
lesson.progress()
lesson.ticket()
"""

ALL_OF_IT = """
import sys
from pathlib import Path
from course_lib.classroom.exercises.bank import exercises, find
from course_lib.classroom.exercises.marking import mark
from course_lib.classroom.ticket import find_ticket
from course_lib.cli import main
assert main(["build", "--no-run", "99"]) == 0
assert main(["run", "99"]) == 0
assert main(["solutions", "99"]) == 0
assert main(["run", "no-such-lesson"]) == 1  # lists those that there are
assert find("doubled") is exercises()[-1] is exercises("99")[0]
marks = mark(find("doubled"), find("doubled").mistakes[0].function)
assert marks.message == "3.0 gets 9.0: that is its square."
assert find_ticket("99").questions[0].answer.text == "6"
"""


@pytest.fixture
def clone(tmp_path):
    """A copy of the course with another lesson in it."""
    kept_out = shutil.ignore_patterns("__pycache__", "*.safetensors", "stored", "*.bz2")
    shutil.copytree(ROOT / "course_lib", tmp_path / "course_lib", ignore=kept_out)
    shutil.copytree(ROOT / "notebooks" / "source", tmp_path / "notebooks" / "source")
    room = tmp_path / "course_lib" / "lessons" / "lesson_99"
    (room / "exercises").mkdir(parents=True)
    (room / "__init__.py").write_text("THREE = 3.0\n")
    (room / "exercises" / "doubled.py").write_text(EXERCISE)
    (room / "ticket.toml").write_text(TICKET)
    (tmp_path / "notebooks" / "source" / "99_dropped_in.py").write_text(SOURCE)
    return tmp_path


@pytest.mark.full
def test_a_lesson_that_is_dropped_in_is_built_run_marked_ticketed_and_listed(clone, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(clone))
    done = subprocess.run(
        [sys.executable, "-c", ALL_OF_IT], cwd=clone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "The lessons are: 00_start_here, " in done.stderr
    assert ", 99_dropped_in." in done.stderr
    learn = (clone / "notebooks" / "learn" / "99_dropped_in.ipynb").read_text("utf-8")
    assert "Exercise · Twice" in learn and "raise NotImplementedError  # your code here" in learn
    page = (clone / "pages" / "99_dropped_in.html").read_text("utf-8")
    assert "twice is 6.0 reference" in page and "doubled: nothing is written here yet" in page
    assert "0 of 1 exercises passed" in page and "Answer to question 1" in page
    solved = (clone / "solutions" / "99_dropped_in_solutions.ipynb").read_text("utf-8")
    assert "return 2 * x" in solved and "NotImplementedError" not in solved
