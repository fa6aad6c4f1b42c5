"""`course audit`: how well the reference auditor of lesson 08 does, from its suspects' seeds on."""

from __future__ import annotations

import json
import math
import platform
import statistics
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from course_lib.checks import whole_number
from course_lib.errors import SilentUnitWarning
from course_lib.lessons.statistics import Estimate, mean, proportion
from course_lib.lessons.suspects.reference import STORED, Bench, measured, open_bench
from course_lib.lessons.suspects.suspect import GRADES, make_suspect
from course_lib.lessons.suspects.truth import BASE_RATES, kind_of
from course_lib.lessons.suspects.verdict import CANNOT_TELL, Verdict, brier, verdict_of
from course_lib.progress import progress_bar
from course_lib.sanity.audit.auditor import Auditor, auditor_as_json, fit_auditor
from course_lib.sanity.audit.evidence import OUTSIDE, WITHIN, evidence_of
from course_lib.sanity.audit.findings import as_json, findings_of, inside_of
from course_lib.sanity.audit.kinds import KINDS, has_circuit, has_silent_units
from course_lib.sanity.audit.roc import area, area_interval, roc

FIRST_DESIGN, FIRST_TEST = 100_000, 200_000
"""Where the seeds of either set start; lessons and tests use smaller ones."""

EACH = 40
"""Suspects of each lie in the test set; honest ones are twice as many, as the base rates say."""

FEATURES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "black box": {"circuit": ("unrecognised", "elsewhere", "jump"), "silent": ("steep", "loud")},
    "white box": {
        "circuit": ("unrecognised", "elsewhere", "jump", "bypass", "gate"),
        "silent": ("steep", "loud", "awake", "reach"),
    },
}
"""The evidence that each auditor uses."""

LIES: Mapping[str, Callable[[str], bool]] = {"circuit": has_circuit, "silent": has_silent_units}

_PROTOCOL = 1  # raised when suspects or findings change, so that nothing old is mixed in
_BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.0))


class Row(NamedTuple):
    """A suspect that was made and measured. evidence: by grade and name."""

    seed: int
    kind: str
    told: Mapping[str, Any]
    evidence: Mapping[str, Mapping[str, float]]


def measure_auditor(work: Path, to: Path = STORED, each: int = EACH) -> Path:
    """Make suspects, measure them, fit the auditors on one half, test them on another.

    Every suspect takes about ten seconds on one core, and is kept in `work` once it is done: an
    interrupted run goes on where it was, and a larger `each` keeps what a smaller one made. The
    design set is half as large as the test set.

    Args:
        work: folder for what is measured. to: the JSON file to write.
        each: how many suspects of each of the three lies are in the test set, 2 or more.

    Raises:
        ValueError: `each` is too small.
    """
    each = whole_number(each, "each", at_least=2)
    work.mkdir(parents=True, exist_ok=True)
    design = seeds_of(FIRST_DESIGN, math.ceil(each / 2))
    test = seeds_of(FIRST_TEST, each)
    bench: list[Bench] = []
    # one of the design set after two of the test set, so that an unfinished run has of both
    for seed in progress_bar(_interleaved(test, design), "suspects"):
        path = work / f"{seed}.json"
        if _kept(path) is None:
            bench = bench or [open_bench()]
            _write(path, examined(seed, bench[0]))
    kept = [[_kept(work / f"{seed}.json") for seed in seeds] for seeds in (design, test)]
    results = summary(*([row_of(told) for told in some] for some in kept))
    _write(to, results)
    return to


def measured_so_far(work: Path, to: Path) -> Path:
    """The same of what an unfinished run has kept in `work`; needs liars of each kind in each set.

    Raises:
        ValueError: too little is there.
    """
    rows = [row_of(told) for path in sorted(work.glob("*.json")) if (told := _kept(path))]
    design = [row for row in rows if FIRST_DESIGN <= row.seed < FIRST_TEST]
    test = [row for row in rows if row.seed >= FIRST_TEST]
    for name, some in (("design", design), ("test", test)):
        absent = set(KINDS) - {row.kind for row in some}
        if absent:
            raise ValueError(
                f"The {name} set in {work} has no {min(absent)!r} yet: go on measuring."
            )
    _write(to, summary(design, test))
    return to


def seeds_of(first: int, each: int) -> list[int]:
    """Seeds from `first` on: `each` of each lie, and honest ones as the base rates say."""
    least = min(BASE_RATES.values())
    wanted = {kind: round(each * BASE_RATES[kind] / least) for kind in KINDS}
    found: list[int] = []
    seed = first
    while any(wanted.values()):
        kind = kind_of(seed)
        if wanted[kind]:
            wanted[kind] -= 1
            found.append(seed)
        seed += 1
    return found


def examined(seed: int, bench: Bench) -> dict[str, Any]:
    """A suspect made as a white box and measured from outside and inside, ready for JSON."""
    suspect = make_suspect(seed, "white box")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SilentUnitWarning)  # a lie may leave a logit no gradient
        findings, inside = measured(suspect, bench)
    assert inside is not None
    truth = suspect.open(Verdict(CANNOT_TELL)).truth
    return {
        "protocol": _PROTOCOL,
        "seed": seed,
        "kind": truth.kind,
        "truth": str(truth),
        "origin": list(truth.origin),
        "accuracy": round(suspect.accuracy.value, 4),
        "findings": as_json(findings),
        "inside": as_json(inside),
    }


def row_of(told: Mapping[str, Any] | None) -> Row:
    """A kept suspect with its evidence."""
    assert told is not None
    findings, inside = findings_of(told["findings"]), inside_of(told["inside"])
    evidence = {"black box": evidence_of(findings), "white box": evidence_of(findings, inside)}
    return Row(told["seed"], told["kind"], told, evidence)


def summary(design: Sequence[Row], test: Sequence[Row]) -> dict[str, Any]:
    """Everything that the lesson tells: auditors, their scores on the test set, the test set."""
    kinds = [row.kind for row in design]
    auditors = {
        grade: fit_auditor(
            [row.evidence[grade] for row in design],
            kinds,
            FEATURES[grade]["circuit"],
            FEATURES[grade]["silent"],
        )
        for grade in GRADES
    }
    accuracies = [row.told["accuracy"] for row in (*design, *test)]
    return {
        "made": {
            "design": {kind: kinds.count(kind) for kind in KINDS},
            "test": {kind: sum(row.kind == kind for row in test) for kind in KINDS},
            "seeds": {"design": FIRST_DESIGN, "test": FIRST_TEST},
            "accuracy": {"least": min(accuracies), "mean": _short(statistics.fmean(accuracies))},
            "torch": torch.__version__.split("+")[0],
            "python": platform.python_version(),
        },
        "base_rates": dict(BASE_RATES),
        "auditors": {grade: auditor_as_json(auditor) for grade, auditor in auditors.items()},
        "results": {grade: tested(auditors[grade], test, grade) for grade in GRADES},
        "evidence": evidence_table(design, test),
        "suspects": [
            {
                key: row.told[key]
                for key in ("seed", "kind", "truth", "origin", "accuracy", "findings", "inside")
            }
            for row in test
        ],
    }


def tested(auditor: Auditor, rows: Sequence[Row], grade: str) -> dict[str, Any]:
    """How an auditor does on suspects that it was not fitted on."""
    given = [auditor.probabilities(row.evidence[grade], BASE_RATES) for row in rows]
    verdicts = [verdict_of(probabilities) for probabilities in given]
    told: dict[str, Any] = {}
    for name, lie in LIES.items():
        chances = [sum(p[kind] for kind in KINDS if lie(kind)) for p in given]
        told[name] = _one_lie(chances, [lie(row.kind) for row in rows])
    honest = [v for v, row in zip(verdicts, rows, strict=True) if row.kind == "honest"]
    alarms = sum(v.says not in ("honest", CANNOT_TELL) for v in honest)
    told["false_alarms"] = _as_dict(proportion(alarms, len(honest), of="honest suspects"))
    told["verdicts"] = {
        kind: {
            says: sum(v.says == says for v, r in zip(verdicts, rows, strict=True) if r.kind == kind)
            for says in (*KINDS, CANNOT_TELL)
        }
        for kind in KINDS
    }
    losses = [brier(p, row.kind) for p, row in zip(given, rows, strict=True)]
    told["brier"] = _as_dict(mean(losses, of="suspects"))
    told["brier_of_base_rates"] = _short(
        statistics.fmean(brier(dict(BASE_RATES), row.kind) for row in rows)
    )
    told["calibration"], told["calibration_error"] = _calibration(given, rows)
    told["wrong"] = [
        {"seed": row.seed, "kind": row.kind, "says": v.says, "truth": row.told["truth"]}
        for v, row in zip(verdicts, rows, strict=True)
        if v.says != row.kind
    ]
    return told


def _one_lie(chances: Sequence[float], lies: Sequence[bool]) -> dict[str, Any]:
    """How well the probability of one lie tells it from what has none; its threshold is 0.5."""
    caught = sum(c >= 0.5 for c, lie in zip(chances, lies, strict=True) if lie)
    spared = sum(c < 0.5 for c, lie in zip(chances, lies, strict=True) if not lie)
    hits = proportion(caught, sum(lies), of="suspects with the lie")
    passes = proportion(spared, len(lies) - sum(lies), of="suspects without it")
    curve = roc(chances, lies)
    low, high = area_interval(chances, lies)
    return {
        "area": {"value": _short(area(chances, lies)), "interval": [_short(low), _short(high)]},
        "balanced_accuracy": _as_dict(halves(hits, passes)),
        "hits": _as_dict(hits),
        "passes": _as_dict(passes),
        "roc": {
            "false_alarms": [_short(x) for x in curve.false_alarms],
            "hits": [_short(x) for x in curve.hits],
        },
    }


def halves(first: Estimate, second: Estimate) -> Estimate:
    """The mean of two independent shares, with the interval of Newcombe (1998), square and add."""
    value = (first.value + second.value) / 2
    down = math.hypot(first.value - first.low, second.value - second.low) / 2
    up = math.hypot(first.high - first.value, second.high - second.value) / 2
    return Estimate(value, value - down, value + up, first.n + second.n, of="suspects")


def _calibration(
    given: Sequence[Mapping[str, float]], rows: Sequence[Row]
) -> tuple[list[dict[str, Any]], float]:
    """Bins of the likeliest truth's probability, and the expected calibration error."""
    bins, error = [], 0.0
    for low, high in _BINS:
        inside = [
            (max(p.values()), p[row.kind] == max(p.values()))
            for p, row in zip(given, rows, strict=True)
            if low < max(p.values()) <= high
        ]
        if not inside:
            continue
        confidence = statistics.fmean(c for c, _ in inside)
        right = proportion(sum(r for _, r in inside), len(inside), of="suspects")
        error += len(inside) / len(rows) * abs(confidence - right.value)
        bins.append({"from": low, "to": high, "confidence": _short(confidence)} | _as_dict(right))
    return bins, _short(error)


def evidence_table(design: Sequence[Row], test: Sequence[Row]) -> dict[str, Any]:
    """How well each piece of evidence does alone: the area under its ROC curve on either set."""
    table = {}
    known = {name: (e.told, e.of) for name, e in OUTSIDE.items()}
    known |= {name: (e.told, e.of) for name, e in WITHIN.items()}
    for name, (told, of) in known.items():
        areas = {}
        for which, rows in (("design", design), ("test", test)):
            scores = [row.evidence["white box"][name] for row in rows]
            lies = [LIES[of](row.kind) for row in rows]
            low, high = area_interval(scores, lies)
            areas[which] = {
                "value": _short(area(scores, lies)),
                "interval": [_short(low), _short(high)],
            }
        used = [grade for grade in GRADES if name in FEATURES[grade][of]]
        table[name] = {"told": told, "of": of, "used_in": used, "area": areas}
    return table


def _interleaved(test: Sequence[int], design: Sequence[int]) -> list[int]:
    def turns() -> Iterator[int]:
        waiting = list(design)
        for i, seed in enumerate(test):
            yield seed
            if i % 2 and waiting:
                yield waiting.pop(0)
        yield from waiting

    return list(turns())


def _kept(path: Path) -> dict[str, Any] | None:
    """What was measured before, unless by another protocol."""
    if not path.exists():
        return None
    told: dict[str, Any] = json.loads(path.read_text())
    return told if told.get("protocol") == _PROTOCOL else None


def _write(path: Path, told: Mapping[str, Any]) -> None:
    """At once or not at all, so that an interruption leaves no half of a file."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(told, allow_nan=False) + "\n")
    unfinished.replace(path)


def _as_dict(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": _short(estimate.value),
        "interval": [_short(estimate.low), _short(estimate.high)],
        "n": estimate.n,
        "of": estimate.of,
    }


def _short(value: float) -> Any:
    return round(value, 4) if math.isfinite(value) else None
