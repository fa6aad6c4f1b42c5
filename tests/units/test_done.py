"""What is kept of a learner's work in a lesson, and its code."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.classroom import done as kept
from course_lib.classroom.done import Done, decode, encode, note_choice, note_exercise, read_done
from course_lib.classroom.rooms import source_folder, sources_in

NUMBERS = [path.name[:2] for path in sources_in(source_folder())]


@st.composite
def something_done(draw):
    done = read_done(draw(st.sampled_from(NUMBERS)), source_folder())
    states = {name: draw(st.sampled_from(kept.STATES)) for name in done.states}
    choices = (st.integers(0, len(q.choices) - 1) for q in kept.questions_of(done.lesson))
    chosen = tuple(draw(st.none() | choice) for choice in choices)
    return Done(done.lesson, draw(st.integers(0, 2**20 - 1)), states, chosen)


@given(something_done())
def test_a_code_brings_back_what_was_done(done):
    code = encode(done)
    assert decode(code) == done and len(code) <= 24
    assert decode(code.translate(str.maketrans("01", "Ol")).lower()) == done


@given(something_done(), st.data())
def test_a_changed_letter_is_noticed(done, data):
    code = encode(done)
    place = data.draw(st.integers(5, len(code) - 1))
    other = data.draw(st.sampled_from([x for x in "0123456789ABCDEFGH" if x != code[place]]))
    with pytest.raises(ValueError, match="is damaged, or of another edition"):
        decode(code[:place] + other + code[place + 1 :])


def test_another_edition_is_not_read_as_this_one(monkeypatch):
    code = encode(read_done("00", source_folder()))
    monkeypatch.setattr(kept, "_exercises", lambda lesson: ["quietest"])
    with pytest.raises(ValueError, match="of another edition of the course"):
        decode(code)


@pytest.mark.parametrize("code", ["", "HELLO", "EYES", "EYES2ABCDEFGH", "BET1PDG3G57"])
def test_what_is_no_code_gets_a_sentence(code):
    with pytest.raises(ValueError, match="these begin with EYES1"):
        decode(code)


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text):
    found, refused = kept.read_lessons(text)
    assert not found and len(refused) >= sum(bool(line.strip()) for line in text.splitlines())


def test_the_first_choice_and_the_best_try_count_whatever_stands_there(tmp_path):
    random.seed(3)
    note_exercise("00", tmp_path, "loudest", passed=True)
    note_exercise("00", tmp_path, "loudest", passed=False)
    for place in (2, 0):
        note_choice("00", tmp_path, 0, place)
    path = tmp_path / "my_answers" / "00_progress.jsonl"
    before = read_done("00", tmp_path)
    assert before.states == {"loudest": "own"} and before.chosen[0] == 2
    tag, *lines = map(json.loads, path.read_text().splitlines())  # nothing of the person is kept
    assert tag.keys() == {"tag"} and 0 <= tag["tag"] < 2**20
    assert lines == [{"exercise": "loudest", "state": "own"}, {"question": 0, "choice": 2}]
    random.seed(3)
    note_exercise("01", tmp_path, "target", passed=False)
    assert read_done("01", tmp_path).tag != before.tag  # whatever the lesson seeds
    for line in (b"{broken", b"\xff", json.dumps({"exercise": "target", "state": "own"}).encode(),
                 b'{"question": 99, "choice": 0}', b'{"exercise": "loudest", "state": "best"}',
                 b"[]", b'{"question": 1, "choice": -1}', b'{"tag": -4}'):  # fmt: skip
        with path.open("ab") as file:
            file.write(b"\n" + line)
    assert read_done("00", tmp_path) == before
