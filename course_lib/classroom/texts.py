"""What a lesson claims and what its figures show, in words that stand in none of its cells.

A lesson's texts.toml, in its room, registers each claim before it is measured, and has each
figure's alt text. Their names begin with the lesson's number, as in "05-low-in-the-middle".
"""

import math
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from course_lib.classroom.rooms import room_of

Kind = Literal["estimate", "count", "equivalence", "identity"]
Verdict = Literal["holds", "undecided", "fails"]


class Bound(NamedTuple):
    """A threshold: the number, and how the lesson writes it, such as "97 %" or "7 of 8"."""

    value: float
    written: str

    def __str__(self) -> str:
        return self.written


class Registered(NamedTuple):
    """A claim as it was written down before it was measured.

    name: its own in the course. sentence: readable by itself. kind: "estimate", of a sample, with
    an interval; "equivalence", the same between two bounds; "count", over all there is, without an
    interval; "identity", what only wrong code could break. at_least, at_most: the bounds.
    of: what is sampled or counted, such as "units". seeds: of everything random, in words.
    fails: what would make it fail. null: what the value was measured under where nothing is to be
    found, such as "labels of other renders"; empty for counts and identities without one.
    verdict: the one that it had; a run that is to test it fails with any other.
    """

    name: str
    sentence: str
    kind: Kind
    of: str
    seeds: str
    fails: str
    verdict: Verdict
    at_least: Bound | None = None
    at_most: Bound | None = None
    null: str = ""

    @property
    def low(self) -> float:
        """The least value that keeps to it."""
        return -math.inf if self.at_least is None else self.at_least.value

    @property
    def high(self) -> float:
        """The largest one."""
        return math.inf if self.at_most is None else self.at_most.value

    @property
    def threshold(self) -> str:
        """The bounds, in words."""
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{words} {bound}" for words, bound in bounds if bound is not None)


def registered(name: str) -> Registered:
    """The claim of this name; if there is none, a ValueError names those of the lesson."""
    return _named(name, "claim", claims_of(name[:2]))


def alt(name: str, **values: object) -> str:
    """The alt text of the figure of this name, measured values in its fields {in braces}; if there
    is none, a ValueError names those of the lesson."""
    text = _named(name, "figure", _read(name[:2]).get("figure", {})).format(**values)
    return " ".join(text.split())


def _named(name: str, what: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        there = ", ".join(known) or "none"
        raise ValueError(f"There is no {what} {name!r}. Those of lesson {name[:2]} are: {there}.")
    return known[name]


@lru_cache
def claims_of(lesson: str) -> dict[str, Registered]:
    """The claims of the lesson with these two digits by name, in their order."""
    return {name: _claim(name, row) for name, row in _read(lesson).get("claim", {}).items()}


@lru_cache
def _read(lesson: str) -> dict[str, Any]:
    path = room_of(lesson) / "texts.toml"
    if not (lesson.isdigit() and path.exists()):
        return {}
    read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return read


def _claim(name: str, row: dict[str, Any]) -> Registered:
    """A claim from its row, bounds filled in; ValueError if something is missing or of no use."""
    row = {key: " ".join(v.split()) if isinstance(v, str) else v for key, v in row.items()}
    bounds: dict[str, Any] = {
        key: _bound(row.pop(key)) for key in ("at_least", "at_most") if key in row
    }
    seeds, sentence = row.pop("seeds", {}), row.pop("sentence", "")
    told = ", ".join(
        f"{what} {' '.join(map(str, seed)) if isinstance(seed, list) else seed}"
        for what, seed in seeds.items()
    )
    try:
        filled = sentence.format(**bounds)
        claim = Registered(name=name, sentence=filled, seeds=told, **bounds, **row)
    except (KeyError, TypeError) as error:
        raise ValueError(f"Claim {name!r} cannot be read: {error}.") from None
    sampled = claim.kind in ("estimate", "equivalence")
    for wrong, why in (
        (claim.kind not in get_args(Kind), f"its kind is none of {', '.join(get_args(Kind))}"),
        (claim.verdict not in get_args(Verdict), "its verdict is none"),
        (not bounds, "it has no threshold: give at_least or at_most"),
        (claim.kind == "equivalence" and len(bounds) < 2, "an equivalence lies between two bounds"),
        (sampled and not claim.null, "an estimate needs its null"),
        (not (claim.sentence and claim.seeds and claim.fails), "sentence, seeds or fails is empty"),
    ):
        if wrong:
            raise ValueError(f"Claim {name!r} cannot be used: {why}.")
    return claim


def _bound(written: float | str) -> Bound:
    """From 0.8, "97 %" or "7 of 8"."""
    text = str(written)
    if text.endswith("%"):
        return Bound(float(text[:-1]) / 100, text)
    hits, _, n = text.partition(" of ")
    return Bound(float(hits) / float(n) if n else float(hits), text)
