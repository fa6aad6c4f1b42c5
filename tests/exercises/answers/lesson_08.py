"""Lesson 08."""

from __future__ import annotations

import numpy as np
import torch


def area__right_in_loops(lying, without):
    points = 0
    for liar in lying:
        for other in without:
            if liar > other:
                points += 1
            elif liar == other:
                points += 0.5
    return points / (len(lying) * len(without))


def area__right_by_the_roc_curve(lying, without):
    thresholds = torch.cat([lying, without]).unique().flip(0)
    hits = [0.0] + [float((lying >= t).double().mean()) for t in thresholds]
    alarms = [0.0] + [float((without >= t).double().mean()) for t in thresholds]
    return np.trapezoid(hits, alarms) if hasattr(np, "trapezoid") else np.trapz(hits, alarms)


def area__right_by_signs(lying, without):
    return ((lying[:, None] - without).sign() + 1).double().mean() / 2


def area__right_by_ranks(lying, without):
    scores = torch.cat([lying.double(), without.double()])
    ranks = [(scores < s).sum() + ((scores == s).sum() + 1) / 2 for s in lying]
    n, m = len(lying), len(without)
    return (sum(ranks) - n * (n + 1) / 2) / (n * m)


def area__wrong_sorted_partners(lying, without):
    n = min(len(lying), len(without))
    higher = lying.sort().values[:n] > without.sort().values[:n]
    return float(higher.float().mean())


def area__wrong_one_tie_for_all(lying, without):
    """both the same in"""
    higher = (lying[:, None] > without).float().mean()
    any_tie = bool((lying[:, None] == without).any())
    return float(higher + 0.5 * any_tie / (len(lying) * len(without)))


def area__wrong_distinct_scores(lying, without):
    """each pair of equal scores"""
    lying, without = lying.unique(), without.unique()
    return float(((lying[:, None] - without).sign() + 1).mean() / 2)


def area__wrong_above_the_median(lying, without):
    """liars that score 6, 4, 9, 2, 8"""
    return float((lying > without.median()).float().mean())


def area__wrong_smooth(lying, without):
    return float(torch.sigmoid(lying[:, None] - without).mean())


def area__wrong_steep_sigmoid(lying, without):
    return float(torch.sigmoid(200 * (lying[:, None] - without)).mean())


def area__wrong_thresholds_in_steps(lying, without):
    low, high = float(min(lying.min(), without.min())), float(max(lying.max(), without.max()))
    steps = torch.linspace(high + 1e-3, low, 100)
    hits = torch.stack([(lying >= t).float().mean() for t in steps])
    alarms = torch.stack([(without >= t).float().mean() for t in steps])
    return float(torch.trapezoid(hits, alarms))


def area__wrong_same_number_of_each(lying, without):
    """higher in 14 of 20 pairs"""
    pairs = lying[:, None] - without
    return float(((pairs.sign() + 1) / 2).sum() / len(lying) ** 2)


def area__wrong_sorts_in_place(lying, without):
    """changes lying, which it was given"""
    lying[:] = lying.sort().values
    return float(((lying[:, None] - without).sign() + 1).mean() / 2)


def area__wrong_half_without_negatives(lying, without):
    """the same rule holds|by hand"""
    lying, without = lying.abs(), without.abs()
    return float(((lying[:, None] - without).sign() + 1).mean() / 2)


def area__wrong_mean_of_bools(lying, without):
    """make floats of it first"""
    return (lying[:, None] > without).mean()


def area__wrong_at_least_a_coin(lying, without):
    """worse than a coin"""
    share = float(((lying[:, None] - without).sign() + 1).mean() / 2)
    return abs(share - 0.5) + 0.5


def area__wrong_rounded(lying, without):
    return round(float(((lying[:, None] - without).sign() + 1).mean() / 2), 3)


def area__wrong_ranks_without_ties(lying, without):
    """your ties count"""
    n = len(without)
    ranks = torch.cat([without, lying]).argsort(stable=True).argsort(stable=True)[n:] + 1.0
    return float((ranks.sum() - len(lying) * (len(lying) + 1) / 2) / (n * len(lying)))
