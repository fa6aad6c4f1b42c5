"""Run a command where there is no network but the loopback interface (Linux only).

    python course_lib/cli/offline.py COMMAND...

puts itself into a new network namespace and becomes the command there. In it only `lo` exists, so
Jupyter's kernels can talk to each other and nothing can reach any other machine. Nothing here needs
the course's other modules: the file runs as a script on its own.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

# from Linux's sched.h, sockios.h and if.h
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_REFUSED = 77


def offline(command: Sequence[str]) -> list[str]:
    """The command that runs `command` without a network; ask `can_be_offline` first."""
    return [sys.executable, __file__, *command]


@lru_cache(maxsize=1)
def can_be_offline() -> bool:
    """Whether this system lets this user make a network namespace; found out by making one."""
    if sys.platform != "linux":
        return False
    trial = subprocess.run(offline([sys.executable, "-c", ""]), capture_output=True, check=False)
    return trial.returncode == 0


def enter() -> None:
    """Leave this process with the loopback interface alone, for good; an OSError where the system
    does not allow it."""
    import fcntl  # not on Windows

    user, group = os.geteuid(), os.getegid()
    # a user other than root may do so only in a user namespace of their own, as themselves;
    # os.unshare is there only from Python 3.12 on
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NET if user == 0 else _NEW_USER | _NEW_NET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if user != 0:
        itself = {"uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
        for name, text in ({"setgroups": "deny"} | itself).items():
            Path("/proc/self", name).write_text(text, encoding="utf-8")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, _GET_FLAGS, request))[1]
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def main(command: Sequence[str]) -> None:
    """Become the command, offline."""
    if not command:
        sys.exit("offline: name the command to run without a network")
    if sys.platform != "linux":
        sys.exit("offline: only Linux can take the network away from a command")
    try:
        enter()
    except OSError as error:
        print(f"offline: this system refuses a network namespace ({error})", file=sys.stderr)
        sys.exit(_REFUSED)
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        sys.exit(f"offline: {command[0]} cannot be run ({error.strerror})")


if __name__ == "__main__":
    main(sys.argv[1:])
