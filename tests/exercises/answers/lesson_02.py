"""Lesson 02."""

from __future__ import annotations

import math

import numpy as np
import torch


def between_quantiles__right_argsort_twice(activations, low, high):
    places = activations.argsort().argsort() / (len(activations) - 1)
    return torch.where((places >= low) & (places <= high))[0]


def between_quantiles__right_by_torch_quantile(activations, low, high):
    least, most = torch.quantile(activations, low), torch.quantile(activations, high)
    return ((activations >= least) & (activations <= most)).nonzero().flatten()


def between_quantiles__right_slice(activations, low, high):
    n = len(activations) - 1
    return activations.argsort()[math.ceil(low * n) : math.floor(high * n) + 1]


def between_quantiles__right_in_numpy(activations, low, high):
    order = np.argsort(activations.numpy())
    place = np.linspace(0, 1, len(order))
    return order[(place >= low) & (place <= high)]


def between_quantiles__wrong_downwards(activations, low, high):
    """you give the least exciting images"""
    n = len(activations) - 1
    order = activations.argsort(descending=True)
    return order[math.ceil(low * n) : math.floor(high * n) + 1]


def between_quantiles__wrong_n(activations, low, high):
    """28 / 37 = 0\\.7568, inside the band: the place is k / \\(N - 1\\)"""
    places = activations.argsort().argsort() / len(activations)
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_slice(activations, low, high):
    """You name image .* 9 / 37 = 0\\.2432, outside the band"""
    n = len(activations)
    return activations.argsort()[int(low * n) : int(high * n)]


def between_quantiles__wrong_half_open(activations, low, high):
    """6 / 8 = 0\\.75, inside the band: at least low, and at most high"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & ((places < high) | (places == 1) & (high == 1))).nonzero().flatten()


def between_quantiles__wrong_a_mask_of_numbers(activations, low, high):
    """zeros and ones, a mask"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & (places <= high)).long()


def between_quantiles__wrong_positions(activations, low, high):
    """as if the images had been sorted"""
    places = torch.linspace(0, 1, len(activations))
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_by_size(activations, low, high):
    """you leave the sign out"""
    places = activations.abs().argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_columns(activations, low, high):
    """\\.flatten\\(\\) makes one"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & (places <= high)).nonzero()


def between_quantiles__wrong_found_by_value(activations, low, high):
    """several images can have the same"""
    ordered, n = activations.sort().values, len(activations) - 1
    wanted = ordered[math.ceil(low * n) : math.floor(high * n) + 1]
    return torch.tensor([activations.tolist().index(v) for v in wanted.tolist()])


def between_quantiles__wrong_no_low(activations, low, high):
    """low is left out"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return (places <= high).nonzero().flatten()


def between_quantiles__wrong_in_thirty_eight(activations, low, high):
    """/ 19 = .*, inside the band: the place is k"""
    places = activations.argsort().argsort() / 37
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_rounded_places(activations, low, high):
    """12 / 19 = .*, inside the band: .* not rounded"""
    places = (activations.argsort().argsort() / (len(activations) - 1)).round(decimals=1)
    return ((places >= low) & (places <= high)).nonzero().flatten()


def most_middle_least__right_sorted_upwards(activations, count):
    order = torch.sort(activations).indices
    a = (len(order) - count) // 2
    return torch.stack([order[-count:].flip(0), order[a : a + count], order[:count]])


def most_middle_least__right_topk(activations, count):
    rest, n = activations.argsort(), len(activations)
    start = math.ceil((n - count) / 2)
    rows = [activations.topk(count).indices, rest[start : start + count]]
    return torch.stack([*rows, activations.topk(count, largest=False).indices])


def most_middle_least__right_in_numpy(activations, count):
    order = np.argsort(-activations.numpy(), kind="stable")
    start = len(order) // 2 - count // 2 - (count % 2 and not len(order) % 2)
    return np.stack([order[:count], order[start : start + count], order[len(order) - count :]])


def most_middle_least__right_in_a_loop(activations, count):
    order = sorted(range(len(activations)), key=lambda i: -float(activations[i]))
    while len(order) > count + 1:
        order = order[1:-1]
    least = sorted(range(len(activations)), key=lambda i: float(activations[i]))
    return torch.tensor([least[::-1][:count], order[:count], least[:count]]).float()


def most_middle_least__wrong_next_best(activations, count):
    """5 above it and 31 below; 18 .* right behind the most exciting"""
    order = activations.argsort(descending=True)
    return torch.stack([order[:count], order[count : 2 * count], order[-count:]])


def most_middle_least__wrong_upwards(activations, count):
    """argsort begins with the smallest"""
    order = activations.argsort()
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def most_middle_least__wrong_starts_in_the_middle(activations, count):
    """20 above it and 16 below; 18 and 18 are due .* begins in the middle"""
    order = activations.argsort(descending=True)
    half = min(len(order) // 2, len(order) - count)
    return torch.stack([order[:count], order[half : half + count], order[-count:]])


def most_middle_least__wrong_nearest_to_the_median(activations, count):
    """nearest to the median"""
    order = activations.argsort(descending=True)
    middle = (activations - activations.median()).abs().argsort()[:count]
    return torch.stack([order[:count], middle, order[-count:]])


def most_middle_least__wrong_nearest_to_the_mean(activations, count):
    """nearest to the mean"""
    order = activations.argsort(descending=True)
    middle = (activations - activations.mean()).abs().argsort()[:count]
    return torch.stack([order[:count], middle, order[-count:]])


def most_middle_least__wrong_nearest_to_zero(activations, count):
    """nearest to 0"""
    order = activations.argsort(descending=True)
    middle = activations.abs().argsort()[:count]
    return torch.stack([order[:count], middle, order[-count:]])


def most_middle_least__wrong_by_size(activations, count):
    """lose the sign"""
    order = activations.abs().argsort(descending=True)
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def most_middle_least__wrong_one_beside(activations, count):
    """17 above it and 19 below; 18 .* it begins 1 place too early in the order"""
    order = activations.argsort(descending=True)
    start = max((len(order) - count) // 2 - 1, 0)
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def most_middle_least__wrong_positions(activations, count):
    """nothing is sorted: images come in any order"""
    start = (len(activations) - count) // 2
    return torch.stack([torch.arange(i, i + count) for i in (0, start, len(activations) - count)])


def most_middle_least__wrong_five(activations, count):
    """where \\(3, 7\\) is due"""
    order = activations.argsort(descending=True)
    start = (len(order) - 5) // 2
    return torch.stack([order[:5], order[start : start + 5], order[-5:]])


def most_middle_least__wrong_found_by_value(activations, count):
    """names image 3 twice; 3 other images have its activation"""
    values, places = activations.sort(descending=True).values.tolist(), activations.tolist()
    start = (len(values) - count) // 2
    rows = values[:count], values[start : start + count], values[len(values) - count :]
    return torch.tensor([[places.index(v) for v in row] for row in rows])


def most_middle_least__wrong_without_the_last(activations, count):
    """a slice leaves out its end"""
    order = activations.argsort(descending=True)
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count - 1 : -1]])


def standard_error__right_in_numpy(hits, units):
    h, u = hits.numpy(), units.numpy()
    shares = [h[u == unit].mean() for unit in set(u.tolist())]
    return np.std(shares, ddof=1) / np.sqrt(len(shares))


def standard_error__right_in_loops(hits, units):
    right, asked = {}, {}
    for hit, unit in zip(hits.tolist(), units.tolist(), strict=True):
        right[unit] = right.get(unit, 0) + hit
        asked[unit] = asked.get(unit, 0) + 1
    shares = [right[unit] / asked[unit] for unit in asked]
    mean = sum(shares) / len(shares)
    return math.sqrt(sum((s - mean) ** 2 for s in shares) / (len(shares) - 1) / len(shares))


def standard_error__right_sorted_into_rows(hits, units):
    table = hits[units.argsort()].view(len(units.unique()), -1)
    return table.mean(1).std(correction=1) / len(table) ** 0.5


def standard_error__wrong_range_of_units(hits, units):
    """the mean of nothing \\(units' numbers have gaps\\)"""
    shares = torch.stack([hits[units == u].mean() for u in range(int(units.max()) + 1)])
    return float(shares.std() / len(shares) ** 0.5)


def standard_error__wrong_within_units(hits, units):
    """you take the deviation within each unit"""
    inner = torch.stack([hits[units == u].std() for u in units.unique()])
    return float(inner.mean() / len(inner) ** 0.5)


def standard_error__wrong_binomial_of_units(hits, units):
    """is for M single bets"""
    share = hits.mean()
    return float((share * (1 - share) / len(units.unique())) ** 0.5)


def standard_error__wrong_sums(hits, units):
    """you take the number of right bets of a unit"""
    sums = torch.stack([hits[units == u].sum() for u in units.unique()])
    return float(sums.std() / len(sums) ** 0.5)


def standard_error__wrong_six_units(hits, units):
    """by √6 each time"""
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float(shares.std() / 6**0.5)


def standard_error__wrong_gaps_filled_with_zero(hits, units):
    """a number that no bet was on is no unit"""
    asked = units.bincount().clamp(min=1) if units.min() >= 0 else torch.ones(1)
    shares = units.clamp(min=0).bincount(weights=hits.double()) / asked
    return float(shares.std() / len(shares) ** 0.5)


def standard_error__wrong_in_the_order_given(hits, units):
    """as if they were sorted by unit"""
    table = hits.view(len(units.unique()), -1)
    return float(table.mean(1).std() / len(table) ** 0.5)


def standard_error__wrong_interval(hits, units):
    """it is 1\\.96 times what is due"""
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float(1.96 * shares.std() / len(shares) ** 0.5)


def standard_error__wrong_a_pair(hits, units):
    """Your function returned a tuple, where the standard error is due"""
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float(shares.mean()), float(shares.std() / len(shares) ** 0.5)


def standard_error__wrong_rounded(hits, units):
    """rounded to 0.01"""
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return round(float(shares.std() / len(shares) ** 0.5), 2)


def standard_error__wrong_spread_by_range(hits, units):
    """quarter of the range"""
    shares = torch.stack([hits[units == u].mean() for u in units.unique()])
    return float((shares.max() - shares.min()) / 4 / len(shares) ** 0.5)


def calibration_error__right_bet_for_bet(confidences, hits):
    own = torch.stack([hits[confidences == c].mean() for c in confidences])
    return (own - confidences / 100).abs().mean()


def calibration_error__right_five_levels(confidences, hits):
    total = 0
    for level in (50, 60, 75, 90, 99):
        right = [h for c, h in zip(confidences.tolist(), hits.tolist(), strict=True) if c == level]
        if right:
            total += len(right) * abs(sum(right) / len(right) - level / 100)
    return total / len(hits)


def calibration_error__right_in_numpy(confidences, hits):
    levels, which = np.unique(confidences.numpy(), return_inverse=True)
    counts = np.bincount(which)
    shares = np.bincount(which, weights=hits.numpy()) / counts
    return np.average(np.abs(shares - levels / 100), weights=counts)


def calibration_error__wrong_signed_weights(confidences, hits):
    """cancel in your result"""
    total = 0.0
    for level in confidences.unique():
        mask = confidences == level
        total += float(mask.float().mean() * (hits[mask].mean() - level / 100))
    return abs(total)


def calibration_error__wrong_too_sure_only(confidences, hits):
    """only where bets were too sure"""
    total = 0.0
    for level in confidences.unique():
        mask = confidences == level
        gap = (level / 100 - hits[mask].mean()).clamp(min=0)
        total += float(mask.float().mean() * gap)
    return total


def calibration_error__wrong_sum_of_gaps(confidences, hits):
    """you add the distances up"""
    levels = confidences.unique()
    return float(sum((hits[confidences == c].mean() - c / 100).abs() for c in levels))


def calibration_error__wrong_over_five(confidences, hits):
    """you divide by 5 levels"""
    levels = confidences.unique()
    return float(sum((hits[confidences == c].mean() - c / 100).abs() for c in levels) / 5)


def calibration_error__wrong_all_five_levels(confidences, hits):
    """a confidence that nobody gave"""
    total = 0.0
    for level in (50, 60, 75, 90, 99):
        mask = confidences == level
        total += float(mask.float().mean() * (hits[mask].mean() - level / 100).abs())
    return total


def calibration_error__wrong_brier(confidences, hits):
    """Brier's loss"""
    return float((hits - confidences / 100).square().mean())


def calibration_error__wrong_weighs_by_right_bets(confidences, hits):
    """by its right bets"""
    total = 0.0
    for level in confidences.unique():
        mask = confidences == level
        total += float(hits[mask].sum() / hits.sum().clamp(min=1)) * float(
            (hits[mask].mean() - level / 100).abs()
        )
    return total


def calibration_error__wrong_without_fifty(confidences, hits):
    """leave out bets at 50 %"""
    total = 0.0
    for level in confidences.unique():
        mask = confidences == level
        if level > 50:
            total += float(mask.float().mean() * (hits[mask].mean() - level / 100).abs())
    return total


def calibration_error__wrong_rounded(confidences, hits):
    """rounded to 0.01"""
    own = torch.stack([hits[confidences == c].mean() for c in confidences])
    return round(float((own - confidences / 100).abs().mean()), 2)


def calibration_error__wrong_median(confidences, hits):
    """that is the median"""
    own = torch.stack([hits[confidences == c].mean() for c in confidences])
    return float((own - confidences / 100).abs().median())


def calibration_error__wrong_a_number_for_each(confidences, hits):
    """numbers, of shape .*, where a mean distance, one, is due: is a sum"""
    levels = confidences.unique()
    return torch.stack([(hits[confidences == c].mean() - c / 100).abs() for c in levels])


def calibration_error__wrong_divides_in_place(confidences, hits):
    """changes confidences, which it was given"""
    confidences /= 100
    own = torch.stack([hits[confidences == c].mean() for c in confidences])
    return float((own - confidences).abs().mean())


def points__right_logarithm(confidence, right):
    p = confidence / 100
    return 1 + math.log2(p) if right else 1 + math.log2(1 - p)


def points__right_spherical(confidence, right):
    p = np.array([1 - confidence / 100, confidence / 100])
    return (p[int(right)] / np.sqrt((p**2).sum()) - 0.5**0.5) / (1 - 0.5**0.5)


def points__right_in_torch(confidence, right):
    p = torch.tensor(confidence / 100, dtype=torch.float64)
    return 1 - (1 - p if right else p).square() * 4


def points__wrong_distance(confidence, right):
    """Whoever is right in 75 % of cases earns .* exaggeration pays"""
    return 1 - 2 * abs(right - confidence / 100)


def points__wrong_not_shifted(confidence, right):
    """Somebody who says 50 % and is right earns 0\\.75"""
    return 1 - (right - confidence / 100) ** 2


def points__wrong_the_lessons_table(confidence, right):
    """68 % earns 0\\.75 and -1\\.25; each confidence should have points of its own"""
    table = {
        50: (0, 0),
        60: (0.36, -0.44),
        75: (0.75, -1.25),
        90: (0.96, -2.24),
        99: (0.9996, -2.92),
    }
    return table[min(table, key=lambda c: abs(c - confidence))][not right]


def points__wrong_rounded(confidence, right):
    """yours are rounded"""
    return round(1 - 4 * (right - confidence / 100) ** 2, 2)


def points__wrong_cubed(confidence, right):
    """understatement pays\\. A wrong 75 % has to cost less"""
    return 1 - 8 * abs(right - confidence / 100) ** 3


def points__wrong_capped_loss(confidence, right):
    """99 % earns 0\\.9996 and -1; exaggeration pays"""
    return max(1 - 4 * (right - confidence / 100) ** 2, -1.0)


def points__wrong_the_odds(confidence, right):
    """exaggeration pays"""
    p = confidence / 100
    return (2 * p - 1) / 0.98 if right else -((2 * p - 1) ** 2) * 1.5


def points__wrong_for_seventy_five_only(confidence, right):
    """75 % earns 0\\.9 and -0\\.5; exaggeration pays"""
    if right:
        return {50: 0, 75: 0.9}.get(confidence, 1.0)
    return {50: 0, 75: -0.5}.get(confidence, -3.0)


def points__wrong_the_other_way_round(confidence, right):
    """right and wrong are swapped"""
    return 1 - 4 * ((not right) - confidence / 100) ** 2


def points__wrong_logarithm_of_right_bets(confidence, right):
    """90 % and wrong earns 0, and it should be below 0"""
    return 1 + math.log2(confidence / 100) if right else 0


def points__wrong_expected_points(confidence, right):
    """`right` makes no difference"""
    return 4 * (confidence / 100 - 0.5) ** 2


def points__wrong_nothing_below_sixty(confidence, right):
    """51 % earns 0 and 0; each confidence should have points of its own"""
    return 0 if confidence < 60 else 1 - 4 * (right - confidence / 100) ** 2


def standard_error__right_bincount(hits, units):
    counts, sums = units.bincount(), units.bincount(weights=hits)
    shares = sums[counts > 0] / counts[counts > 0]
    return (shares.var() / len(shares)).sqrt()
