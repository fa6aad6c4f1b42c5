"""What a visualization maximizes: units, neurons, directions, logits, their sums and differences.

Every objective is a weighted sum of channels of layers, each averaged over all positions of
its layer or taken at one position. That makes sums and differences free, and lets many pictures,
each with an objective of its own, share one forward pass.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.activations import channel_means
from course_lib.checks import check_layer, check_units, whole_number

Position = tuple[int, ...] | str
"""Where a layer is read: "mean" over all positions, "centre", or indices such as (row, column)."""


class _Term(NamedTuple):
    layer: str | None
    position: Position
    channels: int | Tensor  # one channel, or a weight for every channel
    weight: float


class Objective:
    """A number that a picture is changed to make large; add, subtract and scale them freely.

    >>> unit("inception4a", 3) - 0.5 * unit("inception4a", 7) + logit(2)
    """

    def __init__(self, terms: Sequence[_Term]) -> None:
        self.terms = tuple(terms)

    def __add__(self, other: Objective | int) -> Objective:
        if isinstance(other, int) and other == 0:  # what sum() starts with
            return self
        if not isinstance(other, Objective):
            return _refuse(other)
        return Objective(self.terms + other.terms)

    __radd__ = __add__

    def __mul__(self, factor: float) -> Objective:
        if isinstance(factor, Objective) or not math.isfinite(factor):
            return _refuse(factor)
        return Objective([t._replace(weight=t.weight * float(factor)) for t in self.terms])

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Objective:
        return self * (1 / divisor)

    def __neg__(self) -> Objective:
        return self * -1.0

    def __sub__(self, other: Objective) -> Objective:
        return self + -other


def _refuse(other: object) -> Objective:
    raise ValueError(
        f"{other!r}: objectives can be added, subtracted, and multiplied by finite numbers only."
    )


def unit(layer: str | None, number: int) -> Objective:
    """The mean response of one channel of a layer over all positions (a layer's usual "unit").

    Lesson 01 builds it by hand.
    """
    return Objective([_Term(layer, "mean", whole_number(number, "unit"), 1.0)])


def neuron(layer: str | None, number: int, position: Position = "centre") -> Objective:
    """One channel of a layer at one position, by default the centre."""
    return Objective([_Term(layer, _position(position), whole_number(number, "unit"), 1.0)])


def direction(
    layer: str | None, vector: Tensor | Sequence[float], position: Position = "mean"
) -> Objective:
    """The dot product of a layer's channels with `vector`, one number for every channel."""
    weights = torch.as_tensor(vector).detach().clone().float()
    if weights.dim() != 1 or not torch.isfinite(weights).all():
        raise ValueError(
            f"direction: the vector has shape {tuple(weights.shape)}; give one finite number "
            "for every channel of the layer."
        )
    return Objective([_Term(layer, _position(position), weights, 1.0)])


def logit(number: int) -> Objective:
    """One of the network's own outputs."""
    return unit(None, number)


def _position(position: Position | Sequence[int]) -> Position:
    if isinstance(position, str) and position in ("mean", "centre"):
        return position
    try:
        return tuple(whole_number(number, "position") for number in position)
    except (TypeError, ValueError):
        raise ValueError(
            f"position={position!r}: give 'mean', 'centre', or indices such as (row, column)."
        ) from None


class Readout:
    """Objectives made ready for one network: picture n is scored by objective n.

    Args:
        objectives: one a picture.
        outputs: a sample (B, C, ...) of every layer's output, from which shapes are learned.

    Raises:
        UnitOutOfRangeError: (an IndexError) a channel that a layer does not have.
        IndexError: a position outside a layer.
        ValueError: a direction of another length than the layer has channels.
    """

    def __init__(
        self, objectives: Sequence[Objective], outputs: Mapping[str | None, Tensor]
    ) -> None:
        self._weights: dict[tuple[str | None, Position], Tensor] = {}
        for picture, objective in enumerate(objectives):
            for term in objective.terms:
                pooled = _pool(outputs[term.layer], term.position, term.layer)
                key = (term.layer, term.position)
                if key not in self._weights:
                    shape = (len(objectives), pooled.shape[1])
                    self._weights[key] = pooled.new_zeros(shape, dtype=torch.float32)
                row = self._weights[key][picture]
                if isinstance(term.channels, Tensor):
                    if len(term.channels) != len(row):
                        raise ValueError(
                            f"A direction of {len(term.channels)} numbers does not fit layer "
                            f"{term.layer!r}, which has {len(row)} channels."
                        )
                    row += term.weight * term.channels.to(row)
                else:
                    check_units([term.channels], term.layer, len(row))
                    row[term.channels] += term.weight

    def only(self, pictures: Tensor) -> Readout:
        """The same for some of the pictures, by their numbers."""
        part = Readout([], {})
        part._weights = {key: weights[pictures] for key, weights in self._weights.items()}
        return part

    def scores(self, outputs: Mapping[str | None, Tensor]) -> Tensor:
        """The value of every picture's objective, (N,)."""
        parts = [
            (_pool(outputs[layer], position, layer) * weights).sum(1)
            for (layer, position), weights in self._weights.items()
        ]
        return torch.stack(parts).sum(0)


def layers_of(objectives: Sequence[Objective]) -> list[str | None]:
    """The layers that these objectives read, each once."""
    return list(dict.fromkeys(check_layer(term.layer) for o in objectives for term in o.terms))


def _pool(output: Tensor, position: Position, layer: str | None) -> Tensor:
    """(N, channels): a layer's output at a position, or averaged over all of them."""
    if position == "mean" or (position == "centre" and output.dim() <= 2):
        return channel_means(output)  # a vector is its own mean and its own centre
    extent = tuple(output.shape[2:])
    where: Position = tuple(e // 2 for e in extent) if position == "centre" else position
    if isinstance(where, str) or len(where) != len(extent):
        raise ValueError(
            f"position={position!r}: give 'mean', 'centre' or {len(extent)} indices for layer "
            f"{layer!r}, whose positions are {' x '.join(map(str, extent)) or 'none'}."
        )
    if not all(0 <= index < edge for index, edge in zip(where, extent, strict=True)):
        raise IndexError(
            f"position={position!r} is outside layer {layer!r}, whose positions are "
            f"{' x '.join(map(str, extent))}, counted from 0."
        )
    for index in where:  # each takes the first of the remaining positions away
        output = output[:, :, index]
    return output
