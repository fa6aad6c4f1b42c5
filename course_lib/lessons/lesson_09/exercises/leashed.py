"""Lesson 09: the climb on a leash.

A climb from noise may go anywhere, also where only a liar has been. So start from an image, climb
gently, and stay close to it. `image` is `(N, 3, S, S)` with values in [0, 1]. `respond` takes
pictures of this shape and gives responses `(N,)`, each of one picture alone. `steps` times,

1. take the slope of each picture's response with regard to that picture, where it is now;
2. move each value by `rate`, in the direction of its slope's sign; one whose slope is 0 stays;
3. bring each value back to within `length` of **where it started**, in `image`, and into [0, 1].

Return the pictures, with no gradient attached, and leave `image` as it is.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercises import Agrees, Exercise, Gives, Mistake, Wrong, tensor
from course_lib.lessons.lesson_08.responses import Respond, drawn_images

_How = Callable[..., Tensor]


def reference(
    respond: Callable[[Tensor], Tensor], image: Tensor, steps: int, rate: float, length: float
) -> Tensor:
    """The pictures after a leashed climb, (N, 3, S, S)."""
    low, high = (image - length).clamp(min=0), (image + length).clamp(max=1)
    picture = image
    for _ in range(steps):
        picture = picture.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(respond(picture).sum(), picture)
        picture = (picture + rate * slope.sign()).clamp(low, high)
    return picture.detach()


def _plain(value: object, what: str) -> Tensor:
    pictures = tensor(value, what)
    if pictures.requires_grad:
        raise Wrong("What you return still has a gradient attached: return it after .detach().")
    return pictures


def _wavy(pictures: Tensor) -> Tensor:
    """A response whose slopes turn as a value's neighbours change; those of blue are 0."""
    seen = pictures[:, :2]
    return torch.sin(9 * (seen + seen.roll(1, 2) - 0.7 * seen.roll(1, 3))).sum((1, 2, 3)) / 9


def _cases(low: float, high: float, *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Arguments, from how many pictures, their size, and the rest; values are cut to [0, 1]."""
    return [(_wavy, drawn_images(n, size, low, high).clamp(0, 1), *rest) for n, size, *rest in rows]


def _told(found: Tensor, due: Tensor, respond: Respond, image: Tensor, *rest: float) -> str:
    off, slopes = (found - due).abs(), _slope(respond, image)
    start, slope, end, mine = (v.flatten()[off.argmax()] for v in (image, slopes, due, found))
    return (
        "With steps={}, rate={}, length={}, ".format(*rest) + f"a value that starts at "
        f"{start:.4f}, with a slope of {slope:.2g}, should end at {end:.4f}; yours ends at "
        f"{mine:.4f}, and {(off > 1e-5).sum()} of {off.numel()} values are wrong:"
    )


def _slope(respond: Respond, picture: Tensor) -> Tensor:
    picture = picture.detach().requires_grad_(True)
    return torch.autograd.grad(respond(picture).sum(), picture)[0]


def _near(x: Tensor, _last: Tensor, image: Tensor, most: float) -> Tensor:
    return x.clamp(image - most, image + most)


def _in_range(x: Tensor, *_: object) -> Tensor:
    return x.clamp(0, 1)


def _like(step: _How = torch.sign, held: _How = _in_range, end: _How = lambda x, *_: x) -> _How:
    """A climb with this step from each slope, held like this after each step and at the end."""

    def climb(respond: Respond, image: Tensor, steps: int, rate: float, length: float) -> Tensor:
        x = image
        for _ in range(steps):
            x = held(x + rate * step(_slope(respond, x)), x, image, length)
        return end(x, image, image, length)

    return climb


_STEP = (
    Mistake(_like(lambda g: -g.sign()), "you go downhill: mind the sign."),
    Mistake(_like(lambda g: g), "you move by the slope itself; only its sign is due."),
    Mistake(_like(lambda g: g / g.std()), "you divide by slope.std(); only its sign is due."),
    Mistake(_like(lambda g: g.sign() + (g == 0)), "you move values whose slope is 0; these stay."),
    Mistake(lambda f, x, n, r, m: reference(f, x, n, 1.0, m), "where is rate?"),
    Mistake(lambda f, x, n, r, m: reference(f, x, n + 1, r, m), "you take one step too many."),
    Mistake(lambda f, x, n, r, m: reference(f, x, n - 1, r, m), "you take one step too few."),
    Mistake(lambda f, x, *m: reference(f, 0 * x + 0.5, *m), "you start from grey, not from image."),
    Mistake(lambda f, *m: reference(lambda x: f(x)[:1], *m), "you climb for one picture alone."),
)
_STEPS = (
    Mistake(lambda f, x, n, r, m: reference(f, x, 1, r, m), "you take one step, whatever `steps`."),
    Mistake(lambda f, x, n, r, m: reference(f, x, 1, n * r, m), "you take the slope only once."),
    Mistake(_like(held=lambda x, old, i, _: i + x - old), "each step starts from the image again."),
)
_LEASH = (
    Mistake(_like(), "there is no leash in it."),
    Mistake(_like(held=lambda x, old, image, most: _near(x, old, old, most).clamp(0, 1)),
        "your leash starts at the last picture and moves along; it is tied to the image."),
    Mistake(_like(end=_near), "you pull the leash once, at the end; do so at each step."),
    Mistake(_like(held=lambda x, _, i, m: x.minimum(i + m).relu()), "you hold only what rises."),
    Mistake(_like(held=lambda x, _, i, m: i + (x - i) / ((x - i).abs() / m).max().clamp(1)),
        "where one value pulls, you shorten the change of all. Each is on a leash of its own."),
)  # fmt: skip
_EDGES = (
    Mistake(_like(held=_near), "no screen can show what lies outside [0, 1]."),
    Mistake(_like(held=_near, end=_in_range), "you cut off at 0 and 1 once; do so at each step."),
)
_ONE = _cases(0.4, 0.6, (2, 2, 1, 0.02, 1.0), (1, 4, 1, 0.05, 1.0), (3, 5, 1, 0.01, 1.0))
_MORE = _cases(0.4, 0.6, (1, 6, 2, 0.03, 1.0), (2, 5, 9, 0.02, 1.0))
_HELD = _cases(0.4, 0.6, (2, 6, 30, 0.01, 0.1), (1, 9, 6, 0.15, 0.1), (1, 5, 40, 0.02, 0.15))
_CUT = _cases(-0.3, 1.3, (1, 8, 12, 0.03, 0.25), (2, 7, 20, 0.05, 0.4))
_BY_RATE = "each value moves by rate, or not at all."
_ANEW = (
    "each step moves by the whole rate, along a slope that is taken anew; backward() adds to what "
    ".grad holds already."
)
_NEAR = "after each step a value is within length of where it started, in image, and in [0, 1]."

EXERCISE = Exercise(
    title="the climb on a leash",
    core=True,
    difficulty=3,
    minutes=10,
    reference=reference,
    gives=Gives(_plain, "the climbed pictures"),
    checks=(
        Agrees("takes one step", _ONE, _told, _BY_RATE, _STEP),
        Agrees("takes several steps", _MORE, _told, _ANEW, _STEPS),
        Agrees("stays on the leash", _HELD, _told, _NEAR, _LEASH),
        Agrees("stays between black and white", _CUT, _told, _NEAR, _EDGES),
    ),
    hints=(
        "At each step work on a new picture = picture.detach().requires_grad_(True). The slope is "
        "torch.autograd.grad(respond(picture).sum(), picture)[0].",
        "The step is rate * slope.sign(), and clamp takes tensors: .clamp(image - length, image + "
        "length).clamp(0, 1).",
    ),
)
