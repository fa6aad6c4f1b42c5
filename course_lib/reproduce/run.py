"""A whole run: the experiments that are asked for, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.reproduce import circuit, silent, similarity
from course_lib.reproduce.cache import Cache, check_settings
from course_lib.reproduce.material import (
    EXPERIMENTS,
    Material,
    Settings,
    known_settings,
    photographs,
)
from course_lib.reproduce.rows import Experiment

CACHE = "parts"
"""The folder of what is kept, within a run's folder."""

_RUN = {
    "circuit": circuit.circuit,
    "silent": silent.silent,
    "similarity": similarity.similarity,
}


class Findings(NamedTuple):
    """What a run found.

    identity: what its results rest on. computed, found: how many parts were computed now, and how
    many were kept from before. seconds: that computing all of them took. warned: of what.
    """

    material: Material
    identity: dict[str, object]
    experiments: tuple[Experiment, ...]
    computed: int
    found: int
    seconds: float
    warned: tuple[str, ...]


class Run:
    """A run of some experiments, which can be cut off at any time and begun again.

    Args:
        folder: new, or begun before with the same settings; what is kept is in its `CACHE`.
        experiments: some of `EXPERIMENTS`.

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
        experiments: Sequence[str] = EXPERIMENTS,
        *,
        progress: bool = True,
    ) -> None:
        unknown = [name for name in experiments if name not in EXPERIMENTS]
        if unknown or not experiments:
            raise ValueError(
                f"experiments={list(experiments)}: give some of {', '.join(EXPERIMENTS)}."
            )
        self.experiments = tuple(name for name in EXPERIMENTS if name in experiments)
        kept = folder / CACHE
        # before anything is downloaded
        photographs(Path(settings.photos).expanduser(), settings.measured)
        check_settings(kept, known_settings(settings))
        self.material = Material(settings)
        self.identity = self.material.identity()
        parts = planned(self.material, self.experiments)
        self.cache = Cache(kept, self.identity, parts, progress=progress)

    def finish(self) -> Findings:
        """Compute what is not kept yet.

        Raises:
            NotKeptError: a result cannot be written. KeyboardInterrupt: cut off.
        """
        try:
            found = tuple(_RUN[name](self.cache, self.material) for name in self.experiments)
        finally:
            self.cache.close()
        return Findings(
            self.material,
            self.identity,
            found,
            self.cache.computed,
            self.cache.found,
            self.cache.seconds,
            tuple(self.cache.warned),
        )


def planned(material: Material, experiments: Sequence[str]) -> int:
    """How many parts a run of these experiments has."""
    own = {"circuit": circuit.parts, "silent": silent.parts, "similarity": similarity.parts}
    total = sum(own[name](material) for name in experiments)
    if {"circuit", "silent"} & set(experiments):
        total += material.chunks  # the honest network's answers
    if "similarity" in experiments and "circuit" not in experiments:
        total += len(material.drawn)  # the honest visualizations
    return total
