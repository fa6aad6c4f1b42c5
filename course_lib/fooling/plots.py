"""Figures of both lies: the numbers on the circuit's wires, and what twins do to pictures."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor

from course_lib.display import COLOURS
from course_lib.figures import LEGEND, Picture, canvas, draw, mark_level, mark_look
from course_lib.fooling.circuit import FoolingCircuit, connect

# where each unit stands, in a square of 10 by 10: what the image feeds at the bottom, A on top
_PLACES = {
    "A": (5.0, 9.0),
    "B": (2.6, 6.6),
    "C": (7.4, 6.6),
    "F": (1.3, 3.6),
    "D": (8.7, 3.6),
    "E": (5.0, 3.6),
}
_WIRES = (("F", "B"), ("E", "B"), ("E", "C"), ("D", "C"), ("B", "A"), ("C", "A"))
_QUIET = "0.75"
_LEAK = COLOURS[1]  # a side that should be shut, and passes something
_PALE = {COLOURS[0]: "#E8F1F8", _LEAK: "#FBE9DF"}


def circuit_figure(
    fooled: FoolingCircuit, images: Mapping[str, Tensor], unit: int, *, k: float | None = None
) -> Picture:
    """The wiring of one unit, once for each image, with the values that run along it.

    Args:
        images: (3, S, S) in [0, 1] by what they are, such as "a render" and "a visualization".
        unit: the logit whose circuit is shown.
        k: another k than the circuit's own, to see what it would do.
    """
    figure = Figure(figsize=(4.4 * len(images), 4.9))
    told = []
    for place, (name, image) in enumerate(images.items()):
        with torch.no_grad():
            own = fooled.wires(image[None])
        gate = fooled.k if k is None else k
        wires = connect(own.F, own.D, own.e, k=gate, offset=fooled.offset)._asdict()
        values = {"E": float(wires.pop("e")[0])}
        values |= {name: float(wire[0, unit]) for name, wire in wires.items()}
        left, width = place / len(images), 1 / len(images)
        axes = figure.add_axes((left, 0.16, width, 0.78))
        _diagram(axes, values, gate, fooled.offset)
        axes.set_title(name, fontsize=11)
        shown = figure.add_axes((left + width / 2 - 0.08 * width * 2, 0.01, 0.32 * width, 0.19))
        shown.imshow(image.cpu().clamp(0, 1).permute(1, 2, 0).numpy(), interpolation="nearest")
        shown.set_axis_off()
        side = "C" if values["E"] >= 0.5 else "B"
        shut = "B" if side == "C" else "C"
        leak = f" while unit {shut} leaks {values[shut]:.1f}" if values[shut] > 0 else ""
        told.append(
            f"for {name}, E is {values['E']:.2g} and unit {side} passes "
            f"{values[side] - fooled.offset:.1f}{leak}"
        )
    alt = f"The fooling circuit of unit {unit} with its numbers: {'; '.join(told)}."
    return draw(figure, alt)


def nearness_figure(
    honest: Tensor, twins: Tensor, names: Sequence[str], *, code: str = ""
) -> Picture:
    """For each unit how much its pictures resemble the target, without and with a twin.

    Args:
        honest, twins: (n,), the similarity of each unit's pictures to the target, from -1 to 1.
        names: of the units.
    """
    figure, (axes,) = canvas((7.6, 3.2), grid="")
    for i, (low, high) in enumerate(zip(honest.tolist(), twins.tolist(), strict=True)):
        _join(axes, (i, low), (i, high), arrowstyle="-", color="0.6", linewidth=2)
    places = range(len(names))
    axes.plot(places, honest, markersize=8, label="honest", **mark_look(0))
    axes.plot(places, twins, markersize=8, label="with a twin", **mark_look(1))
    mark_level(axes, 0)
    axes.set_xticks(places, names, fontsize=9)
    axes.set_ylabel("resemblance to the target")
    axes.set_xlabel("unit")
    axes.legend(**LEGEND)
    nearer = int((twins > honest).sum())
    alt = (
        f"For each of {len(names)} units how much its pictures resemble the target, without and "
        f"with a twin: with a twin they do so more in {nearer}."
    )
    return draw(figure, alt, code=code)


def _diagram(axes: Axes, values: Mapping[str, float], k: float, offset: float) -> None:
    natural = values["E"] < 0.5
    leaking = ("C" if natural else "B") if min(values["B"], values["C"]) > 0 else ""
    passes = {unit for unit in "BC" if values[unit] > 0}
    active = {"A", "E"} | passes | {{"B": "F", "C": "D"}[unit] for unit in passes}
    for start, end in _WIRES:
        on = start in active and end in active
        colour = _LEAK if leaking and leaking in (start, end) else COLOURS[0]
        (x0, y0), (x1, y1) = _PLACES[start], _PLACES[end]
        colour, width = (colour, 2.4) if on else (_QUIET, 1.2)
        _join(axes, (x0, y0 + 0.75), (x1, y1 - 0.75), color=colour, linewidth=width)
    boxes = {  # what it says, and how wide it is
        "A": (f"A = B + C − {offset:g}\n{values['A']:.1f}", 3.4),
        "B": (f"B = relu(F + {offset:g} − {k:g} e)\n{values['B']:.1f}", 4.3),
        "C": (f"C = relu(D + {offset:g} + {k:g} e − {k:g})\n{values['C']:.1f}", 5.0),
        "F": (f"F\n{values['F']:.1f}", 1.9),
        "D": (f"D\n{values['D']:.1f}", 1.9),
        "E": (f"E: e\n{values['E']:.2g}", 1.9),
    }
    for name, (says, wide) in boxes.items():
        x, y = _PLACES[name]
        x = 2.35 if name == "B" else x
        on = name in active
        colour = _LEAK if name == leaking else COLOURS[0]
        box = FancyBboxPatch(
            (x - wide / 2, y - 0.6), wide, 1.2, boxstyle="round,pad=0.1", linewidth=1.6,
            facecolor=_PALE[colour] if on else "white", edgecolor=colour if on else _QUIET,
        )  # fmt: skip
        axes.add_patch(box)
        size = 8.8 if name in "BC" else 10.0  # as large as the boxes hold, to be read from afar
        axes.text(x, y, says, ha="center", va="center", fontsize=size)
    for name in ("F", "E", "D"):
        x, y = _PLACES[name]
        _join(axes, (5.0, 1.2), (x, y - 0.75), color="0.55")
    axes.set(xlim=(-0.2, 10.2), ylim=(0.9, 10))
    axes.set_axis_off()


def _join(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], **look: str | float
) -> None:
    """An arrow, or whatever line the look asks for."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>"} | look)
