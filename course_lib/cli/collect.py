"""`course collect`: mark people's kept answers again, each shut in, and write a table of the marks.

A process marks one person's answers; if it has to be ended, another goes on behind the answer that
it was at. Nobody's process knows where the others' answers are.
"""

import contextlib
import csv
import io
import json
import multiprocessing
import os
import sys
import tempfile
import time
import types
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from course_lib.classroom.exercises.bank import find
from course_lib.classroom.exercises.exercise import Exercise
from course_lib.classroom.exercises.guard import TimeIsUp, prints_kept, time_limit
from course_lib.classroom.exercises.marking import mark
from course_lib.classroom.rooms import exercise_names
from course_lib.cli.lessons import CourseError, or_tell
from course_lib.cli.offline import can_be_offline
from course_lib.cli.sandbox import landlock_version, shut_in
from course_lib.progress import progress_bar
from course_lib.stored import write_whole

_START, _SLACK = 120.0, 10.0  # seconds: until a process has begun, and what an answer may need more
_MEGABYTES = 3000
_LARGEST = 100_000  # bytes of a file, and of what is said about one
_FIRST, _LAST = "person", ("passed", "remarks")
_TRUST = (
    "On this system Python alone held the answers back, and no kernel: a program that means to get "
    "out can. Collect from people whom you know, or on Linux."
)

Marks = dict[str, tuple[bool, str]]
"""By exercise: whether it passed, and why not."""


class Handed(NamedTuple):
    """What one person handed in. person: the folder's name. sources: by exercise."""

    person: str
    sources: dict[str, str]


def collect(folder: Path, to: Path, seconds: float) -> None:
    """The table, written after each person: an interruption loses nothing, and until a person is
    marked again an earlier table's row stands there.

    folder: with a folder for each person, in which their my_answers is. seconds: an answer's. A
    CourseError where there are no such folders, or `to` is another's file or cannot be written.
    """
    if not 0 < seconds < 1e6:
        raise CourseError(f"--seconds {seconds:g}: give an answer a second or more.")
    with or_tell(f"Cannot read {folder}", "name a folder that holds a folder for each person."):
        inside = sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())
    people = [read_person(path) for path in inside]
    lessons = exercise_names()
    begun = {lessons[name] for handed in people for name in handed.sources}
    names = [name for name, lesson in lessons.items() if lesson in begun]
    if not names:
        raise CourseError(
            f"There are no answers in {folder}: it needs a folder for each person, unpacked, in "
            "which their folder my_answers is."
        )
    columns = [f"{lessons[name]} {name}" for name in names]
    head, earlier = [_FIRST, *columns, *_LAST], _earlier(to)
    cells = [_cell(handed.person) for handed in people]
    rows = {cell: earlier[cell] for cell in cells if cell in earlier}
    _write(to, head, rows)  # whether it can be is told before it takes time
    context = _context(names)
    for handed in progress_bar(people, "marking", show=sys.stderr.isatty()):
        marks = marks_of(handed, folder, seconds, context)
        rows[_cell(handed.person)] = _row(handed, marks, lessons)
        _write(to, head, rows)
    told = [row[column] for row in rows.values() for column in columns if column in row]
    print(f"{len(people)} people, {len(told)} answers, {told.count('1')} passed.")
    for row in rows.values():
        if row["remarks"]:
            print(f"  {row[_FIRST]}: {row['remarks']}")
    print(f"wrote {to}")
    if not landlock_version():
        print(_TRUST)


def read_person(folder: Path) -> Handed:
    """A person's answers, wherever in the folder they are; links are not followed."""
    lessons, sources = exercise_names(), dict[str, str]()
    for place, below, files in os.walk(folder):
        below.sort()
        for name, lesson in lessons.items():
            path = Path(place, f"{lesson}_{name}.py")
            wanted = path.name in files and name not in sources and not path.is_symlink()
            if wanted and path.is_file():
                with contextlib.suppress(OSError), path.open("rb") as file:
                    sources[name] = file.read(_LARGEST).decode("utf-8", errors="replace")
    return Handed(folder.name, sources)


def marks_of(handed: Handed, hidden: Path, seconds: float, context: Any) -> Marks:
    """The marks of one person's answers, whatever these do. hidden: the folder of everybody's.
    context: of multiprocessing."""
    marks: Marks = {}
    while left := {n: source for n, source in handed.sources.items() if n not in marks}:
        with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as place:
            ours, theirs = context.Pipe(duplex=False)
            given = (left, Path(place), hidden.resolve(), seconds, theirs)
            how = {"unplug": can_be_offline()}
            process = context.Process(target=_mark_all, args=given, kwargs=how, daemon=True)
            process.start()
            theirs.close()
            try:
                marks |= _listen(ours, process.pid, left, seconds)
            finally:
                _end(process)
                ours.close()
    return marks


def _listen(pipe: Connection, pid: int, names: Iterable[str], seconds: float) -> Marks:
    """What a process says of its answers, in their order; ends with the first that it is lost in.

    What it sends is never unpickled: it may be anything. A CourseError where it could not begin.
    """
    marks: Marks = {}
    until = time.monotonic() + _START
    for name in ("", *names):
        why = ""
        try:
            while not (why or pipe.poll(0.1)):
                if time.monotonic() > until:
                    why = f"was still at work after {seconds:g} seconds and more"
                elif _megabytes(pid) > _MEGABYTES:
                    why = f"took more than {_MEGABYTES} MB of memory"
            if not why:
                passed, message = json.loads(pipe.recv_bytes(_LARGEST))
                said = " ".join(str(message).split())[:200]
                if name:
                    marks[name] = passed is True, said
                elif passed is not True:
                    why = said
                until = time.monotonic() + 2 * seconds + _SLACK
        except (EOFError, OSError, ValueError, TypeError):
            why = "ended the process that marked it"
        if why and not name:  # nobody's answer has run yet
            raise CourseError(f"Answers cannot be marked here: what was to mark them {why}.")
        if why:
            marks[name] = False, why
            break
    return marks


def _mark_all(
    sources: Mapping[str, str], place: Path, hidden: Path, seconds: float, pipe: Connection,
    *, unplug: bool,
) -> None:  # fmt: skip
    """In a process of its own: shut in, and mark one answer after another."""
    import torch

    def say(passed: bool, why: str = "") -> None:
        pipe.send_bytes(json.dumps([passed, why[:1000]]).encode())

    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.chdir(place)
        tempfile.tempdir = str(place)
        sys.dont_write_bytecode = True
        torch.set_num_threads(1)
        exercises = [find(name) for name in sources]
        for name, source in sources.items():
            (place / f"{name}.py").write_text(source, encoding="utf-8")
        shut_in(place, hidden, unplug=unplug)
    except Exception as error:  # noqa: BLE001 - whoever waits is told
        say(False, f"raised {type(error).__name__} ({error})")
        return
    say(True)
    for exercise in exercises:
        say(*mark_file(exercise, place / f"{exercise.name}.py", seconds))


def mark_file(exercise: Exercise, path: Path, seconds: float) -> tuple[bool, str]:
    """Whether an answer's file passes, and why not; it is run."""
    module = types.ModuleType(exercise.name)
    try:
        with time_limit(seconds), prints_kept():
            SourceFileLoader(exercise.name, str(path)).exec_module(module)
        if exercise.name not in vars(module):
            return False, f"has no function {exercise.name}"
        marks = mark(exercise, vars(module)[exercise.name], seconds=seconds)
    except TimeIsUp:
        return False, f"its file was still at work after {seconds:g} seconds"
    except BaseException as error:  # noqa: BLE001 - it may do anything
        return False, f"its file raised {type(error).__name__}: {error}"
    return marks.state == "passed", marks.message


def _row(handed: Handed, marks: Marks, lessons: Mapping[str, str]) -> dict[str, str]:
    """A line of the table."""
    why = "; ".join(f"{name}: {why}" for name, (passed, why) in marks.items() if not passed)
    return {f"{lessons[name]} {name}": str(int(passed)) for name, (passed, _) in marks.items()} | {
        _FIRST: _cell(handed.person),
        "passed": str(sum(passed for passed, _ in marks.values())),
        "remarks": why if marks else "no answers here",
    }


def _cell(person: str) -> str:
    """A name as it stands in the table: a sheet would compute what begins like a formula."""
    return f"'{person}" if person[0] in "=+-@" else person


def _write(to: Path, head: Sequence[str], rows: Mapping[str, Mapping[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, head, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(row for _, row in sorted(rows.items()))
    with or_tell(f"Cannot write {to}", "choose another place with --to."):
        write_whole(to, text.getvalue().encode("utf-8-sig"))  # with the mark that Excel wants


def _earlier(to: Path) -> dict[str, dict[str, str]]:
    """The rows of an earlier table, by person."""
    if not to.exists():
        return {}
    text = to.read_text(encoding="utf-8-sig", errors="replace")
    table = csv.DictReader(io.StringIO(text, newline=""))
    head = list(table.fieldnames or ())
    if head[:1] != [_FIRST] or tuple(head[-len(_LAST) :]) != _LAST:
        raise CourseError(
            f"{to} is no table that 'course collect' made, and stays as it is: name another file "
            "with --to."
        )
    return {row[_FIRST]: row for row in table}


def _context(names: Sequence[str]) -> Any:
    """How processes are started: on Linux from one that has the exercises already."""
    if sys.platform != "linux":  # macOS's libraries may fail after a fork
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([find(name).reference.__module__ for name in names])
    return context


def _megabytes(pid: int) -> float:
    try:
        return psutil.Process(pid).memory_info().rss / 1e6
    except psutil.Error:
        return 0.0


def _end(process: Any) -> None:
    """End a process and all that it started."""
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
    process.kill()
    process.join()
