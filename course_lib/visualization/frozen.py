"""Copies of a network: one like it, and one to run, and to differentiate by its input, but never
to train."""

import copy
import dis
import io
import threading
import types
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from course_lib.activations import Device, of_a_library
from course_lib.checks import check_network

# what Python cannot copy, and a copy may share with its original
_SHARED = (
    type(threading.Lock()), type(threading.RLock()), threading.local, io.IOBase,
    types.ModuleType, types.GeneratorType,
)  # fmt: skip


_PLAIN = (str, bytes, int, float, Tensor, type(None))


def copied(network: nn.Module) -> nn.Module:
    """A copy that shares no weight with its original, also of one that has been trained or used.

    Weights that are computed (weight norm, pruning), activations that were kept anywhere, and locks
    all stop Python's own deepcopy.
    """
    return _copied(check_network(network), {})


def frozen_copy(
    network: nn.Module, device: Device, *, share: bool = True, channels_last: bool = False
) -> nn.Module:
    """A float32 copy in eval mode, without weight gradients; the original stays as it was.

    Args:
        share: let a weight that already lies right be the same memory as the original's. Saves
            memory, and is safe for as long as nobody changes the original: not for what is kept,
            nor where a module may change weights as it runs or switches its mode, as LoRA's do.
        channels_last: lay weights out so; faster, and some networks cannot be run that way.
    """
    memo: dict[int, Any] = {}
    share = share and all(map(_leaves_weights_alone, network.modules()))
    for module in network.modules():
        for parameter in module.parameters(recurse=False):
            made = _made(parameter, device, channels_last, clone=not share)
            memo[id(parameter)] = _parameter_like(parameter, made)
        # Buffers, which a forward pass may write to, and the computed weights that some
        # re-parameterizations keep as plain attributes.
        for value in (*module.buffers(recurse=False), *vars(module).values()):
            if isinstance(value, Tensor):
                memo[id(value)] = _made(value, device, channels_last, clone=True)
    return _copied(network, memo).eval()


def _leaves_weights_alone(module: nn.Module) -> bool:
    """Whether a module is of a library that is known to, and as that library made it."""
    more = type(module).train is not nn.Module.train or getattr(module, "max_norm", None)
    return of_a_library(module) and not more


class _DetachedCopies(TorchFunctionMode):
    """While active, a deep copy of a tensor that was computed is a tensor of its own."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func is Tensor.__deepcopy__ and (not args[0].is_leaf or args[0].is_inference()):
            tensor, memo = args
            memo[id(tensor)] = tensor.detach().clone()
            return memo[id(tensor)]
        return func(*args, **(kwargs or {}))


def _copied(network: nn.Module, memo: dict[int, Any]) -> nn.Module:
    for thing in _reachable(network):
        if isinstance(thing, _SHARED):
            memo[id(thing)] = thing
    with torch.inference_mode(False), _DetachedCopies():
        result: nn.Module = copy.deepcopy(network, memo)
    alive = memo.pop(id(memo), [])  # the originals, which no other thing must take the ids of
    copies = _Copies(
        memo, {id(one) for one in memo.values() if isinstance(one, (list, dict))}, alive
    )
    for module in result.modules():
        for held in (vars(module), *(v for v in vars(module).values() if isinstance(v, dict))):
            _rebind(held, copies)
    return result


class _Copies(NamedTuple):
    """What has been copied. of: by the ids of originals, and of what was made since.
    made: ids of lists and dicts that the copy has for itself. alive: what must keep its id."""

    of: dict[int, Any]
    made: set[int]
    alive: list[Any]


def _rebind(held: dict[Any, Any] | list[Any], copies: _Copies) -> None:
    """Put the copy's own things into a dict or list of the copy's."""
    for key, value in list(held.items() if isinstance(held, dict) else enumerate(held)):
        own = _of_the_copy(value, copies)
        if own is not value:
            held[key] = own


def _of_the_copy(value: Any, copies: _Copies) -> Any:
    """A module or its method as the copy's own; and what holds or calls those, such as a replaced
    forward, a hook, or a list of steps: Python copies functions as they are, and they would run the
    original. A list of nobody's but a hook's, and with modules in it, is another one from then on.
    """
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, nn.Module):
        return copies.of.get(id(value), value)
    if isinstance(value, types.MethodType) and isinstance(value.__self__, nn.Module):
        own = copies.of.get(id(value.__self__), value.__self__)
        return value if own is value.__self__ else types.MethodType(value.__func__, own)
    if isinstance(value, weakref.ref):
        own = copies.of.get(id(value()))
        return value if own is None else weakref.ref(own)
    own = copies.of.get(id(value), value)
    if id(own) in copies.made:
        copies.made.remove(id(own))  # once, also where it holds itself
        copies.of[id(own)] = own
        _rebind(own, copies)
    elif id(value) not in copies.of and _may_hold(value):
        copies.alive.append(value)
        copies.of[id(value)] = value  # it may hold itself
        own = copies.of[id(value)] = _rebuilt(value, copies)
    return own


def _may_hold(value: Any) -> bool:
    kinds = (list, tuple, dict, partial, types.FunctionType)
    return type(value) in kinds or hasattr(value, "_make")


def _rebuilt(value: Any, copies: _Copies) -> Any:
    """A container or function with the copy's own things; itself if nothing differs."""
    if isinstance(value, types.FunctionType):
        return _function_of_the_copy(value, copies)
    if isinstance(value, partial):
        parts = [value.func, *value.args, *value.keywords.values()]
    else:
        parts = list(value.values() if isinstance(value, dict) else value)
    own = [_of_the_copy(part, copies) for part in parts]
    if all(new is old for new, old in zip(own, parts, strict=True)):
        return value
    if isinstance(value, partial):
        called, *rest = own
        count = len(value.args)
        return partial(
            called, *rest[:count], **dict(zip(value.keywords, rest[count:], strict=True))
        )
    if isinstance(value, dict):
        return dict(zip(value, own, strict=True))
    return value._make(own) if hasattr(value, "_make") else type(value)(own)


def _function_of_the_copy(value: types.FunctionType, copies: _Copies) -> types.FunctionType:
    code, known, closure = value.__code__, value.__globals__, value.__closure__ or ()
    # what it finds by global names; one that writes to such names has to go on doing so
    writes = any(step.opname == "STORE_GLOBAL" for step in dis.get_instructions(code))
    held = {name: known[name] for name in code.co_names if name in known and not writes}
    modules = {n: v for n, v in held.items() if isinstance(v, nn.Module | types.MethodType)}
    ours = {n: own for n, v in modules.items() if (own := _of_the_copy(v, copies)) is not v}
    cells = tuple(_cell_of_the_copy(cell, copies) for cell in closure)
    defaults = tuple(_of_the_copy(one, copies) for one in value.__defaults__ or ())
    named = {n: _of_the_copy(one, copies) for n, one in (value.__kwdefaults__ or {}).items()}
    before = (*closure, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
    after = (*cells, *defaults, *named.values())
    if not ours and all(new is old for new, old in zip(after, before, strict=True)):
        return value
    made = types.FunctionType(
        code, known | ours if ours else known, value.__name__, defaults, cells
    )
    made.__dict__.update(vars(value))
    made.__kwdefaults__ = named
    return made


def _cell_of_the_copy(cell: types.CellType, copies: _Copies) -> types.CellType:
    """A cell of a function's closure; the same where it holds nothing of the network's, so that
    what counts or collects goes on doing so."""
    try:
        own = _of_the_copy(cell.cell_contents, copies)
    except ValueError:  # it is still empty
        return cell
    return cell if own is cell.cell_contents else types.CellType(own)


def _reachable(root: object) -> Iterator[object]:
    """What can be reached through attributes, lists and dicts, each thing once."""
    seen: set[int] = set()
    todo = [root]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, (str, bytes, int, float, type, Tensor)):
            continue
        seen.add(id(thing))
        yield thing
        if isinstance(thing, _SHARED):
            continue
        if isinstance(thing, dict):
            todo += thing.values()
        elif isinstance(thing, (list, tuple, set, frozenset)):
            todo += thing
        else:
            todo += getattr(thing, "__dict__", {}).values()


def _made(tensor: Tensor, device: Device, channels_last: bool, *, clone: bool) -> Tensor:
    dtype = torch.float32 if tensor.is_floating_point() else tensor.dtype
    dtype = torch.complex64 if tensor.is_complex() else dtype
    moved = tensor.detach().to(device, dtype)
    if channels_last and moved.dim() == 4:
        moved = moved.contiguous(memory_format=torch.channels_last)
    # a tensor of inference mode can take no part in a gradient, and its clone can
    clone = clone or moved.is_inference()
    moved = moved.clone() if clone and moved.data_ptr() == tensor.data_ptr() else moved
    _note_as_on(tensor, moved)
    return moved


def _note_as_on(tensor: Tensor, made: Tensor) -> None:
    """Give a copied tensor what people noted on the original; what it has is its own."""
    for name, value in vars(tensor).items():
        vars(made).setdefault(name, value)


def _parameter_like(parameter: nn.Parameter, made: Tensor) -> nn.Parameter:
    """A frozen parameter with these numbers, of the same class."""
    kept = nn.Parameter(made, requires_grad=False)
    if type(parameter) is not nn.Parameter and issubclass(type(parameter), nn.Parameter):
        kept = torch.Tensor._make_subclass(type(parameter), made, False)
    _note_as_on(parameter, kept)
    return kept
