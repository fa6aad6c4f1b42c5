"""The cifar lab's trained networks; files and records as the tiny lab's."""

from pathlib import Path

from torch import nn

from course_lib.labs.cifar.network import CifarInception
from course_lib.labs.tiny.weights import filled, record_of

FOLDER = Path(__file__).parent / "weights"


def load(recipe: str, seed: int, folder: Path = FOLDER) -> nn.Module:
    """A trained network in eval mode, on the CPU, without weight gradients.

    Raises:
        DamagedFileError: (a ValueError) the file is not the one that was recorded.
        ValueError: there is no such network.
    """
    record = record_of(recipe, seed, folder, lab="cifar")
    return filled(CifarInception(), folder / f"{recipe}-{seed}.safetensors", record["sha256"])
