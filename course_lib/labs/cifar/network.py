"""The cifar lab's network: the tiny lab's, with a stem for images of 32 pixels."""

from torch import Tensor

from course_lib.labs.cifar.photographs import CLASS_NAMES
from course_lib.labs.tiny.network import BasicConv2d, TinyInception

# Mean and standard deviation of the training photographs, over all pixels and colours.
_MEAN, _STD = 0.473, 0.251


class CifarInception(TinyInception):
    """A small Inception-v1 for images of 32 pixels, 265,266 parameters; layers as `LAYERS` there.

    Takes (B, 3, S, S) in [0, 1] and normalises inside; returns logits (B, 10).
    """

    def __init__(self) -> None:
        super().__init__(len(CLASS_NAMES))
        self.conv1 = BasicConv2d(3, 32, kernel_size=3, padding=1)

    def as_input(self, images: Tensor) -> Tensor:
        """The first layer's input for images in [0, 1]."""
        return (images - _MEAN) / _STD
