"""Lesson 00."""

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


def loudest__wrong_starts_from_zero(responses):
    """may lie below 0 and be the largest"""
    best, unit = 0.0, 0
    for i, response in enumerate(responses.tolist()):
        if response > best:
            best, unit = response, i
    return unit


loudest__edits = r"""
the middle of the order
    return responses.argsort()[len(responses) // 2]
In sorted responses the largest always stands last
    return responses.sort().values.argmax()
cut to whole numbers
    argmax  ->  int().argmax
3 in every case here
    return 3
2 things in a tuple.*Return the place alone
    return torch.max(responses, dim=0)
returned 8 numbers, of shape .8,., where the number of a unit, one, is due
    return (responses == responses.max()).long()
count backwards from the end
    return int(responses.argmax()) - len(responses)
changes responses, which it was given
    place = int(responses.argmax()); responses[:] = responses.sort().values; return place
may lie below 0
    return int((responses * (responses > 0)).argmax())
"""
