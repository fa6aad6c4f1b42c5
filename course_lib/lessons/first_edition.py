"""Import paths of the first edition, which notebooks in learners' folders still use.

A module of an old path hands on each name from the module that has it now: the same object.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from operator import attrgetter
from types import ModuleType
from typing import Any

# Both without "course_lib.". What lies in an old package is looked for in the new one under the
# name that it had; the first row that fits counts.
_MOVED = {
    "lessons.statistics": "statistics",
    "lessons.display": "display",
    "lessons.exercises": "classroom.exercises",
    "lessons.claims": "classroom.claims",
    "lessons.predictions": "classroom.claims",
    "lessons.machine": "classroom.machine",
    "lessons.widgets": "classroom.widgets",
    "lessons.blind": "lessons.lesson_01",
    "lessons.explorer": "lessons.lesson_01",
    "lessons.bets": "lessons.lesson_02",
    "lessons.real_bets": "lessons.lesson_02",
    "lessons.circuits": "lessons.lesson_03",
    "lessons.silences": "lessons.lesson_04",
    "lessons.real_silence": "lessons.lesson_04",
    "lessons.similarities": "lessons.lesson_05",
    "lessons.extremes": "lessons.lesson_06",
    "lessons.committed": "lessons.lesson_06",
    "lessons.structures": "lessons.lesson_07",
    "lessons.suspects.summary": "lessons.lesson_08",
    "lessons.suspects": "lessons.lesson_08",
    "lessons.real": "reproduce.real",
    "sanity.knowable.affine": "lessons.lesson_06.knowable.shapes",
    "sanity.knowable.convex": "lessons.lesson_06.knowable.shapes",
    "sanity.knowable.monotone": "lessons.lesson_06.knowable.shapes",
    "sanity.knowable.black_box": "lessons.lesson_06.knowable.function_class",
    "sanity.knowable": "lessons.lesson_06.knowable",
    "sanity.audit.kinds": "lessons.lesson_08.truth",
    "sanity.audit": "lessons.lesson_08.audit",
}

# By the old path; where the name lies deeper now, with the way to it.
_RENAMED = {
    "lessons.bets.codes.Result": "Tally",
    "lessons.bets.experiment.Experiment": "BettingExperiment",
    "lessons.bets.trials.responses": "unit_responses",
    "lessons.bets.trials.together": "join_questions",
    "lessons.bets.plots.calibration_figure": "bet_calibration_figure",
    "lessons.bets.widget.summary": "bets_summary",
    "lessons.silences.along": "nearest_to_waking",
    "lessons.silences.said_by": "responses_of",
    "lessons.similarities.table": "path_table",
    "lessons.committed.Result": "committed.Opened",
    "lessons.committed.verify": "verify_opening",
    "lessons.extremes.table": "class_table",
    "lessons.structures.ranking.sealed": "sealed_ranking",
    "lessons.structures.table.table": "structures_table",
    "lessons.suspects.network.BlackBox": "BlackBoxNetwork",
    "sanity.audit.best_threshold": "roc.best_threshold",
    "sanity.audit.evidence_of": "evidence.evidence_of",
    "sanity.knowable.questions.row_of": "class_row",
    "sanity.knowable.questions.whole_table": "class_rows",
}
_GONE = {
    "lessons.extremes": ("as_answers",),
    "lessons.real": (
        "beside_photographs", "draw_real", "fool_real_network", "stored_pictures", "stored_story",
    ),
    "lessons.real_bets": ("real_summary",),
    "lessons.real_silence": ("silence_real_network",),
    "lessons.similarities": ("REAL_LAYERS", "stored_real_paths"),
    "lessons.suspects.summary": ("estimate_of", "row_of", "summary"),
}  # fmt: skip


def keep_old_paths() -> None:
    """Let the first edition's paths be imported; calling this again changes nothing."""
    if not any(isinstance(finder, _OldPaths) for finder in sys.meta_path):
        sys.meta_path.append(_OldPaths())


def heir_of(old: str) -> str | None:
    """The module that has an old module's names now; None if no module there moved."""
    for start, new in _MOVED.items():
        if f"{old}.".startswith(f"course_lib.{start}."):
            return f"course_lib.{new}{old.removeprefix(f'course_lib.{start}')}"
    return None


class _OldPaths(MetaPathFinder, Loader):
    """Asked last, for what no file is there."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        name = heir_of(fullname)
        heir = find_spec(name) if name else None
        if heir is None:
            return None
        is_package = heir.submodule_search_locations is not None
        return spec_from_loader(fullname, self, is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        old = module.__name__.removeprefix("course_lib.")
        heir = import_module(heir_of(module.__name__) or "")

        def hand_on(name: str) -> Any:
            if name in _GONE.get(old, ()):  # an AttributeError would lose its sentence on the way
                raise ImportError(
                    f"{name} is gone since the second edition: open the lesson's newest notebook."
                )
            return attrgetter(_RENAMED.get(f"{old}.{name}", name))(heir)

        module.__dict__["__getattr__"] = hand_on
