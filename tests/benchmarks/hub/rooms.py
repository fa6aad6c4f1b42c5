"""Where learners work: real Unix users where that can be had, else a folder for each.

A Unix user must be able to read the Python that runs the course, its packages and the clone. Often
they lie in somebody's home, which others may not enter. Then the hub runs in a mount namespace of
its own: the closed folder is covered by an empty one, in which only what is needed is visible, at
the same path. Nothing outside the namespace changes.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

_PROBE = """
import os
os.setgroups([]); os.setgid(65534); os.setuid(65534); os.chdir("/")
import course_lib, jupyterhub.singleuser, jupyterlab
"""


class Rooms(NamedTuple):
    """Where learners work.

    learners: their names. homes: the folder of their homes. unix_users: whether each is a Unix user
    with a home of mode 0700. prefix: the command in which the hub has to run.
    why: a sentence about what was chosen.
    """

    learners: list[str]
    homes: Path
    unix_users: bool
    prefix: list[str]
    why: str


@contextmanager
def rooms_for(
    count: int, also_visible: Sequence[Path] = (), *, unix_users: bool = True
) -> Iterator[Rooms]:
    """Rooms for so many learners, removed afterwards with all that is in them.

    Args:
        also_visible: what the hub itself needs beside the course.
        unix_users: whether to make them where that can be had.
    """
    homes = Path(tempfile.mkdtemp(prefix="course-hub-")).resolve()
    homes.chmod(0o755)
    word = secrets.token_hex(3)
    learners = [f"course-{word}-{number}" for number in range(1, count + 1)]
    made: list[str] = []
    try:
        prefix, problem = _enter(homes, also_visible) if unix_users else ([], "not asked for")
        if problem is None:
            for learner in learners:
                _add_user(learner, homes / learner)
                made.append(learner)
            how = "in a mount namespace of its own" if prefix else "directly"
            why = f"each learner is a Unix user with a home of mode 0700; the hub runs {how}"
        else:
            prefix = []
            why = f"no Unix users, so only tokens keep learners apart: {problem}"
            for learner in learners:
                (homes / learner).mkdir(mode=0o700)
        yield Rooms(learners, homes, problem is None, prefix, why)
    finally:
        for learner in made:
            subprocess.run(["userdel", learner], check=False, capture_output=True)
        shutil.rmtree(homes, ignore_errors=True)


def _enter(homes: Path, also_visible: Sequence[Path]) -> tuple[list[str], str | None]:
    """The command in which Unix users can run the course, and why there is none."""
    if os.name != "posix" or os.geteuid() != 0:
        return [], "making Unix users takes root"
    if not (shutil.which("useradd") and shutil.which("userdel")):
        return [], "useradd and userdel are not installed"
    shared = [homes, ROOT, Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).parent]
    shared = [path.resolve() for path in shared]
    prefix = namespace(shared, [path.resolve() for path in also_visible])
    if prefix and not shutil.which("unshare"):
        return [], f"{closed(shared)[0]} is closed to others, and unshare is not installed"
    probe = subprocess.run(
        [*prefix, sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=120
    )
    if probe.returncode:
        last = (probe.stderr.strip().splitlines() or ["no message"])[-1]
        return [], f"another user cannot run the Python or the packages of this clone ({last})"
    return prefix, None


def closed(paths: Sequence[Path]) -> list[Path]:
    """The outermost folders around the paths that others may not enter."""
    found = []
    for path in paths:
        for folder in [*reversed(path.parents), path]:
            if not folder.stat().st_mode & stat.S_IXOTH:
                found.append(folder)
                break
    return sorted(set(found))


def namespace(shared: Sequence[Path], private: Sequence[Path]) -> list[str]:
    """A command prefix that runs a command where others can reach the shared paths.

    Empty where they can already.

    Args:
        shared: what learners need. private: what the hub needs; it stays visible to the hub.
    """
    covers = closed(shared)
    if not covers:
        return []
    inside = sorted({path for path in [*shared, *private] if set(covers) & set(path.parents)})
    # a path inside another comes along with it
    inside = [path for path in inside if not set(inside) & set(path.parents)]
    lines = ["set -e", "stage=$(mktemp -d)"]
    for number, path in enumerate(inside):
        # a folder for each, kept apart from those that are about to be covered
        lines.append(
            f"mkdir $stage/{number}; mount --rbind {shlex.quote(str(path))} $stage/{number}"
        )
    for cover in covers:
        lines.append(f"mount -t tmpfs -o mode=0755 tmpfs {shlex.quote(str(cover))}")
    for number, path in enumerate(inside):
        quoted = shlex.quote(str(path))
        lines.append(f"mkdir -p {quoted}; mount --rbind $stage/{number} {quoted}")
        lines.append(f"umount -l $stage/{number}; rmdir $stage/{number}")
    lines += ["rmdir $stage", 'exec "$@"']
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines), "sh"]


def _add_user(name: str, home: Path) -> None:
    subprocess.run(
        ["useradd", "--no-create-home", "--home-dir", str(home), "--shell", "/bin/sh", name],
        check=True,
        capture_output=True,
    )
    home.mkdir(mode=0o700)
    user = pwd.getpwnam(name)
    os.chown(home, user.pw_uid, user.pw_gid)
