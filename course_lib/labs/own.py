"""A lab of your own: any network, any folder of photographs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import torch
from torch import nn

from course_lib.activations import device_of, record
from course_lib.checks import check_images, check_labels
from course_lib.errors import NoImagesError
from course_lib.labs.folders import find_files, load_photos
from course_lib.labs.lab import Lab, Photos
from course_lib.labs.layers import layers_in_order
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

    The network is copied and frozen; the layers are found by running it once, and the unit of each
    class by running it on the "train" photographs.

    Args:
        network: (B, 3, S, S) in [0, 1] -> logits (B, K), K at least the number of classes.
        photos: a folder with a folder per class, or {"train": Photos, "test": Photos}.
        image_size: S.
        resize: to how many pixels a photograph's shorter edge is brought before the central S x S
            is cut out; by default S.
        photos_per_class: how many photographs of a class to read for each split, at most.

    Raises:
        NoImagesError: (a ValueError) there are no images.
        ValueError: anything else that cannot work.
    """
    if image_size < 1:
        raise ValueError(f"image_size={image_size}: give a positive number of pixels.")
    if isinstance(photos, Mapping):
        class_names, load = _from_tensors(photos, image_size)
    else:
        class_names, load = _from_folder(photos, resize or image_size, image_size, photos_per_class)
    network = frozen_copy(network, device_of(network))
    outputs = _check_network(network, image_size)
    if outputs < len(class_names):
        raise ValueError(
            f"The network has {outputs} logits for {len(class_names)} classes of photographs: "
            "give at most as many folders as it has logits."
        )
    network.image_size = image_size  # type: ignore[assignment]
    sample = torch.zeros(1, 3, image_size, image_size, device=device_of(network))
    layers = layers_in_order(network, sample)
    train = load("train")
    logits = record(network, [None], train.images)[None]
    return Lab(
        name=name,
        network=network,
        layers=layers,
        image_size=image_size,
        class_names=class_names,
        unit_of_class=units_of_classes(logits, train.labels, len(class_names)),
        what="photographs",
        load=load,
    )


def _from_folder(
    root: str | os.PathLike[str], resize: int, size: int, per_class: int
) -> tuple[tuple[str, ...], Callable[[str], Photos]]:
    files = find_files(root, per_class)
    class_names = tuple(files["train"])

    def load(split: str) -> Photos:
        return load_photos(files[split], class_names, resize=resize, size=size)

    return class_names, load


def _from_tensors(
    photos: Mapping[str, Photos], size: int
) -> tuple[tuple[str, ...], Callable[[str], Photos]]:
    if set(photos) != {"train", "test"}:
        raise ValueError(f"photos has the keys {sorted(photos)}: give 'train' and 'test'.")
    classes = 0
    for split, (images, labels) in photos.items():
        check_images(images, f"photos[{split!r}].images")
        if images.shape[-1] != size:
            raise ValueError(
                f"photos[{split!r}].images are {images.shape[-1]} pixels an edge, but "
                f"image_size={size}: bring them to one size."
            )
        check_labels(labels, len(images), 2**31, f"photos[{split!r}].labels")
        classes = max(classes, int(labels.max()) + 1)
    missing = set(range(classes)) - set(photos["train"].labels.tolist())
    if classes < 2 or missing:
        raise NoImagesError(
            f"The training photographs show {classes - len(missing)} of {classes} classes: give "
            "images of at least two classes, and of every class."
        )
    return tuple(f"class {i}" for i in range(classes)), lambda split: Photos(*photos[split])


def _check_network(network: nn.Module, size: int) -> int:
    """Run the network once on grey; returns the number of logits."""
    grey = torch.full((2, 3, size, size), 0.5, device=device_of(network))
    try:
        with torch.no_grad():
            logits = network(grey)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"The network cannot take images of shape (2, 3, {size}, {size}): {error}"
        ) from error
    if not isinstance(logits, torch.Tensor) or logits.dim() != 2 or len(logits) != 2:
        shape = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise ValueError(f"The network returned {shape} for two images: logits (2, K) are needed.")
    if not torch.isfinite(logits).all():
        raise ValueError("The network's output for a grey image is not finite: check its weights.")
    return int(logits.shape[1])
