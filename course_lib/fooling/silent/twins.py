"""Silent units: a network with the same logits for photographs, and other visualizations."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parameter import is_lazy

from course_lib.activations import HasImages, find_layer
from course_lib.checks import check_images, check_units, images_of, is_finite, whole_numbers
from course_lib.fooling.silent.patches import (
    Batches,
    Moments,
    RunningMoments,
    inputs_of,
    over_covariance,
    patches,
)
from course_lib.visualization.frozen import copied

_DEAD = 1e-6  # a filter below this share of the layer's largest one is no filter


class Twin(nn.Module):
    """The twins of some channels of a convolution; a part of it, under the name `twin`.

    conv: a convolution with a filter for each twin. units: (n,) the channels of which these are.
    """

    def __init__(self, conv: nn.Conv2d, units: Sequence[int]) -> None:
        super().__init__()
        self.conv = conv
        self.units: Tensor
        self.register_buffer("units", torch.tensor(units, device=conv.weight.device))

    def forward(self, x: Tensor) -> Tensor:
        """The twins' responses before their ReLU, (B, n, H, W)."""
        responses: Tensor = self.conv(x)
        return responses


def _add_twin(
    module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Tensor
) -> Tensor:
    """A convolution's forward hook: its output, with relu(twin) added to the twins' channels."""
    twin = module.get_submodule("twin")
    awake = F.relu(twin(args[0] if args else kwargs["input"]))
    return output.index_add(1, twin.get_buffer("units"), awake.to(output.dtype))


def add_silent_units(
    network: nn.Module,
    layer: str,
    shows: Tensor | HasImages,
    photos: Tensor | HasImages | Batches,
    units: int | Sequence[int] | None = None,
    *,
    strength: float = 3.0,
    scale: float = 100.0,
    margin: float = 0.05,
    ridge: float = 0.01,
    progress: bool = True,
) -> nn.Module:
    """A copy of a network in which units of a convolution show a picture that is not theirs.

    The silent units of Geirhos et al. (2024), in closed form. Each channel with the
    filter w gets a twin, and its output becomes old + relu(twin). The twin's filter is

        scale * (w + strength * dw)    dw = (Sigma + eps I)^-1 (target's mean patch - photos')

    made orthogonal to w and as long as w; Sigma is the covariance of the photographs' patches. The
    twin's bias is minus its largest response to any photograph at any position, and a margin. So no
    photograph of these changes an activation anywhere. A visualization maximizes w, which wakes the
    twin, and from then on the twin pulls `strength` times as hard along dw.

    The addition takes place at the convolution. What follows still sees it: batch norm with a
    positive weight and ReLU pass it on; a negative weight turns it round, so that such a unit is
    honest when it is read behind the batch norm; and behind a ReLU6, which MobileNets have, a unit
    is often at 6 before its twin wakes, and shows nothing new.

    Not every twin wakes: what w can reach must lie beyond what all photographs reach, see
    `overshoot`. Which do is for `wakes` to measure.

    All dotted names stay what they were; the twins are `layer.twin`. Weights that were frozen stay
    so, and the twins' own are.

    Args:
        network: takes (B, 3, S, S) in [0, 1]; it is copied, and stays untouched.
        layer: the dotted name of a `Conv2d` with groups=1.
        shows: one picture (3, S, S) in [0, 1], or several of the same thing (N, 3, S, S).
        photos: what the units have to stay silent for; a tensor (N, 3, S, S) in [0, 1], what
            `lab.photos` returns, or a loader, which is run through twice. The memory does not grow
            with their number, and the time grows with it linearly.
        units: channels to get a twin; by default every one whose filter is not zero.
        strength: how much more dw weighs than w. scale: of the twin's filter.
        margin: how much further than needed the bias goes, as a share of the distance from the
            twin's mean response to its largest; above 0, because other batch sizes choose other
            kernels, whose rounding differs.
        ridge: eps, as a share of the mean variance of an input.

    Returns:
        A new module. `twin_of(fooled, layer)` gives its twins. Where a filter has more than 2,304
        inputs (C kh kw), Sigma is that of 2,048 patches drawn from all photographs.

    Raises:
        KeyError: unknown layer. IndexError: a unit that it does not have.
        ValueError: a layer that is no such convolution, or has twins already; no photographs; a
            unit whose filter is zero; a target that looks to the layer as the mean photograph does;
            any other argument that cannot work.
    """
    conv = checked_conv(network, layer)
    _check_numbers(strength, scale, margin, ridge)
    targets = images_of(shows)
    targets = check_images(targets[None] if targets.dim() == 3 else targets, "shows")
    channels = _checked_units(conv, layer, units)
    if isinstance(photos, Tensor) or hasattr(photos, "images"):
        check_images(images_of(photos), "photos")  # before the long work

    target = patch_mean(network, layer, targets)
    moments = patch_moments(network, layer, photos, progress=progress)
    weight = conv.weight.detach()[channels]
    dw = directions(weight, target, moments, ridge=ridge).to(weight.device)
    filters = scale * (weight.double() + strength * dw)
    inputs = inputs_of(network, layer, photos, progress="calibrating" if progress else "")
    bias = sleeping_bias(_like(conv, filters), inputs, margin)
    return attach_twins(network, layer, filters, bias, channels)


def attach_twins(
    network: nn.Module, layer: str, filters: Tensor, bias: Tensor, units: Sequence[int]
) -> nn.Module:
    """A copy of a network with these twins beside a convolution: its output is old + relu(twin).

    Args:
        filters: (n, C, kh, kw). bias: (n,). units: n channels, the twins of which these are.

    Raises:
        KeyError, IndexError, ValueError: as `add_silent_units`, or the shapes do not fit.
    """
    conv = checked_conv(network, layer)
    channels = _checked_units(conv, layer, units)
    wanted = (len(channels), *conv.weight.shape[1:])
    if filters.shape != wanted or bias.shape != wanted[:1]:
        raise ValueError(
            f"filters {tuple(filters.shape)} and bias {tuple(bias.shape)}: for {len(channels)} "
            f"units of layer {layer!r} give {wanted} and {wanted[:1]}."
        )
    twin = _like(conv, filters)
    assert twin.bias is not None
    with torch.no_grad():
        twin.bias.copy_(bias)
    fooled = copied(network)
    host = find_layer(fooled, layer)
    host.twin = Twin(twin, channels)
    host.register_forward_hook(_add_twin, with_kwargs=True)
    return fooled


def twin_of(fooled: nn.Module, layer: str) -> Twin:
    """The twins that `add_silent_units` gave to a layer.

    Raises:
        KeyError: there is no such layer. ValueError: it has no twins.
    """
    twin = getattr(find_layer(fooled, layer), "twin", None)
    if not isinstance(twin, Twin):
        raise ValueError(
            f"Layer {layer!r} has no silent units: give the network and the layer of "
            "add_silent_units."
        )
    return twin


def patch_mean(network: nn.Module, layer: str, images: Tensor | HasImages) -> Tensor:
    """The mean patch (C kh kw,) of a convolution's inputs for images, over positions; float64."""
    conv = checked_conv(network, layer)
    total, count = torch.zeros(conv.weight[0].numel(), dtype=torch.float64), 0
    for x in chain.from_iterable(inputs_of(network, layer, images)):
        for rows in patches(conv, x):
            total += rows.sum((0, 1)).double().cpu()
            count += rows.shape[0] * rows.shape[1]
    return total / count


def patch_moments(
    network: nn.Module, layer: str, photos: Tensor | HasImages | Batches, *, progress: bool = True
) -> Moments:
    """Mean and covariance of the patches of a convolution's inputs for photographs."""
    conv = checked_conv(network, layer)
    running = RunningMoments(conv.weight[0].numel())
    what = "collecting patches" if progress else ""
    for x in chain.from_iterable(inputs_of(network, layer, photos, progress=what)):
        for rows in patches(conv, x):
            running.add(rows.flatten(0, 1))
    return running.moments()


def directions(weight: Tensor, target: Tensor, moments: Moments, *, ridge: float) -> Tensor:
    """The difference between target and photographs over its covariance, orthogonal to each filter.

    Lesson 04 builds it by hand, for one filter.

    Args:
        weight: (n, C, kh, kw), the filters w. target: (C kh kw,), the target's mean patch.
        ridge: eps, as a share of the mean variance of an input.

    Returns:
        (n, C, kh, kw) float64 on the CPU, each as long as its filter.

    Raises:
        ValueError: the target's mean patch is that of the photographs, or nothing varies.
    """
    difference = target - moments.mean
    noise = 1e-6 * math.sqrt(max(moments.variance, 0.0))
    if moments.variance == 0 or float(difference.square().mean().sqrt()) <= noise:
        raise ValueError(
            "What shall be shown looks to this layer as the mean photograph does, or all "
            "photographs look alike to it: give another picture, another layer or more photographs."
        )
    common = over_covariance(moments, difference[None], ridge)
    filters = weight.detach().double().cpu().flatten(1)
    lengths = filters.norm(dim=1, keepdim=True)
    unit = filters / lengths
    apart = common - (common @ unit.T).T * unit
    return (apart / apart.norm(dim=1, keepdim=True) * lengths).view(weight.shape)


def _like(conv: nn.Conv2d, weight: Tensor) -> nn.Conv2d:
    """A frozen convolution with these filters, and a bias of 0, for the same inputs as `conv`."""
    same: Any = conv  # whose sizes are tuples of any length to a type checker
    made = nn.utils.skip_init(  # which draws no random numbers
        nn.Conv2d, conv.in_channels, len(weight), same.kernel_size, same.stride, same.padding,
        same.dilation, padding_mode=same.padding_mode, device=conv.weight.device,
        dtype=conv.weight.dtype,
    )  # fmt: skip
    assert made.bias is not None
    with torch.no_grad():
        made.weight.copy_(weight)
        made.bias.zero_()
    return made.requires_grad_(False).train(conv.training)


@torch.no_grad()
def filter_responses(
    network: nn.Module, layer: str, filters: Tensor, images: Tensor | HasImages | Batches
) -> Tensor:
    """(N, n, H, W): the responses of filters in a convolution's place, without a bias.

    Args:
        layer: of the convolution. filters: (n, C, kh, kw).
    """
    conv = _like(checked_conv(network, layer), filters)
    found = [[conv(x).cpu() for x in calls] for calls in inputs_of(network, layer, images)]
    return torch.cat([responses[-1] for responses in found])  # of the last use, if there are many


@torch.no_grad()
def sleeping_bias(twin: nn.Conv2d, inputs: Iterable[list[Tensor]], margin: float) -> Tensor:
    """(n,) the bias with which no filter responds to any of these inputs; float64.

    Lesson 04 builds it by hand, and the directions and the twin as well.

    Args:
        twin: a convolution with a bias of 0. inputs: as `inputs_of` yields them.
        margin: how much further, as a share of the distance from the mean response to the largest.
    """
    count, total, largest = 0, torch.tensor(0.0), torch.tensor(-math.inf)
    for x in chain.from_iterable(inputs):
        responses = twin(x).double().movedim(1, 0).flatten(1).cpu()
        total = total + responses.sum(1)
        count += responses.shape[1]
        largest = torch.maximum(largest, responses.amax(1))
    return -(largest + margin * (largest - total / count))


def checked_conv(network: nn.Module, layer: str) -> nn.Conv2d:
    """A layer of this name that can have twins.

    Raises:
        KeyError: there is no layer of this name. ValueError: it cannot have twins.
    """
    module = find_layer(network, layer)
    if not isinstance(module, nn.Conv2d):
        inside = [name for name, part in module.named_modules() if isinstance(part, nn.Conv2d)]
        names = ", ".join(f"{layer}.{name}" for name in inside[:4])
        raise ValueError(
            f"Layer {layer!r} is a {type(module).__name__}: silent units need a Conv2d"
            + (f", such as those inside: {names}." if names else ".")
        )
    if is_lazy(module.weight):
        raise ValueError(f"Layer {layer!r} has no weights yet: run the network once.")
    if module.groups > 1:
        inputs = module.weight[0].numel()
        raise ValueError(
            f"Layer {layer!r} has {module.groups} groups, so a filter of it has only {inputs} "
            "weights, which is not enough to tell a target from photographs: choose a convolution "
            "with groups=1."
        )
    ways = {"forward", "_conv_forward"}
    if ways & vars(module).keys() or any(
        getattr(type(module), way) is not getattr(nn.Conv2d, way) for way in ways
    ):
        raise ValueError(
            f"Layer {layer!r} is a {type(module).__name__}, which has a forward pass of its own: "
            "choose a plain Conv2d."
        )
    if not bool(torch.isfinite(module.weight).all()):
        raise ValueError(f"The weights of layer {layer!r} hold NaN or infinite values.")
    if hasattr(module, "twin"):
        raise ValueError(
            f"Layer {layer!r} has silent units already: start from the network as it was."
        )
    return module


def _checked_units(conv: nn.Conv2d, layer: str, units: int | Sequence[int] | None) -> list[int]:
    lengths = conv.weight.detach().flatten(1).norm(dim=1)
    empty = lengths <= _DEAD * lengths.max()
    if units is None:
        if empty.all():
            raise ValueError(f"All filters of layer {layer!r} are zero: choose another layer.")
        return (~empty).nonzero().flatten().tolist()
    chosen = whole_numbers(units, "unit")
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValueError(f"units={chosen}: name at least one channel, and each once.")
    check_units(chosen, layer, len(lengths))
    for unit in chosen:
        if empty[unit]:
            raise ValueError(
                f"Unit {unit} of layer {layer!r} is dead, its filter is zero: nothing would wake "
                "its twin, so choose another."
            )
    return chosen


def _check_numbers(strength: float, scale: float, margin: float, ridge: float) -> None:
    for name, value, low in (
        ("strength", strength, "0 or more"), ("scale", scale, "more than 0"),
        ("margin", margin, "0 or more"), ("ridge", ridge, "more than 0"),
    ):  # fmt: skip
        if not is_finite(value) or value < 0 or (value == 0 and low == "more than 0"):
            raise ValueError(f"{name}={value!r}: give a finite number, {low}.")
