"""Tally codes: from bets to a class in one plot, and whatever else gets pasted."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.classroom.codes import checksum
from course_lib.lessons.lesson_02.bet import CONFIDENCES, Bet
from course_lib.lessons.lesson_02.codes import Count, Tally, decode, encode, pool, read_codes, tally
from course_lib.lessons.lesson_02.plots import bet_calibration_figure, class_figure, score_figure
from course_lib.lessons.lesson_02.trials import CONDITIONS, Trial
from course_lib.statistics import Estimate


def bets(seed=0, count=24, conditions=("visualizations", "top images")):
    rng = random.Random(seed)
    trials = [
        Trial(f"fc {i % 8}", conditions[i % len(conditions)], i, i + 1, "left")
        for i in range(count)
    ]
    sides = ("left", "left", "right")
    return [Bet(trial, rng.choice(sides), rng.choice(CONFIDENCES)) for trial in trials]


def person(seed=0, trials=0):
    return tally(bets(seed), "person", trials)


def machine(seed=0):
    return tally(bets(seed), "simulated", 0)


rows = st.tuples(st.integers(0, 999), st.integers(0, 999)).map(lambda x: Count(max(x), min(x)))
levels = st.lists(rows, min_size=5, max_size=5).map(tuple).filter(lambda r: any(c.bets for c in r))
results = st.builds(
    Tally,
    st.sampled_from(("person", "simulated")),
    st.integers(0, 999),
    st.dictionaries(st.sampled_from(CONDITIONS), levels, min_size=1),
    st.just(1),
)


@given(results)
def test_a_code_brings_its_result_back(result):
    code = encode(result)
    assert decode(code) == result
    assert re.fullmatch(r"BET1[PS][0-9A-HJKMNP-TV-Z]+", code)
    assert decode(f" {code.lower()}\n") == result
    assert decode(code.translate(str.maketrans("01", "Ol"))) == result


def test_a_code_counts_what_was_bet():
    found = person(3)
    for condition in ("visualizations", "top images"):
        mine = [bet for bet in bets(3) if bet.trial.condition == condition]
        assert found.total(condition) == (len(mine), sum(bet.right for bet in mine))
        for level, row in zip(CONFIDENCES, found.counts[condition], strict=True):
            at = [bet.right for bet in mine if bet.confidence == level]
            assert row == (len(at), sum(at))
    assert found.total("fooled") == (0, 0) and len(encode(found)) < 45


def test_codes_of_the_first_edition_are_still_read():
    for code, made in {
        "BET1PDG3G57JPXJ0HR2WG3CC1B10MHRGH4HT": person(3),
        "BET1S9ZY3XWRTRGC5DEWWJHMHWQSR1TG5E": machine(1),
        "BET1P1E8T0C1YGK9WPEPVQGATMMPA282G8PXP0NW1DN4PND9PY6T7Z9J2NH": tally(
            bets(2, 40, CONDITIONS), "person", 999
        ),
    }.items():
        assert decode(code) == made and encode(made) == code


@given(results, st.data())
def test_a_changed_letter_is_noticed(result, data):
    code = encode(result)
    place = data.draw(st.integers(5, len(code) - 1))
    letter = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ".replace(code[place], "")))
    with pytest.raises(ValueError, match="is damaged: have it copied once more"):
        decode(code[:place] + letter + code[place + 1 :])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda code: code[:12] + code[13:], "is damaged"),
        (lambda code: code.replace("1P", "1S", 1), "is damaged"),  # who it is counts as well
        (lambda code: code.replace("BET1", "BET2"), "version “2”, and this course reads version 1"),
        (lambda code: code[:5], "is damaged"),
        (lambda code: "BET1X" + code[5:], "is damaged"),
        (lambda code: "HELLO", "is no code of a bet"),
        (lambda code: "", "is no code of a bet"),
        (lambda code: code + "é", "is no code of a bet"),
    ],
)
def test_damaged_and_foreign_codes_get_a_sentence(change, message):
    with pytest.raises(ValueError, match=message) as caught:
        decode(change(encode(person())))
    assert str(caught.value).endswith(".") and len(str(caught.value)) < 200


def test_a_class_of_codes_is_read_and_the_rest_is_told():
    codes = [encode(person(seed)) for seed in range(6)]
    lines = {
        f"Ada: {codes[0]}": "",
        "": "",
        f"  Betty BET and Bob\t{codes[1].lower()}.\r": "",
        f"{codes[2][:-1]}": "damaged",
        "I forgot mine, sorry": "holds no code",
        f"Cleo, {codes[3]}, thanks! {codes[4]}": "",
        f"{codes[0]}": "code of line 1 again",
        encode(machine()): "never pooled",
        encode(person(4, trials=7)): "other trials",
        f"`{codes[5]}`": "",
    }
    found = read_codes("\n".join(lines))
    assert [*map(encode, found.results)] == [codes[i] for i in (0, 1, 3, 4, 5)]
    refused = [(number, part) for number, part in enumerate(lines.values(), 1) if part]
    for line, (number, part) in zip(found.refused, refused, strict=True):
        assert line.startswith(f"Line {number}: ") and part in line and line.endswith(".")


def test_two_people_of_equal_counts_are_told_apart_by_their_names():
    code = encode(person())
    sent = f"""
Lazy1 {code}
[10:31] Lazy2: {code}
10:45 lazy2 {code}
{code}
{code.replace("BET1", "betl")}
Betina, Bettina and Betty send greetings"""
    found = read_codes(sent)
    assert len(found.results) == 2
    again = "the code of line 1 again, counted once; two people need two names."
    assert found.refused[:3] == tuple(f"Line {number}: {again}" for number in (3, 4, 5))
    assert "holds no code" in found.refused[3]


@pytest.mark.parametrize("body", ["0", "ZZZZZZZZZZ", "0" + encode(person())[5:-5]])
def test_a_code_with_a_checksum_and_no_result_in_it(body):
    made = f"BET1P{body}"
    with pytest.raises(ValueError, match="it was not made by the course"):
        decode(made + checksum(made))


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text):
    found = read_codes(text)
    assert found.results == ()
    assert len(found.refused) >= sum(1 for line in text.splitlines() if line.strip())


def test_pooling_adds_up():
    both = pool([person(0), person(1)])
    assert both.participants == 2
    for condition in both.counts:
        expected = [person(i).total(condition) for i in (0, 1)]
        assert both.total(condition) == tuple(map(sum, zip(*expected, strict=True)))
    with pytest.raises(ValueError, match="of 2 participants: a code is for one"):
        encode(both)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: pool([]), "no results to pool"),
        (lambda: pool([person(), machine()]), "never pooled"),
        (lambda: class_figure([machine(), machine(1)]), "are the simulated participant's results"),
        (lambda: class_figure([person()], simulated={0: person()}), "holds the result of a person"),
        (lambda: class_figure([person()], simulated={1: machine()}), "a result of seed 0 by 1"),
        (lambda: pool([person(), person(1, trials=3)]), r"different trials \(seeds 0, 3\)"),
        (lambda: tally([], "person", 0), "no bets to count yet"),
        (lambda: tally(bets(), "robot", 0), "who='robot': give 'person' or 'simulated'"),
        (lambda: tally(bets(), "person", 1000), "seed=1000: give a seed from 0 to 999"),
        (lambda: encode(Tally("person", 0, {"fooled": (Count(1, 2),) * 5})), "2 right of 1"),
        (lambda: encode(Tally("person", 0, {"fooled": (Count(0, 0),) * 5})), "without any bet"),
    ],
)
def test_results_that_cannot_be(action, message):
    with pytest.raises(ValueError, match=message):
        action()


def test_figures_say_whose_bets_they_show():
    alt = class_figure([person(i) for i in range(6)], simulated={0: machine()}).alt
    assert "Bets of 6 people" in alt and "visualizations 0." in alt
    assert "1 person" in class_figure([person()]).alt
    alt = bet_calibration_figure({"you": bets(0), "simulated participant": bets(1)}).alt
    assert "Calibration of you, simulated participant" in alt
    alt = score_figure({"robust": {"fooled": Estimate(0.8, 0.7, 0.9, 8)}}).alt
    assert "(simulated participant)" in alt and "robust: fooled 0.80" in alt
