"""What a learner has done in a lesson, and the short code that tells it to whoever teaches.

It is kept beside the answers, in NN_progress.jsonl, a line for whatever is new; no line is ever
changed. Nothing in it is about the person. A number drawn by chance stands in its first line, so
that two people who did the same have two codes.
"""

import json
import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from course_lib.classroom.codes import as_digits, lines_of, opened, packed, short, vouched
from course_lib.classroom.rooms import exercise_names, room_of
from course_lib.classroom.ticket import Question, find_ticket
from course_lib.system import ANSWERS

HEAD = "EYES1"
LOOKS = re.compile(r"EYES[\dIL]")
"""How a code begins, in large letters; a small l is read as 1."""
_TAGS, _LESSONS = 2**20, 100

State = Literal["nothing", "reference", "own"]
STATES: tuple[State, ...] = ("nothing", "reference", "own")
"""Nothing was handed in; what was did not pass, and the reference took over; or it passed."""


class Done(NamedTuple):
    """What was done in a lesson.

    tag: the number drawn by chance. states: of the exercises, by their names. chosen: the place of
    the choice that was taken first, for each question of the exit ticket; None where none was.
    """

    lesson: str
    tag: int
    states: dict[str, State]
    chosen: tuple[int | None, ...]

    @property
    def begun(self) -> bool:
        """Whether there is anything to tell."""
        return any(s != "nothing" for s in self.states.values()) or any(
            place is not None for place in self.chosen
        )


def read_done(lesson: str, folder: Path) -> Done:
    """What is kept of a lesson, in the folder of its notebook; a damaged line costs that line.

    An exercise that passed once has passed, and of a question the first choice counts.
    """
    questions = questions_of(lesson)
    states = dict.fromkeys(_exercises(lesson), STATES[0])
    chosen: list[int | None] = [None] * len(questions)
    tag = 0
    for line in _kept(_path(lesson, folder)):
        match line:
            case {"tag": int(number)} if 0 <= number < _TAGS:
                tag = number
            case {"exercise": str(name), "state": str(state)} if name in states and state in STATES:
                states[name] = STATES[max(_rank(states[name]), _rank(state))]
            case {"question": int(at), "choice": int(place)} if 0 <= at < len(
                chosen
            ) and 0 <= place < len(questions[at].choices):
                chosen[at] = place if chosen[at] is None else chosen[at]
    return Done(lesson, tag, states, tuple(chosen))


def note_exercise(lesson: str, folder: Path, name: str, *, passed: bool) -> None:
    """Keep that an exercise was handed in, and whether it passed."""
    state: State = "own" if passed else "reference"
    if _rank(read_done(lesson, folder).states[name]) < _rank(state):
        _add(_path(lesson, folder), {"exercise": name, "state": state})


def note_choice(lesson: str, folder: Path, question: int, place: int) -> None:
    """Keep the first choice that was taken for a question of the exit ticket, both from 0."""
    if read_done(lesson, folder).chosen[question] is None:
        _add(_path(lesson, folder), {"question": question, "choice": place})


def encode(done: Done) -> str:
    """The code: about 20 letters and digits. It is read with the lesson that it was made in."""
    values = [int(done.lesson), done.tag, *map(_rank, done.states.values())]
    values += [0 if place is None else place + 1 for place in done.chosen]
    return packed(HEAD, zip(values, _bounds(done.lesson), strict=True), _roster(done.lesson))


def decode(code: str) -> Done:
    """What a code tells; lower case, and O, I, L for 0, 1, 1, are read too. ValueError if it is
    damaged, or not of a lesson as this course has it."""
    typed, name = code.strip().upper(), len(HEAD) - 1
    digits = as_digits(typed[name + 1 :])
    if typed[:name] + as_digits(typed[name : name + 1]) != HEAD:
        raise ValueError(f"{short(code)} is no code of a lesson: these begin with {HEAD}.")
    number = opened(digits) or 0
    lesson = f"{number % _LESSONS:02d}"
    if not room_of(lesson).is_dir() or not vouched(HEAD, digits, _roster(lesson)):
        raise ValueError(
            f"{short(code)} is damaged, or of another edition of the course: have it copied once "
            "more, as a whole."
        )
    values = []
    for below in _bounds(lesson):
        number, value = divmod(number, below)
        values.append(value)
    names = _exercises(lesson)
    ranks, places = values[2 : 2 + len(names)], values[2 + len(names) :]
    states = {name: STATES[rank] for name, rank in zip(names, ranks, strict=True)}
    done = Done(lesson, values[1], states, tuple(p - 1 if p else None for p in places))
    if encode(done) != HEAD + digits:
        raise ValueError(f"{short(code)} tells nothing that can be: the course did not make it.")
    return done


def read_lessons(text: str) -> tuple[list[Done], list[str]]:
    """What a class has sent: a code a line, names or anything else before it, and what is refused.

    Of one learner's codes of a lesson the last counts. The others, lines without a code and codes
    that are damaged are refused, each in a sentence with its line.
    """
    found: dict[tuple[str, int], tuple[int, Done]] = {}
    refused: list[tuple[int, str]] = []
    for number, line, codes, _ in lines_of(text, LOOKS):
        if not codes:
            refused.append((number, f"{short(line)} holds no code of a lesson."))
        for code in codes:
            try:
                done = decode(code)
            except ValueError as error:
                refused.append((number, str(error)))
                continue
            before = found.pop((done.lesson, done.tag), None)
            if before:
                told = f"of this learner the later code, that of line {number}, counts."
                refused.append((before[0], told))
            found[done.lesson, done.tag] = number, done
    sentences = [f"Line {number}: {sentence}" for number, sentence in sorted(refused)]
    return [done for _, done in found.values()], sentences


@lru_cache
def questions_of(lesson: str) -> tuple[Question, ...]:
    """The questions of a lesson's exit ticket; none where it has no ticket."""
    return find_ticket(lesson).questions if (room_of(lesson) / "ticket.toml").is_file() else ()


@lru_cache
def _exercises(lesson: str) -> tuple[str, ...]:
    return tuple(sorted(name for name, number in exercise_names().items() if number == lesson))


def _bounds(lesson: str) -> list[int]:
    """What each number in a code stays below."""
    ranks = [len(STATES)] * len(_exercises(lesson))
    return [_LESSONS, _TAGS, *ranks, *(len(q.choices) + 1 for q in questions_of(lesson))]


def _roster(lesson: str) -> str:
    """What the order of a code's fields rests on: an edition that differs here is not read."""
    right = (f"{len(q.choices)}{q.choices.index(q.answer)}" for q in questions_of(lesson))
    return " ".join([lesson, *_exercises(lesson), *right])


def _rank(state: str) -> int:
    return STATES.index(state)


def _path(lesson: str, folder: Path) -> Path:
    return folder / ANSWERS / f"{lesson}_progress.jsonl"


def _kept(path: Path) -> Iterator[object]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:  # broken off, or not UTF-8
            continue


def _add(path: Path, line: dict[str, str | int]) -> None:
    """Add a line; where nothing can be written there is no code, and the lesson goes on."""
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("a+b") as file:
            if not file.tell():  # of its own: lessons seed the global numbers
                file.write(json.dumps({"tag": random.SystemRandom().randrange(_TAGS)}).encode())
            file.write(b"\n" + json.dumps(line).encode())
    except OSError:
        return
