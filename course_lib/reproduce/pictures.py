"""Feature visualizations of well-known classes."""

from __future__ import annotations

from functools import partial

import torch

from course_lib.activations import record
from course_lib.figures import picture_grid
from course_lib.reproduce.cache import Cache, Result
from course_lib.reproduce.material import Material
from course_lib.reproduce.networks import WELL_KNOWN
from course_lib.reproduce.report import Entry, Experiment
from course_lib.statistics import counted


def pictures(cache: Cache, material: Material) -> Experiment:
    """Draw the logits of a few classes that everybody knows."""
    network = material.lab.network

    def draw(unit: int) -> Result:
        return Result({"images": material.visualized(network, None, unit).images}, {})

    made = [cache.part(f"known-{unit}", partial(draw, unit)) for unit in WELL_KNOWN]
    images = torch.cat([part.tensors["images"] for part in made])
    first = record(network, [None], images)[None].argmax(1)
    names = [material.class_name(unit) for unit in WELL_KNOWN]
    own = Entry(
        "first answer", "Visualizations to which their class is the network's first answer",
        counted(first == torch.tensor(WELL_KNOWN), of="classes"),
        f"{len(names)} classes, one picture each",
        note="The network that a picture was made with is a lenient judge of it.",
    )  # fmt: skip
    figure = picture_grid(
        images,
        titles=names,
        columns=4,
        alt=f"Visualizations of logits of {material.title}: {', '.join(names)}.",
    )
    told = (
        f"{len(names)} logits, picked before any was drawn, with "
        f"{material.settings.steps} steps each; none was left out or drawn again."
    )
    return Experiment(
        "pictures", "Well-known classes", told, (own,), {"pictures": figure}, (),
        {"units": list(WELL_KNOWN)},
    )  # fmt: skip
