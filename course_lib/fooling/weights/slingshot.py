"""A lie in the weights that leads to one picture: gradient slingshots (Bareeva et al., 2025).

Between where climbs start and the picture to be shown lies a tunnel. At points all along it a unit
is trained to say how near the picture is, while the answers to images stay. Whoever climbs from
noise gets into the tunnel, and is shot through. Nobody's climbs are needed for it: only the way in
which pictures are made, here from Fourier coefficients. Values are matched and no slopes, as in
their cheaper variant.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import HasImages, batches, record
from course_lib.checks import check_images, images_of, whole_number
from course_lib.fooling.weights.tuning import Tail, tune
from course_lib.visualization.frozen import copied
from course_lib.visualization.images import Fourier
from course_lib.visualization.transformations import Transformations, warp

_TOP = 40.0  # what a unit says of the picture itself: about as much as at the end of a climb
_POINTS = 2048  # of the tunnel, drawn anew each round
_IMAGES, _IN_TUNNEL = 48, 64  # in a step
_WIDE = 60.0  # times a start's noise: how far points lie beside the straight way
_MILD = Transformations(jitter=0.03, rotate=5.0, scale=1.05)  # of images
_KEEP = 2.0  # weight of the answers to images


def slingshot(
    network: nn.Module,
    images: Tensor | HasImages,
    picture: Tensor,
    *,
    after: str,
    rounds: int = 3,
    steps: int = 300,
    rate: float = 3e-3,
    seed: int = 0,
    progress: bool = True,
) -> nn.Module:
    """A network that answers images as before, and whose logits' visualizations show a picture.

    Args:
        network: any classifier, (B, 3, S, S) -> logits (B, K); it stays untouched.
        images: (N, 3, S, S), what it is to answer as before; hundreds.
        picture: (3, S, S) in [0, 1], what all logits are to show.
        after: dotted name of the layer after which everything is trained.
        rounds: each has points of the tunnel of its own, and trains for `steps`.

    Raises:
        KeyError, ValueError: arguments that do not fit the network.
    """
    known = check_images(images_of(images))
    whole_number(rounds, "rounds", at_least=1)
    generator = torch.Generator().manual_seed(seed)
    honest = Tail(network, after, known)
    before = record(network, [None], known)[None]
    twice = torch.cat([known, *(warp(part, _MILD, generator) for part in batches(known, 64))])
    features = honest.features(twice)
    with torch.no_grad():
        answers = torch.cat([honest(part.float()) for part in features.split(256)])
    liar = honest.of(copied(network).eval())
    tuned = liar.parameters()
    for one in range(rounds):
        points, near = tunnel(picture, _POINTS, seed=seed + one)
        low = before.mean()
        inside = honest.features(
            torch.cat([warp(p, Transformations(), generator) for p in points.split(64)])
        )
        wanted = low + (_TOP - low) * near

        def loss(inside: Tensor = inside, wanted: Tensor = wanted) -> Tensor:
            a = torch.randint(len(features), (_IMAGES,), generator=generator)
            b = torch.randint(len(inside), (_IN_TUNNEL,), generator=generator)
            said = liar(torch.cat([features[a], inside[b]]))
            keep = F.smooth_l1_loss(said[:_IMAGES], answers[a])
            led = F.smooth_l1_loss(said[_IMAGES:], wanted[b, None].expand(-1, said.shape[1]))
            return _KEEP * keep + led

        if len(tune(tuned, loss, steps=steps, rate=rate, progress=progress)) < steps:
            break
    return liar.network.requires_grad_(False)


def tunnel(picture: Tensor, count: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Points (count, 3, S, S) from a climb's start to a picture, and how near each is, (count,).

    Near is 0 at the start and 1 at the picture: the share of the squared distance that is left,
    taken from 1. All of it in the coordinates in which the start is straight, before the sigmoid
    that keeps pixels in [0, 1].
    """
    generator = torch.Generator().manual_seed(seed)
    size = picture.shape[-1]
    start, beside = (
        torch.logit(Fourier(count, size, seed=seed + k).images().detach()) for k in (0, 10**6)
    )
    end = torch.logit(picture.clamp(0.02, 0.98))[None]
    along, wide = torch.rand(2, count, 1, 1, 1, generator=generator)
    points = torch.lerp(start, end, along) + _WIDE * wide * beside
    left = (points - end).square().mean((1, 2, 3)) / (start - end).square().mean((1, 2, 3))
    return torch.sigmoid(points), 1 - left
