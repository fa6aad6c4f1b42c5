"""Helper library of the course "Don't Trust Your Eyes"."""

from __future__ import annotations

from course_lib.activations import layer_names, record, recording
from course_lib.labs import open_lab
from course_lib.labs.lab import Lab, Photos
from course_lib.visualization.ascent import Visualization, visualize
from course_lib.visualization.objectives import Objective, direction, logit, neuron, unit
from course_lib.visualization.recognition import recognised
from course_lib.visualization.transformations import Transformations

__all__ = [
    "Lab", "Objective", "Photos", "Transformations", "Visualization",
    "direction", "layer_names", "logit", "neuron", "open_lab",
    "recognised", "record", "recording", "unit", "visualize",
]  # fmt: skip
