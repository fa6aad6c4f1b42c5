"""A notebook in JupyterLab, as somebody in front of the browser uses it.

The keyboard, the mouse and the menus do the work. JupyterLab's own model of the notebook is only
read: which cells there are, which have run, and what they gave. Nothing waits for a fixed time.
"""

import json
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

OPEN_SECONDS, RUN_SECONDS, CELL_SECONDS = 120, 600, 120  # generous: two slow cores are enough

_NOTEBOOK = "const nb = window.jupyterapp.shell.currentWidget;"
_READY = """() => {
    const nb = window.jupyterapp?.shell?.currentWidget;
    return !!(nb?.content?.model?.cells && nb.context?.isReady && nb.sessionContext?.isReady
        && nb.sessionContext.session?.kernel?.status === "idle");
}"""
_CELLS = f"""() => {{ {_NOTEBOOK}
    return [...nb.content.model.cells].map(cell => ({{
        kind: cell.type,
        source: cell.sharedModel.source,
        count: cell.type === "code" ? cell.executionCount : null,
        outputs: cell.type === "code" ? cell.outputs.toJSON() : [],
    }}));
}}"""
_DONE = f"""() => {{ {_NOTEBOOK}
    const code = [...nb.content.model.cells].filter(
        cell => cell.type === "code" && cell.sharedModel.source.trim());
    const wrong = cell => cell.outputs.toJSON().some(one => one.output_type === "error");
    return code.some(wrong) || (nb.sessionContext.session?.kernel?.status === "idle"
        && code.every(cell => cell.executionCount !== null));
}}"""
_RAN = f"""([place, before]) => {{ {_NOTEBOOK}
    const count = nb.content.model.cells.get(place).executionCount;
    return nb.sessionContext.session?.kernel?.status === "idle"
        && count !== null && count !== before;
}}"""
_IDLE = f"""() => {{ {_NOTEBOOK}
    return nb.sessionContext.session?.kernel?.status === "idle"; }}"""


class Server(NamedTuple):
    """A JupyterLab server. work: the folder of the notebooks."""

    address: str
    token: str
    work: Path

    def ask(self, path: str, method: str = "GET") -> Any:
        """What its REST interface answers."""
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.address}/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def shut_kernels_down(self) -> None:
        """So that one lesson's memory is free before the next begins."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")


class Notebook:
    """An open notebook.

    Attributes:
        page: Playwright's. complaints: what the browser's console called an error.
    """

    def __init__(self, page: Any, server: Server, name: str, screenshots: Path) -> None:
        self.page, self.server, self.name = page, server, name
        self._screenshots = screenshots
        self.complaints: list[str] = []
        page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        where = f"{server.address}/lab/workspaces/{name}/tree/{name}.ipynb"
        page.goto(f"{where}?token={server.token}")
        page.wait_for_function(_READY, timeout=1000 * OPEN_SECONDS, polling=200)

    # what is there

    def cells(self) -> list[dict[str, Any]]:
        """Each cell's kind, source, execution count and outputs."""
        return self.page.evaluate(_CELLS)

    def places(self, text: str) -> list[int]:
        """The places of the code cells with this text in them."""
        cells = [cell["source"] if cell["kind"] == "code" else "" for cell in self.cells()]
        found = [place for place, source in enumerate(cells) if text in source]
        assert found, f"{self.name} has no code cell with {text!r}"
        return found

    def place(self, text: str) -> int:
        """The place of the only code cell with this text in it."""
        found = self.places(text)
        assert len(found) == 1, f"{self.name} has {len(found)} code cells with {text!r}"
        return found[0]

    def cell(self, place: int) -> Any:
        """A cell on the page, scrolled into view."""
        cell = self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{place}"]')
        cell.scroll_into_view_if_needed()
        return cell

    def output(self, place: int) -> Any:
        """Where a cell's outputs are on the page."""
        return self.cell(place).locator(".jp-Cell-outputArea")

    def problems(self) -> list[str]:
        """Errors and warnings among the outputs, each with its cell."""
        found = []
        for cell in self.cells():
            for one in cell["outputs"]:
                if one["output_type"] == "error":
                    found.append(f"{cell['source']}\n-> {one['ename']}: {one['evalue']}")
                elif one.get("name") == "stderr":
                    found.append(f"{cell['source']}\n-> stderr: {''.join(one['text'])}")
        return found

    # what is done

    def run_all(self) -> None:
        """Run, Run All Cells; until the last cell has run or one has failed."""
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(_DONE, timeout=1000 * RUN_SECONDS, polling=500)

    def menu(self, menu: str, entry: str) -> None:
        """Choose an entry of the menu bar."""
        self.page.locator(f'.lm-MenuBar-itemLabel:text-is("{menu}")').click()
        self.page.locator(f'.lm-Menu-itemLabel:text-is("{entry}")').click()

    def wait_idle(self) -> None:
        """Until the kernel has nothing to do."""
        self.page.wait_for_function(_IDLE, timeout=1000 * CELL_SECONDS, polling=100)

    def write(self, place: int, source: str) -> None:
        """Put other text into a cell, in its editor."""
        self.cell(place).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.wait_for_function(
            f"([place, text]) => {{ {_NOTEBOOK}"
            " return nb.content.model.cells.get(place).sharedModel.source === text; }",
            arg=[place, source],
        )

    def run(self, place: int, seconds: float = CELL_SECONDS) -> str:
        """Run a cell by Shift and Enter, for so long at most; returns its outputs as text."""
        before = self.cells()[place]["count"]
        self.start(place)
        self.page.wait_for_function(_RAN, arg=[place, before], timeout=1000 * seconds, polling=100)
        return self.output(place).inner_text()

    def start(self, place: int) -> None:
        """Press Shift and Enter in a cell, without waiting for it."""
        self.cell(place).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def insert_below(self, place: int) -> int:
        """A new cell below this one, by Escape and B; returns its place."""
        self.cell(place).locator(".cm-content").click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        self.page.wait_for_function(
            f"place => {{ {_NOTEBOOK} return nb.content.activeCellIndex === place; }}",
            arg=place + 1,
        )
        return place + 1

    # pictures

    def picture(self, what: str, place: int | None = None) -> None:
        """Keep a screenshot of the window, with a cell's outputs at its top if one is named."""
        if place is not None:
            self.output(place).evaluate("node => node.scrollIntoView({block: 'start'})")
        self.page.screenshot(path=self._screenshots / f"{self.name}-{what}.png")

    def pictures_of_all(self) -> None:
        """Keep screenshots of the whole notebook, a windowful each."""
        scroller = self.page.locator(".jp-WindowedPanel-outer").first
        scroller.evaluate("node => { node.scrollTop = 0; }")
        for number in range(200):
            self.picture(f"page-{number:02}")
            moved = scroller.evaluate(
                "node => { const before = node.scrollTop;"
                " node.scrollTop += node.clientHeight - 60; return node.scrollTop > before + 1; }"
            )
            if not moved:
                return
