"""What every picture of the engine rests on, unless somebody asks for something else."""

import inspect
from typing import Any

from course_lib.visualization.ascent import visualize
from course_lib.visualization.images import Fourier, PlainPixels
from course_lib.visualization.maco import Maco

_DRAWS_NOTHING = ("progress", "device")


def engine_defaults() -> dict[str, Any]:
    """The defaults of `visualize` and the learning rates of the kinds of image, by name."""
    parameters = inspect.signature(visualize).parameters.values()
    defaults = {
        one.name: one.default
        for one in parameters
        if one.default is not one.empty and one.name not in _DRAWS_NOTHING
    }
    rates = {kind.__name__: kind.rate for kind in (Fourier, PlainPixels, Maco)}
    return defaults | {"rates": rates}
