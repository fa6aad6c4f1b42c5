"""A folder that keeps what is computed, part by part, so that a run can be cut off at any time.

A *part* is one result: a picture's optimization, a trained detector, a batch of answers. Its file
is there whole or not at all, and is named after its key, a hash of everything that it rests on. So
a file is either what would be computed now, or it is not looked at.
"""

import errno
import hashlib
import json
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
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


def images_of(parts: Iterable[Part]) -> Tensor:
    """What parts hold as `images`, one after the other."""
    return torch.cat([part.tensors["images"] for part in parts])


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
        keep_file(folder / _SETTINGS, json.dumps(settings, indent=1, ensure_ascii=False) + "\n")
        self.bar = progress_bar([], "reproducing", total=parts, show=progress)

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
        self.bar.set_description(name)
        part = read_part(path, key)
        if part is None:
            part = _computed(key, compute)
            told = part._asdict()
            tensors = {name: tensor.contiguous() for name, tensor in told.pop("tensors").items()}
            metadata = {"part": json.dumps(told, allow_nan=False)}
            keep_file(path, safetensors.torch.save(tensors, metadata))
            self.computed += 1
        elif key in self._counted:  # two experiments rest on it
            return part
        else:
            self.found += 1
        self.bar.update(1)
        self._counted.add(key)
        self.seconds += part.seconds
        self.warned |= dict.fromkeys(part.warned)
        return part


def check_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Whether a folder may keep results of these settings, or of what is known of them.

    Raises:
        OtherSettingsError: it keeps results of others; the sentence names which.
    """
    path = folder / _SETTINGS
    if not path.exists():
        return
    try:
        before = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise OtherSettingsError(
            f"{path} is damaged, so nobody can tell what the results beside it rest on: give "
            "another folder with --to, or delete this one."
        ) from error
    others = []
    for name, now in json.loads(json.dumps(settings)).items():
        old = before.get(name)
        if old != now:
            plain = len(f"{old}{now}") <= 40  # and no hash, which says nothing to a reader
            others.append(f"{name} was {old} and is now {now}" if plain else f"other {name}")
    if others:
        raise OtherSettingsError(
            f"{folder} keeps results of other settings ({'; '.join(others)}): give those again, or "
            "another folder with --to."
        )


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
    return Part(key, tensors, told["facts"], tuple(told["warned"]), told["seconds"])


def _computed(key: str, compute: Callable[[], Result]) -> Part:
    """The part, unless there was a Ctrl-C, whatever became of its exception.

    An optimization that is interrupted returns what it has by then, which is no result to keep.
    """
    interrupted: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        interrupted.append(number)
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, note)
    started = time.perf_counter()
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            tensors, facts = compute()
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
    seconds = time.perf_counter() - started
    warned = dict.fromkeys(str(w.message) for w in told if issubclass(w.category, UserWarning))
    return Part(key, tensors, facts, tuple(warned), seconds)


def keep_file(path: Path, data: bytes | str) -> None:
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


def hash_of_network(network: nn.Module) -> str:
    """SHA-256 of a network's weights, their names and their shapes."""
    return hash_of_tensors(network.state_dict())


def hash_of_tensors(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of tensors, their names, types and shapes."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
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
