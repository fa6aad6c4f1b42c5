"""Figures of what is left open: bands over one variable, maps over two, and random members.

Blue is what is possible; the two witnesses are orange and green, solid and dashed.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.display import COLOURS
from course_lib.figures import LEGEND, Picture, canvas, draw
from course_lib.lessons.lesson_06.knowable.extremes import Extremes, Range, point
from course_lib.lessons.lesson_06.knowable.function_class import AnyFunction, FunctionClass

_BAND, _HIGHEST, _LOWEST = COLOURS[0], COLOURS[1], COLOURS[2]
_FINE, _COARSE = 401, 41  # places along one variable, and along each of two
_EDGE = 1e-6  # a jump of the range at an extreme is drawn at the extreme itself

Problem = tuple[FunctionClass, Extremes]
_Ranges = Sequence[tuple[float, float]]


def band_figure(
    problems: Mapping[str, Problem],
    x: float | None = None,
    *,
    members: int = 0,
    panel: tuple[float, float] = (1.95, 2.15),
) -> Picture:
    """The values that are left open, over one variable: a panel a class.

    Args:
        problems: by their title, classes with extremes of one variable.
        x: where to ask; the two witnesses for this place are drawn through their ends.
        members: how many random ones to draw. panel: the size of one, in inches.
    """
    figure, panels, columns = _panels(problems, *panel, sharex=True, sharey=True)
    numbers = []
    for axes, (title, (kind, extremes)) in zip(panels, problems.items(), strict=True):
        found = _band(axes, kind, extremes, x, members)
        numbers.append(title if found is None else f"{title} {found.low:.2f} to {found.high:.2f}")
    for axes in panels[::columns]:
        axes.set_ylabel("f(x)")
    for axes in panels[-columns:]:
        axes.set_xlabel("x")
        axes.tick_params(labelbottom=True)
    place = "over x" if x is None else f"at x = {x:g}"
    lines = f"; with {members} random members each" if members else ""
    alt = f"The values of f that the extremes leave open, {place}: {'; '.join(numbers)}{lines}."
    return draw(figure, alt)


def nested_bands(x: Sequence[float], ranges: Mapping[str, _Ranges], *, code: str = "") -> Picture:
    """Ranges over one variable, one inside the other: the palest is the widest.

    Args:
        x: the places. ranges: by name, (low, high) at each place, from the narrowest to the widest.
        code: whose code the ranges rest on; see `course_lib.figures.draw`.
    """
    figure, (axes,) = canvas((6.4, 3.6), grid="")
    numbers = []
    for i, (name, found) in enumerate(reversed(list(ranges.items()))):
        dash = ("-", "--", ":")[i % 3]
        _fill(axes, x, found, 0.15 + 0.2 * i, name, linewidth=1.2, linestyle=dash)
        widest = max(high - low for low, high in found)
        numbers.append(f"{name}, at most {widest:.2f} wide")
    axes.set(xlim=(min(x), max(x)), ylim=(-0.03, 1.03))
    axes.set(xlabel="x (least at 0, greatest at 1)", ylabel="f(x)")
    axes.legend(loc="upper left", **LEGEND)
    alt = f"What is left open over x, as bands inside each other: {'; '.join(numbers)}."
    return draw(figure, alt, code=code)


def width_maps(problems: Mapping[str, Problem]) -> Picture:
    """How wide the range is at every point of the square: a map a class, under its title."""
    figure, panels, _ = _panels(problems, 1.95, 2.35, margin=0.6, hidden=())
    line = torch.linspace(0, 1, _COARSE, dtype=torch.float64)
    points = torch.cartesian_prod(line, line)
    numbers = []
    for axes, (title, (kind, extremes)) in zip(panels, problems.items(), strict=True):
        widths = torch.tensor([kind.value_range(extremes, p).width for p in points])
        image = axes.imshow(
            widths.reshape(_COARSE, _COARSE).T.numpy(), origin="lower", extent=(0, 1, 0, 1), vmin=0,
            vmax=1, cmap="cividis",
        )  # fmt: skip
        for place, mark in ((extremes.x_min, "v"), (extremes.x_max, "^")):
            axes.plot(
                *place.tolist(), marker=mark, markersize=8, markerfacecolor="white",
                markeredgecolor="black", clip_on=False, zorder=5,
            )  # fmt: skip
        axes.set(xticks=[0, 1], yticks=[0, 1])
        axes.set_xlabel("x₁", labelpad=-6)
        numbers.append(f"{title}, {float(widths.mean()):.2f} on average")
    panels[0].set_ylabel("x₂", labelpad=-4)
    bar = figure.colorbar(image, ax=panels, shrink=0.8, aspect=14, pad=0.015)
    bar.set_label("width of the range")
    alt = f"Maps of the square, coloured by how wide the range of f(x) is: {'; '.join(numbers)}."
    return draw(figure, alt)


def spread_figure(ranges: Mapping[str, Range], values: Mapping[str, Tensor]) -> Picture:
    """Worst case and typical case at one point: a bar for each class's range, and on it the values
    of random members.
    """
    names = list(ranges)
    size = (7.6, 0.36 * len(names) + 0.9)
    figure, (axes,) = canvas(size, grid="x", hidden=("top", "right", "left"))
    generator = torch.Generator().manual_seed(0)
    for row, name in enumerate(names):
        low, high = ranges[name]
        axes.plot(
            (low, high), (row, row), color=_BAND, alpha=0.25, linewidth=11, solid_capstyle="butt"
        )
        for end in (low, high):
            axes.plot((end, end), (row - 0.3, row + 0.3), color=_BAND, linewidth=1.6)
        jitter = 0.36 * (torch.rand(len(values[name]), generator=generator) - 0.5)
        axes.plot(
            values[name].tolist(), (row + jitter).tolist(), marker="o", linestyle="none",
            markersize=3, color=COLOURS[1], alpha=0.6, markeredgewidth=0,
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names, fontsize=9)
    axes.invert_yaxis()
    axes.set(xlim=(-0.02, 1.02), xlabel="f(x)")
    axes.tick_params(left=False)
    texts = "; ".join(
        f"{name} {ranges[name].low:.2f} to {ranges[name].high:.2f}, nine in ten members "
        f"{float(v.quantile(0.05)):.2f} to {float(v.quantile(0.95)):.2f}"
        for name, v in values.items()
    )
    return draw(figure, f"What f(x) can be, as bars, and is for random members, as dots: {texts}.")


def _panels(
    titles: Collection[str], width: float, height: float, margin: float = 0, **look: Any
) -> tuple[Figure, list[Axes], int]:
    """A figure, its panels of this size under their titles, and how many are in a row."""
    columns = min(5, len(titles))
    size = (width * columns + margin, height * -(-len(titles) // columns))
    figure, panels = canvas(size, len(titles), columns, grid="", **look)
    for axes, title in zip(panels, titles, strict=True):
        axes.set_title(title, fontsize=9.5)
    return figure, panels, columns


def _fill(
    axes: Axes, x: Sequence[float], ranges: _Ranges, shade: float, label: str | None, **edges: Any
) -> None:
    """A band between its two edges, which are also seen where it has no width."""
    low, high = zip(*ranges, strict=True)
    axes.fill_between(x, low, high, color=_BAND, alpha=shade, linewidth=0, label=label)
    for edge in (low, high):
        axes.plot(x, edge, color=_BAND, **edges)


def _band(
    axes: Axes, kind: FunctionClass, extremes: Extremes, x: float | None, members: int
) -> Range | None:
    ends = torch.cat([extremes.x_min, extremes.x_max])
    around = torch.cat([ends - _EDGE, ends + _EDGE])
    places = torch.cat([torch.linspace(0, 1, _FINE, dtype=torch.float64), ends, around])
    places = places[(places >= 0) & (places <= 1)].sort().values
    x_axis = places.tolist()
    ranges = [kind.value_range(extremes, p) for p in places]
    _fill(axes, x_axis, ranges, 0.18, None, alpha=0.55, linewidth=1.0)
    generator = torch.Generator().manual_seed(0)
    for _ in range(members):
        drawn = kind.member(extremes, generator)(places[:, None]).tolist()
        if isinstance(kind, AnyFunction):  # a line would pretend that neighbours have to do with it
            axes.plot(x_axis[::10], drawn[::10], ".", color="0.25", alpha=0.6, markersize=2)
        else:
            axes.plot(x_axis, drawn, color="0.25", alpha=0.55, linewidth=0.8)
    found = None if x is None else _ask(axes, kind, extremes, x, places)
    mark: dict[str, Any] = {"color": "black", "markersize": 7, "clip_on": False, "zorder": 6}
    axes.plot(float(extremes.x_min), extremes.f_min, marker="v", **mark)
    axes.plot(float(extremes.x_max), extremes.f_max, marker="^", **mark)
    axes.set(xlim=(0, 1), ylim=(-0.03, 1.03))
    return found


def _ask(axes: Axes, kind: FunctionClass, extremes: Extremes, x: float, places: Tensor) -> Range:
    lowest, highest, found = kind.witness(extremes, x)
    where = torch.cat([places, point(x)]).sort().values
    for member, end, colour, style in (
        (highest, found.high, _HIGHEST, "-"), (lowest, found.low, _LOWEST, "--"),
    ):  # fmt: skip
        values = member(where[:, None]).tolist()
        axes.plot(where.tolist(), values, color=colour, linestyle=style, linewidth=1.6)
        axes.plot(x, end, marker="o", color=colour, markersize=6, zorder=7, clip_on=False)
    axes.plot((x, x), found, color="black", linewidth=2.2, zorder=5)
    side = "left" if x < 0.6 else "right"
    axes.annotate(
        f"{found.low:.2f} to {found.high:.2f}", (x, found.middle), fontsize=9, ha=side,
        xytext=(5 if side == "left" else -5, 0), textcoords="offset points", va="center",
        bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1}, zorder=8,
    )  # fmt: skip
    return found
