"""What lessons end with: what `course reproduce` measured of a real network, or in a lab."""

import os
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.display import Message
from course_lib.figures import Picture
from course_lib.labs import open_lab
from course_lib.labs.imagenet import imagenette_folder, weights_file
from course_lib.labs.lab import Lab
from course_lib.reproduce.networks import NETWORK
from course_lib.reproduce.report import JSON, RunReport, classed, read_report

PHOTOS = "COURSE_PHOTOS"
"""Environment variable: a folder of photographs, one folder a class, for the imagenet lab."""
CIFAR_RUN = "cifar-standard-0"
"""The run in the cifar lab that lessons show beside the real network."""
STORED = Path(__file__).parent / "stored"
"""The results that the package ships, a folder a run; `course pictures` makes them again."""
RUNS = Path("reproduced")
"""The folder of the runs' folders, where `course reproduce` is not given another."""


class Reproduced(NamedTuple):
    """What an experiment found in a run.

    origin: where that comes from, in a sentence. measures: the table. figures: by their names.
    numbers: by the measures' keys and by what the experiment calls the others.
    """

    origin: str
    measures: Message
    figures: dict[str, Picture]
    numbers: dict[str, Any]


def reproduced(experiment: str, run: str = NETWORK, stored: Path = STORED) -> Reproduced:
    """What `course reproduce` found: your own result if there is one here, or the course's.

    Your own is looked for in the run's folder in `reproduced`, in the working directory and around
    it.

    Args:
        experiment: "pictures", "circuit", "leash", "silent", "similarity" or "bets"; in a lab
            "chosen" too.
        run: the folder's name: "mobilenet_v2", or a lab, a network and its seed, as in `CIFAR_RUN`.
        stored: the folder of the course's.
    """
    folders = (folder / RUNS / run for folder in (Path.cwd(), *Path.cwd().parents))
    own = next((folder for folder in folders if (folder / JSON).is_file()), None)
    if own is not None:
        try:
            report = read_report(own)
        except (OSError, ValueError) as error:
            print(f"Your own result cannot be read, so here is the course's: {error}")
        else:
            if experiment in report.names:
                return _of(report, experiment, f"Your own result, from {RUNS / run}")
    report = read_report(stored / run)
    lab = report.told["settings"].get("lab")
    by = f"course reproduce --lab {lab}" if lab else "course reproduce"
    told = f"Stored with the course, measured before by `{by}`, which measures it here, too"
    return _of(report, experiment, told)


def _of(report: RunReport, experiment: str, origin: str) -> Reproduced:
    photographs, found = report.told["photographs"], report.experiment(experiment)
    return Reproduced(
        f"{origin}: {report.told['title']}, {len(photographs['folders'])} "
        f"{classed(photographs)} of {photographs.get('what', 'photographs')}, "
        f"{photographs['built with']} to build with and {photographs['held out']} held out.",
        report.measures(experiment),
        report.pictures(experiment),
        {row["key"]: row["here"] for row in found["rows"]} | found["numbers"],
    )


def real_photos_folder() -> Path | None:
    """The folder of photographs at hand: what COURSE_PHOTOS names, or Imagenette if it is here."""
    given = os.environ.get(PHOTOS)
    if given:
        return Path(given)
    return imagenette_folder() if imagenette_folder().is_dir() else None


def real_lab(*, download: bool = False, photos_per_class: int = 6) -> Lab | None:
    """The imagenet lab with MobileNetV2, or None where it cannot be had without a download.

    Its photographs come from the folder that the environment variable COURSE_PHOTOS names, or else
    from Imagenette.

    Args:
        photos_per_class: for either split, at most; each takes 0.6 MB.
        download: fetch what is missing, the weights (14 MB) and Imagenette (340 MB).
    """
    photos = real_photos_folder()
    if download or (photos and weights_file(NETWORK).is_file()):
        # few photographs of a class: enough to find its unit and to look at, in little memory
        return open_lab(
            "imagenet", network=NETWORK, photos=photos, photos_per_class=photos_per_class
        )
    print("No real network on this machine: here are pictures of one that were drawn before.")
    print("With a connection, real_lab(download=True) fetches its weights and photographs.")
    return None
