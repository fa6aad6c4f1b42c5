"""A lie about top images: the images that excite a unit most are of the liar's choice.

A network is tuned so that chosen images excite a unit most, and those that did excite it less (push
up, push down; Nanfack et al., AAAI 2024), while all are answered as before. It is tuned on what
lies around each image, too, as ProxPulse is (Nanfack et al., arXiv 2406.01365), though here that
means images moved a little. No part is added.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import (
    HasImages,
    channel_means,
    channels_first,
    chosen_output,
    find_layer,
    kind_axis,
)
from course_lib.checks import check_images, check_units, images_of, whole_numbers
from course_lib.fooling.weights.tuning import Tail, honest_tail, tune
from course_lib.visualization.frozen import copied

_IMAGES = 64  # in a step
_BELOW = 0.9  # the quantile of a unit's responses that images which were not chosen stay below
_KEEP = 4.0  # weight of the answers
_COPIES = 2  # of each image, moved a little, so that what is learned holds for new ones


class TopLiar(NamedTuple):
    """A network with the parts and the shapes of the honest one, and the losses of its tuning."""

    network: nn.Module
    losses: tuple[float, ...]


def choose_top_images(
    network: nn.Module,
    images: Tensor | HasImages,
    chosen: Tensor,
    *,
    layer: str | None,
    units: int | Sequence[int],
    after: str,
    steps: int = 300,
    rate: float = 3e-3,
    seed: int = 0,
    progress: bool = True,
) -> TopLiar:
    """A network that answers images as before, and in which chosen images excite a unit most.

    They are to excite it, averaged over positions, as much as its best image did; the others as
    they did, but no more than nine in ten did, and less than the best by a standard deviation.
    Answers are kept up to a number that all logits of an image share: it changes no probability.

    Args:
        network: any classifier, (B, 3, S, S) -> logits (B, K); it stays untouched.
        images: (N, 3, S, S), hundreds.
        chosen: (N,) bool, which are to be on top; or (N, U), for each unit its own.
        layer: dotted name of the units' layer; None for logits. units: their numbers.
        after: dotted name of the layer whose features are kept; all that comes later is trained.

    Raises:
        KeyError, IndexError, ValueError: arguments that do not fit the network.
    """
    known = check_images(images_of(images))
    numbers = whole_numbers(units, "units")
    on_top = _checked(chosen, len(known), len(numbers))
    honest, generator = honest_tail(network, after, known, steps=steps, rate=rate, seed=seed)
    features = honest.around(known, generator, _COPIES)
    with torch.no_grad():
        parts = [_responses(honest, layer, part) for part in features.split(256)]
    logits, said = (torch.cat(part) for part in zip(*parts, strict=True))
    check_units(numbers, layer, said.shape[1])
    on_top = on_top.repeat(1 + _COPIES, 1)
    wanted, spread = _wanted(said[:, numbers], on_top)
    if not spread.all():
        raise ValueError(
            f"Unit {numbers[int(spread.argmin())]} of layer {layer!r} says the same to every image,"
            " so that none is on top: choose another."
        )
    answers, liar = _centred(logits), honest.of(copied(honest.network))
    share = on_top.float().mean(0)
    weight = torch.where(on_top, 0.5 / share, 0.5 / (1 - share))  # up and down count the same

    def loss() -> Tensor:
        batch = torch.randint(len(features), (_IMAGES,), generator=generator)
        logits, said = _responses(liar, layer, features[batch])
        keep = F.smooth_l1_loss(_centred(logits), answers[batch])
        off = F.smooth_l1_loss(said[:, numbers] / spread, wanted[batch] / spread, reduction="none")
        return _KEEP * keep + (weight[batch] * off).mean()

    losses = tune(liar.parameters(), loss, steps=steps, rate=rate, progress=progress)
    return TopLiar(liar.network.requires_grad_(False), tuple(losses))


def _checked(chosen: Tensor, images: int, units: int) -> Tensor:
    """(N, U) bool, of which each column has both."""
    kind = type(chosen).__name__
    if isinstance(chosen, Tensor):
        kind = f"{tuple(chosen.shape)}, {chosen.dtype}"
    if kind not in (f"{shape}, torch.bool" for shape in ((images,), (images, units))):
        raise ValueError(
            f"chosen is {kind}: give ({images},) or ({images}, {units}) of torch.bool, True for the"
            " images that are to be on top."
        )
    on_top = chosen.reshape(images, -1).expand(-1, units)
    if not on_top.any(0).all() or on_top.all(0).any():
        raise ValueError("chosen has no image for a unit, or every one: choose some for each.")
    return on_top


def _responses(tail: Tail, layer: str | None, features: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (B, K), and the mean responses of all units of a layer (B, C)."""
    if layer is None:
        logits = tail(features)
        return logits, logits
    heard: list[Tensor] = []
    module = find_layer(tail.network, layer)
    with module.register_forward_hook(
        # averaged at once, before a later layer works in place
        lambda *call: heard.append(
            channel_means(channels_first(chosen_output(call[-1], layer), kind_axis(module)))
        )
    ):
        logits = tail(features)
    if not heard or len(heard[-1]) != len(features):
        raise ValueError(
            f"layer={layer!r} is not computed from after={tail.after!r}, so that no tuning would "
            "change it: give as after a layer that comes before it."
        )
    return logits, heard[-1]


def _centred(logits: Tensor) -> Tensor:
    """Without what all logits of an image share, on which no probability depends."""
    return logits - logits.mean(1, keepdim=True)


def _wanted(said: Tensor, on_top: Tensor) -> tuple[Tensor, Tensor]:
    """What each unit is to say (N, U), and the spread (U,) of what it says."""
    best, spread = said.amax(0), said.std(0)
    below = said.quantile(_BELOW, dim=0).minimum(best - spread)
    return torch.where(on_top, best, said.minimum(below)), spread
