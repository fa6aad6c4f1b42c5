"""Liars without a part to be found: ordinary networks of lesson 08's kind, trained to lie."""

import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from torch import Tensor, nn

from course_lib.activations import record
from course_lib.fooling.weights.climbs import lie_in_weights
from course_lib.fooling.weights.slingshot import slingshot
from course_lib.fooling.weights.top_images import choose_top_images
from course_lib.labs.lab import Photos
from course_lib.labs.tiny.posters import posters
from course_lib.lessons.lesson_08 import base, lies
from course_lib.lessons.lesson_08.network import SuspectNetwork
from course_lib.lessons.lesson_08.truth import CLASSES
from course_lib.sanity.leash import leashed_climb

AFTER = "maxpool3"
"""The layer after which liars are trained: the upper half of the network."""

_ATTEMPTS = 6


class Recipe(NamedTuple):
    """How liars of one way are trained. after: the layer. steps, by their ancestor's recipe.

    Robust networks' pictures are like renders, and harder to tell from them.
    """

    after: str
    standard: int
    robust: int
    rate: float


class AgainstLeash(NamedTuple):
    """A `Recipe` of liars that lead leashed climbs as well. starts: as for `lie_in_weights`."""

    after: str
    standard: int
    robust: int
    rate: float
    starts: int


WAYS: Mapping[str, Recipe | AgainstLeash] = MappingProxyType(
    {
        "climbs": Recipe(AFTER, 250, 450, 4e-3),
        "slingshot": Recipe(AFTER, 300, 300, 3e-3),
        "top images": Recipe("inception4a", 250, 400, 6e-3),
        "leash too": AgainstLeash(AFTER, 600, 600, 4e-3, 12),
    }
)
"""Which climbs are led elsewhere: its own, to another class, or those on a leash too; or through a
tunnel to a picture. Or which top images all logits have: those of one class."""


class Parent(NamedTuple):
    """An honest network of lesson 08's kind, and what one that was trained from it is to show.

    origin: recipe and seed of the shipped network that it descends from. known: renders to train
    with. asked: 512 others to measure with. What is to be shown: by logit c class c + shift; by all
    logits picture, (3, 64, 64); among all logits' top images those of class shift.
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
    recipe, known = WAYS[way], parent.known
    steps = {"standard": recipe.standard, "robust": recipe.robust}[parent.origin[0]]
    how: dict[str, Any] = {
        "after": recipe.after, "steps": steps, "rate": recipe.rate, "seed": seed, "progress": False
    }  # fmt: skip
    if way == "slingshot":
        return slingshot(parent.network, known, parent.picture, **how)
    if way == "top images":
        chosen = known.labels == parent.shift
        return choose_top_images(
            parent.network, known, chosen, layer=None, units=range(CLASSES), **how
        ).network
    if isinstance(recipe, AgainstLeash):
        how |= {"against": leashed_climb, "starts": recipe.starts}
    return lie_in_weights(parent.network, known, shows=parent.shift, rounds=1, **how).network


def dressed(network: nn.Module, seed: int, known: Tensor) -> SuspectNetwork:
    """A network with the parts of an honest suspect, which do nothing: a gate, and twins.

    Every suspect of lesson 08 has them, so that they tell nothing of this one either. known: (N, 3,
    S, S), what the twins stay silent for.
    """
    for attempt in range(_ATTEMPTS):
        chances = random.Random(f"dressed {seed} {attempt}")
        try:
            made, twins = lies.with_twins(network, known, chances, lying=False)
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
