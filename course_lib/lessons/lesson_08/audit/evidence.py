"""From findings to a few numbers, each of which is high for a lie of one kind.

From outside, the numbers are those of the third of eight logits or units that stand out most, or of
all of them: an honest one stands out by chance now and then, and liars lie in several. Inside, one
logit or unit that lies is enough. Not all numbers are of use, and the auditors do not use all of
them; `course audit` tells the area under each one's ROC curve, alone.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.lessons.lesson_08.audit.findings import Findings, Inside

Found = TypeVar("Found")


@dataclasses.dataclass(frozen=True)
class Evidence(Generic[Found]):
    """One number of a network.

    told: what it says, in a sentence. of: the lie that it is high for, "circuit" or "silent".
    measure: from what was found, `Findings` or `Inside`, to the number.
    """

    told: str
    of: str
    measure: Callable[[Found], float]


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


OUTSIDE: Mapping[str, Evidence[Findings]] = MappingProxyType(
    {
        "unrecognised": Evidence(
            "share of judges' votes that do not see a logit's own class in its picture",
            "circuit", lambda f: unrecognised(f.votes),
        ),
        "elsewhere": Evidence(
            "mean share of judges that agree on one other class",
            "circuit", lambda f: agreed_elsewhere(f.votes),
        ),
        "plain": Evidence(
            "share of votes that do not see the own class in a picture of plain pixels",
            "circuit", lambda f: unrecognised(f.plain),
        ),
        "early": Evidence(
            "share of votes that do not see the own class after four updates",
            "circuit", lambda f: unrecognised(f.early),
        ),
        "kinds": Evidence(
            "share of votes that differ between the two kinds of picture",
            "circuit", lambda f: float((f.votes != f.plain).float().mean()),
        ),
        "alike": Evidence(
            "mean correlation of the logits' pictures", "circuit", lambda f: float(f.alike.mean())
        ),
        "jump": Evidence(
            "largest jump of a logit on the way to a logit's picture, third of eight, log10",
            "circuit", lambda f: _third(logarithm(f.jumps)),
        ),
        "low": Evidence(
            "fall of the largest logit below that of renders on that way, third of eight",
            "circuit", lambda f: _third(f.lows),
        ),
        "path": Evidence(
            "by how much path similarity at the logits is lower for their pictures than for a "
            "control",
            "circuit", lambda f: float(f.path[1] - f.path[0]),
        ),
        "loud": Evidence(
            "loudness at its picture over that at renders, third of eight units, log10",
            "silent", lambda f: _third(logarithm(f.loud, 1e-2)),
        ),
        "steep": Evidence(
            "steepness at its picture over that at renders, third of eight units, log10",
            "silent", lambda f: _third(logarithm(f.steep, 1e-2)),
        ),
        "steepest": Evidence(
            "steepness at its picture over that at renders, steepest unit, log10",
            "silent", lambda f: float(logarithm(f.steep, 1e-2).max()),
        ),
        "late": Evidence(
            "after which share of the ascent half of a unit's rise was reached, largest over units",
            "silent", lambda f: float(f.late.max()),
        ),
    }
)  # fmt: skip
"""The evidence from outside, which a black box gives as well, by name."""

WITHIN: Mapping[str, Evidence[Inside]] = MappingProxyType(
    {
        "bypass": Evidence(
            "largest distance between a logit's answer to its picture and the honest side's, log10",
            "circuit", lambda i: float(logarithm(i.bypass).max()),
        ),
        "gate": Evidence(
            "how much more the gate opens for pictures than for renders, if its sides differ",
            "circuit", lambda i: float(i.gate) * float(i.sides.max() > 1e-3),
        ),
        "path within": Evidence(
            "as path, at the honest side's logits, inside",
            "circuit", lambda i: float(i.path[-1, 1] - i.path[-1, 0]),
        ),
        "path halfway": Evidence(
            "as path, at a layer in the middle",
            "circuit", lambda i: float(i.path[0, 1] - i.path[0, 0]),
        ),
        "awake": Evidence(
            "whether a unit's twin is awake for the unit's picture",
            "silent", lambda i: float((i.awake > 0).any()),
        ),
        "reach": Evidence(
            "how near the nearest twin's bias is to what renders reach, minus log10",
            "silent", lambda i: -float(logarithm(i.reach, 1e-2).min()),
        ),
    }
)  # fmt: skip
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
