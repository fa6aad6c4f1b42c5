"""Networks built to be read: the tiny lab's layers, each with a structure that it keeps to."""

from collections.abc import Callable

from torch import nn

from course_lib.labs.tiny.network import TinyInception
from course_lib.labs.tiny.structures.bcos import BcosInception
from course_lib.labs.tiny.structures.lipschitz import LipschitzInception
from course_lib.labs.tiny.structures.smooth import SmoothInception

STRUCTURES: dict[str, Callable[[int], nn.Module]] = {
    "inception": TinyInception,
    "bcos": BcosInception,
    "lipschitz": LipschitzInception,
    "smooth": SmoothInception,
}
"""By name, what makes an untrained network from its number of classes."""
