"""A procedural world of textured objects, whose ground truth is known.

A class is a *texture*. Everything else about an image is drawn at random: the outline of the
object, its place, size, rotation and colours, a gentle warp of the surface, the light, the
background (noise with a 1/f spectrum, as photographs have) and the noise of the sensor. So a
network can name the class only by the texture, and a feature visualization of a class can be
judged by everybody: it should show that texture.

The images are called *renders*, never photographs.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.labs.lab import Photos

CLASS_NAMES = ("stripes", "checks", "dots", "rings", "spokes", "waves", "bricks", "spirals")
"""The eight textures, in the order of the networks' logits."""

_CHUNK = 128  # images drawn from one random generator, see `render`


def render(count: int, *, seed: int, size: int = 64) -> Photos:
    """Images of the procedural world, the classes in turn; labels are indices into `CLASS_NAMES`.

    The result depends on `seed` and `size` only, and a shorter call returns the beginning of a
    longer one: chunk number i of every seed has a random generator of its own.

    Args:
        count: of images. seed: 0 or more; each gives a world of its own. size: edge in pixels.

    Raises:
        ValueError: `count` is below 1, `size` below 16, or `seed` negative.
    """
    if count < 1:
        raise ValueError(f"count={count}: ask for at least one image.")
    if size < 16:
        raise ValueError(f"size={size}: renders need at least 16 pixels an edge.")
    if seed < 0:
        raise ValueError(f"seed={seed}: give a seed of 0 or more.")
    labels = torch.arange(count) % len(CLASS_NAMES)
    images = torch.empty(count, 3, size, size)
    for start in range(0, count, _CHUNK):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + start // _CHUNK)
        full = (torch.arange(_CHUNK) + start) % len(CLASS_NAMES)
        images[start : start + _CHUNK] = _render_chunk(full, size, generator)[: count - start]
    return Photos(images, labels)


def textures(size: int = 64) -> Tensor:
    """The eight bare textures, without object, warp, light or noise: the ground truth.

    Returns (8, size, size) in [0, 1], in the order of `CLASS_NAMES`, four periods an edge.
    """
    axis = torch.linspace(-1, 1, size)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    form = _Form(
        frequency=torch.tensor([2.0]),
        phase=torch.zeros(1),
        second_phase=torch.zeros(1),
        arms=torch.tensor([6.0]),
        turns=torch.tensor([2.0]),
        swing=torch.tensor([0.9]),
        fill=torch.tensor([0.62]),
    )
    stack = torch.stack([texture(u, v, form) for texture in _TEXTURES])
    return torch.sigmoid(6 * stack.reshape(len(_TEXTURES), size, size))


class _Form(NamedTuple):
    """The free parameters of a texture; each of shape (N, 1, 1), or (1,) to broadcast."""

    frequency: Tensor  # periods per unit of length
    phase: Tensor  # radians
    second_phase: Tensor  # radians
    arms: Tensor  # number of spokes
    turns: Tensor  # arms of a spiral, the sign tells its sense
    swing: Tensor  # amplitude of waves, in periods of the stripes
    fill: Tensor  # radius of a dot, in half distances between dots


def _stripes(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    return torch.sin(2 * math.pi * form.frequency * u + form.phase)


def _checks(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    along = torch.sin(math.pi * 1.2 * form.frequency * u + form.phase)
    across = torch.sin(math.pi * 1.2 * form.frequency * v + form.second_phase)
    product = along * across
    return product.sign() * product.abs().sqrt()


def _dots(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    """Round dots on a triangular lattice."""
    spacing = 1.0 / form.frequency
    row_height = spacing * math.sqrt(3) / 2
    down = v / row_height + form.phase
    row = torch.round(down)
    right = u / spacing + form.second_phase + 0.5 * (row % 2)
    distance = torch.hypot((right - torch.round(right)) * spacing, (down - row) * row_height)
    return 2 * (form.fill - 2 * distance / spacing)


def _rings(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    return torch.sin(2 * math.pi * form.frequency * torch.hypot(u, v) + form.phase)


def _spokes(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    return torch.sin(form.arms * torch.atan2(v, u) + form.phase)


def _waves(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    bend = form.swing * torch.sin(2 * math.pi * 0.55 * form.frequency * v + form.second_phase)
    return torch.sin(2 * math.pi * (form.frequency * u + 0.6 * bend) + form.phase)


def _bricks(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    """Bricks twice as wide as high, every second row moved by half a brick."""
    down = 1.5 * form.frequency * v + form.phase
    row = torch.floor(down)
    right = 0.75 * form.frequency * u + form.second_phase + 0.5 * (row % 2)
    to_bed = 0.5 - (down - row - 0.5).abs()  # distance to the mortar, in heights of a brick
    to_joint = 2 * (0.5 - (right - torch.floor(right) - 0.5).abs())
    return 4.5 * (torch.minimum(to_bed, to_joint) - 0.14)


def _spirals(u: Tensor, v: Tensor, form: _Form) -> Tensor:
    winding = form.turns * torch.atan2(v, u)
    return torch.sin(2 * math.pi * 0.9 * form.frequency * torch.hypot(u, v) + winding + form.phase)


_TEXTURES: tuple[Callable[[Tensor, Tensor, _Form], Tensor], ...] = (
    _stripes, _checks, _dots, _rings, _spokes, _waves, _bricks, _spirals,
)  # fmt: skip


class _Draw:
    """Uniform random numbers from one generator, shaped to broadcast over an image."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self.count, self.generator = count, generator

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        shape = shape or (1, 1)
        return low + (high - low) * torch.rand(self.count, *shape, generator=self.generator)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(self.count, *shape, generator=self.generator)

    def sign(self) -> Tensor:
        return torch.where(self.uniform(0, 1) < 0.5, -1.0, 1.0)


def _render_chunk(labels: Tensor, size: int, generator: torch.Generator) -> Tensor:
    draw = _Draw(len(labels), generator)
    axis = (torch.arange(size) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")

    radius = draw.uniform(0.5, 0.95)
    reach = 0.35 * (1.15 - radius)  # large objects stay near the middle
    x, y = x - draw.uniform(-1, 1) * reach, y - draw.uniform(-1, 1) * reach
    inside = _outline(x, y, radius, size, draw)

    u, v = _rotate(x / radius, y / radius, draw.uniform(0, 2 * math.pi))
    u, v = _warp(u, v, draw)
    form = _Form(
        # periods across the object's radius, never finer than about six pixels
        frequency=torch.minimum(draw.uniform(1.6, 3.2), radius * size / 2 / 6.0),
        phase=draw.uniform(0, 2 * math.pi),
        second_phase=draw.uniform(0, 2 * math.pi),
        arms=torch.round(draw.uniform(4.5, 10.5)),
        turns=draw.sign() * torch.round(draw.uniform(1.5, 3.5)),
        swing=draw.uniform(0.7, 1.2),
        fill=draw.uniform(0.55, 0.72),
    )
    pattern = torch.empty(len(labels), size, size)
    for label, texture in enumerate(_TEXTURES):
        mine = labels == label
        pattern[mine] = texture(u[mine], v[mine], _Form(*(p[mine] for p in form)))
    pattern = torch.sigmoid(draw.uniform(3, 9) * pattern)[:, None]

    first, second = _two_colours(draw)
    surface = first + (second - first) * pattern
    light = 1 + draw.uniform(0, 0.3)[:, None] * _gradient(x, y, draw)
    background = _background(size, draw)
    image = background + inside[:, None] * (surface * light - background)
    noise = draw.uniform(0.005, 0.03, 1, 1, 1) * draw.normal(3, size, size)
    return (image + noise).clamp_(0, 1)


def _outline(x: Tensor, y: Tensor, radius: Tensor, size: int, draw: _Draw) -> Tensor:
    """A blob around the origin, 1 inside and 0 outside, with an edge about a pixel wide."""
    angle = torch.atan2(y, x)
    edge = torch.ones_like(angle)
    for wave in (2, 3, 4, 5):
        height = draw.uniform(-0.3, 0.3) / wave
        edge = edge + height * torch.cos(wave * angle + draw.uniform(0, 2 * math.pi))
    return torch.sigmoid((radius * edge - torch.hypot(x, y)) * size)


def _rotate(u: Tensor, v: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    cos, sin = torch.cos(angle), torch.sin(angle)
    return cos * u - sin * v, sin * u + cos * v


def _warp(u: Tensor, v: Tensor, draw: _Draw) -> tuple[Tensor, Tensor]:
    """Bend the surface gently; also moves the centre of rings, spokes and spirals."""
    bend_u = draw.uniform(0, 0.08) * torch.sin(draw.uniform(1, 3) * v + draw.uniform(0, 6.3))
    bend_v = draw.uniform(0, 0.08) * torch.sin(draw.uniform(1, 3) * u + draw.uniform(0, 6.3))
    return u + bend_u + draw.uniform(-0.2, 0.2), v + bend_v + draw.uniform(-0.2, 0.2)


def _two_colours(draw: _Draw) -> tuple[Tensor, Tensor]:
    """Two colours (N, 3, 1, 1), mostly at a distance of 0.5 to 1.1 in RGB."""
    direction = torch.nn.functional.normalize(draw.normal(3, 1, 1), dim=1)
    distance = draw.uniform(0.5, 1.1, 1, 1, 1)
    middle = draw.uniform(0.3, 0.7, 3, 1, 1)
    # both ends must lie within [0, 1]: the middle moves, so that no colour is clipped
    half = torch.minimum(distance / 2, 0.5 / direction.abs().amax(1, keepdim=True))
    middle = middle.clamp(half * direction.abs(), 1 - half * direction.abs())
    return middle - half * direction, middle + half * direction


def _gradient(x: Tensor, y: Tensor, draw: _Draw) -> Tensor:
    angle = draw.uniform(0, 2 * math.pi)
    return (torch.cos(angle) * x + torch.sin(angle) * y).clamp(-1, 1)[:, None]


def _background(size: int, draw: _Draw) -> Tensor:
    """Coloured noise with an amplitude spectrum of about 1/f, (N, 3, size, size)."""
    rows, columns = torch.fft.fftfreq(size), torch.fft.rfftfreq(size)
    frequency = torch.hypot(rows[:, None], columns[None, :]).clamp(min=1 / size)
    spectrum = frequency ** -draw.uniform(0.7, 1.5, 1, 1, 1)
    noise = torch.fft.irfft2(torch.fft.rfft2(draw.normal(3, size, size)) * spectrum, s=(size, size))
    noise = noise / noise.std(dim=(2, 3), keepdim=True)
    colours = torch.nn.functional.normalize(draw.normal(3, 3) + 1.0, dim=2)  # mostly grey
    mixed = torch.einsum("nij,njhw->nihw", colours, noise)
    return draw.uniform(0.25, 0.75, 3, 1, 1) + draw.uniform(0.05, 0.2, 1, 1, 1) * mixed
