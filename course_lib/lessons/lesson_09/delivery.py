"""The network that lesson 09 is sent: one of the lab's robust ones, trained to lie."""

import json
from functools import partial
from pathlib import Path

from torch import nn

from course_lib.labs.tiny import weights
from course_lib.labs.tiny.lab import open_tiny
from course_lib.lessons.lesson_08 import reference
from course_lib.lessons.lesson_08.audit.findings import draw_suspect, look, look_inside
from course_lib.lessons.lesson_08.base import fresh_renders
from course_lib.lessons.lesson_08.lies import AUDITED
from course_lib.lessons.lesson_09.liars import dressed
from course_lib.visualization.ascent import visualize

FOLDER = Path(__file__).parent / "weights"
ORIGIN, SHOWS = ("robust", 0), 3
"""The honest network that it was trained from, and how many logits on each shows."""

PARTS = ("inception4a", "inception4b", "fc")
"""What was trained and is stored; all that comes before is the honest network's."""

_KNOWN = 192  # renders that the decoys stay silent for


def delivered(seed: int = 0, folder: Path = FOLDER) -> nn.Module:
    """The liar that `course train liar` made, in eval mode, without weight gradients.

    Raises:
        DamagedFileError: (a ValueError) the file is not the one that was recorded.
    """
    network = open_tiny(*ORIGIN).network
    record = json.loads((folder / f"liar-{seed}.json").read_bytes())
    return weights.filled(network, folder / f"liar-{seed}.safetensors", record["sha256"])


def audited(network: nn.Module, seed: int = 0) -> dict[str, reference.Audited]:
    """What lesson 08's auditors of either grade make of a network of the lab, seconds.

    It is given the decoys of an honest suspect: in a white box the auditor looks for them.
    """
    bench = reference.open_bench()
    renders, _ = fresh_renders(seed)
    inner = dressed(network, seed, renders.images[:_KNOWN])
    pictures = draw_suspect(partial(visualize, inner), len(inner.table), AUDITED)
    findings = look(inner, pictures, *bench.renders, bench.judges)
    inside = look_inside(inner, pictures, *bench.renders)
    return {
        grade: reference.judged(reference.stored_auditor(grade), findings, found)
        for grade, found in (("black box", None), ("white box", inside))
    }
