"""Lesson 02."""

# ruff: noqa: B905, N806 - as learners type

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
