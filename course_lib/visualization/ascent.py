"""The optimizer loop: `visualize`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import Recording, device_of, recording
from course_lib.errors import SilentUnitWarning
from course_lib.progress import progress_bar
from course_lib.visualization import objectives as ob
from course_lib.visualization import transformations as tf
from course_lib.visualization.frozen import frozen_copy
from course_lib.visualization.images import PARAMETERIZATIONS, ImageParameterization
from course_lib.visualization.relu import GradientThroughRelu

_WAKING_STEPS = 24  # how long gradient is let through the ReLUs of a unit that says nothing

ImageFactory = Callable[[int, int, int, torch.device | str], ImageParameterization]
"""(count, size, seed, device) -> an image parameterization."""


class Visualization(NamedTuple):
    """What `visualize` returns, for N pictures.

    images: (N, 3, S, S) in [0, 1], the pictures after the last step.
    activations: (N,) the objective of those pictures, without any transformation.
    history: (steps done, N) the objective in each step, of the transformed pictures.
    snapshots: pictures (N, 3, S, S) after i updates, by i; 0 is the start.

    All tensors are on the CPU.
    """

    images: Tensor
    activations: Tensor
    history: Tensor
    snapshots: dict[int, Tensor]


def visualize(
    network: nn.Module,
    layer: str | None = None,
    units: int | Sequence[int] | None = None,
    *,
    size: int | None = None,
    steps: int = 256,
    seed: int = 0,
    snapshots: Iterable[int] = (),
    progress: bool = True,
    objective: str | ob.Objective | Sequence[ob.Objective] = "unit",
    image: str | ImageFactory = "fourier",
    transformations: tf.Transformations | None = tf.Transformations(),
    rate: float | None = None,
    device: torch.device | str | None = None,
) -> Visualization:
    """Feature visualization: pictures that make units of a network respond strongly.

    Gradient ascent on a picture (activation maximization; Erhan et al., 2009; Olah et al., 2017),
    several pictures at once. The network stays untouched: a frozen copy in eval mode is used, and
    it runs only up to the layer that is asked for.

    Args:
        network: takes (B, 3, S, S) in [0, 1]; one that wants normalised images must do so inside.
        layer: dotted module name; None is the network's own output (its logits).
        units: channel numbers, one picture each.
        size: edge S of the pictures in pixels; by default `network.image_size`, or else 224.
        steps: number of updates.
        seed: of the start and of the transformations; the same seed gives the same pictures on
            the same machine.
        snapshots: after how many updates to keep a copy of the pictures; 0 is the start.
        progress: show a bar.
        objective: "unit" (mean over positions), "neuron" (the centre position), or one or several
            `Objective`s, which name their own layers and units.
        image: "fourier", "pixels", or a function that makes an image parameterization.
        transformations: random jitter, rotation and scale of each step; None for none.
        rate: Adam's learning rate; by default the parameterization's own.
        device: where to compute; by default where the network is.

    Returns:
        A `Visualization`. Interrupting (Ctrl-C, or the notebook's stop button) returns the best
        so far: the pictures after the last finished update.

    Raises:
        KeyError: unknown layer. IndexError: a unit, or position, out of range.
        ValueError: any other argument that cannot work, or a network whose output is not finite.

    Warns:
        SilentUnitWarning: a unit that could not be made to respond.
    """
    goals = _goals(layer, units, objective)
    size = _size(network, size)
    _check_numbers(steps, rate, transformations)
    transformations = tf.NONE if transformations is None else transformations
    wanted = _snapshot_steps(snapshots, steps)
    device = device_of(network) if device is None else torch.device(device)
    factory = _factory(image)

    frozen = frozen_copy(network, device)
    picture = factory(len(goals), size, seed, device)
    optimizer = torch.optim.Adam(picture.parameters, lr=rate or picture.rate, betas=(0.9, 0.99))
    generator = torch.Generator().manual_seed(seed)
    with recording(frozen, ob.layers_of(goals)) as run:
        readout = _first_look(run, goals, picture, size)
        history: list[Tensor] = []
        kept: dict[int, Tensor] = {0: _detached(picture)} if 0 in wanted else {}
        asleep = torch.zeros(len(goals), dtype=torch.bool, device=device)
        try:
            for step in progress_bar(range(steps), "visualizing", show=progress):
                waking = bool(asleep.any()) and step < _WAKING_STEPS
                with GradientThroughRelu(asleep) if waking else nullcontext():
                    seen = tf.warp(picture.images(), transformations, generator)
                    scores = _scores(run, readout, seen)
                gradients = torch.autograd.grad(-scores.sum(), picture.parameters)
                if not torch.isfinite(scores).all():
                    warnings.warn(
                        f"The objective stopped being finite in step {step}; the pictures from "
                        "before that step are returned. A smaller rate= may help.",
                        stacklevel=2,
                    )
                    break
                if step == 0:
                    asleep = _without_gradient(gradients)
                for parameter, gradient in zip(picture.parameters, gradients, strict=True):
                    parameter.grad = gradient
                optimizer.step()
                picture.after_step()
                history.append(scores.detach().cpu())
                if step + 1 in wanted:
                    kept[step + 1] = _detached(picture)
        except KeyboardInterrupt:
            pass  # what is there by now is worth returning
        images = picture.images().detach().requires_grad_(True)
        final = _scores(run, readout, images)
        (gradient,) = torch.autograd.grad(final.sum(), images)
    silent = asleep & _without_gradient([gradient])
    if silent.any():
        _warn_of_silence(goals, silent)
    return Visualization(
        images=images.detach().cpu().contiguous(),
        activations=final.detach().cpu(),
        history=torch.stack(history) if history else torch.empty(0, len(goals)),
        snapshots=kept,
    )


def _goals(
    layer: str | None,
    units: int | Sequence[int] | None,
    objective: str | ob.Objective | Sequence[ob.Objective],
) -> list[ob.Objective]:
    if not isinstance(objective, str):
        if layer is not None or units is not None:
            raise ValueError(
                "An Objective names its own layer and units: leave out layer and units, or give "
                "objective='unit' or 'neuron'."
            )
        goals = [objective] if isinstance(objective, ob.Objective) else list(objective)
        if not goals:
            raise ValueError("objective=[]: give at least one Objective.")
        return goals
    make = {"unit": ob.unit, "neuron": ob.neuron}.get(objective)
    if make is None:
        raise ValueError(
            f"objective={objective!r}: give 'unit', 'neuron', or an Objective such as "
            "logit(3) - logit(5)."
        )
    numbers = [] if units is None else [units] if isinstance(units, int) else list(units)
    if not numbers:
        raise ValueError("units: say which units to visualize, one number or several.")
    return [make(layer, int(number)) for number in numbers]


def _size(network: nn.Module, size: int | None) -> int:
    if size is None:
        size = int(getattr(network, "image_size", 224))
    if size < 1:
        raise ValueError(f"size={size}: give the pictures' edge as a positive number of pixels.")
    return size


def _check_numbers(
    steps: int, rate: float | None, transformations: tf.Transformations | None
) -> None:
    if steps < 1:
        raise ValueError(f"steps={steps}: give a positive number of updates.")
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"rate={rate}: give a positive learning rate, such as 0.05.")
    if transformations is not None:
        tf.check(transformations)


def _snapshot_steps(snapshots: Iterable[int], steps: int) -> set[int]:
    wanted = set(snapshots)
    for step in wanted:
        if not 0 <= step <= steps:
            raise ValueError(f"snapshots: {step} is not between 0 and steps={steps}.")
    return wanted


def _factory(image: str | ImageFactory) -> ImageFactory:
    if not isinstance(image, str):
        return image
    if image not in PARAMETERIZATIONS:
        raise ValueError(f"image={image!r}: give one of {', '.join(PARAMETERIZATIONS)}.")
    factory: ImageFactory = PARAMETERIZATIONS[image]
    return factory


def _first_look(
    run: Recording, goals: Sequence[ob.Objective], picture: ImageParameterization, size: int
) -> ob.Readout:
    """Run the whole network once: learn shapes and where to stop, refuse what cannot work."""
    sample = picture.images().detach()[:1]
    with torch.no_grad():
        try:
            outputs = run.learn_where_to_stop(sample)
        except RuntimeError as error:
            raise ValueError(
                f"The network cannot take pictures of {size} x {size} pixels: {error}"
            ) from error
    for layer, output in outputs.items():
        if not torch.isfinite(output).all():
            where = "The network's output" if layer is None else f"The output of layer {layer!r}"
            raise ValueError(
                f"{where} holds NaN or infinite values for a grey picture: check the network's "
                "weights and its normalisation."
            )
    return ob.Readout(goals, outputs)


def _scores(run: Recording, readout: ob.Readout, images: Tensor) -> Tensor:
    return readout.scores(run(images.contiguous(memory_format=torch.channels_last)))


def _detached(picture: ImageParameterization) -> Tensor:
    return picture.images().detach().cpu().clone()


def _without_gradient(gradients: Sequence[Tensor]) -> Tensor:
    return torch.stack([g.flatten(1).abs().amax(1) == 0 for g in gradients]).all(0)


def _warn_of_silence(goals: Sequence[ob.Objective], silent: Tensor) -> None:
    which = ", ".join(str(i) for i in silent.nonzero().flatten().tolist())
    layers = ", ".join(repr(layer) for layer in ob.layers_of(goals) if layer is not None)
    warnings.warn(
        f"Picture {which} shows nothing: its unit{' of layer ' + layers if layers else ''} never "
        "responded, although gradient was let through the ReLUs at first. The unit may be dead.",
        SilentUnitWarning,
        stacklevel=3,
    )
