"""A climb on a leash: a check of what a unit shows that starts from images, not from noise.

A network that lies in its visualizations answers images as before. A climb that starts from an
image, takes few small steps and stays near it need not get to where the lie is (the idea is from
the feature accentuation of Hamblin et al., 2024).
"""

from collections.abc import Sequence

from torch import Tensor, nn

from course_lib.activations import HasImages
from course_lib.checks import images_of
from course_lib.fooling.caught import log_spaced
from course_lib.visualization.ascent import Visualization, visualize
from course_lib.visualization.images import near

LENGTH, RATE, STEPS = 0.25, 0.01, 48
"""How far a pixel may be from where it started, how fast it climbs, and for how long. Rate and
steps were chosen on a fooling circuit of the tiny lab, the length was not tried out."""


def leashed_climb(
    network: nn.Module,
    units: Sequence[int],
    starts: Tensor | HasImages,
    *,
    layer: str | None = None,
    length: float = LENGTH,
    rate: float = RATE,
    steps: int = STEPS,
    moments: int = 0,
    progress: bool = False,
) -> Visualization:
    """Visualizations that start from images and stay near them.

    Args:
        units: one for each image. starts: (N, 3, S, S) in [0, 1]; images that do not show what the
            unit responds to, or there is nothing to see.
        length: how far a pixel's colours may go. layer: as for `visualize`.
        moments: at how many numbers of updates, log-spaced, a snapshot is kept.

    Raises:
        KeyError, IndexError, ValueError: as `visualize`.
    """
    images = images_of(starts)
    return visualize(
        network, layer, units, size=images.shape[-1], steps=steps, rate=rate,
        snapshots=log_spaced(steps, moments) if moments else (), image=near(images, length),
        transformations=None, progress=progress,
    )  # fmt: skip
