"""Hand-made features of pictures, for a participant who never saw a network.

Nothing here is learned. Log-Gabor filters (Field, 1987) measure how much of a picture varies at
which scale and in which direction; from their maps come a few numbers that describe texture.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.checks import check_images

SIZE = 64  # pixels an edge, to which pictures are resized
WAVELENGTHS = (4.0, 6.0, 9.0, 13.5, 20.0)  # pixels
DIRECTIONS = 8
DISTANCES = (3, 6, 10)  # pixels, over which a direction may turn
NAMES = (
    *(f"share at {wavelength:g} px" for wavelength in WAVELENGTHS),
    "one direction overall", "two directions overall", "three directions overall",
    "one direction locally", "two directions locally",
    "around or along the radius", "at an angle to the radius",
    *(f"same direction {distance} px on" for distance in DISTANCES),
)  # fmt: skip
_BATCH = 32
_OCTAVE = math.log(1.5)  # half width of a filter, in log frequency

# brightness, and two opponent colours: textures may differ in colour alone
_OPPONENT = torch.nn.functional.normalize(
    torch.tensor([[1.0, 1.0, 1.0], [1.0, -1.0, 0.0], [0.5, 0.5, -1.0]]), dim=1
)


def picture_features(images: Tensor) -> Tensor:
    """The features of pictures (N, 3, S, S) in [0, 1]: (N, 15), in the order of `NAMES`.

    Pictures of another size are resized to 64 by 64 pixels. The middle counts most.

    Raises:
        ValueError: these are no images.
    """
    check_images(images)
    bank, window, angle = _filters()
    parts = []
    for batch in images.detach().float().split(_BATCH):
        if batch.shape[-1] != SIZE:
            batch = F.interpolate(
                batch, (SIZE, SIZE), mode="bilinear", antialias=True, align_corners=False
            )
        parts.append(_of_energies(*_energies(batch, bank, window), angle))
    return torch.cat(parts)


def _of_energies(by_scale: Tensor, energy: Tensor, angle: Tensor) -> Tensor:
    total = energy.sum((1, 2, 3)).clamp(min=1e-12)
    turning = [_directions(energy, fold) for fold in (1, 2, 3)]
    overall = [field.sum((1, 2)).abs() / total for field in turning]
    locally = [field.abs().sum((1, 2)) / total for field in turning[:2]]
    # the direction of variation, seen from the middle: rings vary along the radius, spokes around
    seen = turning[0] * torch.polar(torch.ones_like(angle), -2 * angle)
    radial = seen.sum((1, 2)) / total
    lasting = [_same_direction(turning[0], distance) for distance in DISTANCES]
    return torch.stack(
        [*(by_scale / total[:, None]).sqrt().T, *overall, *locally, radial.real, radial.imag.abs(),
         *lasting],
        dim=1,
    )  # fmt: skip


def _energies(images: Tensor, bank: Tensor, window: Tensor) -> tuple[Tensor, Tensor]:
    """Energy by scale (N, scales), and by direction and place (N, directions, S, S)."""
    opponent = torch.einsum("cd,ndhw->nchw", _OPPONENT, images)
    spectrum = torch.fft.fft2(opponent - opponent.mean((2, 3), keepdim=True))
    by_scale = torch.zeros(len(images), len(WAVELENGTHS))
    by_direction = torch.zeros(len(images), DIRECTIONS, SIZE, SIZE)
    for scale, row in enumerate(bank):
        for direction, one in enumerate(row):  # one at a time, for little memory
            energy = torch.fft.ifft2(spectrum * one).abs().square().sum(1) * window
            by_scale[:, scale] += energy.sum((1, 2))
            by_direction[:, direction] += energy
    return by_scale, by_direction


def _directions(energy: Tensor, fold: int) -> Tensor:
    """A complex number a place (N, S, S): its length is how much the energy prefers `fold`
    directions at even angles, its angle which."""
    angles = 2 * fold * torch.arange(DIRECTIONS) * math.pi / DIRECTIONS
    return torch.einsum("d,ndhw->nhw", torch.polar(torch.ones(DIRECTIONS), angles), energy + 0j)


def _same_direction(field: Tensor, distance: int) -> Tensor:
    """The agreement of directions over a distance, (N,): 1 where all are the same."""
    slant = round(0.7 * distance)
    alike, all_of_it = torch.zeros(len(field)), torch.full((len(field),), 1e-12)
    for step in ((distance, 0), (0, distance), (slant, slant), (slant, -slant)):
        moved = torch.roll(field, step, (1, 2))
        alike += (field * moved.conj()).real.sum((1, 2))
        all_of_it += (field.abs() * moved.abs()).sum((1, 2))
    return alike / all_of_it


def _filters() -> tuple[Tensor, Tensor, Tensor]:
    """The filters in the frequency domain (scales, directions, S, S), their window (S, S), largest
    in the middle, and the angle (S, S) of each place around the middle."""
    cycles = torch.fft.fftfreq(SIZE)
    down, across = torch.meshgrid(cycles, cycles, indexing="ij")
    frequency, direction = torch.hypot(down, across), torch.atan2(down, across)
    frequency[0, 0] = 1e-6
    bank = torch.empty(len(WAVELENGTHS), DIRECTIONS, SIZE, SIZE)
    for i, wavelength in enumerate(WAVELENGTHS):
        band = torch.exp(-((frequency * wavelength).log() ** 2) / (2 * _OCTAVE**2))
        for j in range(DIRECTIONS):
            apart = torch.remainder(direction - math.pi * j / DIRECTIONS + math.pi, 2 * math.pi)
            narrow = torch.exp(-((apart - math.pi) ** 2) / (2 * (math.pi / DIRECTIONS) ** 2))
            bank[i, j] = band * narrow
    axis = (torch.arange(SIZE) + 0.5) / SIZE * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return bank, torch.exp(-(x**2 + y**2) / (2 * 0.5**2)), torch.atan2(y, x)
