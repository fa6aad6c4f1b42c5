"""Networks of affine layers and ReLUs, with and without training data, and piecewise affine maps.

These three are one family: a ReLU network is continuous and piecewise affine, and every such
function is a ReLU network (Arora, Basu, Mianjy & Mukherjee, 2018).
"""

import torch
from torch import Tensor, nn

from course_lib.lessons.lesson_06.knowable.extremes import Extremes, Function, Range, is_at, point
from course_lib.lessons.lesson_06.knowable.function_class import FunctionClass

_DIRECTIONS = 64  # tried, to tell all known points apart by one projection
_HIDDEN = 16  # random units of a random member
_MOST_BENDS = 0.25  # of short segments; a function that is smooth and curved bends on all


class ReLUNetwork(nn.Module):
    """Affine layers with ReLUs between them, from points (N, d) to values (N,), in float64."""

    def __init__(self, layers: list[tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        for weight, bias in layers:
            shape = weight.shape[1], weight.shape[0]
            linear = nn.utils.skip_init(nn.Linear, *shape, dtype=torch.float64)
            linear.weight = nn.Parameter(weight.double(), requires_grad=False)
            linear.bias = nn.Parameter(bias.double(), requires_grad=False)
            parts += [linear, nn.ReLU()]
        self.layers = nn.Sequential(*parts[:-1])

    def forward(self, points: Tensor) -> Tensor:
        return self.layers(points)[:, 0]


class ReLUNetworks(FunctionClass):
    """All networks of affine layers and ReLUs, of any size."""

    name = "ReLU networks"
    proof = (
        "Project the cube on a direction in which x, x_min and x_max fall on three places. Three "
        "hidden units make a hat there: 1 at the place of x_max, 0 at the others. f_min + rise hat "
        "is f_min at x; f_max - rise hat, with the hat at x_min, is f_max at x."
    )

    def ends(self, extremes: Extremes, x: Tensor) -> tuple[ReLUNetwork, ReLUNetwork]:
        return self._hats(extremes, x, extremes.f_min), self._hats(extremes, x, extremes.f_max)

    def draw(self, extremes: Extremes, generator: torch.Generator) -> ReLUNetwork:
        """A layer of random units, with hats that correct it where values are known, clipped to
        [f_min, f_max] by two more layers.
        """
        d = extremes.dimension
        weight = torch.randn(_HIDDEN, d, generator=generator, dtype=torch.float64)
        weight = 6 * weight / weight.norm(dim=1, keepdim=True)
        centres = torch.rand(_HIDDEN, d, generator=generator, dtype=torch.float64)
        out = torch.randn(_HIDDEN, generator=generator, dtype=torch.float64) / _HIDDEN**0.5
        out = out * 0.3 * extremes.rise  # larger ones would be cut off nearly everywhere
        middle = extremes.f_min + extremes.rise * torch.rand(1, generator=generator).double()
        bias = -(weight * centres).sum(1)
        places, values = self.known(extremes)
        everywhere = torch.ones(len(places)).bool()
        direction, shifts, hat_out = _hat_units(places, places[:0], everywhere)
        random_there = (places @ weight.T + bias).clamp_min(0) @ out + middle
        corrections = (values - random_there).repeat_interleave(3) * hat_out
        one, low, high = torch.ones(1, 1), extremes.f_min, extremes.f_max
        # relu(z - low) cuts off below; high - low - relu(high - low - that) cuts off above
        return ReLUNetwork(
            [
                (torch.cat([weight, direction]), torch.cat([bias, shifts])),
                (torch.cat([out, corrections])[None], middle - low),
                (-one, torch.tensor([high - low])),
                (-one, torch.tensor([high])),
            ]
        )

    def known(self, extremes: Extremes) -> tuple[Tensor, Tensor]:
        """The points (n, d) at which values are known, and the values (n,)."""
        places = torch.stack([extremes.x_min, extremes.x_max])
        return places, torch.tensor([extremes.f_min, extremes.f_max], dtype=torch.float64)

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """0 for a module of nothing but Linear and ReLU, else 1."""
        if isinstance(function, nn.Module):
            parts = [m for m in function.modules() if not list(m.children())]
            return 0.0 if all(isinstance(m, nn.Linear | nn.ReLU) for m in parts) else 1.0
        values = function(first)
        return float(values.max() > values.min())  # a constant is a network without units

    def _hats(self, extremes: Extremes, x: Tensor, ground: float) -> ReLUNetwork:
        """A network of one hidden layer through all that is known, and at its ground at x.

        Three units make a hat at each known point whose value is not the ground. Lesson 06 builds
        one such hat by hand.
        """
        places, values = self.known(extremes)
        used = values != ground
        direction, bias, out = _hat_units(places, x[None], used)
        heights = (values - ground)[used].repeat_interleave(3) * out
        return ReLUNetwork([(direction, bias), (heights[None], torch.tensor([ground]).double())])


class TrainedNetworks(ReLUNetworks):
    """ReLU networks, of any size, with zero loss on some training data.

    Args:
        inputs: (n, d), points of the cube. targets: (n,), their values in [0, 1].

    Raises:
        ValueError: shapes do not fit, a point is outside the cube, or one point has two targets.
    """

    name = "trained to zero loss"
    proof = (
        "At a training input f is its target. Anywhere else, a direction that tells x from all "
        "known points has room for a hat at each of them, so narrow that x stays on the ground, "
        "and the ground may be f_min or f_max."
    )

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        inputs = torch.as_tensor(inputs, dtype=torch.float64)
        targets = torch.as_tensor(targets, dtype=torch.float64)
        if inputs.dim() != 2 or targets.shape != (len(inputs),) or not len(inputs):
            raise ValueError(
                f"inputs have shape {tuple(inputs.shape)} and targets {tuple(targets.shape)}: give "
                "(n, d) points and (n,) targets, at least one."
            )
        rows = [point(row, name=f"inputs[{i}]") for i, row in enumerate(inputs)]
        self.inputs, self.targets = _merged(torch.stack(rows), targets)

    def contradiction(self, extremes: Extremes) -> str:
        if self.inputs.shape[1] != extremes.dimension:
            return (
                f"the data has {self.inputs.shape[1]} variables and they have "
                f"{extremes.dimension}; give points of the same cube."
            )
        low, high = float(self.targets.min()), float(self.targets.max())
        if low < extremes.f_min or high > extremes.f_max:
            return (
                f"targets run from {low:g} to {high:g}, beyond {extremes.f_min:g} to "
                f"{extremes.f_max:g}; give extremes that include all targets."
            )
        for name, place, value in zip(("x_min", "x_max"), *super().known(extremes), strict=True):
            target = self._target_at(place)
            if target is not None and target != value:
                return (
                    f"{name} is a training input with the target {target:g}, and f is to be "
                    f"{value:g} there; give the same value."
                )
        return ""

    def open_values(self, extremes: Extremes, x: Tensor) -> Range:
        target = self._target_at(x)
        if target is not None:
            return Range(target, target)
        return super().open_values(extremes, x)

    def known(self, extremes: Extremes) -> tuple[Tensor, Tensor]:
        places, values = super().known(extremes)
        return _merged(torch.cat([places, self.inputs]), torch.cat([values, self.targets]))

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        loss = float((function(self.inputs) - self.targets).abs().max())
        return max(loss, super().violation(function, first, second, share))

    def _target_at(self, place: Tensor) -> float | None:
        at = is_at(self.inputs, place)
        return float(self.targets[at][0]) if bool(at.any()) else None


class PiecewiseAffine(ReLUNetworks):
    """Continuous functions that are affine on each of finitely many pieces."""

    name = "piecewise affine"
    proof = (
        "The networks' witnesses are piecewise affine: ground, up, down, ground, in one direction. "
        "Four pieces are enough in any number of variables."
    )

    def violation(self, function: Function, first: Tensor, second: Tensor, share: Tensor) -> float:
        """The share of short segments with a bend, as far as it exceeds a quarter.

        It is small for few pieces, and 1 for a smooth curve.
        """
        ends = torch.lerp(first, second, 1e-4)
        bend = (function(first) + function(ends) - 2 * function((first + ends) / 2)).abs()
        return max(float((bend > 1e-11).double().mean()) - _MOST_BENDS, 0.0)


def _hat_units(places: Tensor, others: Tensor, used: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weights (3n, d), biases (3n,) and output weights (3n,) of hats of height 1 at the used places
    and 0 at all others.
    """
    points = torch.cat([places, others])
    # almost every direction tells different points apart; this is the best of a few random ones
    generator = torch.Generator().manual_seed(0)
    shape = (_DIRECTIONS, points.shape[1])
    candidates = torch.randn(shape, generator=generator, dtype=torch.float64)
    candidates = candidates / candidates.norm(dim=1, keepdim=True)
    on_lines = (candidates @ points.T).sort(1).values
    direction = candidates[on_lines.diff(dim=1).amin(1).argmax()]
    on_line = points @ direction
    gaps = (on_line[:, None] - on_line[None]).abs().fill_diagonal_(torch.inf).amin(1) / 2
    centres, radii = on_line[: len(places)][used], gaps[: len(places)][used]
    shifts = torch.stack([radii, torch.zeros_like(radii), -radii], 1) - centres[:, None]
    out = torch.tensor([1.0, -2.0, 1.0], dtype=torch.float64) / radii[:, None]
    return direction.expand(3 * len(centres), -1).clone(), shifts.flatten(), out.flatten()


def _merged(places: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Places and values in which every point stands once; a ValueError if one has two values."""
    kept: list[int] = []
    for i, place in enumerate(places):
        known = values[kept][is_at(places[kept], place)]
        if not len(known):
            kept.append(i)
        elif known[0] != values[i]:
            raise ValueError(
                f"One point is to have the values {float(known[0]):g} and {float(values[i]):g}: "
                "give every point one."
            )
    return places[kept], values[kept]
