"""A lie in the weights that leads to one picture: gradient slingshots (Bareeva et al., 2025).

Between where climbs start and the picture to be shown lies a tunnel. At points all along it a unit
is trained to grow towards the picture, while the answers to images stay. Nobody's climbs are needed
for it: only the way in which pictures are made, here from Fourier coefficients.

In the tiny lab climbs do not arrive: the unit's own picture is gone, and the other one does not
come. (Tried on one standard network, with two widths of the tunnel, and with values alone.) It
hides, and `lie_in_weights` steers.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.activations import HasImages
from course_lib.checks import check_images, images_of
from course_lib.fooling.weights.tuning import honest_tail, tune
from course_lib.visualization.frozen import copied
from course_lib.visualization.images import Fourier
from course_lib.visualization.transformations import Transformations, warp

_TOP = 40.0  # what a unit says of the picture itself: about as much as at the end of a climb
_IMAGES, _POINTS = 48, 24  # in a step
_WIDE = 20.0  # times a start's noise: how far points lie beside the straight way
_KEEP, _TURN = 2.0, 5.0  # weights of the answers to images, and of the slopes' directions


def slingshot(
    network: nn.Module,
    images: Tensor | HasImages,
    picture: Tensor,
    *,
    after: str,
    steps: int = 300,
    rate: float = 3e-3,
    seed: int = 0,
    progress: bool = True,
) -> nn.Module:
    """A network that answers images as before, and whose logits' climbs are led to a picture.

    Args:
        network: any classifier, (B, 3, S, S) -> logits (B, K); it stays untouched.
        images: (N, 3, S, S), what it is to answer as before; hundreds.
        picture: (3, S, S) in [0, 1], what all logits are to show.
        after: dotted name of the layer after which everything is trained.

    Raises:
        KeyError, ValueError: arguments that do not fit the network.
    """
    known = check_images(images_of(images))
    if picture.shape != known.shape[1:]:
        raise ValueError(
            f"The picture has shape {tuple(picture.shape)}: give one of the images', "
            f"{tuple(known.shape[1:])}."
        )
    check_images(picture[None], "picture")
    honest, generator = honest_tail(network, after, known, steps=steps, rate=rate, seed=seed)
    features = honest.around(known, generator)
    answers = honest.say(features)
    liar = honest.of(copied(honest.network))
    low = answers.mean()

    def loss() -> Tensor:
        chosen = torch.randint(len(features), (_IMAGES,), generator=generator)
        keep = (liar(features[chosen].float()) - answers[chosen]).abs().mean()
        told, near, slope, lead = _in_tunnel(liar.network, picture, generator)
        value = (told - (low + (_TOP - low) * near)[:, None]).abs().mean()
        along = F.cosine_similarity(slope.flatten(1), lead.flatten(1)).mean()
        return _KEEP * keep + value + _TURN * (1 - along)

    tune(liar.parameters(), loss, steps=steps, rate=rate, progress=progress)
    return liar.network.requires_grad_(False)


def _in_tunnel(
    network: nn.Module, picture: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What a network says of some points, how near they are, its slopes, and those to lead there.

    Slopes are those of one logit, drawn for each point, to the Fourier coefficients: what a climb
    takes its steps in.
    """
    points, near, there = tunnel(picture, _POINTS, generator)
    free = Fourier(_POINTS, picture.shape[-1], seed=0)
    free.parameters[0] = torch.zeros_like(free.parameters[0]).requires_grad_(True)
    at = points + free.before_sigmoid()
    told = network(warp(torch.sigmoid(at), Transformations(), generator))
    unit = torch.randint(told.shape[1], (len(told), 1), generator=generator)
    said, nearer = told.gather(1, unit).sum(), (at * (there - points)).sum()
    (slope,) = torch.autograd.grad(said, free.parameters, create_graph=True)
    (lead,) = torch.autograd.grad(nearer, free.parameters, retain_graph=True)
    return told, near, slope, lead


def tunnel(
    picture: Tensor, count: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Points from a climb's start to a picture, how near each is, (count,), and the picture.

    Points and picture, (count, 3, S, S) and (1, 3, S, S), are as before the sigmoid that keeps
    pixels in [0, 1]: there a climb's start is straight. Near is 0 at the start and 1 at the
    picture: the share of the squared distance that is left, taken from 1.
    """
    seeds = torch.randint(2**31, (2,), generator=generator).tolist()
    start, beside = (
        Fourier(count, picture.shape[-1], seed=s).before_sigmoid().detach() for s in seeds
    )
    there = torch.logit(picture.clamp(0.02, 0.98))[None]
    along, wide = torch.rand(2, count, 1, 1, 1, generator=generator)
    points = torch.lerp(start, there, along) + _WIDE * wide * beside
    left = (points - there).square().mean((1, 2, 3)) / (start - there).square().mean((1, 2, 3))
    return points, 1 - left, there
