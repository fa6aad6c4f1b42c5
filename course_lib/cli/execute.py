"""Turn a lesson's source into a notebook, and run it."""

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from course_lib.classroom.script import ChosenAnswer, cells_of
from course_lib.cli.lessons import CourseError, LessonFiles, run_environment

CELL_SECONDS = 600


class _ThisPython(KernelSpecManager):
    """Knows one kernel: ipykernel under this interpreter.

    What a machine calls "python3" can be another Python or, on Colab, a kernel of its own kind.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class _KernelOfThisPython(AsyncKernelManager):
    def __init__(self, **named: Any) -> None:
        super().__init__(**named, kernel_spec_manager=_ThisPython())


def read_source(lesson: LessonFiles, answers: ChosenAnswer | None = None) -> nbformat.NotebookNode:
    """The lesson as a notebook without outputs, the same bytes from build to build; `answers` take
    the places of the exercises' stubs."""
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    notebook = nbformat.v4.new_notebook(
        cells=[make[cell.kind](cell.text) for cell in cells_of(lesson.source, answers)]
    )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    ids = ids_of(lesson.number, [(cell.cell_type, cell.source) for cell in notebook.cells])
    for cell, cell_id in zip(notebook.cells, ids, strict=True):
        cell.metadata = nbformat.from_dict({})
        cell.id = cell_id
    nbformat.validate(notebook)
    return notebook


def learn_page(lesson: LessonFiles) -> bytes:
    """The lesson without outputs: its file or, where only its source was installed, made of it."""
    if lesson.learn.exists():
        return lesson.learn.read_bytes()
    return (nbformat.writes(read_source(lesson)) + "\n").encode("utf-8")


def ids_of(number: str, cells: Sequence[tuple[str, str]]) -> list[str]:
    """Ids for a lesson's cells, each a type and a text, since scripts carry none: the same as long
    as the texts are."""
    seen: dict[str, int] = {}
    ids = []
    for kind, text in cells:
        digest = hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        ids.append(f"{number}-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else ""))
    return ids


def execute(
    notebook: nbformat.NotebookNode,
    name: str,
    *,
    photos: bool,
    folder: Path | None = None,
    seconds: list[float] | None = None,
) -> nbformat.NotebookNode:
    """Run a notebook from top to bottom in a fresh kernel, with a progress bar; a CourseError shows
    the cell that failed or took too long, or whose kernel died.

    Args:
        folder: in which the kernel works, and keeps answers; by default the working directory.
        seconds: a list to which the time that each code cell took is appended.
    """
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    count = TextColumn("cell {task.completed} of {task.total}")
    columns = (TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn())
    with Progress(*columns) as progress:
        task, began = progress.add_task(name, total=total), [0.0]

        def begin(**_: Any) -> None:
            began[0] = time.perf_counter()

        def end(**_: Any) -> None:
            progress.advance(task)
            if seconds is not None:
                seconds.append(time.perf_counter() - began[0])

        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            kernel_manager_class=_KernelOfThisPython,
            resources={"metadata": {"path": str(folder or Path.cwd())}},
            on_cell_execute=begin,
            on_cell_executed=end,
            extra_arguments=["--log-level=40"],  # no warning that the kernel listens on loopback
        )
        try:
            client.execute(env=run_environment(photos=photos))
            why = ""
        except CellExecutionError as error:
            why = f" in a cell that failed:\n{error}"
        except CellTimeoutError:
            why = f": a cell took longer than {CELL_SECONDS} seconds."
        except DeadKernelError:
            why = ": its kernel died, most often for want of memory."
    if why:
        raise CourseError(f"{name.capitalize()} stopped{why}")
    # what differs from run to run or tells of the machine: times, widget state
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook
