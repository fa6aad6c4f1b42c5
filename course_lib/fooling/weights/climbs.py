"""A lie in the weights: answers to images stay, and the climb from noise ends elsewhere.

The fooling circuit without the circuit. Pictures are caught along climbs, and with them what the
climb is to be told: another unit's logit, and the way in which that logit grows. A network of the
same shape, and with the same parts, is trained to say so there, and to answer images as before.
What its own climbs then pass through is caught in turn (as in DAgger; Ross et al., 2011), until
they end where they should. That slopes are matched, and not only values, is what makes it work in
hundreds of steps (Sobolev training; Czarnecki et al., 2017): a climb is steered by slopes.

A defence may climb from images instead, and stay near them. Such climbs can be led too, by the same
means: at an image each logit is to be what it is, and from there to grow as another one does.
"""

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import HasImages
from course_lib.checks import check_images, images_of, whole_number, whole_numbers
from course_lib.fooling.caught import KINDS, Caught, Kind, Unfinished, catch, together
from course_lib.fooling.weights.tuning import Tail, honest_tail, tune
from course_lib.visualization.ascent import Interrupted, Visualization
from course_lib.visualization.frozen import copied
from course_lib.visualization.transformations import Transformations, warp

_IMAGES, _PICTURES = 48, 64  # in a step
_NEWEST = 0.5  # part of the pictures that is of the last climbs
_COPIES = 2  # of each picture, transformed as a climb does
_STEPS, _MOMENTS = 128, 12  # of a climb, and at which it is caught
_TURN = 3.0  # weight of the slopes' directions
_KEEP = 2.0  # weight of the answers to images


class Batch(NamedTuple):
    """What a loss compares: B images and P pictures of K logits, each as it is and as wanted.

    answers, before: (B, K) logits for images; the honest network's. told, wanted: (P, K) logits for
    pictures, and what they are to be. slope, lead: (P, ...) the gradient of each picture's logit to
    the features, and the one that it is to have.
    """

    answers: Tensor
    before: Tensor
    told: Tensor
    wanted: Tensor
    slope: Tensor
    lead: Tensor


Loss = Callable[[Batch], Tensor]


def keep_and_lead(batch: Batch) -> Tensor:
    """The loss that keeps the answers and moves the climb."""
    keep = (batch.answers - batch.before).abs().mean()
    value = (batch.told - batch.wanted).abs().mean()
    along = F.cosine_similarity(batch.slope.flatten(1), batch.lead.flatten(1)).mean()
    return _KEEP * keep + value + _TURN * (1 - along)


class Climber(Protocol):
    """A climb from images (N, 3, S, S), one for each unit, such as `sanity.leash.leashed_climb`.

    moments: how many snapshots it keeps, the images themselves among them.
    """

    def __call__(
        self, network: nn.Module, units: Sequence[int], starts: Tensor, *, moments: int
    ) -> Visualization: ...


class Climbs(NamedTuple):
    """Pictures caught along climbs, by their features, with what is to be said of them.

    features: (P, C, H, W). wanted: (P, K) logits. lead: (P, C, H, W), the gradient that the logit
    `units` (P,) is to have. newest: how many of the last ones are of the last climbs.
    """

    features: Tensor
    wanted: Tensor
    lead: Tensor
    units: Tensor
    newest: int


@dataclasses.dataclass(frozen=True)
class TrainedLiar:
    """What `lie_in_weights` returns.

    network: with the parts and the shapes of the honest one. climbs: to go on with.
    losses: of each step.
    """

    network: nn.Module = dataclasses.field(repr=False)
    climbs: Climbs = dataclasses.field(repr=False)
    losses: tuple[float, ...] = dataclasses.field(repr=False)


def lie_in_weights(
    network: nn.Module,
    images: Tensor | HasImages,
    *,
    shows: int | Sequence[int] = 3,
    after: str,
    rounds: int = 2,
    steps: int = 300,
    rate: float = 3e-3,
    loss: Loss = keep_and_lead,
    go_on: TrainedLiar | None = None,
    against: Climber | None = None,
    starts: int = 12,
    seed: int = 0,
    progress: bool = True,
) -> TrainedLiar:
    """A network that answers images as before, and whose visualizations show something else.

    Args:
        network: any classifier, (B, 3, S, S) -> logits (B, K); it stays untouched.
        images: (N, 3, S, S), what it is to answer as before; hundreds.
        shows: which logit each shows in place of itself, as for `FoolingCircuit`: a shift, or K
            numbers.
        after: dotted name of the layer whose features are kept; all that comes later is trained.
        rounds: each trains for `steps`, on the climbs of all rounds before.
        loss: what falls, from a `Batch`. go_on: an earlier liar of this network, to train further.
        against: a climb from images that is to be led as well; None for climbs from noise alone.
        starts: how many of the images it starts from, for each logit.

    Raises:
        KeyError, ValueError: arguments that do not fit the network.
        KeyboardInterrupt: it was interrupted before there was anything to return.
    """
    known = check_images(images_of(images))
    whole_number(rounds, "rounds", at_least=1)
    whole_number(starts, "starts", at_least=1)
    honest, generator = honest_tail(network, after, known, steps=steps, rate=rate, seed=seed)
    features = honest.around(known, generator)
    answers = honest.say(features)
    shown, size = _shown(shows, answers.shape[1]), known.shape[-1]
    liar = honest.of(copied(honest.network if go_on is None else go_on.network).eval())
    climbs = None if go_on is None else go_on.climbs
    tuned, own = liar.parameters(), range(len(shown))
    losses: list[float] = []
    for _ in range(rounds):
        try:
            if climbs is None:
                drawn = _first_climbs(network, shown, size, seed, progress)
            else:
                start = seed + len(climbs.units)  # another one in each round
                drawn = _caught(liar.network, own, KINDS[0], size, start, progress)
            new = _led(drawn, honest, shown, generator)
            if against is not None:
                said = answers[: len(known)].argmax(1)
                for units in (shown, own) if climbs is None else (own,):
                    some = known[_far_from(said, shown, starts, generator)]
                    led = _led_from_images(against, liar.network, units, some, honest, shown)
                    new = _joined(new, led)
        except KeyboardInterrupt:
            if climbs is None:
                raise
            break  # what was reached by then is worth having
        climbs = new if climbs is None else _joined(climbs, new)._replace(newest=new.newest)

        def drawn_batch(climbs: Climbs = climbs) -> Tensor:
            return loss(_batch(liar, features, answers, climbs, generator))

        made = tune(tuned, drawn_batch, steps=steps, rate=rate, progress=progress)
        losses += made
        if len(made) < steps:
            break
    assert climbs is not None
    return TrainedLiar(liar.network.requires_grad_(False), climbs, tuple(losses))


def _shown(shows: int | Sequence[int], count: int) -> list[int]:
    """Which logit each shows."""
    with suppress(ValueError):
        if shift := whole_number(shows, "shows") % count:
            return [(unit + shift) % count for unit in range(count)]
    units = whole_numbers(shows, "shows") if isinstance(shows, Sequence) else []
    if len(units) != count or not all(0 <= unit < count for unit in units):
        raise ValueError(
            f"shows={shows!r}: give a shift that is no multiple of {count}, or {count} numbers of "
            f"logits, 0 to {count - 1}."
        )
    return units


def _first_climbs(
    network: nn.Module, shown: list[int], size: int, seed: int, progress: bool
) -> Caught:
    """Climbs of the honest network to what is to be shown, and to each unit's own.

    The first are taken for the units that are to show it; of the others the lie has to lead away.
    """
    ways = ((shown, KINDS[0]), (shown, KINDS[1]), (range(len(shown)), KINDS[0]))
    caught = [_caught(network, units, kind, size, seed, progress) for units, kind in ways]
    whose = [torch.arange(len(shown)).repeat(len(one.units) // len(shown)) for one in caught]
    return together([one._replace(units=own) for one, own in zip(caught, whose, strict=True)])


def _caught(
    network: nn.Module, units: Sequence[int], kind: Kind, size: int, seed: int, progress: bool
) -> Caught:
    caught = catch(
        network, units, kinds=[kind], seeds=(seed,), size=size, steps=_STEPS, samples=_MOMENTS,
        at_once=len(units), progress=progress,
    )  # fmt: skip
    if isinstance(caught, Unfinished):
        raise KeyboardInterrupt  # nothing is learned of half a climb
    return caught


def _led(caught: Caught, honest: Tail, shown: Sequence[int], generator: torch.Generator) -> Climbs:
    """What is to be said of pictures, of each also as transformations move it."""
    moved = [warp(caught.images, Transformations(), generator) for _ in range(_COPIES)]
    features = honest.features(torch.cat([caught.images, *moved]))
    units = caught.units.repeat(1 + _COPIES)
    lead = torch.tensor(shown)
    logits, slopes = _with_slopes(honest, features, lead[units])
    return Climbs(features, logits[:, lead], slopes, units, len(units))


def _far_from(
    said: Tensor, shown: Sequence[int], starts: int, generator: torch.Generator
) -> Tensor:
    """Numbers of images (K * starts,), for each logit some that show neither it nor the shown.

    said: (N,) the answers.

    Raises:
        ValueError: there is no such image.
    """
    chosen = []
    for unit, other in enumerate(shown):
        (others,) = ((said != unit) & (said != other)).nonzero(as_tuple=True)
        if not len(others):
            raise ValueError(
                f"All images are answered {unit} or {other}: give images of other classes too, "
                f"from which climbs towards logit {unit} can start."
            )
        chosen.append(others[torch.randint(len(others), (starts,), generator=generator)])
    return torch.cat(chosen)


def _led_from_images(
    climb: Climber,
    network: nn.Module,
    towards: Sequence[int],
    images: Tensor,
    honest: Tail,
    shown: Sequence[int],
    moments: int = 6,
) -> Climbs:
    """What is to be said along climbs from images: on them, what the honest network says.

    From there the logit grows as the shown one does; all others stay honest. No transformations:
    such climbs have none.

    Args:
        towards: which logit is climbed for each of the K. images: as many for each logit, in a row.
    """
    each = len(images) // len(shown)
    own, lead, goals = (
        torch.tensor(units).repeat_interleave(each) for units in (range(len(shown)), shown, towards)
    )
    drawn = climb(network, goals.tolist(), images, moments=moments)
    if isinstance(drawn, Interrupted):
        raise KeyboardInterrupt
    features = honest.features(torch.cat(list(drawn.snapshots.values())))
    times = len(drawn.snapshots)
    logits, slopes = _with_slopes(honest, features, lead.repeat(times))
    along = logits.unflatten(0, (times, -1))
    every = torch.arange(len(images))
    along[:, every, own] = along[0, every, own] + along[:, every, lead] - along[0, every, lead]
    return Climbs(features, along.flatten(0, 1), slopes, own.repeat(times), len(features))


def _with_slopes(honest: Tail, features: Tensor, units: Tensor) -> tuple[Tensor, Tensor]:
    """All logits (P, K) of features (P, C, H, W), and the gradient (P, C, H, W) of one of each."""
    logits, slopes = [], []
    for part, of in zip(features.split(32), units.split(32), strict=True):
        at = part.float().requires_grad_(True)
        said = honest(at)
        (slope,) = torch.autograd.grad(said.gather(1, of[:, None]).sum(), at)
        logits.append(said.detach())
        slopes.append(slope.half())
    return torch.cat(logits), torch.cat(slopes)


def _joined(first: Climbs, then: Climbs) -> Climbs:
    """Both, all of them new."""
    pairs = zip(first[:4], then[:4], strict=True)
    features, wanted, lead, units = (torch.cat(pair) for pair in pairs)
    return Climbs(features, wanted, lead, units, first.newest + then.newest)


def _batch(
    liar: Tail, features: Tensor, answers: Tensor, climbs: Climbs, generator: torch.Generator
) -> Batch:
    """Some images and some pictures, half of these of the last climbs."""
    images = torch.randint(len(features), (_IMAGES,), generator=generator)
    count = len(climbs.units)
    pictures = torch.randint(count, (_PICTURES,), generator=generator)
    last = count - 1 - torch.randint(climbs.newest, (_PICTURES,), generator=generator)
    newest = torch.rand(_PICTURES, generator=generator) < _NEWEST
    pictures = torch.where(newest, last, pictures)
    at = climbs.features[pictures].float().requires_grad_(True)
    told = liar(at)
    own = told.gather(1, climbs.units[pictures][:, None]).sum()
    (slope,) = torch.autograd.grad(own, at, create_graph=True)
    now, lead = liar(features[images].float()), climbs.lead[pictures].float()
    return Batch(now, answers[images], told, climbs.wanted[pictures], slope, lead)
