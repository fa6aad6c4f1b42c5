"""Helper library of the course "Don't Trust Your Eyes"."""

from __future__ import annotations

from course_lib.activations import layer_names, record, recording
from course_lib.fooling.caught import catch
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import train_detector
from course_lib.fooling.silent.twins import add_silent_units
from course_lib.labs import open_lab
from course_lib.labs.lab import Lab, Photos
from course_lib.sanity.path_similarity import path_similarity
from course_lib.visualization.ascent import Visualization, visualize
from course_lib.visualization.objectives import Objective, direction, logit, neuron, unit
from course_lib.visualization.recognition import recognised
from course_lib.visualization.transformations import Transformations

__all__ = [
    "FoolingCircuit", "Lab", "Objective", "Photos", "Transformations", "Visualization",
    "add_silent_units", "catch", "direction", "layer_names", "logit", "neuron", "open_lab",
    "path_similarity", "recognised", "record", "recording", "train_detector", "unit", "visualize",
]  # fmt: skip
