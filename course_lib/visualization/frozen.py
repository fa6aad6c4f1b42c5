"""A copy of a network that is ready to be looked at, and never to be trained."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn


def frozen_copy(network: nn.Module, device: torch.device | str) -> nn.Module:
    """A copy in eval mode, without weight gradients, with weights laid out channels last.

    Only what must change is copied: a tensor that already lies right is shared with the original,
    which stays as it was.
    """
    memo: dict[int, Any] = {}
    for module in network.modules():
        for parameter in module.parameters(recurse=False):
            memo[id(parameter)] = nn.Parameter(_laid_out(parameter, device), requires_grad=False)
        # buffers, and the computed weights that some re-parameterizations keep as attributes
        for value in (*module.buffers(recurse=False), *vars(module).values()):
            if isinstance(value, Tensor):
                memo[id(value)] = _laid_out(value, device)
    frozen: nn.Module = copy.deepcopy(network, memo)
    return frozen.eval()


def _laid_out(tensor: Tensor, device: torch.device | str) -> Tensor:
    tensor = tensor.detach().to(device)
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor
