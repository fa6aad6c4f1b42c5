"""`course defences`: what each defence of lesson 09 makes of liars and of honest networks."""

import math
import warnings
from collections.abc import Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
import torch
from torch import Tensor, nn

from course_lib import stored
from course_lib.activations import record
from course_lib.errors import SilentUnitWarning
from course_lib.fooling.circuit import correlation
from course_lib.fooling.weights import climbs, slingshot, top_images, tuning
from course_lib.lessons.lesson_08 import base, lies, suspect, truth
from course_lib.lessons.lesson_08.audit import findings as measurements
from course_lib.lessons.lesson_08.audit.evidence import evidence_of
from course_lib.lessons.lesson_08.audit.findings import draw_suspect, look, look_inside
from course_lib.lessons.lesson_08.lies import AUDITED
from course_lib.lessons.lesson_08.network import SuspectNetwork
from course_lib.lessons.lesson_08.suspect import make_suspect
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict
from course_lib.lessons.lesson_09 import defences, liars
from course_lib.lessons.lesson_09.known import STORED, Defended
from course_lib.maintenance.audit import bench_of_this_process
from course_lib.maintenance.fitting import FEATURES, check_measuring, fit_head
from course_lib.maintenance.train import rests_on_networks
from course_lib.maintenance.workers import kept_each
from course_lib.sanity import leash
from course_lib.visualization.ascent import visualize
from course_lib.visualization.frozen import copied
from course_lib.visualization.recognition import recognised

FIRST = 500_000
"""Where seeds start; each kind of network has a thousand from there on."""

EACH = 20
"""Liars of each way to measure with, and honest networks, with as many of these again to choose
thresholds on. Of those that know of the leash there are fewer."""

_KINDS = (  # seeds go by a kind's place: new ones come last
    "honest", "circuit", "climbs", "slingshot", "top images", "silent units", "leash too"
)  # fmt: skip
_SHARES = {"honest": 2, "leash too": 0.1}
_EVERY_OTHER = ("leash too",)  # of few parents, some are to be of either recipe
_TOP = 9  # images of each logit
_PROTOCOL = 1  # raised when what is measured changes and none of the constants does


class Plan(NamedTuple):
    """A network to make and measure. kind: one of `_KINDS`. work: where trained liars are kept."""

    kind: str
    design: bool
    seed: int
    work: Path


def measure_defences(work: Path, to: Path = STORED, each: int = EACH, workers: int = 1) -> Path:
    """Make networks of all kinds, measure what each defence makes of them, and keep it.

    A network takes about a minute on one core, and one that has to be trained to lie up to six
    more. Each is kept in `work` once it is done: an interrupted run goes on where it was, and a
    larger `each` keeps what a smaller one made. Errors as `check_measuring`.
    """
    check_measuring(each, workers)
    plans = {work / f"{plan.kind}-{plan.seed}.json": plan for plan in planned(work, each)}
    kept = kept_each(examined, plans, lambda p: defences_rest_on([p.kind]), workers, "networks")
    rows = stored.from_json(list[Defended], kept)
    learned = stored.as_json(learned_elsewhere(rows), digits=4)
    told = [one | {"learned": p} for one, p in zip(kept, learned, strict=True)]
    stored.write_whole(to, stored.pack(told))
    stored.note(to, defences_rest_on())
    return to


def learned_elsewhere(rows: Sequence[Defended]) -> list[dict[str, float]]:
    """How probable it is that each network lies, by grade, for auditors that learned of such liars.

    Each is fitted on the networks of all ancestors but the judged one's. They go by what lesson
    08's auditor of the grade goes by, and by all defences. At even odds: as if half of all lied.
    """
    found: list[dict[str, float]] = [{} for _ in rows]
    for grade, origin in product(FEATURES, {row.origin for row in rows}):
        others = [row for row in rows if row.origin != origin]
        evidence = [_told(row, grade) for row in others]
        head = fit_head(evidence, [row.way != "honest" for row in others], [*evidence[0]])
        for row, chances in zip(rows, found, strict=True):
            if row.origin == origin:
                chances[grade] = 1 / (1 + math.exp(-head.log_ratio(_told(row, grade))))
    return found


def _told(row: Defended, grade: str) -> dict[str, float]:
    """What an auditor of a grade goes by that has all defences, too."""
    names = [name for features in FEATURES[grade].values() for name in features]
    return {name: row.evidence[name] for name in names} | row.scores


def defences_rest_on(kinds: Sequence[str] = _KINDS) -> str:
    """The fingerprint of the engine, the networks and the protocol, of some kinds of network."""
    modules = (base, defences, measurements, leash, lies, suspect, truth)
    return rests_on_networks(
        base.SHIPPED,
        protocol=[_PROTOCOL, *map(stored.constants, modules)],  # some names are in several
        training=[_trained_by(kind) for kind in kinds if kind in liars.WAYS],
    )


def _trained_by(kind: str) -> list[Any]:
    """The constants that a trained liar rests on."""
    others = {"slingshot": [slingshot], "top images": [top_images], "leash too": [climbs, leash]}
    return [kind, liars.WAYS[kind], stored.constants(base, tuning, *others.get(kind, [climbs]))]


def planned(work: Path, each: int) -> list[Plan]:
    """The networks to measure, in an order in which a part of them has some of each kind."""
    counts: dict[str, int] = dict.fromkeys(_KINDS, each)
    counts |= {name: math.ceil(share * each) for name, share in _SHARES.items()}
    plans = []
    for number, (kind, count) in enumerate(counts.items()):
        first = FIRST + 1000 * number
        trained = kind in liars.WAYS
        several = range(first, first + 1000, 2 if kind in _EVERY_OTHER else 1)
        seeds = (s for s in several if trained or truth.kind_of(s) == kind)
        for n, seed in zip(range(count), seeds, strict=False):
            plans.append(((n + 1) / count, Plan(kind, kind == "honest" and n % 2 == 0, seed, work)))
    return [plan for _, plan in sorted(plans, key=lambda pair: pair[0])]


def examined(plan: Plan) -> dict[str, Any]:
    """A `Defended` as JSON."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SilentUnitWarning)  # a lie may leave a logit no gradient
        known = _trained(plan) if plan.kind in liars.WAYS else _suspect(plan)
    found: dict[str, Any] = stored.as_json(known, digits=4)
    return found


def _suspect(plan: Plan) -> Defended:
    made = make_suspect(plan.seed, "white box")
    told = made.open(Verdict(CANNOT_TELL)).truth
    way = plan.kind
    if told.circuit is not None:
        way += ", hard gate" if told.circuit.sharpness is None else ", smooth gate"
    found, *_ = _measured(made.inside())
    accuracy = made.accuracy.value
    return Defended(way, plan.design, plan.seed, told.origin, accuracy, None, None, **found)


def _trained(plan: Plan) -> Defended:
    parent = liars.parent_of(plan.seed)
    liar = _liar(parent, plan)
    inner = liars.dressed(liar, plan.seed, parent.known.images)
    found, votes, drawn = _measured(inner)
    right = recognised(inner, parent.asked, parent.asked.labels.tolist())
    return Defended(
        plan.kind, plan.design, plan.seed, parent.origin,
        accuracy=float(right.float().mean()),
        kept=float(liars.kept(parent, inner).float().mean()),
        shown=_shown(plan.kind, parent, inner, votes, drawn),
        **found,
    )  # fmt: skip


def _shown(
    way: str, parent: liars.Parent, network: nn.Module, votes: Tensor, pictures: Tensor
) -> float:
    """How much a liar shows of what it was trained to show; see `Defended`."""
    if way == "slingshot":
        return float(correlation(pictures, parent.picture).mean())
    if way == "top images":
        best = record(network, [None], parent.asked.images)[None].topk(_TOP, dim=0).indices
        return float((parent.asked.labels[best] == parent.shift).float().mean())
    wanted = (torch.arange(votes.shape[1]) + parent.shift) % votes.shape[1]
    return float((votes == wanted).float().mean())


def _liar(parent: liars.Parent, plan: Plan) -> nn.Module:
    """The liar of a plan, from its file if it was trained before.

    In a folder of its own: notes that several processes write into one file get lost.
    """
    path = plan.work / f"{plan.kind}-{plan.seed}" / "liar.safetensors"
    rests_on = stored.fingerprint(training=_trained_by(plan.kind))
    if path.exists() and not stored.stale(path, rests_on):
        liar = copied(parent.network)
        liar.load_state_dict(safetensors.torch.load_file(path))
        return liar
    liar = liars.train_liar(parent, plan.kind, plan.seed)
    state = {name: tensor.clone().contiguous() for name, tensor in liar.state_dict().items()}
    stored.write_whole(path, safetensors.torch.save(state))
    stored.note(path, rests_on)
    return liar


def _measured(inner: SuspectNetwork) -> tuple[dict[str, Any], Tensor, Tensor]:
    """Scores and evidence of a white box, judges' votes on its logits' pictures, and these."""
    bench = bench_of_this_process()
    pictures = draw_suspect(partial(visualize, inner), len(inner.table), AUDITED)
    seen = defences.see(inner, pictures, bench.renders, bench.judges)
    findings = look(inner, pictures, *bench.renders, bench.judges)
    evidence = evidence_of(findings, look_inside(inner, pictures, *bench.renders))
    found = {"scores": dict(defences.scores_of(seen)), "evidence": evidence}
    return found, findings.votes, pictures.logits.images
