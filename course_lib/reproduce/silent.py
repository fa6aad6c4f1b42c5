"""Silent units: channels that answer no photograph, and decide what is shown."""

from collections.abc import Callable
from functools import cache as once
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.figures import Picture, picture_grid
from course_lib.fooling.plots import nearness_figure
from course_lib.fooling.silent.report import never_fire, resemblance, twin_responses, wakes
from course_lib.fooling.silent.twins import add_silent_units, attach_twins, checked_conv, twin_of
from course_lib.reproduce.answers import answer_rows, before, by_batch, recorded_answers
from course_lib.reproduce.cache import Cache, Part, Result, images_of
from course_lib.reproduce.material import Material
from course_lib.reproduce.report import Entry, Experiment, Table, mean_or_none
from course_lib.statistics import counted, proportion


class Twinned(NamedTuple):
    """A network with silent twins.

    network: gives it. twins: their filters. channels: all that have one. drawn: those that are
    drawn. target, honest, shown: visualizations `images` (1, 3, S, S), of what the twins are to
    show, and by drawn channel of the honest network and of this one.
    """

    network: Callable[[], nn.Module]
    twins: Part
    channels: list[int]
    drawn: list[int]
    target: Part
    honest: list[Part]
    shown: list[Part]


def twinned_network(cache: Cache, material: Material) -> Twinned:
    """Give channels silent twins, and draw them with and without."""
    recipe, network = material.recipe, material.lab.network
    there = checked_conv(network, recipe.silent).out_channels
    n = min(material.channels, there)
    chosen = [(2 * i + 1) * there // (2 * n) for i in range(n)]  # evenly spread
    draw = partial(material.drawing, network)
    target = cache.part("silent-target", partial(draw, None, recipe.target))
    goal = target.tensors["images"]

    def make() -> Result:
        made = add_silent_units(
            network, recipe.silent, goal, material.train, None if recipe.whole else chosen,
            margin=recipe.margin, ridge=recipe.ridge, progress=False,
        )  # fmt: skip
        twin = twin_of(made, recipe.silent)
        assert twin.conv.bias is not None
        tensors = {"filters": twin.conv.weight.detach(), "bias": twin.conv.bias.detach()}
        return Result(tensors | ({"units": twin.units} if recipe.whole else {}), {})

    twins = cache.part("silent-twins", make, after=[target])
    twinned = twins.tensors.get("units", torch.tensor(chosen)).tolist()
    filters, bias = twins.tensors["filters"], twins.tensors["bias"]
    fooled = once(lambda: attach_twins(network, recipe.silent, filters, bias, twinned))

    def wake(unit: int) -> Result:
        woken = wakes(
            fooled(), recipe.silent, [unit], at=recipe.read_at, size=material.size,
            steps=material.steps, seed=material.seed, progress=False,
        )  # fmt: skip
        return Result({"images": woken.drawn.images}, {"response": float(woken.response)})

    honest = [
        cache.part(f"silent-honest-{unit}", partial(draw, recipe.read_at, unit)) for unit in chosen
    ]
    shown = [
        cache.part(f"silent-shown-{unit}", partial(wake, unit), after=[twins]) for unit in chosen
    ]
    return Twinned(fooled, twins, twinned, chosen, target, honest, shown)


def twinned_parts(material: Material) -> int:
    """How many parts that has."""
    return 2 + 2 * material.channels


def silent(cache: Cache, material: Material) -> Experiment:
    """Give channels silent twins, draw them with and without, and ask what the network answers."""
    recipe, network, what = material.recipe, material.lab.network, material.what
    fooled, twins, twinned, chosen, target, honest, shown = twinned_network(cache, material)
    goal, n = target.tensors["images"], len(chosen)
    there = checked_conv(network, recipe.silent).out_channels
    old = before(cache, material)

    def woken(asked: nn.Module, images: Tensor) -> dict[str, Tensor]:
        return {"awake": twin_responses(asked, recipe.silent, images) > 0}

    new = recorded_answers(cache, material, "silent", fooled, extra=woken, after=[twins])
    silences = _silences(cache, material)
    dead = [(layer, int(one.sum()), len(one)) for layer, one in silences.items()]
    drawn, alone = images_of(shown), images_of(honest)
    near, far = (
        resemblance(network, material.train.images, images, goal, recipe.judged_at)
        for images in (drawn, alone)
    )
    awake = sum(part.facts["response"] > 0 for part in shown)
    everywhere = sum(of for _, _, of in dead)
    units = f"{n} of {there} channels of {recipe.silent}"
    photos = f"{len(new.top)} held-out {what}"
    rows = answer_rows(material, old, new, "silent", "with silent twins")
    rows += [
        Entry("quiet", f"{what.capitalize()}, new to the twins, that wake none of {len(twinned)}",
            proportion(~new.extra["awake"].any(1), of=what), photos),
        Entry("wake", "Twins that an optimization wakes",
            proportion(awake, n, of="channels"), units),
        Entry("nearer", "Channels whose picture is nearer to the target with a twin",
            proportion(near > far, of="channels"), units),
        Entry("nearness", "How much nearer, as a difference of cosines",
            mean_or_none(near - far, of="channels"), units, unit="",
            note=f"Mean cosine {float(far.mean()):.2f} without a twin and {float(near.mean()):.2f} "
            "with one."),
        Entry("dead", f"Channels of the honest network that answer to none of the {what}",
            counted(sum(k for _, k, _ in dead), everywhere, of="channels"),
            f"{everywhere} channels of {len(dead)} layers; {photos}",
            note="Counted over all channels of these layers, so there is no interval; with more "
            f"{what} there are fewer."),
    ]  # fmt: skip
    name = material.class_name(recipe.target)
    told = (
        f"{f'All {len(twinned)}' if recipe.whole else n} channels of {recipe.silent}"
        f"{'' if recipe.whole else ', evenly spread,'} get a silent twin that was calibrated "
        f"with {len(material.train.images)} {what}; all are to show a visualization of the "
        f"logit {recipe.target} ({name}). Pictures are read at {recipe.read_at}. Nearness is the "
        f"cosine between mean features at {recipe.judged_at} of a picture and of the target, each "
        f"less those of the mean of the {what}. {material.top_told}"
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
    nearness = nearness_figure(far, near, list(map(str, chosen)))
    figures = {"silent": figure, "nearness": nearness}
    if recipe.dead:
        found, pictured = _natural(cache, material, silences)
        rows.append(found)
        figures |= pictured
    return Experiment("silent", "Silent units", told, tuple(rows), figures, (table,), numbers)


def _silences(cache: Cache, material: Material) -> dict[str, Tensor]:
    """By layer, which channels (C,) of the honest network answer to no photograph."""
    layers = material.recipe.relus
    kept = by_batch(
        cache, material, "silence",
        lambda photos: never_fire(material.lab.network, layers, photos.images),
    )  # fmt: skip
    return {layer: torch.stack([tensors[layer] for tensors in kept]).all(0) for layer in layers}


def _natural(
    cache: Cache, material: Material, silences: dict[str, Tensor]
) -> tuple[Entry, dict[str, Picture]]:
    """Naturally silent channels drawn beside as many others of their layers, if there are any."""
    most, chosen = material.recipe.dead, list[tuple[str, int, int]]()
    for layer, silent in silences.items():
        quiet, others = (which.nonzero().flatten().tolist() for which in (silent, ~silent))
        apart = max(1, len(others) // max(1, len(quiet)))
        chosen += [(layer, *pair) for pair in zip(quiet, others[::apart], strict=False)]
    few = chosen[:: -(-len(chosen) // most)] if chosen else []

    def draw() -> Result:
        runs = [
            material.visualized(material.lab.network, layer, [quiet, other])
            for layer, quiet, other in few
        ]
        tensors = {f"images-{i}": run.images for i, run in enumerate(runs)}
        return Result(tensors, {"answers": [run.activations.tolist() for run in runs]})

    made = cache.part("natural", draw)
    woken = sum(quiet > 0 for quiet, _ in made.facts["answers"])
    entry = Entry(
        "natural", "Naturally silent channels that an optimization makes respond",
        counted(woken, len(few), of="channels") if few else None,
        f"{len(few)} of {len(chosen)} such channels of {len(silences)} layers",
        note="" if few else f"Every channel answers to one of the {material.what} at least.",
    )  # fmt: skip
    if not few:
        return entry, {}
    names = {
        "never answers": [f"{layer} {quiet}" for layer, quiet, _ in few],
        "does": [f"{layer} {other}" for layer, _, other in few],
    }
    pairs = torch.stack([made.tensors[f"images-{i}"] for i in range(len(few))], dim=1)
    figure = picture_grid(
        dict(zip(names, pairs, strict=True)),
        notes=names,
        width=11.0,
        alt=f"Visualizations of {len(few)} channels that answer to none of the {material.what} "
        f"({', '.join(names['never answers'])}), and below them those of "
        "channels of the same layers that do.",
    )
    return entry, {"natural": figure}
