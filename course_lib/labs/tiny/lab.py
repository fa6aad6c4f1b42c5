"""The tiny lab: renders and small networks, all of it in the package."""

from course_lib.labs.lab import Lab, Photos
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.detector import load_detector
from course_lib.labs.tiny.network import LAYERS
from course_lib.labs.tiny.world import CLASS_NAMES, render

SIZE = 64
_WORLDS = {"train": 1, "test": 2}  # world seeds; the networks were trained on other worlds
_COUNTS = {"train": 1024, "test": 512}


def open_tiny(network: str = "robust", seed: int = 0) -> Lab:
    """The tiny lab with one of its networks.

    Args:
        network: "robust" or "standard"; or one that keeps to a structure, "bcos" or "lipschitz"
            (lesson 07). seed: of its training, 0 or, of the first two, 1.

    Raises:
        ValueError: there is no such network or seed.
        DamagedFileError: (a ValueError) its weights file is damaged.
    """
    module = weights.load(network, seed)
    module.image_size = SIZE  # type: ignore[assignment]  # what visualize takes as its default
    return Lab(
        name="tiny",
        network=module,
        layers=LAYERS,
        image_size=SIZE,
        class_names=CLASS_NAMES,
        unit_of_class=tuple(range(len(CLASS_NAMES))),
        what="renders",
        load=_photos,
        load_detector=load_detector,
    )


def _photos(split: str) -> Photos:
    return render(_COUNTS[split], seed=_WORLDS[split], size=SIZE)
