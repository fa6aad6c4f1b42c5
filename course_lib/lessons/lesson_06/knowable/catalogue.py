"""The twelve classes by name."""

import difflib

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable import lipschitz, networks, shapes
from course_lib.lessons.lesson_06.knowable.extremes import Extremes
from course_lib.lessons.lesson_06.knowable.function_class import AnyFunction, FunctionClass

_PLAIN: tuple[type[FunctionClass], ...] = (
    AnyFunction, networks.ReLUNetworks, lipschitz.LipschitzUnknown, networks.PiecewiseAffine,
    shapes.Monotone, shapes.Convex, shapes.Affine, shapes.AffineInOne, shapes.Constant,
)  # fmt: skip
NAMES = (
    "black box", "ReLU networks", "trained to zero loss", "Lipschitz, L unknown",
    "Lipschitz, L large", "Lipschitz, L small", "piecewise affine", "monotone", "convex",
    "affine, many variables", "affine, one variable", "constant",
)  # fmt: skip
"""All twelve, in the order of the table. "Lipschitz, L known" is known to `find_class` as well."""

_TIMES = {"Lipschitz, L small": 1.05, "Lipschitz, L large": 20.0}  # the slope that is forced


def find_class(
    name: str,
    extremes: Extremes | None = None,
    *,
    L: float | None = None,  # noqa: N803 - what the whole field calls it
    norm: float = 2.0,
    data: tuple[Tensor, Tensor] | None = None,
) -> FunctionClass:
    """A function class by its name.

    Args:
        name: one of `NAMES`, or "Lipschitz, L known".
        extremes: for "L small" and "L large", which are 1.05 and 20 times the slope that the
            extremes force.
        L: the bound, for "Lipschitz, L known". norm: 1, 2 or math.inf, for all with L known.
        data: inputs (n, d) and targets (n,), for "trained to zero loss".

    Raises:
        ValueError: there is no such class, or something that it needs is missing.
    """
    for plain in _PLAIN:
        if name == plain.name:
            return plain()
    if name == "trained to zero loss":
        if data is None:
            raise ValueError(f"The class {name!r} needs its training data: give data=.")
        return networks.TrainedNetworks(*data)
    if name == "Lipschitz, L known":
        if L is None:
            raise ValueError(f"The class {name!r} needs its bound: give L=.")
        return lipschitz.Lipschitz(L, norm)
    if name in _TIMES:
        if extremes is None:
            raise ValueError(f"The class {name!r} needs the extremes, which L is relative to.")
        bound = _TIMES[name] * lipschitz.forced_slope(extremes, norm) or 1.0
        return lipschitz.Lipschitz(bound, norm, name)
    known = [*NAMES, "Lipschitz, L known"]
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"There is no class {name!r}.{meant} The classes are: {'; '.join(known)}.")


def typical_extremes(name: str, dimension: int = 2) -> Extremes:
    """Extremes that a class has members with, for examples: opposite corners of the cube, as far
    as the class allows, with values 0 and 1.

    For "affine, one variable" the dimension is 1; for "constant" the values are both 0.5.
    """
    d = 1 if name == "affine, one variable" else dimension
    values = (0.5, 0.5) if name == "constant" else (0.0, 1.0)
    return Extremes(torch.zeros(d), torch.ones(d), *values)
