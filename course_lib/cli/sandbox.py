"""Shut a process in before it runs answers that others wrote.

Everywhere, Python itself refuses to write outside one folder, to read in another, to start programs
and to connect. That stops slips and pranks, and not a program that means to get out. On Linux from
5.13 on the kernel keeps files, too (Landlock), and where it lets us, there is no network at all.
What is left then: a program can use up its time and memory, forge its own result, and read what
comes with the system.
"""

import ctypes
import os
import struct
import sys
from pathlib import Path
from typing import Any

from course_lib.cli.offline import enter

_PACKAGE = Path(__file__).resolve().parents[1]
_FILE_BYTES = 10_000_000
_NEVER = {
    "ctypes.dlopen", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn",
    "os.spawn", "os.startfile", "os.system", "socket.bind", "socket.connect", "socket.getaddrinfo",
    "socket.sendto", "subprocess.Popen",
}  # fmt: skip
_CHANGES = {
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.symlink", "os.truncate", "os.utime", "shutil.rmtree",
}  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# from Linux's landlock.h and prctl.h; the calls' numbers are the same on every processor
_CREATE, _ADD, _RESTRICT, _NO_NEW_PRIVILEGES = 444, 445, 446, 38
_RUN_AND_READ, _READ_AND_WRITE = 0b1101, 0b0110


def shut_in(place: Path, hidden: Path, *, unplug: bool) -> None:
    """Leave this process with one folder to write into, for good; it has to have one thread.

    Args:
        place: the folder. hidden: where nothing may be read.
        unplug: take the network away; ask `can_be_offline` first.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        if unplug:
            enter()
        if landlock_version():
            _lock(place)
    _refuse_in_python(place.resolve(), hidden.resolve())


def landlock_version() -> int:
    """Of the kernel's Landlock; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, ctypes.CDLL(None).syscall(_CREATE, None, 0, 1))


def _lock(place: Path) -> None:
    """Let the kernel refuse every file that is neither Python's, the system's, nor in `place`."""
    call, version = ctypes.CDLL(None, use_errno=True).syscall, landlock_version()
    every = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network, others = 3 * (version >= 4), 3 * (version >= 6)
    rules = call(_CREATE, struct.pack("QQQ", every, network, others), 24, 0)
    allowed = {path: _RUN_AND_READ for path in _readable() if path.is_dir()}
    allowed |= {place: every, Path(os.devnull): _READ_AND_WRITE}
    for path, rights in allowed.items():
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        done = call(_ADD, rules, 1, struct.pack("=Qi", rights, folder), 0)
        os.close(folder)
        if done:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if call(_RESTRICT, rules, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.close(rules)


def _readable() -> list[Path]:
    """What Python and the course need."""
    system = ["/usr", "/lib", "/lib64", "/etc", "/dev", "/proc/self", "/sys/devices/system"]
    installed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    course = [sys.prefix, sys.base_prefix, str(_PACKAGE)]
    return [Path(path).resolve() for path in system + installed + course]


def _refuse_in_python(place: Path, hidden: Path) -> None:
    readable = (place, *_readable())

    def within(path: Any, *folders: Path) -> bool:
        where = Path(os.path.realpath(os.fsdecode(path)))
        return any(where.is_relative_to(folder) for folder in folders)

    def refuse(event: str, given: tuple[Any, ...]) -> None:
        paths = [path for path in given if isinstance(path, str | bytes | os.PathLike)]
        refused, writes = event in _NEVER, event in _CHANGES
        if event == "open":
            paths, writes = [p for p in paths if p is given[0]], bool(given[2] & _WRITES)
        if writes:
            refused = not all(within(path, place, Path(os.devnull)) for path in paths)
        elif event in ("open", "os.listdir", "os.scandir"):
            refused = any(within(p, hidden) and not within(p, *readable) for p in paths)
        if refused:
            raise PermissionError(f"{event} is not allowed where answers are marked")

    sys.addaudithook(refuse)
