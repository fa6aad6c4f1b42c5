"""A kernel as JupyterLab starts one, asked for a slider and a picture."""

from __future__ import annotations

import json
import queue
import time
from typing import Any, NamedTuple

START_SECONDS, CELL_SECONDS = 60, 180

# What a lesson's first cells do. The kernel answers with one line of JSON on its output.
_CELL = """
import json, sys, time
_told = {"prefix": sys.prefix}
try:
    import ipywidgets
    ipywidgets.IntSlider(value=1, description="steps")
except ImportError as _error:
    _told["widget_error"] = str(_error)
_started = time.perf_counter()
from course_lib import open_lab, visualize
from course_lib.figures import picture_grid
_lab = open_lab("tiny", network="robust")
_drawn = visualize(_lab.network, None, 7, steps=96, progress=False)
_figure = picture_grid(_drawn.images, alt="A first picture, drawn to see that it works.")
assert _figure.data and _figure._repr_html_().startswith("<img")
_told["picture_seconds"] = time.perf_counter() - _started
print(json.dumps(_told))
"""


class Probe(NamedTuple):
    """What a kernel did.

    prefix: of the kernel's Python. start_seconds: until it answered. picture_seconds: from the
    first import to the first picture. widget_opened: a widget's channel opened.
    """

    prefix: str
    start_seconds: float
    picture_seconds: float
    widget_opened: bool


class ProbeError(Exception):
    """A kernel that did not start, or did not do what it was asked.

    found: what happened. todo: what to do, in a sentence.
    """

    def __init__(self, found: str, todo: str) -> None:
        super().__init__(f"{found}: {todo}")
        self.found, self.todo = found, todo


def probe_kernel(cell: str = _CELL, *, cell_seconds: float = CELL_SECONDS) -> Probe:
    """Start a kernel, run a cell, and end the kernel.

    Raises:
        ProbeError: it does not start, dies, takes too long, or the cell fails.
    """
    again = "Install the course again in an environment of its own, and start this command there."
    try:
        from jupyter_client.kernelspec import NoSuchKernel
        from jupyter_client.manager import start_new_kernel
    except ImportError as error:
        raise ProbeError(f"{error}", again) from error
    started = time.perf_counter()
    try:
        manager, client = start_new_kernel(
            startup_timeout=START_SECONDS,
            kernel_name="python3",
            extra_arguments=["--log-level=40"],
        )
    except NoSuchKernel as error:
        raise ProbeError("there is no kernel python3", again) from error
    except (RuntimeError, OSError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        todo = "See whether a firewall or a virus scanner blocks 127.0.0.1, and try again."
        raise ProbeError(f"does not start: {first}", todo) from error
    start_seconds = time.perf_counter() - started
    try:
        opened, output, failure = _answers(client, client.execute(cell), manager, cell_seconds)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if failure:
        raise ProbeError(f"a first cell fails: {failure}", again)
    told = json.loads(output.strip().splitlines()[-1])
    return Probe(
        prefix=told["prefix"],
        start_seconds=start_seconds,
        picture_seconds=told["picture_seconds"],
        widget_opened=opened and "widget_error" not in told,
    )


def _answers(client: Any, request: str, manager: Any, cell_seconds: float) -> tuple[bool, str, str]:
    """Whether a widget's channel opened, what was printed, and how the cell failed ("" if not)."""
    opened, output, failure = False, "", ""
    deadline = time.monotonic() + cell_seconds
    while True:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            if not manager.is_alive():
                raise ProbeError(
                    "the kernel died while it drew a first picture",
                    "Close other programs and try again: it most often dies for want of memory.",
                ) from None
            if time.monotonic() > deadline:
                raise ProbeError(
                    f"no picture after {cell_seconds:.0f} seconds",
                    "Close other programs and try again, or use Colab: this machine is too slow.",
                ) from None
            continue
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open" and content["target_name"].startswith("jupyter.widget"):
            opened = True
        elif kind == "stream" and content["name"] == "stdout":
            output += content["text"]
        elif kind == "error":
            failure = f"{content['ename']}: {content['evalue']}"
        elif kind == "status" and content["execution_state"] == "idle":
            return opened, output, failure
