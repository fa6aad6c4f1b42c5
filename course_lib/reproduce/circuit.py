"""The fooling circuit: the same answers, other pictures."""

from collections.abc import Callable, Sequence
from functools import cache as once
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import device_of, record
from course_lib.figures import Picture, picture_grid
from course_lib.fooling.caught import KINDS, catch
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import Detector, aim, train_detector
from course_lib.reproduce.answers import Answers, answer_rows, before, recorded_answers
from course_lib.reproduce.cache import Cache, Part, Result, images_of
from course_lib.reproduce.material import Folders, Material
from course_lib.reproduce.report import PHOTOGRAPHS, Entry, Experiment
from course_lib.statistics import Estimate, grouped, proportion
from course_lib.visualization.recognition import recognised

_PICTURED = 8  # folders in the figure, at most


def honest_parts(cache: Cache, material: Material) -> list[Part]:
    """The honest network's visualizations of the drawn classes' units, from the first start.

    Each holds `images`, (moments, 3, S, S): the picture along its optimization, the last one last.
    """
    return honest_starts(cache, material)[0]


def honest_starts(cache: Cache, material: Material) -> list[list[Part]]:
    """The same from all starts."""

    def draw(places: list[int], start: int) -> Result:
        run = material.visualized(
            material.lab.network, None, [material.units[place] for place in places],
            seed=material.seed + start, snapshots=material.moments,
        ).snapshots  # fmt: skip
        images = torch.cat([run[step] for step in sorted(run)])
        return Result({"images": images.half()}, {})  # half the room, and no eye sees it

    def parts(start: int) -> list[Part]:
        made = []
        for places in material.groups:
            name = f"honest-{places[0]}" + f"-start-{start}" * (start > 0)
            part = cache.part(name, partial(draw, places, start))
            along = part.tensors["images"].unflatten(0, (-1, len(places)))
            made += [part._replace(tensors={"images": one}) for one in along.unbind(1)]
        return made

    return [parts(start) for start in range(material.starts)]


def finished(starts: Sequence[Sequence[Part]]) -> Tensor:
    """(starts, units, 3, S, S): the last pictures of optimizations, as of `honest_starts`."""
    ends = [[part.tensors["images"][-1].float() for part in start] for start in starts]
    return torch.stack([torch.stack(start) for start in ends])


class Fooled(NamedTuple):
    """A network with the circuit.

    trained: its detector's weights. network: gives it. shown: by drawn class, a visualization
    `images` (1, 3, S, S) of the class's unit, and what judges say of it.
    """

    trained: Part
    network: Callable[[], nn.Module]
    shown: list[Part]


def fooled_network(cache: Cache, material: Folders) -> Fooled:
    """The network whose detector was trained, and what it shows of the drawn classes' units."""
    recipe = material.recipe
    trained = _detector(cache, material)
    fooled = once(partial(_wired, material, trained))

    def show(place: int) -> Result:
        unit = material.units[place]
        drawn = material.drawing(fooled(), None, unit)
        images = drawn.tensors["images"]
        wired = (unit + recipe.shift) % recipe.logits
        seen = recognised(material.lab.network, images, [wired])
        said = record(material.lab.network, [None], images)[None].argmax(1)
        fake = detected(fooled(), images)["detector"] > 0
        facts = {"seen": bool(seen), "said": int(said), "detected": bool(fake), "wired": wired}
        return drawn._replace(facts=facts)

    shown = [cache.part(f"shown-{i}", partial(show, i), after=[trained]) for i in material.drawn]
    return Fooled(trained, fooled, shown)


def fooled_parts(material: Folders) -> int:
    """How many parts that has."""
    return material.settings.rounds * (len(material.others) + 1) + len(material.drawn)


def circuit(cache: Cache, material: Folders) -> Experiment:
    """Train the detector, fool the network, draw what it shows and ask what it answers."""
    recipe = material.recipe
    trained, fooled, shown = fooled_network(cache, material)
    honest = honest_parts(cache, material)
    old = before(cache, material)
    new = recorded_answers(cache, material, "circuit", fooled, extra=detected, after=[trained])
    rows = detector_rows(loaded(trained), honest, new)
    rows += answer_rows(material, old, new, "circuit", "with the circuit")
    wired, seen = ([part.facts[fact] for part in shown] for fact in ("wired", "seen"))
    here = proportion(sum(seen), len(seen), of="units")
    images = f"{len(seen)} units, one picture each"
    rows.append(Entry("shown", "Visualizations that show the wired class", here, images))
    rounds, built = material.settings.rounds, len(material.train.images)
    told = (
        f"Every logit is wired to show the one {recipe.shift} further on. The detector learned "
        f"from {built} photographs and from visualizations of {len(material.others)} other logits, "
        f"caught along {material.settings.steps} steps, in {rounds} "
        f"{'round' if rounds == 1 else 'rounds'}. A picture shows the wired class if that is the "
        "honest network's first answer to it; that is the network that the picture was made with, "
        "so it is a lenient judge. In the figure a tick stands before each class that is shown. "
        f"{material.top_told}"
    )
    units = [
        {"folder": material.names[i], "unit": material.units[i], **part.facts}
        for i, part in zip(material.drawn, shown, strict=True)
    ]
    figures = circuit_figures(material, honest, images_of(shown), wired, seen)
    return Experiment(
        "circuit", "The fooling circuit", told, tuple(rows), figures, (), {"units": units}
    )


def detected(network: nn.Module, images: Tensor) -> dict[str, Tensor]:
    """The logits of a circuit's detector for images (B, 3, S, S)."""
    return {"detector": record(network.get_submodule("fooling_detector"), [None], images)[None]}


def _detector(cache: Cache, material: Folders) -> Part:
    """The detector of the last round."""
    settings = material.settings
    caught: list[Part] = []
    latest: Part | None = None

    def along(network: Callable[[], nn.Module], seed: int, unit: int) -> Result:
        found = catch(
            network(), [unit], kinds=KINDS[:1], seeds=(seed,), size=material.size,
            steps=settings.steps, samples=settings.moments, progress=False,
        )  # fmt: skip
        return Result({"images": found.images.half()}, {})

    def train() -> Result:
        fakes = images_of(caught).float()
        detector = train_detector(
            material.train, fakes, settings.seed, epochs=settings.epochs, batch=settings.batch,
            progress=False,
        )  # fmt: skip
        aim(detector, material.train.images, fakes, settings.seed)
        return Result(dict(detector.state_dict()), {})

    for number in range(settings.rounds):
        network = once(partial(_wired, material, latest))
        after = [latest] if latest else []
        for i, unit in enumerate(material.others):
            # each starts from noise of its own, or the detector would know it by its start
            draw = partial(along, network, settings.seed + 1000 * (number + 1) + i, unit)
            caught.append(cache.part(f"caught-{number}-{i}", draw, after=after))
        latest = cache.part(f"detector-{number}", train, after=caught, version=3)
    assert latest is not None
    return latest


def _wired(material: Folders, trained: Part | None) -> nn.Module:
    """The network with the circuit and this detector; the honest one without."""
    network = material.lab.network
    if trained is None:
        return network
    return FoolingCircuit(network, loaded(trained).to(device_of(network)), material.recipe.shift)


def loaded(part: Part) -> Detector:
    """The detector whose weights are among a part's tensors."""
    detector = Detector()
    detector.load_state_dict({name: part.tensors[name] for name in detector.state_dict()})
    return detector.eval().requires_grad_(False)


def detector_rows(
    detector: Detector,
    honest: list[Part],
    new: Answers,
    *,
    what: str = "photographs",
    unseen: str = "of units it never saw",
) -> list[Entry]:
    """The rows on how a detector tells held-out photographs from honest visualizations.

    honest: one optimization each, as of `honest_parts`. new: with what `detected` found. unseen:
    in what these differ from those that it learned from.
    """
    natural = new.extra["detector"] <= 0
    by_unit = [
        (record(detector, [None], part.tensors["images"].float())[None] > 0).tolist()
        for part in honest
    ]
    pictures = sum(map(len, by_unit))
    photos = proportion(natural, of=what)
    hits, n = sum(map(sum, by_unit)), len(by_unit)
    # pictures of one optimization resemble each other, so each optimization counts once
    fakes = grouped(proportion(hits, pictures), n, "pictures")
    value, low, high = ((a + b) / 2 for a, b in zip(photos[:3], fakes[:3], strict=True))
    both = Estimate(value, low, high, photos.n + n)
    on = f"{len(natural)} held-out {what}"
    along = f"{pictures} pictures along {len(by_unit)} optimizations"
    own = "The interval counts each optimization once, since its pictures resemble each other."
    wide = "The interval is from the mean of both lows to that of both highs: wider than need be."
    return [
        Entry("detector", "Detector right, mean of both kinds", both, f"{on}; {along}", note=wide),
        Entry("detector photographs", f"Detector right about {what}", photos, on),
        Entry("detector visualizations",
              f"Detector right about visualizations {unseen}", fakes, along, note=own),
    ]  # fmt: skip


def circuit_figures(
    material: Material,
    honest: list[Part],
    drawn: Tensor,
    wired: list[int],
    seen: list[bool],
    *,
    most: int = _PICTURED,
) -> dict[str, Picture]:
    """Photographs, and the first few honest pictures and the circuit's.

    drawn: (N, 3, S, S), the circuit's. wired: the logits that they are to show. seen: whether they
    do. most: how many are in the figure, at most.
    """
    few = slice(0, most)
    places = material.drawn[few]
    photos = material.some_held_out(places, 1)
    first = {int(label): image for label, image in zip(photos.labels, photos.images, strict=True)}
    grey = torch.full((3, material.size, material.size), 0.5)
    names = [material.names[i] for i in places]
    shown = [material.class_name(unit) for unit in wired[few]]
    marks = ["✓" if right else "✗" for right in seen[few]]
    width = min(11.0, 1.3 + 1.9 * len(places))
    one = material.what.removesuffix("s")
    photographs = picture_grid(
        {one: torch.stack([first.get(i, grey) for i in places])},
        titles=names,
        width=width,
        alt=f"A {one} of each of the {material.classed} {', '.join(names)}.",
    )
    pictures = picture_grid(
        {"honest": finished([honest[few]])[0], "circuit": drawn[few]},
        titles=names,
        notes={
            "honest": [material.class_name(material.units[i]) for i in places],
            "circuit": [f"{mark} {name}" for mark, name in zip(marks, shown, strict=True)],
        },
        width=width,
        alt=f"The honest visualizations of the logits that answer to the {material.classed} "
        f"{', '.join(names)}; and the same logits' visualizations with the circuit, which are "
        f"wired to show {', '.join(shown)} and do so in {marks.count('✓')} of {len(marks)}.",
    )
    return {PHOTOGRAPHS: photographs, "circuit": pictures}
