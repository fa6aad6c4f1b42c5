"""`course defences`: what each defence of lesson 09 makes of liars and of honest networks."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
import torch
from torch import Tensor, nn

from course_lib.activations import record
from course_lib.checks import whole_number
from course_lib.errors import SilentUnitWarning
from course_lib.fooling.circuit import correlation
from course_lib.fooling.weights import climbs, slingshot, top_images, tuning
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.detector import detector_record
from course_lib.lessons.lesson_08 import base, lies, suspect, truth
from course_lib.lessons.lesson_08.audit import findings
from course_lib.lessons.lesson_08.audit.findings import draw_suspect, look, look_inside
from course_lib.lessons.lesson_08.lies import AUDITED
from course_lib.lessons.lesson_08.network import SuspectNetwork
from course_lib.lessons.lesson_08.reference import Bench, open_bench
from course_lib.lessons.lesson_08.suspect import make_suspect
from course_lib.lessons.lesson_08.verdict import CANNOT_TELL, Verdict
from course_lib.lessons.lesson_09 import defences, liars
from course_lib.lessons.lesson_09.known import STORED, Defended
from course_lib.maintenance.workers import worked
from course_lib.progress import progress_bar
from course_lib.sanity import leash
from course_lib.stored import (
    as_json,
    constants,
    fingerprint,
    from_json,
    note,
    pack,
    stale,
    write_whole,
)
from course_lib.visualization.ascent import visualize
from course_lib.visualization.defaults import engine_defaults
from course_lib.visualization.frozen import copied
from course_lib.visualization.recognition import recognised

FIRST = 500_000
"""Where seeds start; each kind of network has a thousand from there on."""

EACH = 20
"""Networks of each kind to measure with; of silent units half as many."""

_KINDS = ("honest", "circuit", *liars.WAYS, "silent units")
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
    larger `each` keeps what a smaller one made.

    Raises:
        ValueError: `each` or `workers` is too small.
    """
    each = whole_number(each, "each", at_least=2)
    workers = whole_number(workers, "workers", at_least=1)
    plans = {work / f"{plan.kind}-{plan.seed}.json": plan for plan in planned(work, each)}
    missing = [
        plan
        for path, plan in plans.items()
        if not path.exists() or stale(path, defences_rest_on([plan.kind]))
    ]
    for plan, known in progress_bar(
        worked(examined, missing, workers), "networks", total=len(missing)
    ):
        path = work / f"{plan.kind}-{plan.seed}.json"
        write_whole(path, json.dumps(known, allow_nan=False))
        note(path, defences_rest_on([plan.kind]))
    # with a larger `each`, more of the honest ones are there to choose thresholds on
    kept = [json.loads(path.read_bytes()) | {"design": plan.design} for path, plan in plans.items()]
    from_json(list[Defended], kept)  # what a lesson could not read must not be stored
    write_whole(to, pack(kept))
    note(to, defences_rest_on())
    return to


def defences_rest_on(kinds: Sequence[str] = _KINDS) -> str:
    """The fingerprint of the engine, the networks and the protocol, of some kinds of network."""
    modules = (base, defences, findings, leash, lies, suspect, truth)
    return fingerprint(
        engine=engine_defaults(),
        weights=[weights.record_of(*origin)["sha256"] for origin in base.SHIPPED],
        detector=detector_record()["sha256"],
        protocol=[_PROTOCOL, constants(*modules)],
        training=[_trained_by(kind) for kind in kinds if kind in liars.WAYS],
    )


def _trained_by(kind: str) -> list[Any]:
    """The constants that a trained liar rests on."""
    module = {"slingshot": slingshot, "top images": top_images}.get(kind, climbs)
    return [kind, liars.WAYS[kind], constants(base, tuning, module)]


def planned(work: Path, each: int) -> list[Plan]:
    """The networks to measure, the kinds in turn, so that a part of them has some of each."""
    plans = []
    for number, kind in enumerate(_KINDS):
        first = FIRST + 1000 * number
        trained = kind in liars.WAYS
        designs = (each + 1) // 2 if kind == "honest" else 0
        count = (each + 1) // 2 if kind == "silent units" else each
        seeds = (s for s in range(first, first + 1000) if trained or truth.kind_of(s) == kind)
        chosen = [next(seeds) for _ in range(count + designs)]
        plans += [(n, Plan(kind, n < designs, seed, work)) for n, seed in enumerate(chosen)]
    return [plan for _, plan in sorted(plans, key=lambda pair: pair[0])]


def examined(plan: Plan) -> tuple[Plan, dict[str, Any]]:
    """A `Defended` as JSON, with its plan."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SilentUnitWarning)  # a lie may leave a logit no gradient
        known = _trained(plan) if plan.kind in liars.WAYS else _suspect(plan)
    return plan, as_json(known, digits=4)


def _suspect(plan: Plan) -> Defended:
    made = make_suspect(plan.seed, "white box")
    told = made.open(Verdict(CANNOT_TELL)).truth
    way = plan.kind
    if told.circuit is not None:
        way += ", hard gate" if told.circuit.sharpness is None else ", smooth gate"
    measured, _ = _measured(made.inside())
    return Defended(
        way=way, design=plan.design, seed=plan.seed, origin=told.origin,
        accuracy=made.accuracy.value, kept=None, shown=None, **measured,
    )  # fmt: skip


def _trained(plan: Plan) -> Defended:
    parent = liars.parent_of(plan.seed)
    liar = _liar(parent, plan)
    inner = liars.dressed(liar, plan.seed, parent.known)
    measured, drawn = _measured(inner)
    right = recognised(inner, parent.asked, parent.asked.labels.tolist())
    return Defended(
        way=plan.kind, design=plan.design, seed=plan.seed, origin=parent.origin,
        accuracy=float(right.float().mean()),
        kept=float(liars.kept(parent, inner).float().mean()),
        shown=_shown(plan.kind, parent, inner, measured["findings"].votes, drawn),
        **measured,
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
    rests_on = fingerprint(training=_trained_by(plan.kind))
    if path.exists() and not stale(path, rests_on):
        liar = copied(parent.network)
        liar.load_state_dict(safetensors.torch.load_file(path))
        return liar
    liar = liars.train_liar(parent, plan.kind, plan.seed)
    state = {name: tensor.clone().contiguous() for name, tensor in liar.state_dict().items()}
    write_whole(path, safetensors.torch.save(state))
    note(path, rests_on)
    return liar


def _measured(inner: SuspectNetwork) -> tuple[dict[str, Any], Tensor]:
    """Scores and findings of a white box, and its logits' pictures."""
    bench = _bench_of_this_process()
    pictures = draw_suspect(partial(visualize, inner), len(inner.table), AUDITED)
    seen = defences.see(inner, pictures, bench.renders, bench.judges)
    found = {
        "scores": dict(defences.scores_of(seen)),
        "findings": look(inner, pictures, *bench.renders, bench.judges),
        "inside": look_inside(inner, pictures, *bench.renders),
    }
    return found, pictures.logits.images


@cache
def _bench_of_this_process() -> Bench:
    return open_bench()
