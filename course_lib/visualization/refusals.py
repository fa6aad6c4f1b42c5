"""Why a network cannot be run on pictures, in a sentence."""

import torch
from torch import Tensor, nn

from course_lib.activations import FAILURES

_SIZES = (32, 64, 96, 224, 299, 384)  # that networks are commonly made for


def why_not(network: nn.Module, images: Tensor, error: BaseException) -> str:
    """What is wrong with a network that raised an error for images (B, 3, S, S).

    Their size is blamed only where another one works, and their number likewise.
    """
    size, first_line = images.shape[-1], str(error).strip().split("\n")[0]
    if len(images) == 1 and _runs(network, images[[0, 0]]):
        return (
            f"The network cannot take one picture at a time ({first_line}): ask for two "
            "units or more."
        )
    for other in () if _runs(network, images) else _SIZES:  # else the gradient is to blame
        if other != size and _runs(network, images.new_full((len(images), 3, other, other), 0.5)):
            return (
                f"The network cannot take pictures of {size} x {size} pixels, as it can those of "
                f"{other} x {other}: {error}"
            )
    if is_quantized(network):
        return "The network is quantized, and cannot be differentiated: give it as it was before."
    return f"The network cannot be run on pictures (B, 3, {size}, {size}): {error}"


def is_quantized(network: nn.Module) -> bool:
    """Whether a network has parts of whole numbers, through which there is no gradient."""
    return any(".quantized" in type(module).__module__ for module in network.modules())


def _runs(network: nn.Module, images: Tensor) -> bool:
    try:
        with torch.no_grad():
            network(images.clone())
    except FAILURES:
        return False
    return True
