"""Adam, the optimizer of the ascent (Kingma & Ba, 2015, "Adam: a method for stochastic
optimization"), to the bit as PyTorch computes it on a CPU.

`torch.optim.Adam` loads PyTorch's compiler as soon as one is made, which takes a third of the time,
and 180 MB, of a first picture from a cold start.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

_KEPT = (0.9, 0.99)
_TINY = 1e-8  # added to the root of the mean square


class Adam:
    """Gradient descent by running means of gradients and of their squares.

    Args:
        parameters: leaf tensors, changed in place by `step`. rate: the learning rate.
    """

    def __init__(self, parameters: Sequence[Tensor], rate: float) -> None:
        self._parameters, self._rate = parameters, rate
        self._means = [torch.zeros_like(_real(parameter)) for parameter in parameters]
        self._squares = [torch.zeros_like(mean) for mean in self._means]
        self._steps = 0

    def step(
        self,
        gradients: Sequence[Tensor],
        rate: float | None = None,
        kept: tuple[float, float] = _KEPT,
    ) -> None:
        """Move every parameter against its gradient.

        Args:
            rate: of this step, instead of the usual one. kept: parts of the mean gradient, and of
                the mean square, that this step keeps.
        """
        self._steps += 1
        first, second = kept
        step_size = (self._rate if rate is None else rate) / (1 - first**self._steps)
        correction = math.sqrt(1 - second**self._steps)
        for parameter, gradient, mean, square in zip(
            self._parameters, map(_real, gradients), self._means, self._squares, strict=True
        ):
            mean.lerp_(gradient, 1 - first)
            square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
            spread = (square.sqrt() / correction).add_(_TINY)
            _real(parameter).addcdiv_(mean, spread, value=-step_size)


def _real(tensor: Tensor) -> Tensor:
    """The tensor's own memory without its gradient; complex numbers as pairs of real ones."""
    plain = tensor.detach()
    return torch.view_as_real(plain) if plain.is_complex() else plain
