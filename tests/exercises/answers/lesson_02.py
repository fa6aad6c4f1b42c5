"""Lesson 02."""

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


def between_quantiles__wrong_found_by_value(activations, low, high):
    """several images can have the same"""
    ordered, n = activations.sort().values, len(activations) - 1
    wanted = ordered[math.ceil(low * n) : math.floor(high * n) + 1]
    return torch.tensor([activations.tolist().index(v) for v in wanted.tolist()])


between_quantiles__edits = r"""
you give the least exciting images
    stable=True  ->  descending=True
You name image .* 9 / 37 = 0\.2432, outside the band
    return activations.argsort()[int(low * len(activations)):int(high * len(activations))]
28 / 37 = 0\.7568, inside the band: the place is k / \(N - 1\)
    ] = places  ->  ] = places * (len(activations) - 1) / len(activations)
6 / 8 = 0\.75, inside the band: at least low, and at most high
    (place <= high)  ->  ((place < high) | (place == 1) & (high == 1))
zeros and ones, a mask
    nonzero().flatten()  ->  long()
as if the images had been sorted
    place[activations.argsort(stable=True)]  ->  place
you leave the sign out
    activations.argsort  ->  activations.abs().argsort
\.flatten\(\) makes one
    .flatten()  ->
low is left out
    return (place <= high).nonzero().flatten()
/ 19 = .*, inside the band: the place is k
    ] = places  ->  ] = places * (len(activations) - 1) / 37
12 / 19 = .*, inside the band: .* not rounded
    ] = places  ->  ] = places.round(decimals=1)
"""


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


def most_middle_least__wrong_found_by_value(activations, count):
    """names image 3 twice; 3 other images have its activation"""
    values, places = activations.sort(descending=True).values.tolist(), activations.tolist()
    start = (len(values) - count) // 2
    rows = values[:count], values[start : start + count], values[len(values) - count :]
    return torch.tensor([[places.index(v) for v in row] for row in rows])


most_middle_least__edits = r"""
5 above it and 31 below; 18 .* right behind the most exciting
    order[start:start + count]  ->  order[count:2 * count]
argsort begins with the smallest
    descending=True  ->
20 above it and 16 below; 18 and 18 are due .* begins in the middle
    (len(order) - count) // 2  ->  min(len(order) // 2, len(order) - count)
nearest to the median
    order[start:start + count]  ->  (activations - activations.median()).abs().argsort()[:count]
nearest to the mean
    order[start:start + count]  ->  (activations - activations.mean()).abs().argsort()[:count]
nearest to 0
    order[start:start + count]  ->  activations.abs().argsort()[:count]
lose the sign
    activations.argsort  ->  activations.abs().argsort
17 above it and 19 below; 18 .* it begins 1 place too early in the order
    (len(order) - count) // 2  ->  max((len(order) - count) // 2 - 1, 0)
nothing is sorted: images come in any order
    activations.argsort(descending=True)  ->  torch.arange(len(activations))
where \(3, 7\) is due
    start =  ->  count = 5; start =
a slice leaves out its end
    order[-count:]  ->  order[-count - 1:-1]
"""


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


def standard_error__wrong_gaps_filled_with_zero(hits, units):
    """a number that no bet was on is no unit"""
    asked = units.bincount().clamp(min=1) if units.min() >= 0 else torch.ones(1)
    shares = units.clamp(min=0).bincount(weights=hits.double()) / asked
    return float(shares.std() / len(shares) ** 0.5)


standard_error__edits = r"""
the mean of nothing \(units' numbers have gaps\)
    units.unique()  ->  range(int(units.max()) + 1)
you take the deviation within each unit
    mean()  ->  std()
    return float(shares.mean() / len(shares) ** 0.5)
is for M single bets
    share = hits.mean(); return float((share * (1 - share) / len(shares)) ** 0.5)
you take the number of right bets of a unit
    mean()  ->  sum()
by √6 each time
    len(shares)  ->  6
as if they were sorted by unit
    table = hits.view(len(shares), -1); return float(table.mean(1).std() / len(table) ** 0.5)
it is 1\.96 times what is due
    shares.std()  ->  1.96 * shares.std()
Your function returned a tuple, where the standard error is due
    return float(shares.mean()), float(shares.std() / len(shares) ** 0.5)
rounded to 0.01
    return round(float(shares.std() / len(shares) ** 0.5), 2)
quarter of the range
    shares.std()  ->  (shares.max() - shares.min()) / 4
"""


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


def calibration_error__wrong_median(confidences, hits):
    """that is the median"""
    own = torch.stack([hits[confidences == c].mean() for c in confidences])
    return float((own - confidences / 100).abs().median())


def calibration_error__wrong_a_number_for_each(confidences, hits):
    """numbers, of shape .*, where a mean distance, one, is due: is a sum"""
    levels = confidences.unique()
    return torch.stack([(hits[confidences == c].mean() - c / 100).abs() for c in levels])


calibration_error__edits = r"""
cancel in your result
    .abs()  ->
    return abs(total)
only where bets were too sure
    (hits[mask].mean() - level / 100).abs()  ->  (level / 100 - hits[mask].mean()).clamp(min=0)
you add the distances up
    mask.float().mean() * gap  ->  gap
you divide by 5 levels
    mask.float().mean() * gap  ->  gap / 5
a confidence that nobody gave
    confidences.unique()  ->  (50, 60, 75, 90, 99)
Brier's loss
    return float((hits - confidences / 100).square().mean())
by its right bets
    mask.float().mean()  ->  hits[mask].sum() / hits.sum().clamp(min=1)
leave out bets at 50 %
    mask.float().mean()  ->  (level > 50) * mask.float().mean()
rounded to 0.01
    return round(total, 2)
90 and 99 share a bin
    confidences.unique()  ->  (confidences // 10).unique()
    confidences == level  ->  confidences // 10 == level
    level / 100  ->  confidences[mask].mean() / 100
each distance counts as often
    confidences.unique()  ->  (confidences // 20).unique()
    confidences == level  ->  confidences // 20 == level
    level / 100  ->  confidences[mask].mean() / 100
changes confidences, which it was given
    total = 0.0  ->  total = 0.0; confidences /= 100
    level / 100  ->  level
"""


def points__right_logarithm(confidence, right):
    p = confidence / 100
    return 1 + math.log2(p) if right else 1 + math.log2(1 - p)


def points__right_spherical(confidence, right):
    p = np.array([1 - confidence / 100, confidence / 100])
    return (p[int(right)] / np.sqrt((p**2).sum()) - 0.5**0.5) / (1 - 0.5**0.5)


def points__right_in_torch(confidence, right):
    p = torch.tensor(confidence / 100, dtype=torch.float64)
    return 1 - (1 - p if right else p).square() * 4


def points__wrong_the_lessons_table(confidence, right):
    """68 % earns 0\\.75 and -1\\.25; each confidence should have points of its own"""
    right_ones, wrong_ones = (0, 0.36, 0.75, 0.96, 0.9996), (0, -0.44, -1.25, -2.24, -2.92)
    said = min(range(5), key=lambda i: abs((50, 60, 75, 90, 99)[i] - confidence))
    return (right_ones if right else wrong_ones)[said]


points__edits = r"""
75 % earns 0\.9 and -0\.5; exaggeration pays
    return {50: 0, 75: 0.9 if right else -0.5}.get(confidence, 1.0 if right else -3.0)
Whoever is right in 75 % of cases earns .* exaggeration pays
    return 1 - 2 * abs(right - confidence / 100)
Somebody who says 50 % and is right earns 0\.75
    4 *  ->
yours are rounded
    return round(1 - 4 * (right - confidence / 100) ** 2, 2)
understatement pays\. A wrong 75 % has to cost less
    return 1 - 8 * abs(right - confidence / 100) ** 3
99 % earns 0\.9996 and -1; exaggeration pays
    return max(1 - 4 * (right - confidence / 100) ** 2, -1.0)
exaggeration pays
    p = 2 * confidence / 100 - 1; return p / 0.98 if right else -(p**2) * 1.5
right and wrong are swapped
    right -  ->  (not right) -
90 % and wrong earns 0, and it should be below 0
    return 1 + math.log2(confidence / 100) if right else 0
`right` makes no difference
    return 4 * (confidence / 100 - 0.5) ** 2
51 % earns 0 and 0; each confidence should have points of its own
    return 0 if confidence < 60 else 1 - 4 * (right - confidence / 100) ** 2
"""


def standard_error__right_bincount(hits, units):
    counts, sums = units.bincount(), units.bincount(weights=hits)
    shares = sums[counts > 0] / counts[counts > 0]
    return (shares.var() / len(shares)).sqrt()
