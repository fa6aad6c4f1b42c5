"""Path similarity: does a visualization go through a network as photographs of its class do?

After Geirhos et al., "Don't trust your eyes" (ICML 2024, arXiv 2306.04719). Two images
are as similar at a layer as its activations for them, every unit at every position, are
correlated. The paper compares three means of such correlations, here taken class by class:

- same: photographs of a class with each other, never an image with itself;
- different: photographs of a class with all photographs of all other classes;
- visualization: visualizations of a class with photographs of that class;

and normalises: (visualization - different) / (same - different) is 0 for a visualization that is
no more like the photographs of its class than photographs of other classes are, and 1 for one that
is as much like them as they are like each other.

All pairs count, yet no pair is ever looked at. A correlation is the product of two *unit vectors*
(for Spearman's: the ranks of the activations, tied ones averaged, less their mean, divided by
their length), so the mean over all pairs is the product of two sums of unit vectors. One sum a
class and layer is kept, in float64, while the photographs pass by once: the cost is linear in their
number, and the memory does not depend on it.

The paper's measure asks *where* a unit responds as much as *which* unit does: a picture of the same
thing at another place is another pattern of positions. `positions=False` compares each channel's
mean over positions, and so asks for the *which* alone; this is no part of the paper.
"""

import dataclasses
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_lib.activations import (
    HasImages,
    batches,
    channel_means,
    chosen_device,
    device_of,
    find_layer,
    recording,
)
from course_lib.checks import check_images, images_of, whole_number
from course_lib.errors import NoImagesError, NoSpreadError
from course_lib.progress import progress_bar
from course_lib.statistics import student, student_quantile
from course_lib.visualization.engine import laid_out_for, readable_copy

METRICS = ("spearman", "cosine", "pearson")
LEAST_DIFFERENCE = 0.01
"""Below this difference between same and different, these two count as the same."""

_PIXELS = {"cpu": 2**16, "cuda": 2**20}  # at once; measured on the CPU: larger is slower
_ROUNDING = 1e-6  # activations closer than this, relative to the largest, are the same

Interval = tuple[float, float]
LabelledBatches = Iterable[tuple[Tensor, Tensor]]
"""A loader: it yields (images (B, 3, S, S) in [0, 1], labels (B,)), such as a DataLoader."""


class ClassSimilarity(NamedTuple):
    """The three mean correlations of one class at one layer; NaN where they are undefined."""

    label: int
    same: float
    different: float
    visualization: float


class LayerSimilarity(NamedTuple):
    """The path similarities at one layer.

    same, different, visualization: mean correlations, each the mean over classes.
    normalised: (visualization - different) / (same - different) of these means; None where same
        and different cannot be told apart, see `path_similarity`.
    ..._interval: the 95 % interval (low, high) over classes. classes: how many these are.
    left_out: photographs and visualizations whose activations at this layer are all equal, so that
        they have no correlations.
    by_class: the values of each class that has visualizations.
    """

    layer: str | None
    same: float
    different: float
    visualization: float
    normalised: float | None
    same_interval: Interval
    different_interval: Interval
    visualization_interval: Interval
    normalised_interval: Interval | None
    classes: int
    left_out: int
    by_class: tuple[ClassSimilarity, ...]


class PhotoSums(NamedTuple):
    """Sums over the photographs' activations at one layer, by class.

    sums: of the unit vectors of each class (C, D), float64, for activations of D values.
    counts: how many photographs of each class are in it (C,); the others have no unit vector.
    same, different: the mean correlations of each class (C,); NaN for a class of which fewer than
        two photographs are in it.
    """

    sums: Tensor
    counts: Tensor
    same: Tensor
    different: Tensor


@dataclasses.dataclass(frozen=True, eq=False)
class PhotoPaths:
    """The photographs' paths through a network, as sums; made by `gather`.

    network: a frozen copy, on the device where it ran.
    positions: whether positions count, or only each channel's mean over them.
    image_size: the edge of all images, in pixels. batch_size: as `path_similarity` was given it.
    classes: the labels of the photographs, in rising order. photos: how many these are.
    layers: the sums over the photographs by layer.
    """

    network: nn.Module
    metric: str
    positions: bool
    image_size: int
    batch_size: int | None
    classes: tuple[int, ...]
    photos: int
    layers: Mapping[str | None, PhotoSums]


def path_similarity(
    network: nn.Module,
    layers: Sequence[str | None],
    vis_images: Tensor | HasImages,
    vis_labels: Tensor | Sequence[int],
    photo_images: Tensor | HasImages | LabelledBatches,
    photo_labels: Tensor | Sequence[int] | None = None,
    metric: str = "spearman",
    *,
    positions: bool = True,
    batch_size: int | None = None,
    progress: bool = True,
    device: torch.device | str | None = None,
) -> list[LayerSimilarity]:
    """The similarity of visualizations to photographs of their class: a row for each of `layers`.

    >>> vis = course_lib.visualize(lab.network, None, range(8))
    >>> photos = lab.photos("test")
    >>> rows = path_similarity(lab.network, lab.layers, vis, range(8), photos, photos.labels)

    Exact, in one pass over the photographs; see the top of this module for the definition and the
    source. To compare several kinds of picture with the same photographs, `gather` these once and
    `compare` each kind. Lesson 05 builds ranks, mean correlation and normalisation by hand.

    **When is a layer's normalised similarity None?** Where it would divide by a difference that
    may be nothing: where the 95 % interval, over classes, of same - different (Student's, paired)
    does not lie above 0, or their mean difference is under 0.01 (`LEAST_DIFFERENCE`).

    **Intervals** say how much a mean over *these* classes could vary with other classes. Those of
    same, different and visualization are Student's. That of normalised, a ratio of two means over
    the same classes, is Fieller's (1954), which is bounded exactly where the rule above finds the
    denominator's interval to exclude 0. Values without any spread have an interval of no width.

    Args:
        network: takes (B, 3, S, S) in [0, 1]. It stays untouched: a frozen float32 copy runs.
        layers: dotted module names; None is the network's own output.
        vis_images: (N, 3, S, S) in [0, 1], or what `visualize` returns.
        vis_labels: (N,), the class that each is of; at least two classes.
        photo_images: (M, 3, S, S) in [0, 1]; or what `lab.photos` returns, which brings its
            labels along; or a loader that yields batches of images and labels, run through once.
            None of them may be among the visualizations, or it would be paired with itself.
        photo_labels: (M,); None for a loader. At least two photographs of every class.
        metric: "spearman" (the paper's), "cosine" or "pearson".
        positions: whether to compare every unit at every position, as the paper does; False
            compares each channel's mean over positions, whatever lies where.
        batch_size: how many images go through the network together; by default as many as have
            65,000 pixels (16 images of 64 pixels an edge, 1 of 224), on a GPU 16 times as many.
        device: where to compute; by default where the network is.

    Raises:
        KeyError: a layer that the network does not have.
        ValueError: fewer than two classes, a class with one photograph, a visualization of a class
            without photographs, labels or sizes that do not match, NaN in images or in a layer's
            answer, an unknown metric, no layers, or a layer that answers the same for every image.
    """
    _check_what(network, layers, metric)
    images = check_images(images_of(vis_images), "vis_images")
    labels = _labels(vis_labels, len(images), "vis_labels")
    photos, known = _photos(photo_images, photo_labels)
    if known is not None and isinstance(photos, Tensor):  # a loader is known once it has run
        _check_visualizations(images, labels, photos.shape[-1], sorted(set(known)))
    paths = gather(
        network, layers, photo_images, photo_labels, metric,
        positions=positions, batch_size=batch_size, progress=progress, device=device,
    )  # fmt: skip
    return compare(paths, images, labels, progress=progress)


@torch.no_grad()
def gather(
    network: nn.Module,
    layers: Sequence[str | None],
    photo_images: Tensor | HasImages | LabelledBatches,
    photo_labels: Tensor | Sequence[int] | None = None,
    metric: str = "spearman",
    *,
    positions: bool = True,
    batch_size: int | None = None,
    progress: bool = True,
    device: torch.device | str | None = None,
) -> PhotoPaths:
    """The photographs' half of `path_similarity`, in one pass; arguments and errors are its."""
    _check_what(network, layers, metric)
    if batch_size is not None:
        batch_size = whole_number(batch_size, "batch_size", at_least=1)
    photos, labels = _photos(photo_images, photo_labels)
    if labels is not None:
        _check_classes(labels)
    device = chosen_device(network, device)
    running = {layer: _RunningSums(layer, metric, positions) for layer in layers}
    seen: list[int] = []
    size: int | None = None
    what = "photographs" if progress else ""
    with torch.no_grad(), ExitStack() as stack:
        # in a loop, which closes the loader's workers and the bar when an error leaves it
        for images, numbers in _labelled(photos, labels, device, batch_size, what):
            if size is None:
                size = images.shape[-1]
                frozen = readable_copy(network, layers, images[:2].to(device).float(), device)
                run = stack.enter_context(recording(frozen, layers, channels_first=True))
                run.learn_where_to_stop(_ready(images[:1], frozen))
            if images.shape[-1] != size:
                raise ValueError(
                    f"Photographs are {size} and {images.shape[-1]} pixels an edge: give all of "
                    "them in one size."
                )
            seen += numbers
            for layer, output in run(_ready(images, frozen)).items():
                running[layer].add(output, numbers)
    if size is None:
        raise NoImagesError("The loader gave no photographs: give one that has not run out.")
    _check_classes(seen)
    classes = tuple(sorted(set(seen)))
    found = {layer: sums.means() for layer, sums in running.items()}
    return PhotoPaths(frozen, metric, positions, size, batch_size, classes, len(seen), found)


def compare(
    paths: PhotoPaths,
    images: Tensor | HasImages,
    labels: Tensor | Sequence[int],
    *,
    progress: bool = True,
) -> list[LayerSimilarity]:
    """The pictures' half of `path_similarity`: pictures against photographs already gathered.

    Args:
        images: (N, 3, S, S) in [0, 1], none of them among the photographs: visualizations, or
            anything else that is to be compared in their place. labels: (N,), their classes.

    Raises:
        ValueError: as `path_similarity`.
    """
    images = check_images(images_of(images))
    numbers = _labels(labels, len(images), "labels")
    _check_visualizations(images, numbers, paths.image_size, paths.classes)
    found: dict[str | None, list[float]] = {layer: [] for layer in paths.layers}
    device = device_of(paths.network)
    what = "pictures" if progress else ""
    watched = recording(paths.network, list(paths.layers), channels_first=True)
    with torch.no_grad(), watched as run:
        run.learn_where_to_stop(_ready(images[:1], paths.network))
        for batch, own in _labelled(images, numbers, device, paths.batch_size, what):
            rows = [paths.classes.index(label) for label in own]
            for layer, output in run(_ready(batch, paths.network)).items():
                units, defined = _unit_vectors(output, paths.metric, paths.positions, layer)
                photos = paths.layers[layer]
                means = (units * photos.sums[rows]).sum(1) / photos.counts[rows]
                pairs = zip(means.tolist(), defined, strict=True)
                found[layer] += [mean if there else math.nan for mean, there in pairs]
    return [_row(paths, layer, found[layer], numbers) for layer in paths.layers]


def _row(
    paths: PhotoPaths, layer: str | None, found: Sequence[float], labels: Sequence[int]
) -> LayerSimilarity:
    """One layer's row, from the mean correlation of each picture with its class."""
    photos = paths.layers[layer]
    values, owner = np.asarray(found), np.asarray(labels)
    defined = np.isfinite(values)
    by_class = []
    for label in sorted(set(labels)):
        mine, place = values[defined & (owner == label)], paths.classes.index(label)
        mean = float(mine.mean()) if len(mine) else math.nan
        known = float(photos.same[place]), float(photos.different[place])
        by_class.append(ClassSimilarity(label, *known, mean))
    table = np.array([row[1:] for row in by_class])
    table = table[np.isfinite(table).all(1)]
    if len(table) < 2:
        raise NoSpreadError(_without_spread(layer))
    same, different, visualization = table.T
    normalised, interval = _normalised(same, different, visualization)
    return LayerSimilarity(
        layer=layer,
        same=float(same.mean()),
        different=float(different.mean()),
        visualization=float(visualization.mean()),
        normalised=normalised,
        same_interval=student(same),
        different_interval=student(different),
        visualization_interval=student(visualization),
        normalised_interval=interval,
        classes=len(table),
        left_out=paths.photos - int(photos.counts.sum()) + int((~defined).sum()),
        by_class=tuple(by_class),
    )


class _RunningSums:
    """One layer's sums of unit vectors, which grow while the photographs pass by."""

    def __init__(self, layer: str | None, metric: str, positions: bool) -> None:
        self._layer, self._metric, self._positions = layer, metric, positions
        self._sums: dict[int, Tensor] = {}
        self._counts: Counter[int] = Counter()
        self._first: Tensor | None = None
        self._varies = False

    def add(self, output: Tensor, labels: Sequence[int]) -> None:
        """Take in the layer's activations (B, ...) for photographs of these classes."""
        if self._first is None:
            self._first = output[:1].clone()
        if not self._varies:  # by more than rounding, from the first image
            close = (output - self._first).abs() <= _ROUNDING * self._first.abs().amax()
            self._varies = not bool(close.all())  # NaN varies
        units, defined = _unit_vectors(output, self._metric, self._positions, self._layer)
        for label, unit, there in zip(labels, units, defined, strict=True):
            if label not in self._sums:
                self._sums[label] = torch.zeros_like(unit)
            self._sums[label] += unit
            self._counts[label] += there

    def means(self) -> PhotoSums:
        """The mean correlations within each class, and of each class with all others."""
        if not self._varies:
            raise ValueError(
                f"{_where(self._layer)} answers the same for every image, so there is no path to "
                "compare: leave it out of layers."
            )
        classes = sorted(self._sums)
        sums = torch.stack([self._sums.pop(label) for label in classes])
        n = torch.tensor([self._counts[label] for label in classes], device=sums.device)
        if (n >= 2).sum() < 2:
            raise NoSpreadError(_without_spread(self._layer))
        total, within = sums.sum(0), sums.square().sum(1)
        same = (within - n) / (n * (n - 1))
        different = (sums @ total - within) / (n * (n.sum() - n))
        same[n < 2] = different[n < 2] = math.nan
        return PhotoSums(sums, n, same, different)


def _without_spread(layer: str | None) -> str:
    return (
        f"{_where(layer)} has one and the same value everywhere for nearly every image, which "
        "leaves nothing to correlate: leave it out of layers."
    )


# The statistics


def _normalised(
    same: NDArray[np.float64], different: NDArray[np.float64], visualization: NDArray[np.float64]
) -> tuple[float | None, Interval | None]:
    """The ratio of two means over the same classes with Fieller's interval, or None twice."""
    above, below = visualization - different, same - different
    low, _ = student(below)
    if low <= 0 or below.mean() < LEAST_DIFFERENCE:
        return None, None
    n = len(below)
    (aa, ab), (_, bb) = np.cov(above, below) * student_quantile(n - 1) ** 2 / n
    a, b = float(above.mean()), float(below.mean())
    square, half_linear, constant = b * b - bb, a * b - ab, a * a - aa
    root = math.sqrt(max(0.0, half_linear**2 - square * constant))  # below 0 by rounding only
    return a / b, (float((half_linear - root) / square), float((half_linear + root) / square))


# Unit vectors, whose products are correlations


def _unit_vectors(
    output: Tensor, metric: str, positions: bool, layer: str | None
) -> tuple[Tensor, list[bool]]:
    """(B, ...) to (B, D) float64: vectors whose products are the metric's correlations.

    Without positions D is the number of channels. Activations that have no correlations (without
    any spread, or for cosine all zero) become zero; the second value is which have some.
    """
    if not positions:
        output = channel_means(output)
    if output.dim() == 4:  # where the channels lie last in memory, as here, this copies nothing
        output = output.permute(0, 2, 3, 1)
    rows = output.float().flatten(1)
    if rows.device.type not in ("cpu", "cuda"):  # Apple's GPUs know no float64
        rows = rows.cpu()
    if metric == "spearman":
        if rows.device.type == "cpu":
            vectors = torch.from_numpy(np.stack([_centred_ranks(row) for row in rows.numpy()]))
        else:
            vectors = centred_ranks(rows)
    else:
        vectors = rows.double()
        if metric == "pearson":
            flat = (rows == rows[:, :1]).all(1)
            vectors = vectors - vectors.mean(1, keepdim=True)
            vectors[flat] = 0  # what rounding leaves of it is no direction
    lengths = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    if not torch.isfinite(lengths).all():
        raise ValueError(
            f"{_where(layer)} gives NaN or infinite values for some images: check the network's "
            "weights and its normalisation, or leave the layer out of layers."
        )
    defined = lengths > 0
    return vectors.div_(torch.where(defined, lengths, 1.0)), defined.flatten().tolist()


def _centred_ranks(answer: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ranks (D,) less their mean, equal values sharing the mean of their ranks; NaN if any is.

    Sorting is most of the cost of path similarity, so: all values equal to the smallest one
    (after a ReLU the zeros, often half of all) are ranked without sorting; each of the others
    becomes one integer, its bits in an order-preserving form above its place, because NumPy sorts
    integers several times faster than it argsorts floats.
    """
    count = len(answer)
    low, high = answer.min(), answer.max()
    if not (np.isfinite(low) and np.isfinite(high)):  # NaN is its own minimum
        return np.full(count, np.nan)
    places = np.flatnonzero(answer > low)
    tied = count - len(places)
    bits = (answer[places] + np.float32(0)).view(np.int32)  # -0.0 + 0.0 is 0.0
    if low < 0:
        bits ^= (bits >> 31) & np.int32(0x7FFFFFFF)  # negative floats rise as their bits fall
    keys = bits.astype(np.int64)
    keys <<= 32
    keys |= places
    keys.sort()
    places = keys & 0xFFFFFFFF
    keys >>= 32
    ranks = np.arange(tied, count, dtype=np.float64)
    new = keys[1:] != keys[:-1]
    if not new.all():
        first = np.concatenate(([0], np.flatnonzero(new) + 1))
        sizes = np.diff(first, append=len(keys))
        ranks = np.repeat(tied + first + (sizes - 1) / 2, sizes)
    mean = (count - 1) / 2
    centred = np.full(count, (tied - 1) / 2 - mean)
    centred[places] = ranks - mean
    return centred


def centred_ranks(answers: Tensor) -> Tensor:
    """`_centred_ranks` of (B, D) at once, on any device that knows float64: (B, D)."""
    count = answers.shape[1]
    values, places = answers.sort(dim=1)
    position = torch.arange(count, device=answers.device, dtype=torch.float64).expand_as(values)
    new = values[:, 1:] != values[:, :-1]
    edge = new.new_ones(len(answers), 1)
    first = torch.where(torch.cat([edge, new], 1), position, 0.0).cummax(1).values
    last = torch.where(torch.cat([new, edge], 1), position, count - 1.0)
    last = last.flip(1).cummin(1).values.flip(1)
    centred = (first + last).div_(2).sub_((count - 1) / 2)
    finite = torch.isfinite(answers).all(1, keepdim=True)
    return torch.empty_like(centred).scatter_(1, places, centred).where(finite, math.nan)


# What comes in


def _where(layer: str | None) -> str:
    return "The network's output" if layer is None else f"Layer {layer!r}"


def _ready(images: Tensor, network: nn.Module) -> Tensor:
    return laid_out_for(network, images.to(device_of(network), torch.float32))


def _check_what(network: nn.Module, layers: Sequence[str | None], metric: str) -> None:
    if isinstance(layers, str) or not isinstance(layers, Sequence) or not layers:
        raise ValueError(
            f"layers={layers!r}: give a list of at least one layer's name, such as lab.layers."
        )
    for layer in layers:
        if layer is not None:
            find_layer(network, layer)
    if metric not in METRICS:
        raise ValueError(f"metric={metric!r}: give one of {', '.join(METRICS)}.")


def _labels(labels: Any, count: int, name: str) -> list[int]:
    """Class numbers, one an image, from a tensor or anything else that holds whole numbers."""
    wrong_kind = isinstance(labels, Tensor) and (
        labels.dim() != 1 or labels.is_floating_point() or labels.dtype == torch.bool
    )
    if wrong_kind or not isinstance(labels, Iterable):
        what = f"a tensor {tuple(labels.shape)} of {labels.dtype}" if wrong_kind else f"{labels!r}"
        raise ValueError(f"{name} is {what}: give one whole number for each of {count} images.")
    given = labels.tolist() if isinstance(labels, Tensor) else labels
    numbers = [whole_number(label, name, at_least=0) for label in given]
    if len(numbers) != count:
        raise ValueError(
            f"{name} has {len(numbers)} labels for {count} images: give one for each image."
        )
    return numbers


def _photos(images: Any, labels: Any) -> tuple[Tensor | Iterable[Any], list[int] | None]:
    """Photographs and their labels, checked; of a loader, itself and None."""
    if hasattr(images, "images") and labels is None:
        labels = getattr(images, "labels", None)
    if not isinstance(images, Tensor) and not hasattr(images, "images"):
        if not isinstance(images, Iterable):
            raise ValueError(
                f"photo_images is a {type(images).__name__}: give a tensor (N, 3, S, S), what "
                "lab.photos returns, or a loader of (images, labels)."
            )
        if labels is not None:
            raise ValueError("A loader brings its own labels: leave photo_labels out.")
        return images, None
    photos = check_images(images_of(images), "photo_images")
    if labels is None:
        raise ValueError(
            "photo_labels is missing: give the class of every photograph, such as "
            "lab.photos('test').labels."
        )
    return photos, _labels(labels, len(photos), "photo_labels")


def _labelled(
    images: Tensor | Iterable[Any],
    labels: list[int] | None,
    device: torch.device,
    batch_size: int | None,
    what: str = "",
) -> Iterator[tuple[Tensor, list[int]]]:
    """Checked images with their labels, a batch at a time.

    Args:
        what: they are called in a progress bar; none if empty.
    """
    if isinstance(images, Tensor):
        remaining = iter(labels or [])
        parts = batches(images, batch_size, pixels=_PIXELS.get(device.type, _PIXELS["cpu"]))
        for batch in progress_bar(parts, what, show=bool(what)):
            yield batch, list(islice(remaining, len(batch)))
        return
    for batch in progress_bar(images, what, show=bool(what)):
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            raise ValueError(
                f"The loader gave a {type(batch).__name__}: give one that yields pairs of images "
                "(B, 3, S, S) and labels (B,)."
            )
        photos = check_images(batch[0], "The loader's images")
        numbers = _labels(batch[1], len(photos), "The loader's labels")
        yield from _labelled(photos, numbers, device, batch_size)


def _check_classes(labels: Sequence[int]) -> None:
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise ValueError(
            f"All photographs are of class {classes[0]}: give photographs of at least two classes."
        )
    if counts.min() < 2:
        raise ValueError(
            f"Class {classes[counts.argmin()]} has one photograph, which has no other to be "
            "compared with: give at least two of every class."
        )


def _check_visualizations(
    images: Tensor, labels: Sequence[int], size: int, classes: Sequence[int]
) -> None:
    missing = sorted(set(labels) - set(classes))
    if missing:
        raise ValueError(
            f"There are no photographs of class {missing[0]}, which a visualization is of: the "
            f"photographs are of classes {', '.join(map(str, classes))}."
        )
    if len(set(labels)) < 2:
        raise ValueError(
            f"All visualizations are of class {labels[0]}: give visualizations of at least two "
            "classes, because the intervals are over classes."
        )
    if images.shape[-1] != size:
        raise ValueError(
            f"Visualizations are {images.shape[-1]} pixels an edge and photographs {size}: give "
            "both in one size."
        )
