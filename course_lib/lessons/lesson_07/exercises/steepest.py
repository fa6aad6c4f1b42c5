"""Lesson 07: the steepest step of a unit on a way through images.

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

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, number
from course_lib.classroom.exercises.agrees import Case


def reference(values: Tensor, images: Tensor) -> float:
    """The largest |change of value| per unit of L2 distance between neighbours on the way."""
    change = (values[1:] - values[:-1]).abs()
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    apart = distance > 0
    return float((change[apart] / distance[apart]).max())


def _way(seed: int, steps: int = 5, size: int = 6, sign: int = 1, scale: float = 1) -> Case:
    """A way of steps of different lengths; the middle one is the steepest, up or down."""
    chances = torch.Generator().manual_seed(seed)
    lengths = scale * torch.linspace(0.3, 1.5, steps)[torch.randperm(steps, generator=chances)]
    moves = torch.randn(steps, 3, size, size, generator=chances)
    moves *= (lengths / moves.flatten(1).norm(dim=1))[:, None, None, None]
    slopes = 4 * torch.rand(steps, generator=chances) - 1
    slopes[steps // 2] = 6 * sign * (1 + slopes[0].abs() / 9)
    values = torch.cat([torch.tensor([2.0]), slopes * lengths]).cumsum(0)
    return values, torch.cat([torch.zeros_like(moves[:1]), moves.cumsum(0)])


# a way that comes nearly back to where it began, with another answer
_UP, _BACK = torch.tensor([[0, 3, 4, -1], [0.0, 1, 0.001, -2]], dtype=torch.float64)
_BACK = _BACK[:, None, None, None].expand(4, 3, 2, 2)
_PARTLY = torch.zeros(4, 3, 2, 2)  # the first comes twice, apart; the last changes two pixels alone
_PARTLY[1] = 1.0
_PARTLY[3, 1, 0, 1], _PARTLY[3, 2, 1, 0] = 0.25, -0.25


def _resting(seed: int, at: int, rounding: float) -> Case:
    """A way on which one image comes twice, with answers that differ by rounding."""
    values, images = (torch.cat([part[: at + 1], part[at:]]) for part in _way(seed))
    return values + rounding * (torch.arange(len(values)) > at), images


def _near(level: float, *steps: float) -> Case:
    """Steps so short that the images are as good as the same, and the last of them the steepest."""
    moves = torch.tensor([0.0, *steps], dtype=torch.float64)
    images = (level + moves.cumsum(0))[:, None, None, None].expand(-1, 3, 1, 1)
    return (moves * torch.arange(1, len(moves) + 1)).cumsum(0), images


def _told(found: float, wanted: float, values: Tensor, images: Tensor) -> str:
    rows = values.diff(), images.diff(dim=0).flatten(1).norm(dim=1), _slopes(values, images).abs()
    change, distance, slope = (", ".join(f"{v:.3g}" for v in row[:6].tolist()) for row in rows)
    which = [i for i, s in enumerate(rows[2].tolist(), 1) if abs(found - s) < 1e-4 * s]
    return (
        f"With changes of {change}{', ...' * (len(rows[0]) > 6)} over distances of {distance} the "
        f"slopes are {slope}, and the steepest is {wanted:.5g}; you give {found:.5g}"
        f"{f', the slope of step {which[0]}' if which else ''}:"
    )


def _slopes(values: Tensor, images: Tensor) -> Tensor:
    return values.diff() / images.diff(dim=0).flatten(1).norm(dim=1)


def _by(distance: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda v, images: (v.diff().abs() / distance(images.diff(dim=0).flatten(1))).max()


EXERCISE = Exercise(
    title="how steep does it get?",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(number, "the steepest change per unit of distance"),
    checks=(
        Agrees(
            "is right for a single step up",
            [_way(1, 1), _way(2, 1, 3), _way(3, 1, 1)],
            _told,
            "the change of the answer, divided by the L2 distance.",
            (
                Mistake(_by(lambda m: (m * m).mean(1) ** 0.5), "L2 sums squares, with no mean."),
                Mistake(_by(lambda m: m.abs().sum(1)), "that is L1; L2 sums squares."),
                Mistake(_by(lambda m: m.abs().mean(1)), "your distance is a mean difference."),
                Mistake(_by(lambda m: (m * m).sum(1)), "the root of the sum is missing."),
                Mistake(_by(lambda m: torch.ones(len(m))), "that is the change alone."),
                Mistake(_by(lambda m: m.chunk(3, 1)[0].norm(dim=1)), "you take one channel alone."),
                Mistake(lambda *_: 0.0, "two images make one step, and you leave it out."),
            ),
        ),
        Agrees(
            "finds the steepest of several steps up",
            [_way(2), _way(3, 8, 4), _way(1, 3, 1), (_UP[:3], _BACK[:3]), (_UP, _BACK)],
            _told,
            "divide each change between neighbours by their own distance, then take the largest.",
            (
                Mistake(
                    lambda v, i: _slopes(torch.cat([v, v[:1]]), torch.cat([i, i[:1]])).abs().max(),
                    "you compare the last image with the first, too: they are no neighbours.",
                ),
                Mistake(lambda v, i: reference(v[[0, -1]], i[[0, -1]]), "you skip all in between."),
                Mistake(lambda v, i: _slopes(v, i).abs().mean(), "that is a mean over the steps."),
                Mistake(_by(lambda m: m.norm()), "you divide by the length of all steps together."),
            ),
        ),
        Agrees(
            "counts falls",
            [_way(3, sign=-1), _way(4, 1, 2, -1), _way(5, 2, 3, -1)],
            _told,
            "the steepest step is a fall here, and counts as its absolute value.",
            (Mistake(lambda v, i: _slopes(v, i).max(), "that is the steepest rise."),),
        ),
        Agrees(
            "leaves out steps of length 0",
            [_resting(4, 2, 1e-5), _resting(5, 0, 0), _resting(6, 5, -1e-5)],
            "You give {found:.4g}, where {wanted:.4g} is the steepest:",
            "leave out this step alone: its change is rounding, to be divided by nothing.",
            here="Two neighbours on this way are the same image, 0 apart: leave them out.",
        ),
        Agrees(
            "counts short steps, too",
            [
                _way(2),
                _way(8, 64, 64, scale=1e-3),
                _way(9, 7, 5, -1, 1e-4),
                (torch.ones(4), _way(1, 3)[1]),
                _near(0.5, 2**-10, 2**-20),
                _near(0.0, 2**-30, 2**-27),
                (torch.tensor([0.0, 1.0, 0.0, 3.0]), _PARTLY),
            ],
            _told,
            "only a step of length 0 is left out, however short the others are.",
        ),
    ),
    hints=(
        "A way of T images has T - 1 steps. You need two rows of T - 1 numbers: by how much the "
        "answer changes in each step, and how long the step is.",
        "values[1:] - values[:-1] are the changes; (images[1:] - "
        "images[:-1]).flatten(1).norm(dim=1) are the lengths. A fall is as steep as a rise.",
        "apart = distance > 0; then float((change.abs()[apart] / distance[apart]).max()).",
    ),
)
