"""The optimizer loop: `visualize`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import Device, chosen_device, device_of, usual_size
from course_lib.checks import positive_number, whole_number, whole_numbers
from course_lib.errors import OutputError, SilentUnitWarning
from course_lib.progress import progress_bar
from course_lib.visualization import objectives as ob
from course_lib.visualization import transformations as tf
from course_lib.visualization.adam import Adam
from course_lib.visualization.engine import Engine, near, plain_engine, quick_engine
from course_lib.visualization.images import PARAMETERIZATIONS, ImageParameterization
from course_lib.visualization.refusals import is_quantized, why_not
from course_lib.visualization.relu import GradientThroughRelu

_REPORTED = 1e-3  # how far, relatively, the two copies may differ about the finished pictures
_WAKING_STEPS = 24  # how long gradient is let through the ReLUs of a unit that does not respond
_PATIENCE = 8  # steps without gradient until a picture that is drawn once more is woken again

ImageFactory = Callable[[int, int, int, Device], ImageParameterization]
"""(count, size, seed, device) -> an image parameterization."""


class Visualization(NamedTuple):
    """What `visualize` returns, for N pictures.

    images: (N, 3, S, S) in [0, 1], the pictures after the last step.
    activations: (N,) the objective of those pictures, without any transformation.
    history: (steps done, N) the objective in each step, of the transformed pictures.
    snapshots: pictures (N, 3, S, S) after i updates, by i; 0 is the start.

    All tensors are float32 and on the network's device, wherever they were computed.
    """

    images: Tensor
    activations: Tensor
    history: Tensor
    snapshots: dict[int, Tensor]


class Interrupted(Visualization):
    """What `visualize` returns where it was interrupted: the best so far."""


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
    device: Device | None = None,
    autocast: torch.dtype | None = None,
) -> Visualization:
    """Feature visualization: pictures that make units of a network respond strongly.

    Gradient ascent on a picture (activation maximization; Erhan et al., 2009; Olah et al., 2017),
    several pictures at once. The network stays untouched: a frozen copy in eval mode is used, and
    it runs only up to the layer that is asked for. Lesson 01 builds this by hand.

    Args:
        network: takes (B, 3, S, S) in [0, 1]; one that wants normalised images must do so inside.
        layer: dotted module name; None is the network's own output (its logits).
        units: channel numbers, one picture each.
        size: edge S of the pictures in pixels; by default `network.image_size`, a lab's, or 224.
        steps: number of updates.
        seed: of the start and of the transformations; the same seed gives the same pictures on
            the same machine.
        snapshots: after how many updates to keep a copy of the pictures; 0 is the start.
        progress: show a bar.
        objective: "unit" (mean over positions), "neuron" (the centre position), or one or several
            objectives (`Objective`), which name their own layers and units.
        image: "fourier", "pixels", `maco(photos)` (the photographs' own spectrum), or another
            function that makes an image parameterization.
        transformations: random jitter, rotation and scale of each step; None for none.
        rate: Adam's learning rate; by default the parameterization's own.
        device: where to compute; by default where the network is.
        autocast: let the network compute in this precision, such as torch.bfloat16, where PyTorch
            finds that safe (faster on hardware made for it); the picture stays in float32. None
            for float32 throughout.

    Returns:
        A `Visualization`. Interrupting (Ctrl-C, or the notebook's stop button) returns the best
        so far, the pictures after the last finished update, as an `Interrupted` one.

    Raises:
        KeyError: unknown layer. IndexError: a unit, or position, out of range.
        ValueError: any other argument that cannot work, or a network whose output is not finite.

    Warns:
        SilentUnitWarning: a unit that could not be made to respond.
    """
    goals = _goals(layer, units, objective)
    size = usual_size(network) or 224 if size is None else size
    size = whole_number(size, "size", at_least=1)
    steps = whole_number(steps, "steps", at_least=1)
    seed = whole_number(seed, "seed")
    transformations = tf.checked_transformations(transformations)
    wanted = _snapshot_steps(snapshots, steps)
    home, device = device_of(network), chosen_device(network, device)
    make, precision = _factory(image), _precision(device, autocast)
    task = _Task(
        lambda count: make(count, size, seed, device),
        transformations, seed, precision, steps, rate, wanted, progress,
    )  # fmt: skip

    with (
        torch.inference_mode(False),
        torch.enable_grad(),  # also where a caller switched them off
        plain_engine(network, ob.layers_of(goals), device, seed) as plain,
    ):
        start = task.factory(len(goals)).images()
        readout = _first_run(plain, goals, start)
        with quick_engine(network, plain, start.detach(), device, seed) as quick:
            drawn = _drawn(task, readout, len(goals), (quick, plain))
            if drawn.silent.any() and len(drawn.history) == steps:
                drawn = _drawn_again(drawn, task, readout, (quick, plain))
    if drawn.silent.any():
        _warn_of_silence(goals, drawn.silent)
    kind = Interrupted if drawn.interrupted else Visualization
    return kind(
        images=drawn.images.to(home).contiguous(),
        activations=drawn.activations.to(home),
        history=drawn.history.to(home),
        snapshots={step: kept.to(home) for step, kept in drawn.kept.items()},
    )


class _Task(NamedTuple):
    """How the pictures of one call are drawn. factory: from how many to an image."""

    factory: Callable[[int], ImageParameterization]
    transformations: tf.Transformations
    seed: int
    precision: _Precision
    steps: int
    rate: float | None
    wanted: set[int]
    progress: bool


class _Drawn(NamedTuple):
    """A `Visualization` to be. silent: (N,) bool, whose unit did not respond."""

    images: Tensor
    activations: Tensor
    history: Tensor
    kept: dict[int, Tensor]
    silent: Tensor
    interrupted: bool


def _drawn(
    task: _Task,
    readout: ob.Readout,
    count: int,
    engines: tuple[Engine, Engine],
    patience: int | None = None,
) -> _Drawn:
    """So many pictures, by the quick engine, or by the plain one where they differ about them."""
    quick, plain = engines
    picture = task.factory(count)
    with torch.no_grad(), task.precision():
        start = readout.scores(plain(picture.images()))
    for engine in engines:
        picture = task.factory(count)
        one_pass = _Pass(engine, readout, task, patience)
        history, kept, interrupted = _climb(picture, one_pass, task)
        images = picture.images().detach().requires_grad_(True)
        final = _scores(plain, readout, images, task.precision)
        if engine is plain or interrupted:
            break
        with torch.no_grad():  # a branch may have been taken that was not tried
            same = _scores(quick, readout, images, task.precision)
        if near(final.detach(), same, _REPORTED):
            break
    (gradient,) = torch.autograd.grad(final.sum(), images)
    final = final.detach()
    return _Drawn(
        images=images.detach(),
        activations=final,
        history=torch.stack([final, *history])[1:],  # of no step, too
        kept=kept,
        silent=_without_gradient([gradient]) & (final <= start + 1e-6),
        interrupted=interrupted,
    )


def _drawn_again(
    drawn: _Drawn, task: _Task, readout: ob.Readout, engines: tuple[Engine, Engine]
) -> _Drawn:
    """With the silent pictures drawn once more, from other starts, and woken whenever they fall
    silent: a unit that answers to grey is often lost in the first step. The others stay as they
    are, and so does what is silent again.
    """
    which = drawn.silent.nonzero().flatten()
    few = min(2, len(drawn.silent))  # some networks cannot take one picture alone
    beside = which.repeat(2)[: max(few, len(which))]
    again = _drawn(task, readout.only(beside), len(beside), engines, _PATIENCE)
    if len(again.history) < task.steps:
        return drawn._replace(interrupted=again.interrupted)
    found = (~again.silent[: len(which)]).nonzero().flatten()
    into = which[found]
    return drawn._replace(
        images=drawn.images.index_copy(0, into, again.images[found]),
        activations=drawn.activations.index_copy(0, into, again.activations[found]),
        history=drawn.history.index_copy(1, into, again.history[:, found]),
        kept={s: k.index_copy(0, into, again.kept[s][found]) for s, k in drawn.kept.items()},
        silent=drawn.silent.index_fill(0, into, False),
    )


def _climb(
    picture: ImageParameterization, one_pass: _Pass, task: _Task
) -> tuple[list[Tensor], dict[int, Tensor], bool]:
    """Change a picture, in place, so that its scores rise.

    Returns scores (N,) of each step, the pictures kept, and whether it was interrupted.
    """
    rate = picture.rate if task.rate is None else positive_number(task.rate, "rate", 0.05)
    optimizer = Adam(picture.parameters, rate)
    kept = {0: picture.images().detach().clone()} if 0 in task.wanted else {}
    history: list[Tensor] = []
    try:
        for step in progress_bar(range(task.steps), "visualizing", show=task.progress):
            scores, gradients = one_pass(picture)
            if not all(bool(torch.isfinite(one).all()) for one in (scores, *gradients)):
                _stop_or_refuse(step)
                break
            history.append(scores)
            optimizer.step(gradients)
            picture.after_step()
            if step + 1 in task.wanted:
                kept[step + 1] = picture.images().detach().clone()
    except KeyboardInterrupt:
        picture.after_step()  # it may have come in between; what is there is worth having
        return history, kept, True
    return history, kept, False


_Precision = Callable[[], AbstractContextManager[object]]
"""Makes the context within which the network runs."""


def _precision(device: torch.device, autocast: torch.dtype | None) -> _Precision:
    if autocast is None:
        return nullcontext
    if autocast not in (torch.bfloat16, torch.float16):
        raise ValueError(
            f"autocast={autocast!r}: give torch.bfloat16, torch.float16, or None for float32."
        )
    return partial(torch.autocast, device.type, autocast)


class _Pass:
    """A forward and backward pass of transformed pictures: their scores, and the gradients.

    Pictures whose unit does not respond at the start are woken: for the first steps, gradient is
    let through the ReLUs that are off. With `patience`, so are those that have not responded for
    so many steps.
    """

    def __init__(
        self, engine: Engine, readout: ob.Readout, task: _Task, patience: int | None
    ) -> None:
        self._engine, self._readout, self._task, self._patience = engine, readout, task, patience
        self._generator = torch.Generator().manual_seed(task.seed)
        torch.manual_seed(task.seed)  # of what the network itself draws; see `recording`
        self._waking: list[int] = []  # of each picture: for how many steps more
        self._silent: list[int] = []  # and for how many it has not responded

    def __call__(self, picture: ImageParameterization) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Scores (N,), detached, and the gradients of minus their sum for Adam to descend."""
        device = picture.parameters[0].device
        asleep = torch.tensor([steps > 0 for steps in self._waking], device=device)
        with GradientThroughRelu(asleep) if any(self._waking) else nullcontext():
            seen = tf.warp(picture.images(), self._task.transformations, self._generator)
            scores = _scores(self._engine, self._readout, seen, self._task.precision)
        gradients = torch.autograd.grad(-scores.sum(), picture.parameters)
        self._watch(gradients)
        return scores.detach(), gradients

    def _watch(self, gradients: Sequence[Tensor]) -> None:
        """Decide which pictures are woken in the next step."""
        if not self._waking:
            none = _without_gradient(gradients).tolist()
            self._waking, self._silent = [_WAKING_STEPS * one for one in none], [0] * len(none)
        elif self._patience is not None:
            none = _without_gradient(gradients).tolist()
            for picture, (silent, steps) in enumerate(zip(none, self._waking, strict=True)):
                self._silent[picture] = self._silent[picture] + 1 if silent and not steps else 0
                if self._silent[picture] == self._patience:
                    self._waking[picture], self._silent[picture] = _WAKING_STEPS + 1, 0
        self._waking = [max(0, steps - 1) for steps in self._waking]


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
        if not goals or not all(isinstance(goal, ob.Objective) for goal in goals):
            raise ValueError(
                f"objective={objective!r}: give at least one Objective, such as logit(3)."
            )
        return goals
    make = {"unit": ob.unit, "neuron": ob.neuron}.get(objective)
    if make is None:
        raise ValueError(
            f"objective={objective!r}: give 'unit', 'neuron', or an Objective such as "
            "logit(3) - logit(5)."
        )
    numbers = [] if units is None else whole_numbers(units, "unit")
    if not numbers:
        raise ValueError("units: say which units to visualize, one number or several.")
    return [make(layer, number) for number in numbers]


def _snapshot_steps(snapshots: Iterable[int], steps: int) -> set[int]:
    if not isinstance(snapshots, Iterable):
        raise ValueError(f"snapshots={snapshots!r}: give several numbers of updates, as a tuple.")
    wanted = {whole_number(step, "snapshots") for step in snapshots}
    for step in wanted:
        if not 0 <= step <= steps:
            raise ValueError(f"snapshots: {step} is not between 0 and steps={steps}.")
    return wanted


def _factory(image: str | ImageFactory) -> ImageFactory:
    if isinstance(image, str):
        if image not in PARAMETERIZATIONS:
            raise ValueError(f"image={image!r}: give one of {', '.join(PARAMETERIZATIONS)}.")
        return PARAMETERIZATIONS[image]
    if not callable(image):
        raise ValueError(
            f"image is a {type(image).__name__}: give one of {', '.join(PARAMETERIZATIONS)}, "
            "or a function such as course_lib.maco(photos)."
        )
    return image


def _first_run(plain: Engine, goals: Sequence[ob.Objective], start: Tensor) -> ob.Readout:
    """How to read the objectives, from one run; from then on the network stops where it may.

    Raises:
        ValueError: pictures of this size, or this network, cannot work.
    """
    few = start[:2]
    try:
        outputs = plain.run.learn_where_to_stop(few)
    except OutputError:
        raise
    except ValueError as error:
        raise ValueError(why_not(plain.run.network, few, error.__cause__ or error)) from error
    for layer, output in outputs.items():
        where = "The network's output" if layer is None else f"The output of layer {layer!r}"
        if not torch.isfinite(output).all():
            raise ValueError(
                f"{where} holds NaN or infinite values for a grey picture: check the network's "
                "weights and its normalisation."
            )
        cut = f"{where} does not depend on the picture in a way that can be differentiated"
        look = "look for torch.no_grad() or detach() in the network's forward pass."
        if is_quantized(plain.run.network):
            raise ValueError(f"{cut}: the network is quantized; give it as it was before that.")
        if not output.requires_grad:
            raise ValueError(f"{cut}: {look}")
        try:
            total = output.float().sum()
            (slope,) = torch.autograd.grad(total, start, retain_graph=True, allow_unused=True)
        except RuntimeError as error:
            raise ValueError(f"{cut}: {error}") from error
        if slope is None:
            raise ValueError(f"{cut}: {look}")
    return ob.Readout(goals, outputs)


def _stop_or_refuse(step: int) -> None:
    if step == 0:
        raise ValueError(
            "The objective, or its gradient, is not finite for the first picture: check the "
            "network for roots, logarithms or divisions of zero."
        )
    warnings.warn(
        f"The objective, or its gradient, stopped being finite in step {step}; the pictures from "
        "before that step are returned. A smaller rate= may help.",
        stacklevel=3,
    )


def _scores(engine: Engine, readout: ob.Readout, images: Tensor, precision: _Precision) -> Tensor:
    with precision():
        outputs = engine(images)
    return readout.scores(outputs)


def _without_gradient(gradients: Sequence[Tensor]) -> Tensor:
    return torch.stack([g.flatten(1).abs().amax(1) == 0 for g in gradients]).all(0)


def _warn_of_silence(goals: Sequence[ob.Objective], silent: Tensor) -> None:
    which = ", ".join(str(i) for i in silent.nonzero().flatten().tolist())
    layers = ", ".join(repr(layer) for layer in ob.layers_of(goals) if layer is not None)
    warnings.warn(
        f"Picture {which} shows nothing: its unit{' of layer ' + layers if layers else ''} did not "
        "respond, although gradient was let through its ReLUs at first. It may be dead.",
        SilentUnitWarning,
        stacklevel=3,
    )
