"""Lesson 03: where does the gate open on the way from grey to an image?

Integrated Gradients averages gradients along the straight line from a `baseline` to an `image`,
both `(1, 3, S, S)`. Follow the gate along that line: return `e`, `(steps,)`, as floating point
numbers: 1.0 where the `detector`'s logit is positive and 0.0 where it is not, for `steps` pictures
at even distances from the baseline itself (first) to the image itself (last). `steps` is 2 or more,
and `detector` takes a batch of pictures and returns a logit for each, `(N,)`.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, Wrong, rows, tensor


def reference(detector: nn.Module, image: Tensor, baseline: Tensor, steps: int) -> Tensor:
    """The gate, 0 or 1, at even distances from the baseline to the image."""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    pictures = baseline + share * (image - baseline)
    with torch.no_grad():
        return (detector(pictures) > 0).float()


def _gate(value: object, what: str) -> Tensor:
    gate = tensor(value, what)
    odd = [number for number in gate.flatten().tolist() if number not in (0.0, 1.0)]
    if odd:
        raise Wrong(f"A gate is 0 or 1, and you returned {odd[0]:.3g}: compare the logit with 0.")
    return gate


class _Detector(nn.Module):
    """Takes pictures for visualizations whose mean green lies between two levels.

    Args:
        at: the row and column of the only pixel that it looks at; by default at all.
    """

    def __init__(
        self, low: float, high: float = 9.0, size: int = 4, at: tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        self._low, self._high = low, high
        self._green = nn.Conv2d(3, 1, size, bias=False).requires_grad_(False)  # as the lab's
        where = torch.full((size, size), 1 / size**2)
        if at is not None:
            where.zero_()[at] = 1
        self._green.weight.copy_(torch.tensor([0, 1, 0])[:, None, None] * where)

    def forward(self, images: Tensor) -> Tensor:
        green = self._green(images).flatten()
        return torch.minimum(green - self._low, self._high - green)


def _grey(level: float) -> Tensor:
    return torch.full((1, 3, 4, 4), level)


def _noise(seed: int, size: int) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


_SPOTTED = _grey(0.3)  # a baseline with a pattern, of which no part is as bright as its mean
_SPOTTED[..., 0, 0], _SPOTTED[..., 0, 3], _SPOTTED[..., 2, 1] = 0.9, 0.0, 0.1

_GREEN = _grey(0.5)
_GREEN[:, 0], _GREEN[:, 2] = 0.0, 0.1


def _open(
    detector: Callable[[Tensor], Tensor], share: Tensor, image: Tensor, baseline: Tensor
) -> Tensor:
    pictures = baseline + share[:, None, None, None] * (image - baseline)
    return (detector(pictures) > 0).float()


def _even(n: int) -> Tensor:
    return torch.linspace(0, 1, n)


def _at(shares: Callable[[int], Tensor]) -> Callable[..., Tensor]:
    return lambda d, i, b, n: _open(d, shares(n), i, b)


_ROWS: Rows = {
    "you walk from the image to the baseline: turn it round.": _at(lambda n: _even(n).flip(0)),
    "your last picture is not the image, n - 1 steps away.": _at(lambda n: torch.arange(n) / n),
    "your first picture is not the baseline.": _at(lambda n: torch.arange(1, n + 1) / n),
    "you leave out both ends, baseline and image.": _at(lambda n: _even(n + 2)[1:-1]),
    "your steps get larger and larger: make them even.": _at(lambda n: _even(n).square()),
    "the gate is upside down: 1 is for a positive logit.": lambda *line: 1 - reference(*line),
    "your line starts from black, and not from the `baseline`.":
        lambda d, i, b, n: reference(d, i, torch.zeros_like(b), n),
    "your line starts from a picture of 0.5 throughout, and not from the `baseline`.":
        lambda d, i, b, n: reference(d, i, torch.full_like(b, 0.5), n),
    "you add image, not image - baseline.": lambda d, i, b, n: reference(d, i + b, b, n),
    "you compare with 0.5, the middle of a probability; that of a logit is 0.":
        lambda d, i, b, n: _open(lambda p: d(p) - 0.5, _even(n), i, b),
    "once open your gate stays open.": lambda *line: reference(*line).cummax(0).values,
}  # fmt: skip
_EDGE: Rows = {
    "you open it for a logit of exactly 0, and that is not positive.":
        lambda d, i, b, n: 1 - _open(lambda p: -d(p), _even(n), i, b),
}  # fmt: skip


def _begin(
    found: Tensor, wanted: Tensor, detector: nn.Module, image: Tensor, base: Tensor, n: int
) -> str:
    gates = [" ".join(f"{value:.0f}" for value in gate.tolist()) for gate in (wanted, found)]
    at = int((found != wanted).nonzero()[0])
    logit = detector(base + at / (n - 1) * (image - base)).item()
    return (
        f"With steps={n} the gate should be {gates[0]}, and yours is {gates[1]}. Picture number "
        f"{at}, counted from 0, lies {at}/{n - 1} of the way from the baseline (of mean "
        f"{float(base.mean()):.2g}) to the image, and its logit is {logit:.4g}:"
    )


_LINES = [
    (_Detector(0.65), _grey(0.9), _grey(0.0), 11),  # for the last three
    (_Detector(0.88), _grey(0.9), _grey(0.0), 11),  # opens for the image alone
    (_Detector(-9.0, 0.05), _grey(0.9), _grey(0.0), 11),  # for the baseline alone
    (_Detector(0.65), _grey(0.4), _grey(0.8), 5),  # from a baseline that is not black
    (_Detector(0.3, 0.46), _grey(0.1), _grey(0.6), 25),  # in the middle
    (_Detector(0.5, size=7), _noise(0, 7) / 2, _noise(1, 7) / 2 + 0.5, 6),
    (_Detector(0.4), _grey(0.2), _grey(0.5), 2),
    (_Detector(0.496), _grey(0.9), _grey(0.0), 10),  # its logit is 0.004 in one of them
    *(
        (_Detector(0.4, at=at), *ends, 12)
        for at in ((0, 0), (0, 3), (2, 1))
        for ends in ((_grey(0.5), _SPOTTED), (_SPOTTED, _grey(0.5)))
    ),
    (_Detector(0.3), _GREEN, _grey(0.1), 6),
]
_AT_ZERO = [(_Detector(level), _grey(1.0), _grey(0.0), n) for level, n in ((0.5, 5), (1.0, 3))]
_RULE = "the steps are even, both ends included, and 1 is for a picture's own logit above 0."
_SHUT = "a logit of exactly 0 is not positive."

EXERCISE = Exercise(
    title="the gate along a path",
    core=False,
    difficulty=3,
    minutes=8,
    reference=reference,
    gives=Gives(_gate, "the gate"),
    checks=(
        Agrees(
            "follows the line from the baseline to the image", _LINES, _begin, _RULE, rows(_ROWS)
        ),
        Agrees("is shut where the logit is 0", _AT_ZERO, _begin, _SHUT, rows(_EDGE)),
    ),
    hints=(
        "torch.linspace(0, 1, steps) says how far along each picture lies.",
        "baseline + share * (image - baseline), with share (steps, 1, 1, 1), is all of them.",
        "(detector(pictures) > 0).float(), and with torch.no_grad() it costs less.",
    ),
)
