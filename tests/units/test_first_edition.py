"""The first edition's import paths: its notebooks, in learners' folders, still begin with them."""

import re
import sys
from contextlib import nullcontext
from importlib import import_module

import pytest

import course_lib.lessons
from course_lib.classroom.claims import claim, compare
from course_lib.classroom.exercises.attempt import Wrong

# what its lessons import from modules that have moved since, and what programs may import
OLD_LINES = """
course_lib.lessons.bets.bet: by_condition, by_unit, share_right
course_lib.lessons.bets.codes: Result, encode, read_codes, tally
course_lib.lessons.bets.experiment: Experiment, begin
course_lib.lessons.bets.participant: SIMULATED, SimulatedParticipant
course_lib.lessons.bets.plots: calibration_figure, class_figure, score_figure
course_lib.lessons.bets.widget: BettingTable, summary
course_lib.lessons.bets.trials: responses, together
course_lib.lessons.bets: trials
course_lib.lessons.blind: shuffled
course_lib.lessons.circuits: morph_explorer
course_lib.lessons.claims: claim
course_lib.lessons.committed: Game, Result, commitment_of, least_mean_error, verify
course_lib.lessons.exercises.attempt: Attempt, Wrong
course_lib.lessons.exercises.bank: find
course_lib.lessons.exercises.marking: mark
course_lib.lessons.exercises.values: number, several, tensor
course_lib.lessons.explorer: unit_explorer
course_lib.lessons.extremes: FIVE, LINE, as_answers, both_extremes, extremes_explorer, problem,
    proofs, slopes, table
course_lib.lessons.machine: check_machine
course_lib.lessons.predictions: compare
course_lib.lessons.real: beside_photographs, draw_real, fool_real_network, real_lab,
    stored_pictures, stored_story
course_lib.lessons.real_bets: real_questions, real_summary
course_lib.lessons.real_silence: silence_real_network
course_lib.lessons.silences: along, nearness_figure, resemblance, said_by, silence_explorer,
    waking_figure
course_lib.lessons.similarities: REAL_LAYERS, difference, estimated, listed, path_explorer,
    rank_vectors, real_paths, recorded, responses, score, some, stored_real_paths, table
course_lib.lessons.statistics: counted, mean, paired_difference, proportion
course_lib.lessons.structures.plots: table_figure, ways_figure
course_lib.lessons.structures.ranking: hidden, ordered, sealed
course_lib.lessons.structures.table: NAMES, stored, table
course_lib.lessons.structures: measures
course_lib.lessons.suspects.network: BlackBox
course_lib.lessons.suspects.summary: estimate_of, roc_estimate, row_of
course_lib.lessons.suspects.suspect: make_liar, make_suspect
course_lib.lessons.suspects.truth: BASE_RATES, Circuit
course_lib.lessons.suspects.verdict: Verdict, verdict_of
course_lib.lessons.suspects: casefile, plots, reference, tables
course_lib.lessons.suspects: CANNOT_TELL, Outcome, Suspect, Truth, UsedUpError, VERDICTS
course_lib.sanity.knowable.affine: Affine
course_lib.sanity.knowable.convex: Convex
course_lib.sanity.knowable.monotone: Monotone
course_lib.sanity.knowable.black_box: AnyFunction
course_lib.sanity.audit.findings: Findings, largest_response
course_lib.sanity.audit.kinds: KINDS, has_circuit, has_silent_units
course_lib.sanity.audit: best_threshold, evidence_of
course_lib.sanity.knowable.catalogue: NAMES, find_class, typical_extremes
course_lib.sanity.knowable.extremes: Extremes, point, value_at
course_lib.sanity.knowable.networks: TrainedNetworks
course_lib.sanity.knowable.plots: band_figure, nested_bands, spread_figure, width_maps
course_lib.sanity.knowable.questions: example, points_between, row_of, spread, whole_table,
    witnessed
"""
OLD = {
    module: names.split(", ")
    for module, names in re.findall(r"(\S+): (.*)", re.sub(r"\n +", " ", OLD_LINES))
}
GONE = {
    "REAL_LAYERS", "as_answers", "beside_photographs", "draw_real", "estimate_of",
    "fool_real_network", "real_summary", "silence_real_network", "stored_pictures",
    "stored_real_paths", "stored_story",
}  # fmt: skip


@pytest.mark.parametrize("module", OLD)
def test_an_old_line_of_imports_works_or_says_what_is_gone(module):
    for name in OLD[module]:
        gone = name in GONE or f"{module}.{name}" == "course_lib.lessons.suspects.summary.row_of"
        refused = pytest.raises(
            ImportError, match=f"^{name} is gone since the second edition: open"
        )
        with refused if gone else nullcontext():
            exec(f"from {module} import {name}", {})


def test_an_old_path_gives_the_same_objects():
    for module, same in (("claims", claim), ("predictions", compare), ("exercises.attempt", Wrong)):
        old = import_module(f"course_lib.lessons.{module}")
        assert getattr(old, same.__name__) is same


def test_what_never_was_is_refused():
    for name in ("lessons.nothing", "lessons.bets.nothing", "sanity.knowable.nothing"):
        with pytest.raises(ModuleNotFoundError, match=f"course_lib.{name}"):
            import_module(f"course_lib.{name}")
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from course_lib.lessons.claims import nothing", {})


def test_they_are_kept_once():
    before = list(sys.meta_path)
    course_lib.lessons.keep_old_paths()
    assert sys.meta_path == before
