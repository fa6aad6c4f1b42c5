"""What lesson 04 shows of silent units: how a twin wakes, and the explorer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from course_lib.classroom.widgets import Control, Explorer, OneOf, Values
from course_lib.figures import COLOURS, Picture, draw, picture_grid
from course_lib.fooling.silent.twins import attach_twins, checked_conv, filter_responses
from course_lib.labs.lab import Lab
from course_lib.visualization.ascent import visualize

SCALE, MARGIN = 100.0, 0.05


class Said(NamedTuple):
    """What the filters w and dw of n units say to images at every position, (N, n, H, W) each."""

    w: Tensor
    dw: Tensor

    def twin(self, strength: float) -> Tensor:
        """What the filters w + strength * dw say: the sum, since filters are linear."""
        return self.w + strength * self.dw


def said_by(network: nn.Module, layer: str, w: Tensor, dw: Tensor, images: Tensor) -> Said:
    """What filters w and dw (n, C, kh, kw) say in a convolution's place."""
    return Said(*filter_responses(network, layer, torch.cat([w, dw]), images).chunk(2, 1))


class Along(NamedTuple):
    """The patch of each picture that comes closest to waking a twin.

    w, dw: (N,) what the filters w and dw say to it.
    """

    w: Tensor
    dw: Tensor


def along(said: Said, place: int, strength: float) -> Along:
    """For each image what w and dw of one unit say where w + strength * dw is largest."""
    w, dw = (part[:, place].flatten(1) for part in said)
    where = (w + strength * dw).argmax(1, keepdim=True)
    return Along(w.gather(1, where)[:, 0], dw.gather(1, where)[:, 0])


def waking_figure(
    kinds: dict[str, Along], strength: float, bias: float, *, unit: int, code: str = ""
) -> Picture:
    """Where pictures lie along w and dw, and the line beyond which the twin wakes.

    Args:
        kinds: by name; the first holds many images, the others few.
        bias: of the twin, before scaling: it wakes where w + strength * dw > -bias.
    """
    figure = Figure(figsize=(6.6, 4.0), layout="constrained")
    axes = figure.add_subplot()
    marks = ("o", "s", "D", "^")
    for i, (name, found) in enumerate(kinds.items()):
        colour = "0.55" if i == 0 else COLOURS[i - 1]
        size = 9 if i == 0 else 55
        axes.scatter(found.w, found.dw, s=size, marker=marks[i], color=colour, label=name,
                     alpha=0.6 if i == 0 else 1.0, zorder=1 + i)  # fmt: skip
    low, high = axes.get_xlim()
    y_low, y_high = axes.get_ylim()
    ends = torch.tensor([low, high])
    line = (-bias - ends) / strength
    axes.plot(ends, line, color="black", linestyle="--", linewidth=1.4, label="the twin wakes here")
    axes.fill_between(ends, line, 1e6, color=COLOURS[1], alpha=0.08, linewidth=0)
    axes.set_xlim(low, high)
    axes.set_ylim(y_low, y_high)
    axes.set_xlabel("what w says (the unit's own filter)")
    axes.set_ylabel("what dw says (towards the target)")
    axes.legend(frameon=False, fontsize=8.5, loc="best")
    axes.spines[["top", "right"]].set_visible(False)
    awake = ", ".join(
        f"{int((found.w + strength * found.dw > -bias).sum())} of {len(found.w)} of {name}"
        for name, found in kinds.items()
    )
    alt = (
        f"A scatter plot for unit {unit}: what w and dw say to that patch of each picture which "
        f"comes closest to waking the twin; beyond the dashed line are {awake}."
    )
    return draw(figure, alt, code=code)


class _Twins:
    """Twins of any strength, calibrated with any number of renders, without another look at these.

    What a twin says is a sum of what w and dw say, and that was recorded once.
    """

    def __init__(
        self, lab: Lab, layer: str, units: Sequence[int], dw: Tensor, known: Said, new: Said
    ) -> None:
        self.lab, self.layer, self.units = lab, layer, tuple(units)
        self.w = checked_conv(lab.network, layer).weight.detach()[list(units)].double()
        self.dw = dw.view_as(self.w).double()
        self._known, self._new = known, new
        self._drawn: dict[tuple[float, int, int], Tensor] = {}

    def bias(self, strength: float, count: int, place: int) -> float:
        """That of one twin, before scaling, from the first so many renders."""
        said = self._known.twin(strength)[:count, place]
        return -float(said.amax() + MARGIN * (said.amax() - said.mean()))

    def waking(self, strength: float, count: int, place: int) -> int:
        """How many of the new renders wake it."""
        said = self._new.twin(strength)[:, place].flatten(1).amax(1)
        return int((said + self.bias(strength, count, place) > 0).sum())

    @property
    def new(self) -> int:
        """How many new renders there are."""
        return len(self._new.w)

    def picture(self, strength: float, count: int, place: int, steps: int) -> Tensor:
        """The unit's visualization, (1, 3, S, S); drawn once."""
        key = (strength, count, place)
        if key not in self._drawn:
            filters = SCALE * (self.w + strength * self.dw)[[place]]
            bias = SCALE * torch.tensor([self.bias(strength, count, place)])
            unit = self.units[place]
            fooled = attach_twins(self.lab.network, self.layer, filters, bias, [unit])
            self._drawn[key] = visualize(
                fooled, self.layer, unit, size=self.lab.image_size, steps=steps, progress=False
            ).images
        return self._drawn[key]


def explore_silence(
    twins: _Twins,
    honest: Tensor,
    target: Tensor,
    steps: int,
    unit: int,
    strength: float,
    renders: int,
) -> Picture:
    """A unit's honest visualization, the target, and what the unit shows with such a twin.

    Args:
        honest: (n, 3, S, S), one a unit. target: (1, 3, S, S). steps: of the ascent.
        unit: one of the twins' channels. strength: of dw. renders: how many calibrate the bias.
    """
    place = twins.units.index(unit)
    shown = twins.picture(strength, renders, place, steps)
    waking = twins.waking(strength, renders, place)
    told = f"{waking} of {twins.new} new renders wake it"
    return picture_grid(
        {"": torch.cat([honest[[place]], shown, target])},
        titles=["honest", "with its twin", "the target"],
        notes={"": ["", told, ""]},
        width=6.6,
        alt=f"Unit {unit}: its honest visualization, the one with a twin of strength {strength:g} "
        f"calibrated with {renders} renders, and the target; {told}.",
    )


def silence_explorer(
    lab: Lab,
    layer: str,
    units: Sequence[int],
    dw: Tensor,
    said: tuple[Said, Said],
    honest: Tensor,
    target: Tensor,
    *,
    steps: int = 64,
) -> Explorer:
    """Choose a unit, the strength of dw, and how many renders calibrate the bias.

    Args:
        dw: (n, ...), the directions of the units. said: what their w and dw say to the renders
            that calibrate them, and to new ones.
        honest: (n, 3, S, S), the units' own visualizations. target: (1, 3, S, S).
    """
    twins = _Twins(lab, layer, units, dw, *said)
    many = len(said[0].w)
    counts = (*(count for count in (10, 100) if count < many), many)
    controls: dict[str, Control] = {
        "unit": OneOf(twins.units, twins.units[-1]),
        "strength": OneOf((0.0, 1.0, 3.0, 6.0, 12.0), 3.0),
        "renders": OneOf(counts, many),
    }

    def explore(unit: int, strength: float, renders: int) -> Picture:
        return explore_silence(twins, honest, target, steps, unit, strength, renders)

    sheet: tuple[Values, ...] = (
        {},
        {"renders": counts[0]},
        {"strength": 0.0},
        {"strength": 12.0},
    )
    return Explorer(explore, controls, sheet=sheet)
