"""Lesson 02."""

from __future__ import annotations

import math

import numpy as np
import torch


def between_quantiles__right_argsort_twice(activations, low, high):
    places = activations.argsort().argsort() / (len(activations) - 1)
    return torch.where((places >= low) & (places <= high))[0]


def between_quantiles__right_counting(activations, low, high):
    found = []
    for i, a in enumerate(activations):
        below = sum(1 for b in activations if b < a)
        if low <= below / (len(activations) - 1) <= high:
            found.append(i)
    return torch.tensor(found)


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
    places = activations.argsort().argsort() / len(activations)
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_slice(activations, low, high):
    n = len(activations)
    return activations.argsort()[int(low * n) : int(high * n)]


def between_quantiles__wrong_half_open(activations, low, high):
    """the edges belong to it"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & ((places < high) | (places == 1) & (high == 1))).nonzero().flatten()


def between_quantiles__wrong_not_low_itself(activations, low, high):
    places = activations.argsort().argsort() / (len(activations) - 1)
    return (((places > low) | (places == 0) & (low == 0)) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_a_mask(activations, low, high):
    """a mask of True and False"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return (places >= low) & (places <= high)


def between_quantiles__wrong_a_mask_of_numbers(activations, low, high):
    """zeros and ones, a mask"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & (places <= high)).long()


def between_quantiles__wrong_responses(activations, low, high):
    """decimal numbers, where the numbers of the images are due"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return activations[(places >= low) & (places <= high)]


def between_quantiles__wrong_positions(activations, low, high):
    """as if the images had been sorted"""
    places = torch.linspace(0, 1, len(activations))
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_by_size(activations, low, high):
    places = activations.abs().argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_columns(activations, low, high):
    """should have 1 dimension"""
    places = activations.argsort().argsort() / (len(activations) - 1)
    return ((places >= low) & (places <= high)).nonzero()


def between_quantiles__wrong_found_by_value(activations, low, high):
    """3 images, 1 of them different"""
    ordered, n = activations.sort().values, len(activations) - 1
    wanted = ordered[math.ceil(low * n) : math.floor(high * n) + 1]
    return torch.tensor([activations.tolist().index(v) for v in wanted.tolist()])


def between_quantiles__wrong_no_low(activations, low, high):
    places = activations.argsort().argsort() / (len(activations) - 1)
    return (places <= high).nonzero().flatten()


def between_quantiles__wrong_in_thirty_eight(activations, low, high):
    places = activations.argsort().argsort() / 37
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_rounded_places(activations, low, high):
    places = (activations.argsort().argsort() / (len(activations) - 1)).round(decimals=1)
    return ((places >= low) & (places <= high)).nonzero().flatten()


def between_quantiles__wrong_sorts_in_place(activations, low, high):
    """changes activations, which it was given"""
    order = activations.argsort()
    activations[:] = activations[order]
    places = torch.linspace(0, 1, len(activations), dtype=torch.float64)
    return order[(places >= low) & (places <= high)]


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
    """images excite the unit more than your middle ones|shape|[Aa]ll|raised"""
    order = activations.argsort(descending=True)
    return torch.stack([order[:count], order[count : 2 * count], order[-count:]])


def most_middle_least__wrong_upwards(activations, count):
    """Your first row has the least exciting images: argsort"""
    order = activations.argsort()
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def most_middle_least__wrong_starts_in_the_middle(activations, count):
    """images excite the unit more than your middle ones|shape|raised"""
    order = activations.argsort(descending=True)
    half = min(len(order) // 2, len(order) - count)
    return torch.stack([order[:count], order[half : half + count], order[-count:]])


def most_middle_least__wrong_nearest_to_the_median(activations, count):
    order = activations.argsort(descending=True)
    middle = (activations - activations.median()).abs().argsort()[:count]
    return torch.stack([order[:count], middle, order[-count:]])


def most_middle_least__wrong_nearest_to_the_mean(activations, count):
    order = activations.argsort(descending=True)
    middle = (activations - activations.mean()).abs().argsort()[:count]
    return torch.stack([order[:count], middle, order[-count:]])


def most_middle_least__wrong_nearest_to_zero(activations, count):
    order = activations.argsort(descending=True)
    middle = activations.abs().argsort()[:count]
    return torch.stack([order[:count], middle, order[-count:]])


def most_middle_least__wrong_by_size(activations, count):
    order = activations.abs().argsort(descending=True)
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def most_middle_least__wrong_one_beside(activations, count):
    order = activations.argsort(descending=True)
    start = max((len(order) - count) // 2 - 1, 0)
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def most_middle_least__wrong_responses(activations, count):
    """decimal numbers, where the numbers of the images are due: return places"""
    order = activations.sort(descending=True).values
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]])


def most_middle_least__wrong_columns(activations, count):
    """where \\(3, 5\\) is due: a row for most, middle and least"""
    order = activations.argsort(descending=True)
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count:]], dim=1)


def most_middle_least__wrong_positions(activations, count):
    start = (len(activations) - count) // 2
    return torch.stack([torch.arange(i, i + count) for i in (0, start, len(activations) - count)])


def most_middle_least__wrong_five(activations, count):
    """where \\(3, 7\\) is due"""
    order = activations.argsort(descending=True)
    start = (len(order) - 5) // 2
    return torch.stack([order[:5], order[start : start + 5], order[-5:]])


def most_middle_least__wrong_found_by_value(activations, count):
    """names an image twice"""
    values, places = activations.sort(descending=True).values.tolist(), activations.tolist()
    start = (len(values) - count) // 2
    rows = values[:count], values[start : start + count], values[len(values) - count :]
    return torch.tensor([[places.index(v) for v in row] for row in rows])


def most_middle_least__wrong_without_the_last(activations, count):
    order = activations.argsort(descending=True)
    start = (len(order) - count) // 2
    return torch.stack([order[:count], order[start : start + count], order[-count - 1 : -1]])
