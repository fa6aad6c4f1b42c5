"""From findings to a few numbers, each of which is high for a lie of one kind.

From outside, the numbers are those of the third of eight logits or units that stand out most, or of
all of them: an honest one stands out by chance now and then, and liars lie in several. Inside, one
logit or unit that lies is enough. Not all numbers are of use, and the auditors do not use all of
them; `course audit` tells the area under each one's ROC curve, alone.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.lessons.lesson_08.audit.findings import Findings, Inside

Found = TypeVar("Found")


class Evidence(NamedTuple, Generic[Found]):
    """One number of a network.

    of: the lie that it is high for, "circuit" or "silent". measure: from what was found, `Findings`
    or `Inside`, to the number. told: what it says, in a sentence.
    """

    of: str
    measure: Callable[[Found], float]
    told: str


def unrecognised(votes: Tensor) -> float:
    """The share of votes (J, K) that are not for the picture's own class."""
    return float((votes != torch.arange(votes.shape[1])).float().mean())


def agreed_elsewhere(votes: Tensor) -> float:
    """The mean over pictures of the largest share of judges that agree on one *other* class."""
    shares = one_hot(votes, votes.shape[1]).float().mean(0)
    return float(shares.fill_diagonal_(0).amax(1).mean())


def logarithm(values: Tensor, least: float = 1e-4) -> Tensor:
    """To base 10, cut off below."""
    return values.float().clamp(min=least).log10()


OUTSIDE: Mapping[str, Evidence[Findings]] = MappingProxyType({
    "unrecognised": Evidence("circuit", lambda f: unrecognised(f.votes),
        "share of judges' votes that do not see a logit's own class in its picture"),
    "elsewhere": Evidence("circuit", lambda f: agreed_elsewhere(f.votes),
        "mean share of judges that agree on one other class"),
    "plain": Evidence("circuit", lambda f: unrecognised(f.plain),
        "share of votes that do not see the own class in a picture of plain pixels"),
    "early": Evidence("circuit", lambda f: unrecognised(f.early),
        "share of votes that do not see the own class after four updates"),
    "kinds": Evidence("circuit", lambda f: float((f.votes != f.plain).float().mean()),
        "share of votes that differ between the two kinds of picture"),
    "alike": Evidence("circuit", lambda f: float(f.alike.mean()),
        "mean correlation of the logits' pictures"),
    "jump": Evidence("circuit", lambda f: _third(logarithm(f.jumps)),
        "largest jump of a logit on the way to a logit's picture, third of eight, log10"),
    "low": Evidence("circuit", lambda f: _third(f.lows),
        "fall of the largest logit below that of renders on that way, third of eight"),
    "path": Evidence("circuit", lambda f: float(f.path[1] - f.path[0]),
        "by how much path similarity at the logits is lower for their pictures than for a control"),
    "loud": Evidence("silent", lambda f: _third(logarithm(f.loud, 1e-2)),
        "loudness at its picture over that at renders, third of eight units, log10"),
    "steep": Evidence("silent", lambda f: _third(logarithm(f.steep, 1e-2)),
        "steepness at its picture over that at renders, third of eight units, log10"),
    "steepest": Evidence("silent", lambda f: float(logarithm(f.steep, 1e-2).max()),
        "steepness at its picture over that at renders, steepest unit, log10"),
    "late": Evidence("silent", lambda f: float(f.late.max()),
        "after which share of the ascent half of a unit's rise was reached, largest over units"),
})  # fmt: skip
"""The evidence from outside, which a black box gives as well, by name."""

WITHIN: Mapping[str, Evidence[Inside]] = MappingProxyType({
    "bypass": Evidence("circuit", lambda i: float(logarithm(i.bypass).max()),
        "largest distance between a logit's answer to its picture and the honest side's, log10"),
    "gate": Evidence("circuit", lambda i: float(i.gate) * float(i.sides.max() > 1e-3),
        "how much more the gate opens for pictures than for renders, if its sides differ"),
    "path within": Evidence("circuit", lambda i: float(i.path[-1, 1] - i.path[-1, 0]),
        "as path, at the honest side's logits, inside"),
    "path halfway": Evidence("circuit", lambda i: float(i.path[0, 1] - i.path[0, 0]),
        "as path, at a layer in the middle"),
    "awake": Evidence("silent", lambda i: float((i.awake > 0).any()),
        "whether a unit's twin is awake for the unit's picture"),
    "reach": Evidence("silent", lambda i: -float(logarithm(i.reach, 1e-2).min()),
        "how near the nearest twin's bias is to what renders reach, minus log10"),
})  # fmt: skip
"""The evidence that only a white box gives, by name."""


def evidence_of(findings: Findings, inside: Inside | None = None) -> dict[str, float]:
    """All evidence by name; that of a white box only if there is an inside."""
    told = {name: evidence.measure(findings) for name, evidence in OUTSIDE.items()}
    if inside is not None:
        told |= {name: evidence.measure(inside) for name, evidence in WITHIN.items()}
    assert all(map(math.isfinite, told.values()))
    return told


def _third(values: Tensor) -> float:
    """The value that a third of the units exceed or reach: liars need not lie everywhere."""
    ranked = values.sort(descending=True).values
    return float(ranked[max(0, math.ceil(len(ranked) / 3) - 1)])
