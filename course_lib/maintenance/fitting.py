"""The reference auditor of lesson 08, fitted on suspects whose truth is known."""

import math
import statistics
from collections.abc import Mapping, Sequence
from importlib.util import find_spec

import numpy as np

from course_lib.checks import whole_number
from course_lib.lessons.lesson_08.audit.auditor import Auditor, Head
from course_lib.lessons.lesson_08.known import LIES, KnownSuspect
from course_lib.lessons.lesson_08.verdict import brier

FEATURES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "black box": {
        "circuit": ("unrecognised", "jump", "path"),
        "silent": ("steepest", "steep", "loud"),
    },
    "white box": {
        "circuit": ("unrecognised", "jump", "path", "bypass", "gate"),
        "silent": ("steepest", "steep", "loud", "awake", "reach"),
    },
}
"""The evidence that each auditor uses: chosen on the design set alone, by `left_one_out`."""


def check_measuring(each: int, workers: int) -> None:
    """Nothing, or a ValueError: `each` or `workers` is too small to measure networks and fit
    auditors on them, or scikit-learn is not here."""
    if find_spec("sklearn") is None:
        raise ValueError(
            "The auditors are fitted with scikit-learn, which is not here: start the command with "
            "'uv run --group maintain', or install scikit-learn."
        )
    whole_number(each, "each", at_least=2)
    whole_number(workers, "workers", at_least=1)


def fit_head(
    evidence: Sequence[Mapping[str, float]], lies: Sequence[bool], features: Sequence[str]
) -> Head:
    """Logistic regression with a ridge: half the squared weights, beside the sum of the losses.

    The ridge keeps probabilities off 0 and 1 where the design set is told apart without an error.

    Args:
        evidence: of each network. lies: whether it tells the lie in question, not the same of all.
        features: which evidence to use, standardised.
    """
    from sklearn.linear_model import LogisticRegression  # only maintainers have it

    x = np.array([[row[name] for name in features] for row in evidence])
    centre, spread = x.mean(0), x.std(0, ddof=1)
    spread = np.where(spread > 1e-9, spread, 1.0)
    fitted = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-9, max_iter=1000)
    fitted.fit((x - centre) / spread, np.asarray(lies))
    share = sum(lies) / len(lies)
    middle, width, weights = (tuple(row.tolist()) for row in (centre, spread, fitted.coef_[0]))
    bias, prior = float(fitted.intercept_[0]), math.log(share / (1 - share))
    return Head(tuple(features), middle, width, weights, bias, prior)


def fitted(rows: Sequence[KnownSuspect], grade: str) -> Auditor:
    """An auditor of a grade, with its features, fitted on suspects."""
    evidence = [row.evidence[grade] for row in rows]
    heads = {
        lie: fit_head(evidence, [LIES[lie](row.kind) for row in rows], features)
        for lie, features in FEATURES[grade].items()
    }
    return Auditor(**heads)


def left_one_out(rows: Sequence[KnownSuspect], grade: str) -> float:
    """The mean Brier score in one set, each suspect judged by an auditor fitted on all others."""
    losses = []
    for row in rows:
        auditor = fitted([other for other in rows if other is not row], grade)
        losses.append(brier(auditor.probabilities(row.evidence[grade]), row.kind))
    return statistics.fmean(losses)
