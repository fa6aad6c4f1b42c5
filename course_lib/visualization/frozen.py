"""A copy of a network to run, and to differentiate by its input, but never to train."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn


def frozen_copy(network: nn.Module, device: torch.device | str, *, share: bool = True) -> nn.Module:
    """A float32 copy in eval mode, without weight gradients, with weights laid out channels last.

    The original stays as it was.

    Args:
        share: let a weight that already lies right be the same memory as the original's. Saves
            memory, and is safe for as long as nobody changes the original.
    """
    memo: dict[int, Any] = {}
    for module in network.modules():
        for parameter in module.parameters(recurse=False):
            laid_out = _laid_out(parameter, device, clone=not share)
            memo[id(parameter)] = nn.Parameter(laid_out, requires_grad=False)
        # Buffers, which a forward pass may write to, and the computed weights that some
        # re-parameterizations keep as plain attributes.
        for value in (*module.buffers(recurse=False), *vars(module).values()):
            if isinstance(value, Tensor):
                memo[id(value)] = _laid_out(value, device, clone=True)
    frozen: nn.Module = copy.deepcopy(network, memo)
    return frozen.eval()


def _laid_out(tensor: Tensor, device: torch.device | str, *, clone: bool) -> Tensor:
    dtype = torch.float32 if tensor.is_floating_point() else tensor.dtype
    moved = tensor.detach().to(device, dtype)
    if moved.dim() == 4:
        moved = moved.contiguous(memory_format=torch.channels_last)
    return moved.clone() if clone and moved.data_ptr() == tensor.data_ptr() else moved
