"""The controls of a widget on the page, moved by mouse and by keyboard."""

import json
import re
from typing import Any, NamedTuple

from tests.browser.jupyterlab import CELL_SECONDS, Notebook


class Choose(NamedTuple):
    """Buttons of which one is chosen: first `mouse` is clicked, then `keys` by the space bar.

    Each is told by its text, or by its place among the buttons.
    """

    name: str
    mouse: str | int
    keys: str | int


class Type(NamedTuple):
    """A number that can be typed, in a box or beside a slider."""

    name: str
    first: int
    then: int


class Slide(NamedTuple):
    """A slider: its track is clicked at this share of its length, then a number is typed."""

    name: str
    share: float
    keys: int


class Toggle(NamedTuple):
    """A box to tick: clicked, then by the space bar."""

    name: str


Move = Choose | Type | Slide | Toggle


class Widget:
    """A live widget in a cell's output."""

    def __init__(self, notebook: Notebook, place: int) -> None:
        self.notebook, self.page, self.place = notebook, notebook.page, place
        self.box = notebook.output(place).locator(".jupyter-widgets.widget-vbox").first
        self.box.wait_for(state="visible")

    def names(self) -> list[str]:
        """The controls' names, from top to bottom."""
        return self.box.evaluate(  # a box to tick has its name beside it, and an empty label
            """box => [...box.children].filter(one => !one.matches(".widget-html")).map(
                one => (one.matches(".widget-checkbox") ? one : one.querySelector("label"))
                    .innerText.replace(/\\u200b/g, "").trim())"""
        )

    def control(self, name: str) -> Any:
        """A control with its label."""
        return self.box.locator(
            f':scope > .lm-Widget:has(label:text-is("{name}")),'
            f' :scope > .widget-checkbox:has-text("{name}")'
        ).first

    def sources(self) -> list[str]:
        """The pictures that are shown."""
        return self.box.locator("img").evaluate_all("all => all.map(one => one.src)")

    def redrawn(self, before: list[str], what: str) -> None:
        """Wait until another picture is there, whole, with no error told."""
        box = self.box.element_handle()
        try:
            self.page.wait_for_function(
                """([box, before]) => {
                    const all = [...box.querySelectorAll("img")];
                    return (all.length && !box.innerText.includes("drawing …")
                        && all.every(one => one.complete && one.naturalWidth > 0)
                        && JSON.stringify(all.map(one => one.src)) !== before)
                        || /\\w+Error: /.test(box.innerText);
                }""",
                arg=[box, json.dumps(before, separators=(",", ":"))],
                timeout=1000 * CELL_SECONDS,
                polling=100,
            )
        except Exception as error:
            raise AssertionError(f"{what}: the picture did not change") from error
        assert "Error: " not in self.box.inner_text(), f"{what}: {self.box.inner_text()}"
        self.notebook.wait_idle()

    def reach(self, target: Any) -> None:
        """Go to an element by the Tab key from the top of the widget."""
        self.box.locator("button, input, [tabindex='0'], [contenteditable]").first.focus()
        for _ in range(60):
            if target.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not reach {target}")

    def move(self, move: Move) -> None:
        """Move a control by mouse, then by keyboard; each time the picture has to change."""
        control = self.control(move.name)
        for keyboard in (False, True):
            before = self.sources()
            self._set(control, move, keyboard)
            self.redrawn(before, f"{move} by {'keyboard' if keyboard else 'mouse'}")

    def _set(self, control: Any, move: Move, keyboard: bool) -> None:
        if isinstance(move, Choose):
            wanted = move.keys if keyboard else move.mouse
            buttons = control.locator("button")
            if isinstance(wanted, int):
                self._press(buttons.nth(wanted), keyboard)
            else:
                exactly = re.compile(rf"^\s*{re.escape(wanted)}\s*$")
                self._press(buttons.filter(has_text=exactly), keyboard)
        elif isinstance(move, Toggle):
            self._press(control.locator("input"), keyboard)
        elif isinstance(move, Slide) and not keyboard:
            track = control.locator(".noUi-target")
            track.scroll_into_view_if_needed()
            size = track.bounding_box()
            track.click(position={"x": move.share * size["width"], "y": size["height"] / 2})
        else:
            number = move.keys if isinstance(move, Slide) else (move.first, move.then)[keyboard]
            field = control.locator("input, .widget-readout").last
            if keyboard:
                self.reach(field)
            else:
                field.click()
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(str(number))
            self.page.keyboard.press("Enter")

    def _press(self, target: Any, keyboard: bool) -> None:
        if keyboard:
            self.reach(target)
            self.page.keyboard.press("Space")
        else:
            target.click()
