"""`course pictures`: the pictures that are kept because not every reader can draw them."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from course_lib.cli.lessons import notebooks_folder
from course_lib.cli.reproduce import reproduce
from course_lib.figures import Picture, picture_grid
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.labs.imagenet import weights_file
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.detector import detector_record
from course_lib.labs.tiny.lab import open_tiny
from course_lib.labs.tiny.world import CLASS_NAMES, textures
from course_lib.reproduce.networks import NETWORK
from course_lib.reproduce.real import PHOTOS, RUNS, STORED
from course_lib.reproduce.report import read_report, to_ship, write_report
from course_lib.stored import fingerprint, note, write_whole
from course_lib.visualization.ascent import visualize
from course_lib.visualization.defaults import engine_defaults

_STEPS = 64  # of each optimization; with fewer the circuit shows less of what it is to show


def draw_kept_pictures() -> list[Path]:
    """Draw the README's pictures, and store what the lessons' ends show of a real network.

    The latter where COURSE_PHOTOS names photographs: by `course reproduce --steps 64`, which goes
    on where its parts are kept.
    """
    folder = notebooks_folder() / "pictures"
    folder.mkdir(exist_ok=True)
    kept = []
    for draw_one in (same_answers, standard_and_robust):
        kept.append(folder / f"{draw_one.__name__}.webp")
        write_whole(kept[-1], draw_one().data)
        note(kept[-1], pictures_rest_on())
    if os.environ.get(PHOTOS) and reproduce(None, None, (), steps=_STEPS) == 0:
        write_report(to_ship(read_report(RUNS / NETWORK)), STORED)
        for path in stored_result():
            note(path, result_rests_on())
        kept += stored_result()
    return kept


def stored_result() -> list[Path]:
    """The files of the real network's result, as the package ships it."""
    return sorted(path for path in STORED.iterdir() if path.name != "rests.json")


def result_rests_on() -> str:
    """The fingerprint of the engine and the network that the real network's result is of."""
    return fingerprint(engine=engine_defaults(), weights=weights_file(NETWORK).name)


def pictures_rest_on() -> str:
    """The fingerprint of the engine, the networks and the detector that README's pictures show."""
    networks = [weights.record_of(name, 0)["sha256"] for name in ("standard", "robust")]
    return fingerprint(
        engine=engine_defaults(), weights=networks, detector=detector_record()["sha256"]
    )


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
