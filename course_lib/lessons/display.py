"""Show a message in a notebook, and as plain text anywhere else."""

from __future__ import annotations

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
