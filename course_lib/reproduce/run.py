"""A whole run: the experiments that are asked for, and what they found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch

from course_lib.reproduce import circuit, pictures, silent, similarity
from course_lib.reproduce.cache import Cache, check_settings
from course_lib.reproduce.material import Material, Settings, known_settings, photographs
from course_lib.reproduce.networks import WELL_KNOWN
from course_lib.reproduce.report import SCHEMA, Experiment, RunReport, as_told, paper_says
from course_lib.system import found_version

CACHE = "parts"
"""The folder of what is kept, within a run's folder."""


class Procedure(NamedTuple):
    """How an experiment is made.

    run: makes it from parts. parts: how many it has, without those of `rests`. rests: on what it
    shares with others, "answers" of the honest network or its visualizations ("honest").
    """

    run: Callable[[Cache, Material], Experiment]
    parts: Callable[[Material], int]
    rests: frozenset[str] = frozenset()


def _circuits_parts(material: Material) -> int:
    learned = material.settings.rounds * (len(material.others) + 1)
    return learned + len(material.drawn) + material.chunks


EXPERIMENTS: Mapping[str, Procedure] = {
    "pictures": Procedure(pictures.pictures, lambda _: len(WELL_KNOWN)),
    "circuit": Procedure(circuit.circuit, _circuits_parts, frozenset({"answers", "honest"})),
    "silent": Procedure(
        silent.silent, lambda m: 2 + 2 * m.settings.channels + 2 * m.chunks, frozenset({"answers"})
    ),
    "similarity": Procedure(
        similarity.similarity, lambda m: len(similarity.groups(m)) + 1, frozenset({"honest"})
    ),
}


class RunFindings(NamedTuple):
    """What a run found. identity: what its results rest on. cache: what it took."""

    material: Material
    identity: dict[str, Any]
    experiments: tuple[Experiment, ...]
    cache: Cache


class Run:
    """A run of some experiments, which can be cut off at any time and begun again.

    Args:
        folder: new, or begun before with the same settings; what is kept is in its `CACHE`.
        experiments: names of some of `procedures`; all of them without.

    Raises:
        OtherSettingsError: (a ValueError) the folder was begun with other settings, another
            network or other photographs.
        NoImagesError, ValueError: photographs or settings that cannot be used.
        WeightsUnavailableError, DamagedFileError: the network's weights.
        NotKeptError: (an OSError) the folder cannot be written to.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        experiments: Sequence[str] = (),
        *,
        procedures: Mapping[str, Procedure] = EXPERIMENTS,
        progress: bool = True,
    ) -> None:
        if any(name not in procedures for name in experiments):
            raise ValueError(
                f"experiments={list(experiments)}: give some of {', '.join(procedures)}."
            )
        chosen = [name for name in procedures if name in experiments or not experiments]
        self.procedures = [procedures[name] for name in chosen]
        kept = folder / CACHE
        # before anything is downloaded
        photographs(Path(settings.photos).expanduser(), settings.measured)
        check_settings(kept, known_settings(settings))
        self.material = Material(settings)
        self.identity = self.material.identity()
        parts = planned(self.material, self.procedures)
        self.cache = Cache(kept, self.identity, parts, progress=progress)

    def finish(self) -> RunFindings:
        """Compute what is not kept yet.

        Raises:
            NotKeptError: a result cannot be written. KeyboardInterrupt: cut off.
        """
        try:
            found = tuple(p.run(self.cache, self.material) for p in self.procedures)
        finally:
            self.cache.bar.close()
        return RunFindings(self.material, self.identity, found, self.cache)


def planned(material: Material, procedures: Sequence[Procedure]) -> int:
    """How many parts a run of these experiments has."""
    shared = {"answers": material.chunks, "honest": len(material.drawn)}
    needed = frozenset[str]().union(*(procedure.rests for procedure in procedures))
    return sum(p.parts(material) for p in procedures) + sum(shared[name] for name in needed)


def report_of(findings: RunFindings) -> RunReport:
    """What is kept and shown of a run."""
    material = findings.material
    settings = material.settings
    imagenets = material.known_classes is not None
    paper = partial(paper_says, settings.network, settings.weights, classes=imagenets)
    told = {
        "schema": SCHEMA,
        "course": found_version("dont-trust-your-eyes") or "unknown",
        "torch": torch.__version__,
        "network": settings.network,
        "title": material.title,
        "weights": settings.weights,
        "photographs": {
            "folders": list(material.names),
            "built with": len(material.train.images),
            "held out": len(material.held_out),
            "classes": "ImageNet's" if material.known_classes else "the folders'",
            "units": list(material.units),
        },
        "settings": findings.identity,
        "seconds": round(findings.cache.seconds, 1),
        "experiments": [as_told(experiment, paper) for experiment in findings.experiments],
        "warned": list(findings.cache.warned),
    }
    figures = {name: f for part in findings.experiments for name, f in part.figures.items()}
    return RunReport(told, figures)
