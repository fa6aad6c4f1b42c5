"""What the package and its users keep on disk: whole files, one JSON form, and what it rests on."""

import bz2
import contextlib
import dataclasses
import enum
import hashlib
import json
import math
import os
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

Kind = TypeVar("Kind")


def write_whole(path: Path, data: bytes | str) -> None:
    """A file that is there whole or not at all: on the disk before it gets its name.

    Args:
        data: a text is written in UTF-8, line ends as they are.

    Raises:
        OSError: it cannot be written; what was there before is still there, and nothing else is.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(unfinished, "wb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def pack(value: Any) -> bytes:
    """JSON without a needless blank, compressed; the same value gives the same bytes.

    Raises:
        ValueError: a number that JSON does not know, such as NaN.
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return bz2.compress(text.encode("utf-8"))


def unpack(data: bytes) -> Any:
    """The value that `pack` was given.

    Raises:
        OSError or ValueError: the data is damaged.
    """
    return json.loads(bz2.decompress(data))


def as_json(value: Any, digits: int | None = None) -> Any:
    """A value ready for JSON; `from_json` makes it again.

    NamedTuples and dataclasses become objects by the names of their fields, enumerations the names
    of their members, tensors lists, and numbers that are not finite null.

    Args:
        digits: significant ones, to which numbers with a point are rounded; None for all.

    Raises:
        TypeError: there is no form for such a value.
    """
    if isinstance(value, enum.Enum):
        return value.name
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return float(value) if digits is None else float(f"{value:.{digits}g}")
    if dataclasses.is_dataclass(value) or hasattr(value, "_fields"):
        kind: Any = type(value)
        return {name: as_json(getattr(value, name), digits) for name in _fields(kind)}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: as_json(part, digits) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(part, digits) for part in value]
    from torch import Tensor  # here, or whoever only writes a file waits for PyTorch

    if isinstance(value, Tensor):
        return as_json(value.tolist(), digits)
    raise TypeError(f"A {type(value).__name__} has no JSON form: {value!r:.60}.")


def from_json(kind: type[Kind], data: Any) -> Kind:
    """The value of a type, from what `as_json` made of it; parts with a default may be missing.

    Args:
        kind: a type or an annotation such as `list[Estimate]` or `Circuit | None`. Tensors get
            PyTorch's default types. Where a number is wanted, null is NaN.

    Raises:
        ValueError: the data is not of this form.
        TypeError: there is no form for such a type.
    """
    return typing.cast(Kind, _read(kind, data))


def _read(kind: Any, data: Any) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return data
    if origin in (typing.Union, types.UnionType):
        kinds = [part for part in inner if part is not type(None)]
        if data is None and len(kinds) < len(inner):
            return None
        if len(kinds) != 1:
            raise TypeError(f"{kind} has no JSON form: only '... | None' has.")
        return _read(kinds[0], data)
    if kind is float and data is None:
        return math.nan
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if kind in (bool, int, float, str) and type(data) is kind:
        return data
    if origin is typing.Literal and data in inner:
        return data
    if isinstance(kind, type) and issubclass(kind, enum.Enum) and data in kind.__members__:
        return kind[data]
    if origin is tuple and isinstance(data, list):
        if inner[-1] is not Ellipsis and len(inner) != len(data):
            raise ValueError(f"{data!r:.60} is not of the form {kind}.")
        each = inner if inner[-1] is not Ellipsis else inner[:1] * len(data)
        return tuple(_read(part, x) for part, x in zip(each, data, strict=True))
    if isinstance(origin, type) and isinstance(data, list) and issubclass(list, origin):
        return [_read(inner[0], part) for part in data]
    if isinstance(origin, type) and isinstance(data, dict) and issubclass(dict, origin):
        return {key: _read(inner[1], part) for key, part in data.items()}
    if isinstance(data, dict) and (fields := _fields(kind)):
        if unknown := set(data) - set(fields):
            raise ValueError(f"A {kind.__name__} has no {', '.join(sorted(unknown))}.")
        parts = {name: _read(fields[name], part) for name, part in data.items()}
        try:
            return kind(**parts)
        except TypeError as error:  # a part without a default is missing
            raise ValueError(f"{data!r:.60} is no {kind.__name__}: {error}.") from error
    import torch

    if kind is torch.Tensor and isinstance(data, (list, int, float)):
        return torch.tensor(_with_nan(data))
    raise ValueError(f"{data!r:.60} is not of the form {getattr(kind, '__name__', kind)}.")


@cache
def _fields(kind: Any) -> dict[str, Any]:
    """The fields of a NamedTuple or dataclass with their types; none of anything else."""
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind) if field.init]
    else:
        names = list(getattr(kind, "_fields", ()))
    hints = typing.get_type_hints(kind) if names else {}
    return {name: hints.get(name, Any) for name in names}


def _with_nan(numbers: Any) -> Any:
    if isinstance(numbers, list):
        return [_with_nan(number) for number in numbers]
    return math.nan if numbers is None else numbers


# what a stored number rests on

_NOTES = "rests.json"


class Rests(NamedTuple):
    """What a stored file rests on.

    fingerprint: of `fingerprint`. sha256: of the file. adopted: the fingerprint was written down
    later, and is that day's; when the file was made nobody wrote any down.
    """

    fingerprint: str
    sha256: str
    adopted: bool = False


def fingerprint(**parts: Any) -> str:
    """A short hash of each part by its name, such as "engine:3f2a91c04b protocol:77ab01d2e9".

    Args:
        parts: whatever `as_json` knows: defaults, the SHA-256s of weights, constants.
    """
    told = {name: json.dumps(as_json(part), sort_keys=True) for name, part in parts.items()}
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in told.items()}
    return " ".join(f"{name}:{hashes[name][:10]}" for name in sorted(hashes))


def constants(*modules: types.ModuleType) -> dict[str, Any]:
    """The numbers, texts and tuples of these that modules hold under names in capitals."""

    def plain(value: Any) -> bool:
        if isinstance(value, tuple):
            return all(map(plain, value))
        return value is None or isinstance(value, (bool, int, float, str))

    named = [item for module in modules for item in vars(module).items()]
    return {name: as_json(value) for name, value in named if name.isupper() and plain(value)}


def note(path: Path, rests_on: str, *, adopted: bool = False) -> None:
    """Write down, in `rests.json` beside a file, what it rests on. rests_on: a fingerprint."""
    notes = _notes(path.parent) | {path.name: Rests(rests_on, _sha256(path), adopted)}
    text = json.dumps(as_json(dict(sorted(notes.items()))), indent=1)
    write_whole(path.parent / _NOTES, text + "\n")


def stale(path: Path, now: str) -> list[str]:
    """The parts in which what a file rests on differs from a fingerprint; none if it is fresh.

    "file" is among them if the file is another one than `note` saw.
    """
    rests = _notes(path.parent).get(path.name)
    if rests is None:
        return ["never noted"]
    others = {part.split(":")[0] for part in {*rests.fingerprint.split()} ^ {*now.split()}}
    return sorted(others | ({"file"} if rests.sha256 != _sha256(path) else set()))


def _notes(folder: Path) -> dict[str, Rests]:
    path = folder / _NOTES
    return from_json(dict[str, Rests], json.loads(path.read_bytes())) if path.exists() else {}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
