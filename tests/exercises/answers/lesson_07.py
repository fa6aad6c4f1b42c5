"""Lesson 07."""

from __future__ import annotations

import numpy as np
import torch


def bend__right_in_numpy(values):
    v = values.numpy()
    return np.abs(v - np.linspace(v[0], v[-1], len(v))).max() / abs(v[-1] - v[0])


def bend__right_in_a_loop(values):
    first, last, most = float(values[0]), float(values[-1]), 0.0
    for i, value in enumerate(values.tolist()):
        most = max(most, abs(value - first - (last - first) * i / (len(values) - 1)))
    return torch.tensor(most / abs(last - first))


def bend__wrong_root_mean_square(values):
    """the largest distance"""
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).square().mean().sqrt() / (values[-1] - values[0]).abs())


def bend__wrong_inner_places_only(values):
    line = torch.linspace(float(values[0]), float(values[-1]), len(values) - 2)
    return float((values[1:-1] - line).abs().max() / (values[-1] - values[0]).abs())


def bend__wrong_middle_only(values):
    middle = (values[0] + values[-1]) / 2
    return float((values[len(values) // 2] - middle).abs() / (values[-1] - values[0]).abs())


def bend__wrong_sorted(values):
    values = values.sort().values
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


def bend__wrong_in_place(values):
    """changes values, which it was given"""
    rise = float(values[-1] - values[0])
    values -= torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float(values.abs().max()) / abs(rise)
