"""A lesson at work in a notebook: exercises, hints, progress, and a way back after a restart."""

from __future__ import annotations

import html
import time
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import capture_output

from course_lib.classroom import answers as kept_answers
from course_lib.classroom.answers import Answer
from course_lib.classroom.done import encode, note_choice, note_exercise, read_done
from course_lib.classroom.exercises.bank import exercises, find
from course_lib.classroom.exercises.exercise import Exercise, source_of
from course_lib.classroom.exercises.marking import Marks, mark
from course_lib.classroom.memory import give_back_after_cells
from course_lib.classroom.order import History, maker, needed_for
from course_lib.classroom.rooms import exercise_names, find_script, seconds_of
from course_lib.classroom.script import Cell, cells_of
from course_lib.classroom.ticket import Ticket, find_ticket
from course_lib.display import GOOD, MISSING, NEUTRAL, boxed, show
from course_lib.progress import is_static, progress_bar, ticking


def start(number: str) -> Lesson:
    """Begin a lesson: what its notebook does before anything else.

    From then on a name that is not there yet is answered with the section that makes it.

    Args:
        number: two digits, such as "01".

    Raises:
        ValueError: there is no such lesson.
    """
    try:
        script = find_script(number)
    except FileNotFoundError as error:
        raise ValueError(f"Lesson {number!r} cannot be started. {error}") from None
    lesson = Lesson(number, script)
    shell = get_ipython()
    if shell is not None:
        _explain_missing_names(shell, lesson)
        shell.events.register("post_run_cell", lesson._remember)
        give_back_after_cells(shell)
    return lesson


class Lesson:
    """What a notebook calls.

    Attributes:
        number: two digits. script: the lesson's source.
        answers: what was handed in last, by the exercise's name.
    """

    def __init__(self, number: str, script: Path, folder: Path | None = None) -> None:
        self.number = number
        self.script = script
        self.answers: dict[str, Answer] = {}
        self._folder = folder or Path.cwd()
        self._tries: Counter[str] = Counter()
        self._hints: Counter[str] = Counter()

    @cached_property
    def cells(self) -> list[Cell]:
        """The lesson's cells."""
        return cells_of(self.script)

    @cached_property
    def history(self) -> History:
        """What this kernel has run."""
        return History(self.cells)

    # exercises

    def hand_in(self, name: str, function: Any) -> Answer:
        """Check a function for an exercise, say what is missing, and give what to go on with.

        Whatever is handed in, the lesson goes on: with the function if it passes, else with the
        reference. What was handed in last counts. Handing in None skips the exercise.

        Args:
            name: of the exercise. function: the function that was written for it.

        Returns:
            an `Answer`, to be called in the function's place; its `code` says whose it is.

        Raises:
            ValueError: there is no such exercise.
        """
        exercise = find(name, self.number)
        if isinstance(function, Answer):  # its cell's last line was run once more
            function = function.handed_in
        marks = self._mistaken_name(exercise, function) or mark(exercise, function)
        if marks.state != "untouched":
            self._tries[name] += 1
        answer = Answer(exercise, function, marks)
        self.answers[name] = answer
        unkept, passed = "", marks.state == "passed"
        if marks.state != "untouched" and not is_static():
            note_exercise(self.number, self._folder, name, passed=passed)
            unkept = kept_answers.keep(exercise, function, self._folder) if passed else ""
        show(*_told(exercise, marks, self._tries[name], unkept))
        return answer

    def _mistaken_name(self, exercise: Exercise, function: Any) -> Marks | None:
        given = getattr(function, "name", None) or getattr(function, "__name__", None)
        if given == exercise.name or given not in exercise_names():
            return None
        return Marks(
            "wrong",
            f"You handed in {given} as {exercise.name}: {given} is an exercise of its own, hand in "
            f"{exercise.name} here.",
        )

    def hint(self, name: str) -> None:
        """Show the next hint for an exercise, from a nudge to nearly all."""
        exercise = find(name, self.number)
        self._hints[name] += 1
        lines = [f"Hint {i} of {len(exercise.hints)}: {h}" for i, h in enumerate(exercise.hints, 1)]
        text = "\n".join(lines[: self._hints[name]])
        if self._hints[name] >= len(lines):
            text += f'\nThat was the last one; there is also lesson.solution("{name}").'
        show(boxed(html.escape(text).replace("\n", "<br>"), NEUTRAL), text)

    def solution(self, name: str) -> None:
        """Show the reference's own source, which is what runs where an exercise is not done."""
        source = source_of(find(name, self.number).reference, name)
        show(f"<pre>{html.escape(source)}</pre>", source)

    def progress(self) -> None:
        """Show how each of the lesson's exercises stands, and the code that tells it."""
        rows = [
            (self._state(e), f"{e.name} ({e.kind}, {e.minutes} minutes)")
            for e in exercises(self.number)
        ]
        done = sum(a.code == "your code" for a in self.answers.values())
        heading = f"{done} of {len(rows)} exercises passed, in this session."
        page, text = f"<p>{heading}</p><table>", heading
        for state, title in rows:
            page += f"<tr><td>{html.escape(state)}</td><td>{html.escape(title)}</td></tr>"
            text += f"\n{state:<40} {title}"
        page += "</table>"
        if code := self._code():
            page, text = f"{page}<p>{html.escape(code)}</p>", f"{text}\n{code}"
        show(page, text)

    def _code(self) -> str:
        """The code for whoever teaches, with what it holds; empty while there is nothing to tell,
        and where outputs are being kept."""
        if is_static() or not (done := read_done(self.number, self._folder)).begun:
            return ""
        return (
            f"Your code for whoever teaches: {encode(done)} (which exercises passed with your own "
            "code, and your first choices in the exit ticket; no name is in it)."
        )

    def _state(self, exercise: Exercise) -> str:
        answer, tries = self.answers.get(exercise.name), self._tries[exercise.name]
        if answer is not None and answer.marks.state == "passed":
            return f"✓ your code, after {tries} {'try' if tries == 1 else 'tries'}"
        if answer is not None and tries:
            return f"✗ tried {tries} times; reference" if tries > 1 else "✗ tried once; reference"
        if not is_static() and kept_answers.kept(exercise, self._folder) is not None:
            return "– passed in an earlier session"
        return "– not done; reference"

    def ticket(self) -> Ticket:
        """The lesson's exit ticket: questions to click where there is a front end, else folded."""
        if is_static():
            return find_ticket(self.number)
        return find_ticket(self.number, partial(note_choice, self.number, self._folder))

    # order

    def catch_up(self, section: int) -> None:
        """Bring this kernel to the beginning of a section, as after a restart.

        Runs, with a bar, those cells of the earlier sections that the rest of the lesson needs and
        that have not been run in this kernel, with your own answers where they passed before.
        Predictions that you wrote are not brought back.

        Args:
            section: its number, as in the headings.

        Raises:
            ValueError: there is no such section.
            RuntimeError: this is no notebook, or a cell failed.
        """
        numbers = sorted({cell.section for cell in self.cells} - {0})
        if section not in numbers:
            raise ValueError(
                f"There is no section {section!r}: this lesson has {numbers[0]} to {numbers[-1]}."
            )
        shell = get_ipython()
        if shell is None:
            raise RuntimeError("catch_up runs cells, and this is no notebook: start JupyterLab.")
        needed = needed_for(section, self.cells)
        missing, began = self.history.missing(needed, shell.user_ns), time.perf_counter()
        expected = [self._seconds_of(cell) for cell in missing]
        print(_announced(missing, sum(expected)))
        if not missing:
            return  # tqdm leaves a bar that never moved, in red
        ticks = [round(seconds) for seconds in expected]
        with progress_bar((), "catching up", total=sum(ticks)) as bar:
            for cell, seconds in zip(missing, ticks, strict=True):
                bar.set_description(f"section {cell.section}, {cell.heading}")
                with ticking(bar, seconds):
                    self._run(shell, cell)
        used = [repr(self.answers[c.exercise]) for c in missing if c.exercise]
        print(f"Section {section} can begin ({time.perf_counter() - began:.0f} s).", *used)

    def _remember(self, result: ExecutionResult) -> None:
        """Note a cell that ran without an error, for `catch_up`."""
        if result.success and result.info and result.info.raw_cell:
            self.history.add(result.info.raw_cell)

    def _run(self, shell: InteractiveShell, cell: Cell) -> None:
        """A cell, quietly; an exercise's with the learner's own function, where it can be run."""
        for code in (self._restored(cell), cell.text):
            with capture_output():
                outcome = shell.run_cell(code, store_history=False, silent=True)
            if outcome.success:
                self.history.add(cell.text)
                return
            error = outcome.error_before_exec or outcome.error_in_exec
            if cell.exercise is None or code == cell.text:
                raise RuntimeError(f"A cell of section {cell.section} failed: {error}") from error
            print(f"Your kept {cell.exercise} cannot be run by itself ({error}): the reference.")

    def _restored(self, cell: Cell) -> str:
        """A cell's code, with the learner's own function in an exercise's cell if it was kept."""
        if cell.exercise is None:
            return cell.text
        source = kept_answers.kept(find(cell.exercise), self._folder)
        hand_in = cell.text.splitlines()[-1]
        return cell.text if source is None else f"{source}\n\n\n{hand_in}"

    def _seconds_of(self, cell: Cell) -> float:
        """What a cell took when the notebooks were built; 0 where nobody measured it."""
        code = [c for c in self.cells if c.kind == "code"]
        measured = seconds_of(self.script)
        return measured[code.index(cell)] if len(measured) == len(code) else 0.0

    def explain(self, name: str) -> str:
        """Which section makes a name that is not there yet; empty if none does."""
        cell = maker(name, self.cells)
        if cell is None:
            return ""
        first = cell.text.strip().splitlines()[0]
        what = f"the exercise {cell.exercise}" if cell.exercise else f"the cell “{first}”"
        return (
            f"{name} is made in section {cell.section} ({cell.heading}), by {what}: run that first."
            " After a restart of the kernel, lesson.catch_up(NUMBER) brings you to any section."
        )


def _told(exercise: Exercise, marks: Marks, tries: int, unkept: str) -> tuple[str, str]:
    """What hand_in shows, as HTML and as text."""
    again = f" (handed in {tries} times; the last counts)" if tries > 1 else ""
    stuck = f'Stuck? lesson.hint("{exercise.name}")'
    if marks.state == "passed":
        head, colour = f"✓ {exercise.name}: your code passed and is used from here on{again}.", GOOD
        lines = [f"It is not kept for after a restart of the kernel: {unkept}."] if unkept else []
    elif marks.state == "untouched":
        head, colour = f"– {exercise.name}: nothing is written here yet.", NEUTRAL
        lines = [f"The lesson goes on with the reference. {stuck}"]
    else:
        head, colour = f"✗ {exercise.name}: {marks.message}{again}", MISSING
        found = f"What holds already: {'; '.join(marks.found)}. " if marks.found else ""
        lines = [f"{found}Until it passes, the lesson goes on with the reference. {stuck}"]
    if marks.printed:
        lines.append(f"Your function printed:\n{marks.printed}")
    page = f"<b>{html.escape(head)}</b>" + "".join(
        f"<br><small>{html.escape(line)}</small>".replace("\n", "<br>") for line in lines
    )
    return boxed(page, colour), "\n".join([head, *lines])


def _announced(missing: Sequence[Cell], seconds: float) -> str:
    """What is about to run, and how long that takes."""
    if not missing:
        return "All that the section needs has been run."
    cells = "1 earlier cell" if len(missing) == 1 else f"{len(missing)} earlier cells"
    first, last = missing[0].section, missing[-1].section
    where = f"section {first}" if first == last else f"sections {first} to {last}"
    took = f"{max(2, round(seconds))} seconds" if seconds < 90 else f"{seconds / 60:.1f} minutes"
    return f"Running {cells} of {where}: about {took} on two cores."


def _explain_missing_names(shell: InteractiveShell, lesson: Lesson) -> None:
    """Add to a NameError which section makes the name."""

    def explain(_: object, kind: type, error: Any, trace: Any, tb_offset: Any = None) -> Any:
        if told := lesson.explain(str(error.name)):
            error.args = (f"{error.args[0]}. {told}",)
        return shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((NameError,), explain)
