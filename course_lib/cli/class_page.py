"""`course class`: a class's bets of lesson 02, and what it has done in its lessons, in one page.

The latter from the codes that `lesson.progress()` shows.
"""

import html
import math
import sys
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.classroom.codes import lines_of
from course_lib.classroom.done import LOOKS as LESSONS
from course_lib.classroom.done import Done, questions_of, read_lessons
from course_lib.classroom.ticket import LETTERS
from course_lib.cli.lessons import CourseError, decoded, or_tell
from course_lib.display import tabulated
from course_lib.lessons.lesson_02.bet import CONFIDENCES
from course_lib.lessons.lesson_02.codes import LOOKS as BETS
from course_lib.lessons.lesson_02.codes import Reading, Tally, pool, read_codes
from course_lib.lessons.lesson_02.plots import class_figure
from course_lib.statistics import mean
from course_lib.stored import write_whole

# by which a page is known again, to be written anew as more codes come in
_OURS = '<meta name="generator" content="course class">'

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{ours}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 18px/1.5 system-ui, sans-serif; color: #111; background: #fff;
       max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
img {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; margin: 1rem 0 2rem; }}
th, td {{ padding: .3rem .9rem; border-bottom: 1px solid #bbb; }}
</style>
</head>
<body>
<main>
{bets}
{lessons}
{refused}
</main>
</body>
</html>
"""

_BETS = """<h1>Would you bet on the picture?</h1>
<p>{summary}</p>
<figure>{picture}</figure>
<p>A dot is a person; the mark beside each cloud of dots is their mean with its 95 % interval, which
is over people: what others would score on the same trials. It says nothing about other units.</p>
<h2>Share of bets that are right</h2>
{scores}
<h2>Right bets of all bets, by how sure people were</h2>
{calibration}"""

_EXERCISES = ("exercise", "passed with own code", "tried", "not tried")
_QUESTIONS = ("question of the exit ticket", "right at first", "answered", "wrong most often")


def write_class_page(codes: str, to: Path) -> None:
    """A page of a class's codes, written, and what it says, printed.

    Good codes are used whatever else is there, and what is refused is told with its line. A
    CourseError where there is no good code, or the page's file is another's or cannot be written.
    codes: the name of a text file, or "-" for what is piped in.
    """
    if codes != "-" and to.resolve() == Path(codes).resolve():
        raise CourseError(f"{to} holds the codes: name another file for the page with --to.")
    reading, class_of = read_class(decoded(_read(codes)))
    if not reading.results and not class_of:
        where = "what was piped in" if codes == "-" else codes
        why = "".join(f"\n  {sentence}" for sentence in reading.refused)
        raise CourseError(
            f"There is no good code in {where}: give the codes that lesson 02 shows at the end of "
            f"its experiment, or those that lesson.progress() shows, one a line.{why}"
        )
    with or_tell(f"Cannot write {to}", "choose another place with --to."):
        if to.exists() and _OURS.encode() not in to.read_bytes()[:1000]:
            raise CourseError(
                f"{to} is no page that 'course class' made, and stays as it is: name another "
                "file for the page with --to."
            )
        write_whole(to, class_page(reading, class_of))
    told = [summary(reading)] if reading.results else []
    print("\n  ".join([*told, *lesson_lines(class_of), *reading.refused]))
    print(f"wrote {to}")


def read_class(text: str) -> tuple[Reading, list[Done]]:
    """Codes of both kinds in one text: the bets, with all that is refused, and the lessons."""
    below = "\n" + text  # as it is counted: a file has its own first line
    bets, lessons = (
        {line.number for line in lines_of(below, kind) if line.codes} for kind in (BETS, LESSONS)
    )

    def only(numbers: Container[int]) -> str:
        lines = enumerate(text.splitlines(), 1)
        return "\n" + "\n".join(line if number in numbers else "" for number, line in lines)

    neither = set(range(1, len(text.splitlines()) + 1)) - bets - lessons
    class_of, refused = read_lessons(only(lessons))
    reading = read_codes(only(bets))
    others = [s.replace(" of a bet.", ".") for s in read_codes(only(neither)).refused]
    every = sorted([*reading.refused, *refused, *others], key=lambda s: int(s.split()[1][:-1]))
    return Reading(reading.results, tuple(every)), class_of


def class_page(reading: Reading, class_of: Sequence[Done] = ()) -> str:
    """The page: the bets, with the numbers of their figure as tables, the lessons, the refused."""
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in reading.refused)
    title = "What the class has done"
    if reading.results:
        title = f"Would you bet on the picture? A class of {_people(reading)}"
    return _PAGE.format(
        ours=_OURS,
        title=html.escape(title),
        bets=_bets(reading) if reading.results else f"<h1>{title}</h1>",
        lessons=lesson_tables(class_of),
        refused=f"<h2>Not counted</h2>\n<ul>{items}</ul>" if items else "",
    )


def _bets(reading: Reading) -> str:
    """A figure with alt text, and the same numbers as tables."""
    whole = pool(reading.results)
    head = ("what was shown", "people", "bets", "right", "share of all", "mean of people")
    scores = [
        (condition, str(people), str(bets), str(right), f"{right / bets:.2f}", told or "–")
        for condition, people, bets, right, told in _scores(reading)
    ]
    calibration = []
    for place, level in enumerate(CONFIDENCES):
        counts = [rows[place] for rows in whole.counts.values()]
        told = [f"{count.right} of {count.bets}" if count.bets else "–" for count in counts]
        calibration.append((f"{level} %", *told))
    return _BETS.format(
        summary=html.escape(summary(reading)),
        picture=class_figure(reading.results)._repr_html_(),
        scores=tabulated(head, scores, numbers=True).page,
        calibration=tabulated(("how sure", *whole.counts), calibration, numbers=True).page,
    )


def summary(reading: Reading) -> str:
    """The class in a sentence or two."""
    scores = [
        f"{condition} {right} of {bets} right" + (f", mean {told}" if told else "")
        for condition, _, bets, right, told in _scores(reading)
    ]
    told = f"Bets of {_people(reading)}: {'; '.join(scores)}."
    return f"{told} Not counted: {len(reading.refused)}." if reading.refused else told


def _people(reading: Reading) -> str:
    count = len(reading.results)
    return f"{count} {'person' if count == 1 else 'people'}"


def _scores(reading: Reading) -> Iterator[tuple[str, int, int, int, str]]:
    """For each of what was shown: how many people bet, their bets, right ones, and their mean."""
    whole = pool(reading.results)
    for condition in whole.counts:
        people = sum(condition in result.counts for result in reading.results)
        told = _mean_of_people(reading.results, condition)
        yield condition, people, *whole.total(condition), told


def _mean_of_people(results: Sequence[Tally], condition: str) -> str:
    """With its interval, where there is one; "" for a single person."""
    totals = [result.total(condition) for result in results]
    shares = [total.right / total.bets for total in totals if total.bets]
    if len(shares) < 2:
        return ""
    estimate = mean(shares, of="people")
    if math.isnan(estimate.low):
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} ({max(0.0, estimate.low):.2f} to {min(1.0, estimate.high):.2f})"


def _read(codes: str) -> bytes:
    if codes == "-":
        if sys.stdin is None:
            raise CourseError("Nothing is piped in: name a text file with the codes.")
        return sys.stdin.buffer.read()
    todo = "name a text file with a code a line, or - for what is piped in."
    with or_tell(f"Cannot read {codes}", todo):
        return Path(codes).read_bytes()


# what it has done in its lessons


class _Row(NamedTuple):
    """An exercise or question. short: its name in a sentence. more: the cell after the counts."""

    name: str
    short: str
    passed: int
    tried: int
    more: str

    @property
    def failed(self) -> bool:
        """Whether fewer than half of those who tried passed."""
        return 2 * self.passed < self.tried


def lesson_tables(class_of: Sequence[Done]) -> str:
    """HTML: for each lesson a table of its exercises, and one of its ticket's questions."""
    parts = []
    for lesson, people, *groups in _by_lesson(class_of):
        parts.append(f"<h2>Lesson {lesson}, people who sent a code: {people}</h2>")
        for head, rows in zip((_EXERCISES, _QUESTIONS), groups, strict=True):
            cells = [
                (r.name, str(r.passed), str(r.tried), r.more, "✗\u00a0failed" if r.failed else "")
                for r in rows
            ]
            parts += [tabulated((*head, "the room"), cells, numbers=True).page] if rows else []
    return "\n".join(parts)


def lesson_lines(class_of: Sequence[Done]) -> list[str]:
    """A sentence for each lesson: who sent a code, and what the room failed."""
    lines = []
    for lesson, people, exercises, questions in _by_lesson(class_of):
        rows = [row for row in exercises + questions if row.failed]
        told = ", ".join(f"{row.short} ({row.passed} of {row.tried})" for row in rows) or "nothing"
        lines.append(f"Lesson {lesson}, codes of {people}; fewer than half passed: {told}.")
    return lines


def _by_lesson(class_of: Sequence[Done]) -> Iterator[tuple[str, int, list[_Row], list[_Row]]]:
    """Each lesson's number, how many sent a code of it, its exercises and its questions."""
    for lesson in sorted({done.lesson for done in class_of}):
        group = [done for done in class_of if done.lesson == lesson]
        exercises = []
        for name in group[0].states:
            of = Counter(done.states[name] for done in group)
            tried = of["own"] + of["reference"]
            exercises.append(_Row(name, name, of["own"], tried, str(of["nothing"])))
        questions = []
        for at, question in enumerate(questions_of(lesson)):
            taken = Counter(done.chosen[at] for done in group if done.chosen[at] is not None)
            right = taken.pop(question.choices.index(question.answer), 0)
            wrong = "".join(f"{LETTERS[at or 0]} ({n})" for at, n in taken.most_common(1)) or "–"
            name, short = f"{at + 1}. {question.text}", f"question {at + 1}"
            questions.append(_Row(name, short, right, right + taken.total(), wrong))
        yield lesson, len(group), exercises, questions
