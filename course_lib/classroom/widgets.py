"""One wrapper that gives a plain function of its controls a face.

Live where there is a kernel and a front end, in JupyterLab and on Colab; a contact sheet of chosen
settings where outputs are kept. The function knows nothing of either, and is called as it is.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from course_lib.display import MISSING, NEUTRAL, boxed, show, show_widget
from course_lib.figures import Picture
from course_lib.progress import is_static

Values = dict[str, Any]


class OneOf(NamedTuple):
    """A control that takes one of several values."""

    options: tuple[Any, ...]
    start: Any


class Whole(NamedTuple):
    """A control that takes a whole number.

    high: the largest; or a function of the other controls' values that gives it.
    typed: a box to type into, for wide ranges, in place of a slider.
    """

    low: int
    high: int | Callable[[Values], int]
    start: int
    step: int = 1
    typed: bool = False

    def largest(self, values: Values) -> int:
        """The upper end for these values of the other controls."""
        return self.high(values) if callable(self.high) else self.high


class Switch(NamedTuple):
    """A control that is on or off."""

    start: bool


Control = OneOf | Whole | Switch


class Explorer:
    """A function with controls; the last expression of a cell shows it.

    Args:
        function: takes the controls' values by name, returns a `Picture`.
        controls: by the function's argument names, in the order in which they are shown.
        sheet: settings for the contact sheet, each as what differs from the controls' start.
    """

    def __init__(
        self,
        function: Callable[..., Picture],
        controls: Mapping[str, Control],
        *,
        sheet: Sequence[Mapping[str, Any]],
    ) -> None:
        self.function = function
        self.controls = dict(controls)
        self.sheet = [dict(settings) for settings in sheet]
        for settings in self.sheet:
            self.values(**settings)

    def values(self, **changes: Any) -> Values:
        """The controls' values: those they start with, and these changes; ValueError if there is no
        such control, or it cannot take the value."""
        unknown = set(changes) - set(self.controls)
        if unknown:
            none = f"There is no control {', '.join(sorted(unknown))}"
            raise ValueError(f"{none}: give {', '.join(self.controls)}.")
        values = {name: control.start for name, control in self.controls.items()} | changes
        for name, control in self.controls.items():
            _check(name, control, values)
        return values

    def draw(self, **changes: Any) -> Picture:
        """The picture for these values; what is not named is as at the start."""
        return self.function(**self.values(**changes))

    def contact_sheet(self) -> str:
        """The sheet's settings and pictures as an HTML table, without style sheets or scripts."""
        cells = []
        for settings in self.sheet:
            picture = self.draw(**settings)._repr_html_()
            caption = _told(settings) or "as at the start"
            cells.append(f'<td style="text-align: left">{caption}<br>{picture}</td>')
        body = "".join(f"<tr>{''.join(cells[i : i + 2])}</tr>" for i in range(0, len(cells), 2))
        start = _told(self.values())
        return f"<p>Where nothing else is said: {start}.</p><table>{body}</table>"

    def widget(self) -> Any:
        """The live widget; every control can be reached with the Tab key and set with the keyboard.

        An error is told below the controls and raised, so that no test can miss it.
        """
        import ipywidgets  # only where there is a front end

        values = self.values()
        faces = {n: _face(ipywidgets, n, c, values) for n, c in self.controls.items()}
        told, picture = ipywidgets.HTML(), ipywidgets.HTML()

        def refresh(_change: Any = None) -> None:
            now = {name: face.value for name, face in faces.items()}
            if _limit(self.controls, faces, now):
                return  # a number had to come down, which calls this once more
            told.value = boxed("drawing …", NEUTRAL)
            try:
                picture.value = self.draw(**now)._repr_html_()
            except Exception as error:
                sentence = error.args[0] if error.args else error
                told.value = boxed(html.escape(f"{type(error).__name__}: {sentence}"), MISSING)
                raise
            told.value = ""

        for face in faces.values():
            face.observe(refresh, names="value")
        refresh()
        return ipywidgets.VBox([*faces.values(), told, picture])

    def __repr__(self) -> str:
        return f"[Explorer with the controls {', '.join(self.controls)}]"

    def _ipython_display_(self) -> None:
        if is_static():
            show(self.contact_sheet(), repr(self))
        else:
            show_widget(self.widget(), "<p>This front end has no widgets.</p>", repr(self))


def _told(values: Values) -> str:
    """Settings in words, as HTML."""
    words = {True: "on", False: "off"}
    shown = {n: words[v] if isinstance(v, bool) else v for n, v in values.items()}
    return html.escape(", ".join(f"{name}: {value}" for name, value in shown.items()))


def _check(name: str, control: Control, values: Values) -> None:
    value = values[name]
    if isinstance(control, Whole):
        largest = control.largest(values)
        fits = isinstance(value, int) and control.low <= value <= largest
        accepted = f"a whole number from {control.low} to {largest}"
    elif isinstance(control, OneOf):
        fits, accepted = value in control.options, f"one of {', '.join(map(str, control.options))}"
    else:
        fits, accepted = isinstance(value, bool), "True or False"
    if not fits:
        raise ValueError(f"{name}={value!r}: give {accepted}.")


def _face(ipywidgets: Any, name: str, control: Control, values: Values) -> Any:
    """The ipywidget for a control; a slider tells its value when it is let go.

    Choices are buttons, not a drop-down list, from which JupyterLab takes the arrow keys; a
    slider's number can be typed.
    """
    look: Values = {"description": name, "style": {"description_width": "9em"}}
    if isinstance(control, OneOf):
        look["style"] = {"description_width": "9em", "button_width": "auto"}
        face = ipywidgets.ToggleButtons(options=list(control.options), value=control.start, **look)
        face.add_class("widget-inline-hbox")  # its own class for this is lost in some versions
        return face
    if isinstance(control, Switch):
        return ipywidgets.Checkbox(value=control.start, **look)
    make = ipywidgets.BoundedIntText if control.typed else ipywidgets.IntSlider
    if not control.typed:  # long enough to be set by the mouse to the step
        look["layout"] = {"width": "36em", "max_width": "100%"}
    return make(
        min=control.low, max=control.largest(values), step=control.step, value=control.start,
        continuous_update=False, **look,
    )  # fmt: skip


def _limit(controls: Mapping[str, Control], faces: Mapping[str, Any], values: Values) -> bool:
    """Bring the upper ends of numbers into step with the other controls; true if one came down."""
    came_down = False
    for name, control in controls.items():
        if isinstance(control, Whole):
            faces[name].max = control.largest(values)
            came_down |= faces[name].value != values[name]
    return came_down
