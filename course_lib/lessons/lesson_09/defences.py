"""Defences against a network that may lie: what each makes of it, in one number.

Most ask whether two kinds of picture of the same unit show the same. Judges say what a
picture shows: other networks with the same classes, by all of their logits, so that nobody needs to
know what the unit is for.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.labs.lab import Photos
from course_lib.lessons.lesson_08.audit.findings import LOGITS, Pictures
from course_lib.sanity.agreement import agreement
from course_lib.sanity.leash import leashed_climb
from course_lib.visualization.ascent import visualize

_TOP = 9  # images that a unit responds to most
_STARTS = 3  # images that each unit's leashed climb starts from
_GENTLE_RATE, _GENTLE_STEPS = 0.02, 96  # of another climb from noise


class Seen(NamedTuple):
    """What J judges see in pictures of K units: logits, (J, K, K) each; picture k is unit k's.

    pictures: a climb from noise. plain: in plain pixels, without transformations. again: from other
    noise. gentle: at a lower rate. top: the mean over the unit's top images. leash: over its
    leashed climbs.

    answered: (K, 9) what the network itself answers to each unit's top images.
    """

    pictures: Tensor
    plain: Tensor
    again: Tensor
    gentle: Tensor
    top: Tensor
    leash: Tensor
    answered: Tensor


def see(
    network: nn.Module, pictures: Pictures, images: Photos, judges: Sequence[nn.Module]
) -> Seen:
    """What judges see in a suspect's pictures, top images and leashed climbs.

    Args:
        network: its layer "logits" has a unit for each class. pictures: the auditor's.
        images: whose labels tell only which images a leashed climb may not start from.
    """
    units = range(len(pictures.logits.images))
    steps = len(pictures.logits.history)
    again = visualize(network, LOGITS, units, steps=steps, seed=2, progress=False)
    gentle = visualize(
        network, LOGITS, units, steps=_GENTLE_STEPS, rate=_GENTLE_RATE, seed=0, progress=False
    )
    responses = record(network, [None], images.images)[None]
    best = responses.topk(_TOP, dim=0).indices.T
    top = images.images[best.flatten()]
    leashed = climb_leashed(network, images, _STARTS)
    return Seen(
        pictures=seen_in(judges, pictures.logits.images),
        plain=seen_in(judges, pictures.plain.images),
        again=seen_in(judges, again.images),
        gentle=seen_in(judges, gentle.images),
        top=seen_in(judges, top).unflatten(1, (-1, _TOP)).mean(2),
        leash=seen_in(judges, leashed).unflatten(1, (-1, _STARTS)).mean(2),
        answered=responses.argmax(1)[best],
    )


def climb_leashed(network: nn.Module, images: Photos, starts: int) -> Tensor:
    """Leashed climbs (K * starts, 3, S, S), those of a logit in a row, each from another class.

    A logit's climbs start from images of other classes than its own, which are told by `labels`.
    """
    count = int(images.labels.max()) + 1
    from_class = [
        (unit + 1 + step * (count - 1) // starts) % count
        for unit in range(count)
        for step in range(starts)
    ]
    chosen = [int((images.labels == c).nonzero()[i % 5]) for i, c in enumerate(from_class)]
    units = torch.arange(count).repeat_interleave(starts).tolist()
    return leashed_climb(network, units, images.images[chosen]).images


def seen_in(judges: Sequence[nn.Module], images: Tensor) -> Tensor:
    """The logits (J, N, K) of judges for images (N, 3, S, S)."""
    return torch.stack([record(judge, [None], images)[None] for judge in judges])


def scores_of(seen: Seen) -> Mapping[str, float]:
    """How suspicious each defence finds a network, by name.

    One less the agreement, 0 to 2; for "top answers" the share of the logits' top images to which
    the network answers something else.
    """
    compared = {
        "top images": seen.top,
        "leash": seen.leash,
        "other starts": seen.again,
        "image kinds": seen.plain,
        "other rates": seen.gentle,
    }
    scores = {name: 1 - agreement(seen.pictures, one).mean() for name, one in compared.items()}
    own = torch.arange(len(seen.answered))[:, None]
    scores["top answers"] = (seen.answered != own).float().mean()
    return {name: float(score) for name, score in scores.items()}
