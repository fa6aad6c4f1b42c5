"""Record, or stop at, any layer of any network.

A layer is named by its dotted module name, as in `network.named_modules()`; `None` stands for the
network's own output. Hooks live inside a `with` block and are removed however the block is left.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from course_lib.checks import check_layer, check_network, images_of, whole_number
from course_lib.errors import OutputError, UnknownLayerError
from course_lib.progress import progress_bar

OWN_SIZE = "course_image_size"
"""What a lab notes its size by in somebody's network that has an `image_size` of its own."""
_BATCH_PIXELS = 2**17

Device = torch.device | str
"""A device, or its name, such as "cpu"."""


class HasImages(Protocol):
    """Anything with images, such as what `lab.photos` and `visualize` return."""

    @property
    def images(self) -> Tensor: ...


FAILURES = (
    RuntimeError, AssertionError, TypeError, ValueError, AttributeError, IndexError, KeyError,
)  # fmt: skip
"""What a network's forward pass raises that cannot take what it is given."""


class _StopForward(BaseException):
    """Ends a forward pass once the last wanted layer has run; never leaves this module.

    Not an Exception, so that a network which catches those does not swallow it.
    """


def layer_names(network: nn.Module) -> list[str]:
    """The dotted names of all modules of a network, in the order of their definition."""
    every = check_network(network).named_modules(remove_duplicate=False)
    return [name for name, _ in every if name]


def find_layer(network: nn.Module, layer: str) -> nn.Module:
    """The module with this dotted name.

    Raises:
        UnknownLayerError: (a KeyError) there is none; the message names the nearest ones.
    """
    modules = dict(check_network(network).named_modules(remove_duplicate=False))
    if not isinstance(layer, str) or not layer or layer not in modules:
        raise UnknownLayerError(layer, layer_names(network))
    return modules[layer]


class _Reading(NamedTuple):
    """Where a layer's output has its pictures, as two batches of other sizes have shown.

    axis: of the pictures; None if it cannot be told. dims: how many axes there are; a batch of one
    may lose the first. parts: rows that each picture has on the first axis, such as windows.
    each_call: the layer runs once for every picture. channels: their axis once the pictures are on
    the first one; None where the shape tells it.
    """

    axis: int | None = 0
    dims: int | None = None
    parts: int = 1
    each_call: bool = False
    channels: int | None = None


class Recording:
    """Runs a network and keeps the outputs of some of its layers; made by `recording`.

    outputs: the latest run's outputs by layer, the pictures on their first axis, and on their
        second the channels if these were asked for first; each is a copy, because a later layer
        that works in place (torchvision's Inception has many) would overwrite what was recorded. A
        layer that runs several times in one pass is kept as of its last run; one that runs once for
        every picture, with all of them.
    """

    def __init__(
        self, network: nn.Module, layers: Sequence[str | None], channels_first: bool = False
    ) -> None:
        self.network = network
        self._channels_first = channels_first
        self._by_kind = {
            layer: kind_axis(find_layer(network, layer)) for layer in layers if layer is not None
        }
        self.outputs: dict[str | None, Tensor] = {}
        self.layers = tuple(layers)
        self._stop_at: str | None = None
        self._stop_at_call = 0
        self._kept: dict[str | None, list[Tensor]] = {}
        self._calls: Counter[str] = Counter()
        self._order: list[str] = []
        self._readings: dict[str | None, _Reading] = {}
        self._keep_all = False

    def __call__(self, images: Tensor) -> dict[str | None, Tensor]:
        """Run the network on (B, 3, S, S) and return `outputs`.

        Raises:
            OutputError: (a ValueError) a layer took no part, or does not tell the pictures apart.
        """
        self.outputs = {}
        self._run(images)
        self.outputs = {layer: self._read(layer, len(images)) for layer in self._kept}
        if self._channels_first:
            self.outputs = {
                layer: channels_first(output, self._axis_of(layer), layer)
                for layer, output in self.outputs.items()
            }
        return self.outputs

    def _axis_of(self, layer: str | None) -> int | None:
        by_kind = None if layer is None else self._by_kind[layer]
        return self._readings.get(layer, _Reading()).channels if by_kind is None else by_kind

    def learn_where_to_stop(self, images: Tensor) -> dict[str | None, Tensor]:
        """Run the whole network on a few images; later runs end right after the last wanted layer.

        It runs on two and on three pictures, too: that shows where each output has its pictures. If
        channels are asked for first, and neither a layer's kind nor its shape tells which they are,
        it runs on a picture of twice the size: they are what does not become more then.

        Raises:
            ValueError: the network cannot be run on these; its own error is the cause.
        """
        self._stop_at = None
        self._readings = self._learned(images[:1])
        if self._readings:  # else it has not run yet
            self._stop_as_run()
            if self._channels_first:
                self._learn_channels(images[:1])
        try:
            outputs = self(images)
        except (OutputError, torch.cuda.OutOfMemoryError):
            raise
        except FAILURES as error:
            why = str(error).strip().split("\n")[0]
            raise ValueError(
                f"The network cannot be run on images of shape {tuple(images.shape)} and type "
                f"{images.dtype}: {why}"
            ) from error
        self._stop_as_run()
        return outputs

    def _stop_as_run(self) -> None:
        """Later runs end behind the last wanted layer of the latest one. In a network of somebody's
        own a layer may run oftener for another picture, and its last run counts: then none ends."""
        if None in self.layers:
            return
        last, calls = self._order[-1], self._calls[self._order[-1]]
        each = self._readings.get(last, _Reading()).each_call
        if each or calls == 1 or all(map(of_a_library, self.network.modules())):
            self._stop_at, self._stop_at_call = last, 0 if each else calls

    def stop_like(self, other: Recording) -> None:
        """Take over what another recording, of a copy of the same network, has learned."""
        self._stop_at, self._stop_at_call = other._stop_at, other._stop_at_call
        self._readings = other._readings

    def _run(self, images: Tensor) -> None:
        self._kept, self._order, self._calls = {}, [], Counter()
        self._pictures = len(images)
        with suppress(_StopForward):
            result = self.network(images.clone())  # some networks normalise in place
            if None in self.layers:
                self._kept[None] = [chosen_output(result, None)]
        for layer in self.layers:
            if layer not in self._kept:
                raise OutputError(
                    f"Layer {layer!r} took no part in this forward pass, so it has no output: "
                    "choose a layer that the network uses."
                )

    def _keep(self, layer: str, module: nn.Module, output: Any) -> None:
        self._calls[layer] += 1
        self._order.append(layer)
        tensor = chosen_output(output, layer, module)
        each = self._readings.get(layer, _Reading()).each_call
        before = self._kept.get(layer, []) if each or self._keep_all else []
        if layer == self._stop_at and self._calls[layer] == (self._stop_at_call or self._pictures):
            self._kept[layer] = [*before, tensor]  # nothing runs after this, so no copy is needed
            raise _StopForward
        self._kept[layer] = [*before, tensor.clone()]

    def _read(self, layer: str | None, count: int) -> Tensor:
        """A layer's output for so many pictures, with these on its first axis."""
        reading, calls = self._readings.get(layer, _Reading()), self._kept[layer]
        output = calls[-1]
        if reading.each_call:
            output = torch.cat(calls) if output.dim() and len(output) == 1 else torch.stack(calls)
        elif count == 1 and reading.dims == output.dim() + 1:
            output = output[None]
        elif reading.axis:
            output = output.movedim(reading.axis, 0)
        elif reading.parts > 1:
            output = output.reshape(count, -1, *output.shape[2:])
        if reading.axis is None or output.dim() == 0 or len(output) != count:
            where = "The network" if layer is None else f"Layer {layer!r}"
            pictures = "1 picture" if count == 1 else f"{count} pictures"
            raise OutputError(
                f"{where} returned a tensor of shape {tuple(calls[-1].shape)} for {pictures}, "
                "which does not tell what belongs to which picture: choose a layer whose output has"
                " the pictures on its first axis."
            )
        return output

    def _learned(self, image: Tensor) -> dict[str | None, _Reading]:
        three = torch.cat([image, 1 - image, image.flip(-1) ** 2]) if len(image) else image
        self._keep_all, self._readings = True, {}
        kept = []
        try:
            with torch.no_grad():  # shapes need no gradients, which would keep every activation
                for images in (three[:2], three):
                    self._run(images)
                    kept.append(self._kept)
        except FAILURES:
            return {}  # it cannot run so many; what it can run is told when it does
        finally:
            self._keep_all = False
        two, all_three = kept
        return {layer: _reading_of(two[layer], all_three[layer]) for layer in two}

    def _learn_channels(self, image: Tensor) -> None:
        """Right after `_learned`, whose last run was on three pictures."""
        once = self._shapes(3)
        once = {k: shape for k, shape in once.items() if self._axis_of(k) is None}
        if all(map(_surely_channels_first, once.values())):
            return
        with torch.no_grad(), suppress(*FAILURES):  # what ran before it failed is enough
            self._run(image.repeat_interleave(2, 2).repeat_interleave(2, 3))
        twice = self._shapes(1)
        for layer in once.keys() & twice.keys():
            a, b = once[layer], twice[layer]
            same = [axis for axis in range(1, len(a)) if len(a) == len(b) and a[axis] == b[axis]]
            if len(same) == 1 and not _surely_channels_first(a):
                self._readings[layer] = self._readings[layer]._replace(channels=same[0])

    def _shapes(self, pictures: int) -> dict[str | None, torch.Size]:
        """Of the latest run's outputs."""
        shapes = {}
        for layer in self._kept:
            with suppress(OutputError):  # told when its pictures are read
                shapes[layer] = self._read(layer, pictures).shape
        return shapes


def _reading_of(two: list[Tensor], three: list[Tensor]) -> _Reading:
    """From a layer's calls for two pictures, and for the same two and a third."""
    if len(two) == 2 and len(three) == 3:
        return _Reading(each_call=True)
    if len(two) != len(three):
        return _Reading(axis=None)
    a, b = two[-1].detach(), three[-1].detach()
    if a.dim() != b.dim() or a.dim() == 0:
        return _Reading(axis=None)
    other = [i for i, (m, n) in enumerate(zip(a.shape, b.shape, strict=True)) if m != n]
    if len(other) == 1 and (a.shape[other[0]], b.shape[other[0]]) == (2, 3):
        return _Reading(other[0], a.dim())
    parts = len(a) // 2
    in_order = other == [0] and (len(a), len(b)) == (2 * parts, 3 * parts)
    if in_order and a.dim() == 3 and torch.allclose(a, b[: len(a)], rtol=1e-3, atol=1e-5):
        return _Reading(parts=parts)
    return _Reading(axis=None)


@contextmanager
def recording(
    network: nn.Module,
    layers: Sequence[str | None],
    *,
    channels_first: bool = False,
    seed: int = 0,
) -> Iterator[Recording]:
    """Record these layers for as long as the block lasts.

    >>> with recording(network, ["inception4a"]) as record:
    ...     record(images)["inception4a"].shape
    torch.Size([8, 200, 8, 8])

    Args:
        network: any module; its hooks are as before once the block is left.
        layers: dotted module names; None is the network's own output.
        channels_first: outputs are (B, C, ...), also of a layer that has its channels elsewhere.
        seed: of random numbers that the network draws; everybody else's are as before.

    Raises:
        UnknownLayerError: (a KeyError) for a name that the network does not have.
        ValueError: a layer is scripted, and cannot be watched.
    """
    check_network(network)
    if layers is None or isinstance(layers, str):
        raise ValueError(f"layers={layers!r}: give a list of names, such as [{layers!r}].")
    layers = [check_layer(layer) for layer in layers]
    record = Recording(network, layers, channels_first)
    modules = {layer: find_layer(network, layer) for layer in layers if layer is not None}
    with ExitStack() as stack:
        for layer, module in modules.items():
            if isinstance(module, torch.jit.ScriptModule):
                raise ValueError(
                    f"Layer {layer!r} is scripted or traced, so that its output cannot be watched: "
                    "give the network as it was before torch.jit, or layer None, its own output."
                )

            # a function, which a copy of the network shares; a partial would be copied, with all
            # that was recorded
            def keep(module: nn.Module, _inputs: Any, output: Any, layer: str = layer) -> None:
                record._keep(layer, module, output)

            stack.callback(module.register_forward_hook(keep).remove)
        # PyTorch's fast path for attention runs a whole block in one kernel and skips its hooks
        mha = torch.backends.mha
        stack.callback(mha.set_fastpath_enabled, mha.get_fastpath_enabled())
        mha.set_fastpath_enabled(False)
        device = device_of(network)
        cards = [device] if device.type == "cuda" else []
        with as_written(network), torch.random.fork_rng(devices=cards):
            torch.manual_seed(seed)
            yield record


def record(
    network: nn.Module,
    layers: Sequence[str | None],
    images: Tensor | HasImages,
    *,
    batch_size: int | None = None,
    channels_first: bool = False,
) -> dict[str | None, Tensor]:
    """The outputs (N, ...) of some layers for many images, on the CPU, without gradients.

    The network is in eval mode meanwhile.

    Args:
        images: (N, 3, S, S), or what `lab.photos` returns; they go through the network
            `batch_size` at a time, on the device and in the precision of its weights.
        batch_size: by default as many as have 130,000 pixels together, which keeps
            the memory small: 32 images of 64 pixels an edge, 2 of 224.
        channels_first: outputs are (N, C, ...), also of a layer that has its channels elsewhere.
    """
    images = images_of(images)
    if len(images) == 0:
        raise ValueError("There are no images to record: give a tensor of at least one image.")
    if batch_size is not None:
        batch_size = whole_number(batch_size, "batch_size", at_least=1)
    if not isinstance(layers, str | None):
        layers = list(layers)
    if layers == []:
        return {}
    device, dtype = device_of(network), dtype_of(network)
    if images.is_floating_point():
        images = images.to(dtype)
    kept: dict[str | None, Tensor] = {}
    watched = recording(network, layers, channels_first=channels_first)
    with eval_mode(network), torch.no_grad(), watched as run:
        run.learn_where_to_stop(images[:1].to(device))
        done = 0
        for batch in progress_bar(batches(images, batch_size), "recording", delay=2):
            for layer, output in run(batch.to(device)).items():
                if layer not in kept:  # one tensor from the start: pieces would need twice the room
                    kept[layer] = torch.empty((len(images), *output.shape[1:]), dtype=output.dtype)
                if output.shape[1:] != kept[layer].shape[1:]:
                    raise OutputError(
                        f"Layer {layer!r} returns {tuple(output.shape[1:])} for some images and "
                        f"{tuple(kept[layer].shape[1:])} for others: record these by themselves."
                    )
                kept[layer][done : done + len(batch)] = output
            done += len(batch)
    return kept


def batches(
    images: Tensor, size: int | None = None, *, pixels: int = _BATCH_PIXELS
) -> tuple[Tensor, ...]:
    """Images (N, 3, S, S) in parts that go through a network together; the last may be smaller.

    Args:
        size: images in a part; by default as many as have about `pixels` pixels together, but one
            at least: 32 of 64 pixels an edge, 2 of 224.
    """
    return images.split(size or max(1, pixels // max(1, images[0, 0].numel())))


@contextmanager
def eval_mode(network: nn.Module) -> Iterator[None]:
    """Eval mode for every module while the block lasts; then each has its own mode back."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        yield
    finally:
        try:
            for module, mode in modes.items():
                own = type(module).train is not nn.Module.train
                if own and type(module).eval is nn.Module.eval and module.training != mode:
                    module.train(mode)  # it may have more to do, as LoRA's layers do
        finally:
            for module, mode in modes.items():
                module.training = mode


def of_a_library(module: nn.Module) -> bool:
    """Whether a module is of a library that is known, and runs as it was made there."""
    library = type(module).__module__.split(".")[0]
    return library in ("torch", "torchvision", "timm", "course_lib") and (
        "forward" not in vars(module)
    )


def channel_axis(output: Tensor) -> int:
    """The axis of a layer's output (B, ...) along which the channels lie, as its shape has it.

    Axis 1 for vectors (B, C) and maps (B, C, H, W); the last for tokens (B, T, C) and for maps
    that keep their channels last (Swin's (B, H, W, C)), told by their two equal edges.
    """
    if output.dim() == 3:
        return 2
    if output.dim() == 4 and output.shape[1] == output.shape[2] != output.shape[3]:
        return 3
    return 1


def _surely_channels_first(shape: torch.Size) -> bool:
    """Whether an output of this shape (B, ...) is sure to have its channels on axis 1, as a vector
    and a convolution's square map do; not (B, T, C), or (B, C, T), or (B, H, W, C)."""
    return len(shape) < 3 or (len(shape) == 4 and shape[1] != shape[2] == shape[3])


def kind_axis(module: nn.Module) -> int | None:
    """The axis of a module's output that has the channels, where its kind alone tells it."""
    if not type(module).forward.__module__.startswith("torch.nn."):
        return None  # a forward pass of its own may turn axes
    if isinstance(module, nn.LayerNorm):
        return -1 if len(module.normalized_shape) == 1 else None
    in_rows = (nn.Linear, nn.Embedding, nn.MultiheadAttention, nn.RNNBase)
    if isinstance(module, (*in_rows, nn.TransformerEncoderLayer)):
        return -1
    pools = type(module).__module__ == "torch.nn.modules.pooling"
    norms = (nn.modules.batchnorm._NormBase, nn.GroupNorm)
    return 1 if pools or isinstance(module, (nn.modules.conv._ConvNd, *norms)) else None


def channels_first(output: Tensor, axis: int | None = None, layer: str | None = None) -> Tensor:
    """A layer's output (B, ...) as (B, C, ...); one number an image is one channel.

    axis: where the channels are, or else what `channel_axis` says. layer: for an error.

    Raises:
        OutputError: (a ValueError) the numbers are complex.
    """
    if output.is_complex():
        where = "The network" if layer is None else f"Layer {layer!r}"
        raise OutputError(f"{where} returns complex numbers: choose a layer of real ones.")
    if output.dim() == 1:
        return output[:, None]
    return output.movedim(channel_axis(output) if axis is None or output.dim() < 3 else axis, 1)


def channel_means(output: Tensor) -> Tensor:
    """The mean response of each channel over all positions: (B, C, ...) to (B, C)."""
    return output.flatten(2).mean(2) if output.dim() > 2 else output


def device_of(network: nn.Module) -> torch.device:
    """The device of a network's first parameter or buffer; the CPU if it has none."""
    check_network(network)
    for tensor in (*network.parameters(), *network.buffers()):
        return tensor.device
    return torch.device("cpu")


def chosen_device(network: nn.Module, device: Device | None) -> torch.device:
    """The given device, or else the network's own.

    Raises:
        ValueError: it cannot be used here.
    """
    if device is None:
        return device_of(network)
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(
            f"device={device!r} cannot be used here: leave it out, or give 'cpu'. ({error})"
        ) from None
    return chosen


def dtype_of(network: nn.Module) -> torch.dtype:
    """The precision of a network's weights; float32 if it has none."""
    every = [t for t in (*network.parameters(), *network.buffers()) if t.is_floating_point()]
    weights = [tensor for tensor in every if tensor.dim() > 1]  # a lone scale may be in another
    return (weights or every)[0].dtype if every else torch.float32


def usual_size(network: nn.Module) -> int | None:
    """The edge of the pictures that a network says it is for, in pixels; None if it does not."""
    size = getattr(network, OWN_SIZE, None) or getattr(network, "image_size", None)
    if isinstance(size, (tuple, list)) and len(set(size)) == 1:
        size = size[0]
    return None if size is None else whole_number(size, "network.image_size", at_least=1)


def chosen_output(output: Any, layer: str | None, module: nn.Module | None = None) -> Tensor:
    """A module's output as one tensor.

    Itself; or of a tuple, list, mapping or dataclass what is called "logits" or "out", or else the
    only tensor in it; or the first of what PyTorch's attention and recurrent layers return.

    Raises:
        OutputError: (a ValueError) it holds no tensor, or several, of which none is called so.
    """
    if isinstance(output, Tensor):
        return output
    named = _named_parts(output)
    parts = list(named.values()) if named else output if isinstance(output, (tuple, list)) else []
    tensors = [part for part in parts if isinstance(part, Tensor)]
    for name in ("logits", "out"):
        if isinstance(named.get(name), Tensor):
            return named[name]
    if len(tensors) == 1 or (tensors and isinstance(module, (nn.MultiheadAttention, nn.RNNBase))):
        return tensors[0]
    where = f"Layer {layer!r}" if layer is not None else "The network"
    if not tensors:
        raise OutputError(
            f"{where} returned {type(output).__name__}, which holds no tensor: choose a layer "
            "that returns one."
        )
    shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors)
    raise OutputError(
        f"{where} returned {len(tensors)} tensors, of shapes {shapes}, and none is called logits: "
        "wrap it in a module that returns the one that you mean."
    )


def _named_parts(output: Any) -> dict[str, Any]:
    """The parts of a mapping, a named tuple or a dataclass by their names; else nothing."""
    if isinstance(output, Mapping):
        return {str(name): part for name, part in output.items()}
    if hasattr(output, "_asdict"):
        return dict(output._asdict())
    if dataclasses.is_dataclass(output) and not isinstance(output, type):
        return {f.name: getattr(output, f.name) for f in dataclasses.fields(output)}
    return {}


def as_written(network: nn.Module) -> AbstractContextManager[object]:
    """A context within which compiled modules run uncompiled: they would leave hooks out."""
    compiled = any(
        hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None)
        for module in network.modules()
    )
    stance = getattr(torch.compiler, "set_stance", None)  # since PyTorch 2.6
    return stance("force_eager") if compiled and stance else nullcontext()
