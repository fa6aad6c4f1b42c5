"""The teacher's kit: its minutes, headings, calls, names and links agree with the lessons."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
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


@cache
def sections(lesson: str) -> dict[int, str]:
    return {cell.section: cell.heading for cell in cells(lesson) if cell.section}


@cache
def prose(lesson: str) -> str:
    """What a lesson says, exercises included, on one line and without emphasis."""
    return flat("\n".join(cell.text for cell in cells(lesson) if cell.kind == "markdown"))


def flat(text: str) -> str:
    return re.sub(r"[\s*_]+", " ", text)


def note_of(lesson: str) -> Path:
    return KIT / f"{find_script(lesson).stem}.md"


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    under = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in under.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def timetable(lesson: str) -> list[list[str]]:
    return table(note_of(lesson).read_text(encoding="utf-8"), "Minute by minute")


def stated_minutes(text: str) -> int:
    found = re.search(r"^\*(\d+) minutes", text, re.MULTILINE)
    assert found, "no head line with minutes"
    return int(found[1])


def plan(heading: str) -> list[Row]:
    rows = []
    text = (KIT / "plans.md").read_text(encoding="utf-8")
    for start, minutes, what, where, skip in table(text, heading):
        lesson, _, numbers = where.partition(" · ")
        found = tuple(int(number) for number in re.findall(r"\d+", numbers))
        rows.append(Row(int(start), int(minutes), lesson, found, skip, what))
    return rows


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
    lesson_says = stated_minutes(cells(lesson)[0].text)
    note_says = stated_minutes(note_of(lesson).read_text(encoding="utf-8"))
    indexes = [ROOT / "README.md", KIT / "README.md"]
    listed = [
        int(found[1])
        for path in indexes
        for line in path.read_text(encoding="utf-8").splitlines()
        if (found := re.match(rf"\| {lesson} \|.*\| (\d+) \|", line))
    ]
    assert len(listed) == len(indexes), "each index lists each lesson once"
    assert {total} == {lesson_says, note_says, *listed}


@pytest.mark.parametrize("lesson", LESSONS)
def test_sections_that_can_wait_are_those_that_the_lesson_names(lesson):
    head = cells(lesson)[0].text
    found = re.search(r"and (\d+) more for sections ([\d, and]+), which can wait", head)
    extra = {
        int(row[0].split(" · ")[0]): int(row[1])
        for row in timetable(lesson)
        if row[1].startswith("+")
    }
    if found is None:
        assert not extra
    else:
        assert sum(extra.values()) == int(found[1])
        assert sorted(extra) == [int(number) for number in re.findall(r"\d+", found[2])]


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
    text = note_of(lesson).read_text(encoding="utf-8")
    skipped = text.split("\n## Short of time\n")[1].split("\n## ")[0]
    leave_out = [line.split("|")[1] for line in skipped.splitlines() if line.startswith("|")]
    told = [row[3] for row in timetable(lesson)] + leave_out
    for name in set().union(*map(identifiers, told)):
        assert name in names_in_bank(lesson), name
    for name in re.findall(r'lesson\.(?:solution|hint)\("(\w+)"\)', text):
        assert name in names_in_bank(lesson), name
    calls = [int(number) for number in re.findall(r"catch_up\((\d+)\)", text)]
    assert calls or lesson == "00", "a note says how to go on"
    assert set(calls) <= set(sections(lesson))
    title = cells(lesson)[0].text.splitlines()[0].removeprefix("# ")
    assert text.startswith(f"# Teaching lesson {title}\n")
    assert "\n**What it is for.** " in text
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert parts == [
        "Minute by minute",
        "What learners get wrong",
        "Short of time",
        "Pairs",
        "On the projector",
        "Hard questions",
    ]


# the plans


def test_no_plan_is_left_untested():
    text = (KIT / "plans.md").read_text(encoding="utf-8")
    others = ["Waiting", "Helpers"]
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [*PLANS, *others]


@pytest.mark.parametrize(("heading", "minutes"), PLANS.items())
def test_a_plan_adds_up_and_names_sections_exercises_and_calls_that_exist(heading, minutes):
    rows = plan(heading)
    ends = list(accumulate(row.minutes for row in rows))
    assert [row.start for row in rows] == [0, *ends[:-1]] and ends[-1] == minutes
    for row in rows:
        assert row.minutes > 0
        if row.lesson == "–":
            continue
        assert row.lesson in LESSONS
        assert row.sections
        assert set(row.sections) <= set(sections(row.lesson)), row
        for call in re.findall(r"catch_up\((\d+)\)", row.skip):
            assert int(call) in sections(row.lesson), row
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
        skipped = table(note_of(row.lesson).read_text(encoding="utf-8"), "Short of time")
        saved = {what: int(saved) for what, saved, _ in skipped if "on the projected page" in what}
        left_out += saved.get(f"section {row.sections[0]}, shown on the projected page", 0)
    return sum(minutes[section] for section in row.sections) - left_out


def too_short(rows: list[Row]) -> list[Row]:
    """Rows that take less than seven tenths of what somebody alone takes."""
    return [row for row in rows if row.lesson != "–" and row.minutes < 0.7 * minutes_alone(row)]


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
    text = (KIT / "plans.md").read_text(encoding="utf-8")
    assert f"fit into the same {row.minutes} minutes" in flat(text)
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
    rows = [row for row in plan("90 minutes") if row.lesson != "–"]
    assert sum(not is_shown(row) for row in rows) == 3
    assert all(f"section {s} is yours, on the projector" in row.skip
               for row in rows if is_shown(row) for s in row.sections)  # fmt: skip


def _missing_for(row: Row, section: int) -> set[str]:
    """Names that a section needs and that neither its plan's sections nor its calls make."""
    calls = [int(number) for number in re.findall(r"catch_up\((\d+)\)", row.skip)]
    run = [cell for call in calls for cell, _ in needed_for(call, cells(row.lesson))]
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
    text = (KIT / "plans.md").read_text(encoding="utf-8")
    typed = re.findall(r"`((?:casefile\.|[A-Z]+ = )[^`]*)`", text)
    assert typed
    told = [cell.text for cell in cells("08") if cell.kind == "code" and cell.section in (1, 2, 3)]
    made = set().union(*(names_of(code).makes for code in told))
    for code in typed:
        assert names_of(code).needs <= made, code
        if " = " in code:  # a line that is there, made shorter
            assert any(code.rstrip("}") in cell for cell in told), code


def waited(measured: dict[str, list[dict[str, object]]]) -> list[str]:
    """The table of how long learners wait, from what tests/benchmarks/test_plans.py kept."""
    return [
        f"| {heading} | {row['lesson']} | {row['cells']} | {row['of a core']} s "
        f"| {row['seconds']} s | {row['which']}: {row['longest']} s |"
        for heading, rows in measured.items()
        for row in rows
    ]


def test_the_plans_tell_the_waiting_that_was_measured():
    measured = json.loads((KIT / "plans_measured.json").read_text(encoding="utf-8"))
    text = (KIT / "plans.md").read_text(encoding="utf-8")
    told = text.split("\n## Waiting\n")[1].split("\n## ")[0].splitlines()
    assert [line for line in told if line.startswith("|")][2:] == waited(measured)
    for heading, rows in measured.items():
        learners = [row for row in plan(heading) if row.lesson != "–" and not is_shown(row)]
        assert [row["lesson"] for row in rows] == [row.lesson for row in learners]
        calls = {row.lesson: re.findall(r"`lesson\.catch_up\(\d+\)`", row.skip) for row in learners}
        for row in rows:
            assert row["which"] in ("drawing", *calls[str(row["lesson"])])


# the vocabulary card


def vocabulary() -> list[tuple[str, str]]:
    """Lesson and term of each line of the card."""
    text = (KIT / "vocabulary.md").read_text(encoding="utf-8")
    return re.findall(r"^(\d\d) \*\*(.+?)\*\*: .+$", text, re.MULTILINE)


@pytest.mark.parametrize(("lesson", "term"), vocabulary())
def test_a_term_first_occurs_in_the_lesson_that_the_card_names(lesson, term):
    pattern = re.compile(rf"\b{re.escape(term.removesuffix('s'))}s?\b", re.IGNORECASE)
    assert next((n for n in LESSONS if pattern.search(prose(n))), None) == lesson


def test_the_card_has_each_term_once_in_the_order_of_the_lessons():
    rows = vocabulary()
    text = (KIT / "vocabulary.md").read_text(encoding="utf-8")
    assert len(rows) == text.count("**") // 2, "every line is a term's"
    assert len({term.lower() for _, term in rows}) == len(rows)
    assert [lesson for lesson, _ in rows] == sorted(lesson for lesson, _ in rows)


# the whole kit


def test_the_index_leads_to_every_page_of_the_lessons_and_plans():
    text = (KIT / "README.md").read_text(encoding="utf-8")
    for path in [
        *map(note_of, LESSONS),
        *(KIT / f"{n}.md" for n in ("plans", "vocabulary", "participants")),
    ]:
        assert f"({path.name}" in text, path.name
    assert "(fallback.md)" in text


def test_every_command_in_the_kit_exists():
    text = "".join(page.read_text(encoding="utf-8") for page in KIT.glob("*.md"))
    told = set(re.findall(r"(?:`|uv run (?:--no-sync )?)course ([a-z]+)", text))
    assert len(told) >= 5 and told <= {*COMMANDS, *MAINTAINERS}
