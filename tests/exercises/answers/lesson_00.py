"""Lesson 00."""

from __future__ import annotations

import numpy as np
import torch


def loudest__right_in_a_loop(responses):
    best = 0
    for unit in range(len(responses)):
        if responses[unit] > responses[best]:
            best = unit
    return best


def loudest__right_in_numpy(responses):
    return np.argmax(responses.numpy())


def loudest__right_the_last_of_the_order(responses):
    return responses.argsort()[-1]


def loudest__right_max_with_its_place(responses):
    return torch.max(responses, dim=0).indices


def loudest__wrong_the_middle(responses):
    """the middle of the order"""
    return responses.argsort()[len(responses) // 2]


def loudest__wrong_starts_from_zero(responses):
    """may lie below 0 and be the largest"""
    best, unit = 0.0, 0
    for i, response in enumerate(responses.tolist()):
        if response > best:
            best, unit = response, i
    return unit


def loudest__wrong_the_place_of_a_sorted_one(responses):
    """In sorted responses the largest always stands last"""
    return responses.sort().values.argmax()


def loudest__wrong_whole_numbers(responses):
    """cut to whole numbers"""
    return int(responses.int().argmax())


def loudest__wrong_always_three(responses):
    """3 whatever your function is given"""
    return 3


def loudest__wrong_both(responses):
    """2 things in a tuple.*Return the place alone"""
    return torch.max(responses, dim=0)


def loudest__wrong_one_hot(responses):
    """returned 8 numbers, of shape .8,., where the number of a unit, one, is due"""
    return (responses == responses.max()).long()


def loudest__wrong_counts_from_the_end(responses):
    """count backwards from the end"""
    return int(responses.argmax()) - len(responses)


def loudest__wrong_sorts_what_it_was_given(responses):
    """changes responses, which it was given"""
    place = int(responses.argmax())
    responses[:] = responses.sort().values
    return place


def loudest__wrong_of_positive_ones_only(responses):
    """may lie below 0"""
    return int((responses * (responses > 0)).argmax())
