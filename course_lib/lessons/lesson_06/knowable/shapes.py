"""Functions of a known shape: monotone, convex, affine in many variables or in one, constant."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.lessons.lesson_06.knowable.extremes import SAME, Extremes, Function, Range
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass, above_chords

_STEPS, _PIECES = 8, 6  # of a random monotone member, and of a convex one


class Monotone(FunctionClass):
    """Functions that fall in no variable. Where one does, turn that variable round: 1 - x."""

    name = "monotone"
    proof = (
        "Below x_min (no coordinate larger) f is f_min, and beyond x_max it is f_max. Anywhere "
        "else both ends are reached: by a ramp up to f_max that begins after x and x_min, and by "
        "one that starts from x_min and is at f_max before x. Both are monotone and continuous."
    )

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.rise == 0 or not _is_beyond(extremes.x_min, extremes.x_max):
            return ""
        return (
            "x_min is at least x_max in every coordinate, so f(x_min) would have to be the larger "
            "value; give an x_min that is smaller somewhere."
        )

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        if _is_beyond(x, extremes.x_max):
            return Range(extremes.f_max, extremes.f_max)
        if _is_beyond(extremes.x_min, x):
            return Range(extremes.f_min, extremes.f_min)
        return super().open_values(extremes, x)

    def ends(self, extremes: Extremes, x: Tensor) -> tuple[Function, Function]:
        after = _below(torch.stack([x, extremes.x_min]), extremes.x_max).min()
        before = _below(extremes.x_min, torch.stack([x, extremes.x_max])).min()
        lowest = _ramp_up(extremes.x_max, float(after))
        return extremes.scaled(lowest), extremes.scaled(_ramp_from(extremes.x_min, float(before)))

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """A weighted sum of ramps at random places, forced through the extremes by two more."""
        shape = (_STEPS, extremes.dimension)
        corners = torch.rand(shape, generator=generator, dtype=torch.float64)
        weights = torch.rand(_STEPS, generator=generator, dtype=torch.float64)
        weights = weights / weights.sum()
        widths = torch.rand(_STEPS + 2, generator=generator, dtype=torch.float64) + 1e-3
        room = float(_below(extremes.x_min[None], extremes.x_max))
        floor = _ramp_up(extremes.x_max, min(room, float(widths[-1])))
        ceiling = _ramp_from(extremes.x_min, min(room, float(widths[-2])))

        def share(points: Tensor) -> Tensor:
            steps = zip(corners, widths, weights, strict=False)
            total = sum(w * _ramp_up(c, float(r))(points) for c, r, w in steps)
            assert isinstance(total, Tensor)
            # at least the floor, at most the ceiling: neither can undo that it is monotone
            return torch.minimum(torch.maximum(total, floor(points)), ceiling(points))

        return extremes.scaled(share)

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The largest fall of f to a point that is at least as large in every coordinate."""
        fall = function(first) - function(torch.maximum(first, second))
        return max(float(fall.max()), 0.0)


def _is_beyond(first: Tensor, second: Tensor) -> bool:
    """Whether no coordinate of the first point is smaller."""
    return bool((first >= second - SAME).all())


def _below(first: Tensor, second: Tensor) -> Tensor:
    """(N,): how far a coordinate of the first is below the second's at most; one may be (d,)."""
    return (second - first).clamp_min(0).amax(1)


def _ramp_up(place: Tensor, width: float) -> Function:
    """The ramp from 0, where a coordinate is below a place by `width` or more, to 1 beyond it."""
    return lambda points: (1 - _below(points, place) / width).clamp_min(0)


def _ramp_from(place: Tensor, width: float) -> Function:
    """The ramp from 0 below a place to 1, where a coordinate is above it by `width` or more."""
    return lambda points: (_below(place, points) / width).clamp_max(1)


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

    def ends(self, extremes: Extremes, x: Tensor) -> tuple[Function, Function]:
        radius = float(_off_face(torch.stack([x, extremes.x_min]), extremes.x_max).min())
        return (
            extremes.scaled(lambda y: (1 - _off_face(y, extremes.x_max) / radius).clamp_min(0)),
            extremes.scaled(lambda y: share_of_ray(y, extremes.x_min)),
        )

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


class Affine(FunctionClass):
    """Functions c + g·y of any number of variables. Lesson 06 builds the range by hand."""

    name = "affine, many variables"
    proof = (
        "A variable with g_i > 0 is 0 at x_min and 1 at x_max, one with g_i < 0 the other way "
        "round; all others have g_i = 0. The |g_i| of those that can count sum to the rise. With "
        "u_i = |x_i - x_min_i|, f(x) = f_min + sum |g_i| u_i is therefore any weighted mean of "
        "the u_i: from the smallest to the largest, each reached by a single variable."
    )

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.rise == 0 or bool(can_count(extremes).any()):
            return ""
        return (
            "in no coordinate is one of the points at 0 and the other at 1, so every slope would "
            "be 0; give points on opposite sides of the cube."
        )

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        progress = (x - extremes.x_min).abs()[can_count(extremes)]
        low, high = float(progress.min()), float(progress.max())
        return Range(extremes.f_min + extremes.rise * low, extremes.f_min + extremes.rise * high)

    def ends(self, extremes: Extremes, x: Tensor) -> tuple[Function, Function]:
        progress, idle = (x - extremes.x_min).abs(), ~can_count(extremes)
        least = progress.masked_fill(idle, torch.inf).argmin()
        most = progress.masked_fill(idle, -torch.inf).argmax()
        alone = one_hot(torch.stack([least, most]), extremes.dimension).double()
        return _along(extremes, alone[0]), _along(extremes, alone[1])

    def draw(self, extremes: Extremes, generator: torch.Generator) -> Function:
        """Shares of the rise drawn uniformly from all that are possible (a simplex)."""
        shares = -torch.rand(extremes.dimension, generator=generator, dtype=torch.float64).log()
        shares = (shares + 1e-12) * can_count(extremes)
        return _along(extremes, shares / shares.sum())

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The largest distance of f from its chords."""
        return float(above_chords(function, first, second, share).abs().max())


class AffineInOne(Affine):
    """Functions c + g y of one variable."""

    name = "affine, one variable"
    proof = (
        "A line is given by two of its points, and x_min and x_max are two: f(x) = f_min + rise "
        "|x - x_min|. So every value is known."
    )

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.dimension != 1:
            return f"they have {extremes.dimension} coordinates; give points of one coordinate."
        return super().contradiction(extremes)


class Constant(Affine):
    """Functions with one value everywhere: affine without a slope."""

    name = "constant"
    proof = "f(x) = f(x_min), whatever x is."

    def contradiction(self, extremes: Extremes) -> str:
        if extremes.rise == 0:
            return ""
        return (
            f"a constant function does not rise from {extremes.f_min:g} to {extremes.f_max:g}; "
            "give the same value twice."
        )

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        return float((function(first) - function(second)).abs().max())


def can_count(extremes: Extremes) -> Tensor:
    """(d,) booleans: the variables whose slope need not be 0."""
    return (extremes.x_max - extremes.x_min).abs() >= 1 - SAME


def _along(extremes: Extremes, shares: Tensor) -> Function:
    """The affine function whose variables have these shares (d,) of the rise."""
    slopes = shares * (extremes.x_max - extremes.x_min).sign()
    return extremes.scaled(lambda points: (points - extremes.x_min) @ slopes)
