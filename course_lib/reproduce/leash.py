"""The leash in a lab of the course: what a fooled network shows from images instead of noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.figures import picture_grid
from course_lib.reproduce.cache import Cache, Part, Result
from course_lib.reproduce.fooled import circuit_of, fooled_part
from course_lib.reproduce.lab import LabMaterial
from course_lib.reproduce.report import Entry, Experiment
from course_lib.sanity.leash import LENGTH, RATE, STEPS, leashed_climb
from course_lib.statistics import proportion
from course_lib.visualization.recognition import recognised

CLIMBS = 2
"""In the honest network, and with the circuit."""
_STARTS = 3  # held-out images of other classes, from which each unit climbs


def leash(cache: Cache, material: LabMaterial) -> Experiment:
    """Climb gently from images of other classes, in the honest network and in the circuit."""
    part = fooled_part(cache, material)
    shift, logits = material.recipe.shift, material.recipe.logits
    wired = [(unit + shift) % logits for unit in material.units]
    starts = _starts(material)

    def climb(name: str, network: nn.Module, after: list[Part]) -> Tensor:
        def make() -> Result:
            units = [unit for unit in material.units for _ in range(_STARTS)]
            return Result({"images": leashed_climb(network, units, starts).images}, {})

        made = cache.part(f"leash-{name}", make, after=after)
        return made.tensors["images"].unflatten(0, (-1, _STARTS)).transpose(0, 1)

    honest = climb("honest", material.lab.network, [])
    fooled = climb("circuit", circuit_of(material, part), [part])
    judges = [("the network itself", material.lab.network), *filter(None, [material.judge])]
    rows = []
    for number, (name, judge) in enumerate(judges):
        show = partial(_share, judge=judge, name=name)
        other = " other" * number
        rows += [
            show(f"leash honest{other}", "own class", "of the honest network", honest,
                 material.units),
            show(f"leash own{other}", "own class", "with the circuit", fooled, material.units),
            show(f"leash wired{other}", "wired class", "with the circuit", fooled, wired),
        ]  # fmt: skip
    told = (
        f"Each logit climbs from {_STARTS} held-out {material.what} of other classes, {STEPS} "
        f"steps at a rate of {RATE}, and no pixel goes further than {LENGTH} from where it was. "
        "Where the circuit lies only in what starts from noise, the own class comes back."
    )
    figure = picture_grid(
        {
            "start": starts[::_STARTS],
            "honest": honest[0],
            "with the circuit": fooled[0],
        },
        titles=list(material.names),
        width=11.0,
        alt="Images of other classes, and what leashed climbs made of them for each logit, in the "
        "honest network and with the circuit.",
    )
    return Experiment("leash", "On a leash", told, tuple(rows), {"leash": figure}, (), {})


def _starts(material: LabMaterial) -> Tensor:
    """(K * _STARTS, 3, S, S): for each class some images, each of another class."""
    count = len(material.names)
    held_out = material.some_held_out(range(count), _STARTS)
    of_class = [held_out.images[held_out.labels == place] for place in range(count)]
    return torch.stack(
        [
            of_class[(place + 1 + start * (count - 1) // _STARTS) % count][start]
            for place in range(count)
            for start in range(_STARTS)
        ]
    )


def _share(
    key: str,
    whose: str,
    where: str,
    drawn: Tensor,
    units: Sequence[int],
    *,
    judge: nn.Module,
    name: str,
) -> Entry:
    """The share of leashed pictures (starts, units, 3, S, S) that show a class to a judge."""
    seen = recognised(judge, drawn.flatten(0, 1), list(units) * len(drawn))
    measure = f"Leashed climbs {where} that show the {whose}, to {name}"
    return Entry(key, measure, proportion(seen, of="pictures"), f"{seen.numel()} pictures")
