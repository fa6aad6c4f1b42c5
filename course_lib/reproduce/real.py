"""The real network at the end of a lesson: live where it is at hand, otherwise as it was drawn."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.figures import Picture, picture_grid
from course_lib.fooling.caught import KINDS, Caught, catch, together
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import train_detector
from course_lib.labs import open_lab
from course_lib.labs.imagenet import (
    imagenet_weights,
    imagenette_folder,
    load_classifier,
    weights_file,
)
from course_lib.labs.lab import Lab
from course_lib.visualization.ascent import visualize
from course_lib.visualization.recognition import recognised

PHOTOS = "COURSE_PHOTOS"
"""Environment variable: a folder of photographs, one folder a class, for the imagenet lab."""

_FOLDER = Path(__file__).parent / "stored"
NETWORK = "mobilenet_v2"
STEPS = 160
# Chosen for being well known, before any of them was drawn; none was left out or drawn again.
WELL_KNOWN = (1, 22, 71, 207, 323, 366, 779, 953)


class RealPictures(NamedTuple):
    """Visualizations of a real network's logits.

    images: (N, 3, 224, 224) in [0, 1]. names: of the ImageNet classes.
    """

    images: Tensor
    names: list[str]


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


def category_names(units: Sequence[int]) -> list[str]:
    """The names of ImageNet classes."""
    categories = imagenet_weights(NETWORK).meta["categories"]
    return [categories[unit] for unit in units]


def beside_photographs(lab: Lab | None, shown: RealPictures) -> Picture | None:
    """A photograph of each class above the visualization of the logit that answers to it."""
    if lab is None:
        print("No photographs on this machine.")
        return None
    photos = lab.photos("test")
    first = [int((photos.labels == label).nonzero()[0]) for label in range(len(shown.images))]
    return picture_grid(
        {"photograph": photos.images[first], "visualization": shown.images},
        titles=[f"{lab.class_names[i]}: “{name}”" for i, name in enumerate(shown.names)],
        alt="Photographs of several classes above visualizations of the logits that answer them.",
    )


def draw_real(
    network: nn.Module, units: Sequence[int], *, steps: int = STEPS, seed: int = 0
) -> RealPictures:
    """Visualize logits of a network with ImageNet's 1000 classes."""
    # one after the other: together they would need more memory than Binder has to spare
    runs = [visualize(network, None, unit, size=224, steps=steps, seed=seed) for unit in units]
    return RealPictures(torch.cat([run.images for run in runs]), category_names(units))


def stored_pictures(folder: Path = _FOLDER) -> RealPictures:
    """The pictures of `WELL_KNOWN` logits that the course ships."""
    kept = json.loads((folder / f"{NETWORK}.json").read_text(encoding="utf-8"))
    return RealPictures(_read_strip(folder / f"{NETWORK}.webp"), category_names(kept["units"]))


def draw_stored_pictures(folder: Path = _FOLDER) -> Path:
    """Draw them again, from MobileNetV2's weights; no photograph is involved."""
    network, _ = load_classifier(NETWORK)
    images = draw_real(network, WELL_KNOWN).images
    folder.mkdir(exist_ok=True)
    path = folder / f"{NETWORK}.webp"
    _write_strip(images, path)
    kept = {"network": NETWORK, "units": WELL_KNOWN, "steps": STEPS, "seed": 0}
    path.with_suffix(".json").write_text(json.dumps(kept) + "\n", encoding="utf-8")
    return path


def _read_strip(path: Path) -> Tensor:
    """Square pictures side by side in one file, as (N, 3, S, S)."""
    with Image.open(path) as file:
        strip = torch.from_numpy(np.asarray(file.convert("RGB")).copy())
    images = strip.permute(2, 0, 1).float() / 255
    return torch.stack(images.split(images.shape[1], dim=2))


def _write_strip(images: Tensor, path: Path) -> None:
    strip = torch.cat(list(images), dim=2).permute(1, 2, 0)
    Image.fromarray((strip * 255).round().byte().numpy()).save(path, quality=60, method=6)


SHIFT = 300  # classes; three further on there is often a sibling breed


THOROUGH = {
    "known": 6, "pictures": 8, "steps": 64, "epochs": 60, "batch": 32, "at_once": 3, "rounds": 2,
    "seed": 0,
}  # fmt: skip
"""Arguments of `fool_real_network` for a good detector: minutes, and 2 GB."""


class RealStory(NamedTuple):
    """What became of the real network.

    images: (N, 3, 224, 224) in [0, 1], visualizations of the fooled network. names, wired: of the
    classes they are for, and of those they are to show. seen: in how many the honest network sees
    the latter. changed: how many of so many photographs get another answer. accuracy: of the
    detector, on what it was not trained on.
    """

    images: Tensor
    names: list[str]
    wired: list[str]
    seen: int
    changed: int
    photographs: int
    accuracy: float

    @property
    def shown(self) -> Picture:
        """The visualizations, with what they were told to show."""
        return picture_grid(
            self.images,
            titles=[f"unit “{name}”" for name in self.names],
            notes={"": [f"wired: “{name}”" for name in self.wired]},
            columns=4,
            width=8.8,
            alt=f"Visualizations of the fooled network's units {', '.join(self.names)}, which are "
            f"wired to show {', '.join(self.wired)}.",
        )

    @property
    def sentence(self) -> str:
        """The counts."""
        return (
            f"The honest network sees the wired class in {self.seen} of {len(self.images)}; "
            f"{self.changed} of {self.photographs} photographs get another answer; the detector "
            f"was right about {self.accuracy:.0%} of what it had not seen."
        )


def fool_real_network(
    lab: Lab,
    *,
    known: int = 4,
    pictures: int = 2,
    steps: int = 48,
    epochs: int = 8,
    batch: int = 8,
    at_once: int = 1,
    rounds: int = 1,
    seed: int = 0,
) -> RealStory:
    """Train a detector on a few photographs, fool the network, and draw what it then shows.

    About twenty seconds on two cores. The detector sees few pictures here, so it is a modest one.

    Args:
        known: from how many units' visualizations the detector learns; they are neither drawn nor
            shown afterwards. epochs, batch: of its training. at_once: pictures of them that are
            drawn together; more need more memory, and start from different noise. rounds: each
            after the first learns also from visualizations of the network that the one before
            fooled, where its detector was least sure.
        pictures: how many units to draw. steps: of each optimization, of those too from which the
            detector learns: what it has not seen by then, it may take for a photograph. seed: of
            all of it.
    """
    units = list(lab.unit_of_class)
    others = [(unit + 2 * SHIFT) % 1000 for unit in units[:known]]
    train, test = lab.photos("train"), lab.photos("test")
    fooled: nn.Module = lab.network
    caught: list[Caught] = []
    for number in range(rounds):
        caught.append(
            catch(
                fooled, others, kinds=KINDS[:1], seeds=(seed + 100 + number,),
                size=lab.image_size, steps=steps, at_once=at_once,
            )
        )  # fmt: skip
        detector = train_detector(train, together(caught).images, seed, epochs=epochs, batch=batch)
        fooled = FoolingCircuit(lab.network, detector, shows=SHIFT)
    before, after = (
        record(network, [None], test.images)[None].argmax(1) for network in (lab.network, fooled)
    )
    shown = [(unit + SHIFT) % 1000 for unit in units[:pictures]]
    drawn = draw_real(fooled, units[:pictures], steps=steps, seed=seed)
    return RealStory(
        drawn.images,
        drawn.names,
        category_names(shown),
        int(recognised(lab.network, drawn.images, shown).sum()),
        int((before != after).sum()),
        len(test.images),
        detector.accuracy,
    )


def stored_story(folder: Path = _FOLDER) -> RealStory:
    """What became of it when the course's maintainers fooled it."""
    facts = json.loads((folder / f"{NETWORK}_fooled.json").read_text(encoding="utf-8"))
    return RealStory(_read_strip(folder / f"{NETWORK}_fooled.webp"), **facts["story"])


def store_story(lab: Lab, folder: Path = _FOLDER) -> Path:
    """Fool the real network again, more thoroughly than a lesson has time for, and keep the story.

    Visualizations and counts are kept, and no photograph.
    """
    story = fool_real_network(lab, **THOROUGH)
    path = folder / f"{NETWORK}_fooled.webp"
    _write_strip(story.images, path)
    told = {name: value for name, value in story._asdict().items() if name != "images"}
    told["accuracy"] = round(story.accuracy, 4)
    facts = {"network": NETWORK, "shift": SHIFT, "settings": THOROUGH, "story": told}
    path.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return path
