"""Lesson 07: how far a logit is from linear, on the way to a visualization."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame, number

STATEMENT = """
If a logit were linear in the image, its two ends would tell all about the straight way between
them. How far from that is it? `values` `(T,)` is a logit at T evenly spaced places of the straight
way from an image (first) to a visualization (last).

Lay a straight line through the first and the last value. Return the **largest distance** of a value
from that line, above or below, in units of |last - first|, a number: 0 for a linear function, and 1
where it is off by as much as the whole rise. The first and the last value differ.
"""


def reference(values: Tensor) -> float:
    """The largest distance from the line through both ends, in units of |last - first|."""
    line = torch.linspace(float(values[0]), float(values[-1]), len(values)).to(values)
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


_STRAIGHT = torch.linspace(2.0, 7.0, 6)
_HUMP = torch.tensor([1.0, 4.0, 7.0, 6.5, 5.0])  # 4 above the line from 1 to 5, beyond its end
_SAG = torch.tensor([3.0, 5.0, 2.0, 4.0, 9.0, 11.0])  # below its line, and a little above it


def _found(attempt: Attempt, values: Tensor) -> float:
    return number(attempt(values), "the bend")


def _is_0_if_straight(attempt: Attempt) -> None:
    found = _found(attempt, _STRAIGHT)
    if abs(found) < 1e-4:
        return
    told = (
        "The values 2, 3, 4, 5, 6, 7 lie on a straight line and should get 0; you give "
        f"{found:.3g}: "
    )
    reasons = {
        from_the_first: "you compare with the first value everywhere, and the line rises.",
        from_the_mean: "you compare with the mean everywhere, and the line rises.",
        short_line: "your line does not reach the last value. With T places, the last lies at "
        "T - 1 steps.",
    }
    otherwise = "compare each value with the line through the first and the last."
    blame(told, lambda made: abs(found - made(_STRAIGHT)) < 1e-4, reasons, otherwise)


def _of_a_hump(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _HUMP), reference(_HUMP)
    if abs(found - wanted) < 1e-4:
        return
    told = (
        "The values 1, 4, 7, 6.5, 5 are at most 4 above the line 1, 2, 3, 4, 5, which rises by 4, "
        f"and should get 1; you give {found:.3g}: "
    )
    reasons = {
        not_divided: "divide by |last - first|, so that the scale of a logit does not matter.",
        below_only: "you see what is below the line and miss what is above.",
        mean_distance: "that is the mean distance, and the largest is asked for.",
        by_the_largest: "you divide by the largest value; a rise is a difference.",
        by_the_range: "you divide by largest - smallest; the rise is |last - first|.",
        from_the_best_fit: "your line is the best fit; it has to go through both ends.",
    }
    otherwise = "the largest distance from the line, divided by the rise."
    blame(told, lambda made: abs(found - made(_HUMP)) < 1e-4, reasons, otherwise)


def _of_a_sag(attempt: Attempt) -> None:
    found, wanted = _found(attempt, _SAG), reference(_SAG)
    if abs(found - wanted) < 1e-4:
        return
    told = (
        "The values 3, 5, 2, 4, 9, 11 are up to 4.2 below their line, with a rise of 8, and "
        f"should get {wanted:.3f}; you give {found:.3g}: "
    )
    if abs(found - above_only(_SAG)) < 1e-4:
        raise Wrong(told + "you see what is above the line and miss what is below.")
    raise Wrong(told + "the largest distance counts, above or below.")


def _of_any(attempt: Attempt) -> None:
    falling = _SAG.flip(0)
    found = _found(attempt, falling)
    if abs(found + reference(falling)) < 1e-4:
        raise Wrong(
            f"For values that fall from 11 to 3 you give {found:.3f}, and a distance is never "
            "below 0: divide by the absolute value of last - first."
        )
    for values in (falling, _HUMP - 20, 10 * _HUMP, *(_winding(seed) for seed in range(3))):
        found, wanted = _found(attempt, values), reference(values)
        if abs(found - wanted) > 1e-3 * max(1.0, wanted):
            raise Wrong(
                f"For the {len(values)} values {_listed(values)} you give {found:.3f}, and it "
                f"should be {wanted:.3f}."
            )


def _winding(seed: int) -> Tensor:
    """A way that rises by 6 and winds."""
    steps = 5 + 4 * seed
    noise = torch.randn(steps, generator=torch.Generator().manual_seed(seed))
    noise[0] = noise[-1] = 0
    return torch.linspace(1.0, 7.0, steps) + 2 * noise


def _listed(values: Tensor) -> str:
    shown = [f"{value:.3g}" for value in values.tolist()]
    return ", ".join(shown if len(shown) < 8 else [*shown[:4], "...", shown[-1]])


def not_divided(values: Tensor) -> float:
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).abs().max())


def above_only(values: Tensor) -> float:
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).max() / (values[-1] - values[0]).abs())


def below_only(values: Tensor) -> float:
    return above_only(-values)


def signed_rise(values: Tensor) -> float:
    return not_divided(values) / float(values[-1] - values[0])


def mean_distance(values: Tensor) -> float:
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).abs().mean() / (values[-1] - values[0]).abs())


def from_the_first(values: Tensor) -> float:
    return float((values - values[0]).abs().max() / (values[-1] - values[0]).abs())


def from_the_mean(values: Tensor) -> float:
    return float((values - values.mean()).abs().max() / (values[-1] - values[0]).abs())


def short_line(values: Tensor) -> float:
    line = torch.lerp(values[0], values[-1], torch.arange(len(values)) / len(values))
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


def by_the_largest(values: Tensor) -> float:
    return not_divided(values) / float(values.abs().max())


def by_the_range(values: Tensor) -> float:
    return not_divided(values) / float(values.max() - values.min())


def from_the_best_fit(values: Tensor) -> float:
    place = torch.linspace(-1, 1, len(values))
    line = values.mean() + (place @ values) / (place @ place) * place
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


EXERCISE = Exercise(
    title="how straight is the way to a visualization?",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("is 0 for a straight line", _is_0_if_straight),
        Check("is the largest distance, in units of the rise", _of_a_hump),
        Check("sees what is below the line", _of_a_sag),
        Check("holds for other ways, falling ones too", _of_any),
    ),
    hints=(
        "Make the line first: T numbers, evenly spaced, from values[0] to values[-1].",
        "torch.linspace(float(values[0]), float(values[-1]), len(values)) is that line. What is "
        "its distance from the values at each place?",
        "float((values - line).abs().max() / (values[-1] - values[0]).abs())",
    ),
    mistakes=(
        Mistake(not_divided, r"The values 1, 4, 7.*: divide by \|last - first\|"),
        Mistake(above_only, r"The values 3, 5, 2.*: you see what is above"),
        Mistake(below_only, r"The values 1, 4, 7.*: you see what is below"),
        Mistake(signed_rise, r"For values that fall from 11 to 3 you give -"),
        Mistake(mean_distance, r"The values 1, 4, 7.*: that is the mean distance"),
        Mistake(from_the_first, r"The values 2, 3, 4.*: you compare with the first value"),
        Mistake(from_the_mean, r"The values 2, 3, 4.*: you compare with the mean"),
        Mistake(short_line, r"The values 2, 3, 4.*: your line does not reach"),
        Mistake(by_the_largest, r"The values 1, 4, 7.*: you divide by the largest value"),
        Mistake(by_the_range, r"The values 1, 4, 7.*: you divide by largest - smallest"),
        Mistake(from_the_best_fit, r"The values 1, 4, 7.*: your line is the best fit"),
    ),
)
