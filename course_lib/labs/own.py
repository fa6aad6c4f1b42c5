"""A lab of your own: any network, any folder of photographs."""

import os
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch import nn

from course_lib.activations import FAILURES, OWN_SIZE, chosen_output, device_of, record
from course_lib.checks import check_images, check_labels, whole_number
from course_lib.errors import NoImagesError, OutputError
from course_lib.labs.folders import find_files
from course_lib.labs.lab import Lab, Photos
from course_lib.labs.layers import layers_in_order
from course_lib.labs.photographs import read_files
from course_lib.labs.units import units_of_classes
from course_lib.visualization.frozen import frozen_copy

PhotoSource = str | os.PathLike[str] | Mapping[str, Photos]
"""A folder with a folder per class; or {"train": Photos, "test": Photos}."""


def open_own(
    network: nn.Module,
    photos: PhotoSource,
    *,
    image_size: int = 224,
    resize: int | None = None,
    photos_per_class: int = 40,
    name: str = "own",
) -> Lab:
    """A lab from any network that takes images in [0, 1], and any photographs.

    The network is copied, in float32, and frozen; the layers are found by running it once, and the
    unit of each class by running it on the "train" photographs.

    Args:
        network: (B, 3, S, S) in [0, 1] -> logits (B, K), K at least the number of classes.
        photos: a folder with a folder per class, or {"train": Photos, "test": Photos}.
        image_size: S.
        resize: to how many pixels a photograph's shorter edge is brought, at least S, before the
            central S x S is cut out; by default S.
        photos_per_class: how many photographs of a class to read for each split, at most.

    Raises:
        NoImagesError: (a ValueError) there are no images.
        ValueError: anything else that cannot work.
    """
    image_size = whole_number(image_size, "image_size", at_least=1)
    resize = whole_number(resize or image_size, "resize", at_least=image_size)
    if isinstance(photos, Mapping):
        class_names, read = _from_tensors(photos, image_size)
    else:
        class_names, read = _from_folder(photos, resize, image_size, photos_per_class)
    load = cache(read)
    network = frozen_copy(network, device_of(network), share=False)
    with torch.random.fork_rng(devices=[]):
        outputs = _check_network(network, image_size)
    if outputs < len(class_names):
        raise ValueError(
            f"The network has {outputs} logits for {len(class_names)} classes of photographs: "
            "give at most as many folders as it has logits."
        )
    setattr(network, OWN_SIZE if hasattr(network, "image_size") else "image_size", image_size)
    sample = torch.zeros(  # two, as some networks cannot run on one
        (2, 3, image_size, image_size), device=device_of(network), dtype=torch.float32
    )
    with torch.random.fork_rng(devices=[]):
        layers = layers_in_order(network, sample)
    train = read("train")  # not kept, many lessons only look at "test"
    while True:
        try:
            recorded = record(network, [layers[-1], None], train.images)
            break
        except OutputError:  # what ends last may give nothing to read, such as a loss
            if len(layers) == 1:
                raise
            layers = layers[:-1]
    if not torch.isfinite(recorded[None]).all():
        raise ValueError("The network returns NaN or infinite logits for the photographs.")
    if not torch.equal(recorded[layers[-1]], recorded[None]):
        warnings.warn(
            f"The network goes on after its last layer {layers[-1]!r}, outside any module; its "
            "logits are the layer None, not the last of lab.layers.",
            stacklevel=2,
        )
    return Lab(
        name=name,
        network=network,
        layers=layers,
        image_size=image_size,
        class_names=class_names,
        unit_of_class=units_of_classes(recorded[None], train.labels, len(class_names)),
        what="photographs",
        load=load,
    )


def _from_folder(
    root: str | os.PathLike[str], resize: int, size: int, per_class: int
) -> tuple[tuple[str, ...], Callable[[str], Photos]]:
    files = find_files(root, per_class)

    def load(split: str) -> Photos:
        number = {name: i for i, name in enumerate(files["train"])}
        todo = [(path, number[name]) for name, paths in files[split].items() for path in paths]
        photos = read_files(todo, resize=resize, size=size)
        there = set(photos.labels.tolist())
        for name, label in number.items():
            if label not in there:
                raise NoImagesError(f"No file of class {name!r} can be read as an image.")
        return photos

    return tuple(files["train"]), load


def _from_tensors(
    photos: Mapping[str, Photos], size: int
) -> tuple[tuple[str, ...], Callable[[str], Photos]]:
    if set(photos) != {"train", "test"}:
        raise ValueError(f"photos has the keys {sorted(photos)}: give 'train' and 'test'.")
    splits = {split: _checked(split, given, size) for split, given in photos.items()}
    train, test = (set(splits[split].labels.tolist()) for split in ("train", "test"))
    if len(train) < 2:
        raise NoImagesError(
            f"The training photographs show {len(train)} class: give images of at least two."
        )
    if train != test or train != set(range(len(train))):
        raise ValueError(
            f"The training photographs show the classes {sorted(train)[:8]}, the test photographs "
            f"{sorted(test)[:8]}: both must show all classes, numbered from 0 without a gap."
        )
    return tuple(f"class {i}" for i in range(len(train))), lambda split: splits[split]


def _checked(split: str, given: Any, size: int) -> Photos:
    name = f"photos[{split!r}]"
    try:
        images, labels = given
    except (TypeError, ValueError):
        raise ValueError(f"{name}: give Photos(images, labels).") from None
    check_images(images, f"{name}.images")
    if images.shape[-1] != size:
        raise ValueError(
            f"{name}.images are {images.shape[-1]} pixels an edge, but image_size={size}: bring "
            "them to one size."
        )
    check_labels(labels, len(images), 2**31, f"{name}.labels")
    return Photos(images.float(), labels.long())


def _check_network(network: nn.Module, size: int) -> int:
    """Run the network once on grey; returns the number of logits."""
    grey = torch.full((2, 3, size, size), 0.5, device=device_of(network), dtype=torch.float32)
    try:
        with torch.no_grad():
            logits = chosen_output(network(grey), None)
    except FAILURES as error:
        raise ValueError(
            f"The network cannot take images of shape (2, 3, {size}, {size}): {error}"
        ) from error
    if logits.dim() != 2 or len(logits) != 2:
        shape = tuple(logits.shape)
        raise ValueError(f"The network returned {shape} for two images: logits (2, K) are needed.")
    if not torch.isfinite(logits).all():
        raise ValueError("The network's output for a grey image is not finite: check its weights.")
    return int(logits.shape[1])
