"""Figures of lesson 04 about silent units: how a twin wakes, and the explorer."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.classroom.widgets import Control, Explorer, OneOf, Values
from course_lib.display import COLOURS
from course_lib.figures import LEGEND, Picture, canvas, draw, mark_look, picture_grid
from course_lib.fooling.silent.twins import attach_twins, checked_conv, filter_responses
from course_lib.labs.lab import Lab
from course_lib.visualization.ascent import visualize

SCALE, MARGIN = 100.0, 0.05


class FilterResponses(NamedTuple):
    """The responses of filters w and dw to images.

    w, dw: (N, n, H, W) each, of n units at every position; or (N,) of one unit at one position
        of each image.
    """

    w: Tensor
    dw: Tensor

    def twin(self, strength: float) -> Tensor:
        """The responses of the filters w + strength * dw: the sum, since filters are linear."""
        return self.w + strength * self.dw


def responses_of(
    network: nn.Module, layer: str, w: Tensor, dw: Tensor, images: Tensor
) -> FilterResponses:
    """The responses of filters w and dw (n, C, kh, kw) in a convolution's place."""
    both = filter_responses(network, layer, torch.cat([w, dw]), images)
    return FilterResponses(*both.chunk(2, 1))


def nearest_to_waking(responses: FilterResponses, place: int, strength: float) -> FilterResponses:
    """The responses (N,) of one unit's filters, for each image where its twin's is largest."""
    unit = FilterResponses(*(part[:, place].flatten(1) for part in responses))
    where = unit.twin(strength).argmax(1, keepdim=True)
    return FilterResponses(*(part.gather(1, where)[:, 0] for part in unit))


def waking_figure(
    kinds: dict[str, FilterResponses], strength: float, bias: float, *, unit: int, code: str = ""
) -> Picture:
    """A scatter plot of the responses of w and dw, and the line beyond which the twin wakes.

    Args:
        kinds: by name, (N,) responses; the first of many images, the others of few.
        bias: of the twin, before scaling: it wakes where w + strength * dw > -bias.
    """
    figure, (axes,) = canvas((6.6, 4.0), grid="")
    for i, (name, found) in enumerate(kinds.items()):
        many = {"color": "0.55", "markersize": 3, "alpha": 0.6}
        look = mark_look(i) | ({"color": COLOURS[i - 1], "markersize": 7.5} if i else many)
        axes.plot(found.w, found.dw, label=name, zorder=1 + i, **look)
    low, high = axes.get_xlim()
    y_low, y_high = axes.get_ylim()
    ends = torch.tensor([low, high])
    line = (-bias - ends) / strength
    axes.plot(ends, line, color="black", linestyle="--", linewidth=1.4, label="the twin wakes here")
    axes.fill_between(ends, line, 1e6, color=COLOURS[1], alpha=0.08, linewidth=0)
    axes.set_xlim(low, high)
    axes.set_ylim(y_low, y_high)
    axes.set_xlabel("response of w (the unit's own filter)")
    axes.set_ylabel("response of dw (towards the target)")
    axes.legend(**LEGEND)
    awake = ", ".join(
        f"{int((found.twin(strength) > -bias).sum())} of {len(found.w)} of {name}"
        for name, found in kinds.items()
    )
    alt = (
        f"A scatter plot for unit {unit}: the responses of w and dw to that patch of each picture "
        f"which comes closest to waking the twin; beyond the dashed line are {awake}."
    )
    return draw(figure, alt, code=code)


class _Twins:
    """Twins of any strength, calibrated with any number of renders.

    Their responses are sums of those of w and dw, which were recorded once.
    """

    def __init__(
        self,
        lab: Lab,
        layer: str,
        units: Sequence[int],
        dw: Tensor,
        responses: tuple[FilterResponses, FilterResponses],
    ) -> None:
        self.lab, self.layer, self.units = lab, layer, tuple(units)
        self.w = checked_conv(lab.network, layer).weight.detach()[list(units)].double()
        self.dw = dw.view_as(self.w).double()
        self.known, self.new = responses
        self._drawn: dict[tuple[float, int, int], Tensor] = {}

    def bias(self, strength: float, count: int, place: int) -> float:
        """The bias of one twin before scaling, calibrated with the first `count` renders."""
        found = self.known.twin(strength)[:count, place]
        return -float(found.amax() + MARGIN * (found.amax() - found.mean()))

    def waking(self, strength: float, count: int, place: int) -> int:
        """The number of new renders that wake a twin."""
        largest = self.new.twin(strength)[:, place].flatten(1).amax(1)
        return int((largest + self.bias(strength, count, place) > 0).sum())

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


def silence_explorer(
    lab: Lab,
    layer: str,
    units: Sequence[int],
    dw: Tensor,
    responses: tuple[FilterResponses, FilterResponses],
    honest: Tensor,
    target: Tensor,
    *,
    steps: int = 64,
) -> Explorer:
    """The explorer of lesson 04: a unit, the strength of dw, and how many renders calibrate it.

    It shows the honest visualization, the one with a twin, and the target, side by side.

    Args:
        dw: (n, ...), the directions of the units. responses: of their w and dw to the renders
            that calibrate them, and to new ones.
        honest: (n, 3, S, S), the units' own visualizations. target: (1, 3, S, S).
        steps: of the ascent.
    """
    twins = _Twins(lab, layer, units, dw, responses)
    many = len(twins.known.w)
    counts = (*(count for count in (10, 100) if count < many), many)

    def explore(unit: int, strength: float, renders: int) -> Picture:
        place = twins.units.index(unit)
        shown = twins.picture(strength, renders, place, steps)
        waking = twins.waking(strength, renders, place)
        caption = f"{waking} of {len(twins.new.w)} new renders wake it"
        return picture_grid(
            {"": torch.cat([honest[[place]], shown, target])},
            titles=["honest", "with its twin", "the target"],
            notes={"": ["", caption, ""]},
            width=6.6,
            alt=f"Unit {unit}: its honest visualization, the one with a twin of strength "
            f"{strength:g} calibrated with {renders} renders, and the target; {caption}.",
        )

    controls: dict[str, Control] = {
        "unit": OneOf(twins.units, twins.units[-1]),
        "strength": OneOf((0.0, 1.0, 3.0, 6.0, 12.0), 3.0),
        "renders": OneOf(counts, many),
    }
    sheet: tuple[Values, ...] = ({}, {"renders": counts[0]}, {"strength": 0.0}, {"strength": 12.0})
    return Explorer(explore, controls, sheet=sheet)
