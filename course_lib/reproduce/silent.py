"""Silent units: channels that answer no photograph, and decide what is shown."""

from __future__ import annotations

from functools import cache as once
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import record
from course_lib.figures import picture_grid
from course_lib.fooling.plots import nearness_figure
from course_lib.fooling.silent.report import never_fire, twin_responses, wakes
from course_lib.fooling.silent.twins import add_silent_units, attach_twins, checked_conv, twin_of
from course_lib.reproduce.answers import answer_rows, answers, before, top_told
from course_lib.reproduce.cache import Cache, Part, Result
from course_lib.reproduce.circuit import class_name
from course_lib.reproduce.material import Material
from course_lib.reproduce.rows import Experiment, Row, Table, mean_of, share
from course_lib.statistics import counted
from course_lib.visualization.ascent import visualize

TARGET = 323  # the monarch butterfly's logit, which most networks draw well
# Few photographs say little of the largest response to others, and real networks' visualizations
# go so far beyond all photographs that there is room for a wide margin.
MARGIN, RIDGE = 1.0, 0.1


def parts(material: Material) -> int:
    """How many parts this experiment has, without the answers of the honest network."""
    return 2 + 2 * material.settings.channels + 2 * material.chunks


def channels(material: Material) -> list[int]:
    """Which channels get a twin: evenly spread, chosen before anything is drawn."""
    there = checked_conv(material.lab.network, material.recipe.silent).out_channels
    count = min(material.settings.channels, there)
    return [(2 * i + 1) * there // (2 * count) for i in range(count)]


def silent(cache: Cache, material: Material) -> Experiment:
    """Give channels silent twins, draw them with and without, and ask what the network answers."""
    recipe, network = material.recipe, material.lab.network
    chosen = channels(material)
    drawing: dict[str, Any] = {
        "size": material.size, "seed": material.settings.seed,
        "steps": material.settings.steps, "progress": False,
    }  # fmt: skip

    def draw(layer: str | None, unit: int) -> Result:
        return Result({"images": visualize(network, layer, unit, **drawing).images}, {})

    target = cache.part("silent-target", lambda: draw(None, TARGET))
    goal = target.tensors["images"]

    def make() -> Result:
        made = add_silent_units(
            network, recipe.silent, goal, material.train, chosen, margin=MARGIN, ridge=RIDGE,
            progress=False,
        )  # fmt: skip
        conv = twin_of(made, recipe.silent).conv
        assert conv.bias is not None
        return Result({"filters": conv.weight.detach(), "bias": conv.bias.detach()}, {})

    twins = cache.part("silent-twins", make, after=[target])
    fooled = once(lambda: attach_twins(network, recipe.silent, **twins.tensors, units=chosen))

    def wake(unit: int) -> Result:
        woken = wakes(fooled(), recipe.silent, [unit], at=recipe.read_at, **drawing)
        return Result({"images": woken.drawn.images}, {"response": float(woken.response)})

    honest = [
        cache.part(f"silent-honest-{unit}", partial(draw, recipe.read_at, unit)) for unit in chosen
    ]
    shown = [
        cache.part(f"silent-shown-{unit}", partial(wake, unit), after=[twins]) for unit in chosen
    ]
    old = before(cache, material)

    def woken(asked: nn.Module, images: Tensor) -> dict[str, Tensor]:
        return {"awake": twin_responses(asked, recipe.silent, images) > 0}

    new = answers(cache, material, "silent", fooled, extra=woken, after=[twins])
    dead = _dead(cache, material)
    near, far = (
        resemblance(material, torch.cat([part.tensors["images"] for part in made]), goal)
        for made in (shown, honest)
    )
    awake = sum(part.facts["response"] > 0 for part in shown)
    n, count = len(chosen), len(new.top)
    units = f"{n} of {_width(material)} channels of {recipe.silent}"
    photos = f"{count} held-out photographs"
    rows = answer_rows(material, old, new, "silent", "with silent twins")
    quiet = int((~new.extra["awake"].any(1)).sum())
    rows += [
        Row("quiet", "Photographs, new to the twins, that wake none of them",
            share(quiet, count, of="photographs"), photos),
        Row("wake", "Twins that an optimization wakes", share(awake, n, of="channels"), units),
        Row("nearer", "Channels whose picture is nearer to the target with a twin",
            share(int((near > far).sum()), n, of="channels"), units),
        Row("nearness", "How much nearer, as a difference of cosines",
            mean_of(near - far, of="channels"), units, percent=False,
            note=f"Mean cosine {float(far.mean()):.2f} without a twin and {float(near.mean()):.2f} "
            "with one."),
        _dead_row(dead, photos),
    ]  # fmt: skip
    name = class_name(material, TARGET)
    told = (
        f"{n} channels of {recipe.silent}, evenly spread, get a silent twin that was calibrated "
        f"with {len(material.train.images)} photographs; all are to show a visualization of the "
        f"logit {TARGET} ({name}). Pictures are read at {recipe.read_at}. Nearness is the cosine "
        f"between mean features at {recipe.judged_at} of a picture and of the target, each less "
        f"those of the mean photograph. {top_told(material)}"
    )
    titles = [f"channel {unit}" for unit in chosen]
    figure = picture_grid(
        {
            "honest": torch.cat([part.tensors["images"] for part in honest]),
            "with a twin": torch.cat([part.tensors["images"] for part in shown]),
            "the target": goal,
        },
        titles=titles,
        notes={"with a twin": ["woke" if p.facts["response"] > 0 else "slept" for p in shown]},
        width=11.0,
        alt=f"Honest visualizations of {n} channels of {recipe.silent}; the same channels with "
        f"silent twins, of which {awake} woke; and the target, a visualization of {name}.",
    )
    numbers = {
        "channels": [
            {"channel": unit, "response": part.facts["response"], "nearness": a, "without": b}
            for unit, part, a, b in zip(chosen, shown, near.tolist(), far.tolist(), strict=True)
        ],
        "never above 0": [{"layer": layer, "channels": k, "of": of} for layer, k, of in dead],
    }
    table = Table(
        f"Channels of the honest network that answer to none of {photos}",
        ("layer", "channels", "of", "share"),
        tuple((layer, str(k), str(of), f"{100 * k / of:.1f} %") for layer, k, of in dead),
    )
    nearness = nearness_figure(far, near, [str(unit) for unit in chosen])
    return Experiment(
        "silent", "Silent units", told, tuple(rows), (figure, nearness), (table,), numbers
    )


def resemblance(material: Material, images: Tensor, target: Tensor) -> Tensor:
    """(N,) how much the network's features of images are like those of a target, from -1 to 1.

    The cosine between mean features, each less those of the mean photograph and divided by their
    spread over photographs.
    """
    layer = material.recipe.judged_at

    def features(pictures: Tensor) -> Tensor:
        parts = [record(material.lab.network, [layer], batch)[layer] for batch in pictures.split(8)]
        return torch.cat([part.mean((2, 3)) for part in parts])

    known = features(material.train.images)
    centre, spread = known.mean(0), known.std(0) + 1e-6
    one, other = ((features(p) - centre) / spread for p in (images, target))
    return F.cosine_similarity(one, other)


def _dead(cache: Cache, material: Material) -> list[tuple[str, int, int]]:
    """By layer, how many of so many channels of the honest network answer to no photograph."""
    layers = material.recipe.relus

    def batch(number: int) -> Result:
        images = material.chunk(number).images
        if not len(images):
            return Result({}, {})
        found = never_fire(material.lab.network, layers, images)
        return Result(found, {})

    made: list[Part] = [
        cache.part(f"silence-{number}", partial(batch, number)) for number in range(material.chunks)
    ]
    kept = [part.tensors for part in made if part.tensors]
    whole = {layer: torch.stack([tensors[layer] for tensors in kept]).all(0) for layer in layers}
    return [(layer, int(found.sum()), len(found)) for layer, found in whole.items()]


def _dead_row(dead: list[tuple[str, int, int]], photos: str) -> Row:
    hits, n = sum(row[1] for row in dead), sum(row[2] for row in dead)
    return Row(
        "dead", "Channels of the honest network that answer to none of the photographs",
        counted(hits, n, of="channels"),
        f"{n} channels of {len(dead)} layers; {photos}",
        note="Counted over all channels of these layers, so there is no interval; with more "
        "photographs there are fewer.",
    )  # fmt: skip


def _width(material: Material) -> int:
    return checked_conv(material.lab.network, material.recipe.silent).out_channels
