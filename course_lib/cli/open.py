"""`course open`: JupyterLab on a lesson, and a plain word on where it is."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Any

from course_lib import system
from course_lib.classroom.rooms import clone_folder
from course_lib.cli.laid import CHANGES, lay_out
from course_lib.cli.lessons import CourseError, find_lessons

USUAL_PORT = 8888
_LOOK_AGAIN = 0.3  # seconds


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
    """What to say about a server that runs.

    Args:
        server: its port, token and base URL. page: the notebook. wanted: a browser was asked for.
        browser: and there is one.
    """
    # on this machine whatever name the server gives itself
    address = f"http://127.0.0.1:{server['port']}{server.get('base_url') or '/'}lab/tree/{page}"
    if server.get("token"):
        address += f"?token={server['token']}"
    port = f"Port {USUAL_PORT} is in use by another program, so this is port {server['port']}. "
    port = "" if server["port"] == USUAL_PORT else port
    what = "The lesson is at this address:"
    if browser:
        what = "The lesson opens in your browser; if it does not, open this address in one:"
    elif wanted:
        what = "No browser was found here: open this address in one on this machine:"
    return f"course: {port}{what}\n\n    {address}\n\nTo stop, press Ctrl-C here.\n"
