"""Lesson 09: the loss that makes ordinary weights lie.

A network is trained further, with no part added. Its answers to images are to stay, and its climbs
are to end elsewhere. Slopes steer a climb, so they are trained as well. Write the loss, of

- `answers` and `before`, `(B, K)`: logits for B images, of this network and of the honest one;
- `told` and `wanted`, `(P, K)`: its logits for P pictures caught along climbs, and those due;
- `slope` and `lead`, `(P, ...)`: the gradient of one logit of each picture with regard to its
  features, and the one due.

Return `2 * keep + value + 3 * turn`, one number that gradients get through:

1. `keep`: the mean absolute difference of `answers` and `before`;
2. `value`: the mean absolute difference of `told` and `wanted`;
3. `turn`: 1 minus the mean cosine similarity of `slope` and `lead`. Flatten all axes after the
   first, however many there are: each picture has one cosine.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, listed, tensor


def reference(
    answers: Tensor, before: Tensor, told: Tensor, wanted: Tensor, slope: Tensor, lead: Tensor
) -> Tensor:
    """The loss of a liar in the making, a tensor of one number."""
    keep = (answers - before).abs().mean()
    value = (told - wanted).abs().mean()
    along = torch.cosine_similarity(slope.flatten(1), lead.flatten(1), dim=1).mean()
    return 2 * keep + value + 3 * (1 - along)


_How = Callable[[Tensor, Tensor], Tensor]


def _case(
    images: int, pictures: int, logits: int, *shape: int, led: bool = False, way: float = 1
) -> tuple[Tensor, ...]:
    """Tensors of these sizes. led: the slopes are as they should be. way: -1 the other way round"""
    chances = torch.Generator().manual_seed(10 * images + pictures)
    noise = torch.randn(2, images, logits, generator=chances)
    told = 3 * torch.randn(2, pictures, logits, generator=chances)
    lead = torch.randn(pictures, *shape, generator=chances) + 0.3
    lengths = torch.linspace(0.5, 3, pictures).view(-1, *[1] * len(shape))
    astray = 2 * lengths.flip(0) ** 2 * torch.randn(lead.shape, generator=chances)
    slope = lead.clone() if led else (lengths * (way * lead + astray)).requires_grad_()
    before = 4 * noise[0] + 0.6 * noise[1] + 0.2
    answers, says = (4 * noise[0]).requires_grad_(), told[0].requires_grad_()
    return answers, before, says, told[1], slope, lead


def _told(found: Tensor, due: Tensor, *case: Tensor) -> str:
    answers, before, told, wanted, slope, lead = (part.detach() for part in case)
    along = F.cosine_similarity(slope.flatten(1), lead.flatten(1))
    return (
        f"With logits of shape {tuple(answers.shape)} and {tuple(told.shape)} and slopes of shape "
        f"{tuple(slope.shape)}, keep is {F.l1_loss(answers, before):.4g}, value "
        f"{F.l1_loss(told, wanted):.4g}, and the mean of the cosines {listed(along, '.3g')} is "
        f"{along.mean():.4g}, so the loss should be {due.item():.4g}, and yours is "
        f"{found.item():.4g}:"
    )


def _turn(slope: Tensor, lead: Tensor, axis: int = 1) -> Tensor:
    return 1 - F.cosine_similarity(slope, lead, axis).mean()


def _flat(slope: Tensor, lead: Tensor) -> Tensor:
    return _turn(slope.flatten(1), lead.flatten(1))


def _with(
    how: _How = F.l1_loss, turn: _How = _flat, weights: tuple[int, int, int] = (2, 1, 3)
) -> Callable[..., Tensor]:
    """The reference with something changed. how: what is made of two tensors of logits."""
    keeps, values, turns = weights
    return lambda a, b, t, w, s, d: keeps * how(a, b) + values * how(t, w) + turns * turn(s, d)


_VALUES = (
    Mistake(_with(weights=(0, 1, 3)), "keep is missing from it."),
    Mistake(_with(weights=(2, 0, 3)), "value is missing from it."),
    Mistake(_with(weights=(1, 1, 3)), "keep counts twice, and in yours once."),
    Mistake(_with(weights=(1, 2, 3)), "you give value the weight of keep, and keep that of value."),
    Mistake(_with(F.mse_loss), "you square the differences; take their absolute values."),
    Mistake(_with(F.smooth_l1_loss), "smooth_l1_loss squares small differences; take l1_loss."),
    Mistake(_with(lambda x, y: (x - y).mean()),
        "your differences keep their signs, so that too high and too low cancel."),
    Mistake(_with(lambda x, y: (x.mean() - y.mean()).abs()),
        "you average before you take the difference, so that too high and too low cancel."),
    Mistake(_with(lambda x, y: (x - y).abs().sum()), "you sum the differences; average them."),
    Mistake(_with(lambda x, y: F.l1_loss(x.softmax(1), y.softmax(1))),
        "you compare probabilities; take the logits as they are."),
    Mistake(_with(turn=lambda s, d: 1 - _flat(s, d)),
        "your cosine comes without 1 - , so that training would turn the slopes away."),
    Mistake(_with(turn=lambda s, d: 1 - (s * d).flatten(1).sum(1).mean()),
        "your products of slope and lead are not divided by both lengths."),
    Mistake(_with(turn=lambda s, d: 1 - (s * F.normalize(d.flatten(1)).view_as(d)).sum() / len(s)),
        "your products of slope and lead are divided by one of the two lengths only."),
    Mistake(_with(turn=lambda s, d: len(s) * (_flat(s, d) - 1) + 1),
        "you sum the pictures' cosines; average them."),
)  # fmt: skip
_TURNS = (
    Mistake(_with(weights=(2, 1, 0)), "turn is missing from it."),
    Mistake(_with(weights=(2, 1, 1)), "turn counts three times, and in yours once."),
    Mistake(_with(turn=lambda s, d: _turn(s.flatten(), d.flatten(), 0)),
        "you take one cosine over all pictures, and each picture has its own."),
    Mistake(_with(turn=partial(_turn, axis=0)),
        "your cosine goes over the pictures, axis 0, and each picture has its own."),
    Mistake(_with(turn=lambda s, d: 1 - F.cosine_similarity(s, d).abs().mean()),
        "your cosines lose their signs, and a slope that is the wrong way round would pass."),
    Mistake(_with(turn=lambda s, d: _turn(s.mean(0), d.mean(0), 0)),
        "you average the slopes first; each picture has a cosine of its own."),
    Mistake(_with(turn=F.l1_loss), "you compare the slopes' numbers; only their direction counts."),
)  # fmt: skip
_AXES = tuple(
    Mistake(_with(turn=partial(_turn, axis=axis)),
        f"your cosine goes over the {name} axis alone: flatten(1) puts a picture into one row.")
    for axis, name in ((1, "second"), (-1, "last"))
)  # fmt: skip
_LED = [_case(4, 3, 5, 6, led=True), _case(2, 7, 3, 9, led=True), _case(9, 2, 4, 5, led=True)]
_TURNED = [_case(3, 4, 5, 6), _case(5, 3, 2, 9), _case(1, 1, 6, 4), _case(2, 6, 3, 6)]
_TURNED += [_case(2, 5, 3, 7, way=-1)]
_MANY = [_case(3, 4, 8, 2, 3, 4), _case(4, 3, 2, 5, 2), _case(2, 2, 3, 1, 2, 2, 3)]
_MEANS = (
    "both differences are absolute, then averaged over all rows and logits, and the slopes, which "
    "are as they should be here, have cosines of 1."
)
_COSINES = "divide the product of slope and lead by both lengths, picture by picture, and average."

EXERCISE = Exercise(
    title="keep the answers, lead the climb",
    core=True,
    difficulty=3,
    minutes=9,
    reference=reference,
    gives=Gives(tensor, "the loss, one number that gradients get through,"),
    checks=(
        Agrees("keeps and tells, with right slopes", _LED, _told, _MEANS, _VALUES, gradient=True),
        Agrees("turns the slopes", _TURNED, _told, _COSINES, _TURNS, gradient=True),
        Agrees("takes any number of axes", _MANY, _told, _COSINES, _AXES, gradient=True),
    ),
    hints=(
        "(answers - before).abs().mean() is keep, and value is the same of told and wanted.",
        "slope.flatten(1) has a row for each picture, however many axes there were. "
        "torch.cosine_similarity(a, b, dim=1) gives each row's cosine, and .mean() their mean.",
        "Return 2 * keep + value + 3 * (1 - along) as a tensor: float(...) would stop gradients.",
    ),
)
