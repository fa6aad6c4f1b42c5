"""Rooms and sources of the lessons: what there is, from the names of files alone.

Lesson NN is what lies in lessons/lesson_NN (an exercise a file in exercises/, the exit ticket in
ticket.toml) and its source NN_name.py. Nothing else lists lessons, exercises or tickets.
"""

import json
import re
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = _PACKAGE / "lessons" / "scripts"
"""Where an installed package has the lessons' sources."""

_PLACED = re.compile(r'^# %% exercise="(\w+)"', re.MULTILINE)


def clone_folder() -> Path | None:
    """The clone of the course around the working directory, or else the one that the package lies
    in; None where there is neither."""
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, _PACKAGE.parent):
        if (folder / "notebooks" / "source").is_dir():
            return folder
    return None


def source_folder() -> Path:
    """The folder of the lessons' sources, in the clone or as installed; else FileNotFoundError."""
    clone = clone_folder()
    folder = clone / "notebooks" / "source" if clone else INSTALLED
    if not folder.is_dir():
        raise FileNotFoundError("The lessons' sources are not here: go to a clone of the course.")
    return folder


def sources_in(folder: Path) -> list[Path]:
    """The lessons' sources in a folder, in order."""
    return sorted(folder.glob("[0-9][0-9]_*.py"))


def find_script(lesson: str) -> Path:
    """The source of the lesson with these two digits; FileNotFoundError if there is none."""
    folder = source_folder()
    found = [path for path in sources_in(folder) if path.name.startswith(f"{lesson}_")]
    if not found:
        raise FileNotFoundError(f"There is no lesson {lesson} in {folder}.")
    return found[0]


def room_of(lesson: str) -> Path:
    """The folder of all that belongs to one lesson alone."""
    return _PACKAGE / "lessons" / f"lesson_{lesson}"


def seconds_file(script: Path) -> Path:
    """Where `course build` writes what each of a lesson's code cells took, in their order."""
    return script.with_suffix(".seconds.json")


def seconds_of(script: Path) -> list[float]:
    """What each of a lesson's code cells took, in seconds; empty where nobody measured."""
    path = seconds_file(script)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def exercise_names() -> dict[str, str]:
    """Each exercise's lesson by the exercise's name; lesson by lesson, as their sources place them.

    An exercise that no source places comes after those of its lesson.
    """
    lessons: dict[str, str] = {}
    for room in sorted(room_of("").parent.glob("lesson_[0-9][0-9]")):
        number = room.name[-2:]
        order = _placed(number)
        names = sorted(path.stem for path in (room / "exercises").glob("[!_]*.py"))
        names.sort(key=lambda name: order.index(name) if name in order else len(order))
        lessons |= dict.fromkeys(names, number)
    return lessons


def _placed(lesson: str) -> list[str]:
    try:
        return _PLACED.findall(find_script(lesson).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
