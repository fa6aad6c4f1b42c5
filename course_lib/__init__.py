"""Helper library of the course "Don't Trust Your Eyes"."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_lib.activations import layer_names, record, recording
    from course_lib.figures import picture_grid
    from course_lib.fooling.caught import catch
    from course_lib.fooling.circuit import FoolingCircuit
    from course_lib.fooling.detector import train_detector
    from course_lib.fooling.recipe import fool
    from course_lib.fooling.silent.twins import add_silent_units
    from course_lib.labs import open_lab
    from course_lib.labs.lab import Lab, Photos
    from course_lib.sanity.path_similarity import path_similarity
    from course_lib.visualization.ascent import Visualization, visualize
    from course_lib.visualization.maco import maco
    from course_lib.visualization.objectives import Objective, direction, logit, neuron, unit
    from course_lib.visualization.recognition import recognised
    from course_lib.visualization.transformations import Transformations

__all__ = [
    "FoolingCircuit", "Lab", "Objective", "Photos", "Transformations", "Visualization",
    "add_silent_units", "catch", "direction", "fool", "layer_names", "logit", "maco", "neuron",
    "open_lab", "path_similarity", "picture_grid", "recognised", "record", "recording",
    "train_detector", "unit", "visualize",
]  # fmt: skip

# Where each name comes from. It is fetched when it is first asked for: the command `course` has to
# start, and `course doctor` to tell what is wrong, where PyTorch is missing or does not load.
_HOMES = {
    "activations": ("layer_names", "record", "recording"),
    "figures": ("picture_grid",),
    "fooling.caught": ("catch",),
    "fooling.circuit": ("FoolingCircuit",),
    "fooling.detector": ("train_detector",),
    "fooling.recipe": ("fool",),
    "fooling.silent.twins": ("add_silent_units",),
    "labs": ("open_lab",),
    "labs.lab": ("Lab", "Photos"),
    "sanity.path_similarity": ("path_similarity",),
    "visualization.ascent": ("Visualization", "visualize"),
    "visualization.maco": ("maco",),
    "visualization.objectives": ("Objective", "direction", "logit", "neuron", "unit"),
    "visualization.recognition": ("recognised",),
    "visualization.transformations": ("Transformations",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
