"""Feature visualizations of well-known classes."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.figures import picture_grid
from course_lib.reproduce.cache import Cache, images_of
from course_lib.reproduce.circuit import finished, honest_starts
from course_lib.reproduce.lab import LabMaterial
from course_lib.reproduce.material import Material
from course_lib.reproduce.report import Entry, Experiment
from course_lib.statistics import counted, proportion
from course_lib.visualization.recognition import recognised


def pictures(cache: Cache, material: Material) -> Experiment:
    """Draw the logits of a few classes that everybody knows."""
    network, known = material.lab.network, material.recipe.known
    draw = partial(material.drawing, network, None)
    images = images_of(cache.part(f"known-{unit}", partial(draw, unit)) for unit in known)
    first = record(network, [None], images)[None].argmax(1)
    names = [material.class_name(unit) for unit in known]
    own = Entry(
        "first answer", "Visualizations to which their class is the network's first answer",
        counted(first == torch.tensor(known), of="classes"),
        f"{len(names)} classes, one picture each",
        note="The network that a picture was made with is a lenient judge of it.",
    )  # fmt: skip
    figure = picture_grid(
        images,
        titles=names,
        columns=4,
        alt=f"Visualizations of logits of {material.recipe.title}: {', '.join(names)}.",
    )
    told = (
        f"{len(names)} logits, picked before any was drawn, with "
        f"{material.steps} steps each; none was left out or drawn again."
    )
    return Experiment(
        "pictures", "Well-known classes", told, (own,), {"pictures": figure}, (),
        {"units": list(known)},
    )  # fmt: skip


def lab_pictures(cache: Cache, material: LabMaterial) -> Experiment:
    """Show what the logit of each class is drawn as, from several starts."""
    ends = finished(honest_starts(cache, material))
    rows = [
        shown_row(f"own{other}", "own", judge, name, ends, material.units)
        for other, name, judge in material.judges
    ]
    names = list(material.names)
    figure = picture_grid(
        {f"start {i}": images for i, images in enumerate(ends)},
        titles=names,
        width=11.0,
        alt=f"Visualizations of all logits of {material.recipe.title}, from {len(ends)} starts: "
        f"{', '.join(names)}.",
    )
    told = (
        f"The logits of all {len(names)} classes, from {len(ends)} starts, with {material.steps} "
        "steps each. A picture shows a class if that is the judge's first answer; the network that "
        "it was made with is a lenient judge."
    )
    return Experiment(
        "pictures", "All classes", told, tuple(rows), {"pictures": figure}, (),
        {"units": list(material.units)},
    )  # fmt: skip


def shown_row(
    key: str, whose: str, judge: nn.Module, name: str, drawn: Tensor, units: Sequence[int]
) -> Entry:
    """How many units' pictures all show a class to a judge.

    Args:
        whose: class that is, "own" or "wired". name: of the judge.
        drawn: (starts, units, 3, S, S). units: the logits of the classes that they are to show.
    """
    starts, count = drawn.shape[:2]
    seen = recognised(judge, drawn.flatten(0, 1).float(), list(units) * starts).view(starts, -1)
    of_all = f"{int(seen.sum())} of {seen.numel()} pictures"
    measure = f"Units whose pictures from {starts} starts all show the {whose} class, to {name}"
    images = f"{count} units, {starts} pictures each; {of_all}"
    return Entry(key, measure, proportion(seen.all(0), of="units"), images)
