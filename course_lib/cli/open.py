"""`course open`: JupyterLab on a lesson, and a plain word on where it is.

Without a clone the lessons that came with the package are laid out in a folder of the learner's.
"""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from packaging.version import Version

from course_lib import system
from course_lib.classroom.rooms import INSTALLED, clone_folder
from course_lib.cli.execute import learn_page
from course_lib.cli.lessons import CourseError, LessonFiles, find_lessons, or_tell
from course_lib.stored import as_json, from_json, write_whole

USUAL_PORT = 8888
_LOOK_AGAIN = 0.3  # seconds
CHANGES = INSTALLED.with_name("CHANGELOG.md")  # where an installed package has the change log
NOTE = ".course.json"  # in which a folder's `Laid` is kept
ELSEWHERE = f"{system.COURSE}-lessons"  # for the lessons, inside a folder of other things


def open_lesson(lesson: str | None, no_browser: bool) -> int:
    """JupyterLab's exit status, once it was started on a lesson and has stopped.

    The address is printed whatever happens, since a browser may be missing, and another port than
    the usual one is taken where that is in use. A CourseError where the lesson is not built, or
    JupyterLab ended before it could be used.
    """
    from jupyter_server.serverapp import list_running_servers

    found = find_lessons([lesson] if lesson else [])[0]
    if root := clone_folder():  # the whole of it, so that the course's other files can be seen
        if not found.learn.exists():
            raise CourseError(f"{found.learn} is not built yet: run 'course build {found.number}'.")
        page = found.learn.relative_to(root).as_posix()
    else:
        changes = CHANGES.read_text(encoding="utf-8")
        version = system.found_version(system.COURSE) or "0"
        root, page = lay_out(find_lessons([]), Path.cwd(), version, changes), found.learn.name
    browser = not no_browser and browser_there()
    # the only user of a container; the server listens on this machine alone, with a token
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{page}",
        # no question about news over the first screen, and nothing asked of the internet
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *([] if browser else ["--no-browser"]), *(["--allow-root"] if is_root else []),
    ]  # fmt: skip
    before = {one["pid"] for one in list_running_servers()}
    server = subprocess.Popen(command)
    opened = threading.Event()

    def tell() -> None:
        while server.poll() is None:
            for one in list_running_servers():
                # not by the process's number alone: on Windows it is that of a launcher
                if one["pid"] not in before and Path(one["root_dir"]) == root:
                    opened.set()
                    print(where(one, page, wanted=not no_browser, browser=browser), flush=True)
                    return
            opened.wait(_LOOK_AGAIN)

    # a thread, so that Ctrl-C reaches the wait below at once
    threading.Thread(target=tell, daemon=True).start()
    while (status := server.poll()) is None:
        with contextlib.suppress(KeyboardInterrupt):  # JupyterLab got it too, and asks
            server.wait()
    if status and not opened.is_set():
        raise CourseError(
            f"JupyterLab did not start (exit status {status}): its own lines above say why. If all "
            "ports are in use, stop a JupyterLab that you no longer need, and try again."
        )
    return status


def browser_there() -> bool:
    """Whether this machine has a browser that Python can open."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def where(server: dict[str, Any], page: str, *, wanted: bool, browser: bool) -> str:
    """What to say about a server that runs, by its port, token and base URL. page: the notebook.
    wanted: a browser was asked for. browser: and there is one."""
    # on this machine whatever name the server gives itself
    address = f"http://127.0.0.1:{server['port']}{server.get('base_url') or '/'}lab/tree/{page}"
    if server.get("token"):
        address += f"?token={server['token']}"
    port = ""
    if server["port"] != USUAL_PORT:
        port = f"Port {USUAL_PORT} is in use by another program, so this is port {server['port']}. "
    what = "The lesson is at this address:"
    if browser:
        what = "The lesson opens in your browser; if it does not, open this address in one:"
    elif wanted:
        what = "No browser was found here: open this address in one on this machine:"
    return f"course: {port}{what}\n\n    {address}\n\nTo stop, press Ctrl-C here.\n"


# laid out without a clone


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
