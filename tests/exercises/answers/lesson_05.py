"""Lesson 05."""

import numpy as np
import torch
from scipy.stats import spearmanr
from torch.nn import functional as F


def mean_pairwise__right_all_products(unit_vectors):
    products = unit_vectors @ unit_vectors.T
    return products[~torch.eye(len(products), dtype=torch.bool)].mean()


def mean_pairwise__right_triangle_in_numpy(unit_vectors):
    u = unit_vectors.numpy()
    return (u @ u.T)[np.triu_indices(len(u), 1)].mean()


def mean_pairwise__right_float32(unit_vectors):
    n, total = len(unit_vectors), unit_vectors.float().sum(0)
    return (total.square().sum() / n - 1).item() / (n - 1)


mean_pairwise__edits = r"""
the wrong axis
    sum(0)  ->  sum(1)
their sum is due
    sum(0)  ->  mean(0)
the number of rows
    len(unit_vectors)  ->  unit_vectors.shape[1]
the lengths alone
    unit_vectors.double().sum(0)  ->  unit_vectors.norm(dim=1).sum()[None]
you take 1 off
    total - n  ->  total - 1
3 numbers, of shape .3,., .* is a sum over them missing
    return (unit_vectors.sum(0) ** 2 - n) / (n * (n - 1))
what is below 0 is cut off
    return max(0.0, float((total @ total - n) / (n * (n - 1))))
each row with the mean of all
    mean = F.normalize(unit_vectors.mean(0), dim=0); return float((unit_vectors @ mean).mean())
the first half of the rows with the second only
    u, half = unit_vectors, n // 2; return float((u[:half] @ u[half:].T).mean())
that is the median over all pairs
    u = unit_vectors; return float((u @ u.T)[~torch.eye(n, dtype=torch.bool)].median())
neighbours in a ring only
    return float((unit_vectors * unit_vectors.roll(1, 0)).sum(1).mean())
you take the mean row off first
    total =  ->  unit_vectors = unit_vectors - unit_vectors.mean(0); total =
"""


def normalise__right_none_where_same_is_lower(visualization, same, different):
    if same - different < 0.01:
        return None
    return 1 - (same - visualization) / (same - different)


def normalise__right_interpolated(visualization, same, different):
    apart = np.float64(same - different)
    return None if -0.01 < apart < 0.01 else torch.tensor((visualization - different) / apart)


normalise__edits = r"""
.*
    abs(same - different) < 0.01  ->  abs(abs(same) - abs(different)) < 0.01
.*
    return (visualization - different) / (same - different) if visualization else 0.0
returned nan. Where there is no scale return None
    return None  ->  return float("nan")
where same is lower than different
    / (same - different)  ->  / abs(same - different)
0 is a place on the scale
    return None  ->  return 0.0
returned None, where .* None exactly where same and different are less than 0.01
    < 0.01  ->  < 0.1
your condition is the wrong way round
    < 0.01  ->  >= 0.01
you cut off what is above 1
    return min(1.0, (visualization - different) / (same - different))
do not round
    return round((visualization - different) / (same - different), 2)
should get None, and get 0: .* less than 0.01 apart
    abs(same - different)  ->  round(abs(same - different), 2)
30 is due: .* None is for less than 0.01 apart
    < 0.01  ->  <= 0.01
you give a number where classes cannot be told apart
    < 0.01  ->  < 0
    / (same - different)  ->  / (same - different + 1e-08)
you look at visualization and different
    abs(same  ->  abs(visualization
less than 0.01 apart
    abs(same - different)  ->  abs(round(same - different, 3))
"""


def rank_correlation__right_with_scipy(a, b):
    return spearmanr(a.numpy().ravel(), b.numpy().ravel()).statistic


def rank_correlation__right_sorted_in_a_loop(a, b):
    rows = []
    for values in (a.flatten().tolist(), b.flatten().tolist()):
        order = sorted(range(len(values)), key=values.__getitem__)
        ranks, i = [0.0] * len(values), 0
        while i < len(order):
            j = i
            while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
                j += 1
            for k in range(i, j + 1):
                ranks[order[k]] = (i + j) / 2
            i = j + 1
        rows.append(np.array(ranks))
    return np.corrcoef(rows)[0, 1]


def rank_correlation__right_searchsorted(a, b):
    ranks = []
    for v in (a.flatten(), b.flatten()):
        s = v.sort().values
        r = torch.searchsorted(s, v) + torch.searchsorted(s, v, right=True)
        ranks.append(r.float() - r.float().mean())
    return F.cosine_similarity(*ranks, dim=0)


def rank_correlation__wrong_whole_number_ranks(a, b):
    """make floats of it first"""
    x, y = a.flatten().argsort().argsort(), b.flatten().argsort().argsort()
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / (x.norm() * y.norm()))


def rank_correlation__wrong_each_channel_by_itself(a, b):
    """you rank each channel by itself"""
    found = []
    for x, y in zip(a, b, strict=True):
        x = x.flatten().argsort().argsort().float()
        y = y.flatten().argsort().argsort().float()
        x, y = x - x.mean(), y - y.mean()
        found.append(x @ y / (x.norm() * y.norm()))
    return torch.stack(found).mean()


def rank_correlation__wrong_ties_of_zeros_only(a, b):
    """in yours zeros share a rank, other"""
    rows = []
    for v in (a.flatten(), b.flatten()):
        ranks = v.argsort(stable=True).argsort().double()
        ranks[v == 0] = ranks[v == 0].mean() if (v == 0).any() else 0.0
        rows.append(ranks - ranks.mean())
    x, y = rows
    return float(x @ y / (x.norm() * y.norm()))


rank_correlation__edits = r"""
its \.statistic
    return spearmanr(a.numpy().ravel(), b.numpy().ravel())
you leave zeros out
    return spearmanr(*(v[(a != 0) & (b != 0)].numpy() for v in (a, b))).statistic
take the mean rank off
    ranks - ranks.mean()  ->  ranks + 1
that is a covariance
    return float(x @ y / len(x))
by one length twice
    return float(x @ y / (x @ x))
the first of their places, not
    - 1 - (counts - 1) / 2  ->  - counts
the last of their places, not
    - 1 - (counts - 1) / 2  ->  - 1
do not round
    return round(float(x @ y / (x.norm() * y.norm())), 3)
rank the whole row
    (a, b)  ->  (a.round(decimals=4), b.round(decimals=4))
"""


def mean_pairwise__right_by_corrcoef(unit_vectors):
    n, c = len(unit_vectors), torch.corrcoef(unit_vectors)
    return (c.sum() - n) / (n * (n - 1))
