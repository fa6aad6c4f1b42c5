"""`course doctor`: whether a machine will run the lessons, looked at the day before.

To the looks of lesson 00 come those that a notebook cannot take: at the lessons, at the front end,
and at a kernel as JupyterLab starts one, which is asked for a slider and a picture.
"""

import json
import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from course_lib import system
from course_lib.classroom.machine import AGAIN, Report, Row, looks
from course_lib.classroom.rooms import clone_folder
from course_lib.cli.lessons import CourseError, decoded, find_lessons
from course_lib.display import tabulated

SLOW_SECONDS = 15.0
"""From the first import to the first picture. Two cores of a laptop take about five."""

# the packages through which a front end shows widgets, by ipywidgets' own major version
_FRONT_ENDS = {
    "8": {"jupyterlab_widgets": "3", "widgetsnbextension": "4"},
    "7": {"jupyterlab_widgets": "1", "widgetsnbextension": "3"},
}

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


def examine() -> Report:
    """Everything that is looked at, which takes about ten seconds."""
    clone = clone_folder()
    learn = clone / "notebooks" / "learn" if clone else None
    answers = learn if learn and learn.is_dir() else Path.cwd()  # where a kernel works
    rows = [*looks(answers), *look_at_photographs(), *look_at_lessons()]
    return Report((*rows, *look_at_widgets(), *look_at_kernel()))


def look_at_photographs() -> Iterator[Row]:
    """Whether CIFAR-10's photographs are where the cifar lab looks for them."""
    try:
        from course_lib.errors import WeightsUnavailableError
        from course_lib.labs.cifar.photographs import CIFAR, photographs_folder

        photographs_folder()
        found = "CIFAR-10's are here (optional), for `course reproduce --lab cifar`"
        yield Row("photographs", "fine", found)
    except (ImportError, RuntimeError):  # PyTorch does not load: its own row tells
        return
    except WeightsUnavailableError:
        found = f"CIFAR-10's are not here (optional); {CIFAR} may name a folder of them"
        yield Row("photographs", "fine", found)
    except ValueError as error:
        head, _, todo = str(error).partition(": ")
        todo = f"{todo[:1].upper()}{todo[1:]} Lessons run without it."
        yield Row("photographs", "remark", head, todo)


def look_at_lessons() -> Iterator[Row]:
    """Whether the notebooks are there."""
    if system.on_colab():
        yield Row("lessons", "fine", "opened by their badges on Colab")
        return
    try:
        lessons = find_lessons([])
    except CourseError as error:
        yield Row("lessons", "problem", "none found", str(error))
        return
    there = clone_folder() is None  # installed lessons are made of their sources when opened
    missing = [lesson.name for lesson in lessons if not (there or lesson.learn.is_file())]
    if missing:
        todo = "Take notebooks/learn from the clone or ZIP file, or install the course again."
        yield Row("lessons", "problem", f"missing: {', '.join(missing)}", todo)
    else:
        yield Row("lessons", "fine", f"{len(lessons)} of {len(lessons)} are here")


def look_at_widgets() -> Iterator[Row]:
    """Whether the front end's packages are those that belong to ipywidgets."""
    found = system.found_version("ipywidgets")
    if found is None or system.on_colab():
        return  # its own row tells; Colab has a front end of its own
    major = found.split(".")[0]
    wanted = _FRONT_ENDS.get(major, {})
    have = {name: system.found_version(name) for name in wanted}
    told = ", ".join(f"{name} {version or 'missing'}" for name, version in have.items())
    wrong = [n for n, version in have.items() if (version or "").split(".")[0] != wanted[n]]
    if not wanted or not wrong:
        yield Row("widgets", "fine", f"{told or 'of a newer kind'}, for ipywidgets {found}")
    elif "jupyterlab_widgets" in wrong:
        todo = f"Bring ipywidgets and its front end together: {AGAIN}, in a new environment."
        yield Row("widgets", "remark", f"{told}, which are not for ipywidgets {found}", todo)
    else:
        todo = (
            "Open the lessons in JupyterLab, as 'course open' does: only there widgets will show."
        )
        yield Row("widgets", "remark", f"{told}, for ipywidgets {found}", todo)


def look_at_kernel() -> Iterator[Row]:
    """A kernel as JupyterLab starts it: does it begin, open a widget's channel, draw a picture?"""
    if system.on_colab():  # its "python3" is of a kind of its own, and starts where Colab starts it
        yield Row("kernel", "fine", "not tried on Colab, where one is running already")
        return
    try:
        found = probe_kernel()
    except ProbeError as error:
        happened, todo = error.args
        yield Row("kernel", "problem", happened, todo)
        return
    if Path(found.prefix).resolve() != Path(sys.prefix).resolve():
        todo = (
            "Remove that kernel with 'jupyter kernelspec remove python3', or start JupyterLab "
            "with 'course open' from the course's own environment."
        )
        yield Row("kernel", "problem", "notebooks start another Python than the course's", todo)
        return
    yield Row("kernel", "fine", f"starts in {found.start_seconds:.1f} s")
    if found.widget_opened:
        yield Row("slider", "fine", "a widget's channel opens")
    else:
        todo = f"Lessons show contact sheets instead; for live widgets, {AGAIN}."
        yield Row("slider", "remark", "no widget's channel opens in a kernel", todo)
    told = f"drawn {found.picture_seconds:.1f} s after the first import"
    if found.picture_seconds > SLOW_SECONDS:
        todo = "Close other programs, plug the laptop in, or use Colab: lessons take longer here."
        yield Row("first picture", "remark", told, todo)
    else:
        yield Row("first picture", "fine", told)


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
    """A kernel that did not do what it was asked: what happened, and what to do, in a sentence."""

    def __str__(self) -> str:
        return ": ".join(self.args)


def probe_kernel(cell: str = _CELL, *, cell_seconds: float = CELL_SECONDS) -> Probe:
    """A kernel, started, asked to run a cell, and ended; a ProbeError where it does not start,
    dies, takes too long, or the cell fails."""
    again = "Install the course again in an environment of its own, and start this command there."
    try:
        from jupyter_client.kernelspec import NoSuchKernel
        from jupyter_client.manager import start_new_kernel
    except ImportError as error:
        raise ProbeError(f"{error}", again) from error
    started = time.perf_counter()
    try:
        manager, client = start_new_kernel(
            START_SECONDS, kernel_name="python3", extra_arguments=["--log-level=40"]
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
    opened = opened and "widget_error" not in told
    return Probe(told["prefix"], start_seconds, told["picture_seconds"], opened)


def _answers(client: Any, request: str, manager: Any, cell_seconds: float) -> tuple[bool, str, str]:
    """Whether a widget's channel opened, what was printed, and how the cell failed ("" if not)."""
    opened, output, failure = False, "", ""
    deadline = time.monotonic() + cell_seconds
    while True:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            close = "Close other programs and try again"
            if not manager.is_alive():
                todo = f"{close}: it most often dies for want of memory."
                raise ProbeError("the kernel died while it drew a first picture", todo) from None
            if time.monotonic() > deadline:
                todo = f"{close}, or use Colab: this machine is too slow."
                raise ProbeError(f"no picture after {cell_seconds:.0f} seconds", todo) from None
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


def show_report(report: Report) -> None:
    """Print the table, what to do, and the verdict."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {"fine": "green", "remark": "yellow", "problem": "bold red"}
    table = Table("", "", "found")
    for row in report.rows:
        table.add_row(row.what, Text(row.state, colours[row.state]), Text(row.found))
    console = Console()
    console.print(table)
    for todo in dict.fromkeys(row.todo for row in report.rows if row.todo):
        what = ", ".join(row.what for row in report.rows if row.todo == todo)
        console.print(Text(f"{what}: {todo}"), soft_wrap=True)
    console.print(Text(f"{report.verdict}.", "bold"))


def gather(folder: Path) -> list[tuple[str, str, str]]:
    """What people sent, each with its file's name, verdict and what is missing; these come first.

    folder: with a file for each person that ends with .json, which is what `course doctor --json`
    printed on their machine; its name tells whose it is. A CourseError where there is none.
    """
    machines = []
    for path in sorted(folder.glob("*.json")):
        try:
            facts = json.loads(decoded(path.read_bytes()))
            rows = [Row(**row) for row in facts["rows"]]
            wrong = [f"{row.what}: {row.found}" for row in rows if row.state == "problem"]
            machines.append((path.stem, str(facts["verdict"]), "; ".join(wrong)))
        except (OSError, ValueError, KeyError, TypeError):
            machines.append((path.stem, "Cannot be read", "have it sent once more"))
    if not machines:
        raise CourseError(
            f"There is no file .json in {folder}: put there what 'course doctor --json' printed, a "
            "file for each person, named after them."
        )
    return sorted(machines, key=lambda machine: (machine[1].startswith("Ready"), machine[0]))


def doctor(as_json: bool, folder: Path | None = None) -> int:
    """The table, printed; the exit status is 0 if the lessons will run on this machine, or, if a
    folder is given as to `gather`, on all of those."""
    if folder is not None:
        machines = gather(folder)
        ready = sum(verdict.startswith("Ready") for _, verdict, _ in machines)
        print(tabulated(("machine", "verdict", "what is missing"), machines).text)
        print(f"{ready} of {len(machines)} are ready.")
        return 0 if ready == len(machines) else 1
    if sys.stderr.isatty():
        print("Looking at this machine; this takes about ten seconds.", file=sys.stderr)
    report = examine()
    if as_json:
        print(report.as_json())
    else:
        show_report(report)
    return 0 if report.ready else 1
