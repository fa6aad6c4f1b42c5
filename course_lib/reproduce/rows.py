"""The rows of the table: what was measured here, and beside it what the paper says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_lib.figures import Picture
from course_lib.statistics import Estimate, mean, wilson

PAPER: dict[tuple[str, str], str] = {
    ("googlenet", "detector"): "99.49 %",
    ("googlenet", "top1 before"): "69.146 %",
    ("googlenet", "top1 circuit"): "68.744 %",
    ("googlenet", "top5 before"): "88.858 %",
    ("googlenet", "top5 circuit"): "88.330 %",
    ("googlenet", "shown"): "all 1000",
    ("googlenet", "early path"): "about 0",
    ("resnet50", "top1 silent"): "unchanged",
    ("resnet50", "top5 silent"): "unchanged",
}
"""What Geirhos et al. (2024) report, by the network and the row; they have nothing on others."""


class Row(NamedTuple):
    """A row of the table.

    key: which measure; `PAPER` has some. measure: what it is called. here: what was measured;
    None where it could not be. images: what it was measured on. percent: how `here` is printed.
    note: what a reader has to know, or why there is nothing here.
    """

    key: str
    measure: str
    here: Estimate | None
    images: str
    percent: bool = True
    note: str = ""

    @property
    def value(self) -> str:
        """The measured value as text."""
        if self.here is None:
            return "not measured"
        number = _number(self.here.value, self.percent)
        return f"{number} ({self.here.shown})" if self.here.shown else number

    @property
    def interval(self) -> str:
        """The interval as text; empty where there is none."""
        if self.here is None or not math.isfinite(self.here.low):
            return ""
        low, high = (_number(end, self.percent) for end in (self.here.low, self.here.high))
        return f"{low} to {high}"


class Table(NamedTuple):
    """A table beside the main one: a head, and rows of text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Experiment(NamedTuple):
    """What an experiment found.

    title, told: its heading, and a paragraph that says what was done. numbers: for JSON, beside
    what the rows hold.
    """

    name: str
    title: str
    told: str
    rows: tuple[Row, ...]
    figures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    numbers: dict[str, Any]


def paper_says(network: str, weights: str, key: str) -> str:
    """What the paper's column holds: nothing for a network that the paper does not have."""
    return PAPER.get((network, key), "") if weights == "imagenet" else ""


def share(hits: int, n: int, *, of: str, independent: int | None = None) -> Estimate | None:
    """So many of so many, with a score interval; None of nothing.

    Args:
        independent: how many of the trials are independent of each other, where not all are.
    """
    if n == 0:
        return None
    count = independent or n
    return Estimate(hits / n, *wilson(count * hits / n, count), count, f"{hits} of {n}", of)


def midway(first: Estimate | None, second: Estimate | None) -> Estimate | None:
    """The mean of two shares; its interval is from the mean of both lows to that of both highs.

    That is wider than need be, because both do not err to the same side.
    """
    if first is None or second is None:
        return None
    value, low, high = ((a + b) / 2 for a, b in zip(first[:3], second[:3], strict=True))
    return Estimate(value, low, high, first.n + second.n)


def mean_of(values: Sequence[float] | Tensor, *, of: str) -> Estimate | None:
    """A mean with Student's interval; None of fewer than two finite values."""
    numbers = np.asarray(torch.as_tensor(values, dtype=torch.float64))
    numbers = numbers[np.isfinite(numbers)]
    return mean(numbers.tolist(), of=of) if len(numbers) > 1 else None


def estimate_as_json(estimate: Estimate | None) -> dict[str, Any] | None:
    """For JSON, without anything that JSON cannot hold."""
    if estimate is None:
        return None
    numbers = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    told = {name: v if math.isfinite(v) else None for name, v in numbers.items()}
    return told | {"n": estimate.n, "of": estimate.of, "shown": estimate.shown}


def _number(value: float, percent: bool) -> str:
    return f"{100 * value:.1f} %" if percent else f"{value:.2f}"
