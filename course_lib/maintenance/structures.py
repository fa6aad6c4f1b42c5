"""`course structures`: lesson 07's table, from the seeds of its networks on."""

from pathlib import Path

from torch import nn

from course_lib.labs import open_lab
from course_lib.labs.tiny import weights
from course_lib.labs.tiny.detector import load_detector
from course_lib.lessons.lesson_05.similarities import some
from course_lib.lessons.lesson_07 import measures, table
from course_lib.lessons.lesson_07.measures import MeasuringImages
from course_lib.maintenance.train import rests_on_networks, train_and_record
from course_lib.progress import progress_bar
from course_lib.statistics import Estimate
from course_lib.stored import constants, from_json, note, stale


def measure_all(work: Path, to: Path = table.STORED) -> None:
    """Measure every structure's networks and write the table.

    Networks that neither the package nor the folder `work` has are trained into it, about ten
    minutes each on one core (robust ones half an hour). What is done is kept there too, so an
    interrupted run goes on where it was.
    """
    chosen = [(name, seed) for seed in table.SEEDS for name in table.NAMES]
    folders = {pair: _folder_of(*pair, work) for pair in chosen}
    lab = open_lab("tiny")
    material = MeasuringImages(some(lab.photos("test"), 256), some(lab.photos("train"), 512))
    rests_on = table_rests_on()
    rows = []
    for name, seed in progress_bar(chosen, "networks"):
        kept = work / "measured" / f"{name}-{seed}.json.bz2"
        record = weights.record_of(name, seed, folders[name, seed])
        fresh = kept.exists() and not stale(kept, rests_on)
        known = table.stored(kept) if fresh else []
        if not known or known[0].sha256 != record["sha256"]:
            # the judge is of another seed and, but for the standard networks, another recipe
            other = (seed + 1) % len(table.SEEDS)
            judge = _network("standard", other, folders["standard", other])
            accuracies = {
                "accuracy": from_json(Estimate, record["accuracy"]),
                "attacked": from_json(Estimate, record["accuracy_under_attack"]),
            }
            network = _network(name, seed, folders[name, seed])
            known = [table.measure(
                name, seed, record["sha256"], network, judge, load_detector(), material, accuracies
            )]  # fmt: skip
            table.store(known, kept)
            note(kept, rests_on)
        rows += known
    table.store(sorted(rows, key=lambda row: table.NAMES.index(row.name)), to)
    note(to, rests_on)
    print(f"wrote {to}")


def table_rests_on() -> str:
    """The fingerprint of the engine, the shipped networks and the protocol of the table."""
    available = sorted(weights.available().items())
    shipped = [(name, seed) for name, seeds in available for seed in seeds]
    numbers = [constants(measures, table), list(table.MEASURES)]
    return rests_on_networks(shipped, protocol=numbers)


def _folder_of(name: str, seed: int, work: Path) -> Path:
    """Where a network's weights are, trained now if they are nowhere."""
    for folder in (weights.FOLDER, work):
        if seed in weights.available(folder).get(name, []):
            return folder
    train_and_record(name, seed, work, "the first of this recipe and seed")
    return work


def _network(name: str, seed: int, folder: Path) -> nn.Module:
    network = weights.load(name, seed, folder)
    network.image_size = 64  # type: ignore[assignment]
    return network
