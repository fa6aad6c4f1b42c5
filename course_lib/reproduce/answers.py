"""How a network answers held-out photographs, a batch at a time."""

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
from course_lib.statistics import paired_shares, proportion

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

    network: gives it, and is called only where something has to be computed. extra: what else to
    ask of a batch of images, (B, ...) each.
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
        raise ValueError(f"{material.where}: none of the held-out photographs can be read.")
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
    material: Material, old: Answers, new: Answers, kind: str, with_it: str
) -> list[Entry]:
    """The rows on what became of a network's answers.

    kind: of the lie, as in the rows' keys. with_it: as in a sentence, such as "with the circuit".
    """
    what = material.what
    images = f"{len(old.top)} held-out {what}"
    rows = []
    for count in (1, _TOP):
        called, note = material.top_measure(count)
        for key, found, when in (("before", old, "honest network"), (kind, new, with_it)):
            here = proportion(found.place < count, of=what) if called else None
            measure = f"Top-{count}{', ' + called if called else ''}: {when}"
            rows.append(Entry(f"top{count} {key}", measure, here, images, note=note))
    lost = paired_shares(old.place < 1, new.place < 1, of=what)
    if material.top_measure(1)[0]:
        rows.append(Entry(f"price {kind}", f"Top-1 lost {with_it}", lost, images, "points"))
    outputs = material.recipe.logits
    for key, places, measure in (
        ("changed1", 1, f"another first answer (of {outputs}) {with_it}"),
        ("changed5", _TOP, f"another set of five first answers {with_it}"),
    ):
        first, then = (answers.top[:, :places].sort(1).values for answers in (old, new))
        said = proportion((first != then).any(1), of=what)
        rows.append(Entry(f"{key} {kind}", f"{what.capitalize()} with {measure}", said, images))
    return rows
