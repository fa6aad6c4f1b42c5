"""Figures of lesson 07: the table as a figure, and logits on the way to a visualization."""

import math
from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.figures import LEVEL, Picture, canvas, draw, line_look, mark_look
from course_lib.lessons.lesson_07.table import MEASURES, NAMES, MeasuredNetwork, over_seeds


def table_figure(rows: Sequence[MeasuredNetwork], keys: Sequence[str]) -> Picture:
    """A panel a measure: a dot a network, and each structure's mean with its interval."""
    lines = math.ceil(len(keys) / 3)
    figure, panels = canvas((9.6, 0.6 + 1.75 * lines), len(keys), 3, grid="x")
    told = []
    for axes, key in zip(panels, keys, strict=True):
        told.append(f"{MEASURES[key].title}: {_panel(axes, rows, key)}")
    alt = (
        "For each measure, the networks of each structure as dots, and their mean with its "
        f"interval over seeds. {'; '.join(told)}."
    )
    return draw(figure, alt)


def _panel(axes: Axes, rows: Sequence[MeasuredNetwork], key: str) -> str:
    title, _, percent = MEASURES[key]
    factor, told = (100 if percent else 1), []
    for i, name in enumerate(NAMES):
        values = [factor * row.found[key].value for row in rows if row.name == name]
        estimate = over_seeds(rows, name, key)
        if not math.isnan(estimate.low):
            axes.plot(
                [factor * estimate.low, factor * estimate.high], [i, i], color="0.6", linewidth=5,
                solid_capstyle="butt", alpha=0.5,
            )  # fmt: skip
        axes.plot(values, [i] * len(values), markersize=6, **mark_look(i))
        told.append(f"{name} {factor * estimate.value:.3g}")
    axes.set_yticks(range(len(NAMES)), NAMES, fontsize=9)
    axes.set_ylim(len(NAMES) - 0.5, -0.5)
    axes.set_title(f"{title} (%)" if percent else title, fontsize=9)
    if percent:
        axes.set_xlim(-4, 104)  # intervals by Student may reach beyond what a share can be
    else:
        axes.plot([0, 0], [-0.5, len(NAMES) - 0.5], **LEVEL)
    axes.tick_params(axis="x", labelsize=8)
    return ", ".join(told)


def ways_figure(ways: Mapping[str, Tensor], *, code: str = "") -> Picture:
    """Logits on straight ways from images to visualizations, one panel a network.

    ways: by network, (N, T) a logit at T places of N ways; shown from 0 at its image to 1 at the
    visualization. code: whose code the figure rests on.
    """
    figure, panels = canvas((9.6, 2.5), len(ways), len(ways), sharey=True)
    told = []
    for i, (axes, (name, values)) in enumerate(zip(panels, ways.items(), strict=True)):
        places = torch.linspace(0, 1, values.shape[1]).tolist()
        scaled = (values - values[:, :1]) / (values[:, -1:] - values[:, :1])
        axes.plot([0, 1], [0, 1], **LEVEL)
        look = {**line_look(i), "linestyle": "-"}
        for line in scaled:
            axes.plot(places, line.tolist(), alpha=0.35, linewidth=1, **look)
        middle = scaled.median(0).values
        axes.plot(places, middle.tolist(), linewidth=2.4, **look)
        axes.set_title(name, fontsize=9)
        axes.set_ylim(-1.2, 1.4)
        told.append(f"{name} has a median of {middle[len(places) // 2]:.2f} half-way")
    panels[0].set_ylabel("logit (0 = at the render)", fontsize=9)
    figure.supxlabel("place on the way (1 = at the visualization)", fontsize=9)
    alt = (
        "For each network the logits on straight ways from renders to the visualization of their "
        f"class, with the median and the straight line that a linear function would take: "
        f"{', '.join(told)}."
    )
    return draw(figure, alt, code=code)
