"""Silent units: channels that answer no photograph, and decide what is shown."""

from __future__ import annotations

from functools import cache as once
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.figures import picture_grid
from course_lib.fooling.plots import nearness_figure
from course_lib.fooling.silent.report import never_fire, resemblance, twin_responses, wakes
from course_lib.fooling.silent.twins import add_silent_units, attach_twins, checked_conv, twin_of
from course_lib.reproduce.answers import answer_rows, before, by_batch, recorded_answers, top_told
from course_lib.reproduce.cache import Cache, Result
from course_lib.reproduce.material import Material
from course_lib.reproduce.networks import MARGIN, RIDGE, TARGET
from course_lib.reproduce.report import Entry, Experiment, Table, mean_or_none
from course_lib.statistics import counted, proportion


def silent(cache: Cache, material: Material) -> Experiment:
    """Give channels silent twins, draw them with and without, and ask what the network answers."""
    recipe, network = material.recipe, material.lab.network
    there = checked_conv(network, recipe.silent).out_channels
    n = min(material.settings.channels, there)
    chosen = [(2 * i + 1) * there // (2 * n) for i in range(n)]  # evenly spread

    def draw(layer: str | None, unit: int) -> Result:
        return Result({"images": material.visualized(network, layer, unit).images}, {})

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
        woken = wakes(
            fooled(), recipe.silent, [unit], at=recipe.read_at, size=material.size,
            steps=material.settings.steps, seed=material.settings.seed, progress=False,
        )  # fmt: skip
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

    new = recorded_answers(cache, material, "silent", fooled, extra=woken, after=[twins])
    dead = _dead(cache, material)
    drawn, alone = (
        torch.cat([part.tensors["images"] for part in made]) for made in (shown, honest)
    )
    near, far = (
        resemblance(network, material.train.images, images, goal, recipe.judged_at)
        for images in (drawn, alone)
    )
    awake = sum(part.facts["response"] > 0 for part in shown)
    count, everywhere = len(new.top), sum(of for _, _, of in dead)
    units = f"{n} of {there} channels of {recipe.silent}"
    photos = f"{count} held-out photographs"
    rows = answer_rows(material, old, new, "silent", "with silent twins")
    rows += [
        Entry("quiet", "Photographs, new to the twins, that wake none of them",
            proportion(~new.extra["awake"].any(1), of="photographs"), photos),
        Entry("wake", "Twins that an optimization wakes",
            proportion(awake, n, of="channels"), units),
        Entry("nearer", "Channels whose picture is nearer to the target with a twin",
            proportion(near > far, of="channels"), units),
        Entry("nearness", "How much nearer, as a difference of cosines",
            mean_or_none(near - far, of="channels"), units, percent=False,
            note=f"Mean cosine {float(far.mean()):.2f} without a twin and {float(near.mean()):.2f} "
            "with one."),
        Entry("dead", "Channels of the honest network that answer to none of the photographs",
            counted(sum(k for _, k, _ in dead), everywhere, of="channels"),
            f"{everywhere} channels of {len(dead)} layers; {photos}",
            note="Counted over all channels of these layers, so there is no interval; with more "
            "photographs there are fewer."),
    ]  # fmt: skip
    name = material.class_name(TARGET)
    told = (
        f"{n} channels of {recipe.silent}, evenly spread, get a silent twin that was calibrated "
        f"with {len(material.train.images)} photographs; all are to show a visualization of the "
        f"logit {TARGET} ({name}). Pictures are read at {recipe.read_at}. Nearness is the cosine "
        f"between mean features at {recipe.judged_at} of a picture and of the target, each less "
        f"those of the mean photograph. {top_told(material)}"
    )
    figure = picture_grid(
        {"honest": alone, "with a twin": drawn, "the target": goal},
        titles=[f"channel {unit}" for unit in chosen],
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
    figures = {"silent": figure, "nearness": nearness}
    return Experiment("silent", "Silent units", told, tuple(rows), figures, (table,), numbers)


def _dead(cache: Cache, material: Material) -> list[tuple[str, int, int]]:
    """By layer, how many of so many channels of the honest network answer to no photograph."""
    layers = material.recipe.relus
    kept = by_batch(
        cache, material, "silence",
        lambda photos: never_fire(material.lab.network, layers, photos.images),
    )  # fmt: skip
    whole = {layer: torch.stack([tensors[layer] for tensors in kept]).all(0) for layer in layers}
    return [(layer, int(found.sum()), len(found)) for layer, found in whole.items()]
