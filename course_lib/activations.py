"""Record, or stop at, any layer of any network.

A layer is named by its dotted module name, as in `network.named_modules()`; `None` stands for the
network's own output. Hooks live inside a `with` block and are removed however the block is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from course_lib.checks import images_of, whole_number
from course_lib.errors import UnknownLayerError

_BATCH_PIXELS = 2**17


class HasImages(Protocol):
    """Anything with images, such as what `lab.photos` and `visualize` return."""

    @property
    def images(self) -> Tensor: ...


class _StopForward(BaseException):
    """Ends a forward pass once the last wanted layer has run; never leaves this module.

    Not an Exception, so that a network which catches those does not swallow it.
    """


def layer_names(network: nn.Module) -> list[str]:
    """The dotted names of all modules of a network, in the order of their definition."""
    return [name for name, _ in network.named_modules(remove_duplicate=False) if name]


def find_layer(network: nn.Module, layer: str) -> nn.Module:
    """The module with this dotted name.

    Raises:
        UnknownLayerError: (a KeyError) there is none; the message names the nearest ones.
    """
    modules = dict(network.named_modules(remove_duplicate=False))
    if not layer or layer not in modules:
        raise UnknownLayerError(layer, layer_names(network))
    return modules[layer]


class Recording:
    """Runs a network and keeps the outputs of some of its layers; made by `recording`.

    outputs: the latest run's outputs by layer; each is a copy, because a later layer that works
        in place (torchvision's Inception has many) would overwrite what was recorded. A layer
        that runs several times in one pass is kept as of its last run.
    """

    def __init__(self, network: nn.Module, layers: Sequence[str | None]) -> None:
        self.network = network
        self.outputs: dict[str | None, Tensor] = {}
        self._layers = layers
        self._stop_at: str | None = None
        self._stop_at_call = 0
        self._calls: dict[str | None, int] = {}
        self._order: list[str] = []

    def __call__(self, images: Tensor) -> dict[str | None, Tensor]:
        """Run the network on (B, 3, S, S) and return `outputs`."""
        self.outputs, self._calls, self._order = {}, {}, []
        try:
            result = self.network(images)
        except _StopForward:
            return self.outputs
        if None in self._layers:
            self.outputs[None] = first_tensor(result, None)
        for layer in self._layers:
            if layer not in self.outputs:
                raise ValueError(
                    f"Layer {layer!r} took no part in this forward pass, so it has no output: "
                    "choose a layer that the network uses."
                )
        return self.outputs

    def learn_where_to_stop(self, images: Tensor) -> dict[str | None, Tensor]:
        """Run the whole network once; later runs end right after the last wanted layer."""
        self._stop_at = None
        outputs = self(images)
        if None not in self._layers:
            self._stop_at, self._stop_at_call = self._order[-1], self._calls[self._order[-1]]
        return outputs

    def _keep(self, layer: str, output: Any) -> None:
        self._calls[layer] = self._calls.get(layer, 0) + 1
        self._order.append(layer)
        tensor = first_tensor(output, layer)
        if layer == self._stop_at and self._calls[layer] == self._stop_at_call:
            self.outputs[layer] = tensor  # nothing runs after this, so no copy is needed
            raise _StopForward
        self.outputs[layer] = tensor.clone()


@contextmanager
def recording(network: nn.Module, layers: Sequence[str | None]) -> Iterator[Recording]:
    """Record these layers for as long as the block lasts.

    >>> with recording(network, ["inception4a"]) as record:
    ...     record(images)["inception4a"].shape
    torch.Size([8, 200, 8, 8])

    Args:
        network: any module; its hooks are as before once the block is left.
        layers: dotted module names; None is the network's own output.

    Raises:
        UnknownLayerError: (a KeyError) for a name that the network does not have.
    """
    if isinstance(layers, str):
        raise ValueError(f"layers={layers!r}: give a list of names, such as [{layers!r}].")
    record = Recording(network, layers)
    modules = {layer: find_layer(network, layer) for layer in layers if layer is not None}
    handles = []
    # PyTorch's fast path for attention runs a whole block in one kernel and skips its hooks
    fast_path = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        for layer, module in modules.items():

            def keep(_module: nn.Module, _inputs: Any, output: Any, layer: str = layer) -> None:
                record._keep(layer, output)

            handles.append(module.register_forward_hook(keep))
        yield record
    finally:
        torch.backends.mha.set_fastpath_enabled(fast_path)
        for handle in handles:
            handle.remove()


def record(
    network: nn.Module,
    layers: Sequence[str | None],
    images: Tensor | HasImages,
    *,
    batch_size: int | None = None,
) -> dict[str | None, Tensor]:
    """The outputs of some layers for many images, without gradients, in eval mode.

    Args:
        images: (N, 3, S, S), or what `lab.photos` returns; they go through the network
            `batch_size` at a time, on the device and in the precision of its weights.
        batch_size: by default as many as have 130,000 pixels together, which keeps
            the memory small: 32 images of 64 pixels an edge, 2 of 224.

    Returns:
        A dict from layer to a tensor (N, ...) on the CPU.
    """
    images = images_of(images)
    if len(images) == 0:
        raise ValueError("There are no images to record: give a tensor of at least one image.")
    if batch_size is not None:
        batch_size = whole_number(batch_size, "batch_size", at_least=1)
    if not layers:
        return {}
    device, dtype = device_of(network), dtype_of(network)
    if images.is_floating_point():
        images = images.to(dtype)
    kept: dict[str | None, Tensor] = {}
    with eval_mode(network), torch.no_grad(), recording(network, layers) as run:
        run.learn_where_to_stop(images[:1].to(device))
        done = 0
        for batch in batches(images, batch_size):
            for layer, output in run(batch.to(device)).items():
                if layer not in kept:  # one tensor from the start: pieces would need twice the room
                    kept[layer] = torch.empty((len(images), *output.shape[1:]), dtype=output.dtype)
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
        for module, mode in modes.items():
            module.training = mode


def channel_axis(output: Tensor) -> int:
    """The axis of a layer's output (B, ...) along which the channels lie.

    Axis 1 for vectors (B, C) and maps (B, C, H, W); the last for tokens (B, T, C) and for maps
    that keep their channels last (Swin's (B, H, W, C)), told by their two equal edges.
    """
    if output.dim() == 3:
        return 2
    if output.dim() == 4 and output.shape[1] == output.shape[2] != output.shape[3]:
        return 3
    return 1


def channel_means(output: Tensor) -> Tensor:
    """The mean response of each channel over all positions: (B, ...) to (B, C).

    Vectors (B, C) stay as they are, and one number an image is one channel.
    """
    if output.dim() == 1:
        return output[:, None]
    if output.dim() == 2:
        return output
    return output.movedim(channel_axis(output), 1).flatten(2).mean(2)


def device_of(network: nn.Module) -> torch.device:
    """The device of a network's first parameter or buffer; the CPU if it has none."""
    for tensor in (*network.parameters(), *network.buffers()):
        return tensor.device
    return torch.device("cpu")


def chosen_device(network: nn.Module, device: torch.device | str | None) -> torch.device:
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
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.is_floating_point():
            return tensor.dtype
    return torch.float32


def first_tensor(output: Any, layer: str | None) -> Tensor:
    """A module's output as one tensor: itself, or the first of a tuple, list or mapping."""
    if isinstance(output, Tensor):
        return output
    items = output.values() if isinstance(output, Mapping) else output
    if isinstance(items, (tuple, list)) or isinstance(output, Mapping):
        for item in items:
            if isinstance(item, Tensor):
                return item
    where = f"Layer {layer!r}" if layer is not None else "The network"
    raise ValueError(
        f"{where} returned {type(output).__name__}, which holds no tensor: choose a layer "
        "that returns one."
    )
