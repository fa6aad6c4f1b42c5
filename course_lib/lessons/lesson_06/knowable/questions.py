"""The paper's three questions (Geirhos et al., ICML 2024), answered from the ranges.

Given what visualizations show, is f(x) known exactly? To within epsilon? Or at least, whether it is
nearer to the minimum or to the maximum? Lesson 06 builds the answers by hand (`three_answers`).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.exercises.three_answers import reference as three_answers
from course_lib.lessons.lesson_06.knowable.catalogue import NAMES, find_class, typical_extremes
from course_lib.lessons.lesson_06.knowable.extremes import (
    Extremes,
    Place,
    point,
    same_point,
    value_at,
)
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass

_EPSILON = 0.05  # of the second question, as a share of f_max - f_min
_CLOSE = 1e-8  # rounding of a witness

PAPER_SAYS = {"affine, one variable": True, "constant": True, "Lipschitz, L small": None}
"""Whether the paper finds a class's members predictable from their extreme inputs; others: not.

None where its answer depends on how small L is, so that ours has nothing to agree with. These are
verdicts on whole classes, not single cells of the paper's table.
"""
ThreeAnswers = Callable[[float, float, float, float, float], Sequence[bool]]
"""From low, high, f_min, f_max and epsilon to the answers: is f(x) known exactly, to within
epsilon, and as to its side?"""


class ClassRow(NamedTuple):
    """A class's row of the table.

    exact, within, side: the shares of points at which the question is answered with yes.
    widest: the largest width of the range at any of the points, as a share of f_max - f_min
        (0 where there is no rise).
    """

    name: str
    exact: float
    within: float
    side: float
    widest: float

    @property
    def agrees(self) -> bool | None:
        """Whether this is the paper's verdict on the class; None where it can't be compared."""
        paper = PAPER_SAYS.get(self.name, False)
        return None if paper is None else (self.exact == 1) == paper


def points_between(extremes: Extremes, count: int, seed: int = 0) -> Tensor:
    """(count, d) points drawn uniformly from the cube, none of them an extreme."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(count, extremes.dimension, generator=generator, dtype=torch.float64)
    ends = (extremes.x_min, extremes.x_max)
    return torch.stack([p for p in points if not any(same_point(p, end) for end in ends)])


def spread(
    function_class: FunctionClass, extremes: Extremes, x: Tensor, *, members: int, seed: int
) -> Tensor:
    """(members,): the values at x of random members with the same extremes."""
    generator = torch.Generator().manual_seed(seed)
    drawn = (function_class.member(extremes, generator) for _ in range(members))
    return torch.tensor([value_at(f, x) for f in drawn], dtype=torch.float64)


def class_row(
    function_class: FunctionClass,
    extremes: Extremes,
    *,
    points: int = 200,
    answer: ThreeAnswers = three_answers,
) -> ClassRow:
    """A class's row of the table: the questions at so many random points of the cube, as `answer`
    answers them.
    """
    places = points_between(extremes, points)
    ranges = [function_class.value_range(extremes, x) for x in places]
    ends = extremes.f_min, extremes.f_max, _EPSILON * extremes.rise
    answers = [[bool(yes) for yes in answer(*found, *ends)] for found in ranges]
    widest = max(found.width for found in ranges) / (extremes.rise or 1.0)
    exact, within, side = (sum(column) / len(answers) for column in zip(*answers, strict=True))
    return ClassRow(function_class.name, exact, within, side, widest)


def class_rows(*, points: int = 200, answer: ThreeAnswers = three_answers) -> list[ClassRow]:
    """The rows of the twelve classes."""
    return [class_row(*example(name), points=points, answer=answer) for name in NAMES]


def example(name: str) -> tuple[FunctionClass, Extremes]:
    """A class as it stands in the table, and its extremes: at opposite corners of the cube, values
    0 and 1. Those that need more get it: five random training points; L of 1.05 or 20 times the
    slope that the extremes force. Errors as of `find_class`.
    """
    extremes = typical_extremes(name)
    generator = torch.Generator().manual_seed(1000)
    inputs = torch.rand(5, extremes.dimension, generator=generator, dtype=torch.float64)
    targets = torch.rand(5, generator=generator, dtype=torch.float64)
    return find_class(name, extremes, data=(inputs, targets)), extremes


class Witnessed(NamedTuple):
    """A "no", with its evidence at one point.

    width: of the range. apart: how far the two witnesses are apart there. violation: the largest
        that was found of what makes a member, extremes included, in either of them.
    """

    name: str
    width: float
    apart: float
    violation: float

    @property
    def holds(self) -> bool:
        """Whether two members are as far apart as the range is wide, and it has a width."""
        close = abs(self.apart - self.width) <= _CLOSE
        return self.width > _CLOSE and close and self.violation <= _CLOSE


def witnessed(function_class: FunctionClass, extremes: Extremes, x: Place) -> Witnessed:
    """The evidence of the two witnesses at a point; errors as of `FunctionClass.value_range`."""
    lowest, highest, found = function_class.witness(extremes, x)
    place = point(x, extremes.dimension)
    apart = value_at(highest, place) - value_at(lowest, place)
    checks = [function_class.check_member(f, extremes) for f in (lowest, highest)]
    return Witnessed(function_class.name, found.width, apart, max(checks))
