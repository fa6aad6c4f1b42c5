"""The lessons that came with the package, laid out in a folder of the learner's."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from packaging.version import Version

from course_lib import system
from course_lib.classroom.rooms import INSTALLED
from course_lib.cli.execute import learn_page
from course_lib.cli.lessons import LessonFiles, or_tell
from course_lib.stored import as_json, from_json, write_whole

CHANGES = INSTALLED.with_name("CHANGELOG.md")  # where an installed package has the change log
NOTE = ".course.json"  # in which a folder's `Laid` is kept
ELSEWHERE = f"{system.COURSE}-lessons"  # for the lessons, inside a folder of other things


class Laid(NamedTuple):
    """What was laid out in a folder: the course's version, and the SHA-256 of every notebook by its
    name, as it was laid out last."""

    version: str
    sha256: dict[str, str]


def lay_out(lessons: Sequence[LessonFiles], here: Path, version: str, changes: str = "") -> Path:
    """The folder where the lessons are, new or brought up to date; prints what was done.

    A notebook that differs in a single byte from what was laid out, as it does once it was run and
    saved, stays as it is, and a newer version comes beside it. Nothing is deleted. A CourseError
    where the folder cannot be written.

    Args:
        here: laid out here if it is empty but for hidden files, or was before; else in a folder in
            it. version: the course's. changes: the course's change log.
    """
    free = all(path.name.startswith(".") for path in here.iterdir())
    folder = here if free or (here / NOTE).is_file() else here / ELSEWHERE
    before = _note(folder)
    laid = dict(before.sha256) if before else {}
    new, renewed, beside = [], [], []
    with or_tell(
        f"The lessons cannot be laid out in {folder}", "go to a folder of yours and try again."
    ):
        for lesson in lessons:
            data, path = learn_page(lesson), folder / lesson.learn.name
            there = _sha256(path.read_bytes()) if path.exists() else None
            ours = _sha256(data)
            if there is None:
                new.append(path.stem)
            elif there not in (ours, laid.get(path.name)):  # somebody's work
                path = path.with_name(f"{path.stem}_{version}.ipynb")
                if ours in laid.values() or path.exists():
                    continue  # and this version of the lesson was laid out before
                beside.append(path.stem)
            elif there != ours:
                renewed.append(path.stem)
            if there != ours:
                write_whole(path, data)
            laid[path.name] = ours
        write_whole(folder / NOTE, json.dumps(as_json(Laid(version, laid)), indent=1) + "\n")
    if before and before.version != version:
        print(f"This is version {version} of the course, after {before.version}.")
        print(what_changed(changes, before.version), end="")
    for told, names in {
        f"New in {folder}": new,
        "Brought up to date": renewed,
        "You have worked in the older one, which is kept; the new one lies beside it": beside,
    }.items():
        if names:
            print(f"{told}: {', '.join(names)}")
    return folder


def what_changed(changes: str, since: str) -> str:
    """The sections of a change log that are of later versions than one; "" where there are none."""
    parts = re.split(r"^(?=## )", changes, flags=re.MULTILINE)[1:]
    return "".join(part for part in parts if Version(part.split()[1]) > Version(since))


def _note(folder: Path) -> Laid | None:
    try:
        note = from_json(Laid, json.loads((folder / NOTE).read_bytes()))
        return note._replace(version=str(Version(note.version)))
    except (OSError, ValueError):  # none yet, or damaged: whatever differs is taken for work
        return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
