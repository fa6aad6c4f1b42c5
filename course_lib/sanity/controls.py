"""Controls for the path-similarity check: what else makes a picture's path unlike photographs'?

The paper (Geirhos et al., ICML 2024) reads a low path similarity as "another path,
because it is a visualization". But a picture can be unlike photographs in ways that have nothing
to do with that: in contrast, in its share of fine detail, in where things lie. A control changes
one of these and nothing else, in photographs (then it should lower the similarity, if that is the
cause) or in visualizations (then it should raise it).

Every function here takes images (N, 3, S, S) in [0, 1] and returns new ones of the same kind; what
leaves [0, 1] is clipped. Make controls from photographs that are not among those to compare with:
else each is compared with its own original too.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from course_lib.activations import (
    HasImages,
    batches,
    channel_means,
    device_of,
    dtype_of,
    eval_mode,
    recording,
)
from course_lib.checks import check_images, check_units, images_of, whole_number, whole_numbers
from course_lib.sanity.path_similarity import LayerSimilarity, PhotoPaths, compare
from course_lib.visualization.spectrum import frequency_of

_ROUNDS = 20  # clipping undoes a little of each match, so matching is repeated


def contrast(images: Tensor, factor: float) -> Tensor:
    """Colours `factor` times as far from each image's mean colour; 1 changes nothing."""
    check_images(images)
    if not (math.isfinite(factor) and factor >= 0):
        raise ValueError(f"factor={factor}: give a number of 0 or more, such as 3.0.")
    mean = images.mean((2, 3), keepdim=True)
    return (mean + factor * (images - mean)).clamp(0, 1)


def inverted(images: Tensor) -> Tensor:
    """Every colour replaced by its complement: same shapes, same contrast, other colours."""
    return 1 - check_images(images)


def blurred(images: Tensor, sigma: float = 2.0) -> Tensor:
    """Blurred by a Gaussian, whose standard deviation is `sigma` pixels."""
    check_images(images)
    if not (math.isfinite(sigma) and sigma > 0):
        raise ValueError(f"sigma={sigma}: give a positive number of pixels, such as 2.0.")
    reach = min(math.ceil(3 * sigma), images.shape[-1] - 1)  # mirrored edges allow no more
    end = reach / math.sqrt(2)
    distance = torch.linspace(-end, end, 2 * reach + 1, dtype=images.dtype, device=images.device)
    weights = (-(distance / sigma).square()).softmax(0)  # a Gaussian's, with a sum of 1
    kernel = torch.outer(weights, weights).expand(images.shape[1], 1, -1, -1)
    wide = functional.pad(images, [reach] * 4, mode="reflect")
    # torchvision's gaussian_blur gives the same, but loads PyTorch's compiler: 200 MB, seconds
    return functional.conv2d(wide, kernel, groups=images.shape[1]).clamp(0, 1)


def noisy(images: Tensor, amount: float = 0.1, seed: int = 0) -> Tensor:
    """With independent Gaussian noise in every pixel and colour.

    Args:
        amount: its standard deviation, before clipping. seed: of the noise, the same on every
            machine.
    """
    check_images(images)
    if not (math.isfinite(amount) and amount >= 0):
        raise ValueError(f"amount={amount}: give a number of 0 or more, such as 0.1.")
    generator = torch.Generator().manual_seed(whole_number(seed, "seed"))
    noise = torch.randn(images.shape, generator=generator).to(images)
    return (images + amount * noise).clamp(0, 1)


def grey(images: Tensor) -> Tensor:
    """Every colour replaced by the mean of its three channels."""
    return check_images(images).mean(1, keepdim=True).expand(-1, 3, -1, -1).contiguous()


def shifted(images: Tensor, pixels: int, seed: int = 0) -> Tensor:
    """Moved by a number of pixels along both axes, each image in a random one of four directions.

    What comes in at the edges is the image, mirrored there.

    Args:
        pixels: how far along either axis, less than the images' edge; 0 moves nothing.
        seed: of the directions; the same one gives the same directions on every machine.
    """
    check_images(images)
    edge = images.shape[-1]
    pixels = whole_number(pixels, "pixels", at_least=0)
    if pixels >= edge:
        raise ValueError(
            f"pixels={pixels}: the images are {edge} pixels an edge, so move them by fewer."
        )
    generator = torch.Generator().manual_seed(whole_number(seed, "seed"))
    offsets = 2 * pixels * torch.randint(2, (len(images), 2), generator=generator)
    wide = functional.pad(images, [pixels] * 4, mode="reflect")
    moved = [
        image[:, down : down + edge, right : right + edge]
        for image, (down, right) in zip(wide, offsets.tolist(), strict=True)
    ]
    return torch.stack(moved)


def matched_contrast(images: Tensor, like: Tensor | HasImages) -> Tensor:
    """Each image brought to the brightness and contrast of others, colour by colour.

    Args:
        images: usually visualizations. like: (M, 3, S', S') to match, usually photographs.

    Returns:
        (N, 3, S, S) in [0, 1]: every colour of every image has about the mean, and the standard
        deviation over pixels, that an image of `like` has (the mean of their means, and the root
        mean square of their standard deviations). A colour without any contrast stays flat.
    """
    check_images(images)
    models = check_images(images_of(like), "like").to(images)
    target_mean = models.mean((2, 3)).mean(0)[:, None, None]
    target_spread = models.var((2, 3), unbiased=False).mean(0).sqrt()[:, None, None]
    for _ in range(_ROUNDS):
        mean = images.mean((2, 3), keepdim=True)
        spread = images.std((2, 3), unbiased=False, keepdim=True)
        gain = torch.where(spread > 1e-6, target_spread / spread.clamp(min=1e-6), 0.0)
        images = (target_mean + gain * (images - mean)).clamp(0, 1)
    return images


def matched_spectrum(images: Tensor, like: Tensor | HasImages) -> Tensor:
    """Each image brought to the amplitude spectrum of others, its phases kept.

    Args:
        images: usually visualizations. like: (M, 3, S, S) to match, of the same size.

    Returns:
        (N, 3, S, S) in [0, 1]: at every spatial frequency (the radius, rounded to whole cycles
        per image) the amplitude, a root mean square over directions and colours, is about that of
        the images of `like`, and so is the mean colour. Within a frequency, the shares of
        directions and colours stay as they were. A frequency that an image lacks stays absent.
    """
    check_images(images)
    models = check_images(images_of(like), "like").to(images)
    if models.shape[-1] != images.shape[-1]:
        raise ValueError(
            f"Images are {images.shape[-1]} pixels an edge and like {models.shape[-1]}: give both "
            "in one size."
        )
    target = _power_by_frequency(torch.fft.fft2(models)).mean(0)
    mean_colour = models.mean((0, 2, 3))[:, None, None]
    radius = frequency_of(images)
    for _ in range(_ROUNDS):
        spectrum = torch.fft.fft2(images)
        power = _power_by_frequency(spectrum)
        least = 1e-10 * target.max()
        gain = torch.where(power > least, target / power.clamp(min=least), 0.0).sqrt()
        matched = torch.fft.ifft2(spectrum * gain[:, radius][:, None]).real
        images = (matched - matched.mean((2, 3), keepdim=True) + mean_colour).clamp(0, 1)
    return images


def best_of(
    network: nn.Module,
    layer: str | None,
    units: int | Iterable[int],
    images: Tensor | HasImages,
    *,
    each: int = 1,
) -> Tensor:
    """Which of many images units respond to most: activation maxima within the distribution.

    Args:
        layer: dotted module name; None is the network's own output. units: channel numbers.
        images: (N, 3, S, S) in [0, 1], or what `lab.photos` returns. each: how many for a unit.

    Returns:
        (units, each) int64, numbers of images, the strongest first. A unit's response is its mean
        over positions, which is what `visualize` maximizes.

    Raises:
        KeyError: unknown layer. IndexError: a unit out of range. ValueError: no units, or fewer
            than `each` images.
    """
    images = check_images(images_of(images))
    wanted = whole_numbers(units, "units")
    each = whole_number(each, "each", at_least=1)
    if not wanted:
        raise ValueError("units: say for which units to look, one number or several.")
    if each > len(images):
        raise ValueError(f"each={each}: there are {len(images)} images, ask for at most as many.")
    responses = []
    device, dtype = device_of(network), dtype_of(network)
    watched = recording(network, [layer], channels_first=True)
    with eval_mode(network), torch.no_grad(), watched as run:
        run.learn_where_to_stop(images[:1].to(device, dtype))
        for batch in batches(images):
            means = channel_means(run(batch.to(device, dtype))[layer])
            check_units(wanted, layer, means.shape[1])
            responses.append(means[:, wanted].cpu())
    return torch.cat(responses).topk(each, dim=0).indices.T


def compare_controls(
    paths: PhotoPaths,
    controls: Mapping[str, tuple[Tensor | HasImages, Tensor | Sequence[int]]],
    *,
    progress: bool = True,
) -> dict[str, list[LayerSimilarity]]:
    """Several kinds of picture against the same photographs, which pass by only once.

    >>> paths = gather(lab.network, lab.layers, lab.photos("test"))
    >>> renders = lab.photos("train")
    >>> compare_controls(paths, {"contrast": (contrast(renders.images, 3.0), renders.labels)})

    Args:
        controls: images (N, 3, S, S) in [0, 1] and their classes (N,), by name, as a pair or as
            what `lab.photos` returns; none of them among the photographs.

    Returns:
        By name, the rows of `compare`.

    Raises:
        ValueError: as `compare`, with the name of the control.
    """
    rows = {}
    for name, control in controls.items():
        if not isinstance(control, tuple) or len(control) != 2:
            raise ValueError(
                f"Control {name!r} is a {type(control).__name__}: give a pair, images and labels."
            )
        images, labels = control
        try:
            rows[name] = compare(paths, images, labels, progress=progress)
        except ValueError as error:
            raise ValueError(f"Control {name!r}: {error}") from error
    return rows


def _power_by_frequency(spectrum: Tensor) -> Tensor:
    """(N, 3, S, S) to (N, F): mean power over the directions and colours of a frequency."""
    radius = frequency_of(spectrum).flatten()
    power = spectrum.abs().square().mean(1).flatten(1)
    frequencies = int(radius.max()) + 1
    total = power.new_zeros(len(power), frequencies).index_add_(1, radius, power)
    return total / torch.bincount(radius, minlength=frequencies)
