"""Figures that carry a sentence of alt text and stay readable without a kernel.

A `Picture` shows itself as an HTML image, so that the alt text survives in every front end
(IPython before 8 cannot give one to a PNG output). Colours are those of Okabe and Ito, which
colour-blind readers can tell apart; curves differ in line style too.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D1F")
_LINES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


class Picture(NamedTuple):
    """A PNG with its alt text; the last expression of a cell shows it.

    png: the file's bytes. alt: what it shows, in a sentence. width: in CSS pixels.
    """

    png: bytes
    alt: str
    width: int

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        data = base64.b64encode(self.png).decode("ascii")
        alt = html.escape(self.alt, quote=True)
        image = f'<img src="data:image/png;base64,{data}" alt="{alt}" width="{self.width}">'
        return {"text/html": image, "text/plain": f"[Figure: {self.alt}]"}


def draw(figure: Figure, alt: str) -> Picture:
    """Turn a matplotlib figure into a `Picture`.

    Raises:
        ValueError: the alt text is not a sentence.
    """
    if len(alt.split()) < 4 or not alt.rstrip().endswith("."):
        raise ValueError(f"alt={alt!r}: say what the figure shows, in a sentence with a full stop.")
    file = io.BytesIO()
    # no software name or date in the file: the same figure is the same bytes
    figure.savefig(file, format="png", dpi=144, facecolor="white", metadata={"Software": None})
    return Picture(file.getvalue(), alt, round(figure.get_figwidth() * 96))


def picture_grid(
    rows: Mapping[str, Tensor] | Tensor,
    *,
    alt: str,
    titles: Sequence[str] = (),
    notes: Mapping[str, Sequence[str]] | None = None,
    width: float = 9.0,
    columns: int = 8,
) -> Picture:
    """Rows of small pictures, each row with a name, each column with a title.

    Args:
        rows: pictures (N, 3, S, S) in [0, 1] by the name of their row; a bare tensor is broken
            into rows of `columns`, with `titles` over every picture.
        titles: over the columns.
        notes: by row, a short text under each of its pictures.
        width: of the figure, in inches.
    """
    if isinstance(rows, Tensor):
        chunks = rows.split(columns)
        names = [" " * i for i in range(len(chunks))]  # rows without a visible name
        heads = {name: titles[i * columns :] for i, name in enumerate(names)}
        grid = dict(zip(names, chunks, strict=True))
    else:
        grid = dict(rows)
        heads = {name: titles if i == 0 else () for i, name in enumerate(grid)}
        columns = max(len(pictures) for pictures in grid.values())
    notes = notes or {}
    margin = 1.15 if any(name.strip() for name in grid) else 0.08
    cell = (width - margin) / columns
    heights = [cell + 0.24 * (bool(heads[name]) + bool(notes.get(name))) for name in grid]
    height = sum(heights) + 0.06
    figure = Figure(figsize=(width, height))
    top = height
    for name, pictures in grid.items():
        top -= 0.24 if heads[name] else 0
        for column, pixels in enumerate(pictures):
            left = margin + column * cell
            axes = figure.add_axes(
                ((left + 0.03) / width, (top - cell + 0.03) / height,
                 (cell - 0.06) / width, (cell - 0.06) / height)
            )  # fmt: skip
            _show(axes, pixels)
            if column < len(heads[name]):
                axes.set_title(heads[name][column], fontsize=9, pad=3)
            if notes.get(name):
                axes.set_xlabel(notes[name][column], fontsize=8.5, labelpad=2)
        if name.strip():
            figure.text(
                (margin - 0.08) / width, (top - cell / 2) / height, name,
                ha="right", va="center", fontsize=9,
            )  # fmt: skip
        top -= cell + (0.24 if notes.get(name) else 0)
    return draw(figure, alt)


def curves(
    lines: Mapping[str, Sequence[float] | Tensor],
    *,
    x_label: str,
    y_label: str,
    alt: str,
    x: Sequence[float] | None = None,
    level: tuple[float, str] | None = None,
    size: tuple[float, float] = (7.0, 3.4),
) -> Picture:
    """One curve a name, in its own colour and line style.

    Args:
        x: the horizontal places; by default 1, 2, 3, ...
        level: a height to mark with a dotted line, and what it means.
    """
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    for i, (name, line) in enumerate(lines.items()):
        values = torch.as_tensor(line).tolist()
        places = list(x) if x is not None else list(range(1, len(values) + 1))
        axes.plot(
            places, values, label=name, color=COLOURS[i % len(COLOURS)],
            linestyle=_LINES[i % len(_LINES)], linewidth=1.8,
        )  # fmt: skip
    if level is not None:
        axes.axhline(level[0], color="0.35", linestyle=":", linewidth=1.2)
        axes.annotate(
            level[1], (1.0, level[0]), xycoords=("axes fraction", "data"), xytext=(-4, 4),
            textcoords="offset points", fontsize=9, color="0.25", ha="right",
        )  # fmt: skip
    _finish(axes, x_label, y_label, legend=len(lines) > 1)
    return draw(figure, alt)


def dots(
    groups: Mapping[str, Sequence[float]],
    *,
    x_label: str,
    y_label: str,
    alt: str,
    columns: Sequence[str],
    size: tuple[float, float] = (7.0, 3.2),
) -> Picture:
    """A value for every column and group, as dots whose shape and colour name the group."""
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    for i, (name, values) in enumerate(groups.items()):
        shift = (i - (len(groups) - 1) / 2) * 0.16
        axes.plot(
            [place + shift for place in range(len(columns))], list(values), label=name,
            color=COLOURS[i % len(COLOURS)], marker=_MARKERS[i % len(_MARKERS)],
            linestyle="none", markersize=7,
        )  # fmt: skip
    axes.set_xticks(range(len(columns)), columns, fontsize=9)
    _finish(axes, x_label, y_label, legend=len(groups) > 1)
    return draw(figure, alt)


def _show(axes: Axes, pixels: Tensor) -> None:
    array = pixels.detach().cpu().clamp(0, 1).permute(1, 2, 0).numpy()
    axes.imshow(array, interpolation="nearest" if len(array) < 128 else "antialiased")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _finish(axes: Axes, x_label: str, y_label: str, *, legend: bool) -> None:
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    if legend:
        axes.legend(frameon=False, fontsize=9)
