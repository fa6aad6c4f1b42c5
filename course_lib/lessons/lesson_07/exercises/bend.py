"""Lesson 07: how far a logit is from linear, on the way to a visualization.

If a logit were linear in the image, its two ends would tell all about the straight way between
them. How far from that is it? `values` `(T,)` is a logit at T evenly spaced places of the straight
way from an image (first) to a visualization (last).

Lay a straight line through the first and the last value. Return the **largest distance** of a value
from that line, above or below, in units of |last - first|, a number: 0 for a linear function, and 1
where it is off by as much as the whole rise. The first and the last value differ.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, listed, number


def reference(values: Tensor) -> float:
    """The largest distance from the line through both ends, in units of |last - first|."""
    line = torch.linspace(float(values[0]), float(values[-1]), len(values)).to(values)
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


_HUMP = torch.tensor([1.0, 4.0, 7.0, 6.5, 5.0])  # 4 above the line from 1 to 5, beyond its end
_EARLY = torch.tensor([-2.0, 7.0, 1.0, 3.0, 6.0])  # above its line, not in the middle; from below 0
_HIGH = torch.tensor([1.0, 1.5, 2.5, 1.25])  # more than the whole rise, which is small, and late
_SAG = torch.tensor([3.0, 5.0, 2.0, 4.0, 9.0, 11.0])  # below its line, and a little above it


def _winding(seed: int) -> Tensor:
    steps = 5 + 4 * seed
    noise = torch.randn(steps, generator=torch.Generator().manual_seed(seed))
    noise[0] = noise[-1] = 0
    return torch.linspace(1.0, 7.0, steps) + 2 * noise


def _told(found: float, wanted: float, values: Tensor) -> str:
    off = _off(values)
    far = float(off[off.abs().argmax()])
    where = f"up to {abs(far):.3g} {'above' if far > 0 else 'below'}" if abs(far) > 1e-4 else "on"
    return (
        f"The {len(values)} values {listed(values, '.3g')} lie {where} the line "
        f"{listed(values - off, '.3g')}, and |last - first| is {_rise(values):.3g}, so the bend is "
        f"{wanted:.3f}; you give {found:.3f}:"
    )


def _off(values: Tensor) -> Tensor:
    return values - torch.linspace(float(values[0]), float(values[-1]), len(values))


def _rise(values: Tensor) -> Tensor:
    return (values[-1] - values[0]).abs()


_Of = Callable[[Tensor], Tensor]


def _row(why: str, far: _Of = lambda off: off.abs().max(), rise: _Of = _rise) -> Mistake:
    return Mistake(lambda v: (far(_off(v)) / rise(v)).flatten()[0], why)


def _level(values: Tensor, line: Tensor) -> Tensor:
    return (values - line).abs().max() / _rise(values)


def inner_places(values: Tensor) -> Tensor:
    line = torch.linspace(float(values[0]), float(values[-1]), len(values) - 2)
    return (values[1:-1] - line).abs().max() / _rise(values)


def best_fit(values: Tensor) -> Tensor:
    place = torch.linspace(-1, 1, len(values))
    return _level(values, values.mean() + (place @ values) / (place @ place) * place)


EXERCISE = Exercise(
    title="how straight is the way to a visualization?",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(number, "the bend"),
    checks=(
        Agrees(
            "is 0 from 2 straight to 8 and from -2 straight to 6",
            [(torch.linspace(2.0, 8.0, 7),), (torch.linspace(-2.0, 6.0, 5),)],
            _told,
            "lay the line through the first and the last value, a place for each value.",
            (
                Mistake(lambda v: _level(v, v[0]), "you compare with the first value everywhere."),
                Mistake(lambda v: _level(v, v.mean()), "you compare with the mean everywhere."),
                Mistake(
                    lambda v: _level(v, torch.lerp(v[0], v[-1], torch.arange(len(v)) / len(v))),
                    "your line does not reach the last value, T - 1 steps on.",
                ),
                Mistake(inner_places, "you leave out the ends, and the line still has them."),
            ),
        ),
        Agrees(
            "is the largest distance above the line, in units of the rise",
            [(_HUMP,), (_EARLY,)],
            _told,
            "the largest of all distances counts, divided by |last - first|.",
            (
                _row("divide by |last - first|: the scale does not matter.", rise=torch.ones_like),
                _row("you miss what is above the line.", lambda off: -off.min()),
                _row("that is the mean distance.", lambda off: off.abs().mean()),
                _row("that is the root of a mean square.", lambda off: off.square().mean().sqrt()),
                _row("you look at the middle alone.", lambda off: off[len(off) // 2].abs()),
                Mistake(lambda v: reference(v.sort().values), "you sort the values: leave them."),
                _row("you subtract |first| from |last|.", rise=lambda v: v[-1].abs() - v[0].abs()),
                _row("you divide by the largest value, no rise.", rise=lambda v: v.abs().max()),
                _row("you divide by largest - smallest.", rise=lambda v: v.max() - v.min()),
                Mistake(best_fit, "your line is the best fit; it has to go through both ends."),
            ),
        ),
        Agrees(
            "sees what is below the line",
            [(_SAG,)],
            _told,
            "the largest distance counts, above or below.",
            (_row("you miss what is below the line.", torch.max),),
        ),
        Agrees(
            "holds for other ways, falling ones too",
            [
                (v,)
                for v in (
                    _SAG.flip(0),
                    _HUMP - 3,
                    9 * _HUMP.double(),
                    _HIGH,
                    *map(_winding, range(3)),
                )
            ],
            _told,
            "the largest distance from this line, divided by |last - first|.",
            (_row("last - first has lost its | |, and is below 0.", rise=lambda v: v[-1] - v[0]),),
        ),
    ),
    hints=(
        "Make the line first: T numbers, evenly spaced, from values[0] to values[-1].",
        "torch.linspace(float(values[0]), float(values[-1]), len(values)) is that line. What is "
        "its distance from the values at each place?",
        "float((values - line).abs().max() / (values[-1] - values[0]).abs())",
    ),
)
