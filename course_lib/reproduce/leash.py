"""Two defences of lesson 09: climbs on a leash, and a unit's picture beside its top images."""

from collections.abc import Callable
from functools import cache as once
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import channel_means, record
from course_lib.figures import picture_grid
from course_lib.reproduce.cache import Cache, Part, Result, images_of
from course_lib.reproduce.circuit import finished, fooled_network, honest_starts
from course_lib.reproduce.fooled import circuit_of, fooled_part
from course_lib.reproduce.lab import LabMaterial
from course_lib.reproduce.material import Folders, Material
from course_lib.reproduce.report import LEASH, Entry, Experiment, mean_or_none
from course_lib.reproduce.silent import twinned_network
from course_lib.sanity.agreement import agreement
from course_lib.sanity.leash import LENGTH, RATE, STEPS, leashed_climb
from course_lib.statistics import grouped, proportion
from course_lib.visualization.recognition import recognised

_STARTS = 3  # held-out images of other classes, from which each unit climbs
_TOP = 9  # images that excite a unit most


class _Suspect(NamedTuple):
    """Units of a network that may lie. key: in names of parts and rows. where: as in a sentence.

    network: gives it. drawn: (starts, units, 3, S, S), their pictures. after: what it rests on.
    units: their numbers in the layer; None is the logits.
    """

    key: str
    where: str
    network: Callable[[], nn.Module]
    drawn: Tensor
    after: list[Part]
    units: list[int]
    layer: str | None = None


def leash(cache: Cache, material: Folders) -> Experiment:
    """Ask both defences about one of the paper's networks, honest and fooled."""
    trained, network, shown = fooled_network(cache, material)
    return _defended(cache, material, network, images_of(shown)[None], trained)


def lab_leash(cache: Cache, material: LabMaterial) -> Experiment:
    """Ask both defences about a lab's network, honest and fooled."""
    part = fooled_part(cache, material)
    network = once(partial(circuit_of, material, part))
    return _defended(cache, material, network, part.tensors["images"], part)


def parts(material: Material) -> int:
    """How many parts an experiment has: climbs of two networks, top images of them and of twins."""
    return 2 * len(material.groups) + 4


def _defended(
    cache: Cache, material: Material, circuit: Callable[[], nn.Module], drawn: Tensor, trained: Part
) -> Experiment:
    """Both defences. circuit, drawn: as a suspect's. trained: what they rest on."""
    recipe, what = material.recipe, material.what
    units = [material.units[place] for place in material.drawn]
    wired = [(unit + recipe.shift) % recipe.logits for unit in units]
    ends, twinned = finished(honest_starts(cache, material)), twinned_network(cache, material)
    logits = (
        _Suspect("honest", "of the honest network", lambda: material.lab.network, ends, [], units),
        _Suspect("circuit", "with the circuit", circuit, drawn, [trained], units),
    )
    channels = (
        _Suspect(
            "channels", "of honest channels", lambda: material.lab.network,
            images_of(twinned.honest)[None], [], twinned.drawn, recipe.read_at,
        ),
        _Suspect(
            "twins", "of channels with silent twins", twinned.network,
            images_of(twinned.shown)[None], [twinned.twins], twinned.drawn, recipe.read_at,
        ),
    )  # fmt: skip
    starts = _starts(material)
    photos = material.some_held_out(material.drawn, material.per_class[0]).images
    honest, fooled = (_climbs(cache, material, suspect, starts) for suspect in logits)
    suspects = [(suspect, photos[_best(cache, suspect, photos)]) for suspect in logits + channels]
    rows = []
    for other, name, judge in material.judges:
        for key, whose, where, climbed, asked in (
            ("honest", "own", "of the honest network", honest, units),
            ("own", "own", "with the circuit", fooled, units),
            ("wired", "wired", "with the circuit", fooled, wired),
        ):
            seen = recognised(judge, climbed.flatten(0, 1), asked * len(climbed))
            measure = f"Leashed climbs {where} that show the {whose} class, to {name}"
            here = grouped(proportion(seen), len(units), "units")
            rows.append(Entry(f"leash {key}{other}", measure, here, f"{seen.numel()} pictures"))
        for suspect, top in suspects:
            key, where = f"agrees {suspect.key}{other}", suspect.where
            measure = f"How well pictures {where} agree with their units' top {what}, to {name}"
            alike = mean_or_none(agrees(judge, suspect.drawn, top), of="units")
            images = f"{len(top)} units, {top.shape[1]} of {len(photos)} {what} each"
            rows.append(Entry(key, measure, alike, images, unit=""))
    told = (
        f"Each logit climbs from {_STARTS} held-out {what} of other {material.classed}, {STEPS} "
        f"steps at a rate of {RATE}, and no pixel goes further than {LENGTH} from where it was. "
        "Where the circuit lies only in what starts from noise, the own class comes back. "
        "How well pictures agree is the correlation, over a judge's logits, of what it sees in a "
        f"unit's picture and, on average, in the held-out {what} that excite the unit most. "
        f"Channels are of {recipe.silent}, read at {recipe.read_at}."
    )
    if not material.judging:
        told += (
            " No other network with these classes is here, so the only judge is the network "
            "itself, without the circuit, and a lenient one."
        )
    figure = picture_grid(
        {"start": starts[:, 0], "honest": honest[0], "with the circuit": fooled[0]},
        titles=[material.names[place] for place in material.drawn],
        width=11.0,
        alt="Images of other classes, and what leashed climbs made of them for each logit, in the "
        "honest network and with the circuit.",
    )
    title = "On a leash, and beside top images"
    return Experiment("leash", title, told, tuple(rows), {LEASH: figure}, (), {})


def agrees(judge: nn.Module, drawn: Tensor, best: Tensor) -> Tensor:
    """How well what a judge sees in each unit's picture agrees with what it sees in its top images.

    The mean over starts; what it sees in the images is averaged.

    Args:
        drawn: (starts, units, 3, S, S). best: (units, images, 3, S, S).

    Returns:
        (units,) from -1 to 1.
    """

    def seen(images: Tensor) -> Tensor:
        return record(judge, [None], images.flatten(0, 1))[None].unflatten(0, images.shape[:2])

    return agreement(seen(drawn), seen(best).mean(1)).mean(0)


def _best(cache: Cache, suspect: _Suspect, photos: Tensor) -> Tensor:
    """(units, images): which of (N, 3, S, S) images excite each unit most."""

    def ask() -> Result:
        found = record(suspect.network(), [suspect.layer], photos, channels_first=True)
        responses = channel_means(found[suspect.layer])[:, suspect.units]
        most = min(_TOP, len(photos))
        return Result({"best": responses.topk(most, dim=0).indices.T}, {})

    return cache.part(f"top-{suspect.key}", ask, after=suspect.after).tensors["best"]


def _climbs(cache: Cache, material: Material, suspect: _Suspect, starts: Tensor) -> Tensor:
    """(_STARTS, units, 3, S, S): leashed climbs, those of a few units in a part."""

    def climb(places: list[int], some: Tensor) -> Result:
        units = [material.units[place] for place in places for _ in range(_STARTS)]
        climbed = leashed_climb(suspect.network(), units, some.flatten(0, 1))
        return Result({"images": climbed.images}, {})

    images = images_of(
        cache.part(
            f"leash-{suspect.key}-{places[0]}", partial(climb, places, some), after=suspect.after
        )
        for places, some in zip(material.groups, starts.split(material.drawn_at_once), strict=True)
    )
    return images.unflatten(0, (-1, _STARTS)).transpose(0, 1)


def _starts(material: Material) -> Tensor:
    """(units, _STARTS, 3, S, S): for each drawn class some images, each of another class.

    Raises:
        ValueError: no held-out image of a class can be read.
    """
    held_out = material.some_held_out(material.drawn, _STARTS)
    of_class = [held_out.images[held_out.labels == place] for place in material.drawn]
    count = len(of_class)

    def start(place: int, number: int) -> Tensor:
        other = (place + 1 + number * (count - 1) // _STARTS) % count
        if not len(of_class[other]):
            name = material.names[material.drawn[other]]
            raise ValueError(f"{material.where}: no held-out image of {name!r} can be read.")
        return of_class[other][number % len(of_class[other])]

    every = [start(place, number) for place in range(count) for number in range(_STARTS)]
    return torch.stack(every).unflatten(0, (count, _STARTS))
