"""`course class`: a page of a class's bets, whatever was sent along with the codes."""

import html
import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_lib.classroom import done as lessons
from course_lib.classroom.done import Done, questions_of, read_done
from course_lib.cli.main import main
from course_lib.lessons.lesson_02.codes import encode
from tests.units.test_bet_codes import machine, person

CODES = [encode(person(seed)) for seed in range(6)]


@pytest.fixture
def page(tmp_path):
    return tmp_path / "pages" / "class.html"


@pytest.fixture
def told(tmp_path, page, capsys):
    """Called with what was sent: the page that is made of it, and what is printed; or the error."""

    def told(text, encoding="utf-8", status=0):
        path = tmp_path / "codes.txt"
        path.write_bytes(text.encode(encoding))
        assert main(["class", str(path), "--to", str(page)]) == status
        out, err = capsys.readouterr()
        assert not (status and out)
        return err if status else (page.read_text(encoding="utf-8"), out)

    return told


def cells(*texts):
    return "".join(f"<td[^>]*>{re.escape(text)}</td>" for text in texts)


def test_a_page_of_a_class(told, page):
    text, out = told("\n".join(CODES))
    assert 'lang="en"' in text and "<title>Would you bet on the picture?" in text
    (alt,) = re.findall(r'<img[^>]* alt="([^"]+)"', text)
    assert alt.startswith("Bets of 6 people") and alt.endswith(".")
    right = sum(person(seed).total("visualizations").right for seed in range(6))
    assert re.search(rf">visualizations</th>{cells('6', '72', str(right))}", text)
    assert "Not counted" not in text
    assert not re.search(r"(src|href)=\"http", text)  # it opens without a connection
    assert f"Bets of 6 people: visualizations {right} of 72 right, mean " in out
    assert out.rstrip().endswith(f"wrote {page}")


def test_the_tables_say_what_the_codes_hold(told):
    text, _ = told(CODES[0])
    first = person(0)
    for place, level in enumerate((50, 60, 75, 90, 99)):
        counts = [first.counts[c][place] for c in ("visualizations", "top images")]
        row = cells(*(f"{c.right} of {c.bets}" if c.bets else "–" for c in counts))
        assert re.search(rf'<th scope="row"[^>]*>{level} %</th>{row}', text)
    assert "Bets of 1 person" in text


def test_a_damaged_code_among_good_ones(told):
    sent = [f"Ada: {CODES[0]}", CODES[1][:-1], "<b>Bob</b> has none", CODES[2], encode(machine())]
    text, out = told("\n".join(sent))
    assert "Bets of 2 people" in out and "Not counted: 3." in out
    for line, part in ((2, "is damaged"), (3, "holds no code"), (5, "simulated participant")):
        (sentence,) = [s for s in out.splitlines() if f"Line {line}:" in s]
        assert part in sentence and sentence.endswith(".")
        assert f"<li>{html.escape(sentence.strip())}</li>" in text
    assert "<b>Bob" not in text and "Ada" not in text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_files_as_editors_save_them(encoding, told):
    sent = f"Zoë {CODES[0]}\r\nJosé {CODES[1]}\r\n"
    assert "Bets of 2 people" in told(sent, encoding)[1]


def test_codes_that_are_piped_in(page, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO("\n".join(CODES).encode())))
    assert main(["class", "-", "--to", str(page)]) == 0
    assert "Bets of 6 people" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "hello\n", CODES[0][:-1], encode(machine()), "\0\xff"])
def test_no_good_code_at_all(text, told, page):
    error = told(text, status=1)
    assert error.startswith("course: There is no good code in ")
    assert "the codes that lesson 02 shows" in error and not page.exists()


def lesson(tag=0, state="own", chosen=0, number="00"):
    done = read_done(number, Path("nowhere"))
    states, places = dict.fromkeys(done.states, state), (chosen,) * len(done.chosen)
    return lessons.encode(Done(number, tag, states, places))


def test_both_kinds_of_codes_on_one_page(told):
    right = questions_of("00")[0].choices.index(questions_of("00")[0].answer)
    wrong = 1 - right
    sent = [
        f"Ada {CODES[0]} {lesson(1, chosen=right)}",
        lesson(2, "reference", wrong),
        "nothing of this kind",
        f"**{lesson(3, 'reference', wrong)}**",
        lesson(1, number="01"),
        lesson(2, "nothing", None),  # of the same person as line 2
        lesson(4)[:-1],
    ]
    text, out = told("\n".join(sent))
    assert "Bets of 1 person" in out
    assert "Lesson 00, codes of 3; fewer than half passed: nothing." in out
    assert "Lesson 01, codes of 1; fewer than half passed: " in out
    assert re.search(rf">loudest</th>{cells('1', '2', '1', '')}", text)
    for line, part in ((2, "that of line 6, counts"), (3, "holds no code."), (7, "is damaged")):
        (sentence,) = [s for s in out.splitlines() if f"Line {line}:" in s]
        assert part in sentence and html.escape(sentence.strip()) in text


def test_what_the_room_failed_is_marked(told):
    question = questions_of("00")[0]
    wrong = next(i for i, choice in enumerate(question.choices) if not choice.right)
    sent = [lesson(tag, "own" if tag < 2 else "reference", wrong) for tag in range(5)]
    text, out = told("\n".join(sent))
    assert "fewer than half passed: loudest (2 of 5), question 1 (0 of 5)" in out
    letter, failed = "ABCDEFGH"[wrong], "✗\u00a0failed"
    assert re.search(f">loudest</th>{cells('2', '5', '0', failed)}", text)
    assert re.search(cells("0", "5", f"{letter} (5)", failed), text)
    assert "<title>What the class has done</title>" in text and "bet" not in text


def test_files_that_cannot_be_read_or_written(tmp_path, page, capsys):
    (codes := tmp_path / "codes.txt").write_text(CODES[0])
    for given, to, sentence in (
        (tmp_path / "none.txt", page, "Cannot read"),
        (tmp_path, page, "Cannot read"),
        (codes, codes / "class.html", "choose another place with --to"),
        (codes, codes, "holds the codes: name another file"),
    ):
        assert main(["class", str(given), "--to", str(to)]) == 1
        assert sentence in capsys.readouterr().err
    assert codes.read_text() == CODES[0]


def test_a_page_is_written_anew_as_more_codes_come_in(told, page):
    assert f"wrote {page}" in told(CODES[0])[1]
    text, out = told("\n".join(CODES))
    assert "A class of 6 people" in text and f"wrote {page}" in out


@pytest.mark.parametrize("mine", ["<!DOCTYPE html><title>My own page</title>", "", "\0\xff"])
def test_a_file_that_is_somebodys_stays_as_it_is(mine, told, page):
    page.parent.mkdir()
    page.write_text(mine, encoding="latin-1")
    assert told(CODES[0], status=1) == (
        f"course: {page} is no page that 'course class' made, and stays as it is: name another "
        "file for the page with --to.\n"
    )
    assert page.read_text(encoding="latin-1") == mine
