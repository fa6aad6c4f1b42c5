"""What every lab is: a network, images that it has never seen, and the order of its layers."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn


class Photos(NamedTuple):
    """Images with their classes.

    images: (N, 3, S, S) float32 in [0, 1].
    labels: (N,) int64, indices into the lab's `class_names`.
    """

    images: Tensor
    labels: Tensor


@dataclasses.dataclass(frozen=True)
class Lab:
    """A network together with what is needed to study it; made by `course_lib.open_lab`.

    network: in eval mode and frozen; takes (B, 3, S, S) in [0, 1], normalises inside, returns
        logits (B, K).
    layers: dotted module names in the order of processing; the last one gives the logits.
    image_size: the edge S of the images, in pixels.
    class_names: of the images.
    unit_of_class: for every class, its logit.
    what: what the images are called in sentences, "renders" or "photographs".
    """

    name: str
    network: nn.Module
    layers: tuple[str, ...]
    image_size: int
    class_names: tuple[str, ...]
    unit_of_class: tuple[int, ...]
    what: str
    load: Callable[[str], Photos] = dataclasses.field(repr=False)
    load_detector: Callable[[], nn.Module] | None = dataclasses.field(default=None, repr=False)

    def photos(self, split: str = "train") -> Photos:
        """Images that the network has not seen: "train" to build with, "test" to measure with."""
        if split not in ("train", "test"):
            raise ValueError(f"photos({split!r}): the splits are 'train' and 'test'.")
        return self.load(split)

    def detector(self) -> nn.Module:
        """A trained detector of visualizations that comes with the lab.

        Raises:
            ValueError: none comes with this lab.
        """
        if self.load_detector is None:
            raise ValueError(
                f"No detector comes with the {self.name} lab: train one with "
                "course_lib.train_detector(photos, visualizations)."
            )
        return self.load_detector()
