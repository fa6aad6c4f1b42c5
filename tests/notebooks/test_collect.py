"""`course collect`: answers marked again, five people's of them hostile, and a table of marks."""

import csv

import pytest

from course_lib.classroom.exercises.bank import find
from course_lib.classroom.sources import by_itself
from course_lib.cli import collect as collecting
from course_lib.cli.collect import mark_file, read_person
from course_lib.cli.main import main

NAMES = ("loudest", "fourier_image", "points", "rank_correlation")
RIGHT = {name: by_itself(find(name).reference, name) for name in NAMES}
LOUDEST = "def loudest(responses):\n    return int(responses.argmax())\n"

# {room} is the folder of everybody's answers, {bait} a file beside it
HOSTILE = {
    "Loop": "import time\nwhile True:\n    try:\n        time.sleep(0.01)\n"
    "    except BaseException:\n        pass\n",
    "Delete": "import contextlib, ctypes, os, pathlib, shutil, subprocess, torch\n"
    "def tries(action, *given, **named):\n"
    "    with contextlib.suppress(BaseException):\n        action(*given, **named)\n"
    "tries(shutil.rmtree, {room!r}, ignore_errors=True)\n"
    "tries(os.remove, {bait!r})\ntries(os.rename, {bait!r}, {bait!r} + 'x')\n"
    "tries(pathlib.Path({bait!r}).write_text, 'gone')\n"
    "tries(torch.save, 1, {bait!r})\ntries(os.chmod, {bait!r}, 0)\n"
    "tries(subprocess.run, ['rm', '-rf', {room!r}])\ntries(os.system, 'rm -rf ' + {room!r})\n"
    "tries(lambda: ctypes.CDLL(None).unlink({bait!r}.encode()))\n" + LOUDEST,
    "Read": "exec(open({room!r} + '/Person 01/my_answers/00_loudest.py').read())\n",
    "Print": "print('x' * 1_000_000)\ndef loudest(responses):\n    print('x' * 1_000_000)\n"
    "    return int(responses.argmax())\n",
    "Import": "import what_is_not_there\n" + LOUDEST,
}


@pytest.fixture
def room(tmp_path):
    """Called with names and sources: a folder in which each has handed in."""

    def room(people):
        for person, sources in people.items():
            folder = tmp_path / "room" / person / "my_answers"
            folder.mkdir(parents=True, exist_ok=True)
            for name, source in sources.items():
                (folder / f"{find(name).lesson}_{name}.py").write_text(source, encoding="utf-8")
        return tmp_path / "room"

    return room


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["person"]: row for row in csv.DictReader(file)}


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.full
def test_thirty_people_five_of_them_hostile(room, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(collecting, "_SLACK", 2.0)
    bait, to = tmp_path / "bait.txt", tmp_path / "marks.csv"
    bait.write_text("mine")
    people = {f"Person {n:02d}": {name: RIGHT[name] for name in NAMES} for n in range(1, 26)}
    people["Person 07"]["points"] = "def points(confidence, right):\n    return 1.0\n"
    del people["Person 08"]["fourier_image"]
    for name, source in HOSTILE.items():
        source = source.replace("{room!r}", repr(str(tmp_path / "room")))
        people[name] = {"loudest": source.replace("{bait!r}", repr(str(bait))),
                        "points": RIGHT["points"]}  # fmt: skip
    folder = room(people)
    before = contents(tmp_path)
    assert main(["collect", str(folder), "--to", str(to), "--seconds", "3"]) == 0
    assert contents(tmp_path) == before | {to: to.read_bytes()}
    rows = table(to)
    assert len(rows) == 30
    marks = {p: (r["00 loudest"], r["01 fourier_image"], r["02 points"]) for p, r in rows.items()}
    for n in range(1, 26):
        expected = ("1", "" if n == 8 else "1", "0" if n == 7 else "1")
        assert marks[f"Person {n:02d}"] == expected, rows[f"Person {n:02d}"]["remarks"]
    # whatever went before, the answer after it is marked
    assert {p: marks[p] for p in HOSTILE} == {
        "Loop": ("0", "", "1"), "Delete": ("1", "", "1"), "Read": ("0", "", "1"),
        "Print": ("1", "", "1"), "Import": ("0", "", "1"),
    }  # fmt: skip
    for person, part in (
        ("Loop", "loudest: was still at work after 3 seconds"),
        ("Read", "loudest: its file raised PermissionError"),
        ("Import", "loudest: its file raised ModuleNotFoundError: No module named 'what_is_not"),
        ("Person 07", "points: "),
    ):
        assert part in rows[person]["remarks"]
    assert rows["Person 01"]["passed"] == "4" and rows["Person 08"]["passed"] == "3"
    assert "30 people, 109 answers, 105 passed." in capsys.readouterr().out


@pytest.mark.full
def test_what_ends_its_process_costs_its_own_mark_alone(room, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(collecting, "_MEGABYTES", 2000)
    people = {
        "Ada": {"loudest": "import os\nos._exit(0)\n", "points": RIGHT["points"]},
        "Bob": {"loudest": "held = bytearray(3_000_000_000)\nwhile True:\n    held[0] = 1\n"},
        # that it forges its own result is not stopped; that it ends another's process is
        "Cleo": {"loudest": f"import os\nos.kill(os.getppid(), 9)\n{LOUDEST}",
                 "points": RIGHT["points"]},
        "=Dan": {},
    }  # fmt: skip
    folder, to = room(people), tmp_path / "marks.csv"
    assert main(["collect", str(folder), "--to", str(to)]) == 0
    rows = table(to)
    marks = {person: (row["00 loudest"], row["02 points"]) for person, row in rows.items()}
    assert marks == {"Ada": ("0", "1"), "Bob": ("0", ""), "Cleo": ("0", "1"), "'=Dan": ("", "")}
    assert rows["Ada"]["remarks"] == "loudest: ended the process that marked it"
    assert rows["Bob"]["remarks"] == "loudest: took more than 2000 MB of memory"
    assert "os.kill is not allowed" in rows["Cleo"]["remarks"]
    assert rows["'=Dan"]["remarks"] == "no answers here"


@pytest.fixture
def in_this_process(monkeypatch, tmp_path):
    """Marks without a process of their own, for answers that do no harm."""

    def marks_of(handed, _hidden, seconds, _context):
        (tmp_path / "it.py").write_text(handed.sources["loudest"])
        return {"loudest": mark_file(find("loudest"), tmp_path / "it.py", seconds)}

    monkeypatch.setattr(collecting, "marks_of", marks_of)


@pytest.mark.usefixtures("in_this_process")
def test_an_interruption_loses_nothing(room, tmp_path, monkeypatch, capsys):
    folder = room({person: {"loudest": RIGHT["loudest"]} for person in ("Ada", "Bob")})
    to, real = tmp_path / "m.csv", collecting.marks_of

    def stops(handed, *rest):
        if handed.person == "Bob":
            raise KeyboardInterrupt
        return real(handed, *rest)

    for marks_of, ends, marks in ((stops, 130, "1"), (real, 0, "11"), (stops, 130, "01")):
        monkeypatch.setattr(collecting, "marks_of", marks_of)
        assert main(["collect", str(folder), "--to", str(to)]) == ends
        assert [row["00 loudest"] for row in table(to).values()] == [*marks]
        if marks_of is real:
            (folder / "Ada/my_answers/00_loudest.py").write_text("x = 1")  # Bob's row stands


def test_what_is_no_folder_of_answers_or_no_table_of_ours(room, tmp_path, capsys):
    def told(*words):
        assert main(["collect", *map(str, words)]) == 1
        return capsys.readouterr().err

    assert "Cannot read" in told(tmp_path / "none")
    assert "There are no answers in" in told(room({"Ada": {}}))
    folder = room({"Ada": {"loudest": LOUDEST}})
    (tmp_path / "mine.csv").write_text("person,points\nAda,3\n")
    assert "is no table that 'course collect' made" in told(folder, "--to", tmp_path / "mine.csv")
    assert (tmp_path / "mine.csv").read_text() == "person,points\nAda,3\n"
    assert "Cannot write" in told(folder, "--to", tmp_path / "mine.csv" / "marks.csv")
    assert "--seconds 0: give" in told(folder, "--seconds", "0")


def test_links_and_large_files_are_not_followed(room, tmp_path):
    folder = room({"Ada": {"loudest": LOUDEST}, "Eve": {}})
    (folder / "Eve/my_answers/00_loudest.py").symlink_to(folder / "Ada/my_answers/00_loudest.py")
    (folder / "Eve/all").symlink_to(folder)
    (folder / "Eve/my_answers/02_points.py").write_bytes(b"#" * 1_000_000)
    found = read_person(folder / "Eve")
    sizes = {name: len(source) for name, source in found.sources.items()}
    assert found.person == "Eve" and sizes == {"points": 100_000}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (RIGHT["loudest"], None),
        ("x = 1", "has no function loudest"),
        ("def loudest(", "its file raised SyntaxError"),
        ("raise SystemExit", "its file raised SystemExit"),
        ("while True: pass", "its file was still at work after 0.5 seconds"),
        ("def loudest(responses):\n    while True: pass", "Your function was still at work"),
        ("def loudest(responses):\n    return 1 / 0", "return 1 / 0"),
        ("def loudest(responses):\n    raise NotImplementedError", "Something is still to be"),
    ],
)
def test_a_file_passes_or_is_told_why_not(source, why, tmp_path):
    (tmp_path / "it.py").write_text(source)
    passed, told = mark_file(find("loudest"), tmp_path / "it.py", 0.5)
    assert passed == (why is None) and (why or "") in told
