"""`course pictures`: the pictures that are kept because not every reader can draw them."""

from __future__ import annotations

import os
from pathlib import Path

from course_lib.cli.lessons import notebooks_folder
from course_lib.figures import Picture, picture_grid
from course_lib.labs.tiny.lab import open_tiny
from course_lib.labs.tiny.world import CLASS_NAMES, textures
from course_lib.lessons.real import PHOTOS, draw_stored_pictures, real_lab, store_story
from course_lib.visualization.ascent import visualize


def draw_kept_pictures() -> list[Path]:
    """Draw the README's picture, and those of the real network for readers without its weights.

    Where COURSE_PHOTOS names photographs, the real network is fooled anew as well.
    """
    readme = notebooks_folder() / "pictures" / "standard_and_robust.webp"
    readme.parent.mkdir(exist_ok=True)
    readme.write_bytes(standard_and_robust().data)
    kept = [readme, draw_stored_pictures()]
    lab = real_lab(photos_per_class=20) if os.environ.get(PHOTOS) else None
    return [*kept, store_story(lab)] if lab else kept


def standard_and_robust() -> Picture:
    """The eight textures, and what a standard and a robust network's units are shown as."""
    units = range(len(CLASS_NAMES))
    rows = {"the texture": textures(64)[:, None].expand(-1, 3, -1, -1)}
    for network in ("standard", "robust"):
        rows[network] = visualize(open_tiny(network).network, None, units, steps=200).images
    return picture_grid(
        rows,
        titles=CLASS_NAMES,
        alt="Eight textures, and feature visualizations of the units for them in two networks.",
    )
