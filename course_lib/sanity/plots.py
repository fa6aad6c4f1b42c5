"""The paper's figure of path similarity (Geirhos et al., ICML 2024, section 4), raw and normalised.

Layers run from left to right in the order of processing; bands are 95 % intervals over classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.figures import COLOURS, Picture, draw
from course_lib.sanity.path_similarity import Interval, LayerSimilarity

_LINES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_MOST_BANDS = 3  # more of them hide each other
_ROOM = 0.75  # how far beyond the points a band may stretch the normalised figure
_NO_INTERVAL = (math.nan, math.nan)


class _Curve(NamedTuple):
    name: str
    values: list[float]
    intervals: list[Interval]


def similarity_figure(
    rows: Sequence[LayerSimilarity],
    *,
    pictures: str = "visualizations",
    photos: str = "photographs",
    size: tuple[float, float] = (7.5, 4.0),
    code: str = "",
) -> Picture:
    """The three mean correlations at every layer, with their intervals.

    Args:
        rows: what `path_similarity` or `compare` returned.
        pictures, photos: what the two kinds of image are called, in the legend and the alt text.
        size: in inches.
        code: whose code the numbers rest on; see `course_lib.figures.draw`.
    """
    curves = [
        _Curve(f"{photos} of a class", [r.same for r in rows], [r.same_interval for r in rows]),
        _Curve(
            f"{photos} of different classes",
            [r.different for r in rows],
            [r.different_interval for r in rows],
        ),
        _Curve(
            f"{pictures} and {photos} of their class",
            [r.visualization for r in rows],
            [r.visualization_interval for r in rows],
        ),
    ]
    layers = _layers(rows, "rows")
    figure, axes = _axes(layers, size, "mean correlation")
    for place, curve in enumerate(curves):
        _draw(axes, curve, place, bands=True)
    axes.legend(frameon=False, fontsize=9)
    ends = "; ".join(
        f"{curve.name}, {curve.values[0]:.2f} at {layers[0]} and {curve.values[-1]:.2f} at "
        f"{layers[-1]}"
        for curve in curves
    )
    gaps = [layer for layer, row in zip(layers, rows, strict=True) if row.normalised is None]
    alt = (
        f"Three curves of path similarity over {_extent(layers)}: {ends}. Same and different "
        f"classes can be told apart at {'all layers' if not gaps else 'all but ' + _list(gaps)}."
    )
    return draw(figure, alt, code=code)


def normalised_figure(
    curves: Mapping[str, Sequence[LayerSimilarity]],
    *,
    bands: bool | None = None,
    size: tuple[float, float] = (7.5, 4.0),
    code: str = "",
) -> Picture:
    """Normalised path similarity at every layer, one curve a name; a gap where it is None.

    Args:
        curves: by name, rows of `path_similarity` or `compare`, all over the same layers.
        bands: whether to draw the intervals; by default for up to three curves. A band that
            reaches far beyond all points is cut off at the figure's edge.
        size: in inches.
        code: whose code the numbers rest on; see `course_lib.figures.draw`.
    """
    if not curves:
        raise ValueError("There are no curves to show: give at least one, by its name.")
    layers, *others = [_layers(rows, f"curves[{name!r}]") for name, rows in curves.items()]
    if any(other != layers for other in others):
        raise ValueError("The curves are over different layers: compare all of them at the same.")
    bands = len(curves) <= _MOST_BANDS if bands is None else bands
    drawn = [
        _Curve(
            name,
            [math.nan if row.normalised is None else row.normalised for row in rows],
            [row.normalised_interval or _NO_INTERVAL for row in rows],
        )
        for name, rows in curves.items()
    ]
    figure, axes = _axes(layers, size, "normalised path similarity")
    for level, meaning in ((0.0, "as different\nclasses"), (1.0, "as the same\nclass")):
        axes.axhline(level, color="0.35", linestyle=":", linewidth=1.2)
        axes.annotate(
            meaning, (1.0, level), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", fontsize=9, color="0.25", va="center",
        )  # fmt: skip
    for place, curve in enumerate(drawn):
        _draw(axes, curve, place, bands=bands)
    axes.set_ylim(*_range(drawn, bands))
    figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    alt = (
        f"Normalised path similarity over {_extent(layers)}, where 0 is as different classes and "
        f"1 as the same class: {'; '.join(_in_words(curve, layers) for curve in drawn)}."
    )
    return draw(figure, alt, code=code)


def _layers(rows: Sequence[LayerSimilarity], name: str) -> list[str]:
    if not rows:
        raise ValueError(f"{name} holds no layers: give what path_similarity returned.")
    return ["output" if row.layer is None else row.layer for row in rows]


def _axes(layers: Sequence[str], size: tuple[float, float], y_label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.set_xticks(
        range(len(layers)), layers, rotation=45, ha="right", rotation_mode="anchor", fontsize=9,
        parse_math=False,
    )  # fmt: skip
    axes.set_xlim(-0.4, len(layers) - 0.6)  # also where nothing is drawn
    axes.set_xlabel("layer, in the order of processing")
    axes.set_ylabel(y_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure, axes


def _draw(axes: Axes, curve: _Curve, place: int, *, bands: bool) -> None:
    colour, x = COLOURS[place % len(COLOURS)], range(len(curve.values))
    axes.plot(
        x, curve.values, label=curve.name, color=colour, linewidth=1.8, markersize=5,
        linestyle=_LINES[place % len(_LINES)], marker=_MARKERS[place % len(_MARKERS)],
    )  # fmt: skip
    if not bands:
        return
    low, high = zip(*curve.intervals, strict=True)
    axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    for i, ends in enumerate(curve.intervals):  # a band needs two neighbours, a bar none
        axes.plot((i, i), ends, color=colour, alpha=0.5, linewidth=1.0)


def _range(curves: Sequence[_Curve], bands: bool) -> tuple[float, float]:
    """Bottom and top: all points, 0 and 1, and the bands as far as there is room for them."""
    points = [value for curve in curves for value in curve.values if math.isfinite(value)]
    low, high = min([0.0, *points]), max([1.0, *points])
    ends = [end for curve in curves for pair in curve.intervals for end in pair if bands]
    ends = [end for end in ends if math.isfinite(end)]
    bottom = max(min([low, *ends]), low - _ROOM)
    top = min(max([high, *ends]), high + _ROOM)
    margin = 0.05 * (top - bottom)
    return bottom - margin, top + margin


def _in_words(curve: _Curve, layers: Sequence[str]) -> str:
    """A curve's lowest and last points, and its gaps."""
    known = [pair for pair in zip(curve.values, layers, strict=True) if math.isfinite(pair[0])]
    if not known:
        return f"{curve.name} undefined at every layer"
    gaps = [layer for layer in layers if layer not in [name for _, name in known]]
    (lowest, where), (last, end) = min(known), known[-1]
    text = f"{curve.name} lowest at {where} ({lowest:.2f}), {last:.2f} at {end}"
    return f"{text}, undefined at {_list(gaps)}" if gaps else text


def _extent(layers: Sequence[str]) -> str:
    return f"{len(layers)} layers from {layers[0]} to {layers[-1]}"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
