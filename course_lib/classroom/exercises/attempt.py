"""A learner's function, called so that nothing it does can harm the lesson."""

import copy
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.classroom.exercises.advice import told_error

_UNLIKELY = 1_740_592_613  # a seed


class Wrong(Exception):
    """What is missing, in a sentence for the learner."""


class Gives(NamedTuple):
    """What a function gives: how it is read, and what it is called.

    read: takes what was returned and the name, gives it in the form that the lesson wants, or
    raises `Wrong`. what: such as "the moved image".
    """

    read: Callable[[Any, str], Any]
    what: str

    def __call__(self, value: Any) -> Any:
        return self.read(value, self.what)


class Call(NamedTuple):
    """One call of a learner's function.

    value: what it returned, as `gives` reads it. given: the copies that it was called with.
    """

    value: Any
    given: tuple[Any, ...]


class Attempt:
    """A learner's function; each call gets copies of its arguments.

    An error inside the function becomes `Wrong` with its line; so do arguments that it changes and
    random numbers that it seeds.

    Attributes:
        reference: the right answer to compare with. gives: how what is returned is read.
        calls: how many there were.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        reference: Callable[..., Any] | None = None,
        gives: Gives | None = None,
    ) -> None:
        self.function, self.reference, self.calls = function, reference or function, 0
        self.gives = gives or Gives(lambda value, _what: value, "what is asked for")

    def __call__(self, *arguments: Any) -> Any:
        """What the function returns for copies of these arguments."""
        return self.call(*arguments).value

    def call(self, *arguments: Any) -> Call:
        """The same, together with the copies, for the gradients that reach them.

        Raises:
            Wrong: the function raises an error, changes an argument, seeds random numbers, or
                returns what `gives` refuses.
        """
        given = tuple(copied(argument) for argument in arguments)
        self.calls += 1
        # another for each call, and nobody's choice; not torch.manual_seed, which notes its callers
        torch.default_generator.manual_seed(_UNLIKELY + self.calls)
        seeds = _seeds(given)
        try:
            with torch.enable_grad():
                value = self.function(*given)
        except (Exception, SystemExit) as error:
            raise Wrong(told_error(error, self.function)) from error
        if _seeds(given) != seeds:
            raise Wrong(
                "Your function seeds the random numbers, so that each call draws the same: leave "
                "the seed to the lesson."
            )
        for name, before, after in zip(self._names(len(given)), arguments, given, strict=True):
            if not _unchanged(before, after):
                on = getattr(after, "requires_grad", 0) != getattr(before, "requires_grad", 0)
                switched = isinstance(after, nn.Module) and _asks(before) != _asks(after)
                filled = isinstance(after, Tensor) and after.is_leaf and after.grad is not None
                raise Wrong(
                    f"Your function changes {name}, which it was given and which the lesson still "
                    f"needs: {'its gradient is switched on now; ' if on else ''}"
                    f"{'its .grad is filled now; ' if filled else ''}"
                    f"{'requires_grad of its weights is switched; ' if switched else ''}"
                    f"make something new, or work on a copy ({_copying(before, name)})."
                )
        return Call(self.gives(value), given)

    def _names(self, count: int) -> list[str]:
        """What the learner calls the arguments."""
        names = list(inspect.signature(self.function).parameters)
        return names if len(names) == count else [f"argument {i}" for i in range(1, count + 1)]


def copied(argument: Any) -> Any:
    """A copy that has nothing in common with its original."""
    if isinstance(argument, Tensor):
        return argument.detach().clone().requires_grad_(argument.requires_grad)
    if isinstance(argument, tuple) and hasattr(argument, "_fields"):  # quicker than deepcopy
        return type(argument)(*map(copied, argument))
    if isinstance(argument, torch.Generator):
        return torch.Generator(argument.device).set_state(argument.get_state())
    return copy.deepcopy(argument)


def _copying(argument: Any, name: str) -> str:
    if isinstance(argument, dict):
        return f"dict({name})"
    if isinstance(argument, list) and not any(isinstance(one, Tensor) for one in argument):
        return f"list({name})"
    if isinstance(argument, nn.Module):
        return f"copy.deepcopy({name})"
    return f"{name}.clone()" if isinstance(argument, Tensor) else ".clone() of a tensor in it"


def _asks(module: nn.Module) -> list[bool]:
    """Which of its weights ask for a gradient."""
    return [weight.requires_grad for weight in module.parameters()]


def _unchanged(before: Any, after: Any) -> bool:
    if isinstance(before, Tensor):
        same = before.shape == after.shape and before.requires_grad == after.requires_grad
        same = same and not (after.is_leaf and after.grad is not None)
        x, y = before.detach(), after.detach()
        return same and (torch.equal(x, y) or torch.equal(x.nan_to_num(), y.nan_to_num()))
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after, equal_nan=True)
    if isinstance(before, nn.Module):
        old, new = before.state_dict(), after.state_dict()
        kinds = all(old[name].dtype == new[name].dtype for name in old)
        same = kinds and all(torch.equal(old[name], new[name]) for name in old)
        return same and _asks(before) == _asks(after)
    if isinstance(before, dict):
        return list(before) == list(after) and all(_unchanged(before[k], after[k]) for k in before)
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    # what draws or is called counts something by nature
    return isinstance(before, torch.Generator) or callable(before) or bool(before == after)


def _seeds(given: tuple[Any, ...]) -> tuple[int, ...]:
    """What a new seed would change, and a draw would not."""
    generators = (a.initial_seed() for a in given if isinstance(a, torch.Generator))
    return (torch.initial_seed(), *generators)
