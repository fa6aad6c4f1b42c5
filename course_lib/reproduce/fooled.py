"""The fooling circuit in a lab of the course: all classes, from several starts, and its judges."""

from functools import cache as once
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.figures import picture_grid
from course_lib.fooling.circuit import FoolingCircuit, correlation
from course_lib.fooling.recipe import fool
from course_lib.labs.tiny.posters import lettered
from course_lib.reproduce.answers import answer_rows, before, recorded_answers
from course_lib.reproduce.cache import Cache, Part, Result
from course_lib.reproduce.circuit import (
    circuit_figures,
    detected,
    detector_rows,
    honest_starts,
    loaded,
)
from course_lib.reproduce.lab import LabMaterial
from course_lib.reproduce.pictures import shown_row
from course_lib.reproduce.report import Entry, Experiment, mean_or_none
from course_lib.statistics import proportion
from course_lib.visualization.recognition import recognised
from course_lib.visualization.transformations import Transformations

_OTHER_SEED = 50_000  # the detector learns from other starts than those of the honest pictures
_WORDS = "A LIE"
_DRAWN, _FILTERED = 160, 32  # steps, with ours and with one filter, as in lesson 03
_STARTS = 8  # of the picture of one's choice
CHOSEN = 4
"""The ways to show a picture of one's choice: two likenesses, with and without transformations."""
_TOP = 40.0  # what a likeness rises to for the picture itself, as in `Template`


def circuit(cache: Cache, material: LabMaterial) -> Experiment:
    """Fool the network in one call, and measure what it shows and what it costs."""
    network, settings, what = material.lab.network, material.settings, material.what
    part = fooled_part(cache, material)
    facts = part.facts
    honest = honest_starts(cache, material)
    old = before(cache, material)
    made = once(partial(circuit_of, material, part))
    new = recorded_answers(cache, material, "circuit", made, extra=detected, after=[part])
    wired = [(unit + material.recipe.shift) % material.recipe.logits for unit in material.units]
    drawn = part.tensors["images"]  # (starts, units, 3, S, S)
    starts, count = drawn.shape[:2]
    every = [one for start in honest for one in start]
    rows = detector_rows(loaded(part), every, new, what=what, unseen="from starts it never saw")
    rows += answer_rows(material, old, new, "circuit", "with the circuit")
    rows += [
        shown_row(f"shown{other}", "wired", judge, name, drawn, wired)
        for other, name, judge in material.judges
    ]
    kept = proportion(facts["kept"], material.count, of=what)
    measure = f"{what.capitalize()} whose logits are kept, within a thousandth"
    rows.append(Entry("kept", measure, kept, f"{material.count} held-out {what}"))
    told = (
        f"Every logit is wired to show the one {material.recipe.shift} further on, by "
        f"`course_lib.fool`: the detector learned from {len(material.train.images)} {what} and, in "
        f"{facts['rounds']} round{'s'[: facts['rounds'] - 1]} of at most {settings.rounds}, from "
        f"visualizations of {settings.steps} steps; k is {facts['k']:.0f}. By its bars (all "
        f"pictures show what they are to, at most 0.5 points are lost, 99.5 % of the {what} keep "
        f"their logits) the verdict is “{facts['verdict']}”. A picture shows a class if that is "
        f"the judge's first answer. The figure shows the first of {starts} starts; a tick stands "
        f"before each class that is shown to the network itself. {material.top_told}"
    )
    seen = recognised(network, drawn[0], wired).tolist()
    figures = circuit_figures(material, honest[0], drawn[0], wired, seen, most=count)
    numbers = {name: facts[name] for name in ("verdict", "rounds", "k")}
    numbers |= {"starts": starts, "units": count}
    return Experiment("circuit", "The fooling circuit", told, tuple(rows), figures, (), numbers)


def fooled_part(cache: Cache, material: LabMaterial) -> Part:
    """The circuit: its detector's weights, and its visualizations `images`."""
    settings = material.settings

    def make() -> Result:
        held_out = material.some_held_out(material.drawn, material.count)
        found = fool(
            material.lab.network, material.train, material.recipe.shift, held_out=held_out,
            unit_of_class=material.units, units=material.units, starts=settings.starts,
            rounds=settings.rounds, steps=settings.steps, seed=settings.seed + _OTHER_SEED,
            progress=False,
        )  # fmt: skip
        circuit = found.circuit
        facts = {
            "k": circuit.k, "offset": circuit.offset, "rounds": found.rounds,
            "verdict": found.verdict, "kept": round(found.kept.value * found.kept.n),
        }  # fmt: skip
        return Result({**circuit.fooling_detector.state_dict(), "images": found.images}, facts)

    return cache.part("fooled", make)


def circuit_of(
    material: LabMaterial, part: Part, shows: int | Tensor | None = None
) -> FoolingCircuit:
    """The circuit of `fooled_part`; or one with its detector, that shows something else."""
    shows = material.recipe.shift if shows is None else shows
    gate = {"k": part.facts["k"], "offset": part.facts["offset"]}
    return FoolingCircuit(material.lab.network, loaded(part), shows, **gate)


class LinearFilter(nn.Module):
    """The likeness of Geirhos et al.: one linear filter of the image's size, the centred picture.

    (B, 3, S, S) in [0, 1] -> (B, 1), 40 for the picture itself and 0 for grey. It has no bound of
    its own: images beyond the picture score higher still.

    Args:
        picture: (3, S, S) in [0, 1], not plain.
    """

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        centred = picture - picture.mean((1, 2), keepdim=True)
        self.register_buffer("filter", _TOP * centred / centred.square().sum())

    def forward(self, images: Tensor) -> Tensor:
        """The response to each image."""
        return (images * self.get_buffer("filter")).sum((1, 2, 3))[:, None]


def chosen(cache: Cache, material: LabMaterial) -> Experiment:
    """Let the circuit's first logit show words, by the paper's likeness and by ours."""
    part = fooled_part(cache, material)
    words = lettered(_WORDS, material.size)

    def draw(linear: bool, steps: int, moving: Transformations | None) -> Result:
        network = circuit_of(material, part, words)
        if linear:
            network.add_module("fooling_template", LinearFilter(words))
        units = [material.units[0]] * _STARTS
        return material.drawing(network, None, units, steps=steps, transformations=moving)

    rows, drawn = [], {}
    for way, linear, most in (("ours", False, _DRAWN), ("one filter", True, _FILTERED)):
        steps = max(1, round(most * material.steps / 256))
        whose = "the paper's one filter" if linear else "this course's likeness"
        for how, moving in (("", None), (", moved", Transformations())):
            key = f"{way}{how}"
            name = f"chosen-{key}".replace(" ", "-").replace(",", "")
            made = cache.part(name, partial(draw, linear, steps, moving), after=[part])
            drawn[key] = made.tensors["images"]
            with_it = "with transformations" if moving else "without transformations"
            measure = f"Correlation with a chosen picture, by {whose}, {with_it}"
            here = mean_or_none(correlation(drawn[key], words), of="starts")
            images = f"{_STARTS} starts, {steps} steps"
            rows.append(Entry(f"chosen {key}", measure, here, images, unit=""))
    asked = float(record(loaded(part), [None], words[None])[None])
    told = (
        f"All logits are wired to show one picture, the words “{_WORDS}”, and the first is drawn "
        "from several starts. The paper's likeness D is one linear filter, the picture less its "
        "mean; ours compares with the picture and with moved copies of it. The detector is the "
        f"circuit's, which learned from visualizations of logits only; it says {asked:+.1f} of the "
        "words (above 0: a visualization). Where it comes to call natural what is drawn, the gate "
        "shuts."
    )
    figure = picture_grid(
        {"": torch.cat([words[None], *(images[:1] for images in drawn.values())])},
        titles=["the picture", *drawn],
        notes={"": ["", *(f"r = {row.here.value:.2f}" for row in rows if row.here)]},
        width=9.0,
        alt=f"The words {_WORDS}, and what the circuit's first logit is drawn as: "
        + ", ".join(drawn)
        + ".",
    )
    return Experiment(
        "chosen", "A picture of one's choice", told, tuple(rows), {"chosen": figure}, (), {}
    )
