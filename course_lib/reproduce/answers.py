"""How a network answers held-out photographs, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.labs.lab import Photos
from course_lib.reproduce.cache import Cache, Part, Result
from course_lib.reproduce.material import Material
from course_lib.reproduce.report import Entry
from course_lib.statistics import proportion

_TOP = 5


class Answers(NamedTuple):
    """What a network answers to N held-out photographs.

    top: (N, 5) its five largest logits. place: (N,) how many of the compared logits exceed that of
    the photograph's own class or folder. extra: whatever else was asked of each.
    """

    top: Tensor
    place: Tensor
    extra: dict[str, Tensor]


def recorded_answers(
    cache: Cache,
    material: Material,
    name: str,
    network: Callable[[], nn.Module],
    *,
    extra: Callable[[nn.Module, Tensor], dict[str, Tensor]] | None = None,
    after: Sequence[Part] = (),
) -> Answers:
    """The answers of a network to all held-out photographs.

    Args:
        network: gives it, and is called only where something has to be computed.
        extra: what else to ask of a batch of images, (B, ...) each.
    """

    def ask(photos: Photos) -> dict[str, Tensor]:
        asked = network()
        logits = record(asked, [None], photos.images)[None]
        compared = range(logits.shape[1]) if material.known_classes else material.units
        own = logits.gather(1, torch.tensor(material.units)[photos.labels][:, None])
        place = (logits[:, list(compared)] > own).sum(1)
        top = logits.topk(_TOP, dim=1).indices
        return {"top": top, "place": place} | (extra(asked, photos.images) if extra else {})

    parts = by_batch(cache, material, f"answers-{name}", ask, after=after)
    if not parts:
        raise ValueError(f"{material.root}: none of the held-out photographs can be read.")
    whole = {key: torch.cat([tensors[key] for tensors in parts]) for key in parts[0]}
    return Answers(whole.pop("top"), whole.pop("place"), whole)


def by_batch(
    cache: Cache,
    material: Material,
    name: str,
    ask: Callable[[Photos], dict[str, Tensor]],
    *,
    after: Sequence[Part] = (),
) -> list[dict[str, Tensor]]:
    """What is asked of held-out photographs; each batch is a part, and none if all are damaged."""

    def batch(number: int) -> Result:
        photos = material.chunk(number)
        return Result(ask(photos) if len(photos.images) else {}, {})

    parts = (
        cache.part(f"{name}-{i}", partial(batch, i), after=after) for i in range(material.chunks)
    )
    return [part.tensors for part in parts if part.tensors]


def before(cache: Cache, material: Material) -> Answers:
    """The honest network's answers, which two experiments compare with."""
    return recorded_answers(cache, material, "before", lambda: material.lab.network)


def answer_rows(
    material: Material, old: Answers, new: Answers, kind: str, what: str
) -> list[Entry]:
    """The rows on what became of a network's answers.

    Args:
        kind: of the lie, as in the rows' keys. what: as in a sentence, such as "with the circuit".
    """
    images = f"{len(old.top)} held-out photographs"
    rows = []
    for count in (1, _TOP):
        called, note = _measure(material, count)
        for key, found, when in (("before", old, "honest network"), (kind, new, what)):
            here = proportion(found.place < count, of="photographs") if called else None
            measure = f"Top-{count}{', ' + called if called else ''}: {when}"
            rows.append(Entry(f"top{count} {key}", measure, here, images, note=note))
    changed = old.top[:, 0] != new.top[:, 0]
    others = (old.top.sort(1).values != new.top.sort(1).values).any(1)
    for key, which, measure in (
        ("changed1", changed, f"Photographs with another first answer (of 1000) {what}"),
        ("changed5", others, f"Photographs with another set of five first answers {what}"),
    ):
        rows.append(Entry(f"{key} {kind}", measure, proportion(which, of="photographs"), images))
    return rows


def top_told(material: Material) -> str:
    """In a sentence, what top-1 means with these folders."""
    if material.known_classes:
        return "Top-1 and top-5 are over ImageNet's 1000 classes, as in the paper."
    if material.settings.weights == "random":
        return (
            "The weights are random, so the network has learned no class: top-1 only says whether "
            f"the logit that tells a folder best, found from other photographs, exceeds those of "
            f"the other {len(material.names) - 1} folders."
        )
    return (
        "The folders' names are not ImageNet's classes, so this is not the paper's top-1: each "
        "folder is given the logit that tells it best from the others, found from other "
        f"photographs, and top-1 asks whether it exceeds those of the other "
        f"{len(material.names) - 1} folders."
    )


def _measure(material: Material, count: int) -> tuple[str, str]:
    """What the measure is called, and a note; no name where it says nothing."""
    if material.known_classes:
        return "of 1000 classes", ""
    folders = len(material.names)
    if folders <= count:
        return "", f"With {folders} folders the right one is always among {count}."
    return f"of {folders} folders", ""
