"""Where the lessons are."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from course_lib.classroom.rooms import INSTALLED, clone_folder, sources_in

# Set where a command is typed into a notebook's cell, for that notebook's kernel alone.
_OF_ANOTHER_KERNEL = frozenset(
    {"JPY_PARENT_PID", "JPY_SESSION_NAME", "MPLBACKEND", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"}
)


class CourseError(Exception):
    """A command that cannot go on; the message says what to do."""


@contextmanager
def or_tell(what: str, todo: str) -> Iterator[None]:
    """Make a CourseError of what the system refuses. what: cannot be done. todo: instead."""
    try:
        yield
    except OSError as error:
        raise CourseError(f"{what} ({error.strerror or error}): {todo}") from error


def writing_into(folder: Path) -> AbstractContextManager[None]:
    """Make a CourseError where nothing can be written into a folder that --to named."""
    return or_tell(f"Cannot write into {folder}", "choose a folder of yours with --to.")


class LessonFiles(NamedTuple):
    """The three forms of a lesson: jupytext script, notebook with outputs, and without them."""

    source: Path
    executed: Path
    learn: Path

    @property
    def name(self) -> str:
        """The files' name, such as "01_feature_visualization"."""
        return self.source.stem

    @property
    def number(self) -> str:
        """The two digits in front of the name."""
        return self.name[:2]


def notebooks_folder() -> Path:
    """The course's notebooks, around the working directory or else beside the package; a
    CourseError where there are none."""
    clone = clone_folder()
    if clone is None:
        raise CourseError("There are no lessons here: go to a clone of the course and try again.")
    return clone / "notebooks"


def all_lessons(notebooks: Path | None = None) -> list[LessonFiles]:
    """Every lesson that has a source, in order."""
    folder = notebooks or notebooks_folder()
    return [
        LessonFiles(path, folder / f"{path.stem}.ipynb", folder / "learn" / f"{path.stem}.ipynb")
        for path in sources_in(folder / "source")
    ]


def find_lessons(wanted: Sequence[str]) -> list[LessonFiles]:
    """The lessons with these numbers or names; all of them if none are named.

    Without a clone they are those that were installed with the package, of which none is executed.
    Where there is no such lesson, a CourseError lists those that are.
    """
    if clone_folder() is None and INSTALLED.is_dir():
        pages = ((path, path.with_suffix(".ipynb")) for path in sources_in(INSTALLED))
        known = [LessonFiles(path, page, page) for path, page in pages]  # neither is there
    else:
        known = all_lessons()
    if not known:
        raise CourseError(f"There are no lessons in {notebooks_folder() / 'source'}.")
    if not wanted:
        return known
    chosen = []
    for word in wanted:
        number = f"{int(word):02d}" if word.isdigit() else word
        hits = [lesson for lesson in known if number in (lesson.number, lesson.name)]
        if not hits:
            names = ", ".join(lesson.name for lesson in known)
            raise CourseError(f"There is no lesson {word!r}. The lessons are: {names}.")
        chosen += hits
    return chosen


def run_environment(*, photos: bool) -> dict[str, str]:
    """The environment in which notebooks run unattended: static outputs, strict claims.

    photos: whether lessons may use real photographs that COURSE_PHOTOS or COURSE_CIFAR points to.
    Outputs that are kept must not show any.
    """
    environment = {k: v for k, v in os.environ.items() if k not in _OF_ANOTHER_KERNEL}
    environment |= {"COURSE_STATIC": "1", "COURSE_STRICT_CLAIMS": "1"}
    if not photos:
        for folder in ("COURSE_PHOTOS", "COURSE_CIFAR"):
            environment.pop(folder, None)
    return environment


def decoded(data: bytes) -> str:
    """Text as editors save it: UTF-8, or UTF-16 with its mark. Of anything else ASCII survives."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")
