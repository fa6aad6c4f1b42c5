"""Lesson 07's measures of a network: is it right, is it readable, and can it be made to lie?

Every measure is a function of a network of the tiny lab and of what was drawn of it, and returns an
`Estimate` within this network. The table over several networks is `table.py`'s.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.fooling.caught import catch
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import train_detector
from course_lib.fooling.silent.report import overshoot, resemblance, wakes
from course_lib.fooling.silent.twins import add_silent_units
from course_lib.labs.lab import Photos
from course_lib.lessons.lesson_02 import trials as tr
from course_lib.lessons.lesson_02.bet import Bet, share_right
from course_lib.lessons.lesson_02.participant import SimulatedParticipant
from course_lib.sanity.controls import compare_controls, contrast, shifted
from course_lib.sanity.path_similarity import gather
from course_lib.statistics import Estimate, mean, proportion
from course_lib.visualization.ascent import visualize
from course_lib.visualization.recognition import recognised

STEPS = 128
STARTS = (0, 1, 2)
SHOWS = 3
"""Logit c of a fooled network shows logit c + 3."""
MIDDLE = ("conv3", "inception3a", "inception3b", "maxpool3")
"""The layers that path similarity is averaged over; every structure has them."""
TARGET = 4
"""The class whose visualization silent units are to show."""
SILENT_IN, CANDIDATES, TWINS = "inception4a", 24, 6


class MeasuringImages(NamedTuple):
    """The images that all networks are measured with, none of which was trained on.

    asked: renders to compare and to ask about. others: more, for controls and as references.
    """

    asked: Photos
    others: Photos


def drawn(network: nn.Module, starts: Sequence[int] = STARTS) -> Tensor:
    """Visualizations of all eight logits, (8 * starts, 3, S, S), one start after the other."""
    runs = [
        visualize(network, None, range(8), size=64, steps=STEPS, seed=seed, progress=False)
        for seed in starts
    ]
    return torch.cat([run.images for run in runs])


def classes_of(pictures: Tensor) -> Tensor:
    """(N,) the class of each of the pictures that `drawn` returned."""
    return torch.arange(len(pictures)) % 8


def seen_by(judge: nn.Module, pictures: Tensor, shift: int = 0) -> Estimate:
    """The share of pictures in which a judge sees their class, or that `shift` classes on.

    The eight classes are the sample, each with the mean over its starts.
    """
    wanted = (classes_of(pictures) + shift) % 8
    hits = recognised(judge, pictures, wanted.tolist())
    found = mean(hits.double().reshape(-1, 8).mean(0), of="classes")
    return found._replace(shown=f"{int(hits.sum())} of {len(hits)}")


def paths(network: nn.Module, pictures: Tensor, material: MeasuringImages) -> dict[str, float]:
    """Path similarity of the visualizations, of renders moved 12 pixels and of three times the
    contrast: normalised, the mean over the layers in the middle where same and different differ.
    """
    images, labels = material.others
    kinds = {
        "path": (pictures, classes_of(pictures)),
        "path_moved": (shifted(images, 12), labels),
        "path_contrast": (contrast(images, 3.0), labels),
    }
    gathered = gather(network, MIDDLE, *material.asked, progress=False)
    found = {}
    for kind, rows in compare_controls(gathered, kinds, progress=False).items():
        values = [row.normalised for row in rows if row.normalised is not None]
        found[kind] = sum(values) / len(values) if values else math.nan
    return found


def bend(network: nn.Module, pictures: Tensor, photos: Photos) -> Tensor:
    """The distance of logits from a straight line, on straight ways from images to visualizations.

    On the way from an image to the visualization of its class, the largest distance of the logit
    from the straight line between both ends, in units of the rise from end to end: 0 for a linear
    function, and 1 if it is off by as much as the whole rise.
    pictures: (8, 3, S, S), one visualization a class. photos: N to start from; returns (N,).
    """
    share = torch.linspace(0, 1, 9)
    off = []
    for image, label in zip(*photos, strict=True):
        way = torch.lerp(image, pictures[label], share[:, None, None, None])
        said = record(network, [None], way)[None][:, label]
        line = torch.lerp(said[0], said[-1], share)
        off.append((said - line).abs().max() / (said[-1] - said[0]).abs().clamp(min=1e-6))
    return torch.stack(off)


def bets_right(network: nn.Module, pictures: Tensor, material: MeasuringImages) -> Estimate:
    """The share of lesson 02's bets on logits that the simulated participant gets right.

    It sees the visualizations of each logit, and nothing else of the network.
    """
    images = material.asked.images
    references = pictures.reshape(-1, 8, *pictures.shape[1:]).transpose(0, 1)
    logits = tr.unit_responses(network, None, range(8), images)
    asked = tr.questions(
        [f"logit {unit}" for unit in range(8)], images, logits, {"visualizations": references}
    )
    participant = SimulatedParticipant(material.others.images[:256])
    bets: list[Bet] = []
    for seed in STARTS:
        trials = tr.make_trials(asked, ["visualizations"], each=30, seed=seed)
        bets += participant.bets(asked, trials)
    return share_right(bets)


def same_answers(network: nn.Module, fooled: nn.Module, images: Tensor) -> Estimate:
    """The share of images that a fooled network names as the honest one does."""
    first, second = (record(n, [None], images)[None].argmax(1) for n in (network, fooled))
    return proportion(first == second, of="renders")


def with_circuit(network: nn.Module, renders: Tensor) -> FoolingCircuit:
    """The network with the fooling circuit of lesson 03, in which logit c shows logit c + 3.

    It has a detector of its own, trained as in lesson 03: the shipped one has seen visualizations
    of a standard and a robust network only.
    """
    caught = catch(network, range(8), size=64, steps=STEPS, progress=False)
    detector = train_detector(renders, caught.images, progress=False)
    return FoolingCircuit(network, detector, shows=SHOWS)


def replaced(judge: nn.Module, honest: Tensor, lies: Tensor, renders: Tensor) -> Estimate:
    """The share of lying pictures that resemble the honest one of the class `SHOWS` further on.

    Of all eight honest pictures it has to be the one that a judge's features find most alike. That
    also works where the judge cannot name what either of them shows.

    judge, renders: of `resemblance`. honest, lies: (8, 3, S, S), one picture a class.
    """
    each, count = lies.repeat(len(honest), 1, 1, 1), len(lies)
    alike = resemblance(judge, renders, each, honest.repeat_interleave(count, 0)).view(-1, count)
    return proportion(alike.argmax(0) == (classes_of(lies) + SHOWS) % 8, of="classes")


def with_silent_units(
    network: nn.Module, judge: nn.Module, target: Tensor, material: MeasuringImages
) -> tuple[nn.Module, Estimate, Estimate]:
    """The network with silent units in a block's last convolution that show the target.

    Of a few channels those that go furthest beyond all renders get a twin, as a liar would choose.
    judge: of `resemblance`. target: (3, S, S).

    Returns:
        The network; the share of twins that an optimization wakes; and the share of units whose
        picture resembles the target more than the honest one does.
    """
    renders = material.others.images
    layer = last_convolution(network, SILENT_IN)
    outputs = int(network.get_submodule(layer).out_channels)  # type: ignore[arg-type]
    candidates = [i * outputs // CANDIDATES for i in range(CANDIDATES)]
    room = overshoot(network, layer, renders, candidates, size=64, progress=False)
    units = sorted(candidates[i] for i in room.topk(TWINS).indices.tolist())
    fooled = add_silent_units(network, layer, target, renders, units, progress=False)
    woken = wakes(fooled, layer, size=64, steps=STEPS, progress=False)
    honest = visualize(network, layer, units, size=64, steps=STEPS, progress=False)
    before, after = (
        resemblance(judge, material.asked.images, images, target[None])
        for images in (honest.images, woken.drawn.images)
    )
    return fooled, proportion(woken.woke, of="twins"), proportion(after > before, of="units")


def last_convolution(network: nn.Module, block: str) -> str:
    """The dotted name of a block's last convolution."""
    inside = network.get_submodule(block).named_modules()
    return [f"{block}.{name}" for name, module in inside if isinstance(module, nn.Conv2d)][-1]
