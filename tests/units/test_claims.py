"""Claims: registered before they are measured, three verdicts, nulls, intervals."""

import json
import math

import numpy as np
import pytest
import torch
from scipy import stats

from course_lib.classroom import texts
from course_lib.classroom.claims import RESULT, STRICT, ClaimFailed, claim
from course_lib.classroom.texts import alt
from course_lib.statistics import (
    Estimate,
    counted,
    mean,
    needed,
    paired_difference,
    paired_shares,
    proportion,
)

REGISTERED = """
[claim.42-seen]
sentence = "At least {at_least} are seen."
kind = "estimate"
of = "units"
at_least = "14 of 16"
seeds = { starts = [0, 1], judge = 3 }
fails = "fewer"
null = "another unit's pictures"
verdict = "holds"

[claim.42-alike]
sentence = "The two are as low as each other, to {at_most}."
kind = "equivalence"
of = "classes"
at_least = -0.3
at_most = 0.3
seeds = { networks = 0 }
fails = "a gap"
null = "shuffled classes"
verdict = "undecided"

[claim.42-all]
sentence = "All networks are high."
kind = "count"
of = "networks"
at_least = 1
seeds = { networks = [0, 1] }
fails = "a low one"
verdict = "holds"

[claim.42-inside]
sentence = "Members are inside."
kind = "identity"
of = "members"
at_least = 1
seeds = { members = 0 }
fails = "wrong code"
verdict = "holds"

[figure]
42-row = "Eight <small> pictures in a row, {how} of them blue."
"""


@pytest.fixture(autouse=True)
def lesson_42(monkeypatch, tmp_path):
    """A lesson whose texts are these, and whose claims may have any verdict."""
    monkeypatch.delenv(STRICT, raising=False)

    def rewrite(text):
        (tmp_path / "texts.toml").write_text(text, encoding="utf-8")
        for cached in (texts._read, texts.claims_of):
            cached.cache_clear()

    rewrite(REGISTERED)
    monkeypatch.setattr(texts, "room_of", lambda lesson: tmp_path)
    yield rewrite
    rewrite("")


def test_a_claim_shows_all_its_evidence():
    made = claim("42-seen", proportion(160, 160), null=0.1, code="reference")
    text = repr(made)
    for part in ("✓ Claim holds. At least 14 of 16 are seen.", "160 of 160", "n = 160 units",
                 "95 % interval 0.977 to 1", "threshold: at least 14 of 16",
                 "for comparison, another unit's pictures: 0.1", "seeds: starts 0 1, judge 3",
                 "code: reference"):  # fmt: skip
        assert part in text
    assert "✓" in made._repr_html_()


def test_the_whole_interval_decides(monkeypatch):
    for estimate, verdict, told in (
        (proportion(160, 160), "holds", "✓"),
        (proportion(16, 16), "undecided", "about 28 units would be enough"),
        (proportion(14, 16), "undecided", "no number of units"),
        (mean([1.0, 1.0]), "undecided", "all values being equal"),
        (proportion(13, 16), "fails", "✗"),
        (Estimate(math.nan, 0, 1, 5), "fails", "✗"),
    ):
        made = claim("42-seen", estimate, null=0.1)
        mark = {"holds": "✓", "undecided": "◐", "fails": "✗"}[verdict]
        assert made.verdict == verdict and told in repr(made)
        assert repr(made).startswith(mark) and mark in made._repr_html_()
    monkeypatch.setenv(STRICT, "1")
    claim("42-seen", proportion(160, 160), null=0.1)
    edge = claim("42-seen", Estimate(0.95, 0.87, 1.0, 8), null=0.1)  # as rounding may have it
    assert edge.verdict == "undecided" and edge.registered.verdict == "holds"
    off = Estimate(0.95, 0.85, 1.0, 8), Estimate(0.8, 0.725, 0.875, 8)
    for worse in (proportion(16, 16), proportion(13, 16), *off):
        with pytest.raises(ClaimFailed, match=r"registered as 'holds' and is '(undecided|fails)'"):
            claim("42-seen", worse, null=0.1)
    with pytest.raises(ClaimFailed, match=r"registered as 'undecided' and is 'holds' now"):
        claim("42-alike", Estimate(0, -0.1, 0.1, 8), null=0.9)  # a better one is news, too


def test_as_low_as_is_tested_as_an_equivalence():
    for ends, verdict in (((-0.2, 0.2), "holds"), ((-0.6, 0.4), "undecided")):
        made = claim("42-alike", Estimate(-0.1, *ends, 8), null=Estimate(0.9, 0.7, 1.1, 8))
        assert made.verdict == verdict and "at least -0.3 and at most 0.3" in made.evidence
    assert claim("42-alike", Estimate(-0.4, -0.6, -0.2, 8), null=0.9).verdict == "fails"


def test_a_claim_that_would_hold_under_its_null_shows_nothing(monkeypatch):
    made = claim("42-seen", proportion(160, 160), null=proportion(159, 160))
    assert made.null_holds and repr(made).startswith("✗ Claim shows nothing")
    assert not claim("42-seen", proportion(160, 160), null=proportion(16, 16)).null_holds
    monkeypatch.setenv(STRICT, "1")
    with pytest.raises(ClaimFailed, match="would hold under its null"):
        claim("42-seen", proportion(160, 160), null=0.95)
    for wrong, told in (
        (lambda: claim("42-seen", proportion(160, 160)), "give null="),
        (lambda: claim("42-all", counted(2, 2), null=0.1), "has no null"),
        (lambda: claim("42-all", proportion(2, 2)), "registered as count, and an estimate"),
        (lambda: claim("42-seen", counted(2, 2), null=0.1), "as estimate, and a count"),
        (lambda: claim("42-sen", counted(2, 2)), "no claim '42-sen'.*: 42-seen, 42-alike"),
        (lambda: alt("42-column"), "no figure '42-column'.*42-row"),
        (lambda: alt("xx-column"), "no figure 'xx-column'.*: none"),
    ):
        with pytest.raises(ValueError, match=told):
            wrong()


def test_a_count_pretends_no_interval_and_a_check_of_the_code_is_no_claim():
    scores = torch.tensor([0.93, 0.9, 1.1, 0.85])
    made = claim("42-all", counted(scores > 0.8, margin=scores - 0.8))
    assert made.verdict == "holds" and "95 %" not in made.evidence
    assert "4 of 4 (n = 4 networks, no interval: counted, smallest margin 0.05)" in made.evidence
    some = claim("42-all", counted(scores > 0.86, margin=scores - 0.86))
    assert some.verdict == "fails" and "smallest margin -0.01" in some.evidence
    assert repr(claim("42-inside", counted(3, 3))).startswith("✓ Check of the code. Members")
    assert repr(claim("42-inside", counted(2, 3))).startswith("✗ Claim fails")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('null = "shuffled classes"', "", "needs its null"),
        ("at_least = -0.3\n", "", "between two bounds"),
        ('at_least = "14 of 16"', "", "cannot be read: 'at_least'"),
        ('kind = "count"\nof = "networks"\nat_least = 1\n', 'kind = "count"\n', "'of'"),
        ("at_least = 1\n", "", "no threshold"),
        ('kind = "count"', 'kind = "guess"', "its kind is none"),
        ('fails = "a gap"', 'fails = ""', "fails is empty"),
        ('verdict = "undecided"', 'verdict = "perhaps"', "its verdict is none"),
        ('verdict = "undecided"', "", "missing 1 required positional argument: 'verdict'"),
        ('verdict = "undecided"', 'verdict = "holds"\nvalue = 3', "unexpected keyword argument"),
    ],
)
def test_a_claim_that_is_not_registered_whole_is_refused(lesson_42, old, new, told):
    assert old in REGISTERED
    lesson_42(REGISTERED.replace(old, new))
    with pytest.raises(ValueError, match=told):
        texts.claims_of("42")


def test_a_claim_leaves_its_result_in_the_notebook():
    [(kind, result)] = claim("42-seen", mean([1.0, 1.0]), null=0.1)._repr_mimebundle_().items()
    assert kind == RESULT and json.loads(json.dumps(result, allow_nan=False)) == result
    assert (result["name"], result["low"], result["null"]) == ("42-seen", None, 0.1)
    assert alt("42-row", how="three") == "Eight <small> pictures in a row, three of them blue."


# intervals


def test_intervals():
    assert proportion(torch.tensor([True, False, True])).shown == "2 of 3"
    for hits in (0, 3, 8):
        expected = stats.binomtest(hits, 8).proportion_ci(method="wilson")
        assert proportion(hits, 8)[1:3] == pytest.approx((expected.low, expected.high), abs=1e-9)
    for hits, n in ((0, 12), (13, 13)):  # where rounding would leave the share outside
        low, high = proportion(hits, n)[1:3]
        assert low <= hits / n <= high
    values = [0.2, 1.7, -3.0, 4.4]
    expected = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert mean(values)[1:3] == pytest.approx(expected)
    assert mean([1.0, 2.0, 3.0]).value == 2
    assert math.isnan(mean([2.0, 2.0]).low)
    assert mean([1.0, 1.0, 0.9, 0.8], bounds=(0, 1)).high == 1 < mean([1.0, 1.0, 0.9, 0.8]).high
    assert paired_difference([3, 5, 9], [1, 2, 3]).value == pytest.approx(11 / 3)
    ones = torch.ones(3), torch.ones(4)
    for function, given, told in (
        (proportion, (3, 2), None), (proportion, (0, 0), None), (mean, ([1.0],), None),
        (counted, (3, 2), "hits"), (counted, (0, 0), "hits"), (counted, (torch.zeros(0),), "hits"),
        (paired_difference, ones, "pairs"), (paired_shares, ones, "pairs"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=told):
            function(*given)


def pairs(both, first, second, neither):
    table = [(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither
    return torch.tensor(table).bool().T


def test_paired_shares_are_newcombes():
    estimate = paired_shares(*pairs(36, 12, 2, 0))  # of his paper's own examples
    assert estimate[:4] == pytest.approx((0.2, 0.0569, 0.3404, 50), abs=1e-4)
    low, high = paired_shares(*pairs(505, 1, 0, 6))[1:3]
    assert low < 0 and high > 0.01  # one event among 512 says next to nothing; Student: 0.006
    same = paired_shares(*pairs(0, 0, 0, 9))
    assert same.value == 0 and same.low < 0 < same.high


def test_paired_shares_cover_what_they_say():
    """Of a price of 0.4 % among 512 pairs; Student's interval covers it far too seldom."""
    generator = torch.Generator().manual_seed(0)
    first = torch.ones(400, 512, dtype=torch.bool)
    second = torch.rand(400, 512, generator=generator) > 0.004
    newcombe = [paired_shares(a, b) for a, b in zip(first, second, strict=True)]
    student = [paired_difference(a, b) for a, b in zip(first, second, strict=True)]
    held = [sum(e.low <= 0.004 <= e.high for e in some) / 400 for some in (newcombe, student)]
    assert held[0] > 0.93 and held[1] < 0.9


def test_how_many_more_are_needed():
    assert needed(proportion(8, 8), 7 / 8, math.inf) == 28
    assert needed(proportion(7, 8), 7 / 8, math.inf) is None
    assert needed(mean([2.0, 2.0]), 0, 3) is None
    some = mean([0.4, 0.8, 0.9, 0.6])
    assert 10 < needed(some, 0.5, math.inf) < 30
    assert needed(some, 0.5, 0.9) > needed(some, 0.3, math.inf)
