"""Names written beside the curves that they belong to, so that no reader has to match colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import BboxBase
from numpy.typing import NDArray

_FONT_SIZE = 9.0
_LETTER = 0.66 * _FONT_SIZE / 72  # about how wide a letter is, in inches
_LINE = 1.25 * _FONT_SIZE / 72
_GAPS = (0.05, 0.13, 0.22)  # inches between a curve and its name
_SAMPLES = 200

Points = NDArray[np.float64]


class Line(NamedTuple):
    """A curve to name: its values at 0, 1, 2, ...; NaN where it has none."""

    name: str
    values: Sequence[float]
    colour: str


class _Box(NamedTuple):
    left: float
    low: float
    width: float

    def within(self, frame: BboxBase) -> bool:
        across = frame.x0 + _GAPS[0] <= self.left and self.left + self.width <= frame.x1
        return across and frame.y0 <= self.low and self.low + _LINE <= frame.y1

    def holds(self, points: Points) -> int:
        """How many of the points (P, 2) lie within."""
        x, y = points.T
        across = (x > self.left) & (x < self.left + self.width)
        return int((across & (y > self.low) & (y < self.low + _LINE)).sum())

    def meets(self, other: _Box) -> bool:
        apart = abs(self.left + self.width / 2 - other.left - other.width / 2)
        return apart < (self.width + other.width) / 2 and abs(self.low - other.low) < _LINE


def name_curves(figure: Figure, axes: Axes, lines: Sequence[Line]) -> None:
    """Write each name where it is closest to its own curve and covers none.

    Call it last: it needs the limits and the size that the axes will have.
    """
    figure.draw_without_rendering()
    inches = axes.transData + figure.dpi_scale_trans.inverted()
    frame = axes.bbox.transformed(figure.dpi_scale_trans.inverted())
    drawn = [inches.transform(_sampled(line)) for line in lines]
    placed: list[_Box] = []
    for line, own in zip(lines, drawn, strict=True):
        if not len(own):
            continue
        width = _LETTER * len(line.name)
        boxes = [
            (gap, _Box(x - width / 2, y + (gap if up else -gap - _LINE), width))
            for x, y in own[:: _SAMPLES // 50]
            for gap in _GAPS
            for up in (True, False)
        ]
        inside = [(gap, box) for gap, box in boxes if box.within(frame)]
        inside = inside or boxes  # in a panel too small for the name
        costs = [gap + _cost(box, own, drawn, placed) for gap, box in inside]
        box = inside[int(np.argmin(costs))][1]
        placed.append(box)
        text = axes.text(
            box.left + width / 2, box.low + _LINE / 2, line.name, color=line.colour,
            fontsize=_FONT_SIZE, ha="center", va="center", transform=figure.dpi_scale_trans,
            parse_math=False, zorder=5,
        )  # fmt: skip
        text.set_in_layout(False)  # it lies within the axes, whose size it must not change
        text.set_path_effects([patheffects.withStroke(linewidth=2.5, foreground="white")])


def _cost(box: _Box, own: Points, drawn: Sequence[Points], placed: list[_Box]) -> float:
    covered = sum(box.holds(points) for points in drawn)
    middle = np.array([box.left + box.width / 2, box.low + _LINE / 2])
    mine = _distance(own, middle)
    others = min(
        (_distance(points, middle) for points in drawn if points is not own and len(points)),
        default=9.0,
    )
    ambiguous = max(0.0, 0.5 - (others - mine))
    return 2 * covered + 100 * sum(box.meets(other) for other in placed) + 8 * ambiguous


def _distance(points: Points, place: Points) -> float:
    return float(np.linalg.norm(points - place, axis=1).min())


def _sampled(line: Line) -> Points:
    """Points (P, 2) along the curve, in data coordinates; none where it is not defined."""
    values = np.asarray(line.values, dtype=float)
    if not np.isfinite(values).any():
        return np.empty((0, 2))
    x = np.linspace(0, len(values) - 1, _SAMPLES)
    y = np.interp(x, np.arange(len(values)), values)  # NaN wherever a neighbour is
    return np.stack([x, y], 1)[np.isfinite(y)]
