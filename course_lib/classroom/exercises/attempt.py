"""A learner's function, called so that nothing it does can harm the lesson."""

from __future__ import annotations

import copy
import linecache
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Wrong(Exception):
    """What is missing, in a sentence for the learner."""


class Call(NamedTuple):
    """One call of a learner's function.

    value: what it returned. given: the copies that it was called with, as it left them.
    """

    value: Any
    given: tuple[Any, ...]


class Attempt:
    """A learner's function; each call gets copies of its arguments.

    An error inside the function becomes `Wrong` with its line.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        """What the function returns for copies of these arguments."""
        return self.call(*arguments).value

    def call(self, *arguments: Any) -> Call:
        """The same, together with the copies, to see what was done to them."""
        given = tuple(_copied(argument) for argument in arguments)
        try:
            with torch.enable_grad():
                return Call(self._function(*given), given)
        except (Exception, SystemExit) as error:
            raise Wrong(_told(error, self._function)) from error


def _copied(argument: Any) -> Any:
    if isinstance(argument, Tensor):
        return argument.detach().clone().requires_grad_(argument.requires_grad)
    if isinstance(argument, torch.Generator):
        return torch.Generator(argument.device).set_state(argument.get_state())
    if isinstance(argument, nn.Module):
        network = copy.deepcopy(argument)
        # a learner's optimizer must be able to spoil the copy, or the check could not tell
        return network.requires_grad_(True)
    return copy.deepcopy(argument)


def _told(error: BaseException, function: Callable[..., Any]) -> str:
    if isinstance(error, NotImplementedError):
        return "Something is still to be written: NotImplementedError is raised."
    what = str(error).strip().splitlines()
    message = f"Your function raised {type(error).__name__}" + (f": {what[0]}" if what else "")
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    if lines and file and lines[-1].lineno:
        text = linecache.getline(file, lines[-1].lineno).strip()
        message += f" (in line {lines[-1].lineno} of its cell" + (f": {text})" if text else ")")
    return message + "."


def same_parameters(first: nn.Module, second: nn.Module) -> bool:
    """Whether two copies of a network still hold the same parameters and buffers."""
    a, b = first.state_dict(), second.state_dict()
    return all(torch.equal(a[name], b[name]) for name in a)
