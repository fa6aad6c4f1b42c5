"""Lesson 06: what the extremes of an affine function leave open in many variables.

An affine function `c + g·y` of the cube is least at `x_min` and greatest at `x_max` (points,
tensors `(d,)`), with the values `f_min` and `f_max`, which differ. Return the range of its values
at `x`, `(low, high)`.

A variable with a positive slope is 0 at `x_min` and 1 at `x_max`; with a negative slope it is 1 and
then 0. All others have slope 0. The sizes of the slopes sum to `f_max - f_min`; nothing else is
known of them.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows
from course_lib.lessons.lesson_06.answers import ends, listed, range_told


def reference(
    x_min: Tensor, x_max: Tensor, x: Tensor, f_min: float, f_max: float
) -> tuple[float, float]:
    """The smallest and the largest value that f(x) can have."""
    u = (x - x_min).abs()[(x_max - x_min).abs() == 1]
    rise = f_max - f_min
    return f_min + rise * float(u.min()), f_min + rise * float(u.max())


_Case = tuple[Tensor, Tensor, Tensor, float, float]


def _case(*points: list[float], f_min: float = 0, f_max: float = 1) -> _Case:
    x_min, x_max, x = torch.tensor(points, dtype=torch.float32)
    return x_min, x_max, x, f_min, f_max


def _drawn(count: int, dtype: torch.dtype) -> _Case:
    """Each variable rises, falls, or has no slope; the first has one."""
    chances = torch.Generator().manual_seed(count)
    x_min, x_max, x = torch.rand(3, count, generator=chances, dtype=dtype)
    kind = torch.randint(3, (count,), generator=chances)
    kind[0] %= 2
    ends = (start.where(kind == 2, kind.to(dtype)) for start in (x_min, 1 - x_max))
    return next(ends), 1 - next(ends), x, 9.0 - count, 30.0 + count


def _steps(x_min: Tensor, x_max: Tensor, x: Tensor, f_min: float, f_max: float) -> str:
    can = (x_max - x_min).abs() == 1
    which = "each variable" if can.all() else f"x[i] for i in {can.nonzero()[:, 0].tolist()} alone"
    part = f"{listed((x - x_min).abs()[can])} of its way from x_min"
    return f"{which} can have all the slope, {f_max - f_min:.4g}, and has done {part}"


_UP = [0.2, 0.5, 0.9], [0.75, 0.125], [0.5, 0.2, 0.9, 0.4]
_STILL = [
    _case([0, 0, 0.25, 1, 0], [1, 1, 0.75, 1, 0], [0.3, 0.5, 0.95, 0.05, 0.1]),
    _case([0, 1, 0, 1, 0.2], [1, 0, 0.8, 0.3, 1], [0.4, 0.3, 0.9, 0.9, 0.25]),
    _case([0.004, 0, 0.6, 1], [1, 1, 0, 0.1], [0.1, 0.4, 0.5, 0.2]),
    _case([0.0005, 0, 0.6, 1], [1, 1, 0, 0.1], [0.1, 0.4, 0.5, 0.2]),
]
_told = range_told("x_min x_max x f_min f_max", _steps)


def _of(shares: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[..., tuple[float, float]]:
    """The range from these shares of the way, mistaken ones."""

    def ends(a: Tensor, b: Tensor, x: Tensor, low: float, high: float) -> tuple[float, float]:
        values = low + (high - low) * shares(a, b, x)
        return float(values.min()), float(values.max())

    return ends


_CORNERS: Rows = {
    "you measure from x_max, and f is f_min at x_min.": _of(lambda a, b, x: b - x),
    "you give one value, as if all slopes were equal.": _of(lambda a, b, x: x.mean()),
    "that is the range of all values of f, and x narrows it.": lambda *case: case[3:],
    "which is which? low comes first.": lambda *case: reference(*case)[::-1],
}
_FALL: Rows = {
    "a variable that falls starts at 1: measure from x_min.": (
        _of(lambda a, b, x: x[(b - a).abs() == 1])
    ),
    "a variable that falls may have the slope, too.": _of(lambda a, b, x: x[b - a == 1]),
}
_NO_SLOPE: Rows = {
    "you count variables that start at 0 or 1, and do not look where they end.": (
        _of(lambda a, b, x: (x - a).abs()[a == a.round()])
    ),
    "you count all, and some have slope 0.": _of(lambda a, b, x: (x - a).abs()),
    "you count every variable that moves, and not only those that go all the way.": (
        _of(lambda a, b, x: (x - a).abs()[a != b])
    ),
}
_VALUES: Rows = {
    "you multiply by f_max, and the rise is f_max - f_min.": (
        lambda a, b, x, low, high: reference(a, b, x, low, low + high)
    ),
    "turn shares into values.": lambda a, b, x, *_: reference(a, b, x, 0, 1),
}

EXERCISE = Exercise(
    title="an affine function of many variables",
    core=False,
    difficulty=3,
    minutes=9,
    reference=reference,
    gives=Gives(ends, "a pair (low, high)"),
    checks=(
        Agrees(
            "knows opposite corners",
            [_case([0] * len(x), [1] * len(x), x) for x in _UP],
            _told,
            "of all these shares the smallest and the largest are the ends.",
            rows(_CORNERS),
        ),
        Agrees(
            "knows variables that fall",
            [_case([0, 1.0], [1, 0], [0.3, 0.4]), _case([1.0, 0, 1], [0, 1, 0], [0.2, 0.7, 0.9])],
            _told,
            "see how far each variable has got, from its place at x_min.",
            rows(_FALL),
        ),
        Agrees(
            "knows variables without a slope",
            _STILL,
            _told,
            "what does not go from 0 to 1 or from 1 to 0, however little is missing, has slope 0.",
            rows(_NO_SLOPE),
        ),
        Agrees(
            "holds for other values",
            [_case([0, 0], [1, 1], [0.25, 0.75], f_min=0.2, f_max=0.6)]
            + [_drawn(n, dtype) for n in (1, 6, 30) for dtype in (torch.float32, torch.float64)],
            _told,
            "add the share times f_max - f_min to f_min.",
            rows(_VALUES),
        ),
    ),
    hints=(
        "Suppose that a single variable has all the slope. What is f(x) then?",
        "f(x) = f_min + rise * u, with u = |x_i - x_min_i|, how far that variable has got from "
        "x_min to x_max. Which variables could be the one?",
        "u = (x - x_min).abs()[(x_max - x_min).abs() == 1]; the ends are at u.min() and u.max().",
    ),
)
