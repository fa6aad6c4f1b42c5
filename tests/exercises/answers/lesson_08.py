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


def updated__right_in_loops(beliefs, chances):
    after, total = dict(beliefs), 0
    for truth in after:
        after[truth] *= chances[truth]
        total += after[truth]
    for truth in after:
        after[truth] /= total
    return after


def updated__right_in_the_order_of_chances(beliefs, chances):
    total = sum(beliefs[truth] * chance for truth, chance in chances.items())
    return {truth: beliefs[truth] * chance / total for truth, chance in chances.items()}


def updated__right_in_logs(beliefs, chances):
    names = list(beliefs)
    logs = torch.tensor([beliefs[t] for t in names]).log()
    logs = logs + torch.tensor([chances[t] for t in names]).log()
    return dict(zip(names, logs.softmax(0), strict=True))


def updated__right_in_numpy(beliefs, chances):
    p = np.array([beliefs[t] for t in beliefs]) * np.array([chances[t] for t in beliefs])
    return dict(zip(beliefs, p / p.sum(), strict=True))


def updated__right_chances_first(beliefs, chances):
    c = {t: v / sum(chances.values()) for t, v in chances.items()}
    p = {t: beliefs[t] * c[t] for t in beliefs}
    return {t: v / sum(p.values()) for t, v in p.items()}


def updated__wrong_softmax(beliefs, chances):
    """lies 0.4875"""
    p = torch.tensor([beliefs[t] * chances[t] for t in beliefs]).softmax(0)
    return dict(zip(beliefs, p.tolist(), strict=True))


def updated__wrong_two_truths(beliefs, chances):
    """any names, .*KeyError"""
    lies = beliefs["lies"] * chances["lies"]
    honest = beliefs["honest"] * chances["honest"]
    return {"lies": lies / (lies + honest), "honest": honest / (lies + honest)}


def updated__wrong_always_the_same_two(beliefs, chances):
    """has the keys lies, honest, and should"""
    first, second = [b * c for b, c in zip(beliefs.values(), chances.values(), strict=True)][:2] + [
        0
    ] * (len(beliefs) < 2)
    return {"lies": first / (first + second), "honest": second / (first + second)}


def updated__wrong_rest_is_honest(beliefs, chances):
    """round nothing"""
    after = {t: beliefs[t] * chances[t] for t in beliefs}
    last = list(after)[-1]
    after[last] = 1 - sum(v for t, v in after.items() if t != last)
    return after


def updated__wrong_in_place(beliefs, chances):
    """changes beliefs, which it was given"""
    total = sum(beliefs[t] * chances[t] for t in beliefs)
    for t in beliefs:
        beliefs[t] *= chances[t] / total
    return beliefs


def updated__wrong_leaves_out_zeros(beliefs, chances):
    """has the keys silent units, both, and should"""
    p = {t: beliefs[t] * chances[t] for t in beliefs if beliefs[t] * chances[t] > 0}
    return {t: v / sum(p.values()) for t, v in p.items()}


def updated__wrong_never_divides_by_zero(beliefs, chances):
    """tiny ones too"""
    p = {t: beliefs[t] * chances[t] for t in beliefs}
    return {t: v / (sum(p.values()) + 1e-9) for t, v in p.items()}


def updated__wrong_never_quite_zero(beliefs, chances):
    p = {t: max(beliefs[t], 1e-3) * max(chances[t], 1e-3) for t in beliefs}
    return {t: v / sum(p.values()) for t, v in p.items()}


def updated__wrong_rounded(beliefs, chances):
    p = {t: beliefs[t] * chances[t] for t in beliefs}
    return {t: round(v / sum(p.values()), 4) for t, v in p.items()}


def updated__wrong_one_against_the_rest(beliefs, chances):
    """honest 0.9, which sums to|and it should be"""
    after = {}
    for t in beliefs:
        rest = 1 - chances[t]
        after[t] = beliefs[t] * chances[t] / (beliefs[t] * chances[t] + (1 - beliefs[t]) * rest)
    return after


def updated__wrong_both_by_place(beliefs, chances):
    """pair them by their name"""
    p = [b * c for b, c in zip(beliefs.values(), chances.values(), strict=True)]
    return {t: v / sum(p) for t, v in zip(beliefs, p, strict=True)}


def updated__wrong_a_list(beliefs, chances):
    """returned a list, where a dict from each truth"""
    p = [beliefs[t] * chances[t] for t in beliefs]
    return [v / sum(p) for v in p]


def updated__wrong_sum_of_a_used_generator(beliefs, chances):
    """sums to|division by zero"""
    total, after = 0, {}
    for t in beliefs:
        total += beliefs[t] * chances[t]
        after[t] = beliefs[t] * chances[t] / total
    return after
