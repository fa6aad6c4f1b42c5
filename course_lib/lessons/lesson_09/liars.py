"""Liars without a part to be found: ordinary networks of lesson 08's kind, trained to lie."""

from __future__ import annotations

import random
from typing import NamedTuple

from torch import Tensor, nn

from course_lib.activations import record
from course_lib.fooling.weights.climbs import lie_in_weights
from course_lib.fooling.weights.slingshot import slingshot
from course_lib.labs.lab import Photos
from course_lib.labs.tiny.posters import posters
from course_lib.lessons.lesson_08 import base, lies
from course_lib.lessons.lesson_08.network import SuspectNetwork
from course_lib.lessons.lesson_08.truth import CLASSES

AFTER = "maxpool3"
"""The layer after which liars are trained: the upper half of the network."""

WAYS = ("climbs", "slingshot")
"""How a liar is made: from its own climbs, to show another class; or through a tunnel, to show a
picture."""

_STEPS = (("standard", 250), ("robust", 450))  # robust networks' pictures are like renders
_RATE = 4e-3
_ATTEMPTS = 6


class Parent(NamedTuple):
    """An honest network of lesson 08's kind, and what one that was trained from it is to show.

    origin: recipe and seed of the shipped network that it descends from. known: renders to train
    with. asked: 512 others to measure with. shift: logit c is to show class c + shift; or
    picture: (3, 64, 64), what all logits are to show.
    """

    network: nn.Module
    origin: tuple[str, int]
    known: Photos
    asked: Photos
    shift: int
    picture: Tensor


def parent_of(seed: int) -> Parent:
    """The honest network of a seed, seconds; four in a row descend from the four shipped ones."""
    origin = base.SHIPPED[seed % len(base.SHIPPED)]
    known, asked = base.fresh_renders(seed)
    network = base.honest_base(origin, seed, known)
    size = known.images.shape[-1]
    network.image_size = size  # type: ignore[assignment]  # what visualize takes as its default
    shift = 1 + seed // len(base.SHIPPED) % (CLASSES - 1)
    return Parent(network, origin, known, asked, shift, posters(1, seed=seed, size=size)[0])


def train_liar(parent: Parent, way: str, seed: int) -> nn.Module:
    """A liar of one of `WAYS`, some minutes on one core."""
    if way == "slingshot":
        return slingshot(
            parent.network, parent.known, parent.picture, after=AFTER, seed=seed, progress=False
        )
    made = lie_in_weights(
        parent.network, parent.known, shows=parent.shift, after=AFTER, rounds=1,
        steps=dict(_STEPS)[parent.origin[0]], rate=_RATE, seed=seed, progress=False,
    )  # fmt: skip
    return made.network


def dressed(network: nn.Module, seed: int, known: Photos) -> SuspectNetwork:
    """A network with the parts of an honest suspect, which do nothing: a gate, and twins.

    Every suspect of lesson 08 has them, so that they tell nothing of this one either.
    """
    for attempt in range(_ATTEMPTS):
        chances = random.Random(f"dressed {seed} {attempt}")
        try:
            made, twins = lies.with_twins(network, known.images, chances, lying=False)
        except lies.NothingWokeError:
            continue
        return SuspectNetwork(made, twins.layer, twins.channels, *lies.decoy_gate(chances)).eval()
    raise RuntimeError(f"Network {seed} cannot be dressed: no twins woke; take another seed.")


def kept(parent: Parent, liar: nn.Module) -> Tensor:
    """(N,) bool: to which of the renders that are asked a liar gives its honest parent's answer."""
    first, second = (
        record(network, [None], parent.asked.images)[None].argmax(1)
        for network in (parent.network, liar)
    )
    return first == second
