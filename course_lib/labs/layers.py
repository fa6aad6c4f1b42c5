"""The layers of an arbitrary network, in the order of processing."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from course_lib.activations import as_written, eval_mode

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_IDLE = (nn.Dropout, nn.Identity)
_BODY = 0.5  # a part that holds so large a share of the weights is the body, not one of its blocks


def layers_in_order(network: nn.Module, sample: Tensor) -> tuple[str, ...]:
    """The network's blocks by dotted name, in the order in which they finish.

    Containers and bodies (a wrapped network, a transformer's encoder) are opened; blocks (an
    Inception block, a residual block) are not. What a forward pass of the sample (B, 3, S, S) does
    not use (auxiliary classifiers, dropout) is left out.

    Raises:
        ValueError: the network has no modules to look at, or they cannot be watched.
    """
    if isinstance(network, torch.jit.ScriptModule):
        raise ValueError(
            "The network is scripted or traced, so that its layers cannot be watched: give it as it"
            " was before torch.jit."
        )
    finished: dict[str, None] = {}

    def note(name: str, *_seen: object) -> None:
        finished.pop(name, None)  # a block that runs again moves to the end
        finished[name] = None

    with ExitStack() as stack, as_written(network), eval_mode(network), torch.no_grad():
        for name, module in _blocks(network, "", _weights(network)):
            stack.callback(module.register_forward_hook(partial(note, name)).remove)
        network(sample)
    if not finished:
        raise ValueError(
            "The network runs no modules of its own, so it has no layers to look at: build it "
            "from torch.nn modules."
        )
    return tuple(finished)


def _blocks(module: nn.Module, prefix: str, total: int) -> Iterator[tuple[str, nn.Module]]:
    for name, child in module.named_children():
        full = f"{prefix}{name}"
        has_parts = any(True for _ in child.children())
        # a layer whose weights are computed has the computation inside, and is still a layer
        is_body = has_parts and not is_parametrized(child) and _weights(child) >= _BODY * total > 0
        if type(child) in _CONTAINERS or is_body:
            yield from _blocks(child, f"{full}.", total)
        elif not isinstance(child, _IDLE):
            yield full, child


def _weights(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
