"""Short codes that learners send: numbers in letters with a check, read as people copy them.

A code is a head, such as "BET1P", then digits of Crockford's base 32, whose last five are a
checksum of all that stands before.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U, which are misread
_USUAL = "0123456789ABCDEFGHIJKLMNOPQRSTUV"  # of int() and NumPy
_READ_AS = str.maketrans("OIL", "011")
_CHECK = 5  # digits: one wrong code in 33 million passes
# times of a chat, which tell nobody apart
_TIME = re.compile(r"\d+[:./-]\d[\d:./-]*(\s*[ap]m\b)?", re.IGNORECASE)


class Line(NamedTuple):
    """A line of a pasted text that is not empty.

    number: from 1. text: the whole of it. codes: the words in it that look like codes, as they
    were typed. sender: what stands before the first one, such as a name, without times.
    """

    number: int
    text: str
    codes: tuple[str, ...]
    sender: str


def packed(head: str, fields: Iterable[tuple[int, int]], about: str = "") -> str:
    """The code of these fields: numbers, each with the one that it stays below.

    about: what else the checksum vouches for, and whoever reads the code knows.
    """
    number = 0
    for value, below in reversed([*fields]):
        number = number * below + value
    whole = head + _in_base_32(number)
    return whole + checksum(whole + about)


def as_digits(typed: str) -> str:
    """Digits as they were meant: O, I and L are read as 0, 1 and 1, and small letters as large."""
    return typed.strip().upper().translate(_READ_AS)


def opened(digits: str) -> int | None:
    """The number in a code's digits, its checksum left out; None where they are none."""
    body = digits[:-_CHECK]
    if not body or set(digits) - set(_DIGITS):
        return None
    return int(body.translate(str.maketrans(_DIGITS, _USUAL)), 32)


def vouched(head: str, digits: str, about: str = "") -> bool:
    """Whether a code's digits end with the checksum of what stands before."""
    return checksum(head + digits[:-_CHECK] + about) == digits[-_CHECK:]


def checksum(text: str) -> str:
    """Five digits that another text has once in 33 million."""
    return _in_base_32(zlib.crc32(text.encode()) % 32**_CHECK).rjust(_CHECK, "0")


def lines_of(text: str, looks: re.Pattern[str]) -> Iterator[Line]:
    """The lines of a pasted text, counted from below the quotes that it was pasted between.

    Args:
        looks: how a code of the wanted kind begins, in large letters.
    """
    for number, line in enumerate(text.removeprefix("\n").splitlines(), 1):
        words = [word.strip(".,:;!?()[]<>\"'`*_") for word in re.split(r"[\s,;:|]+", line)]
        codes = tuple(word for word in words if looks.match(word.upper()))
        before = line[: line.index(codes[0])] if codes else ""
        if line.strip():
            sender = " ".join(re.findall(r"\w+", _TIME.sub(" ", before))).casefold()
            yield Line(number, line, codes, sender)


def short(text: str) -> str:
    """The beginning of what was typed, in quotation marks."""
    plain = " ".join(text.split())
    return f"“{plain if len(plain) <= 40 else plain[:39] + '…'}”"


def _in_base_32(number: int) -> str:
    return np.base_repr(number, 32).translate(str.maketrans(_USUAL, _DIGITS))
