"""The tuning of a network from one of its layers on, with its features there kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from course_lib.activations import (
    FAILURES,
    HasImages,
    batches,
    chosen_output,
    device_of,
    dtype_of,
    find_layer,
    record,
)
from course_lib.checks import images_of, positive_number, whole_number
from course_lib.fooling.one_cycle import one_cycle
from course_lib.progress import progress_bar
from course_lib.visualization.adam import Adam
from course_lib.visualization.frozen import copied
from course_lib.visualization.transformations import Transformations, warp

_SAME = 5e-3  # how far, of the largest logit, the answers by features, halved, may be off
_AT_ONCE = 256
_MILD = Transformations(jitter=0.03, rotate=5.0, scale=1.05)  # of what lies around an image
_WARM = 0.15  # part of the steps in which the rate rises
_LONGEST = 10.0  # gradient norm


class Tail:
    """(N, C, H, W) features of a layer -> logits (N, K): what a network does after that layer.

    What lies before the layer is never tuned, so its outputs need to be computed only once. The
    network itself is run on a single picture, with the layer's output replaced.

    Args:
        after: dotted name of a layer. images: some of the network's images, to try it with.

    Raises:
        KeyError: there is no such layer. ValueError: what comes after it needs other layers too.
    """

    def __init__(self, network: nn.Module, after: str, images: Tensor | HasImages) -> None:
        self.network, self.after = network, after
        some = images_of(images)[:4]
        self._picture = some[:1].to(device_of(network), dtype_of(network))
        there = record(network, [None], some)[None]
        if not self._says(self.features(some), there):
            raise ValueError(
                f"after={after!r}: what this network does after that layer cannot be repeated from "
                "its output alone, as where other layers' outputs are needed too, or random "
                "numbers; give a layer that all later ones are computed from."
            )

    def _says(self, features: Tensor, there: Tensor) -> bool:
        """Whether these features alone lead to these logits."""
        try:
            with torch.no_grad():
                said = self(features)
        except FAILURES:  # as when sizes do not fit: other parts saw one picture only
            return False
        if said.shape != there.shape:
            return False
        return bool((said - there).abs().max() <= _SAME * there.abs().max())

    def features(self, images: Tensor) -> Tensor:
        """(N, C, H, W), half precision, of images (N, 3, S, S)."""
        parts = [record(self.network, [self.after], b)[self.after] for b in batches(images, 32)]
        return torch.cat([part.half() for part in parts])

    def around(self, images: Tensor, generator: torch.Generator, copies: int = 1) -> Tensor:
        """Features of images and, after them, of copies that are moved a little.

        So what is learned of an image holds for what lies around it.
        """
        every = [images, *(warp(images, _MILD, generator) for _ in range(copies))]
        return torch.cat([self.features(some) for some in every])

    @torch.no_grad()
    def say(self, features: Tensor) -> Tensor:
        """The logits (N, K) of many features, without gradients."""
        return torch.cat([self(some) for some in features.split(_AT_ONCE)])

    def __call__(self, features: Tensor) -> Tensor:
        """The logits, (N, K)."""
        layer = find_layer(self.network, self.after)
        with layer.register_forward_hook(lambda *_: features.to(self._picture)):
            return chosen_output(self.network(self._picture.clone()), None)

    def of(self, network: nn.Module) -> Tail:
        """The same of another network, which shares all that comes before the layer."""
        other = object.__new__(Tail)
        other.__dict__.update(self.__dict__, network=network)
        return other

    def parameters(self) -> list[nn.Parameter]:
        """The weights that the logits depend on, given the features."""
        self.network.requires_grad_(True)
        own = list(self.network.parameters())
        with torch.enable_grad():
            said = self(self.features(self._picture)).sum()
        if not said.requires_grad:
            return []
        grown = torch.autograd.grad(said, own, allow_unused=True)
        return [p for p, slope in zip(own, grown, strict=True) if slope is not None]


def honest_tail(
    network: nn.Module, after: str, images: Tensor, *, steps: int, rate: float, seed: int
) -> tuple[Tail, torch.Generator]:
    """The `Tail` of a copy in eval mode, and what its training draws from.

    Raises:
        KeyError, ValueError: as `Tail`, or there is nothing to train, or so it cannot be trained.
    """
    whole_number(steps, "steps", at_least=1)
    positive_number(rate, "rate", 3e-3)
    generator = torch.Generator().manual_seed(whole_number(seed, "seed"))
    tail = Tail(copied(network).eval(), after, images)
    if not tail.parameters():
        raise ValueError(f"after={after!r}: no weight comes after that layer; give an earlier one.")
    tail.network.requires_grad_(False)
    return tail, generator


def tune(
    parameters: Sequence[nn.Parameter],
    loss: Callable[[], Tensor],
    *,
    steps: int,
    rate: float,
    what: str = "tuning",
    progress: bool = True,
) -> list[float]:
    """The loss after each step, fewer if interrupted; the parameters are changed in place.

    Adam in one cycle (Smith & Topin, 2017): the rate rises and falls again, as gradients are kept
    shorter and longer. To the bit as PyTorch's Adam and OneCycleLR, which load its compiler. Batch
    norms are left as they are: the network stays in eval mode.

    Args:
        loss: draws a batch, and gives what is to fall. rate: the highest.
    """
    adam = Adam(parameters, rate)
    losses: list[float] = []
    try:
        for step in progress_bar(range(steps), what, show=progress):
            with torch.enable_grad():  # wherever this is called
                value = loss()
            slopes = torch.autograd.grad(value, parameters, materialize_grads=True)
            length = torch.stack([slope.norm() for slope in slopes]).norm()
            clipped = [slope * (_LONGEST / (length + 1e-6)).clamp(max=1) for slope in slopes]
            now, kept = one_cycle(step, max(steps, 2), rate, _WARM)
            adam.step(clipped, now, (kept, 0.999))
            losses.append(value.item())
    except KeyboardInterrupt:
        pass  # what was reached by then is worth having
    return losses
