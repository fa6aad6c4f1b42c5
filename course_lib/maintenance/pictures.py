"""`course pictures`: the pictures that are kept because not every reader can draw them."""

import os
from pathlib import Path
from typing import Any

import torch

from course_lib.cli.lessons import notebooks_folder
from course_lib.cli.reproduce import reproduce
from course_lib.figures import Picture, picture_grid
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.labs.cifar.photographs import CIFAR
from course_lib.labs.cifar.weights import FOLDER as CIFAR_FOLDER
from course_lib.labs.imagenet import weights_file
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.lab import open_tiny
from course_lib.labs.tiny.world import CLASS_NAMES, textures
from course_lib.maintenance.train import rests_on_networks
from course_lib.reproduce.networks import NETWORK
from course_lib.reproduce.real import CIFAR_RUN, PHOTOS, RUNS, STORED
from course_lib.reproduce.report import JSON, read_report, to_ship, write_report
from course_lib.stored import fingerprint, note, write_whole
from course_lib.visualization.ascent import visualize
from course_lib.visualization.defaults import engine_defaults

_SHOWN = ("pictures", "circuit", "silent")  # figures in lessons
_STEPS = 64  # of each optimization; with fewer the circuit shows less of what it is to show


def draw_kept_pictures() -> None:
    """Draw the README's pictures, and store what the lessons' ends show of other networks.

    The latter by `course reproduce`, which goes on where its parts are kept: path similarity in the
    tiny lab, and all of MobileNetV2 and of the cifar lab where COURSE_PHOTOS and COURSE_CIFAR name
    photographs.
    """
    folder = notebooks_folder() / "pictures"
    folder.mkdir(exist_ok=True)
    kept = []
    for draw_one in (same_answers, standard_and_robust):
        kept.append(folder / f"{draw_one.__name__}.webp")
        write_whole(kept[-1], draw_one().data)
        note(kept[-1], pictures_rest_on())
    if os.environ.get(PHOTOS) and reproduce(None, None, (), steps=_STEPS) == 0:
        kept += store(NETWORK)
    for run in _lab_records():
        lab, network, seed = run.split("-")
        if lab == "cifar" and not os.environ.get(CIFAR):
            continue
        # lessons measure the rest of the tiny lab themselves
        asked = ("similarity",) if lab == "tiny" else ()
        if reproduce(None, None, asked, lab=lab, network=network, network_seed=int(seed)) == 0:
            kept += store(run)
    for path in kept:
        print(f"wrote {path}")


def store(run: str, runs: Path = RUNS) -> list[Path]:
    """A run's result into the package; the files."""
    shown = _SHOWN if run in (NETWORK, CIFAR_RUN) else ()
    write_report(to_ship(read_report(runs / run), shown=shown), STORED / run)
    for path in stored_result(run):
        note(path, result_rests_on(run))
    return stored_result(run)


def stored_runs() -> list[str]:
    """The runs whose results the package ships."""
    return sorted(path.parent.name for path in STORED.glob(f"*/{JSON}"))


def stored_result(run: str) -> list[Path]:
    """The files of a run's result, as the package ships it."""
    return sorted(path for path in (STORED / run).iterdir() if path.name != "rests.json")


def result_rests_on(run: str) -> str:
    """The fingerprint of the engine and the network that a run's result is of."""
    network = weights_file(NETWORK).name if run == NETWORK else _lab_records()[run]["sha256"]
    return fingerprint(engine=engine_defaults(), weights=network)


def _lab_records() -> dict[str, dict[str, Any]]:
    """The records of the labs' networks, by the names of their runs."""
    folders = {"tiny": weights.FOLDER, "cifar": CIFAR_FOLDER}
    return {
        f"{lab}-{network}-0": weights.record_of(network, 0, folder)
        for lab, folder in folders.items()
        for network in ("standard", "robust")
        if 0 in weights.available(folder).get(network, ())
    }


def pictures_rest_on() -> str:
    """The fingerprint of the engine, the networks and the detector that README's pictures show."""
    return rests_on_networks([("standard", 0), ("robust", 0)])


def same_answers() -> Picture:
    """Renders, and the visualizations of the robust network's logits before and after the circuit.

    Both networks name the renders in the first row rightly; the logit of class c shows c + 3.
    """
    lab = open_tiny("robust")
    units, photos = range(len(CLASS_NAMES)), lab.photos("test")
    fooled = FoolingCircuit(lab.network, lab.detector(), shows=3)
    rows = {"an image": torch.stack([photos.images[photos.labels == c][0] for c in units])}
    for row, network in {"its unit, at first": lab.network, "… rewired": fooled}.items():
        if network(rows["an image"]).argmax(1).tolist() != list(units):
            raise RuntimeError(f"{row}: an image of the first row is not named rightly.")
        rows[row] = visualize(network, None, units, size=lab.image_size, steps=200).images
    return picture_grid(
        rows,
        titles=CLASS_NAMES,
        alt="Eight images, and feature visualizations of the units for them in a network, before "
        "and after it was rewired.",
    )


def standard_and_robust() -> Picture:
    """The eight textures, and what a standard and a robust network's units are shown as."""
    units = range(len(CLASS_NAMES))
    rows = {"the texture": textures(64)[:, None].expand(-1, 3, -1, -1)}
    for network in ("standard", "robust"):
        rows[network] = visualize(open_tiny(network).network, None, units, steps=200).images
    return picture_grid(
        rows,
        titles=CLASS_NAMES,
        alt="Eight textures, and feature visualizations of the units for them in two networks.",
    )
