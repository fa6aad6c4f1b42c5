"""Figures that carry a sentence of alt text and stay readable without a kernel.

A `Picture` shows itself as an HTML image, so that the alt text survives in every front end
(IPython before 8 cannot give one to a PNG output). All figures have their axes from `canvas`, and
the looks of curves and marks from `line_look` and `mark_look`: these differ in colour, and in dash
or shape too.
"""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from course_lib.display import COLOURS

_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

LEVEL: dict[str, Any] = {"color": "0.35", "linestyle": ":", "linewidth": 1.2}
"""The look of a line that marks a level, or what would be expected."""
LEGEND: dict[str, Any] = {"frameon": False, "fontsize": 9}
"""The look of a legend."""


class Picture(NamedTuple):
    """An image file with its alt text; the last expression of a cell shows it.

    data: the file's bytes. kind: "png" or "webp". alt: what it shows, in a sentence.
    width: in CSS pixels.
    """

    data: bytes
    kind: str
    alt: str
    width: int

    @property
    def height(self) -> int:
        """In CSS pixels."""
        with Image.open(io.BytesIO(self.data)) as pixels:
            return round(pixels.height * self.width / pixels.width)

    def __repr__(self) -> str:  # what a front end without images shows
        return f"[Figure: {self.alt}]"

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.data).decode("ascii")
        alt = html.escape(self.alt, quote=True)
        source = f"data:image/{self.kind};base64,{data}"
        return f'<img src="{source}" alt="{alt}" width="{self.width}">'


def draw(figure: Figure, alt: str, *, pictorial: bool = False, code: str = "") -> Picture:
    """A matplotlib figure as a `Picture`.

    Args:
        code: whose code it rests on, "your code" or "reference" where there was an exercise; it
            is written into the figure and its alt text.
        pictorial: the figure consists of pictures, not of lines: it is kept as WebP, a fraction
            of the size, so that a notebook stays small.

    Raises:
        ValueError: the alt text is not a sentence.
    """
    if len(alt.split()) < 4 or not alt.rstrip().endswith("."):
        raise ValueError(f"alt={alt!r}: say what the figure shows, in a sentence with a full stop.")
    if code:
        alt = f"{alt.rstrip()} Drawn with: {code}."
        figure.text(
            0.998, 0.002, f"drawn with: {code}", ha="right", va="bottom", fontsize=7.5, color="0.3"
        )
    file = io.BytesIO()
    # no software name or date in the file: the same figure is the same bytes
    figure.savefig(file, format="png", dpi=144, facecolor="white", metadata={"Software": None})
    width = round(figure.get_figwidth() * 96)
    if not pictorial:
        return Picture(file.getvalue(), "png", alt, width)
    with Image.open(file) as pixels:
        return Picture(_webp(pixels), "webp", alt, width)


def small(picture: Picture) -> Picture:
    """The same as WebP, with a pixel for each of a page's: two fifths of the bytes."""
    with Image.open(io.BytesIO(picture.data)) as pixels:
        size = (picture.width, picture.height)
        smaller = pixels.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    return picture._replace(data=_webp(smaller, quality=60), kind="webp")


def _webp(pixels: Image.Image, quality: int = 72) -> bytes:
    file = io.BytesIO()
    pixels.convert("RGB").save(file, format="webp", quality=quality, method=4)
    return file.getvalue()


def canvas(
    size: tuple[float, float],
    count: int = 1,
    columns: int = 1,
    *,
    grid: str = "both",
    hidden: Sequence[str] = ("top", "right"),
    **shared: Any,
) -> tuple[Figure, list[Axes]]:
    """A figure and its axes, all in the course's style.

    >>> figure, (axes,) = canvas((7.0, 3.4))

    Args:
        size: of the whole figure, in inches.
        count: how many axes, in rows of at most `columns`; the last row may be shorter.
        grid: along which axis there are grid lines, "x", "y" or "both"; "" for none.
        hidden: sides of the frame that are not drawn.
        shared: whatever else `Figure.subplots` takes, such as sharex=True.
    """
    figure = Figure(figsize=size, layout="constrained")
    columns = min(columns, count)
    places = figure.subplots(-(-count // columns), columns, squeeze=False, **shared).flatten()
    for axes in places[:count]:
        for side in hidden:
            axes.spines[side].set_visible(False)
        if grid:
            axes.grid(axis=grid, alpha=0.25)
    for axes in places[count:]:
        axes.remove()
    return figure, list(places[:count])


def line_look(i: int) -> dict[str, Any]:
    """The colour and dash of curve number i."""
    return {"color": COLOURS[i % len(COLOURS)], "linestyle": _DASHES[i % len(_DASHES)]}


def mark_look(i: int) -> dict[str, Any]:
    """The colour and shape of the marks of group number i, which no line joins."""
    shape = _MARKERS[i % len(_MARKERS)]
    return {"color": COLOURS[i % len(COLOURS)], "marker": shape, "linestyle": "none"}


def mark_level(axes: Axes, height: float, meaning: str = "") -> None:
    """A dotted line at a height, and what it means at its right end."""
    axes.axhline(height, **LEVEL)
    axes.annotate(
        meaning, (1.0, height), xycoords=("axes fraction", "data"), xytext=(-4, 4),
        textcoords="offset points", fontsize=9, color="0.25", ha="right",
    )  # fmt: skip


# names of folders are text, and never mathematics between two dollar signs
_PLAIN: dict[str, Any] = {"fontsize": 9, "parse_math": False}


def _short(text: str, inches: float) -> str:
    """A text, cut where it is too long for so much room at this size."""
    room = int(inches * 15)
    return text if len(text) <= room else text[: room - 1] + "…"


def picture_grid(
    rows: Mapping[str, Tensor] | Tensor,
    *,
    alt: str = "",
    titles: Sequence[str] = (),
    notes: Mapping[str, Sequence[str]] | None = None,
    width: float = 9.0,
    columns: int = 8,
    code: str = "",
) -> Picture:
    """Rows of small pictures, each row with a name, each column with a title.

    Args:
        rows: pictures (N, 3, S, S) in [0, 1] by the name of their row; a bare tensor is broken
            into rows of `columns`, with `titles` over every picture.
        alt: what is to be seen; without it, a sentence that counts the pictures and names the rows.
        titles: over the columns.
        notes: by row (a bare tensor's is ""), a short text under each of its pictures.
        width: of the figure, in inches.
        code: whose code the pictures rest on; see `draw`.
    """
    if not len(rows):
        raise ValueError("There are no pictures to show: give at least one.")
    for pictures in [rows] if isinstance(rows, Tensor) else rows.values():
        if pictures.dim() != 4 or pictures.shape[1] not in (1, 3):
            raise ValueError(
                f"Pictures have shape {tuple(pictures.shape)}: give (N, 3, S, S) for each row, one "
                "picture as pictures[:1]."
            )
    if isinstance(rows, Tensor):
        starts = range(0, len(rows), columns)
        under = (notes or {}).get("", ())
        table = [
            ("", rows[i : i + columns], titles[i : i + columns], under[i : i + columns])
            for i in starts
        ]
        columns = min(columns, len(rows))
    else:
        table = [
            (name, pictures, () if i else titles, (notes or {}).get(name, ()))
            for i, (name, pictures) in enumerate(rows.items())
        ]
        columns = max(len(pictures) for pictures in rows.values())
    margin = 1.3 if any(row[0] for row in table) else 0.08  # inches, for the rows' names
    cell, line = (width - margin) / columns, 0.24
    height = sum(cell + line * (bool(over) + bool(under)) for *_, over, under in table) + 0.06
    height += 0.18 if code else 0
    figure = Figure(figsize=(width, height))
    top = height
    for name, pictures, over, under in table:
        top -= line if over else 0
        for column, pixels in enumerate(pictures):
            left, low, edge = margin + column * cell + 0.03, top - cell + 0.03, cell - 0.06
            axes = figure.add_axes((left / width, low / height, edge / width, edge / height))
            _show(axes, pixels)
            if column < len(over):
                axes.set_title(_short(over[column], cell), **_PLAIN, pad=3)
            if column < len(under):
                axes.set_xlabel(_short(under[column], cell), **_PLAIN, labelpad=2)
        where = ((margin - 0.08) / width, (top - cell / 2) / height)
        figure.text(*where, name, ha="right", va="center", **_PLAIN)
        top -= cell + (line if under else 0)
    return draw(figure, alt or _counted(table), pictorial=True, code=code)


def _counted(table: Sequence[tuple[str, Tensor, Sequence[str], Sequence[str]]]) -> str:
    """Alt text for pictures of which nobody said what they show."""
    count = sum(len(pictures) for _, pictures, *_ in table)
    rows = ", ".join(name for name, *_ in table if name)
    told = f"{count} small {'picture' if count == 1 else 'pictures'}"
    return f"{told}{rows and f', in rows: {rows}'}; nobody has described them."


def curves(
    lines: Mapping[str, Sequence[float] | Tensor],
    *,
    x_label: str,
    y_label: str,
    alt: str,
    x: Sequence[float] | None = None,
    level: tuple[float, str] | None = None,
    code: str = "",
) -> Picture:
    """One curve a name, in its own colour and line style.

    Args:
        x: the horizontal places; by default 1, 2, 3, ...
        level: a height to mark with a dotted line, and what it means.
        code: whose code the curves rest on; see `draw`.
    """
    figure, (axes,) = canvas((7.0, 3.4))
    for i, (name, line) in enumerate(lines.items()):
        values = torch.as_tensor(line).tolist()
        places = list(x) if x is not None else list(range(1, len(values) + 1))
        axes.plot(places, values, label=name, linewidth=1.8, **line_look(i))
    if level is not None:
        mark_level(axes, *level)
    _label(axes, x_label, y_label, legend=len(lines) > 1)
    return draw(figure, alt, code=code)


def dots(
    groups: Mapping[str, Sequence[float]],
    *,
    x_label: str,
    y_label: str,
    alt: str,
    columns: Sequence[str],
    size: tuple[float, float] = (7.0, 3.2),
    code: str = "",
) -> Picture:
    """A count for every column and group, as dots whose shape and colour name the group.

    Args:
        code: whose code the counts rest on; see `draw`.
    """
    figure, (axes,) = canvas(size)
    for i, (name, values) in enumerate(groups.items()):
        shift = (i - (len(groups) - 1) / 2) * 0.16
        places = [place + shift for place in range(len(columns))]
        axes.plot(places, list(values), label=name, markersize=7, **mark_look(i))
    axes.set_xticks(range(len(columns)), columns, fontsize=9)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    highest = max(max(values) for values in groups.values())
    axes.set_ylim(0, 1.08 * highest or 1)  # so that no mark is cut in half
    _label(axes, x_label, y_label, legend=len(groups) > 1)
    return draw(figure, alt, code=code)


def _show(axes: Axes, pixels: Tensor) -> None:
    array = pixels.detach().cpu().clamp(0, 1).permute(1, 2, 0).numpy()
    axes.imshow(array, interpolation="nearest" if len(array) < 128 else "antialiased")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _label(axes: Axes, x_label: str, y_label: str, *, legend: bool) -> None:
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    if legend:
        axes.legend(**LEGEND)
