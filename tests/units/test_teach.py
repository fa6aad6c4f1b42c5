"""The teacher's kit: its minutes, headings, calls, names and links agree with the lessons."""

import json
import re
from functools import cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import pytest

from course_lib.classroom.exercises.bank import exercises
from course_lib.classroom.order import ALWAYS_THERE, names_of, needed_for
from course_lib.classroom.rooms import find_script
from course_lib.classroom.script import Cell, cells_of
from course_lib.cli.main import COMMANDS, MAINTAINERS
from tests.conftest import ROOT

KIT = ROOT / "notebooks" / "teach"
LESSONS = sorted(path.name[:2] for path in (ROOT / "notebooks" / "source").glob("*.py"))
PLANS = {
    "90 minutes": 90,
    "Half a day": 210,
    "A day": 390,
    "A further half day: the optional lessons": 190,
}


class Row(NamedTuple):
    """A row of a plan. sections: those of one lesson; () for a break, a change or slack."""

    start: int
    minutes: int
    lesson: str
    sections: tuple[int, ...]
    skip: str
    what: str = ""


@cache
def cells(lesson: str) -> tuple[Cell, ...]:
    return tuple(cells_of(find_script(lesson)))


def sections(lesson: str) -> dict[int, str]:
    return {cell.section: cell.heading for cell in cells(lesson) if cell.section}


def flat(text: str) -> str:
    """On one line and without emphasis."""
    return re.sub(r"[\s*_]+", " ", text)


@cache
def page(name: str) -> str:
    """A page of the kit, or a lesson's note."""
    name = find_script(name).stem if name in LESSONS else name
    return (KIT / f"{name}.md").read_text(encoding="utf-8")


def lines_under(name: str, heading: str) -> list[str]:
    """The lines of the first table under a page's heading, without its head."""
    under = page(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line for line in under.splitlines() if line.startswith("|")][2:]


def table(name: str, heading: str) -> list[list[str]]:
    rows = (line.strip("|").split("|") for line in lines_under(name, heading))
    return [[cell.strip() for cell in row] for row in rows]


def timetable(lesson: str) -> list[list[str]]:
    return table(lesson, "Minute by minute")


def numbers_in(text: str, pattern: str = r"(\d+)") -> list[int]:
    return [int(number) for number in re.findall(pattern, text)]


def catch_ups(text: str) -> list[int]:
    return numbers_in(text, r"catch_up\((\d+)\)")


def plan(heading: str) -> list[Row]:
    rows = []
    for start, minutes, what, where, skip in table("plans", heading):
        lesson, _, numbers = where.partition(" · ")
        rows.append(Row(int(start), int(minutes), lesson, (*numbers_in(numbers),), skip, what))
    return rows


def lessons_of(rows: list[Row]) -> list[Row]:
    """Rows that are no break, change or slack."""
    return [row for row in rows if row.lesson != "–"]


def identifiers(text: str) -> set[str]:
    """Names between backticks that could be an exercise's: no call, no dot, no capital."""
    return set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", text))


def names_in_bank(lesson: str) -> set[str]:
    return {exercise.name for exercise in exercises(lesson)}


# the notes


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_note_has_a_row_for_each_section_under_its_own_heading(lesson):
    expected = [f"{number} · {heading}" for number, heading in sections(lesson).items()]
    assert [row[0] for row in timetable(lesson)] == [*expected, "Exit ticket"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_minutes_add_up_and_agree_everywhere(lesson):
    rows = timetable(lesson)
    total = sum(int(row[1]) for row in rows if not row[1].startswith("+"))
    assert all(int(row[1]) > 0 for row in rows)
    for text in (cells(lesson)[0].text, page(lesson)):
        assert numbers_in(text, r"(?m)^\*(\d+) minutes")[0] == total
    for text in ((ROOT / "README.md").read_text(encoding="utf-8"), page("README")):
        assert numbers_in(text, rf"(?m)^\| {lesson} \|.*\| (\d+) \|") == [total], "listed once"


@pytest.mark.parametrize("lesson", LESSONS)
def test_sections_that_can_wait_are_those_that_the_lesson_names(lesson):
    head = cells(lesson)[0].text
    found = re.search(r"and (\d+) more for sections ([\d, and]+), which can wait", head)
    rows = [row for row in timetable(lesson) if row[1].startswith("+")]
    assert sum(int(row[1]) for row in rows) == (int(found[1]) if found else 0)
    waiting = sorted(int(row[0].split(" · ")[0]) for row in rows)
    assert waiting == (numbers_in(found[2]) if found else [])


@pytest.mark.parametrize("lesson", LESSONS)
def test_core_exercises_fit_into_their_sections_and_take_what_the_bank_says(lesson):
    place = {cell.exercise: cell.section for cell in cells(lesson) if cell.exercise}
    rows = {int(row[0].split(" · ")[0]): row for row in timetable(lesson)[:-1]}
    needed = dict.fromkeys(rows, 0)
    for exercise in exercises(lesson):
        row = rows[place[exercise.name]]
        if exercise.core:
            needed[place[exercise.name]] += exercise.minutes
            assert exercise.name in identifiers(row[3])
        told = re.search(rf"`{exercise.name}` \((\d+) min\)", row[3])
        assert told is None or int(told[1]) == exercise.minutes
        assert told is None or exercise.core, "the minutes of a lesson are without its stretch"
    for number, minutes in needed.items():
        assert int(rows[number][1]) >= minutes, f"section {number} is shorter than its exercises"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_note_has_all_its_parts_and_every_exercise_and_call_in_it_exists(lesson):
    text = page(lesson)
    leave_out = [row[0] for row in table(lesson, "Short of time")]
    told = [row[3] for row in timetable(lesson)] + leave_out
    names = set().union(*map(identifiers, told))
    names |= set(re.findall(r'lesson\.(?:solution|hint)\("(\w+)"\)', text))
    assert names <= names_in_bank(lesson)
    calls = catch_ups(text)
    assert calls or lesson == "00", "a note says how to go on"
    assert set(calls) <= set(sections(lesson))
    title = cells(lesson)[0].text.splitlines()[0].removeprefix("# ")
    assert text.startswith(f"# Teaching lesson {title}\n")
    assert "\n**What it is for.** " in text
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Minute by minute", "What learners get wrong", "Short of time", "Pairs",
        "On the projector", "Hard questions",
    ]  # fmt: skip


# the plans


def test_no_plan_is_left_untested():
    headings = re.findall(r"^## (.+)$", page("plans"), re.MULTILINE)
    assert headings == [*PLANS, "Waiting", "Helpers"]


@pytest.mark.parametrize(("heading", "minutes"), PLANS.items())
def test_a_plan_adds_up_and_names_sections_exercises_and_calls_that_exist(heading, minutes):
    rows = plan(heading)
    ends = list(accumulate(row.minutes for row in rows))
    assert [row.start for row in rows] == [0, *ends[:-1]] and ends[-1] == minutes
    assert all(row.minutes > 0 for row in rows)
    for row in lessons_of(rows):
        assert row.lesson in LESSONS and row.sections
        assert {*row.sections, *catch_ups(row.skip)} <= set(sections(row.lesson)), row
        assert identifiers(row.skip) <= names_in_bank(row.lesson), row


def minutes_alone(row: Row) -> int:
    """What a row's sections take somebody alone, without the core exercises that it leaves out.

    A section that is shown on the projected page takes what its note says is saved off its minutes.
    """
    minutes = {int(r[0].split(" · ")[0]): int(r[1].lstrip("+")) for r in timetable(row.lesson)[:-1]}
    left = [e for e in exercises(row.lesson) if e.core and e.name in identifiers(row.skip)]
    place = {cell.exercise: cell.section for cell in cells(row.lesson) if cell.exercise}
    left_out = sum(e.minutes for e in left if place[e.name] in row.sections)
    if "is yours, on the projector" in row.skip:
        skipped = table(row.lesson, "Short of time")
        saved = {what: int(saved) for what, saved, _ in skipped if "on the projected page" in what}
        left_out += saved.get(f"section {row.sections[0]}, shown on the projected page", 0)
    return sum(minutes[section] for section in row.sections) - left_out


def too_short(rows: list[Row]) -> list[Row]:
    """Rows that take less than seven tenths of what somebody alone takes."""
    return [row for row in lessons_of(rows) if row.minutes < 0.7 * minutes_alone(row)]


def without_room(rows: list[Row]) -> list[str]:
    """What has no row of its own: arriving, a change of lesson (or a break in its place), slack."""
    first, last = rows[0], rows[-1]
    missing = [] if first.what.startswith("Arriving") and first.minutes >= 5 else ["arriving"]
    missing += [] if last.what.startswith("Slack") and last.minutes >= 5 else ["slack"]
    run = [(i, row) for i, row in enumerate(rows) if row.lesson != "–" and not is_shown(row)]
    for (i, before), (j, after) in pairwise(run):
        between = rows[i + 1 : j]
        if sum(row.minutes for row in between if row.lesson == "–") < 3:
            missing.append(f"from lesson {before.lesson} to {after.lesson}")
    return missing


def is_shown(row: Row) -> bool:
    """Whether learners run nothing of it."""
    return "Learners run nothing" in row.skip


@pytest.mark.parametrize("heading", PLANS)
def test_a_plan_leaves_the_time_that_people_take(heading):
    assert too_short(plan(heading)) == []
    assert without_room(plan(heading)) == []


def test_lesson_09_fits_in_the_place_of_lesson_07():
    row = next(r for r in plan("A further half day: the optional lessons") if r.lesson == "07")
    assert f"fit into the same {row.minutes} minutes" in flat(page("plans"))
    assert too_short([row._replace(lesson="09", sections=tuple(sections("09")))]) == []


def test_a_plan_that_is_too_tight_is_refused():
    rows = plan("90 minutes")
    bets = next(i for i, row in enumerate(rows) if row.lesson == "02")
    assert too_short([rows[bets]._replace(minutes=6)]) and minutes_alone(rows[bets]) == 10
    shown = next(row for row in rows if row.lesson == "05")
    assert minutes_alone(shown) < minutes_alone(shown._replace(skip="Nothing."))
    assert without_room(rows[1:-1]) == ["arriving", "slack"]
    assert without_room([*rows[: bets - 1], *rows[bets:]]) == ["from lesson 01 to 02"]


def test_the_shortest_plan_has_three_lessons_to_run_and_the_rest_to_look_at():
    rows = lessons_of(plan("90 minutes"))
    assert sum(not is_shown(row) for row in rows) == 3
    assert all(f"section {s} is yours, on the projector" in row.skip
               for row in rows if is_shown(row) for s in row.sections)  # fmt: skip


def _missing_for(row: Row, section: int) -> set[str]:
    """Names that a section needs and that neither its plan's sections nor its calls make."""
    run = [cell for call in catch_ups(row.skip) for cell, _ in needed_for(call, cells(row.lesson))]
    made = set().union(*(names_of(cell.text).makes for cell in run))
    missing: set[str] = set()
    for cell in cells(row.lesson):
        if cell.kind != "code" or cell.section not in (0, *row.sections) or cell.section > section:
            continue
        names = names_of(cell.text)
        if cell.section == section:
            missing |= names.needs - made
        made |= names.makes
    return missing - ALWAYS_THERE


@pytest.mark.parametrize("heading", PLANS)
def test_no_plan_skips_what_a_later_section_needs(heading):
    for row in plan(heading):
        for section in row.sections:
            if f"section {section} is yours, on the projector" not in row.skip:
                assert _missing_for(row, section) == set(), (row, section)


def test_a_plan_that_skips_what_it_needs_would_be_found():
    bare = Row(0, 10, "03", (1, 5), "Nothing.")
    assert "detector" in _missing_for(bare, 5)
    assert _missing_for(bare._replace(skip="`lesson.catch_up(5)`"), 5) == set()


def test_what_a_plan_has_learners_type_in_lesson_08_fits_its_cells():
    typed = re.findall(r"`((?:casefile\.|[A-Z]+ = )[^`]*)`", page("plans"))
    assert typed
    told = [cell.text for cell in cells("08") if cell.kind == "code" and cell.section in (1, 2, 3)]
    made = set().union(*(names_of(code).makes for code in told))
    for code in typed:
        assert names_of(code).needs <= made, code
        if " = " in code:  # a line that is there, made shorter
            assert any(code.rstrip("}") in cell for cell in told), code


def test_the_plans_tell_the_waiting_that_was_measured():
    """By tests/benchmarks/test_plans.py."""
    measured = json.loads((KIT / "plans_measured.json").read_text(encoding="utf-8"))
    assert lines_under("plans", "Waiting") == [
        f"| {heading} | {row['lesson']} | {row['cells']} | {row['of a core']} s "
        f"| {row['seconds']} s | {row['which']}: {row['longest']} s |"
        for heading, rows in measured.items()
        for row in rows
    ]
    for heading, rows in measured.items():
        learners = [row for row in lessons_of(plan(heading)) if not is_shown(row)]
        assert [row["lesson"] for row in rows] == [row.lesson for row in learners]
        calls = {row.lesson: re.findall(r"`lesson\.catch_up\(\d+\)`", row.skip) for row in learners}
        for row in rows:
            assert row["which"] in ("drawing", *calls[str(row["lesson"])])


# the vocabulary card


@cache
def prose(lesson: str) -> str:
    """What a lesson says, exercises included."""
    return flat("\n".join(cell.text for cell in cells(lesson) if cell.kind == "markdown"))


def vocabulary() -> list[tuple[str, str]]:
    """Lesson and term of each line of the card."""
    return re.findall(r"^(\d\d) \*\*(.+?)\*\*: .+$", page("vocabulary"), re.MULTILINE)


@pytest.mark.parametrize(("lesson", "term"), vocabulary())
def test_a_term_first_occurs_in_the_lesson_that_the_card_names(lesson, term):
    pattern = re.compile(rf"\b{re.escape(term.removesuffix('s'))}s?\b", re.IGNORECASE)
    assert next((n for n in LESSONS if pattern.search(prose(n))), None) == lesson


def test_the_card_has_each_term_once_in_the_order_of_the_lessons():
    rows = vocabulary()
    assert len(rows) == page("vocabulary").count("**") // 2, "every line is a term's"
    assert len({term.lower() for _, term in rows}) == len(rows)
    assert [lesson for lesson, _ in rows] == sorted(lesson for lesson, _ in rows)


# the whole kit


def test_the_index_leads_to_every_page_of_the_lessons_and_plans():
    notes = [find_script(lesson).stem for lesson in LESSONS]
    for name in [*notes, "plans", "vocabulary", "participants", "fallback"]:
        assert f"({name}.md" in page("README"), name


def test_every_command_in_the_kit_exists():
    text = "".join(path.read_text(encoding="utf-8") for path in KIT.glob("*.md"))
    told = set(re.findall(r"(?:`|uv run (?:--no-sync )?)course ([a-z]+)", text))
    assert len(told) >= 5 and told <= {*COMMANDS, *MAINTAINERS}
