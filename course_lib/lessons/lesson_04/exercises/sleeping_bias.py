"""Lesson 04: the bias with which a twin sleeps.

`responses` `(N, n, H, W)` is what `n` twins say to `N` renders at every position, without a bias.
Return a bias for each twin, `(n,)`, with which it stays below 0 for all renders and positions:
minus its **largest** response, and a **margin** further. The margin is a share, `margin`, of the
distance from the twin's mean response (over all renders and positions) to its largest one.
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Rows, rows, tensor


def reference(responses: Tensor, margin: float) -> Tensor:
    """For each twin the bias with which it sleeps."""
    largest, mean = responses.amax((0, 2, 3)), responses.mean((0, 2, 3))
    return -(largest + margin * (largest - mean))


def _responses(*shape: int) -> Tensor:
    """Twins that differ in height and spread; the third is negative throughout."""
    noise = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))
    twin = torch.arange(shape[1])[:, None, None]
    spread, middle = torch.tensor([[1.0, 3, 0.5, 2], [0.5, 9, -20, 4]])[:, twin % 4]
    return noise * spread + middle


_MANY, _SQUARE, _ONE = _responses(30, 4, 5, 7), _responses(3, 3, 3, 3), _responses(1, 1, 2, 1)
_CASES = [_MANY, _SQUARE, _ONE, _MANY[:2, 2:].double() / 1e3, _responses(6, 5, 1, 1) - 90]


def _begin(found: Tensor, wanted: Tensor, responses: Tensor, margin: float) -> str:
    twin = int((found - wanted).abs().argmax())
    own, mine, due = responses[:, twin], found[twin], wanted[twin]
    told = f"{abs(mine - due):.3g} too {'high' if mine > due else 'low'}"
    if awake := int((own + mine > 0).sum()):
        told = f"with which {awake} of its {own.numel()} responses are above 0"
    return (
        f"With margin={margin:g}, twin {twin} needs a bias of {due:.6g}: its largest response is "
        f"{own.max():.6g}, {own.max() - own.mean():.6g} above its mean, {own.mean():.6g}. Yours is "
        f"{mine:.6g}, {told}:"
    )


def _largest(r: Tensor) -> Tensor:
    return r.amax((0, 2, 3))


_SILENT: Rows = {
    "the sign is wrong. Such a bias lifts a twin, and it should sleep.":
        lambda r, m: -reference(r, m),
    "all twins have the bias of the loudest one, so that the others are hard to wake. Take the "
    "largest response of each.": lambda r, m: -r.amax().expand(r.shape[1]),
    "you averaged over positions first, and the twin answers at single ones: take the largest over "
    "positions too.": lambda r, m: -_largest(r.mean((2, 3), keepdim=True)),
    "you averaged over renders first, and the twin has to sleep for each of them.":
        lambda r, m: -_largest(r.mean(0, keepdim=True)),
    "you look at the first render only, and the twin has to sleep for all.":
        lambda r, m: -_largest(r[:1]),
    "that silences the mean response, and larger ones wake the twin.":
        lambda r, m: -r.mean((0, 2, 3)),
    "that silences the smallest response alone; the largest one decides.":
        lambda r, m: _largest(-r),
    "you take the largest absolute value; what is far below 0 wakes no twin.":
        lambda r, m: -_largest(r.abs()),
    "a twin that is negative throughout is asleep already, and its largest response decides all "
    "the same.": lambda r, m: -_largest(r).clamp(min=0),
    "you keep a margin of 0.05 where `margin` is 0: use it as it is given.":
        lambda r, m: reference(r, 0.05),
}  # fmt: skip
_MARGIN: Rows = {
    "there is no margin. Another batch size rounds differently, and the scale will make that 100 "
    "times larger.": lambda r, m: reference(r, 0.0),
    "the margin goes the wrong way, so that renders wake the twin.": lambda r, m: reference(r, -m),
    "your margin is a share of the largest response itself, and goes the wrong way where that is "
    "negative: take a share of largest - mean.": lambda r, m: -_largest(r) * (1 + m),
    "your margin is a share of the largest response's size: take one of largest - mean.":
        lambda r, m: -_largest(r) - m * _largest(r).abs(),
    "you add the margin itself; it is a share of largest - mean.": lambda r, m: -_largest(r) - m,
    "your margin is a share of the standard deviation: take largest - mean.":
        lambda r, m: -_largest(r) - m * r.std((0, 2, 3)),
    "your margin is a share of largest - smallest: take largest - mean.":
        lambda r, m: -_largest(r) - m * (_largest(r) + _largest(-r)),
    "your margin is a share of largest - median: take largest - mean.":
        lambda r, m: m * r.transpose(0, 1).flatten(1).median(1).values - (1 + m) * _largest(r),
    "you take one mean for all twins; each has its own.":
        lambda r, m: m * r.mean() - (1 + m) * _largest(r),
    "the mean is over all positions, too, not over each render's largest response.":
        lambda r, m: m * r.amax((2, 3)).mean(0) - (1 + m) * _largest(r),
}  # fmt: skip

EXERCISE = Exercise(
    title="asleep for every render",
    core=True,
    difficulty=2,
    minutes=6,
    reference=reference,
    gives=Gives(tensor, "the bias"),
    checks=(
        Agrees(
            "keeps every twin silent where no margin is asked for, and no more than that",
            [(responses, 0.0) for responses in _CASES],
            _begin,
            "where no margin is asked for it is minus the twin's own largest response, of all "
            "renders and positions, and not a little more or less.",
            rows(_SILENT),
        ),
        Agrees(
            "keeps the margin",
            [(r, m) for r, m in zip(_CASES, (0.1, 0.5, 0.05, 2.0, 0.25), strict=True)],
            _begin,
            "on top of the largest response comes margin x (largest - mean), with this twin's own "
            "mean of all responses.",
            rows(_MARGIN),
            within=1e-5,
        ),
    ),
    hints=(
        "Each twin has a largest response of its own, over renders and positions.",
        "responses.amax((0, 2, 3)) and responses.mean((0, 2, 3)) both have shape (n,).",
        "-(largest + margin * (largest - mean))",
    ),
)
