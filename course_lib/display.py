"""Messages for notebooks, as HTML, and as plain text for anywhere else."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D1F")
"""Of Okabe and Ito, which colour-blind readers can tell apart; a brown for their yellow, which is
lost on white."""

GOOD, MISSING = COLOURS[:2]
NEUTRAL = "#767676"


class Message(NamedTuple):
    """A message: HTML without style sheets or scripts, and the same as text."""

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

    A cell may have several lines: the page shows those after the first below it in small print.

    Args:
        numbers: the other cells are numbers, and stand at the right. note: what stands below it.
    """
    flat = [[cell.replace("\n", " ") for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in flat) for i in range(len(head))]
    lines = []
    for row in flat:
        cells = [
            cell.rjust(width) if numbers and i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    style = f'style="text-align: {"right" if numbers else "left"}"'
    page = "".join(f'<th scope="col" {style}>{html.escape(cell)}</th>' for cell in head)
    for name, *rest in rows:
        page += f'</tr><tr><th scope="row" style="text-align: left">{html.escape(name)}</th>'
        page += "".join(f"<td {style}>{_in_small(cell)}</td>" for cell in rest)
    small = f"<small>{_lines(note)}</small>" if note else ""
    return Message(
        f"<table><tr>{page}</tr></table>{small}", "\n".join([*lines, note] if note else lines)
    )


def _lines(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _in_small(cell: str) -> str:
    first, _, rest = cell.partition("\n")
    return html.escape(first) + (f"<br><small>{_lines(rest)}</small>" if rest else "")


def show(page: str, text: str) -> None:
    """Display it now, in the middle of a cell."""
    _display(Message(page, text))


def show_widget(widget: Any, page: str, text: str) -> None:
    """Display a widget; a front end without widgets shows the HTML in its place.

    A script in an output of its own gives controls names that a screen reader says, and keys: see
    controls.js. A notebook that is not trusted shows nothing in its place.
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/html": page, "text/plain": text}
    _display(data, raw=True)
    script = Path(__file__).with_name("controls.js").read_text(encoding="utf-8")
    _display({"application/javascript": script, "text/plain": ""}, raw=True)


def _display(thing: Any, *, raw: bool = False) -> None:
    from IPython.display import display  # half a second, which a script need not pay

    display(thing, raw=raw)
