"""Where the lessons are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SCRIPTS = Path(__file__).parents[1] / "lessons" / "scripts"
"""Where an installed package has the lessons' sources."""

# Set where a command is typed into a notebook's cell, for that notebook's kernel alone.
_OF_ANOTHER_KERNEL = frozenset(
    {"JPY_PARENT_PID", "JPY_SESSION_NAME", "MPLBACKEND", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"}
)


class CourseError(Exception):
    """A command that cannot go on; the message says what to do."""


class Lesson(NamedTuple):
    """One lesson in its three forms.

    name: such as "01_feature_visualization".
    source: the jupytext script. executed: the notebook with outputs. learn: without them.
    """

    name: str
    source: Path
    executed: Path
    learn: Path

    @property
    def number(self) -> str:
        """The two digits in front of the name."""
        return self.name[:2]


def notebooks_folder() -> Path:
    """The course's notebooks: around the working directory, or else beside the package.

    Raises:
        CourseError: there are none in either place.
    """
    folder = _found_folder()
    if folder is None:
        raise CourseError("There are no lessons here: go to a clone of the course and try again.")
    return folder


def _found_folder() -> Path | None:
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "notebooks" / "source").is_dir():
            return folder / "notebooks"
    return None


def all_lessons(notebooks: Path | None = None) -> list[Lesson]:
    """Every lesson that has a source, in order."""
    folder = notebooks or notebooks_folder()
    return [
        Lesson(
            path.stem, path, folder / f"{path.stem}.ipynb", folder / "learn" / f"{path.stem}.ipynb"
        )
        for path in sorted((folder / "source").glob("[0-9][0-9]_*.py"))
    ]


def installed_lessons() -> list[Lesson]:
    """The lessons that were installed with the package; they have a source and no notebooks."""
    return [
        Lesson(path.stem, path, path.with_suffix(".ipynb"), path.with_suffix(".ipynb"))
        for path in sorted(SCRIPTS.glob("[0-9][0-9]_*.py"))
    ]


def find_lessons(wanted: Sequence[str], *, source_only: bool = False) -> list[Lesson]:
    """The lessons with these numbers or names; all of them if none are named.

    Args:
        source_only: without a clone, those that were installed with the package will do.

    Raises:
        CourseError: there is no such lesson; the message lists those that are.
    """
    known = installed_lessons() if source_only and _found_folder() is None else []
    known = known or all_lessons()
    if not known:
        raise CourseError(f"There are no lessons in {notebooks_folder() / 'source'}.")
    if not wanted:
        return known
    chosen = []
    for word in wanted:
        hits = [lesson for lesson in known if word in (lesson.number, lesson.name)]
        if not hits and word.isdigit():
            hits = [lesson for lesson in known if int(lesson.number) == int(word)]
        if not hits:
            names = ", ".join(lesson.name for lesson in known)
            raise CourseError(f"There is no lesson {word!r}. The lessons are: {names}.")
        chosen += hits
    return chosen


def run_environment(*, photos: bool) -> dict[str, str]:
    """The environment in which notebooks run unattended: static outputs, strict claims.

    Args:
        photos: whether lessons may use real photographs that COURSE_PHOTOS points to. Outputs
            that are kept must not show any.
    """
    environment = {k: v for k, v in os.environ.items() if k not in _OF_ANOTHER_KERNEL}
    environment |= {"COURSE_STATIC": "1", "COURSE_STRICT_CLAIMS": "1"}
    if not photos:
        environment.pop("COURSE_PHOTOS", None)
    return environment
