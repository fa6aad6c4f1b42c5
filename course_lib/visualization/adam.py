"""Adam, the optimizer of the ascent (Kingma & Ba, 2015, "Adam: a method for stochastic
optimization"), by PyTorch's own function.

Making a `torch.optim.Adam` loads PyTorch's compiler, which takes a third of the time, and 180 MB,
of a first picture from a cold start.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam

_KEPT = (0.9, 0.99)


class Adam:
    """Gradient descent by running means of gradients and of their squares.

    Args:
        parameters: leaf tensors, changed in place by `step`. rate: the learning rate.
    """

    def __init__(self, parameters: Sequence[Tensor], rate: float) -> None:
        self._parameters, self._rate = parameters, rate
        self._means = [torch.zeros_like(one.detach()) for one in parameters]
        self._squares = [torch.zeros_like(mean) for mean in self._means]
        self._steps = [torch.tensor(0.0) for _ in parameters]

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
        adam(
            [one.detach() for one in self._parameters], list(gradients), self._means,
            self._squares, [], self._steps, foreach=False, amsgrad=False, beta1=kept[0],
            beta2=kept[1], lr=self._rate if rate is None else rate, weight_decay=0.0, eps=1e-8,
            maximize=False,
        )  # fmt: skip
