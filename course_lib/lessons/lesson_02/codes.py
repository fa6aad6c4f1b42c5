"""Tallies of bets, and the short codes that carry them to whoever teaches a class.

A code holds counts: for every condition, and for each confidence, how many bets were placed and how
many were right. It also holds whose they are, people's or the simulated participant's, and which
trials they answered. It holds nothing about the person.

Layout: "BET1", then P (a person) or S (simulated), then what `course_lib.classroom.codes` packs.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from course_lib.classroom.codes import as_digits, lines_of, opened, packed, short, vouched
from course_lib.lessons.lesson_02.bet import CONFIDENCES, Bet
from course_lib.lessons.lesson_02.trials import CONDITIONS

VERSION = 1
Who = Literal["person", "simulated"]
_LETTERS: dict[Who, str] = {"person": "P", "simulated": "S"}
MOST_BETS = 999  # for one condition and confidence
MOST_SEEDS = 1000
_CODE = re.compile(r"BET([\dIL]+)([A-Z])([0-9A-Z]*)")
LOOKS = re.compile(r"BET(\d|[IL][PS][0-9A-Z]{9})")
"""How a code begins, in large letters; a small l is read as 1, and Betina is nobody's code."""


class Count(NamedTuple):
    """The number of bets that were placed, and of those that were right."""

    bets: int
    right: int


Counts = dict[str, tuple[Count, ...]]
"""By condition, a count for each of `CONFIDENCES`."""


class Tally(NamedTuple):
    """Counts of bets, of one participant or of several.

    who: "person" or "simulated". seed: of the trials. counts: by condition and confidence.
    participants: how many took part.
    """

    who: Who
    seed: int
    counts: Counts
    participants: int = 1

    def total(self, condition: str) -> Count:
        """The count over all confidences; (0, 0) where there were no bets."""
        rows = self.counts.get(condition, ())
        return Count(sum(row.bets for row in rows), sum(row.right for row in rows))


class Reading(NamedTuple):
    """The tallies in a pasted text.

    results: one a good code. refused: a sentence for each line that is none, or not counted.
    """

    results: tuple[Tally, ...]
    refused: tuple[str, ...]


def tally(bets: Iterable[Bet], who: Who, seed: int) -> Tally:
    """The tally of one participant's bets.

    Args:
        who: whose bets they are. seed: of their trials.

    Raises:
        ValueError: there is no bet, or such a participant or seed cannot be.
    """
    if who not in _LETTERS:
        raise ValueError(f"who={who!r}: give 'person' or 'simulated'.")
    if not 0 <= seed < MOST_SEEDS:
        raise ValueError(f"seed={seed}: give a seed from 0 to {MOST_SEEDS - 1}.")
    bets = list(bets)
    if not bets:
        raise ValueError("There are no bets to count yet: place at least one.")
    counts: Counts = {}
    for condition in CONDITIONS:
        mine = [bet for bet in bets if bet.trial.condition == condition]
        if mine:
            counts[condition] = tuple(
                Count(len(at), sum(bet.right for bet in at))
                for at in ([b for b in mine if b.confidence == level] for level in CONFIDENCES)
            )
    return Tally(who, seed, counts)


def pool(results: Sequence[Tally]) -> Tally:
    """The sum of tallies.

    Raises:
        ValueError: there are none, or they are of people and of the simulated participant, or of
            different trials.
    """
    if not results:
        raise ValueError("There are no results to pool: give at least one.")
    if len({result.who for result in results}) > 1:
        raise ValueError(
            "These are results of people and of the simulated participant: they are never pooled, "
            "so give the ones or the others."
        )
    if len({result.seed for result in results}) > 1:
        seeds = ", ".join(str(seed) for seed in sorted({result.seed for result in results}))
        raise ValueError(f"These results are of different trials (seeds {seeds}): give one kind.")
    counts: Counts = {}
    for condition in CONDITIONS:
        rows = [result.counts[condition] for result in results if condition in result.counts]
        if rows:
            counts[condition] = tuple(
                Count(sum(c.bets for c in at), sum(c.right for c in at))
                for at in zip(*rows, strict=True)
            )
    people = sum(result.participants for result in results)
    return results[0]._replace(counts=counts, participants=people)


def encode(result: Tally) -> str:
    """The code of one participant's tally: letters and digits, about 30 of them.

    Raises:
        ValueError: it is of several participants, or holds more than fits.
    """
    if result.participants != 1:
        raise ValueError(
            f"This result is of {result.participants} participants: a code is for one."
        )
    present = sum(2**place for place, name in enumerate(CONDITIONS) if name in result.counts)
    fields = [(result.seed, MOST_SEEDS), (present, 2 ** len(CONDITIONS))]
    for rows in (result.counts[c] for c in CONDITIONS if c in result.counts):
        if not any(count.bets for count in rows):
            raise ValueError("This result names a condition without any bet: leave it out.")
        for count in rows:
            if not 0 <= count.right <= count.bets <= MOST_BETS:
                raise ValueError(
                    f"{count.right} right of {count.bets}: a code holds at most {MOST_BETS} bets "
                    "for a condition and a confidence."
                )
            fields += [(count.bets, MOST_BETS + 1), (count.right, count.bets + 1)]
    return packed(f"BET{VERSION}{_LETTERS[result.who]}", fields)


def decode(code: str) -> Tally:
    """The tally in a code; lower case, and O, I, L for 0, 1, 1, are read too.

    Raises:
        ValueError: it is damaged, or not one of this course's.
    """
    found = _CODE.fullmatch(code.strip().upper())
    if found is None:
        raise ValueError(f"{short(code)} is no code of a bet: these begin with BET{VERSION}.")
    version, letter, digits = as_digits(found[1]), found[2], as_digits(found[3])
    if version != str(VERSION):
        raise ValueError(
            f"{short(code)} is a code of version {short(version)}, and this course reads version "
            f"{VERSION}: use one version of the course in a class."
        )
    who = {letter: who for who, letter in _LETTERS.items()}.get(letter)
    head, number = f"BET{VERSION}{letter}", opened(digits)
    if who is None or number is None or not vouched(head, digits):
        raise ValueError(f"{short(code)} is damaged: have it copied once more, as a whole.")
    result = _unpacked(who, number)
    # one result has one code: what is left over, or begins with zeros, was made by other means
    if result is None or encode(result) != head + digits:
        raise ValueError(f"{short(code)} holds no possible result: it was not made by the course.")
    return result


def read_codes(text: str) -> Reading:
    """The tallies that a class has sent: a code a line, names or anything else before it.

    Good codes are kept, whatever else there is. Two people whose counts are the same are told apart
    by the names before their codes. Not counted, and named with their line, are lines without a
    code, damaged or foreign codes, repetitions, codes of the simulated participant, and codes about
    other trials than most.
    """
    found: list[tuple[int, Tally]] = []
    refused: list[tuple[int, str]] = []
    earlier: dict[str, dict[str, int]] = {}  # by code and sender, the line
    for number, line, codes, sender in lines_of(text, LOOKS):
        if not codes:
            refused.append((number, f"{short(line)} holds no code of a bet."))
        for code in codes:
            try:
                result = decode(code)
            except ValueError as error:
                refused.append((number, str(error)))
                continue
            senders = earlier.setdefault(encode(result), {})
            if result.who == "simulated":
                told = "this is the simulated participant's, never pooled with people's."
                refused.append((number, told))
            elif senders and (not sender or sender in senders or "" in senders):
                first = min(senders.values())
                told = f"the code of line {first} again, counted once; two people need two names."
                refused.append((number, told))
            else:
                senders[sender] = number
                found.append((number, result))
    seeds = [result.seed for _, result in found]
    usual = max(seeds, key=seeds.count) if seeds else 0
    refused += [
        (number, f"about other trials (seed {result.seed}) than most here (seed {usual}).")
        for number, result in found
        if result.seed != usual
    ]
    return Reading(
        tuple(result for _, result in found if result.seed == usual),
        tuple(f"Line {number}: {sentence}" for number, sentence in sorted(refused)),
    )


def _unpacked(who: Who, number: int) -> Tally | None:
    number, seed = divmod(number, MOST_SEEDS)
    number, present = divmod(number, 2 ** len(CONDITIONS))
    counts: Counts = {}
    for place, condition in enumerate(CONDITIONS):
        if present & 2**place:
            rows: list[Count] = []
            for _ in CONFIDENCES:
                number, bets = divmod(number, MOST_BETS + 1)
                number, right = divmod(number, bets + 1)
                rows.append(Count(bets, right))
            if not any(row.bets for row in rows):
                return None
            counts[condition] = tuple(rows)
    return Tally(who, seed, counts) if counts else None
