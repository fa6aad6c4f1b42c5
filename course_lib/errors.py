"""The course's own exceptions and warnings.

Each exception is also a KeyError, an IndexError or a ValueError.
"""

import difflib
from collections.abc import Sequence


class UnknownLayerError(KeyError):
    """A layer name that the network does not have."""

    def __init__(self, layer: str, known: Sequence[str]) -> None:
        self.layer = layer
        near = difflib.get_close_matches(str(layer), known, n=4, cutoff=0.4) or list(known)[:8]
        self.message = (
            f"The network has no layer {layer!r}. Nearest names: {', '.join(near)}. "
            "course_lib.layer_names(network) lists all of them."
        )
        super().__init__(self.message)

    def __str__(self) -> str:  # KeyError would show the quoted repr
        return self.message


class UnitOutOfRangeError(IndexError):
    """A unit number outside the layer's range."""

    def __init__(self, unit: int, layer: str | None, count: int) -> None:
        where = f"layer {layer!r}" if layer is not None else "the network's output"
        super().__init__(
            f"Unit {unit} is out of range: {where} has {count} units, numbered 0 to {count - 1}."
        )


class OutputError(ValueError):
    """An output that cannot be read: no tensor, several, or not a row for each picture."""


class DamagedFileError(ValueError):
    """A weights file whose contents are not the ones that were recorded."""


class NoImagesError(ValueError):
    """A folder, or a tensor, that holds no images to work with."""


class NoSpreadError(ValueError):
    """A layer whose activations have no spread for nearly every image, so that none correlate."""


class SilentUnitWarning(UserWarning):
    """A unit that could not be made to respond, so its picture shows nothing."""


class SkippedImageWarning(UserWarning):
    """An image file that could not be read and was left out."""


class WeightsUnavailableError(OSError, ValueError):
    """Pretrained weights that are neither on this machine nor could be downloaded."""


class CircuitWarning(UserWarning):
    """A fooling circuit that may not do what it is for."""
