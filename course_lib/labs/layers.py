"""Which layers of an arbitrary network to look at, in the order of processing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.activations import eval_mode

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_IDLE = (nn.Dropout, nn.Identity)
_MANY = 4  # a part that holds a chain of at least so many blocks is a body, not a block


def layers_in_order(network: nn.Module, sample: Tensor) -> tuple[str, ...]:
    """The network's blocks by dotted name, in the order in which they finish.

    Containers are opened, blocks (an Inception block, a residual block) are not; what a forward
    pass does not use (auxiliary classifiers, dropout) is left out. The last one gives the logits.

    Args:
        sample: (1, 3, S, S), run once through the network.
    """
    finished: dict[str, None] = {}
    handles = []
    try:
        for name, module in _blocks(network, ""):

            def note(_module: nn.Module, _inputs: Any, _output: Any, name: str = name) -> None:
                finished.pop(name, None)  # a block that runs again moves to the end
                finished[name] = None

            handles.append(module.register_forward_hook(note))
        with eval_mode(network), torch.no_grad():
            network(sample)
    finally:
        for handle in handles:
            handle.remove()
    return tuple(finished)


def _blocks(module: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    for name, child in module.named_children():
        full = f"{prefix}{name}"
        is_body = prefix == "" and any(
            type(part) in _CONTAINERS and len(list(part.children())) >= _MANY
            for part in child.children()
        )
        if type(child) in _CONTAINERS or is_body:
            yield from _blocks(child, f"{full}.")
        elif not isinstance(child, _IDLE):
            yield full, child
