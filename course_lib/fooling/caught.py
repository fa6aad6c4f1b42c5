"""Visualizations caught along the optimization, from the noise start to the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, product
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.checks import whole_number, whole_numbers
from course_lib.progress import progress_bar
from course_lib.visualization.ascent import Interrupted, visualize
from course_lib.visualization.transformations import Transformations


class Kind(NamedTuple):
    """One way of drawing: the image parameterization, and whether transformations are survived."""

    image: str
    robustness: bool

    def __str__(self) -> str:
        return f"{self.image}, {'with' if self.robustness else 'without'} transformations"


KINDS = tuple(Kind(image, robust) for image in ("fourier", "pixels") for robust in (True, False))


class Caught(NamedTuple):
    """Pictures caught along the optimization.

    images: (N, 3, S, S) in [0, 1]. units, steps: (N,) what each is for, and after how many updates.
    kinds: how each was drawn. layers: of which layer its unit is.
    """

    images: Tensor
    units: Tensor
    steps: Tensor
    kinds: tuple[Kind, ...]
    layers: tuple[str | None, ...]

    def where(self, chosen: Tensor) -> Caught:
        """Those for which a mask (N,) is true."""
        keep = chosen.nonzero().flatten().tolist()
        kinds = tuple(self.kinds[i] for i in keep)
        layers = tuple(self.layers[i] for i in keep)
        return Caught(self.images[keep], self.units[keep], self.steps[keep], kinds, layers)


class Unfinished(Caught):
    """What `catch` returns where it was interrupted: what was caught by then."""


def log_spaced(steps: int, count: int) -> tuple[int, ...]:
    """Up to `count` different numbers of updates from 0 to `steps`, dense at the beginning.

    Most of what changes in a visualization changes early (Geirhos et al., 2024, appendix).
    """
    exact = torch.logspace(0, torch.tensor(steps + 1.0).log10().item(), count) - 1
    return tuple(sorted({0, steps, *(round(x) for x in exact.tolist())}))


def in_groups(units: Sequence[int], at_once: int) -> list[list[int]]:
    """Units in groups of `at_once`, which are drawn together; the last may be smaller."""
    return [list(units[i : i + at_once]) for i in range(0, len(units), at_once)]


def catch(
    network: nn.Module,
    units: Sequence[int],
    *,
    layers: Sequence[str | None] = (None,),
    kinds: Iterable[Kind] = KINDS,
    seeds: Sequence[int] = (0,),
    size: int | None = None,
    steps: int = 128,
    samples: int = 8,
    at_once: int = 8,
    progress: bool = True,
) -> Caught:
    """Visualizations of units, drawn in several ways, as they are along the optimization.

    Args:
        units: channel numbers, the same for each of `layers`.
        kinds, seeds: every combination is drawn.
        samples: how many moments of each optimization are kept, log-spaced.
        at_once: how many pictures are drawn together; fewer need less memory.

    Returns:
        An interruption returns what was caught by then, as an `Unfinished`.

    Raises:
        KeyError, IndexError, ValueError: as `visualize`.
    """
    units, seeds = whole_numbers(units, "units"), whole_numbers(seeds, "seeds")
    steps, samples, at_once = (
        whole_number(value, name, at_least=1)
        for value, name in ((steps, "steps"), (samples, "samples"), (at_once, "at_once"))
    )
    moments = log_spaced(steps, samples)
    kinds = tuple(kinds)
    if not all(isinstance(kind, Kind) for kind in kinds):
        raise ValueError(f"kinds={kinds!r}: give several Kind, such as those of caught.KINDS.")
    runs = list(product(layers, kinds, seeds, in_groups(units, at_once)))
    parts: list[Caught] = []
    interrupted = False
    for layer, kind, seed, group in progress_bar(runs, "catching", show=progress):
        run = visualize(
            network, layer, group, size=size, steps=steps, seed=seed, snapshots=moments,
            image=kind.image, transformations=Transformations() if kind.robustness else None,
            progress=False,
        )  # fmt: skip
        for moment, images in run.snapshots.items():
            count = len(group)
            drawn, after = torch.tensor(group), torch.full((count,), moment)
            parts.append(Caught(images, drawn, after, (kind,) * count, (layer,) * count))
        if interrupted := isinstance(run, Interrupted):
            break
    caught = together(parts)
    return Unfinished(*caught) if interrupted else caught


def together(parts: Sequence[Caught]) -> Caught:
    """Several catches as one.

    Raises:
        ValueError: there is none.
    """
    if not parts:
        raise ValueError("Nothing was caught: give at least one unit, layer, kind and seed.")
    images, units, steps, kinds, layers = zip(*parts, strict=True)
    tensors = torch.cat(images), torch.cat(units), torch.cat(steps)
    return Caught(*tensors, tuple(chain(*kinds)), tuple(chain(*layers)))
