"""Photographs from image files, as a person sees them in a viewer."""

import os
import struct
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from course_lib.errors import SkippedImageWarning
from course_lib.labs.lab import Photos
from course_lib.progress import progress_bar

_BITS_16 = 65535

# what Pillow raises for files that are broken, or too large to be a photograph
UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)

# what turns an image upright, by EXIF's tag 274. Pillow's exif_transpose writes the other tags
# again, too, which fails where one of them is damaged
_TURNS: dict[Any, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def read_files(
    todo: Sequence[tuple[Path, int]], *, resize: int, size: int, progress: bool = True
) -> Photos:
    """Image files with their classes: shorter edge to `resize` pixels, then the central square.

    There may be none of a class. size: of the square, in pixels.

    Warns:
        SkippedImageWarning: files cannot be read and are left out: how many, and which first.
        UserWarning: files of 16 bits, or more, are nearly black, as where only 12 bits are used.
    """
    from torchvision.transforms import v2  # it loads PyTorch's compiler, in seconds

    cut = (v2.Resize(resize, antialias=True), v2.CenterCrop(size))
    prepare = v2.Compose([v2.ToImage(), *cut, v2.ToDtype(torch.float32, scale=True)])
    images: list[Tensor] = []
    labels: list[int] = []
    skipped: list[str] = []
    dark: list[Path] = []
    for path, label in progress_bar(todo, "reading photographs", show=progress):
        try:
            with Image.open(path) as file:
                images.append(prepare(as_seen(file)).as_subclass(Tensor))
                if _is_deep(file) and images[-1].max() <= 1 / 15:
                    dark.append(path)
        except UNREADABLE as error:
            skipped.append(f"{printable(path)} ({error})")
            continue
        labels.append(label)
    if skipped:
        warnings.warn(
            f"Skipped {len(skipped)} of {len(todo)} files, which cannot be read as images; the "
            f"first is {skipped[0]}.",
            SkippedImageWarning,
            stacklevel=3,
        )
    if dark:
        warnings.warn(
            f"{len(dark)} of {len(todo)} files have more than 8 bits and no grey above 1/15 of "
            f"white: they are read as nearly black; the first is {printable(dark[0])}. If only 12 "
            "bits of 16 are used, multiply by 16 before you save.",
            stacklevel=3,
        )
    read = torch.stack(images).clamp(0, 1) if images else torch.empty(0, 3, size, size)
    return Photos(read, torch.tensor(labels, dtype=torch.int64))


def as_seen(file: Image.Image) -> Image.Image:
    """A photograph in RGB, upright, with all of its greys, on white where it is transparent.

    Raises:
        ValueError: its numbers do not say what is black and what is white.
    """
    file.load()  # which turns a TIFF by itself, and takes the tag away
    turn = _TURNS.get(file.getexif().get(274))
    upright = file if turn is None else file.transpose(turn)
    if _is_deep(upright):
        grey = _in_8_bits(upright)
        if getattr(file, "tag_v2", {}).get(262) == 0:  # a TIFF in which 0 is white
            grey = ImageOps.invert(grey)
        clear = upright.info.get("transparency")  # the number of what is transparent
        if isinstance(clear, int):
            grey.paste(255, mask=Image.fromarray(np.asarray(upright) == clear))
        return grey.convert("RGB")
    if upright.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in upright.info:
        seen = upright.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    return upright.convert("RGB")


def printable(path: str | os.PathLike[str]) -> str:
    """A path, or a name, for people: where it is not UTF-8, with � in place of what is not."""
    return os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_deep(image: Image.Image) -> bool:
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def _in_8_bits(image: Image.Image) -> Image.Image:
    """Greys of 16 bits, or floating-point ones from 0 to 1 or to 255, in 8 bits.

    Pillow's own conversion cuts off whatever lies above 255.
    """
    greys = np.asarray(image, dtype=np.float64)
    low, high = float(greys.min()), float(greys.max())
    floating = image.mode == "F"
    white = next((w for w in ((1, 255) if floating else (_BITS_16,)) if high <= w), None)
    if white is None or not low >= 0:  # NaN is not either
        raise ValueError(
            f"its greys run from {low:.4g} to {high:.4g}, which does not say what is white: save "
            f"it {'with greys from 0 to 1' if floating else 'with 16 bits, or with 8'}"
        )
    return Image.fromarray(np.rint(greys * (255 / white)).astype(np.uint8))
