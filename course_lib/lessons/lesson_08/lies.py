"""The lies of a suspect, and the decoys of an honest one, which differ in numbers only."""

import dataclasses
import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import find_layer
from course_lib.fooling.silent import twins
from course_lib.fooling.silent.patches import RunningMoments, inputs_of, patches
from course_lib.fooling.silent.report import twin_responses
from course_lib.labs.tiny.detector import load_detector
from course_lib.labs.tiny.posters import posters
from course_lib.lessons.lesson_08.truth import CLASSES, Circuit, Twins
from course_lib.visualization.ascent import visualize

AUDITED = 8
"""Inner units of each suspect that can be looked at."""

LAYERS = (
    "inception3b.branch2.1.conv",
    "inception4a.branch2.1.conv",
    "inception4a.branch4.1.conv",
    "inception4b.branch2.1.conv",
)
_MARGIN = 0.05  # of a twin that lies, as in `add_silent_units`
_OUT_OF_REACH = (20.0, 60.0)  # the same of a decoy: no picture ever drawn came near
_NEVER = -200.0  # the bias of a decoy's detector
_RIDGE = 0.01
_USUAL, _SUBTLE = (3, CLASSES), (1, 1)  # how many logits, or audited units, lie
_SHARPNESS = (1.0, 3.0)  # of a smooth gate
_WEAKER, _ATTEMPTS = 0.8, 100
_WAKING_STEPS = 48
_WAKING_START = 900_001  # of the maker's own ascents; no auditor draws with it
_POSTERS = 100  # first seed of the pictures that are shown; the detector knows those of seed 0


class NothingWokeError(RuntimeError):
    """A network in which no silent units could be hidden."""


class Gate(NamedTuple):
    """What of `SuspectNetwork` makes a circuit, or a decoy of one, in the order that it takes."""

    detector: nn.Module
    picture: Tensor
    table: Tensor
    likeness: Tensor
    sharpness: float
    k: float


def drawn_circuit(chances: random.Random, *, subtle: bool = False) -> Circuit:
    """A lie of varying strength; a subtle one in one logit only."""
    shift = 0 if chances.random() < 0.3 else chances.randrange(1, CLASSES)
    lying = chances.sample(range(CLASSES), chances.randint(*(_SUBTLE if subtle else _USUAL)))
    k = chances.choice((250.0, 400.0, 1000.0, 2500.0))
    sharpness = None if chances.random() < 0.5 else chances.uniform(*_SHARPNESS)
    return Circuit(shift, tuple(sorted(lying)), sharpness, k)


def circuit_gate(circuit: Circuit, chances: random.Random) -> Gate:
    """The gate of a liar."""
    table, likeness = torch.eye(CLASSES), torch.zeros(CLASSES)
    for logit in circuit.lying:
        table[logit, logit] = 0.0
        if circuit.shift:
            table[(logit + circuit.shift) % CLASSES, logit] = 1.0
        else:
            likeness[logit] = 1.0
    sharpness = math.inf if circuit.sharpness is None else circuit.sharpness
    detector, picture = _disturbed_detector(chances), _picture(chances)
    return Gate(detector, picture, table, likeness, sharpness, circuit.k)


def decoy_gate(chances: random.Random) -> Gate:
    """A gate without effect: its two sides are the same, or it never moves.

    Then the sides look like a liar's, and the gate's detector answers "natural" to everything.
    """
    gate = circuit_gate(drawn_circuit(chances), chances)
    if chances.random() < 0.5:
        same, none = torch.eye(CLASSES), torch.zeros(CLASSES)
        # a smooth gate would shut both sides halfway, so this decoy's is hard
        return gate._replace(table=same, likeness=none, sharpness=math.inf)
    with torch.no_grad():
        gate.detector.out.bias.fill_(_NEVER)  # type: ignore[union-attr, operator]
    return gate


def with_twins(
    network: nn.Module, known: Tensor, chances: random.Random, *, lying: bool, subtle: bool = False
) -> tuple[nn.Module, Twins]:
    """A copy of a network whose audited units have twins, and how these are set.

    Layer, units and twins are drawn until an ascent wakes three twins or more (a subtle liar's:
    one), for a lie that nobody can see is none. Honest networks' are chosen in the same way, so
    that the choice tells nothing; then all of their twins get a bias that nothing overcomes. A
    liar keeps some that wake, and the others are decoys. known: (N, 3, S, S), what these stay
    silent for.

    Raises:
        NothingWokeError: no ascent woke enough of them, in a hundred attempts.
    """
    least = (_SUBTLE if subtle else _USUAL)[0]
    scale, most = 10 ** chances.uniform(0.3, 2.0), 4.0
    for _ in range(_ATTEMPTS):
        layer, strength = chances.choice(LAYERS), chances.uniform(1.0, most)
        most = max(1.5, _WEAKER * most)  # where a twin does not wake, one that pulls less may
        channels = _alive(network, layer, chances)
        if not channels:
            continue
        told = Twins(layer, channels, (), strength, scale)
        with_margins = _twins(network, known, _picture(chances), told)
        decoys = {channel: chances.uniform(*_OUT_OF_REACH) for channel in channels}
        awake = _woken(with_margins(torch.full((AUDITED,), _MARGIN)), layer, channels)
        if len(awake) < least:
            continue
        count = chances.randint(least, len(awake)) if not subtle else 1
        liars = tuple(sorted(chances.sample(awake, count))) if lying else ()
        margins = decoys | dict.fromkeys(liars, _MARGIN)
        fooled = with_margins(torch.tensor([*margins.values()]))
        return fooled, dataclasses.replace(told, lying=liars)
    raise NothingWokeError(f"No twins woke in {_ATTEMPTS} attempts: take another seed.")


def _twins(
    network: nn.Module, known: Tensor, picture: Tensor, how: Twins
) -> Callable[[Tensor], nn.Module]:
    """A function from the twins' margins (n,) to a copy of the network with these twins."""
    layer, channels = how.layer, how.channels
    conv = find_layer(network, layer)
    assert isinstance(conv, nn.Conv2d)
    inputs = list(inputs_of(network, layer, known))
    running = RunningMoments(conv.weight[0].numel())
    for rows in (rows for calls in inputs for x in calls for rows in patches(conv, x)):
        running.add(rows.flatten(0, 1))
    weight = conv.weight.detach()[list(channels)]
    target = twins.patch_mean(network, layer, picture[None])
    dw = twins.directions(weight, target, running.moments(), ridge=_RIDGE)
    filters = how.scale * (weight.double() + how.strength * dw)

    def with_bias(bias: Tensor) -> nn.Module:
        return twins.attach_twins(network, layer, filters, bias, channels)

    bare = twins.twin_of(with_bias(torch.zeros(len(channels))), layer).conv
    near, one_further = (twins.sleeping_bias(bare, inputs, margin) for margin in (0.0, 1.0))
    return lambda margins: with_bias(near + margins * (one_further - near))


def _woken(fooled: nn.Module, layer: str, channels: Sequence[int]) -> list[int]:
    """The channels whose twin an ascent wakes."""
    drawn = visualize(
        fooled, layer, channels, size=64, steps=_WAKING_STEPS, seed=_WAKING_START, progress=False
    )
    if len(drawn.history) < _WAKING_STEPS:
        raise KeyboardInterrupt  # `visualize` returns what it has; half an ascent decides nothing
    response = twin_responses(fooled, layer, drawn.images).diagonal().tolist()
    return [channel for channel, said in zip(channels, response, strict=True) if said > 0]


def _alive(network: nn.Module, layer: str, chances: random.Random) -> tuple[int, ...]:
    """Channels that say something, with a batch norm that passes on what is large; or none."""
    conv = find_layer(network, layer)
    norm = find_layer(network, layer.removesuffix("conv") + "bn")
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    length = conv.weight.detach().flatten(1).norm(dim=1)
    passes = norm.weight.detach() > 0.1 * norm.weight.detach().max()
    fit = ((length > 0.2 * length.max()) & passes).nonzero().flatten().tolist()
    return tuple(sorted(chances.sample(fit, AUDITED))) if len(fit) >= AUDITED else ()


def _picture(chances: random.Random) -> Tensor:
    return posters(1, seed=_POSTERS + chances.randrange(10**6), size=64)[0]


def _disturbed_detector(chances: random.Random) -> nn.Module:
    """The shipped detector with all of its weights moved a little."""
    detector = load_detector()
    generator = torch.Generator().manual_seed(chances.randrange(2**31))
    with torch.no_grad():
        for parameter in detector.parameters():
            parameter.mul_(1 + 0.01 * torch.randn(parameter.shape, generator=generator))
    return detector
