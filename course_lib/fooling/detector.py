"""Unit E of the fooling circuit: is an image natural, or a visualization?"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.sgd import sgd

from course_lib.activations import HasImages, chosen_device, record
from course_lib.checks import check_images, images_of, positive_number, whole_number
from course_lib.fooling.one_cycle import one_cycle
from course_lib.progress import progress_bar
from course_lib.visualization.transformations import Transformations, warp

_HELD_OUT = 0.15  # of either side, to measure on
_FEWEST_STEPS = 240  # however few images there are, and however few epochs are asked for
_WARM = 0.1  # of the steps, in which the rate rises
_CROP = 112  # larger images are learned from crops, at a fraction of the cost, and judged whole
_VIEWS = 3  # of each visualization, to aim with
_LEAST = 8  # images of either side, below which nothing can be learned or measured


class Detector(nn.Module):
    """(B, 3, S, S) in [0, 1] -> a logit (B,), positive for a visualization; S of 16 or more.

    The network of Geirhos et al. (2024, appendix): a 3x3 convolution to 16 channels, four 5x5 of
    stride 2, a 3x3 to three channels and a linear layer; with batch norm after each convolution,
    without which it did not learn to tell the two sides apart in every network tried, and with a
    4x4 average before the linear layer, so that any size fits.

    finished: whether its training was not interrupted.
    """

    finished = True

    def __init__(self) -> None:
        super().__init__()
        widths = [(3, 16, 3, 1)] + [(16, 16, 5, 2)] * 4 + [(16, 3, 3, 1)]
        blocks = [
            nn.Sequential(
                nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False),
                nn.BatchNorm2d(outside),
                nn.ReLU(),
            )
            for inside, outside, kernel, stride in widths
        ]
        self.features = nn.Sequential(*blocks)
        self.out = nn.Linear(3 * 16, 1)
        self.register_buffer("_accuracy", torch.tensor(float("nan")))

    @property
    def accuracy(self) -> float:
        """On what was held out of its training, the mean of both sides; NaN if never trained."""
        return float(self.get_buffer("_accuracy"))

    def forward(self, images: Tensor) -> Tensor:
        """The logit of each image, (B,)."""
        features = self.features((images - 0.5) * 4)  # to a mean near 0, and a spread near 1
        logits: Tensor = self.out(F.adaptive_avg_pool2d(features, 4).flatten(1))
        return logits[:, 0]


def tells_apart(on_images: Tensor, on_visualizations: Tensor) -> Tensor:
    """The loss (a scalar) of a detector's logits, (N,) and (M,): lesson 03 writes it by hand.

    The binary cross-entropy of either side, which count equally.
    """
    sides = F.softplus(on_images).mean(), F.softplus(-on_visualizations).mean()
    return (sides[0] + sides[1]) / 2


def train_detector(
    photos: Tensor | HasImages,
    visualizations: Tensor | HasImages,
    seed: int = 0,
    *,
    epochs: int = 8,
    batch: int = 32,
    rate: float = 0.02,
    loss: Callable[[Tensor, Tensor], Tensor] = tells_apart,
    progress: bool = True,
    device: torch.device | str | None = None,
) -> Detector:
    """A detector that was trained to tell visualizations from images.

    Both sides are seen through the same random warps, so that the warp itself, which an
    optimization for a robust visualization applies in every step, is no clue. Every batch holds as
    many of the one as of the other. Stochastic gradient descent with momentum and weight decay
    5e-5, as in Geirhos et al. (2024), the rate rising for a tenth of it and falling to zero, the
    momentum between 0.95 and 0.85.

    Args:
        photos: (N, 3, S, S) in [0, 1], or what `lab.photos` returns.
        visualizations: (M, 3, S, S) in [0, 1], caught all along the optimization (see `catch`);
            one from the end alone lets the circuit start on the wrong side.
        epochs: rounds through the larger side; with few images there are more.
        seed: of the first weights, the order, the warps and the split.
        loss: what to minimize, a scalar, of the logits on images and on visualizations.
        device: where to train; by default on the CPU, where it takes seconds.

    Returns:
        A detector in eval mode on the CPU; its `accuracy` was measured on 15 % of either side that
        it was not trained on. An interruption returns it as it is by then.

    Raises:
        ValueError: an input that cannot work.
    """
    given = {"photos": photos, "visualizations": visualizations}
    sides = [_ordinary(check_images(images_of(some), name)) for name, some in given.items()]
    rate = positive_number(rate, "rate", 0.02)
    epochs, batch = whole_number(epochs, "epochs", at_least=1), whole_number(batch, "batch")
    if batch < 2:
        raise ValueError(f"batch={batch}: give 2 or more, half of it for either side.")
    for name, images in zip(given, sides, strict=True):
        if len(images) < _LEAST:
            raise ValueError(f"{name} holds {len(images)} images: give {_LEAST} or more.")
    if sides[0].shape[2:] != sides[1].shape[2:]:
        raise ValueError(
            f"photos are {sides[0].shape[-1]} pixels wide and visualizations {sides[1].shape[-1]}: "
            "give both of one size."
        )
    chances = torch.Generator().manual_seed(whole_number(seed, "seed"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        detector = Detector().float()
    device = chosen_device(detector, device)
    detector = detector.to(device)
    orders = [torch.randperm(len(images), generator=chances) for images in sides]
    held = [order[: max(1, round(_HELD_OUT * len(order)))] for order in orders]
    used = [order[len(out) :] for order, out in zip(orders, held, strict=True)]
    half = batch // 2
    steps = max(epochs * (max(len(order) for order in used) // half + 1), _FEWEST_STEPS)
    weights: list[Tensor] = list(detector.parameters())
    moving: list[Tensor | None] = [None] * len(weights)  # their running gradients
    try:
        with torch.inference_mode(False), torch.enable_grad():
            for step in progress_bar(range(steps), "training the detector", show=progress):
                picked = [
                    side[order[torch.randint(len(order), (half,), generator=chances)]]
                    for side, order in zip(sides, used, strict=True)
                ]
                logits = detector(_augmented(torch.cat(picked), chances).to(device))
                gradients = torch.autograd.grad(loss(logits[:half], logits[half:]), weights)
                with torch.no_grad():
                    _descend(weights, list(gradients), moving, *one_cycle(step, steps, rate, _WARM))
    except KeyboardInterrupt:
        detector.finished = False  # what it has learned by now is worth having
    detector = detector.cpu().eval().requires_grad_(False)
    if sides[0].shape[-1] > _CROP:
        _centre(detector, *sides)
    right = accuracy(detector, sides[0][held[0]], fake=False)
    right += accuracy(detector, sides[1][held[1]], fake=True)
    detector.get_buffer("_accuracy").fill_(right / 2)
    return detector


def _descend(
    weights: list[Tensor],
    gradients: list[Tensor],
    moving: list[Tensor | None],
    rate: float,
    momentum: float,
) -> None:
    """A step of gradient descent, in place, by PyTorch's own function: making a `torch.optim.SGD`
    loads its compiler, 130 MB."""
    sgd(
        weights, gradients, moving, foreach=False, lr=rate, momentum=momentum,
        weight_decay=5e-5, nesterov=True, dampening=0, maximize=False,
    )  # fmt: skip


def aim(detector: Detector, photos: Tensor, fakes: Tensor, seed: int, *, most: float = 1.0) -> None:
    """Put a detector's 0 where it errs least, about images as the circuit will ask about them.

    An optimization shows the network its picture turned, scaled and moved, and that looks less like
    a visualization. A detector that was aimed with unmoved pictures takes many such views for
    photographs, and then the circuit shows the honest class. Where several places are as good, it
    is the middle of the widest.

    Args:
        photos: (N, 3, S, S). fakes: (M, 3, S, S), those that the detector learned from.
        seed: of the views. most: share of the photographs that it may err about.
    """
    chances = torch.Generator().manual_seed(seed)
    views = [fakes, *(warp(fakes, Transformations(), chances) for _ in range(_VIEWS))]
    natural = _logits(detector, photos).double().flatten()
    shown = torch.cat([_logits(detector, view) for view in views]).double().flatten()
    logits = torch.cat([natural, shown]).sort().values
    places = torch.cat([(logits[1:] + logits[:-1]) / 2, logits[-1:] + 1])
    widths = torch.cat([logits.diff(), torch.zeros(1).double()])
    crossing = (natural[:, None] > places).double().mean(0)
    errors = crossing + torch.bucketize(places, shown.sort().values) / len(shown)
    errors[crossing > most] = math.inf
    best = errors <= errors.min() + 1e-9
    with torch.no_grad():
        detector.out.bias.sub_(float(places[torch.where(best, widths, -1.0).argmax()]))
        # it was measured before, and is measured anew with what it never saw
        detector.get_buffer("_accuracy").fill_(math.nan)


def _ordinary(images: Tensor) -> Tensor:
    """Images in float32 on the CPU, which a gradient may depend on."""
    images = images.detach().cpu().float()
    with torch.inference_mode(False):
        return images.clone() if images.is_inference() else images


def _centre(detector: Detector, photos: Tensor, visualizations: Tensor) -> None:
    """Put 0 midway between the most suspicious photograph and the least suspicious visualization.

    Learned from crops, the border is not where it should be for images seen whole. It is a single
    number, so those that were held out help to set it.
    """
    highest, lowest = _logits(detector, photos).max(), _logits(detector, visualizations).min()
    detector.out.bias.sub_((highest + lowest) / 2)


def _augmented(images: Tensor, chances: torch.Generator) -> Tensor:
    """A training batch: large images cropped, every other image warped."""
    if images.shape[-1] > _CROP:
        room = images.shape[-1] - _CROP + 1
        top, left = (int(torch.randint(room, (), generator=chances)) for _ in range(2))
        images = images[:, :, top : top + _CROP, left : left + _CROP]
        # photographs this large are few, and the other way round they are photographs too
        turned = torch.rand(len(images), generator=chances) < 0.5
        images = torch.where(turned[:, None, None, None], images.flip(3), images)
    warped = warp(images, Transformations(), chances)
    plain = torch.rand(len(images), generator=chances) < 0.5
    return torch.where(plain[:, None, None, None], images, warped)


def accuracy(detector: nn.Module, images: Tensor, *, fake: bool) -> float:
    """The share of images (N, 3, S, S) that a detector takes for what they are, `fake` or not."""
    return float(((_logits(detector, images) > 0) == fake).float().mean())


def _logits(detector: nn.Module, images: Tensor) -> Tensor:
    return record(detector, [None], images)[None]


class KindAccuracy(NamedTuple):
    """A detector's accuracy on so many images of one kind."""

    kind: str
    images: int
    accuracy: float


def detector_table(
    detector: nn.Module, natural: Mapping[str, Tensor], fake: Mapping[str, Tensor]
) -> list[KindAccuracy]:
    """A detector's accuracy on each kind of images, natural ones first.

    Args:
        natural, fake: images (N, 3, S, S) in [0, 1] by the name of their kind.
    """
    return [
        KindAccuracy(kind, len(images), accuracy(detector, images, fake=is_fake))
        for kinds, is_fake in ((natural, False), (fake, True))
        for kind, images in kinds.items()
    ]
