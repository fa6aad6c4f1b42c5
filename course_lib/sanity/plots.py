"""The paper's figure of path similarity (Geirhos et al., ICML 2024), raw and normalised.

Layers run from left to right in the order of processing; bands are 95 % intervals over classes.
"""

import io
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from course_lib.display import COLOURS
from course_lib.figures import LEGEND, LEVEL, Picture, canvas, draw, line_look, mark_look
from course_lib.sanity.curve_labels import Line, name_curves
from course_lib.sanity.path_similarity import Interval, LayerSimilarity

_MOST_BANDS = 3  # more of them hide each other
_MOST_NAMES = 4  # more of them find no room beside the curves
_ROOM = 0.75  # how far beyond the points a band may stretch the normalised figure
_PALETTE = 128  # colours; the eye misses none
_NO_INTERVAL = (math.nan, math.nan)

Rows = Sequence[LayerSimilarity]


class Style(NamedTuple):
    """How a curve is drawn: numbers of its colour and of its dash and marker."""

    colour: int
    dash: int

    @property
    def paint(self) -> str:
        return COLOURS[self.colour % len(COLOURS)]


class _Curve(NamedTuple):
    name: str
    values: list[float]
    intervals: list[Interval]
    style: Style


def similarity_figure(
    rows: Rows, *, photos: str = "photographs", size: tuple[float, float] = (7.5, 4.0)
) -> Picture:
    """The three mean correlations at every layer, with their intervals.

    Args:
        rows: what `path_similarity` or `compare` returned.
        photos: what the images are called, in the legend and the alt text. size: in inches.
    """
    names = (
        f"{photos} of a class",
        f"{photos} of different classes",
        f"visualizations and {photos} of their class",
    )
    values = [(r.same, r.different, r.visualization) for r in rows]
    intervals = [(r.same_interval, r.different_interval, r.visualization_interval) for r in rows]
    curves = [
        _Curve(name, [row[i] for row in values], [row[i] for row in intervals], Style(i, i))
        for i, name in enumerate(names)
    ]
    layers = _layers(rows, "rows")
    figure, (axes,) = canvas(size)
    _prepare(axes, layers)
    axes.set_xlabel("layer, in the order of processing (bands: 95 % intervals over classes)")
    axes.set_ylabel("mean correlation")
    for curve in curves:
        _draw(axes, curve, bands=True)
    _name_each(figure, axes, curves)
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
    return _compact(draw(figure, alt))


def normalised_figure(
    curves: Mapping[str, Rows], *, bands: bool | None = None, size: tuple[float, float] = (7.5, 4.0)
) -> Picture:
    """Normalised path similarity at every layer, one curve a name; a gap where it is None.

    Args:
        curves: by name, rows of `path_similarity` or `compare`, all over the same layers.
        bands: whether to draw the intervals; by default for up to three curves. Where one goes on
            beyond the frame, a small triangle says so. size: in inches.
    """
    return normalised_panels({"": curves}, columns=1, bands=bands, size=size)


def normalised_panels(
    panels: Mapping[str, Mapping[str, Rows]],
    *,
    columns: int = 2,
    bands: bool | None = None,
    styles: Mapping[str, Style] | None = None,
    size: tuple[float, float] = (4.6, 3.0),
    code: str = "",
) -> Picture:
    """Several figures of normalised path similarity beside each other, on one scale.

    Args:
        panels: by the panel's title, its curves, as `normalised_figure` takes them. All are over
            the same layers.
        columns: panels in a row. size: of one panel, in inches.
        bands: as for `normalised_figure`; by default where no panel has more than three curves.
        styles: by name, the colour and dash of a curve; by default each has its own.
        code: whose code the numbers rest on; see `course_lib.figures.draw`.
    """
    if not panels or not all(panels.values()):
        raise ValueError("There are no curves to show: give at least one, by its name.")
    layers = _same_layers(panels)
    bands = max(map(len, panels.values())) <= _MOST_BANDS if bands is None else bands
    drawn = {title: _normalised(curves, styles or {}) for title, curves in panels.items()}
    bottom, top = _range([curve for curves in drawn.values() for curve in curves], bands)
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    whole = (size[0] * columns, size[1] * rows)
    figure, places = canvas(whole, len(panels), columns, sharex=True, sharey=True)
    cut = False
    for place, (axes, (title, curves)) in enumerate(zip(places, drawn.items(), strict=True)):
        _prepare(axes, layers)
        if place + columns < len(panels):
            axes.tick_params(labelbottom=False)
        axes.set_ylim(bottom, top)
        axes.set_title(title, fontsize=10, parse_math=False)
        _scale(axes, named=place % columns == columns - 1 or place == len(panels) - 1)
        for curve in curves:
            _draw(axes, curve, bands=bands)
            cut |= bands and _mark_cuts(axes, curve, bottom, top)
    for axes in places[-columns:]:  # the last one of each column
        axes.tick_params(labelbottom=True)
    note = "bands: 95 % intervals over classes" if bands else "intervals not drawn"
    note += ", ▲▼ where one goes on" if cut else ""
    figure.supxlabel(f"layer, in the order of processing ({note})", fontsize=9.5)
    figure.supylabel("normalised path similarity", fontsize=10)
    _name(figure, places, drawn)
    return _compact(draw(figure, _alt(drawn, layers), code=code))


def _normalised(curves: Mapping[str, Rows], styles: Mapping[str, Style]) -> list[_Curve]:
    found = []
    for i, (name, rows) in enumerate(curves.items()):
        values = [math.nan if row.normalised is None else row.normalised for row in rows]
        intervals = [row.normalised_interval or _NO_INTERVAL for row in rows]
        found.append(_Curve(name, values, intervals, styles.get(name, Style(i, i))))
    return found


def _same_layers(panels: Mapping[str, Mapping[str, Rows]]) -> list[str]:
    """The layers of all curves; a ValueError where they are not over the same ones."""
    layers, *others = [
        _layers(rows, f"curves[{name!r}]")
        for curves in panels.values()
        for name, rows in curves.items()
    ]
    if any(other != layers for other in others):
        raise ValueError("The curves are over different layers: compare all of them at the same.")
    return layers


def _scale(axes: Axes, *, named: bool) -> None:
    """Lines at 0 and 1, named beside the axes."""
    for level, meaning in ((0.0, "as different\nclasses"), (1.0, "as the same\nclass")):
        axes.axhline(level, **LEVEL)
        if named:
            axes.annotate(
                meaning, (1.0, level), xycoords=("axes fraction", "data"), xytext=(4, 0),
                textcoords="offset points", fontsize=9, color="0.25", va="center",
            )  # fmt: skip


def _mark_cuts(axes: Axes, curve: _Curve, bottom: float, top: float) -> bool:
    """A triangle at the frame wherever an interval goes on beyond it; whether there is any."""
    lower = [i for i, (low, _) in enumerate(curve.intervals) if low < bottom]
    upper = [i for i, (_, high) in enumerate(curve.intervals) if high > top]
    for places, level, marker in ((lower, bottom, 7), (upper, top, 6)):  # carets, tip at the frame
        axes.plot(
            places, [level] * len(places), linestyle="none", marker=marker, markersize=7,
            color=curve.style.paint, clip_on=False, in_layout=False,
        )  # fmt: skip
    return bool(lower or upper)


def _name(figure: Figure, places: Sequence[Axes], drawn: Mapping[str, Sequence[_Curve]]) -> None:
    """Names beside the curves, or in a legend where a panel has too many of them."""
    if max(map(len, drawn.values())) > _MOST_NAMES:
        handles, names = places[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=3, **LEGEND)
        return
    for axes, (title, curves) in zip(places, drawn.items(), strict=True):
        if [curve.name for curve in curves] != [title]:  # or else the panel says it
            _name_each(figure, axes, curves)


def _name_each(figure: Figure, axes: Axes, curves: Sequence[_Curve]) -> None:
    name_curves(figure, axes, [Line(c.name, c.values, c.style.paint) for c in curves])


def _alt(drawn: Mapping[str, Sequence[_Curve]], layers: Sequence[str]) -> str:
    parts = []
    for title, curves in drawn.items():
        words = "; ".join(_in_words(curve, layers) for curve in curves)
        parts.append(f"{title}: {words}" if title else words)
    return (
        f"Normalised path similarity over {_extent(layers)}, where 0 is as different classes and "
        f"1 as the same class: {'. '.join(parts)}."
    )


def _layers(rows: Rows, name: str) -> list[str]:
    if not rows:
        raise ValueError(f"{name} holds no layers: give what path_similarity returned.")
    return ["output" if row.layer is None else row.layer for row in rows]


def _prepare(axes: Axes, layers: Sequence[str]) -> None:
    axes.set_xticks(
        range(len(layers)), layers, rotation=45, ha="right", rotation_mode="anchor", fontsize=9,
        parse_math=False,
    )  # fmt: skip
    axes.set_xlim(-0.4, len(layers) - 0.6)  # also where nothing is drawn


def _draw(axes: Axes, curve: _Curve, *, bands: bool) -> None:
    x, style = range(len(curve.values)), curve.style
    look = {**mark_look(style.dash), **line_look(style.dash), "color": style.paint}
    axes.plot(x, curve.values, label=curve.name, linewidth=1.8, markersize=5, **look)
    if not bands:
        return
    low, high = zip(*curve.intervals, strict=True)
    axes.fill_between(x, low, high, color=style.paint, alpha=0.15, linewidth=0)
    for i, ends in enumerate(curve.intervals):  # a band needs two neighbours, a bar none
        axes.plot((i, i), ends, color=style.paint, alpha=0.5, linewidth=1.0)


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


def _compact(picture: Picture) -> Picture:
    """The same with a palette: bands that overlap are costly otherwise, and notebooks large."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(picture.data)) as pixels:
        few = pixels.convert("RGB").quantize(_PALETTE, dither=Image.Dither.NONE)
    few.save(file, format="png", optimize=True)
    return picture._replace(data=file.getvalue())


def _extent(layers: Sequence[str]) -> str:
    return f"{len(layers)} layers from {layers[0]} to {layers[-1]}"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
