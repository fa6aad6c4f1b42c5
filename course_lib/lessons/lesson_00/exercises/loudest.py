"""Lesson 00: which unit responds most?

`responses` is a tensor of eight numbers: what the eight units say to one image. Which unit responds
most? Return its number, from 0 to 7.
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, Wrong, number, rows


def reference(responses: Tensor) -> int:
    """The number of the unit that responds most."""
    return int(responses.argmax())


_USUAL = torch.randn(24, 8, generator=torch.Generator().manual_seed(0))
_USUAL[0] = torch.tensor([1.0, -2.0, 0.5, 7.3, 2.0, 0.0, -9.1, 3.0])
_CLOSE = torch.tensor([2.2, 2.31, -1.0, 0.4, 2.34, 2.0, 2.1, -2.4])


def _unit(value: object, what: str) -> float:
    """A number; a response is let through, so that the check can tell what it is."""
    if isinstance(value, tuple):
        raise Wrong(
            f"Your function returned {len(value)} things in a tuple, where {what} is due: "
            "torch.max(responses, dim=0), for one, gives the largest response and its place. "
            "Return the place alone."
        )
    found = number(value, what)
    return int(found) if found.is_integer() else found


def _told(found: float, wanted: int, responses: Tensor) -> str:
    if found == float(responses.max()) and not found.is_integer():
        return f"You returned how much the unit responds, {found:.3g}:"
    told = f"Unit {wanted} responds most, with {responses[wanted]:.2f}; you return {found:g}"
    if found in range(len(responses)):
        more = int((responses > responses[int(found)]).sum())
        told += f", which responds with {responses[int(found)]:.2f} ({more} of 8 respond with more)"
    return f"{told}:"


def returns_the_response(responses: Tensor) -> float:
    return float(responses.max())


def finds_the_least(responses: Tensor) -> int:
    return int(responses.argmin())


_PLACES: Rows = {
    "say which unit it is.": returns_the_response,
    "you found the unit that responds least.": finds_the_least,
    "you went by the size of the response and forgot its sign: -3 is less than 1.": (
        lambda r: r.abs().argmax()
    ),
    "you count from 1, and the units are numbered 0 to 7.": lambda r: r.argmax() + 1,
    "you count backwards from the end, and the units are numbered 0 to 7.": (
        lambda r: r.argmax() - len(r)
    ),
    "it is 7 whatever your function is given. In sorted responses the largest always stands last; "
    "where did it stand before?": lambda r: len(r) - 1,
    "you found the unit in the middle of the order.": lambda r: r.argsort()[len(r) // 2],
    "cut to whole numbers, these two are the same, and the first was taken: compare the responses "
    "as they are.": lambda r: r.int().argmax(),
}
_BELOW: Rows = {
    "a response may lie below 0 and be the largest all the same.": (
        lambda r: r.clamp(min=0).argmax()
    ),
}

EXERCISE = Exercise(
    title="which unit responds most?",
    core=True,
    difficulty=1,
    minutes=2,
    reference=reference,
    gives=Gives(_unit, "the number of a unit"),
    checks=(
        Agrees(
            "finds the largest response among usual ones",
            [(row,) for row in _USUAL],
            _told,
            "find the place of the largest response; the units are numbered 0 to 7.",
            rows(_PLACES),
        ),
        Agrees(
            "finds it where all are negative",
            [(-1 - _USUAL[1].abs(),), (_CLOSE - 9,), (-1 - torch.arange(8.0),), (_USUAL[2] - 1e4,)],
            _told,
            "here all responses lie below 0. The largest is the one that no other exceeds.",
            rows(_BELOW),
        ),
        Agrees(
            "finds it where responses are nearly alike, or 0",
            [(r,) for r in (1e-3 * _USUAL[2], _CLOSE.double())]
            + [((_CLOSE - 2.34).roll(3),), (torch.arange(8.0) - 7,), (-torch.arange(8.0),)],
            lambda *given: (
                f"Of the responses {[round(float(r), 5) for r in given[2]]}: " + _told(*given)
            ),
            "it is larger by a little, or nothing is larger than 0: compare the responses as they "
            "are, without rounding.",
        ),
    ),
    hints=(
        "responses.max() is the largest response. You need the place where it stands.",
        "The method for this is argmax; int(...) makes a plain number of it.",
    ),
)
