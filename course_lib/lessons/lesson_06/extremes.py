"""Lesson 06: the explorer, the table of the three questions, the lab's slopes."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.classroom.widgets import Control, Explorer, OneOf, Values, Whole
from course_lib.display import Message, tabulated
from course_lib.figures import Picture
from course_lib.lessons.lesson_06.knowable.catalogue import find_class
from course_lib.lessons.lesson_06.knowable.extremes import LINE, Extremes
from course_lib.lessons.lesson_06.knowable.plots import Problem, band_figure
from course_lib.lessons.lesson_06.knowable.questions import ClassRow
from course_lib.visualization.ascent import visualize
from course_lib.visualization.objectives import logit

FIVE = ("black box", "Lipschitz, L known", "monotone", "convex", "affine, one variable")


def problem(name: str, *, slope: float = 1.5, extremes: Extremes = LINE) -> Problem:
    """A class with its extremes; slope: L, for Lipschitz."""
    return find_class(name, extremes, L=slope), extremes


def extremes_explorer() -> Explorer:
    """The explorer of lesson 06: a class, x, L, and how many random members.

    It shows what the class leaves open, with its witnesses. x is in percent of the way from 0 to 1;
    slope is L, in percent of the slope that the extremes force.
    """

    def explore(kind: str, x: int, slope: int, members: int) -> Picture:
        title = f"{kind} (L = {slope / 100:g})" if kind == "Lipschitz, L known" else kind
        chosen = problem(kind, slope=slope / 100)
        return band_figure({title: chosen}, x / 100, members=members, panel=(5.6, 3.5))

    controls: dict[str, Control] = {
        "kind": OneOf(FIVE, FIVE[0]),
        "x": Whole(0, 100, 40),
        "slope": Whole(100, 400, 150, step=5),
        "members": Whole(0, 12, 0),
    }
    sheet: list[Values] = [
        {},
        {"kind": "Lipschitz, L known"},
        {"kind": "Lipschitz, L known", "slope": 105},
        {"kind": "monotone", "members": 6},
        {"kind": "convex", "x": 75},
        {"kind": "affine, one variable"},
    ]
    return Explorer(explore, controls, sheet=sheet)


def proofs(names: Sequence[str]) -> Message:
    """The proofs of the classes' ranges."""
    found = [(name, problem(name)[0].proof) for name in names]
    page = "".join(f"<p><b>{html.escape(n)}.</b> {html.escape(why)}</p>" for n, why in found)
    return Message(page, "\n".join(f"{name}: {why}" for name, why in found))


def class_table(rows: Sequence[ClassRow], code: str) -> Message:
    """A table of the three questions for each class: yes, no, or the share of points with a yes;
    code: whose the answers rest on.
    """
    head = ["class", "exact value", "within 0.05", "nearer to min or max", "widest range",
            "the paper's verdict"]  # fmt: skip
    verdicts = {True: "the same", False: "another", None: "can't be compared"}
    cells = [
        [r.name, *map(_share, (r.exact, r.within, r.side)), f"{r.widest:.2f}", verdicts[r.agrees]]
        for r in rows
    ]
    return tabulated(head, cells, note=f"answered with: {code}")


def _share(value: float) -> str:
    if value in (0, 1):
        return "yes" if value else "no"
    return f"at {100 * value:.0f} % of points" if value >= 0.01 else "at < 1 % of points"


class Slopes(NamedTuple):
    """Measurements of one logit's slope, in logits a unit of Euclidean distance.

    forced: by the two visualizations. steepest: the largest gradient that was met, at renders and
        on the straight ways from renders to the visualization; the true L is at least this.
    open_forced, open_steepest: for each render, the share of the rise that a known L of this size
        leaves open.
    """

    forced: float
    steepest: float
    open_forced: Tensor
    open_steepest: Tensor


def both_extremes(
    network: nn.Module, units: Sequence[int], *, steps: int = 80
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pictures that make logits small and large, (K, 3, S, S) each, and the logits there, (K,).

    Plain pixels without transformations: not the prettiest pictures, but the most extreme.
    """
    least, most = (
        visualize(
            network, objective=[sign * logit(u) for u in units], image="pixels",
            transformations=None, steps=steps,
        )
        for sign in (-1, 1)
    )  # fmt: skip
    low = record(network, [None], least.images)[None]
    return least.images, most.images, low[range(len(units)), list(units)], most.activations


def slopes(
    network: nn.Module,
    unit: int,
    renders: Tensor,
    lowest: tuple[Tensor, float],
    highest: tuple[Tensor, float],
    *,
    places: int = 6,
) -> Slopes:
    """The slopes of a logit between renders and its visualization, and what they leave open.

    Args:
        renders: (N, 3, S, S). lowest, highest: the two visualizations (3, S, S), and the logits.
        places: at how many places of each way to take the gradient, the render's among them.
    """
    (x_min, f_min), (x_max, f_max) = lowest, highest
    rise = f_max - f_min
    forced = rise / float((x_max - x_min).norm())
    steepest = 0.0
    for share in torch.linspace(0, 1, places):
        images = torch.lerp(renders, x_max, share).detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(network(images)[:, unit].sum(), images)
        steepest = max(steepest, float(gradient.flatten(1).norm(dim=1).max()))
    up = (renders - x_min).flatten(1).norm(dim=1)
    down = (renders - x_max).flatten(1).norm(dim=1)

    def open_share(bound: float) -> Tensor:
        low = (f_max - bound * down).clamp_min(f_min)
        high = (f_min + bound * up).clamp_max(f_max)
        return (high - low) / rise

    return Slopes(forced, steepest, open_share(forced), open_share(max(steepest, forced)))
