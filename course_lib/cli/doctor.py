"""`course doctor`: whether a machine will run the lessons, looked at the day before.

Every look answers with rows of one table. The looks that need PyTorch come after those that tell
whether it is there, and nothing is imported before it is needed: a damaged installation is what
this command is for.
"""

from __future__ import annotations

import importlib.util
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from course_lib import system
from course_lib.cli.lessons import CourseError, all_lessons, notebooks_folder
from course_lib.cli.probe import ProbeError, probe_kernel

State = Literal["fine", "remark", "problem"]

LESSON_BYTES = system.LESSON_MEGABYTES * 1e6
DISK_BYTES = 100e6
SLOW_SECONDS = 15.0
"""From the first import to the first picture. Two cores of a laptop take about five."""

_AGAIN = "install the course again (with uv: 'uv sync'; with pip: 'pip install -e .')"
# the packages through which a front end shows widgets, by ipywidgets' own major version
_FRONT_ENDS = {
    "8": {"jupyterlab_widgets": "3", "widgetsnbextension": "4"},
    "7": {"jupyterlab_widgets": "1", "widgetsnbextension": "3"},
}


class Row(NamedTuple):
    """One thing that was looked at.

    found: what is there. todo: what to do about it, in a sentence; "" where all is fine.
    """

    what: str
    state: State
    found: str
    todo: str = ""


class Report(NamedTuple):
    """All that was found."""

    rows: tuple[Row, ...]

    @property
    def verdict(self) -> str:
        """In a few words, for the last line."""
        states = {row.state for row in self.rows}
        if "problem" in states:
            return "Not ready"
        return "Ready, with remarks" if "remark" in states else "Ready"

    @property
    def ready(self) -> bool:
        """Whether the lessons will run."""
        return self.verdict != "Not ready"

    def as_json(self) -> str:
        """For whoever collects these of a class; the home folder's name is left out."""
        facts = {
            "verdict": self.verdict,
            "system": platform.system(),
            "processor": platform.machine(),
            "rows": [row._asdict() for row in self.rows],
        }
        return json.dumps(facts, indent=1).replace(json.dumps(str(Path.home()))[1:-1], "~")


def examine() -> Report:
    """Look at everything; about ten seconds, most of them in a kernel that draws a picture."""
    looks: tuple[Callable[[], Iterator[Row]], ...] = (
        look_at_python, look_at_packages, look_at_memory, look_at_disk, look_at_lessons,
        look_at_torch, look_at_widgets, look_at_kernel,
    )  # fmt: skip
    return Report(tuple(row for look in looks for row in look()))


def look_at_python() -> Iterator[Row]:
    """Its version."""
    found = system.python_version()
    told = f"{found.found} (accepted: {found.accepted or 'any'})"
    if found.fits:
        yield Row("Python", "fine", told)
    else:
        todo = f"Make an environment with another Python, {found.accepted}, and {_AGAIN}."
        yield Row("Python", "problem", told, todo)


def look_at_packages() -> Iterator[Row]:
    """Those that are named even where all is well, and every other that is not as it should be."""
    on_colab = _on_colab()
    for package in system.package_versions():
        told = f"{package.found or 'missing'} (accepted: {package.accepted or 'any'})"
        if package.fits:
            if package.name in system.NEEDED:
                yield Row(package.name, "fine", told)
        elif on_colab and package.name == "jupyterlab":
            yield Row(package.name, "fine", "not needed on Colab, which has a front end of its own")
        else:
            todo = f"Bring every package to a version that fits: {_AGAIN}."
            yield Row(package.name, "problem", told, todo)


def look_at_memory() -> Iterator[Row]:
    """What is free, and what there is at all."""
    there = system.memory()
    if there is None:
        yield Row("memory", "remark", "unknown here", "See that 1.2 GB are free for a lesson.")
        return
    told = (
        f"{there.available / 1e9:.1f} of {there.total / 1e9:.1f} GB free; a lesson needs up to 1.2"
    )
    if there.total < LESSON_BYTES:
        todo = "Use another machine, or Colab: this one has too little memory for the lessons."
        yield Row("memory", "problem", told, todo)
    elif there.available < LESSON_BYTES:
        todo = "Close other programs, and other notebooks' kernels, before the lesson."
        yield Row("memory", "remark", told, todo)
    else:
        yield Row("memory", "fine", told)


def look_at_disk(folder: Path | None = None) -> Iterator[Row]:
    """Whether answers can be kept beside the notebooks."""
    folder = folder or _answers_folder()
    error = system.write_error(folder)
    if error:
        todo = "Copy the course into a folder of yours: here no answer outlives its kernel."
        yield Row("disk", "problem", f"{folder.name} cannot be written ({error})", todo)
        return
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:.1f} GB free where answers are kept"
    if free < DISK_BYTES:
        yield Row("disk", "problem", told, "Delete something: answers and notebooks need 0.1 GB.")
    else:
        yield Row("disk", "fine", told)


def look_at_lessons() -> Iterator[Row]:
    """Whether the notebooks are there."""
    if _on_colab():
        yield Row("lessons", "fine", "opened by their badges on Colab")
        return
    try:
        lessons = all_lessons()
    except CourseError as error:
        yield Row("lessons", "problem", "none found", str(error))
        return
    missing = [lesson.name for lesson in lessons if not lesson.learn.is_file()]
    if missing or not lessons:
        todo = "Get the folder notebooks/learn back with 'git checkout', or clone the course again."
        yield Row("lessons", "problem", f"missing: {', '.join(missing) or 'all'}", todo)
    else:
        yield Row("lessons", "fine", f"{len(lessons)} of {len(lessons)} are here")


def look_at_torch() -> Iterator[Row]:
    """Whether PyTorch loads, and with it the lab's networks; the real network and a GPU, if any."""
    try:
        import torch

        from course_lib.classroom import machine
    except (ImportError, OSError, RuntimeError) as error:
        # RuntimeError: torchvision was built for another torch, and misses its operators
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        todo = f"See that torch and torchvision belong together: {_AGAIN}."
        yield Row("PyTorch", "problem", f"does not load: {first}", todo)
        return
    gpu = "a GPU is there" if torch.cuda.is_available() else "no GPU"
    yield Row("GPU", "fine", f"{gpu}; the lessons need none")
    error_told = machine.tiny_lab_error()
    if error_told:
        head, _, todo = error_told.partition(": ")
        todo = todo[:1].upper() + todo[1:] if todo else f"{_AGAIN[:1].upper()}{_AGAIN[1:]}."
        yield Row("offline", "problem", head, todo)
    else:
        yield Row(
            "offline", "fine",
            "the lab's networks open; nothing else is needed from the internet",
        )  # fmt: skip
    real = machine.real_lab_error()
    if real:
        head, _, todo = real.partition(": ")
        todo = f"{todo[:1].upper()}{todo[1:]} Lessons run without it."
        yield Row("real network", "remark", head, todo)
    elif machine.real_network_is_here():
        yield Row("real network", "fine", "its weights and photographs are here (optional)")
    else:
        yield Row("real network", "fine", "not here (optional: stored pictures stand in for it)")


def look_at_widgets() -> Iterator[Row]:
    """Whether the front end's packages are those that belong to ipywidgets."""
    found = system.found_version("ipywidgets")
    if found is None or _on_colab():
        return  # its own row tells; Colab has a front end of its own
    major = found.split(".")[0]
    wanted = _FRONT_ENDS.get(major, {})
    have = {name: system.found_version(name) for name in wanted}
    told = ", ".join(f"{name} {version or 'missing'}" for name, version in have.items())
    wrong = [n for n, version in have.items() if (version or "").split(".")[0] != wanted[n]]
    if not wanted or not wrong:
        yield Row("widgets", "fine", f"{told or 'of a newer kind'}, for ipywidgets {found}")
    elif "jupyterlab_widgets" in wrong:
        todo = f"Bring ipywidgets and its front end together: {_AGAIN}, in a new environment."
        yield Row("widgets", "remark", f"{told}, which are not for ipywidgets {found}", todo)
    else:
        todo = (
            "Open the lessons in JupyterLab, as 'course open' does: only there widgets will show."
        )
        yield Row("widgets", "remark", f"{told}, for ipywidgets {found}", todo)


def look_at_kernel() -> Iterator[Row]:
    """A kernel as JupyterLab starts it: does it begin, open a widget's channel, draw a picture?"""
    if _on_colab():  # its "python3" is of a kind of its own, and starts where Colab starts it
        yield Row("kernel", "fine", "not tried on Colab, where one is running already")
        return
    try:
        found = probe_kernel()
    except ProbeError as error:
        yield Row("kernel", "problem", error.found, error.todo)
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
        todo = f"Lessons show contact sheets instead; for live widgets, {_AGAIN}."
        yield Row("slider", "remark", "no widget's channel opens in a kernel", todo)
    told = f"drawn {found.picture_seconds:.1f} s after the first import"
    if found.picture_seconds > SLOW_SECONDS:
        todo = "Close other programs, plug the laptop in, or use Colab: lessons take longer here."
        yield Row("first picture", "remark", told, todo)
    else:
        yield Row("first picture", "fine", told)


def show(report: Report) -> None:
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


def doctor(*, as_json: bool) -> bool:
    """Examine this machine and tell; true if the lessons will run on it."""
    if sys.stderr.isatty():
        print("Looking at this machine; this takes about ten seconds.", file=sys.stderr)
    report = examine()
    if as_json:
        print(report.as_json())
    else:
        show(report)
    return report.ready


def _answers_folder() -> Path:
    """Where a notebook's kernel works, and keeps what learners did."""
    try:
        learn = notebooks_folder() / "learn"
    except CourseError:
        return Path.cwd()
    return learn if learn.is_dir() else Path.cwd()


def _on_colab() -> bool:
    try:
        return importlib.util.find_spec("google.colab") is not None
    except ModuleNotFoundError:
        return False


def states(rows: Sequence[Row]) -> dict[str, State]:
    """By what was looked at."""
    return {row.what: row.state for row in rows}
