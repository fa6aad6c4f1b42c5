"""What exercises of lesson 02 return to choose images: whole numbers in a tensor."""

from __future__ import annotations

import torch
from torch import Tensor

from course_lib.classroom.exercises.attempt import Wrong
from course_lib.classroom.exercises.values import tensor


def image_numbers(value: object, what: str, dimensions: int, count: int) -> Tensor:
    """Return `value` if it holds whole numbers from 0 to count - 1 in so many dimensions.

    Args:
        what: what it should be, such as "the numbers of the images".

    Raises:
        Wrong: it is anything else.
    """
    if not isinstance(value, Tensor) or value.is_floating_point():
        shape = tuple(tensor(value, what).shape)  # which refuses what is no tensor, and NaN
        raise Wrong(
            f"Your function returned a tensor of shape {shape} with decimal numbers, where {what} "
            "are due: return places in the tensor, not what stands there."
        )
    if value.dtype == torch.bool:
        raise Wrong(
            "Your function returned a mask of True and False: the numbers of the images are where "
            "it is True, mask.nonzero().flatten()."
        )
    if value.dim() != dimensions:
        raise Wrong(
            f"Your function returned a tensor of shape {tuple(value.shape)}, where {what} should "
            f"have {dimensions} dimension{'s' if dimensions > 1 else ''}."
        )
    if value.numel() and (int(value.min()) < 0 or int(value.max()) >= count):
        raise Wrong(
            f"The {count} images are numbered from 0 to {count - 1}, and you name "
            f"{int(value.min()) if value.min() < 0 else int(value.max())}."
        )
    return value
