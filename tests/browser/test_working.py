"""What somebody does in a lesson: fail and pass an exercise, look things up, lose the kernel."""

import re

from course_lib.classroom.exercises.bank import find
from tests.exercises.answers import answers_to

LOUDEST = find("loudest", "00")
HAND_IN = 'loudest = lesson.hand_in("loudest", loudest)'


def test_an_exercise_is_failed_looked_up_and_passed_and_outlives_the_kernel(open_notebook):
    notebook = open_notebook("00_start_here")
    notebook.run_all()
    assert not notebook.problems()
    # the exercise's cell, which still has its stub
    place = next(p for p in notebook.places(HAND_IN) if p in notebook.places("# your code here"))
    for wrong in answers_to(LOUDEST, "wrong"):
        notebook.write(place, LOUDEST.cell(wrong))
        assert re.search(f"✗ loudest: .*{wrong.__doc__ or ''}", notebook.run(place))
    notebook.picture("exercise-failed", place)

    extra = notebook.insert_below(place)
    for number, hint in enumerate(LOUDEST.hints[1:], 2):  # the lesson itself asks for the first
        notebook.write(extra, 'lesson.hint("loudest")')
        assert f"Hint {number} of {len(LOUDEST.hints)}: {hint}" in notebook.run(extra)
    notebook.picture("hint", extra)
    notebook.write(extra, 'lesson.solution("loudest")')
    assert "return int(responses.argmax())" in notebook.run(extra)
    notebook.picture("solution", extra)

    notebook.write(place, LOUDEST.cell(LOUDEST.reference))
    assert "✓ loudest: your code passed and is used from here on" in notebook.run(place)
    notebook.picture("exercise-passed", place)
    assert "✓ your code, after" in notebook.run(notebook.place("lesson.progress()"))
    assert "code: your code" in notebook.run(notebook.place('claim("00-names-renders"'))
    assert not notebook.problems()
    kept = notebook.server.work / "my_answers" / "00_loudest.py"
    assert "argmax" in kept.read_text()

    notebook.write(extra, "import os\nos.kill(os.getpid(), 9)")
    notebook.start(extra)
    dialog = notebook.page.locator(".jp-Dialog")
    dialog.get_by_text("Kernel Restarting").wait_for()
    notebook.picture("kernel-killed")
    dialog.get_by_role("button", name="Ok").click()
    notebook.wait_idle()

    notebook.run(notebook.place('lesson = start("00")'))
    notebook.write(extra, "lesson.catch_up(4)")
    assert "Section 4 can begin" in notebook.run(extra)
    assert "your code" in notebook.output(extra).inner_text()
    notebook.run(notebook.place("my_right = None"))  # predictions are not brought back
    assert "code: your code" in notebook.run(notebook.place('claim("00-names-renders"'))
    notebook.picture("caught-up", extra)
    assert "argmax" in kept.read_text()
    assert not notebook.problems()
    assert not notebook.complaints
