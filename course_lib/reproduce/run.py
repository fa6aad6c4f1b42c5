"""A whole run: the experiments that are asked for, and what they found."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch

from course_lib.reproduce import circuit, fooled, leash, pictures, silent, similarity
from course_lib.reproduce.cache import Cache, check_settings
from course_lib.reproduce.lab import LabMaterial, LabSettings
from course_lib.reproduce.material import Folders, Material, Settings
from course_lib.reproduce.report import SCHEMA, Experiment, RunReport, as_told, paper_says
from course_lib.system import found_version

CACHE = "parts"
"""The folder of what is kept, within a run's folder."""


class Procedure(NamedTuple):
    """How an experiment is made.

    run: makes it from parts and a `Material`. parts: how many it has, without those of `rests`.
    rests: on what it shares with others, "answers" of the honest network, its visualizations
    ("honest"), the "fooled" network or that with silent "twins", with what these show.
    """

    run: Callable[[Cache, Any], Experiment]
    parts: Callable[[Any], int]
    rests: frozenset[str] = frozenset()


_SILENT = Procedure(
    silent.silent, lambda m: 2 * m.chunks + bool(m.recipe.dead), frozenset({"answers", "twins"})
)
_SIMILARITY = Procedure(
    similarity.similarity, lambda m: len(similarity.groups(m)) + 1, frozenset({"honest"})
)
_FOOLED = frozenset({"honest", "fooled"})
EXPERIMENTS: Mapping[str, Procedure] = {
    "pictures": Procedure(pictures.pictures, lambda m: len(m.recipe.known)),
    "circuit": Procedure(circuit.circuit, lambda m: m.chunks, _FOOLED | {"answers"}),
    "leash": Procedure(leash.leash, leash.parts, _FOOLED | {"twins"}),
    "silent": _SILENT,
    "similarity": _SIMILARITY,
}
"""Those on one of the paper's networks."""
LAB_EXPERIMENTS: Mapping[str, Procedure] = {
    "pictures": Procedure(pictures.lab_pictures, lambda _: 0, frozenset({"honest"})),
    "circuit": Procedure(fooled.circuit, lambda m: m.chunks, _FOOLED | {"answers"}),
    "chosen": Procedure(fooled.chosen, lambda _: fooled.CHOSEN, frozenset({"fooled"})),
    "leash": Procedure(leash.lab_leash, leash.parts, _FOOLED | {"twins"}),
    "silent": _SILENT,
    "similarity": _SIMILARITY,
}
"""Those in a lab of the course."""


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
        procedures: by default those that there are for such a network.

    Raises:
        OtherSettingsError: (a ValueError) the folder was begun with other settings, another
            network or other photographs.
        NoImagesError, ValueError: photographs or settings that cannot be used.
        WeightsUnavailableError, DamagedFileError: the network's weights.
        NotKeptError: (an OSError) the folder cannot be written to.
    """

    def __init__(
        self,
        settings: Settings | LabSettings,
        folder: Path,
        experiments: Sequence[str] = (),
        *,
        procedures: Mapping[str, Procedure] | None = None,
        progress: bool = True,
    ) -> None:
        if procedures is None:
            procedures = experiments_for(settings)
        if any(name not in procedures for name in experiments):
            raise ValueError(
                f"experiments={list(experiments)}: give some of {', '.join(procedures)}."
            )
        chosen = [name for name in procedures if name in experiments or not experiments]
        self.procedures = [procedures[name] for name in chosen]
        kept = folder / CACHE
        settings.check()  # before anything is downloaded
        check_settings(kept, settings.identity())
        self.material = settings.material()
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


def experiments_for(settings: Settings | LabSettings) -> Mapping[str, Procedure]:
    """What there is to do with such settings, by name."""
    return LAB_EXPERIMENTS if isinstance(settings, LabSettings) else EXPERIMENTS


def planned(material: Material, procedures: Sequence[Procedure]) -> int:
    """How many parts a run of these experiments has."""
    honest = len(material.groups) * material.starts
    shared = {
        "answers": material.chunks,
        "honest": honest,
        "fooled": circuit.fooled_parts(material) if isinstance(material, Folders) else 1,
        "twins": silent.twinned_parts(material),
    }
    needed = frozenset[str]().union(*(procedure.rests for procedure in procedures))
    return sum(p.parts(material) for p in procedures) + sum(shared[name] for name in needed)


def report_of(findings: RunFindings) -> RunReport:
    """What is kept and shown of a run."""
    material = findings.material
    imagenets = material.known_classes is not None
    paper = partial(paper_says, material.network, material.weights, classes=imagenets)
    classes = "the lab's" if isinstance(material, LabMaterial) else "the folders'"
    # no part rests on a judge: a run that is done stays so when there is another
    judges = ", ".join(name for name, _ in material.judging.values())
    told = {
        "schema": SCHEMA,
        "course": found_version("dont-trust-your-eyes") or "unknown",
        "torch": torch.__version__,
        "network": material.network,
        "title": material.recipe.title,
        "weights": material.weights,
        "photographs": {
            "folders": list(material.names),
            "built with": len(material.train.images),
            "held out": material.count,
            "classes": "ImageNet's" if imagenets else classes,
            "what": material.what,
            "units": list(material.units),
        },
        "settings": findings.identity | ({"judge": judges} if judges else {}),
        "seconds": round(findings.cache.seconds, 1),
        "experiments": [as_told(experiment, paper) for experiment in findings.experiments],
        "warned": list(findings.cache.warned),
    }
    figures = {name: f for part in findings.experiments for name, f in part.figures.items()}
    return RunReport(told, figures)
