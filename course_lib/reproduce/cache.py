"""A folder that keeps what is computed, part by part, so that a run can be cut off at any time.

A *part* is one result: a picture's optimization, a trained detector, a batch of answers. Its file
is there whole or not at all, and is named after its key, a hash of everything that it rests on. So
a file is either what would be computed now, or it is not looked at.
"""

from __future__ import annotations

import errno
import hashlib
import json
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from course_lib.progress import progress_bar
from course_lib.stored import write_whole

_SETTINGS = "settings.json"


class OtherSettingsError(ValueError):
    """A folder that keeps results of other settings, networks or photographs."""


class NotKeptError(OSError):
    """A result that could not be written, because the disk is full or the folder is not ours."""


class Result(NamedTuple):
    """What a part gives. facts: whatever JSON can hold."""

    tensors: dict[str, Tensor]
    facts: dict[str, Any]


class Part(NamedTuple):
    """A result that is kept.

    key: of everything that it rests on. warned: what was warned of. seconds: that it took.
    """

    key: str
    tensors: dict[str, Tensor]
    facts: dict[str, Any]
    warned: tuple[str, ...]
    seconds: float


class Cache:
    """A folder of parts, all of one run's settings.

    Args:
        folder: new, or begun before with the same settings.
        settings: everything that the results rest on, ready for JSON, by what it is called in a
            sentence.
        parts: how many parts a whole run has, for the progress bar.

    Raises:
        OtherSettingsError: the folder was begun with others.
        NotKeptError: the folder cannot be written to.
    """

    def __init__(
        self, folder: Path, settings: Mapping[str, Any], parts: int, *, progress: bool = True
    ) -> None:
        check_settings(folder, settings)
        self.folder, self.parts = folder, parts
        self.computed, self.found = 0, 0
        self.warned: dict[str, None] = {}  # in the order in which it came
        self.seconds = 0.0  # what computing took, also in earlier runs
        self._counted: set[str] = set()
        self._identity = _hash(json.dumps(settings, sort_keys=True))
        keep(folder / _SETTINGS, json.dumps(settings, indent=1, ensure_ascii=False) + "\n")
        self._bar = progress_bar([], "reproducing", total=parts, show=progress)

    @property
    def done(self) -> int:
        """How many parts of this run there are by now."""
        return self.computed + self.found

    def part(
        self,
        name: str,
        compute: Callable[[], Result],
        *,
        version: int = 1,
        after: Sequence[Part] = (),
    ) -> Part:
        """A part's result: what is kept of it, or else computed now and kept.

        Args:
            name: of letters, digits and dashes; no two parts of a run have the same.
            version: of the code that computes it, raised when it computes something else.
            after: the parts that it rests on.

        Raises:
            NotKeptError: it was computed and cannot be written. KeyboardInterrupt: it was cut off,
                also where the computation itself would have made do with what was there by then.
        """
        key = _hash(self._identity, name, str(version), *(part.key for part in after))
        path = self.folder / f"{name}.{key[:12]}.safetensors"
        self._bar.set_description(name)
        part = read_part(path, key)
        if part is not None and key in self._counted:  # two experiments rest on it
            return part
        if part is None:
            with noticing_interrupts() as interrupted, warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                started = time.perf_counter()
                result = compute()
                seconds = time.perf_counter() - started
            if interrupted:
                raise KeyboardInterrupt
            warned = tuple(dict.fromkeys(str(w.message) for w in told if _is_ours(w)))
            part = Part(key, result.tensors, result.facts, warned, seconds)
            keep(path, _packed(part))
            self.computed += 1
        else:
            self.found += 1
        self._bar.update(1)
        self._counted.add(key)
        self.seconds += part.seconds
        self.warned |= dict.fromkeys(part.warned)
        return part

    def close(self) -> None:
        """Take the progress bar away."""
        self._bar.close()


def check_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Whether a folder may keep results of these settings, as far as they are known.

    Args:
        settings: or some of them.

    Raises:
        OtherSettingsError: it keeps results of others; the sentence names which.
    """
    path = folder / _SETTINGS
    if not path.exists():
        return
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        before = None
    if not isinstance(before, dict):
        raise OtherSettingsError(
            f"{path} is damaged, so nobody can tell what the results beside it rest on: give "
            "another folder with --to, or delete this one."
        )
    asked = json.loads(json.dumps(settings))
    others = {name: value for name, value in asked.items() if before.get(name) != value}
    if others:
        told = "; ".join(_difference(name, before.get(name), now) for name, now in others.items())
        raise OtherSettingsError(
            f"{folder} keeps results of other settings ({told}): give those again, or another "
            "folder with --to."
        )


def _difference(name: str, before: Any, now: Any) -> str:
    if len(f"{before}{now}") > 40:  # a hash, which says nothing to a reader
        return f"other {name}"
    return f"{name} was {before} and is now {now}"


def read_part(path: Path, key: str) -> Part | None:
    """What is kept in a file, or None if it is not there, of another key, or damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            told = json.loads((file.metadata() or {}).get("part", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError):
        return None
    if told.get("key") != key:
        return None
    tensors.pop("_", None)
    return Part(key, tensors, told["facts"], tuple(told["warned"]), told["seconds"])


def _packed(part: Part) -> bytes:
    told = json.dumps(
        {name: v for name, v in part._asdict().items() if name != "tensors"}, allow_nan=False
    )
    tensors = {name: tensor.contiguous() for name, tensor in part.tensors.items()}
    if not tensors:  # some readers want at least one
        tensors = {"_": torch.zeros(1)}
    return safetensors.torch.save(tensors, {"part": told})


def keep(path: Path, data: bytes | str) -> None:
    """Write a file whole, or say in a sentence why that cannot be.

    Raises:
        NotKeptError: it cannot be written; nothing is left of it.
    """
    try:
        write_whole(path, data)
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            why = f"The disk is full ({len(data) / 1e6:.1f} MB more were to be written)"
        else:
            why = f"It cannot be written to ({error.strerror or error})"
        raise NotKeptError(f"{path.parent}: {why}.") from error


@contextmanager
def noticing_interrupts() -> Iterator[list[int]]:
    """A list that is not empty once there was a Ctrl-C, whatever became of its exception.

    An optimization that is interrupted returns what it has by then, which is no result to keep.
    """
    seen: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        if callable(before):
            before(number, frame)
        else:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)


def hash_of_network(network: nn.Module) -> str:
    """SHA-256 of a network's weights, their names and their shapes."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        plain = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {plain.dtype} {tuple(plain.shape)}".encode())
        digest.update(plain.numpy().tobytes())
    return digest.hexdigest()


def hash_of_files(files: Sequence[Path], root: Path) -> str:
    """SHA-256 of files' contents and of their names below a folder."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        with open(path, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _is_ours(warning: warnings.WarningMessage) -> bool:
    return issubclass(warning.category, UserWarning)
