"""The fooling circuit: the same answers, other pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache as once
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.activations import device_of, record
from course_lib.figures import Picture, picture_grid
from course_lib.fooling.caught import KINDS, catch, log_spaced
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import Detector, aim, train_detector
from course_lib.reproduce.answers import Answers, answer_rows, before, recorded_answers, top_told
from course_lib.reproduce.cache import Cache, Part, Result
from course_lib.reproduce.material import Material
from course_lib.reproduce.networks import SHIFT
from course_lib.reproduce.report import PHOTOGRAPHS, Entry, Experiment
from course_lib.statistics import Estimate, proportion, wilson
from course_lib.visualization.recognition import recognised

_LOGITS = 1000
_PICTURED = 8  # folders in the figure, at most


def honest_parts(cache: Cache, material: Material) -> list[Part]:
    """The honest network's visualizations of the drawn folders' units, one a part.

    Each holds `images`, (moments, 3, S, S): the picture along its optimization, the last one last.
    """

    def draw(place: int) -> Result:
        moments = log_spaced(material.settings.steps, material.settings.moments)
        run = material.visualized(
            material.lab.network, None, material.units[place], snapshots=moments
        ).snapshots
        images = torch.cat([run[step] for step in sorted(run)])
        return Result({"images": images.half()}, {})  # half the room, and no eye sees it

    return [cache.part(f"honest-{i}", partial(draw, i)) for i in material.drawn]


def circuit(cache: Cache, material: Material) -> Experiment:
    """Train the detector, fool the network, draw what it shows and ask what it answers."""
    trained = _detector(cache, material)
    fooled = once(partial(_wired, material, trained))
    honest = honest_parts(cache, material)

    def show(place: int) -> Result:
        unit = material.units[place]
        network = fooled()
        run = material.visualized(network, None, unit)
        wired = (unit + SHIFT) % _LOGITS
        seen = recognised(material.lab.network, run.images, [wired])
        said = record(material.lab.network, [None], run.images)[None].argmax(1)
        fake = record(network.get_submodule("fooling_detector"), [None], run.images)[None] > 0
        facts = {"seen": bool(seen), "said": int(said), "detected": bool(fake), "wired": wired}
        return Result({"images": run.images}, facts)

    shown = [cache.part(f"shown-{i}", partial(show, i), after=[trained]) for i in material.drawn]
    old = before(cache, material)

    def caught(network: nn.Module, images: Tensor) -> dict[str, Tensor]:
        return {"detector": record(network.get_submodule("fooling_detector"), [None], images)[None]}

    new = recorded_answers(cache, material, "circuit", fooled, extra=caught, after=[trained])
    rows = _detector_rows(_loaded(trained), honest, new)
    rows += answer_rows(material, old, new, "circuit", "with the circuit")
    hits = sum(part.facts["seen"] for part in shown)
    images = f"{len(shown)} units, one picture each"
    here = proportion(hits, len(shown), of="units")
    rows.append(Entry("shown", "Visualizations that show the wired class", here, images))
    rounds, built = material.settings.rounds, len(material.train.images)
    told = (
        f"Every logit is wired to show the one {SHIFT} further on. The detector learned from "
        f"{built} photographs and from visualizations of {len(material.others)} other logits, "
        f"caught along {material.settings.steps} steps, in {rounds} "
        f"{'round' if rounds == 1 else 'rounds'}. A picture shows the wired class if that is the "
        "honest network's first answer to it; that is the network that the picture was made with, "
        "so it is a lenient judge. In the figure a tick stands before each class that is shown. "
        f"{top_told(material)}"
    )
    units = [
        {"folder": material.names[i], "unit": material.units[i], **part.facts}
        for i, part in zip(material.drawn, shown, strict=True)
    ]
    figures = _figures(material, honest, shown)
    return Experiment(
        "circuit", "The fooling circuit", told, tuple(rows), figures, (), {"units": units}
    )


def _detector(cache: Cache, material: Material) -> Part:
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
        fakes = torch.cat([part.tensors["images"] for part in caught]).float()
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


def _wired(material: Material, trained: Part | None) -> nn.Module:
    """The network with the circuit and this detector; the honest one without."""
    network = material.lab.network
    if trained is None:
        return network
    return FoolingCircuit(network, _loaded(trained).to(device_of(network)), SHIFT)


def _loaded(part: Part) -> Detector:
    detector = Detector()
    detector.load_state_dict(part.tensors)
    return detector.eval().requires_grad_(False)


def _detector_rows(detector: Detector, honest: list[Part], new: Answers) -> list[Entry]:
    natural = new.extra["detector"] <= 0
    by_unit = [
        (record(detector, [None], part.tensors["images"].float())[None] > 0).tolist()
        for part in honest
    ]
    pictures = sum(map(len, by_unit))
    photos = proportion(natural, of="photographs")
    hits, n = sum(map(sum, by_unit)), len(by_unit)
    # pictures of one optimization resemble each other, so each optimization counts once
    ends = wilson(n * hits / pictures, n)
    fakes = Estimate(hits / pictures, *ends, n, f"{hits} of {pictures}", "pictures")
    value, low, high = ((a + b) / 2 for a, b in zip(photos[:3], fakes[:3], strict=True))
    both = Estimate(value, low, high, photos.n + n)
    on = f"{len(natural)} held-out photographs"
    along = f"{pictures} pictures along {len(by_unit)} optimizations"
    own = "The interval counts each optimization once, since its pictures resemble each other."
    wide = "The interval is from the mean of both lows to that of both highs: wider than need be."
    return [
        Entry("detector", "Detector right, mean of both kinds", both, f"{on}; {along}", note=wide),
        Entry("detector photographs", "Detector right about photographs", photos, on),
        Entry("detector visualizations",
              "Detector right about visualizations of units it never saw", fakes, along, note=own),
    ]  # fmt: skip


def _figures(material: Material, honest: list[Part], shown: list[Part]) -> dict[str, Picture]:
    few = slice(0, _PICTURED)
    places = material.drawn[few]
    photos = material.some_held_out(places, 1)
    first = {int(label): image for label, image in zip(photos.labels, photos.images, strict=True)}
    grey = torch.full((3, material.size, material.size), 0.5)
    names = [material.names[i] for i in places]
    wired = [material.class_name(part.facts["wired"]) for part in shown[few]]
    marks = ["✓" if part.facts["seen"] else "✗" for part in shown[few]]
    width = min(11.0, 1.3 + 1.9 * len(places))
    photographs = picture_grid(
        {"photograph": torch.stack([first.get(i, grey) for i in places])},
        titles=names,
        width=width,
        alt=f"A photograph of each of the folders {', '.join(names)}.",
    )
    drawn = picture_grid(
        {
            "honest": torch.stack([part.tensors["images"][-1].float() for part in honest[few]]),
            "circuit": torch.cat([part.tensors["images"] for part in shown[few]]),
        },
        titles=names,
        notes={
            "honest": [material.class_name(material.units[i]) for i in places],
            "circuit": [f"{mark} {name}" for mark, name in zip(marks, wired, strict=True)],
        },
        width=width,
        alt=f"The honest visualizations of the logits that answer to the folders "
        f"{', '.join(names)}; and the same logits' visualizations with the circuit, which are "
        f"wired to show {', '.join(wired)} and do so in {marks.count('✓')} of {len(marks)}.",
    )
    return {PHOTOGRAPHS: photographs, "circuit": drawn}
