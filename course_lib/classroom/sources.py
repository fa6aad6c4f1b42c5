"""The source of a learner's function together with all that it needs from its notebook."""

import importlib
import inspect
import textwrap
import types
from collections.abc import Callable, Mapping
from typing import Any

from course_lib.classroom.order import names_of

_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def by_itself(function: Callable[..., Any], name: str) -> str:
    """Code that makes a function anew, under this name, in an empty kernel; where there is none, a
    LookupError's message ends a sentence that says so."""
    parts: dict[str, str] = {}
    _add(function, function.__name__, parts)
    if function.__name__ != name:
        parts[name] = f"{name} = {function.__name__}"
    return "\n\n".join(parts.values()) + "\n"


def _add(function: Any, name: str, parts: dict[str, str]) -> None:
    """Add the source of a function or class of the notebook, behind what it needs."""
    plain = inspect.unwrap(function) if callable(function) else function
    free = getattr(getattr(plain, "__code__", None), "co_freevars", ())
    if free:
        raise LookupError(f"it rests on {', '.join(free)} of a function around it")
    try:
        source = textwrap.dedent(inspect.getsource(plain))
        needs = names_of(source).needs
    except (OSError, TypeError, SyntaxError):
        raise LookupError(f"the source of {name} is not to be found") from None
    around: Mapping[str, Any] = getattr(plain, "__globals__", {})
    for needed in sorted(needs - parts.keys() - {name}):
        if needed in around:
            _add_value(needed, around[needed], parts)
    parts[name] = source.rstrip()


def _add_value(name: str, value: Any, parts: dict[str, str]) -> None:
    home = getattr(value, "__module__", None)
    called = getattr(value, "__qualname__", "")
    if isinstance(value, types.ModuleType):
        parts[name] = f"import {value.__name__} as {name}"
    elif home == "__main__" and isinstance(value, types.FunctionType | type):
        _add(value, name, parts)
    elif home and called.isidentifier() and _imported(home, called) is value:
        parts[name] = f"from {home} import {called} as {name}"
    elif _is_plain(value):
        parts[name] = f"{name} = {value!r}"
    else:
        raise LookupError(f"it uses {name}, a {type(value).__name__} that only this kernel has")


def _imported(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple | set):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, [*value, *value.values()]))
    return type(value) in _PLAIN
