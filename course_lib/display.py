"""Show a message in a notebook, and as plain text anywhere else."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, NamedTuple

from IPython.display import display

GOOD, MISSING, NEUTRAL = "#0072B2", "#D55E00", "#767676"  # told apart by colour-blind readers too


class Message(NamedTuple):
    """Something to show: HTML without style sheets or scripts, and the same as text."""

    page: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.page


def boxed(page: str, colour: str) -> str:
    """HTML with a coloured bar at its left."""
    return f'<div style="border-left: 4px solid {colour}; padding: 4px 12px">{page}</div>'


def tabulated(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False, note: str = ""
) -> Message:
    """A table; the first cell of each row is its name.

    Args:
        numbers: the other cells are numbers, and stand at the right. note: a line below it.
    """
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [
            cell.rjust(width) if numbers and i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    style = f'style="text-align: {"right" if numbers else "left"}"'
    page = "".join(f'<th scope="col" {style}>{html.escape(cell)}</th>' for cell in head)
    for name, *rest in rows:
        page += f'</tr><tr><th scope="row" style="text-align: left">{html.escape(name)}</th>'
        page += "".join(f"<td {style}>{html.escape(cell)}</td>" for cell in rest)
    small = f"<small>{html.escape(note)}</small>" if note else ""
    return Message(
        f"<table><tr>{page}</tr></table>{small}", "\n".join([*lines, note] if note else lines)
    )


def show(page: str, text: str) -> None:
    """Display it now, in the middle of a cell."""
    display(Message(page, text))


def show_widget(widget: Any, page: str, text: str) -> None:
    """Display a widget; a front end without widgets shows the HTML in its place."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    data = {
        "application/vnd.jupyter.widget-view+json": view,
        "text/html": page,
        "text/plain": text,
    }
    display(data, raw=True)
