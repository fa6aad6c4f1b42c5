"""Checks of what callers hand over, each failing with one sentence that says what to do."""

import math
from collections.abc import Iterable
from operator import index
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.errors import NoImagesError, UnitOutOfRangeError


def whole_number(value: Any, name: str, *, at_least: int | None = None) -> int:
    """`value` as an int, also if it is a whole number of NumPy's or PyTorch's.

    Raises:
        ValueError: it is no whole number, or too small.
    """
    try:
        number = index(value)
    except TypeError:
        raise ValueError(f"{name}={value!r}: give a whole number.") from None
    if isinstance(value, bool) or getattr(value, "dtype", None) == torch.bool:
        raise ValueError(f"{name}={value!r}: give a whole number.")
    if at_least is not None and number < at_least:
        raise ValueError(f"{name}={number}: give a whole number of {at_least} or more.")
    return number


def whole_numbers(values: Any, name: str) -> list[int]:
    """One or several whole numbers as a list of ints; errors as `whole_number`."""
    try:
        several = list(values)
    except TypeError:  # one number, or a tensor of no dimension
        several = [values]
    return [whole_number(value, name) for value in several]


def positive_number(value: Any, name: str, such_as: float) -> float:
    """`value` as a float.

    Raises:
        ValueError: it is no number, not finite, or not above 0.
    """
    if not (is_finite(value) and value > 0):
        raise ValueError(f"{name}={value!r}: give a number above 0, such as {such_as:g}.")
    return float(value)


def is_finite(value: Any) -> bool:
    """Whether this is a number, also one of NumPy's or PyTorch's, and neither NaN nor infinite."""
    try:
        return not isinstance(value, bool) and math.isfinite(value)
    except (TypeError, ValueError, RuntimeError):  # the last two for tensors of several numbers
        return False


def check_network(network: Any) -> nn.Module:
    """The network itself.

    Raises:
        ValueError: it is none, but a name or a lab, say.
    """
    if not isinstance(network, nn.Module):
        raise ValueError(
            f"The network is of type {type(network).__name__}: give a torch.nn.Module, such as "
            "open_lab().network."
        )
    return network


def check_layer(layer: Any) -> str | None:
    """`layer`, if it may be one name, or None; a ValueError for several in a list."""
    if isinstance(layer, (list, set, dict)):
        raise ValueError(f"layer={layer!r}: give one dotted name, or None for the logits.")
    return layer  # that there is such a layer is seen later


def check_units(units: Iterable[int], layer: str | None, count: int) -> None:
    """Nothing, if all are from 0 to `count` - 1.

    Raises:
        UnitOutOfRangeError: (an IndexError) one is not.
    """
    for unit in units:
        if not 0 <= unit < count:
            raise UnitOutOfRangeError(unit, layer, count)


def images_of(photos: Any) -> Tensor:
    """The images of what `lab.photos` returns, or the tensor itself."""
    images = getattr(photos, "images", photos)
    if not isinstance(images, Tensor):
        raise ValueError(
            f"Images are a {type(photos).__name__}: give a tensor (N, 3, S, S) or what lab.photos "
            "returns."
        )
    return images


def check_images(images: Tensor, name: str = "images") -> Tensor:
    """`images`, if they are (N, 3, S, S), floating, finite and within [0, 1].

    Raises:
        NoImagesError: (a ValueError) it holds no image.
        ValueError: anything else is wrong.
    """
    if not isinstance(images, Tensor):
        raise ValueError(f"{name} is a {type(images).__name__}: give a tensor (N, 3, S, S).")
    if images.dim() != 4 or images.shape[1] != 3 or images.shape[2] != images.shape[3]:
        raise ValueError(
            f"{name} has shape {tuple(images.shape)}: give (N, 3, S, S), square colour images."
        )
    if len(images) == 0:
        raise NoImagesError(f"{name} holds no image: give at least one.")
    if not images.is_floating_point():
        raise ValueError(
            f"{name} is of type {images.dtype}: divide by 255 to get floats in [0, 1]."
        )
    low, high = images.amin().item(), images.amax().item()
    if not (low >= 0 and high <= 1):  # also false for NaN
        raise ValueError(
            f"{name} has values from {low:.3g} to {high:.3g}: give finite values in [0, 1], "
            "without any normalisation (the networks normalise inside)."
        )
    return images


def check_labels(labels: Tensor, count: int, classes: int, name: str = "labels") -> Tensor:
    """`labels`, if they are (count,), of whole numbers, each naming one of `classes`."""
    if not isinstance(labels, Tensor) or labels.shape != (count,) or labels.is_floating_point():
        what = tuple(labels.shape) if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"{name} is {what}: give one whole number for each of {count} images.")
    numbers = labels.long()
    if labels.dtype == torch.bool or int(numbers.min()) < 0 or int(numbers.max()) >= classes:
        raise ValueError(
            f"{name} run from {int(numbers.min())} to {int(numbers.max())}: "
            f"give class numbers from 0 to {classes - 1}."
        )
    return numbers
