"""What exercises of lesson 02 return to choose images: whole numbers in a tensor."""

import numpy as np
import torch
from torch import Tensor

from course_lib.classroom.exercises.attempt import Wrong
from course_lib.classroom.exercises.values import tensor


def image_numbers(value: object, what: str) -> Tensor:
    """Return `value` as a tensor of whole numbers; lists and NumPy's arrays are taken, too.

    Raises:
        Wrong: it is anything else.
    """
    if isinstance(value, list | tuple):
        made = np.asarray([np.asarray(part) for part in value])
        value = torch.as_tensor(made) if made.dtype.kind in "iu" or not made.size else value
    if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
        value = torch.as_tensor(value)
    if isinstance(value, Tensor) and value.dtype == torch.bool:
        raise Wrong(
            "Your function returned a mask of True and False: the numbers of the images are where "
            "it is True, mask.nonzero().flatten()."
        )
    if not isinstance(value, Tensor) or value.is_floating_point():
        found = tensor(value, what)  # which refuses what is no tensor, and NaN
        if not torch.equal(found, found.round()):
            raise Wrong(
                f"Your function returned a tensor of shape {tuple(found.shape)} with decimal "
                f"numbers, where {what} are due: return places in the tensor, not what stands "
                "there."
            )
        value = found
    return value.long()
