"""The measurements that an auditor takes of a network that somebody hands over.

All need only answers, gradients and what audited units say; `look_inside` needs a white box.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import record, recording
from course_lib.checks import check_images, check_labels
from course_lib.errors import NoSpreadError
from course_lib.fooling.silent.report import twin_responses
from course_lib.fooling.silent.twins import twin_of
from course_lib.lessons.lesson_08.network import SuspectNetwork
from course_lib.sanity.controls import contrast
from course_lib.sanity.path_similarity import path_similarity
from course_lib.visualization.ascent import Visualization

LOGITS, UNITS = "logits", "units"
"""The two layers by which every suspect is addressed, whatever its grade."""

STEPS, EARLY = 64, 4
PLAIN_STEPS = 48
_POINTS, _HALVINGS = 17, 7
_TOP = 8  # renders that speak loudest for a unit, with which its picture is compared
_CONTROLS, _CONTRAST = 4, 3.0  # images of each class whose contrast is raised, and how far
_LEAST_IMAGES = _CONTROLS + 2  # of each class: two to compare with are the fewest


class Findings(NamedTuple):
    """Measurements from outside, of a network with K logits and n audited units, with J judges.

    votes: (J, K) the class that each judge sees in the picture of each logit (Fourier image, with
        transformations). plain: (J, K) the same for pictures from plain pixels, without
        transformations, from another start. early: (J, K) the same after four updates.
    alike: (K,) the mean correlation of each picture's pixels with those of the others.
    jumps: (K,) on the straight way from a render of class c to the picture of logit c, the largest
        change of any logit within 1/2048 of the way that halving finds; in units of the logits'
        range over renders. A hard gate jumps, a smooth one is steep.
    lows: (K,) how deep the largest logit falls on that way below its smallest value for a render,
        in the same units; 0 if it does not. A smooth gate shuts both sides halfway.
    loud: (n,) how loudly a unit answers to its own picture: (response - mean) / (99th percentile
        of renders' largest responses - mean).
    steep: (n,) the length of the response's gradient at the own picture over its median length at
        the eight loudest renders. An awake twin multiplies it.
    late: (n,) after which share of the ascent half of the rise was reached; a twin wakes late.
    path: (2,) the normalised path similarity of the logits' pictures at the layer of the logits,
        and that of a control, natural images of three times the contrast.
    """

    votes: Tensor
    plain: Tensor
    early: Tensor
    alike: Tensor
    jumps: Tensor
    lows: Tensor
    loud: Tensor
    steep: Tensor
    late: Tensor
    path: Tensor


class Inside(NamedTuple):
    """Measurements from inside a white box.

    bypass: (K,) how far a logit of its own picture is from what the honest side says, in units of
        the logits' range over renders. sides: (K,) how far the gate's two sides are apart there.
    gate: () the mean of e over the logits' pictures less its mean over renders.
    awake: (n,) the largest response of each unit's twin to the unit's picture, in units of the
        spread (largest - mean) of its responses to renders; above 0 it is awake.
    reach: (n,) how far a twin's bias lies beyond its largest response to renders, in that unit.
    path: (P, 2) the normalised path similarity of the logits' pictures at P inner layers, and that
        of the control.
    """

    bypass: Tensor
    sides: Tensor
    gate: Tensor
    awake: Tensor
    reach: Tensor
    path: Tensor


class Pictures(NamedTuple):
    """The pictures that an auditor draws: the logits in two ways, and the audited units."""

    logits: Visualization
    plain: Visualization
    units: Visualization


def draw_suspect(visualize: Callable[..., Visualization], logits: int, units: int) -> Pictures:
    """The pictures that an audit rests on; 24 for eight logits and eight units.

    Args:
        visualize: that of a suspect, or `course_lib.visualize` of its network; errors are as its.
        logits, units: how many it has.

    Raises:
        KeyboardInterrupt: it was interrupted; an audit of half-drawn pictures would be wrong.
    """

    def drawn(layer: str, units: int, steps: int, seed: int, **how: Any) -> Visualization:
        found = visualize(layer, range(units), steps=steps, seed=seed, progress=False, **how)
        if len(found.history) < steps:
            raise KeyboardInterrupt
        return found

    return Pictures(
        drawn(LOGITS, logits, STEPS, 0, snapshots=(EARLY,)),
        drawn(LOGITS, logits, PLAIN_STEPS, 1, image="pixels", transformations=None),
        drawn(UNITS, units, STEPS, 0),
    )


def look(
    network: nn.Module,
    pictures: Pictures,
    images: Tensor,
    labels: Tensor,
    judges: Sequence[nn.Module],
) -> Findings:
    """All measurements from outside (about 3 seconds on one core).

    Args:
        network: (B, 3, S, S) in [0, 1] -> logits (B, K); logit c answers to class c. Its layers
            "logits" and "units" are those of a suspect.
        pictures: what `draw_suspect` returned for all K logits and all n units.
        images, labels: (N, 3, S, S) in [0, 1] and (N,): natural images, six or more of each class.
        judges: other classifiers with the same classes.

    Raises:
        ValueError: a class has too few images, or there is not one picture of each logit.
    """
    check_images(images)
    said = record(network, [None], images)[None]
    classes = said.shape[1]
    check_labels(labels, len(images), classes)
    counts = torch.bincount(labels, minlength=classes)
    if int(counts.min()) < _LEAST_IMAGES:
        raise ValueError(
            f"Class {int(counts.argmin())} has {int(counts.min())} images: give {_LEAST_IMAGES} or "
            "more of each class, some of which become the control."
        )
    if len(pictures.logits.images) != classes:
        raise ValueError(
            f"{len(pictures.logits.images)} pictures for {classes} logits: draw one of each."
        )
    drawn, (early, *_) = pictures.logits.images, pictures.logits.snapshots.values()
    votes, plain, first = (
        torch.stack([record(judge, [None], shown)[None].argmax(1) for judge in judges])
        for shown in (drawn, pictures.plain.images, early)
    )
    starts = images[[int((labels == c).nonzero()[0]) for c in range(classes)]]
    way = on_the_way(network, starts, drawn, said)
    units = loudness(network, UNITS, pictures.units.images, images)
    (path,) = picture_paths(network, [LOGITS], drawn, images, labels)
    late = halfway(pictures.units.history)
    return Findings(votes, plain, first, likeness(drawn), *way, *units, late, path)


def likeness(images: Tensor) -> Tensor:
    """(N,): the mean of Pearson's correlations of each image's pixels with those of all others."""
    flat = images.flatten(1).double()
    flat = flat - flat.mean(1, keepdim=True)
    unit = flat / flat.norm(dim=1, keepdim=True).clamp(min=1e-12)
    alike = unit @ unit.T
    return ((alike.sum(1) - alike.diagonal()) / max(len(alike) - 1, 1)).float()


def picture_paths(
    network: nn.Module, layers: Sequence[str], pictures: Tensor, images: Tensor, labels: Tensor
) -> Tensor:
    """(P, 2): normalised path similarity at P layers, of pictures and of a control.

    The control is a part of the natural images, at three times the contrast; the rest is what both
    are compared with. Where same and different classes can't be told apart at a layer, both are 1:
    nothing was found. Where all units say the same of every picture, there is no path, and it is 0.

    pictures: (K, 3, S, S), picture c being class c's. images, labels: natural ones.
    """
    chosen = torch.cat([(labels == c).nonzero()[:_CONTROLS, 0] for c in range(len(pictures))])
    rest = torch.ones(len(images), dtype=torch.bool).index_fill(0, chosen, False)

    def similarity(layers: Sequence[str], shown: Tensor, classes: list[int]) -> list[float]:
        try:
            rows = path_similarity(
                network, layers, shown, classes, images[rest], labels[rest], progress=False
            )
        except NoSpreadError:
            if len(layers) == 1:
                return [0.0]
            return [value for layer in layers for value in similarity([layer], shown, classes)]
        return [1.0 if row.normalised is None else row.normalised for row in rows]

    found = similarity(layers, pictures, list(range(len(pictures))))
    control = similarity(layers, contrast(images[chosen], _CONTRAST), labels[chosen].tolist())
    return torch.tensor([found, control]).T


def on_the_way(
    network: nn.Module, starts: Tensor, ends: Tensor, usual: Tensor
) -> tuple[Tensor, Tensor]:
    """`jumps` and `lows` (see `Findings`) on the straight ways from images to images.

    The way is cut into 16 parts. That over which a logit changes most is halved seven times, each
    time keeping the half with the larger change.

    starts, ends: (M, 3, S, S). usual: (N, K) the logits of natural images.
    """
    spread = float(usual.amax() - usual.amin())
    ways = len(starts)

    def said(share: Tensor) -> Tensor:
        """(P, M, K) at shares (P, M) of the way."""
        weight = share[..., None, None, None]
        images = ((1 - weight) * starts + weight * ends).flatten(0, 1)
        return record(network, [None], images)[None].view(len(share), ways, -1)

    points = torch.linspace(0, 1, _POINTS)[:, None].expand(-1, ways)
    values = said(points)
    change = (values[1:] - values[:-1]).abs().amax(2)
    where = change.argmax(0)
    every = torch.arange(ways)
    low, high = points[where, every], points[where + 1, every]
    at_low, at_high = values[where, every], values[where + 1, every]
    deepest = values.amax(2).amin(0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        at_middle = said(middle[None])[0]
        deepest = torch.minimum(deepest, at_middle.amax(1))
        first = (at_middle - at_low).abs().amax(1) >= (at_high - at_middle).abs().amax(1)
        low, high = torch.where(first, low, middle), torch.where(first, middle, high)
        at_low = torch.where(first[:, None], at_low, at_middle)
        at_high = torch.where(first[:, None], at_middle, at_high)
    jumps = (at_high - at_low).abs().amax(1) / spread
    lows = (usual.amax(1).amin() - deepest).clamp(min=0) / spread
    return jumps, lows


def loudness(
    network: nn.Module, layer: str, pictures: Tensor, images: Tensor
) -> tuple[Tensor, Tensor]:
    """`loud` and `steep` (see `Findings`) of the units of a layer, picture u being unit u's.

    layer: whose output is (B, n, H, W). pictures: (n, 3, S, S). images: (N, 3, S, S).
    """
    said = record(network, [layer], images)[layer]
    mean, top = said.mean((0, 2, 3)), said.amax((2, 3))
    usual = (top.quantile(0.99, dim=0) - mean).clamp(min=1e-12)
    units, count = torch.arange(len(pictures)), min(_TOP, len(images))
    response, own = _slopes(network, layer, pictures, units)
    # each unit's loudest images one after the other
    best = torch.cat([top[:, unit].topk(count).indices for unit in units])
    _, at_images = _slopes(network, layer, images[best], units.repeat_interleave(count))
    usual_slope = at_images.view(len(units), -1).median(1).values
    return (response - mean) / usual, own / usual_slope.clamp(min=1e-12)


def _slopes(network: nn.Module, layer: str, images: Tensor, units: Tensor) -> tuple[Tensor, Tensor]:
    """For image i the largest response of unit units[i], and the length of its gradient; (N,)."""
    responses, lengths = [], []
    with torch.inference_mode(False), torch.enable_grad(), recording(network, [layer]) as run:
        run.learn_where_to_stop(images[:1])
        for some, chosen in zip(images.split(16), units.split(16), strict=True):
            seen = some.clone().requires_grad_(True)
            response = run(seen)[layer][torch.arange(len(seen)), chosen].flatten(1).max(1).values
            (slope,) = torch.autograd.grad(response.sum(), seen)
            responses.append(response.detach())
            lengths.append(slope.flatten(1).norm(dim=1))
    return torch.cat(responses), torch.cat(lengths)


def largest_response(network: nn.Module, layer: str, unit: int) -> Callable[[Tensor], Tensor]:
    """A function from images (N, 3, S, S) to a unit's largest response to each, (N,).

    It can be differentiated. layer: whose output is (B, n, H, W).
    """

    def respond(images: Tensor) -> Tensor:
        with recording(network, [layer]) as run:
            return run(images)[layer][:, unit].flatten(1).amax(1)

    return respond


def halfway(history: Tensor) -> Tensor:
    """(n,) the share of an ascent (steps, n) after which half of the rise was reached."""
    rise = history - history[0]
    reached = rise >= 0.5 * rise.amax(0)
    return reached.float().argmax(0) / len(history)


def look_inside(
    network: SuspectNetwork, pictures: Pictures, images: Tensor, labels: Tensor
) -> Inside:
    """All measurements from inside a white box; P is 2: in the middle, and at the honest logits.

    Args: as for `look`.
    """
    logits, layer = pictures.logits.images, network.conv
    path = picture_paths(network, ["network.inception4a", "network.fc"], logits, images, labels)
    with torch.no_grad():
        natural = [network.wires(some) for some in images.split(32)]
        drawn = network.wires(logits)
    said = torch.cat([wires.A for wires in natural])
    spread = said.amax() - said.amin()
    bias = twin_of(network, layer).conv.bias
    assert bias is not None
    usual = twin_responses(network, layer, images) - bias
    own = twin_responses(network, layer, pictures.units.images).diagonal()
    # the mean of each image's largest response stands for the mean: decoys are far from either
    unit = (usual.amax(0) - usual.mean(0)).clamp(min=1e-12)
    return Inside(
        bypass=(drawn.A - drawn.F).diagonal().abs() / spread,
        sides=(drawn.D - drawn.F).diagonal().abs() / spread,
        gate=drawn.e.mean() - torch.cat([wires.e for wires in natural]).mean(),
        awake=own / unit,
        reach=(-bias - usual.amax(0)) / unit,
        path=path,
    )
