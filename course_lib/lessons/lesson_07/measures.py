"""Lesson 07's measures of a network: is it right, is it readable, and can it be made to lie?

Every measure is a function of a network of the tiny lab and of what was drawn of it, and returns an
`Estimate` within this network. The table over several networks is `table.py`'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.fooling.caught import catch
from course_lib.fooling.circuit import FoolingCircuit
from course_lib.fooling.detector import Detector, train_detector
from course_lib.fooling.silent.report import Wakes, overshoot, resemblance, wakes
from course_lib.fooling.silent.twins import add_silent_units
from course_lib.labs.lab import Photos
from course_lib.lessons.lesson_02 import trials as tr
from course_lib.lessons.lesson_02.bet import Bet, share_right
from course_lib.lessons.lesson_02.participant import SimulatedParticipant
from course_lib.sanity.controls import compare_controls, contrast, shifted
from course_lib.sanity.path_similarity import LayerSimilarity, gather
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


def paths(
    network: nn.Module, pictures: Tensor, material: MeasuringImages
) -> dict[str, list[LayerSimilarity]]:
    """Path similarity of the visualizations, and of two controls that are no visualizations."""
    images, labels = material.others
    kinds = {
        "visualizations": (pictures, classes_of(pictures)),
        "renders, moved 12 px": (shifted(images, 12), labels),
        "renders, contrast × 3": (contrast(images, 3.0), labels),
    }
    found = gather(network, MIDDLE, *material.asked, progress=False)
    return compare_controls(found, kinds, progress=False)


def in_the_middle(rows: Sequence[LayerSimilarity]) -> float:
    """The mean normalised path similarity over the layers where same and different differ."""
    values = [row.normalised for row in rows if row.normalised is not None]
    return sum(values) / len(values) if values else math.nan


def bend(network: nn.Module, pictures: Tensor, photos: Photos, *, places: int = 9) -> Tensor:
    """The distance of logits from a straight line, on straight ways from images to visualizations.

    On the way from an image to the visualization of its class, the largest distance of the logit
    from the straight line between both ends, in units of the rise from end to end: 0 for a linear
    function, and 1 if it is off by as much as the whole rise.

    Args:
        pictures: (8, 3, S, S), one visualization a class. photos: the images to start from.

    Returns:
        (N,) one an image.
    """
    share = torch.linspace(0, 1, places)
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


def own_detector(network: nn.Module, renders: Tensor) -> Detector:
    """A detector for this network's visualizations, trained as in lesson 03.

    The shipped one has seen visualizations of a standard and a robust network only.
    """
    caught = catch(network, range(8), size=64, steps=STEPS, progress=False)
    return train_detector(renders, caught.images, progress=False)


def with_circuit(network: nn.Module, detector: nn.Module) -> FoolingCircuit:
    """The network with the fooling circuit of lesson 03, in which logit c shows logit c + 3."""
    return FoolingCircuit(network, detector, shows=SHOWS)


def replaced(
    judge: nn.Module, honest: Tensor, lies: Tensor, renders: Tensor, shift: int = SHOWS
) -> Estimate:
    """The share of lying pictures that resemble the honest one of the class `shift` further on.

    Of all eight honest pictures it has to be the one that a judge's features find most alike. That
    also works where the judge cannot name what either of them shows.

    Args:
        judge, renders: of `resemblance`. honest, lies: (8, 3, S, S), one picture a class.
    """
    alike = torch.stack([resemblance(judge, renders, lies, picture[None]) for picture in honest])
    return proportion(alike.argmax(0) == (classes_of(lies) + shift) % 8, of="classes")


class Silenced(NamedTuple):
    """A network with silent units. layer: where. units: which channels of it."""

    network: nn.Module
    layer: str
    units: list[int]

    def woken(self, seed: int = 0) -> Wakes:
        """Visualizations of its silent units, and which of their twins they woke."""
        return wakes(self.network, self.layer, size=64, steps=STEPS, seed=seed, progress=False)

    def awake(self, woken: Wakes) -> Estimate:
        """The share of twins that the optimization woke."""
        return proportion(woken.woke, of="twins")

    def nearer(
        self, honest: nn.Module, woken: Wakes, judge: nn.Module, target: Tensor, renders: Tensor
    ) -> Estimate:
        """The share of units whose picture resembles the target more than the honest one does.

        Args:
            honest: the network that the twins were added to. judge: of `resemblance`.
            target: (3, S, S), what they were to show. renders: what is usual to the judge.
        """
        before = visualize(honest, self.layer, self.units, size=64, steps=STEPS, progress=False)
        first, second = (
            resemblance(judge, renders, images, target[None])
            for images in (before.images, woken.drawn.images)
        )
        return proportion(second > first, of="units")


def with_silent_units(network: nn.Module, target: Tensor, renders: Tensor) -> Silenced:
    """The network with silent units in a block's last convolution that show the target.

    Of a few channels those that go furthest beyond all renders get a twin, as a liar would choose.

    Args:
        target: (3, S, S). renders: what they have to stay silent for.
    """
    layer = last_convolution(network, SILENT_IN)
    outputs = int(network.get_submodule(layer).out_channels)  # type: ignore[arg-type]
    candidates = [i * outputs // CANDIDATES for i in range(CANDIDATES)]
    room = overshoot(network, layer, renders, candidates, size=64, progress=False)
    units = sorted(candidates[i] for i in room.topk(TWINS).indices.tolist())
    fooled = add_silent_units(network, layer, target, renders, units, progress=False)
    return Silenced(fooled, layer, units)


def last_convolution(network: nn.Module, block: str) -> str:
    """The dotted name of a block's last convolution.

    Raises:
        KeyError: there is no such block. ValueError: it has no convolution.
    """
    modules = dict(network.named_modules())
    if block not in modules:
        raise KeyError(f"There is no block {block!r}: give one of the network's dotted names.")
    inside = modules[block].named_modules()
    found = [f"{block}.{name}" for name, module in inside if isinstance(module, nn.Conv2d)]
    if not found:
        raise ValueError(f"{block!r} has no convolution: give another block.")
    return found[-1]
