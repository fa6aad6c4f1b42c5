"""The stage that most exercises are made of: the same answers as the reference's."""

import inspect
import math
import timeit
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercises.attempt import Attempt, Call, Wrong, copied
from course_lib.classroom.exercises.exercise import Mistake
from course_lib.classroom.exercises.relation import relation

Case = tuple[Any, ...]
_PATIENCE = 20  # seconds


@dataclass(frozen=True)
class Agrees:
    """A stage of an exercise's checks: the answers to some cases are those of the reference.

    Attributes:
        finds: what holds once it has passed.
        cases: the arguments of each call, or a function that makes them.
        told: the beginning of the sentence, with the fields {found}, {wanted} and, for the
            arguments, {0}, {1} and so on; or a function of found, wanted and the arguments.
        otherwise: how it ends where no mistake fits.
        mistakes: how it ends for whoever answers every case as the mistake does; the first counts.
        within: how far a number may be off, as a share of it.
        gradient: whether the gradients that reach the arguments that ask for one are compared.
        slow: what is said if the time is up in this stage; empty for the usual sentence.
        smaller: a case, and how many times larger this stage's are. Whose time for it says that
            they would take too long is told so, before PyTorch is lost where no limit ends it.
        any_shape: a tensor of another shape is told like any other wrong answer.
        here: what is special about the cases, said before whatever is wrong; or empty.
    """

    finds: str
    cases: Sequence[Case] | Callable[[], Iterable[Case]]
    told: str | Callable[..., str]
    otherwise: str
    mistakes: tuple[Mistake, ...] = ()
    within: float = 1e-4
    gradient: bool = False
    slow: str = ""
    smaller: tuple[Case, float] | None = None
    any_shape: bool = False
    here: str = ""

    def run(self, attempt: Attempt) -> None:
        """Compare; `Wrong` says, in a sentence, how an answer differs from the reference's."""
        try:
            self._compare(attempt)
        except Wrong as wrong:
            raise Wrong(f"{self.here} {wrong}".strip()) from None

    def _compare(self, attempt: Attempt) -> None:
        if self.smaller and (seconds := _foreseen(attempt, *self.smaller)) > _PATIENCE:
            raise Wrong(f"Your function would take some {seconds:.0f} seconds: {self.slow}")
        cases = list(self.cases() if callable(self.cases) else self.cases)
        for number, case in enumerate(cases):
            call = attempt.call(*case)
            wanted = attempt.reference(*(copied(argument) for argument in case))
            if not self.any_shape:
                _same_shape(call.value, wanted, attempt.gives.what)
            if not close(call.value, wanted, self.within):
                told = self._begin(call.value, wanted, case)
                raise Wrong(f"{told} {self._why(attempt, cases, call.value, case)}")
            if self.gradient:
                _same_gradient(call, case, attempt.reference)
            if number == 0:
                gives_again(attempt, call.value, case, self.within)

    def _begin(self, found: Any, wanted: Any, case: Case) -> str:
        if callable(self.told):
            return self.told(found, wanted, *case)
        return self.told.format(*case, found=found, wanted=wanted)

    def _why(self, attempt: Attempt, cases: Sequence[Case], found: Any, failed: Case) -> str:
        """The end of the sentence, true of every case: a mistake's, if all are answered as it does,
        or how all stand to the right ones, or `otherwise`."""
        fits = [m for m in self.mistakes if self._answers_as(m, found, failed)]
        values, wanted = [], []
        for case in cases:
            try:
                values.append(attempt(*case))
            except Wrong:
                return self.otherwise
            wanted.append(attempt.reference(*(copied(argument) for argument in case)))
            fits = [mistake for mistake in fits if self._answers_as(mistake, values[-1], case)]
        return fits[0].why if fits else relation(values, wanted) or self.otherwise

    def _answers_as(self, mistake: Mistake, found: Any, case: Case) -> bool:
        try:
            made = mistake.function(*(copied(argument) for argument in case))
        except (ArithmeticError, IndexError, RuntimeError, TypeError, ValueError):
            return False
        return close(found, made, 10 * self.within)


def gives_again(attempt: Attempt, value: Any, case: Case, within: float = 1e-4) -> None:
    """Call once more with the same arguments; raises `Wrong` if the result is another."""
    if not close(attempt(*case), value, within):
        raise Wrong(
            "Called twice with the same arguments, your function gives two results: it must not "
            "remember, nor draw from any other random numbers than those that it is given."
        )


def _foreseen(attempt: Attempt, smaller: Case, times: float) -> float:
    """The seconds for so many times as much as a smaller case, if each is compared with each."""
    return times**2 * min(timeit.repeat(partial(attempt, *smaller), number=1, repeat=2))


def close(found: Any, wanted: Any, within: float = 1e-4) -> bool:
    """Whether two numbers, tensors, or tuples, lists or dicts of them are as good as the same."""
    if wanted is None or found is None:
        return found is wanted
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(
            close(found[key], wanted[key], within) for key in wanted
        )
    if isinstance(wanted, tuple | list):
        return len(found) == len(wanted) and all(
            close(a, b, within) for a, b in zip(found, wanted, strict=True)
        )
    a, b = (torch.as_tensor(value).detach() for value in (found, wanted))
    a, b = (
        (torch.view_as_real(t.resolve_conj()) if t.is_complex() else t).double() for t in (a, b)
    )
    if a.shape != b.shape or not torch.equal(a.isfinite(), b.isfinite()):
        return False
    largest = float(b[b.isfinite()].abs().max()) if b.isfinite().any() else 0.0
    return torch.allclose(a, b, rtol=within, atol=within * largest / 10 + 5e-7, equal_nan=True)


def _same_shape(found: Any, wanted: Any, what: str) -> None:
    if isinstance(wanted, Tensor) and isinstance(found, Tensor) and found.shape != wanted.shape:
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(found.shape)}, where {what} should "
            f"have shape {tuple(wanted.shape)}{_shapes_told([*found.shape], [*wanted.shape])}."
        )


def _shapes_told(found: list[int], wanted: list[int]) -> str:
    """What one shape has to do with the other, after a colon; empty if nothing is known."""
    large = [size for size in found if size > 1]
    if not found and wanted == [1]:
        return ": one number without an axis, as after squeeze, or a norm or mean over all"
    if not found:
        return ": all became one number, and each that is due has one of its own"
    if sorted(found) == sorted(wanted):
        return ": the axes are in another order"
    if large == [size for size in wanted if size > 1]:
        left = "an axis of size 1 is left, as by keepdim=True or [:, None]"
        return f": {left if len(found) > len(wanted) else 'an axis of size 1 has gone'}"
    if found == 2 * wanted and len(wanted) == 1:
        n = wanted[0]
        return f": each meets each, as where ({n}, 1), which keepdim=True leaves, meets ({n},)"
    if math.prod(found) == math.prod(wanted):
        return ": as many numbers, in another shape, as after flatten or view"
    if len(found) < len(wanted):
        return ": axes have gone, as where a mean or a sum goes over too many"
    return ""


def _same_gradient(call: Call, case: Case, reference: Callable[..., Any]) -> None:
    given = tuple(copied(argument) for argument in case)
    found, wanted = _gradients(call), _gradients(Call(reference(*given), given))
    asking = [
        name
        for name, argument in zip(inspect.signature(reference).parameters, case, strict=False)
        if isinstance(argument, Tensor) and argument.requires_grad
    ]
    for name, mine, due in zip(asking, found, wanted, strict=True):
        if due is not None and mine is None:
            where = "the input" if all(one is None for one in found) else name
            raise Wrong(
                f"No gradient reaches {where} through your function: .detach(), .item(), "
                "float(...), torch.tensor(...), round and NumPy stop it."
            )
        if due is not None and not close(mine, due, 1e-3):
            raise Wrong(
                "The result is right, and its gradient is not: part of the computation is cut off "
                "by .detach(), .item(), float(...), torch.tensor(...), round or NumPy."
            )


def _gradients(call: Call) -> list[Tensor | None]:
    """Of a weighted sum of what was returned, with regard to each argument that asks for one."""
    values = call.value if isinstance(call.value, tuple) else (call.value,)
    asking = [a for a in call.given if isinstance(a, Tensor) and a.requires_grad]
    parts = [v for v in values if isinstance(v, Tensor) and v.requires_grad]
    if not parts:
        return [None] * len(asking)
    total = torch.stack(
        [(v * torch.linspace(1, 2, v.numel()).view(v.shape).to(v)).sum() for v in parts]
    ).sum()
    return list(torch.autograd.grad(total, asking, allow_unused=True))
