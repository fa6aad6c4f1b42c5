"""From findings to a few numbers, each of which is high for a lie of one kind.

Not all of them work, and the auditor does not use all of them (`course audit` tells the area under
each one's ROC curve, alone). What judges see, the jump and the steepness at the own picture tell
almost everything. Left out are: the early trajectory, since after four updates nobody recognises an
honest network's pictures either; the agreement between kinds of picture, since a circuit lies in
both alike; the likeness of the pictures, which sees only those circuits that show one picture; the
fall on the way, which only some smooth gates have; and when a unit's response rises, since honest
units rise as late as those whose twin wakes.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

import torch
from torch import Tensor

from course_lib.sanity.audit.findings import Findings, Inside

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
    own = torch.arange(votes.shape[1])
    return float((votes != own).float().mean())


def agreed_elsewhere(votes: Tensor) -> float:
    """The mean over pictures of the largest share of judges that agree on one *other* class."""
    classes = votes.shape[1]
    shares = torch.stack([(votes == c).float().mean(0) for c in range(int(votes.max()) + 1)])
    for c in range(min(classes, len(shares))):
        shares[c, c] = 0.0
    return float(shares.amax(0).mean())


def disagreement(first: Tensor, second: Tensor) -> float:
    """The share of votes (J, K) that differ between two ways of drawing."""
    return float((first != second).float().mean())


def likeness(alike: Tensor) -> float:
    """The mean correlation (K, K) of different pictures."""
    count = len(alike)
    return float((alike.sum() - alike.diagonal().sum()) / (count * (count - 1)))


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
            "circuit", lambda f: disagreement(f.votes, f.plain),
        ),
        "alike": Evidence(
            "mean correlation of the logits' pictures", "circuit", lambda f: likeness(f.alike)
        ),
        "jump": Evidence(
            "jump of the logits on the way from a render to a picture (third of the logits), log10",
            "circuit", lambda f: _third(logarithm(f.jumps)),
        ),
        "low": Evidence(
            "fall of the largest logit below all renders' on that way (third of the logits)",
            "circuit", lambda f: _third(f.lows),
        ),
        "loud": Evidence(
            "how much louder than renders the loudest units are for their picture (third of the "
            "units), log10",
            "silent", lambda f: _third(logarithm(f.loud, 1e-2)),
        ),
        "steep": Evidence(
            "how much steeper than at renders the steepest units are at their picture (third of "
            "the units), log10",
            "silent", lambda f: _third(logarithm(f.steep, 1e-2)),
        ),
        "steepest": Evidence(
            "the same for the steepest unit, log10",
            "silent", lambda f: float(logarithm(f.steep, 1e-2).max()),
        ),
        "late": Evidence(
            "after which share of the ascent half of a unit's rise was reached, largest over units",
            "silent", lambda f: float(f.late.max()),
        ),
    }
)  # fmt: skip
"""What can be said of a black box, by name."""

WITHIN: Mapping[str, Evidence[Inside]] = MappingProxyType(
    {
        "bypass": Evidence(
            "distance between a logit's answer to its picture and the honest side's (third of the "
            "logits), log10",
            "circuit", lambda i: _third(logarithm(i.bypass)),
        ),
        "gate": Evidence(
            "how much more the gate opens for pictures than for renders, if its sides differ",
            "circuit", lambda i: float(i.gate) * float(_third(i.sides) > 1e-3),
        ),
        "awake": Evidence(
            "share of the audited units whose twin is awake for the unit's picture",
            "silent", lambda i: float((i.awake > 0).float().mean()),
        ),
        "reach": Evidence(
            "share of the twins whose bias lies closer than the renders' own spread",
            "silent", lambda i: float((i.reach < 1).float().mean()),
        ),
    }
)  # fmt: skip
"""What can be said of a white box besides, by name."""


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
