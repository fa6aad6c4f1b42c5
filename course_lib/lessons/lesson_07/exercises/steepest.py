"""Lesson 07: the steepest step of a unit on a way through images."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Mistake, Wrong, blame, number

STATEMENT = """
How fast can a unit's answer change? The largest |change| per unit of distance, over all pairs of
images, is its **Lipschitz constant**. Nobody can try all pairs, but every pair that you do try
gives a lower bound. Where a network promises an upper bound, the two can be compared.

`images` `(T, 3, S, S)` lie one after the other on a way, and `values` `(T,)` are a unit's answers
to them. Return the largest |change of the answer| / distance over all **neighbours** on the way, a
number. The distance of two images is that of L2: the root of the sum of all 3 · S · S squared
differences.

Neighbours that are the same image have distance 0 and tell nothing (their answers may differ by
rounding): leave them out. At least two neighbours differ.
"""


def reference(values: Tensor, images: Tensor) -> float:
    """The largest |change of value| per unit of L2 distance between neighbours on the way."""
    change = (values[1:] - values[:-1]).abs()
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    apart = distance > 0
    return float((change[apart] / distance[apart]).max())


_Way = tuple[Tensor, Tensor]


def _way(seed: int, *, steps: int = 5, fall: bool = False, rests: bool = False) -> _Way:
    """A way with steps of different lengths.

    fall: whether the steepest step goes down. rests: whether one image comes twice, with answers
    that differ by rounding.
    """
    chances = torch.Generator().manual_seed(seed)
    lengths = torch.linspace(0.3, 1.5, steps)[torch.randperm(steps, generator=chances)]
    directions = torch.randn(steps, 3, 6, 6, generator=chances)
    directions /= directions.flatten(1).norm(dim=1)[:, None, None, None]
    slopes = 4 * torch.rand(steps, generator=chances) - 1
    slopes[steps // 2] = -8.0 if fall else 8.0
    moves = directions * lengths[:, None, None, None]
    images = torch.cat([torch.full((1, 3, 6, 6), 0.5), 0.5 + moves.cumsum(0)])
    values = torch.cat([torch.tensor([2.0]), 2 + (slopes * lengths).cumsum(0)])
    if rests:
        images = torch.cat([images[:2], images[1:]])
        values = torch.cat([values[:2], values[1:] + 1e-5])
    return values, images


def _found(attempt: Attempt, way: _Way) -> float:
    return number(attempt(*way), "the steepest change per unit of distance")


def _gives_a_number(attempt: Attempt) -> None:
    found = _found(attempt, _way(0))
    if found < 0:
        raise Wrong(f"You give {found:.2f}, and a size of change is never below 0.")


def _of_one_step(attempt: Attempt) -> None:
    values, images = _way(1, steps=1)
    found, wanted = _found(attempt, (values, images)), reference(values, images)
    if _same(found, wanted):
        return
    change = float((values[1] - values[0]).abs())
    told = f"For two images {change / wanted:.2f} apart, whose answers differ by {change:.2f}, "
    told += f"you give {found:.3g}, and it should be {wanted:.3g}: "
    reasons = {
        root_mean_square: "your distance is the root of a mean of squares, and L2 sums them.",
        sum_of_differences: "your distance sums the differences (L1); L2 sums their squares.",
        mean_difference: "your distance is a mean difference; L2 is the root of summed squares.",
        no_root: "the root of the summed squares is missing.",
        colours_only: "your distance is that of one pixel's colours; flatten(1) takes in all "
        "numbers of an image.",
        change_alone: "that is the change alone; divide by the distance.",
    }
    otherwise = "the change of the answer, divided by the L2 distance."
    blame(told, lambda made: _same(found, made(values, images)), reasons, otherwise)


def _of_a_way(attempt: Attempt) -> None:
    way = _way(2)
    found, wanted = _found(attempt, way), reference(*way)
    if _same(found, wanted):
        return
    told = f"On a way of 5 steps, the steepest of which is {wanted:.2f}, you give {found:.2f}: "
    reasons = {
        end_to_end: "you compare the first image with the last, and no two in between.",
        mean_step: "that is the mean over the steps; the bound needs the largest.",
        one_distance_for_all: "you divide each change by the length of all steps taken together.",
        largest_by_largest: "you divide the largest change by the largest distance, which belongs "
        "to another step: divide each change by its own.",
    }
    otherwise = "divide each change by its own distance, then take the largest."
    blame(told, lambda made: _same(found, made(*way)), reasons, otherwise)


def _falls_count(attempt: Attempt) -> None:
    way = _way(3, fall=True)
    found, wanted = _found(attempt, way), reference(*way)
    if _same(found, rises_only(*way)):
        raise Wrong(
            f"The steepest step on this way is a fall, of {wanted:.2f}; you give {found:.2f}, the "
            "steepest rise: take the absolute value of each change."
        )
    if not _same(found, wanted):
        raise Wrong(
            f"Where the steepest step is a fall you give {found:.2f}, and it should be "
            f"{wanted:.2f}."
        )


def _leaves_out_rests(attempt: Attempt) -> None:
    way = _way(4, rests=True)
    value, wanted = attempt(*way), reference(*way)
    if isinstance(value, Tensor) and value.numel() == 1:
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise Wrong(
            f"Two neighbours on this way are the same image, and you give {value}: you "
            "divide by their distance, which is 0. Leave them out."
        )
    found = number(value, "the steepest change per unit of distance")
    if found > 1.001 * wanted:
        raise Wrong(
            f"Two neighbours are the same image, with answers that differ by 0.00001, and you give "
            f"{found:.2g}, where {wanted:.2g} is the steepest: rounding, divided by next to "
            "nothing. Leave them out."
        )
    if not _same(found, wanted):
        raise Wrong(
            f"Where two neighbours are the same image you give {found:.2f}, and it should be "
            f"{wanted:.2f}."
        )


def _same(found: float, wanted: float) -> bool:
    return abs(found - wanted) <= 1e-3 * abs(wanted)


def end_to_end(values: Tensor, images: Tensor) -> float:
    return float((values[-1] - values[0]).abs() / (images[-1] - images[0]).norm())


def rises_only(values: Tensor, images: Tensor) -> float:
    change, distance = values.diff(), images.diff(dim=0).flatten(1).norm(dim=1)
    return float((change[distance > 0] / distance[distance > 0]).max())


def mean_step(values: Tensor, images: Tensor) -> float:
    return float(_steps(values, images.diff(dim=0).flatten(1).norm(dim=1)).mean())


def root_mean_square(values: Tensor, images: Tensor) -> float:
    return float(_steps(values, images.diff(dim=0).flatten(1).square().mean(1).sqrt()).max())


def sum_of_differences(values: Tensor, images: Tensor) -> float:
    return float(_steps(values, images.diff(dim=0).flatten(1).abs().sum(1)).max())


def mean_difference(values: Tensor, images: Tensor) -> float:
    return float(_steps(values, images.diff(dim=0).flatten(1).abs().mean(1)).max())


def no_root(values: Tensor, images: Tensor) -> float:
    return float(_steps(values, images.diff(dim=0).flatten(1).square().sum(1)).max())


def change_alone(values: Tensor, images: Tensor) -> float:
    return float(values.diff().abs().max())


def _steps(values: Tensor, distance: Tensor) -> Tensor:
    """How steep each step is, of those that have a length."""
    return values.diff().abs()[distance > 0] / distance[distance > 0]


def colours_only(values: Tensor, images: Tensor) -> float:
    distance = images.diff(dim=0).norm(dim=1)
    return float((values.diff().abs()[:, None, None] / distance)[distance > 0].max())


def one_distance_for_all(values: Tensor, images: Tensor) -> float:
    return float(values.diff().abs().max() / images.diff(dim=0).norm())


def largest_by_largest(values: Tensor, images: Tensor) -> float:
    return change_alone(values, images) / float(images.diff(dim=0).flatten(1).norm(dim=1).max())


def zero_by_zero(values: Tensor, images: Tensor) -> float:
    return float((values.diff().abs() / images.diff(dim=0).flatten(1).norm(dim=1)).max())


def tiny_distance(values: Tensor, images: Tensor) -> float:
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1).clamp(min=1e-12)
    return float(((values[1:] - values[:-1]).abs() / distance).max())


EXERCISE = Exercise(
    title="how steep does it get?",
    core=True,
    difficulty=2,
    minutes=6,
    statement=STATEMENT,
    reference=reference,
    checks=(
        Check("gives a number", _gives_a_number),
        Check("is right for a single step", _of_one_step),
        Check("finds the steepest of several", _of_a_way),
        Check("counts falls", _falls_count),
        Check("leaves out steps of length 0", _leaves_out_rests),
    ),
    hints=(
        "A way of T images has T - 1 steps. You need two rows of T - 1 numbers: by how much the "
        "answer changes in each step, and how long the step is.",
        "values[1:] - values[:-1] are the changes; (images[1:] - "
        "images[:-1]).flatten(1).norm(dim=1) are the lengths. A fall is as steep as a rise.",
        "apart = distance > 0; then float((change.abs()[apart] / distance[apart]).max()).",
    ),
    mistakes=(
        Mistake(end_to_end, r"On a way of 5 steps.*: you compare the first image with the last"),
        Mistake(rises_only, r"The steepest step on this way is a fall"),
        Mistake(mean_step, r"On a way of 5 steps.*: that is the mean over the steps"),
        Mistake(root_mean_square, r"For two images.*: your distance is the root of a mean"),
        Mistake(sum_of_differences, r"For two images.*: your distance sums the differences"),
        Mistake(no_root, r"For two images.*: the root of the summed squares is missing"),
        Mistake(colours_only, r"For two images.*: your distance is that of one pixel's colours"),
        Mistake(one_distance_for_all, r"On a way of 5 steps.*: you divide each change by the len"),
        Mistake(largest_by_largest, r"On a way of 5 steps.*: you divide the largest change"),
        Mistake(zero_by_zero, r"Two neighbours on this way are the same image, and you give inf"),
        Mistake(tiny_distance, r"Two neighbours are the same image, with answers that differ"),
    ),
)
