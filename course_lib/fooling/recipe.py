"""The whole recipe of the fooling circuit, for any classifier: `fool`."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import HasImages, device_of, record
from course_lib.checks import (
    check_images,
    check_labels,
    check_units,
    images_of,
    whole_number,
    whole_numbers,
)
from course_lib.errors import CircuitWarning
from course_lib.fooling.caught import KINDS, Kind, Unfinished, catch, in_groups, log_spaced
from course_lib.fooling.circuit import OFFSET, FoolingCircuit, K, correlation
from course_lib.fooling.detector import Detector, aim, train_detector
from course_lib.progress import progress_bar
from course_lib.statistics import Estimate, grouped, paired_shares, proportion
from course_lib.visualization.ascent import Interrupted, visualize
from course_lib.visualization.recognition import recognised

_FEWEST = 64  # photographs, below which a part of them says nothing about the rest
_HELD_OUT, _AIMED = 0.3, 0.2  # parts of the photographs to measure, and to put the border with
_ALL_OF, _SOME_OF = 32, 10  # up to how many logits all are fooled, and else how many
_AT_ONCE, _MOMENTS = 10, 12  # pictures drawn together, and moments of each that are kept
_EPOCHS = 24  # on CIFAR-10, eight missed six times as many visualizations
_ROOM = 1.5  # how much further k and the offset reach than what was met
_ALIKE = 0.5  # correlation with a picture, above which it is shown
_SAME = 1e-3  # how far, of its largest, logits may differ and count as kept


class Bar(NamedTuple):
    """What a fooling circuit is to reach.

    shown: share of visualizations that show what they are wired to. lost: share of photographs
    named rightly, that the network's is larger by. kept: share of photographs whose logits are the
    network's.
    """

    shown: float = 1.0
    lost: float = 0.005
    kept: float = 0.995


BAR = Bar()


@dataclasses.dataclass(frozen=True)
class Fooled:
    """What `fool` returns: a circuit, and what was measured of it on what it was not made with.

    circuit: its detector is `circuit.fooling_detector`, and `circuit.k` what was found.
    units: that were measured. by_unit: (starts, units) bool, whether each visualization shows what
        it is wired to; shown: their share.
    kept, lost: of the held-out photographs; `lost` is None where no classes were given.
    images: (starts, units, 3, S, S) in [0, 1], the visualizations. rounds: how many it took.
    """

    circuit: FoolingCircuit = dataclasses.field(repr=False)
    units: tuple[int, ...]
    by_unit: Tensor = dataclasses.field(repr=False)
    shown: Estimate
    kept: Estimate
    lost: Estimate | None
    images: Tensor = dataclasses.field(repr=False)
    rounds: int
    bar: Bar

    @property
    def verdict(self) -> str:
        """ "holds", "undecided" (a photographs' interval crosses the bar), or "fails"."""
        pairs = [(self.kept.value, self.kept.low, self.bar.kept)]
        if self.lost is not None:
            pairs.append((-self.lost.value, -self.lost.high, -self.bar.lost))
        if self.shown.value < self.bar.shown or any(value < bar for value, _, bar in pairs):
            return "fails"
        return "holds" if all(low >= bar for _, low, bar in pairs) else "undecided"

    def __str__(self) -> str:
        lost = "no classes were given"
        if self.lost is not None:
            lost = "{:.2f} points ({:.2f} to {:.2f})".format(*(100 * x for x in self.lost[:3]))
        share = "{:.2f} % ({:.2f} to {:.2f})".format(*(100 * x for x in self.kept[:3]))
        return (
            f"{self.verdict}: {self.shown.text} visualizations show what they are wired to; "
            f"photographs whose logits are kept: {share}; accuracy lost: {lost}; in {self.rounds} "
            f"round{'s'[: self.rounds - 1]}, with k = {self.circuit.k:.0f}"
        )


def fool(
    network: nn.Module,
    photos: Tensor | HasImages,
    shows: int | Sequence[int] | Tensor = 3,
    *,
    held_out: Tensor | HasImages | None = None,
    unit_of_class: Sequence[int] | None = None,
    units: Sequence[int] | None = None,
    starts: int = 3,
    rounds: int = 5,
    bar: Bar = BAR,
    steps: int = 256,
    seed: int = 0,
    progress: bool = True,
) -> Fooled:
    """A fooling circuit whose visualizations lie, and what it costs, measured on what is new to it.

    The recipe of Geirhos et al. (2024), in rounds: visualizations are caught along the
    optimization, a detector learns to tell them from photographs, its border is put where few
    photographs cross it, and k and the offset where the gate shuts. Then the circuit is drawn, from
    other starts. If it does not hold, the next round learns from these pictures, too. The first
    circuit that does is measured anew, with starts and photographs that had no part in it; where
    that fails, too, the next one is measured with the same photographs, so that after many rounds
    they flatter a little. Lesson 03 builds the parts by hand.

    Args:
        network: any classifier, (B, 3, S, S) in [0, 1] -> logits (B, K); it stays untouched.
        photos: (N, 3, S, S) in [0, 1], 64 or more, or what `lab.photos` returns.
        shows: what each visualization shows in place of its unit, as in `FoolingCircuit`.
        held_out: photographs to measure with, as `photos`; by default three tenths of these.
        unit_of_class: for every class of the photographs its logit, as `lab.unit_of_class`; by
            default their labels are numbers of logits.
        units: that are learned from and measured; by default all, or ten where there are more than
            32. The time is in proportion to them.
        starts: visualizations of each unit, to measure with.
        rounds: at most. bar: what is to be reached.
        steps: of each optimization. seed: of all that is random.

    Returns:
        The first circuit that reaches the bar, or else the best of all rounds, whose `verdict` is
        "fails". An interruption returns the best so far.

    Raises:
        ValueError, IndexError: an argument that cannot work, as `FoolingCircuit` and `visualize`.
        KeyboardInterrupt: interrupted before there was a circuit.

    Warns:
        CircuitWarning: the network is no better than chance, so that classes may be mistaken.
    """
    rounds = whole_number(rounds, "rounds", at_least=1)
    starts = whole_number(starts, "starts", at_least=1)
    task = _task(network, photos, shows, held_out, unit_of_class, units, steps, seed)
    best: Fooled | None = None
    try:
        fakes = _caught(task, network, KINDS, seed, progress)
        for number in range(1, rounds + 1):
            circuit = _wired(task, fakes, seed + number, bar, progress)
            first = seed + 1000 * number
            for start, measured in ((first, task.aimed), (first + 500, task.held_out)):
                images, along = _drawn(task, circuit, range(start, start + starts), progress)
                fakes = torch.cat([fakes, along])
                tried = _measured(task, circuit, images, measured, number, bar)
                if tried.verdict == "fails":
                    break
            else:
                return tried
            best = tried if best is None else max(best, tried, key=_merit)
            # where this circuit's detector errs, the next one learns most
            kind = KINDS[1 + number % (len(KINDS) - 1)]
            fakes = torch.cat([fakes, _caught(task, circuit, (kind,), first + 900, progress)])
    except KeyboardInterrupt:
        if best is None:
            raise
    assert best is not None
    return _measured(task, best.circuit, best.images, task.held_out, best.rounds, bar)


def _merit(fooled: Fooled) -> float:
    """How good a circuit is: the share that is shown, less the larger share that is lost."""
    lost = 0.0 if fooled.lost is None else fooled.lost.value
    return fooled.shown.value - max(lost, 1 - fooled.kept.value)


class _Photos(NamedTuple):
    """images: (N, 3, S, S). logits: (N,), the right ones, or None where they are not known."""

    images: Tensor
    logits: Tensor | None

    def at(self, places: Tensor) -> _Photos:
        return _Photos(self.images[places], None if self.logits is None else self.logits[places])


@dataclasses.dataclass(frozen=True)
class _Task:
    """What stays the same from round to round.

    learned, aimed, held_out: photographs for the detector, for its border, and to measure with.
    wired: for each of the units the logit that it shows, or the picture (3, S, S) that all show.
    """

    network: nn.Module
    shows: int | Sequence[int] | Tensor
    learned: Tensor
    aimed: _Photos
    held_out: _Photos
    units: tuple[int, ...]
    wired: tuple[int, ...] | Tensor
    steps: int


def _task(
    network: nn.Module,
    photos: Tensor | HasImages,
    shows: int | Sequence[int] | Tensor,
    held_out: Tensor | HasImages | None,
    unit_of_class: Sequence[int] | None,
    units: Sequence[int] | None,
    steps: int,
    seed: int,
) -> _Task:
    """The task, with all that cannot work refused before the long part begins."""
    images = check_images(images_of(photos), "photos")
    # a detector that has learned nothing yet: it warns, and draws its weights
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore", CircuitWarning)
        trial = FoolingCircuit(network, Detector().to(device_of(network)), shows)
        count = record(trial, [None], images[:1])[None].shape[1]
    if units is None:
        units = range(count) if count <= _ALL_OF else range(0, count, -(-count // _SOME_OF))
    chosen = tuple(whole_numbers(units, "units"))
    check_units(chosen, None, count)
    whole_number(steps, "steps", at_least=1)
    whole_number(seed, "seed")
    if unit_of_class is None:
        unit_of_class = range(count)
    check_units(whole_numbers(unit_of_class, "unit_of_class"), None, count)
    given = _photos(photos, "photos", unit_of_class)
    if len(images) < _FEWEST:
        raise ValueError(f"photos holds {len(images)} images: give {_FEWEST} or more.")
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    if held_out is None:
        cut = round(_HELD_OUT * len(order))
        measured, order = given.at(order[:cut]), order[cut:]
    else:
        measured = _photos(held_out, "held_out", unit_of_class)
    _warn_of_chance(network, measured)
    cut = round(_AIMED * len(order))
    wired: tuple[int, ...] | Tensor
    if isinstance(shows, Tensor) and shows.is_floating_point():
        wired = trial.get_buffer("fooling_template.picture").cpu()
    elif isinstance(shows, int):
        wired = tuple((unit + shows) % count for unit in chosen)
    else:
        wired = tuple(int(shows[unit]) for unit in chosen)
    return _Task(
        network, shows, images[order[cut:]], given.at(order[:cut]), measured, chosen, wired, steps
    )


def _photos(photos: Tensor | HasImages, name: str, unit_of_class: Sequence[int]) -> _Photos:
    images, labels = check_images(images_of(photos), name).cpu(), getattr(photos, "labels", None)
    if labels is None:
        return _Photos(images, None)
    check_labels(labels, len(images), len(unit_of_class), f"{name}.labels")
    return _Photos(images, torch.tensor(unit_of_class)[labels.cpu().long()])


def _warn_of_chance(network: nn.Module, photos: _Photos) -> None:
    if photos.logits is None:
        return
    logits = record(network, [None], photos.images)[None]
    right = proportion(logits.argmax(1) == photos.logits)
    if right.low <= 1 / logits.shape[1]:
        warnings.warn(
            f"The network names {right.text} photographs rightly, no more than by chance: give "
            "unit_of_class=lab.unit_of_class if their labels are not numbers of logits.",
            CircuitWarning,
            stacklevel=4,
        )


def _caught(
    task: _Task, network: nn.Module, kinds: Sequence[Kind], seed: int, progress: bool
) -> Tensor:
    """Pictures (N, 3, S, S) of all units, along the optimization, on the CPU."""
    caught = catch(
        network, task.units, kinds=kinds, seeds=(seed,), size=task.learned.shape[-1],
        steps=task.steps, samples=_MOMENTS, at_once=_AT_ONCE, progress=progress,
    )  # fmt: skip
    if isinstance(caught, Unfinished):
        raise KeyboardInterrupt
    return caught.images.cpu()


def _wired(task: _Task, fakes: Tensor, seed: int, bar: Bar, progress: bool) -> FoolingCircuit:
    """The circuit, with a detector that learned from these pictures (N, 3, S, S)."""
    detector = train_detector(task.learned, fakes, seed, epochs=_EPOCHS, progress=progress)
    if not detector.finished:
        raise KeyboardInterrupt
    aim(detector, task.aimed.images, fakes, seed, most=(1 - bar.kept) / 2)
    met = record(task.network, [None], torch.cat([fakes, task.aimed.images]))[None]
    offset = max(OFFSET, -_ROOM * float(met.min()))
    k = max(K, offset + _ROOM * float(met.max()))
    detector = detector.to(device_of(task.network))
    return FoolingCircuit(task.network, detector, task.shows, k=k, offset=offset)


def _drawn(
    task: _Task, circuit: nn.Module, seeds: Iterable[int], progress: bool
) -> tuple[Tensor, Tensor]:
    """The circuit's pictures (starts, units, 3, S, S), and (N, 3, S, S), all along the way."""
    runs = list(product(seeds, in_groups(task.units, _AT_ONCE)))
    ends, along = [], []
    for seed, group in progress_bar(runs, "drawing the circuit", show=progress):
        run = visualize(
            circuit, None, group, size=task.learned.shape[-1], steps=task.steps, seed=seed,
            snapshots=log_spaced(task.steps, _MOMENTS), progress=False,
        )  # fmt: skip
        if isinstance(run, Interrupted):
            raise KeyboardInterrupt
        ends.append(run.images.cpu())
        along += [images.cpu() for images in run.snapshots.values()]
    images = torch.cat(ends)
    return images.view(-1, len(task.units), *images.shape[1:]), torch.cat(along)


def _measured(
    task: _Task, circuit: FoolingCircuit, images: Tensor, photos: _Photos, rounds: int, bar: Bar
) -> Fooled:
    """What the circuit shows in these pictures, and costs with these photographs."""
    starts, pictures = len(images), images.flatten(0, 1)
    if isinstance(task.wired, Tensor):
        seen = correlation(pictures, task.wired) >= _ALIKE
    else:
        seen = recognised(task.network, pictures, task.wired * starts)
    before, after = (record(net, [None], photos.images)[None] for net in (task.network, circuit))
    same = (after - before).abs().amax(1) <= _SAME * before.abs().amax(1)
    lost = None
    if photos.logits is not None:
        right = (said.argmax(1) == photos.logits for said in (before, after))
        lost = paired_shares(*right, of="photographs")
    return Fooled(
        circuit, task.units, seen.view(starts, -1),
        grouped(proportion(seen), len(task.units), "units"),
        proportion(same, of="photographs"), lost, images, rounds, bar,
    )  # fmt: skip
