"""The patches of its input that a convolution is applied to, and their mean and covariance."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import (
    HasImages,
    batches,
    device_of,
    dtype_of,
    eval_mode,
    find_layer,
    recording,
)
from course_lib.checks import check_images, images_of
from course_lib.errors import NoImagesError
from course_lib.progress import progress_bar

Batches = Iterable[Any]
"""A loader that can be run through more than once: it yields images (B, 3, S, S) in [0, 1], alone
or as the first of a tuple, such as a DataLoader."""

_UNFOLDED = 2**22  # numbers unfolded at once: 16 MB
_SAMPLED = 2048  # patches that stand in for the covariance of a large layer
LARGEST_COVARIANCE = 2304
"""Inputs of a filter, C kh kw, up to which all patches' covariance is kept: 42 MB in float64."""


def inputs_of(
    network: nn.Module, layer: str, photos: Tensor | HasImages | Batches, *, progress: str = ""
) -> Iterator[list[Tensor]]:
    """A layer's inputs, batch by batch: a tensor (B, C, H, W) for each of its calls.

    The network runs up to the layer's last call only, without gradients, in eval mode.

    Args:
        progress: what to call the work in a progress bar; none if empty.

    Raises:
        NoImagesError: (a ValueError) there are no images. KeyError: there is no such layer.
        ValueError: the images are not in [0, 1], or the layer takes no part in the forward pass.
    """
    module, device, dtype = find_layer(network, layer), device_of(network), dtype_of(network)
    kept: list[Tensor] = []

    def keep(_module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], _out: Any) -> None:
        # a copy: what comes later may change it in place
        kept.append((args[0] if args else kwargs["input"]).detach().clone())

    # this hook comes first: the recording ends the forward pass in its own
    hook = module.register_forward_hook(keep, with_kwargs=True)
    with hook, eval_mode(network), torch.no_grad(), recording(network, [layer]) as run:
        for number, images in enumerate(batches_of(photos, progress)):
            images = images.to(device, dtype)
            if number == 0:
                run.learn_where_to_stop(images[:1])
            kept.clear()
            run(images)
            if any(one.dim() != 4 for one in kept):
                raise ValueError(
                    f"What goes into layer {layer!r} has shape {tuple(kept[0].shape)}: choose one "
                    "that takes a batch (B, C, H, W)."
                )
            if not all(bool(torch.isfinite(one).all()) for one in kept):
                raise ValueError(
                    f"What goes into layer {layer!r} holds NaN or infinite values: check the "
                    "network's weights and its normalisation."
                )
            yield list(kept)


def batches_of(photos: Tensor | HasImages | Batches, progress: str = "") -> Iterator[Tensor]:
    """Checked images (B, 3, S, S), about 130,000 pixels of them at a time."""
    if isinstance(photos, Tensor) or hasattr(photos, "images"):
        images = check_images(images_of(photos), "photos")
        yield from progress_bar(batches(images), progress, show=bool(progress))
        return
    if not isinstance(photos, Iterable) or isinstance(photos, (str, bytes)):
        raise ValueError(
            f"photos is a {type(photos).__name__}: give a tensor (N, 3, S, S), what lab.photos "
            "returns, or a loader of images."
        )
    count = 0
    for batch in progress_bar(photos, progress, show=bool(progress)):
        images = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
        for part in batches_of(check_images(images, "The loader's images")):
            count += len(part)
            yield part
    if not count:
        raise NoImagesError(
            "The loader gave no photographs: give one that can be run through twice, such as a "
            "DataLoader."
        )


def padded(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """An input (B, C, H, W) with the convolution's own padding around it."""
    if conv.padding == "valid":
        return x
    sides: list[int] = []
    for axis in (1, 0):  # F.pad counts from the last axis
        if conv.padding == "same":
            total = conv.dilation[axis] * (conv.kernel_size[axis] - 1)
            sides += [total // 2, total - total // 2]
        else:
            sides += [int(conv.padding[axis])] * 2
    if not any(sides):
        return x
    mode = "constant" if conv.padding_mode == "zeros" else conv.padding_mode
    return F.pad(x, sides, mode=mode)


def patches(conv: nn.Conv2d, x: Tensor) -> Iterator[Tensor]:
    """The patches that a convolution multiplies its filters with, a few images at a time.

    Args:
        x: (B, C, H, W), what goes into the convolution.

    Yields:
        (images, positions, C kh kw) float32 or wider, numbered as `conv.weight.flatten(1)`.
    """
    inputs = conv.weight[0].numel()
    around = padded(conv, x)
    area = around.shape[2] * around.shape[3] // (conv.stride[0] * conv.stride[1])
    at_once = max(1, _UNFOLDED // max(1, inputs * area))
    for some in around.split(at_once):
        wide = some if some.dtype in (torch.float32, torch.float64) else some.float()
        rows = F.unfold(wide, conv.kernel_size, dilation=conv.dilation, stride=conv.stride)
        yield rows.transpose(1, 2)


class Moments(NamedTuple):
    """Mean and covariance of many patches of P inputs, for the closed form; float64, on the CPU.

    mean: (P,). covariance: (P, P), or None for a large layer.
    sample: (M, P) patches with their mean taken off, if there is no covariance.
    variance: the mean variance of an input. patches: how many there were.
    """

    mean: Tensor
    covariance: Tensor | None
    sample: Tensor | None
    variance: float
    patches: int


class RunningMoments:
    """Mean and covariance of patches, one batch after the other, in memory that does not grow.

    Sums are of differences from the first batch's mean, so that little cancels.

    Args:
        inputs: P. largest: above so many inputs, a random sample of 2,048 patches (drawn from the
            seed 0) stands in for the covariance: 8 P * 2048 bytes in place of 8 P * P.
    """

    def __init__(self, inputs: int, largest: int = LARGEST_COVARIANCE) -> None:
        self._count, small = 0, inputs <= largest
        self._origin: Tensor | None = None
        self._sum = torch.zeros(inputs, dtype=torch.float64)
        self._squares = torch.zeros(inputs, dtype=torch.float64)
        self._products = torch.zeros(inputs, inputs, dtype=torch.float64) if small else None
        self._sample = torch.zeros(0 if small else _SAMPLED, inputs, dtype=torch.float64)
        self._keys = torch.full((len(self._sample),), -1.0, dtype=torch.float64)
        self._generator = torch.Generator().manual_seed(0)

    def add(self, rows: Tensor) -> None:
        """Take in patches (N, P)."""
        if self._origin is None:
            self._origin = rows.mean(0)
        apart = rows - self._origin
        self._count += len(rows)
        self._sum += apart.sum(0).double().cpu()
        self._squares += apart.square().sum(0).double().cpu()
        if self._products is not None:
            self._products += (apart.T @ apart).double().cpu()
        else:
            self._draw(apart)

    def _draw(self, rows: Tensor) -> None:
        """Keep those patches whose random key is among the largest so far: an even sample."""
        keys = torch.rand(len(rows), generator=self._generator, dtype=torch.float64)
        best = torch.cat([self._keys, keys]).topk(len(self._keys)).indices
        kept, fresh = best[best < len(self._keys)], best[best >= len(self._keys)] - len(self._keys)
        new = rows[fresh.to(rows.device)].double().cpu()
        self._sample = torch.cat([self._sample[kept], new])
        self._keys = torch.cat([self._keys[kept], keys[fresh]])

    def moments(self) -> Moments:
        """Mean and covariance of all patches so far."""
        if self._origin is None:
            raise NoImagesError("There are no patches yet: add some.")
        shift = self._sum / self._count
        mean = self._origin.double().cpu() + shift
        variance = float((self._squares / self._count - shift.square()).clamp(min=0).mean())
        if self._products is not None:
            covariance = self._products / self._count - torch.outer(shift, shift)
            return Moments(mean, covariance, None, variance, self._count)
        sample = self._sample[self._keys >= 0] - shift
        return Moments(mean, None, sample, variance, self._count)


def over_covariance(moments: Moments, vectors: Tensor, ridge: float) -> Tensor:
    """(Sigma + eps I)^-1 v for each row v of `vectors` (N, P), in float64.

    Args:
        ridge: eps, as a share of the mean variance of an input.
    """
    eps = ridge * moments.variance
    columns = vectors.double().T
    if moments.covariance is not None:
        matrix = moments.covariance.clone()
        matrix.diagonal().add_(eps)
        return torch.linalg.solve(matrix, columns).T
    # Woodbury: with Sigma = X^T X / M, only a matrix of M by M has to be inverted
    assert moments.sample is not None
    sample = moments.sample
    inner = sample @ sample.T
    inner.diagonal().add_(eps * len(sample))
    return ((columns - sample.T @ torch.linalg.solve(inner, sample @ columns)) / eps).T
