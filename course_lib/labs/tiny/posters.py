"""Pictures that somebody might want to be shown: words, shapes and colours."""

import colorsys
import random
import string

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

_DRAWN_AT = 4  # times the size, for smooth edges


def lettered(text: str, size: int, colours: tuple[str, str] = ("#F2E394", "#2E4A87")) -> Tensor:
    """A picture (3, size, size) in [0, 1] with some words on it, a line each.

    Args:
        colours: of the background and of the letters.
    """
    page = Image.new("RGB", (_DRAWN_AT * size,) * 2, colours[0])
    _write(page, text.split() or [""], colours[1])
    return _picture(page, size)


def posters(count: int, *, seed: int, size: int) -> Tensor:
    """Random pictures (count, 3, size, size) in [0, 1]: words or shapes on some background."""
    chances = random.Random(seed)
    return torch.stack([_poster(chances, size) for _ in range(count)])


def _poster(chances: random.Random, size: int) -> Tensor:
    page = _shaded(chances, _DRAWN_AT * size)
    if chances.random() < 0.4:
        lines = chances.randint(1, 3)
        words = [
            "".join(chances.choices(string.ascii_uppercase, k=chances.randint(1, 6)))
            for _ in range(lines)
        ]
        _write(page, words, _colour(chances))
    else:
        _scatter(page, chances)
    return _picture(page, size)


def _colour(chances: random.Random) -> str:
    hue, saturation, value = chances.random(), chances.random(), chances.uniform(0.1, 1)
    red, green, blue = (round(255 * x) for x in colorsys.hsv_to_rgb(hue, saturation, value))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _shaded(chances: random.Random, width: int) -> Image.Image:
    """A plain background, or one that runs from one colour to another."""
    plain = chances.random() < 0.5
    first = Image.new("RGB", (width, width), _colour(chances))
    if plain:
        return first
    second = Image.new("RGB", (width, width), _colour(chances))
    shade = Image.linear_gradient("L").rotate(chances.choice((0, 90, 180, 270)))
    return Image.composite(second, first, shade.resize((width, width)))


def _scatter(page: Image.Image, chances: random.Random) -> None:
    """One to eight shapes of any size at any place."""
    pen, width = ImageDraw.Draw(page), page.width
    for _ in range(chances.randint(1, 8)):
        left, top = (chances.uniform(-0.1, 0.9) * width for _ in range(2))
        wide, high = (chances.uniform(0.1, 0.7) * width for _ in range(2))
        box = (left, top, left + wide, top + high)
        shape = chances.choice(("ellipse", "rectangle", "polygon", "line"))
        colour = _colour(chances)
        if shape == "polygon":
            corners = [
                (left + chances.random() * wide, top + chances.random() * high)
                for _ in range(chances.randint(3, 6))
            ]
            pen.polygon(corners, fill=colour)
        elif shape == "line":
            pen.line(box, fill=colour, width=round(chances.uniform(0.02, 0.1) * width))
        else:
            getattr(pen, shape)(box, fill=colour)


def _write(page: Image.Image, lines: list[str], colour: str) -> None:
    """Words across the page, as large as fits."""
    pen, width = ImageDraw.Draw(page), page.width
    for place, line in enumerate(lines):
        letters = round(min(0.8 * width / len(lines), 1.5 * width / max(len(line), 2)))
        where = (width / 2, width * (place + 0.5) / len(lines))
        pen.text(where, line, fill=colour, anchor="mm", font=ImageFont.load_default(letters))


def _picture(page: Image.Image, size: int) -> Tensor:
    small = page.resize((size, size), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1).float() / 255
