"""Functions that lie below their chords."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.lessons.lesson_06.knowable.extremes import SAME, Extremes, Function, Range
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass, above_chords

_PIECES = 6  # of a random member


class Convex(FunctionClass):
    """Convex functions on the cube. Lesson 06 builds the ceiling by hand."""

    name = "convex"
    proof = (
        "Maximum: x_max lies inside its face of the cube, so f is f_max on that whole face. "
        "Ceiling: follow the ray from x_min through x to the cube's surface; below the chord, "
        "f(x) <= f_min + p(x) rise, p the share of the ray up to x. p is a maximum of affine "
        "functions, so the ceiling is convex itself. Floor: f_min + rise max(0, 1 - s(y) / r), s "
        "the sum of distances to the facets of x_max (affine, 0 on its face), is convex, and f_min "
        "at x for small r."
    )

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.rise == 0:
            return ""
        if not bool(_fixed(extremes.x_max).any()):
            return (
                "x_max lies inside the cube, where a convex function is largest only if it is "
                "constant; give an x_max on the cube's surface."
            )
        if float(_off_face(extremes.x_min[None], extremes.x_max)) <= SAME:
            return (
                "x_min lies on the face of the cube that x_max is inside of, on which f is f_max; "
                "give an x_min off that face."
            )
        return ""

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        if float(_off_face(x[None], extremes.x_max)) <= SAME:
            return Range(extremes.f_max, extremes.f_max)
        share = float(share_of_ray(x[None], extremes.x_min))
        return Range(extremes.f_min, extremes.f_min + extremes.rise * share)

    def lowest(self, extremes: Extremes, x: Tensor) -> Function:
        known = torch.stack([x, extremes.x_min])
        radius = float(_off_face(known, extremes.x_max).min())
        return extremes.scaled(
            lambda points: (1 - _off_face(points, extremes.x_max) / radius).clamp_min(0)
        )

    def highest(self, extremes: Extremes, x: Tensor) -> Function:
        return extremes.scaled(lambda points: share_of_ray(points, extremes.x_min))

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """The largest of some random planes, one of them through x_max, sometimes bent further."""
        x_min, d = extremes.x_min, extremes.dimension
        slopes = torch.randn(_PIECES, d, generator=generator, dtype=torch.float64)
        starts = torch.rand(_PIECES, generator=generator, dtype=torch.float64) * 0.5
        heights = torch.rand(_PIECES, generator=generator, dtype=torch.float64)
        # a plane's largest value over the cube, from -start at x_min
        rises = torch.maximum(slopes * (1 - x_min), -slopes * x_min).sum(1)
        # a plane that rises nowhere stays below 0
        slopes = slopes * torch.where(rises > 0, (heights + starts) / rises, 0.0)[:, None]
        weights = 0.05 + torch.rand(d, generator=generator, dtype=torch.float64)
        room = float(_off_face(x_min[None], extremes.x_max, weights))
        radius = room * float(0.1 + 0.9 * torch.rand(1, generator=generator))
        power = 1 + 2 * float(torch.rand(1, generator=generator)) ** 2

        def share(points: Tensor) -> Tensor:
            planes = (points - x_min) @ slopes.T - starts
            edge = 1 - _off_face(points, extremes.x_max, weights) / radius
            return torch.maximum(planes.amax(1), edge).clamp(0, 1) ** power

        return extremes.scaled(share)

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The largest height of f above its chords."""
        return max(float(above_chords(function, first, second, share).max()), 0.0)


def share_of_ray(points: Tensor, x_min: Tensor) -> Tensor:
    """(N,) in [0, 1]: the place of points (N, d) on the ray from x_min to the cube's surface.

    The Minkowski gauge of the cube seen from x_min: a maximum of affine functions.
    """
    step = points - x_min
    room = torch.where(step > 0, 1 - x_min, x_min)
    return torch.where(step == 0, 0.0, step.abs() / room).amax(1)


def _fixed(x_max: Tensor) -> Tensor:
    """(d,) booleans: the coordinates that are the same on x_max's face, each 0 or 1."""
    return (x_max <= SAME) | (x_max >= 1 - SAME)


def _off_face(points: Tensor, x_max: Tensor, weights: Tensor | None = None) -> Tensor:
    """(N,): a weighted sum of the distances to the facets that x_max is on; 0 on its face."""
    apart = (points - x_max.round()).abs() * _fixed(x_max)
    return (apart if weights is None else apart * weights).sum(1)
