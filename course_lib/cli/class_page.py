"""`course class`: a class's bets of lesson 02, and what it has done in its lessons, in one page."""

from __future__ import annotations

import html
import math
import sys
from collections.abc import Container, Sequence
from pathlib import Path

from course_lib.classroom.codes import lines_of
from course_lib.classroom.done import LOOKS as LESSONS
from course_lib.classroom.done import Done, read_lessons
from course_lib.cli.class_lessons import lesson_lines, lesson_tables
from course_lib.cli.lessons import CourseError, decoded
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


def write_class_page(codes: str, to: Path) -> None:
    """A page of a class's codes, written, and what it says, printed.

    Args:
        codes: the name of a text file, or "-" for what is piped in. Good codes are used whatever
            else is there, and what is refused is told with its line.

    Raises:
        CourseError: the file cannot be read, holds no good code, or the page cannot be written, or
            would take the place of a file that is no such page.
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
    try:
        if to.exists() and _OURS.encode() not in to.read_bytes()[:1000]:
            raise CourseError(
                f"{to} is no page that 'course class' made, and stays as it is: name another "
                "file for the page with --to."
            )
        write_whole(to, class_page(reading, class_of))
    except OSError as error:
        raise CourseError(
            f"Cannot write {to} ({error.strerror or error}): choose another place with --to."
        ) from error
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
    refused = ""
    if reading.refused:
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in reading.refused)
        refused = f"<h2>Not counted</h2>\n<ul>{items}</ul>"
    title = "What the class has done"
    if reading.results:
        title = f"Would you bet on the picture? A class of {_people(len(reading.results))}"
    return _PAGE.format(
        ours=_OURS,
        title=html.escape(title),
        bets=_bets(reading) if reading.results else f"<h1>{title}</h1>",
        lessons=lesson_tables(class_of),
        refused=refused,
    )


def _bets(reading: Reading) -> str:
    """A figure with alt text, and the same numbers as tables."""
    whole = pool(reading.results)
    head = ("what was shown", "people", "bets", "right", "share of all", "mean of people")
    scores = [_score_row(reading.results, whole, condition) for condition in whole.counts]
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
    whole = pool(reading.results)
    scores = []
    for condition in whole.counts:
        estimate = _mean_of_people(reading.results, condition)
        bets, right = whole.total(condition)
        told = f", mean {estimate}" if estimate else ""
        scores.append(f"{condition} {right} of {bets} right{told}")
    told = f"Bets of {_people(len(reading.results))}: {'; '.join(scores)}."
    return f"{told} Not counted: {len(reading.refused)}." if reading.refused else told


def _score_row(results: Sequence[Tally], whole: Tally, condition: str) -> tuple[str, ...]:
    bets, right = whole.total(condition)
    took_part = sum(condition in result.counts for result in results)
    told = _mean_of_people(results, condition) or "–"
    return condition, str(took_part), str(bets), str(right), f"{right / bets:.2f}", told


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


def _people(count: int) -> str:
    return f"{count} {'person' if count == 1 else 'people'}"


def _read(codes: str) -> bytes:
    if codes == "-":
        if sys.stdin is None:
            raise CourseError("Nothing is piped in: name a text file with the codes.")
        return sys.stdin.buffer.read()
    try:
        return Path(codes).read_bytes()
    except OSError as error:
        raise CourseError(
            f"Cannot read {codes} ({error.strerror or error}): name a text file with a code a "
            "line, or - for what is piped in."
        ) from error
