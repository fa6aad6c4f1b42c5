"""The logit that belongs to each folder of photographs, from the data."""

import torch
from torch import Tensor


def _selectivity(logits: Tensor, labels: Tensor, classes: int) -> Tensor:
    """(classes, K): how much larger each logit is for a class than for all other images.

    In standard deviations within those two groups (the sensitivity index d').
    """
    rows = []
    for label in range(classes):
        mine, others = logits[labels == label], logits[labels != label]
        spread = (mine.var(0, unbiased=False) + others.var(0, unbiased=False)) / 2
        deviation = (spread + 1e-6 * spread.mean() + 1e-12).sqrt()
        rows.append((mine.mean(0) - others.mean(0)) / deviation)
    return torch.stack(rows)


def units_of_classes(logits: Tensor, labels: Tensor, classes: int) -> tuple[int, ...]:
    """A logit of its own for every class, the selectivities adding up to the most.

    Args:
        logits: (N, K). labels: (N,), each class at least once and not alone.
    """
    from scipy.optimize import linear_sum_assignment  # seconds, which only these labs need

    score = _selectivity(logits.double(), labels, classes)
    rows, columns = linear_sum_assignment(score.numpy(), maximize=True)
    return tuple(int(columns[list(rows).index(label)]) for label in range(classes))
