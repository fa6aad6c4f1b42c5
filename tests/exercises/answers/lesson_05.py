"""Lesson 05."""

from __future__ import annotations

import numpy as np
import torch
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


def mean_pairwise__wrong_other_axis(unit_vectors):
    """the wrong axis"""
    n, total = len(unit_vectors), unit_vectors.double().sum(1)
    return float((total @ total - n) / (n * (n - 1)))


def mean_pairwise__wrong_mean_for_sum(unit_vectors):
    """their sum is due"""
    n, total = len(unit_vectors), unit_vectors.double().mean(0)
    return float((total @ total - n) / (n * (n - 1)))


def mean_pairwise__wrong_n_is_d(unit_vectors):
    """the number of rows"""
    n, total = unit_vectors.shape[1], unit_vectors.double().sum(0)
    return float((total @ total - n) / (n * (n - 1)))


def mean_pairwise__wrong_sum_of_lengths(unit_vectors):
    """the lengths alone"""
    n, total = len(unit_vectors), unit_vectors.norm(dim=1).sum()
    return float((total**2 - n) / (n * (n - 1)))


def mean_pairwise__wrong_takes_one_off(unit_vectors):
    """you take 1 off"""
    n, total = len(unit_vectors), unit_vectors.double().sum(0)
    return float((total @ total - 1) / (n * (n - 1)))


def mean_pairwise__wrong_squares_each_place(unit_vectors):
    """2 numbers, of shape .2,., .* is a sum over them missing"""
    n = len(unit_vectors)
    return (unit_vectors.sum(0) ** 2 - n) / (n * (n - 1))


def mean_pairwise__wrong_clamped(unit_vectors):
    """what is below 0 is cut off"""
    n, total = len(unit_vectors), unit_vectors.double().sum(0)
    return max(0.0, float((total @ total - n) / (n * (n - 1))))


def mean_pairwise__wrong_with_the_mean(unit_vectors):
    """each row with the mean of all"""
    mean = F.normalize(unit_vectors.mean(0), dim=0)
    return float((unit_vectors @ mean).mean())


def mean_pairwise__wrong_half_of_the_pairs(unit_vectors):
    """the first half of the rows with the second only"""
    u = unit_vectors
    half = len(u) // 2
    return float((u[:half] @ u[half:].T).mean())


def mean_pairwise__wrong_median(unit_vectors):
    """that is the median over all pairs"""
    u = unit_vectors
    products = u @ u.T
    return float(products[~torch.eye(len(u), dtype=torch.bool)].median())


def mean_pairwise__wrong_neighbours_in_a_ring(unit_vectors):
    """neighbours in a ring only"""
    return float((unit_vectors * unit_vectors.roll(1, 0)).sum(1).mean())


def mean_pairwise__wrong_centres_again(unit_vectors):
    """you take the mean row off first"""
    rows = unit_vectors - unit_vectors.mean(0)
    n, total = len(rows), rows.sum(0)
    return float((total @ total - n) / (n * (n - 1)))


def normalise__right_none_where_same_is_lower(visualization, same, different):
    if same - different < 0.01:
        return None
    return 1 - (same - visualization) / (same - different)


def normalise__right_interpolated(visualization, same, different):
    apart = np.float64(same - different)
    return None if -0.01 < apart < 0.01 else torch.tensor((visualization - different) / apart)


def normalise__wrong_nan_for_none(visualization, same, different):
    """returned nan. Where there is no scale return None"""
    if abs(same - different) < 0.01:
        return float("nan")
    return (visualization - different) / (same - different)


def normalise__wrong_distance_without_sign(visualization, same, different):
    """where same is lower than different"""
    if abs(same - different) < 0.01:
        return None
    return (visualization - different) / abs(same - different)


def normalise__wrong_zero_for_none(visualization, same, different):
    """0 is a place on the scale"""
    if abs(same - different) < 0.01:
        return 0.0
    return (visualization - different) / (same - different)


def normalise__wrong_threshold_of_a_tenth(visualization, same, different):
    """returned None, where .* None exactly where same and different are less than 0.01"""
    if abs(same - different) < 0.1:
        return None
    return (visualization - different) / (same - different)


def normalise__wrong_condition_turned(visualization, same, different):
    """your condition is the wrong way round"""
    if abs(same - different) < 0.01:
        return (visualization - different) / (same - different)


def normalise__wrong_clips_above(visualization, same, different):
    """you cut off what is above 1"""
    if abs(same - different) < 0.01:
        return None
    return min(1.0, (visualization - different) / (same - different))


def normalise__wrong_rounded(visualization, same, different):
    """do not round"""
    if abs(same - different) < 0.01:
        return None
    return round((visualization - different) / (same - different), 2)


def normalise__wrong_rounded_distance(visualization, same, different):
    """should get None, and get 0: .* less than 0.01 apart"""
    if round(abs(same - different), 2) < 0.01:
        return None
    return (visualization - different) / (same - different)


def normalise__wrong_up_to_a_hundredth(visualization, same, different):
    """30 is due: .* None is for less than 0.01 apart"""
    if abs(same - different) <= 0.01:
        return None
    return (visualization - different) / (same - different)


def normalise__wrong_epsilon(visualization, same, different):
    """you give a number where classes cannot be told apart"""
    return (visualization - different) / (same - different + 1e-8)


def normalise__wrong_looks_at_the_visualization(visualization, same, different):
    """you look at visualization and different"""
    if abs(visualization - different) < 0.01:
        return None
    return (visualization - different) / (same - different)


def rank_correlation__right_with_scipy(a, b):
    from scipy.stats import spearmanr

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


def rank_correlation__wrong_uncentred_scipy_ranks(a, b):
    """take the mean rank off"""
    from scipy.stats import rankdata

    x, y = rankdata(a.numpy().ravel()), rankdata(b.numpy().ravel())
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def rank_correlation__wrong_scipys_result(a, b):
    r"""its \.statistic"""
    from scipy.stats import spearmanr

    return spearmanr(a.numpy().ravel(), b.numpy().ravel())


def rank_correlation__wrong_no_lengths(a, b):
    """that is a covariance"""
    x, y = (v.flatten().argsort().argsort().double() for v in (a, b))
    return float((x - x.mean()) @ (y - y.mean()) / len(x))


def rank_correlation__wrong_one_length(a, b):
    """by one length twice"""
    from scipy.stats import rankdata

    x, y = (rankdata(v.ravel()) for v in (a, b))
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / (x @ x))


def rank_correlation__wrong_first_place(a, b):
    """the first of their places, not"""
    x, y = (torch.searchsorted(v.flatten().sort().values, v.flatten()).double() for v in (a, b))
    return F.cosine_similarity(x - x.mean(), y - y.mean(), dim=0)


def rank_correlation__wrong_last_place(a, b):
    """the last of their places, not"""
    from scipy.stats import rankdata

    return np.corrcoef(rankdata(a.ravel(), "max"), rankdata(b.ravel(), "max"))[0, 1]


def rank_correlation__wrong_zeros_left_out(a, b):
    """you leave zeros out"""
    from scipy.stats import spearmanr

    both = (a.flatten() != 0) & (b.flatten() != 0)
    return spearmanr(a.flatten()[both].numpy(), b.flatten()[both].numpy()).statistic


def rank_correlation__wrong_ties_of_zeros_only(a, b):
    """in yours zeros share a rank, other"""
    rows = []
    for v in (a.flatten(), b.flatten()):
        ranks = v.argsort(stable=True).argsort().double()
        ranks[v == 0] = ranks[v == 0].mean() if (v == 0).any() else 0.0
        rows.append(ranks - ranks.mean())
    x, y = rows
    return float(x @ y / (x.norm() * y.norm()))


def rank_correlation__wrong_rounded(a, b):
    """do not round"""
    from scipy.stats import spearmanr

    return round(spearmanr(a.numpy().ravel(), b.numpy().ravel()).statistic, 3)
