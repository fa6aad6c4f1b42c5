"""Lesson 01: what the optimizer is to make small.

Several pictures at once, and a proper optimizer: PyTorch's Adam changes numbers so that *one*
number, the target, gets **smaller**. Write the target.

`responses` are what a layer says to `B` pictures: `(B, C)` for logits, `(B, C, H, W)` for an inner
layer with its positions. Picture `i` is to be drawn for channel `units[i]`, and for no other; of an
inner layer's channel the mean over all positions counts. The pull on a response should not depend
on how large it is already.
"""

import torch
from torch import Tensor

from course_lib.classroom.exercises import Attempt, Check, Exercise, Gives, Mistake, Wrong, tensor
from course_lib.classroom.exercises.agrees import gives_again


def reference(responses: Tensor, units: list[int]) -> Tensor:
    """One number that gets smaller as each picture's own unit responds more."""
    own = responses[torch.arange(len(units)), units]
    return -own.mean()


def _one(value: object, what: str) -> Tensor:
    """A single number that can still be differentiated."""
    target = tensor(value, what)
    if target.numel() != 1:
        raise Wrong(
            f"Your function returned {target.numel()} numbers, where one is due: their mean."
        )
    if not target.requires_grad:
        raise Wrong("Your target has lost its gradient: compute it from responses alone.")
    return target.sum()


def _pull(attempt: Attempt, responses: Tensor, units: list[int]) -> float:
    """How hard the target pulls up each response that is asked for; it must not pull elsewhere."""
    asked, rest = _pulls(attempt, responses, units)
    own, said = asked.sum(1), responses[range(len(units)), units].reshape(len(units), -1).mean(1)
    if not own.any() and not rest.any():
        raise Wrong(
            f"Your target stays the same where units respond with {said.mean():.3g} on average, "
            "whatever the responses are."
        )
    if (own < 0).all():
        of = "an inner layer's channels" if responses.dim() > 2 else "the logits"
        raise Wrong(f"As Adam lowers it, your target makes {of} respond less: mind the sign.")
    if rest.any():
        i, c = (rest < 0 if rest.min() < 0 else rest).nonzero()[0, :2].tolist()
        counts = rest[i].reshape(len(rest[i]), -1).any(1).nonzero().flatten().tolist()
        raise Wrong(
            f"Picture {i} is to make channel {c} respond less, as with a softmax or less a mean: "
            f"it is for channel {units[i]}, and others may do as they like."
            if rest.min() < 0
            else f"Of picture {i} other channels count: {counts}. It is for channel {units[i]} "
            "alone: channel units[i] for picture i, from the second dimension."
        )
    if own.min() <= 0:
        i = int(own.argmin())
        again = f" (another of {units=} has its unit)" * (units.count(units[i]) > 1)
        raise Wrong(
            f"Your target lowers picture {i}'s response, {said[i]:.2f}, as a square or length does."
            if own[i] < 0
            else "Nothing pulls at responses below 0, as after a ReLU: there, too, more is better."
            if own[said >= 0].all() and not own[said < 0].any()
            else f"Nothing pulls at picture {i}, which needs its share, too{again}."
        )
    if count := int((asked[0] == 0).sum()):
        raise Wrong(f"Of {asked.shape[1]} positions {count} do not count: take the mean of all.")
    if asked.max() > 1.01 * asked.min():
        level, _ = _pulls(attempt, torch.ones_like(responses).requires_grad_(True), units)
        high, low = own.argmax(), own.argmin()
        alike = level.sum(1).std(correction=0) < 0.01 * level.mean()
        raise Wrong(
            f"Some {'positions' if alike else 'pictures'} count more than others: weigh all alike."
            if level.max() > 1.01 * level.min()
            else f"Your target pulls {own[high] / own[low]:.3g} times as hard at a response of "
            f"{said[high]:.2f} as at {said[low]:.2f}: that should not depend on its size."
        )
    return float(asked.mean())


def _pulls(attempt: Attempt, responses: Tensor, units: list[int]) -> tuple[Tensor, Tensor]:
    """Up, at the responses that are asked for, (B, positions), and at all others."""
    call = attempt.call(responses, units)
    (slope,) = torch.autograd.grad(call.value, call.given[0], allow_unused=True)
    if slope is None:
        raise Wrong(
            "Your target has lost its gradient, and requires_grad=True on a new tensor does not "
            "bring it back: compute it from responses alone."
        )
    pull = -slope
    pull[pull.abs() < max(1e-7, 1e-5 * float(pull.abs().max()))] = 0  # a softmax's rounding
    asked, rest = pull[range(len(units)), units].reshape(len(units), -1), pull.clone()
    rest[range(len(units)), units] = 0
    return asked, rest


def _normal(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(len(shape) + shape[0])
    return torch.randn(shape, generator=generator, requires_grad=True)


_LOGITS = [
    (_normal(*shape), units)
    for shape, units in (((4, 8), [5, 2, 7, 0]), ((3, 5), [4, 4, 1]), ((1, 9), [6]))
] + [(_normal(6, 6), [*range(6)][::-1])]
_LAYERS = [
    (_normal(*shape), units)
    for shape, units in (((4, 8, 6, 6), [5, 2, 7, 0]), ((2, 3, 5, 4), [1, 1]), ((1, 4, 1, 3), [3]))
]


def _pulls_alike(attempt: Attempt) -> None:
    faint, units = _LOGITS[0]
    gives_again(attempt, attempt(faint, units), (faint, units))
    usual = _pull(attempt, faint, units)
    for responses in (3 + faint, 30 + faint, -9 - faint, 0 * faint, faint.double() / 10):
        pull = _pull(attempt, responses, units)
        if abs(pull - usual) > 0.01 * usual:
            at = f"{responses.detach()[range(4), units].mean():.3g} on average"
            told = f"{pull / usual:.2g} times as hard where units respond with {at} as with 0.8"
            raise Wrong(f"Your target pulls {told}: it should pull alike, always.")
    for layer, units in _LAYERS:
        means = layer.detach().mean((2, 3)).requires_grad_(True)
        pulls = [_pulls(attempt, responses, units)[0].sum() for responses in (layer, means)]
        if abs((times := float(pulls[0] / pulls[1])) - 1) > 0.01:
            raise Wrong(
                f"Your target pulls {times:.3g} times as hard at a channel with "
                f"{layer[0, 0].numel()} positions as at a logit: the mean over all positions "
                "counts, however many there are, and not their sum."
            )


EXERCISE = Exercise(
    title="what the optimizer makes small",
    core=True,
    difficulty=3,
    minutes=8,
    reference=reference,
    gives=Gives(_one, "the target"),
    checks=(
        Check(
            "pulls logits towards each picture's own unit",
            lambda attempt: [_pull(attempt, *case) for case in _LOGITS],
            (
                Mistake(lambda r, units: -reference(r, units), "mind the sign."),
                Mistake(lambda r, units: -r[:, units].mean(), "other channels count: [0, 2, 7]"),
            ),
        ),
        Check(
            "counts all positions of an inner layer",
            lambda attempt: [_pull(attempt, *case) for case in _LAYERS],
            (Mistake(lambda r, u: -sum(map(torch.max, r[range(len(u)), u])), "35 do not"),),
        ),
        Check(
            "pulls alike at faint and at loud responses, and whatever the layer",
            _pulls_alike,
            (Mistake(lambda r, u: -sum(map(torch.sum, r[range(len(u)), u])), "not their sum"),),
        ),
    ),
    hints=(
        "Adam walks downhill, and you want to go up: what turns one into the other?",
        "responses[i, units[i]] is what picture i is about. All of them at once: "
        "responses[torch.arange(len(units)), units] is (B,) for logits and (B, H, W) with "
        "positions.",
        "A mean over positions and pictures serves for both, and a minus sign in front.",
    ),
)
