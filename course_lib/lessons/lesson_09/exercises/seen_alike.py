"""Lesson 09: do two kinds of picture show the same?

Draw N units twice, from noise and on a leash, say, and let J judges look, other networks with the
same classes. `first` and `second` are what they see, `(J, N, K)`: the K logits of each judge for
each picture. Picture n of one kind and picture n of the other are of the same unit.

For each judge and each unit take **Pearson's correlation** over the K logits, of those in `first`
with those in `second`: take each row's own mean off, then divide the sum of the products by both
lengths. Where the logits of a row are all the same, they say nothing: count a correlation of 0.

Return the mean of all J · N correlations, a number from -1 to 1.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, listed, number


def reference(first: Tensor, second: Tensor) -> float:
    """The mean correlation, over logits, of what judges see in two kinds of picture."""
    a, b = (seen - seen.mean(2, keepdim=True) for seen in (first, second))
    return float(torch.cosine_similarity(a, b, dim=2).mean())


def _case(judges: int, units: int, logits: int, shared: float = 0.5) -> tuple[Tensor, Tensor]:
    """What is seen of two kinds of picture, more alike by some judges and of some units."""
    chances = torch.Generator().manual_seed(100 * judges + 10 * units + logits)
    first, other = torch.randn(2, judges, units, logits, generator=chances)
    shares = shared * torch.rand(judges, units, 1, generator=chances)
    levels = 2 * torch.randn(judges, units, 1, generator=chances)  # a mean far from 0
    sizes = torch.linspace(1, 4, judges).view(-1, 1, 1)
    return sizes * first + levels, shares * first + (1 - abs(shared)) * other - 3 * levels


def _silent(judges: int, units: int, logits: int) -> tuple[Tensor, Tensor]:
    """The same, with rows that say nothing, whole numbers so that no rounding gives them spread."""
    first, second = _case(judges, units, logits)
    first[0, 0], second[0, 0], second[-1, -1] = 3.0, -1.0, 2.0
    first[-1, 0] = 1.0
    return first, second


def _told(found: float, due: float, first: Tensor, second: Tensor) -> str:
    return (
        f"For logits of shape {tuple(first.shape)} the correlations are "
        f"{listed(_each(first, second).flatten(), '.3g', 6)}, judge by judge, and their mean is "
        f"{due:.4g}; you give {found:.4g}:"
    )


def _each(first: Tensor, second: Tensor, axis: int = 2) -> Tensor:
    a, b = (seen - seen.mean(axis, keepdim=True) for seen in (first, second))
    return torch.cosine_similarity(a, b, dim=axis)


def _of(change: Callable[[Tensor], Tensor], axis: int = 2) -> Callable[[Tensor, Tensor], Tensor]:
    """The mean correlation along an axis, of both changed alike."""
    return lambda first, second: _each(change(first), change(second), axis).mean()


def _centred(seen: Tensor) -> Tensor:
    return seen - seen.mean(2, keepdim=True)


_ONE = (
    Mistake(_of(lambda x: x, 0),
        "where all is one row, that is 0: you correlate over judges or units, axis 0 or 1, and the "
        "K logits are axis 2."),
    Mistake(lambda a, b: torch.cosine_similarity(a, b, dim=2).mean(),
        "that is the cosine of the logits as they are; take each row's mean off first."),
    Mistake(lambda a, b: (_centred(a) * _centred(b)).mean(),
        "that is a covariance; divide by both lengths."),
    Mistake(lambda a, b: _each(a, b).mean() * (1 - 1 / a.shape[2]),
        "your mean divides by K and your std by K - 1; let both do the same."),
    Mistake(lambda a, b: _each(a, b).mean() / (1 - 1 / a.shape[2]),
        "your covariance divides by K - 1 and your std by K; let both do the same."),
    Mistake(lambda a, b: _each(a, b).abs().mean(),
        "your correlations lose their signs, and pictures that show opposites pass for alike."),
    Mistake(lambda a, b: _each(a, b).square().mean(), "you square the correlations."),
    Mistake(lambda a, b: 1 - _each(a, b).mean(), "yours is high where pictures differ."),
    Mistake(_of(lambda x: x.softmax(2)), "take the logits as they are, with no softmax."),
    Mistake(_of(lambda x: x.argsort(2).argsort(2).float()),
        "you correlate ranks (Spearman); take the logits as they are."),
    Mistake(lambda a, b: (a.argmax(2) == b.argmax(2)).float().mean(),
        "you count how often the largest logit is the same; all K logits matter."),
)  # fmt: skip
_MANY = (
    Mistake(_of(lambda x: x.reshape(1, 1, -1)),
        "you correlate all numbers at once; each judge and unit has a correlation of its own."),
    Mistake(_of(lambda x: x.reshape(len(x), 1, -1)),
        "you correlate all units of a judge at once; each has a correlation of its own."),
    Mistake(_of(lambda x: x.mean(0, keepdim=True)),
        "you average the judges before you correlate; correlate judge by judge."),
    Mistake(_of(lambda x: x.mean(1, keepdim=True)),
        "you average the units before you correlate; correlate unit by unit."),
    Mistake(lambda a, b: torch.cosine_similarity(a - a.mean(), b - b.mean(), dim=2).mean(),
        "you take the mean of all numbers off; each row has a mean of its own."),
    Mistake(lambda a, b: _each(a[:, :, None], b[:, None], 3).mean(),
        "you compare each picture with each; compare the two of a unit."),
    Mistake(lambda a, b: _each(a, b).sum(), "you sum the correlations; average them."),
    Mistake(lambda a, b: _each(a, b).median(), "you take the median of the correlations."),
    Mistake(lambda a, b: _each(a, b)[0].mean(), "you ask the first judge alone."),
)  # fmt: skip
_SILENT = (
    Mistake(lambda a, b: _each(a, b)[(a.std(2) > 0) & (b.std(2) > 0)].mean(),
        "you leave out rows that say nothing; these count 0."),
    Mistake(lambda a, b: _each(a, b).where((a.std(2) > 0) | (b.std(2) > 0), 1.0).mean(),
        "two rows that say nothing agree in yours; they count 0."),
)  # fmt: skip
_RULE = "centre each row of logits, and divide the sum of the products by both lengths."
_MEAN = "each judge and each unit has a correlation over K logits; average all of them."
_NONE = "a row of equal logits has no length to divide by; count a correlation of 0"

EXERCISE = Exercise(
    title="do two pictures show the same?",
    core=True,
    difficulty=2,
    minutes=8,
    reference=reference,
    gives=Gives(partial(number, nan=_NONE), "the mean correlation"),
    checks=(
        Agrees("correlates one row",
            [_case(1, 1, 8, 0.9), _case(1, 1, 5, -0.9), _case(1, 1, 3), _case(1, 1, 12)],
            *(_told, _RULE, _ONE)),
        Agrees("averages over judges and units",
            [_case(2, 3, 5, 0.8), _case(4, 8, 8), _case(3, 2, 9, -0.7), _case(3, 1, 4)],
            *(_told, _MEAN, _MANY)),
        Agrees("counts 0 for a row that says nothing", [_silent(2, 3, 8), _silent(3, 2, 4)],
            *(_told, f"{_NONE}.", _SILENT)),
    ),
    hints=(
        "first - first.mean(2, keepdim=True) takes each row's own mean off.",
        "Pearson's correlation is the cosine of two centred rows: torch.cosine_similarity(a, b, "
        "dim=2) gives one for each judge and unit, and 0 where a row has no length.",
        "float(....mean()) of these J · N numbers is what is asked for.",
    ),
)  # fmt: skip
