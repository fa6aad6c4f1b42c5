"""Lesson 06."""

import numpy as np
import torch
from torch.nn import functional as F


def affine_range__right_in_a_loop(x_min, x_max, x, f_min, f_max):
    values = []
    for a, b, c in zip(x_min.tolist(), x_max.tolist(), x.tolist(), strict=True):
        if a == 0 and b == 1:
            values.append(f_min + (f_max - f_min) * c)
        elif a == 1 and b == 0:
            values.append(f_max - (f_max - f_min) * c)
    return [min(values), max(values)]


def affine_range__right_in_float32(x_min, x_max, x, f_min, f_max):
    share = ((x - x_min) / (x_max - x_min)).float()[torch.isclose((x_max - x_min).abs(), x * 0 + 1)]
    return torch.stack([share.min(), share.max()]) * (f_max - f_min) + f_min


def affine_range__right_in_numpy(x_min, x_max, x, f_min, f_max):
    a, b, c = x_min.numpy(), x_max.numpy(), x.numpy()
    u = np.where(b > a, c, 1 - c)[np.abs(a - b) == 1]
    return np.interp([u.min(), u.max()], [0, 1], [f_min, f_max])


affine_range__edits = r"""
x narrows it
    return f_min, f_max
the smallest and the largest are the ends
    m, h = u.mean(), (u.max() - u.min()) / 2; return f_min + rise * (m - h), f_min + rise * (m + h)
the smallest and the largest are the ends
    ends = f_min + rise * torch.stack([u[0], u[-1]]); return float(ends.min()), float(ends.max())
which is which
    return f_min + rise * float(u.max()), f_min + rise * float(u.min())
you measure from x_max
    x - x_min).abs()[  ->  x - x_max).abs()[
do not look where they end
    (x_max - x_min).abs() == 1  ->  (x_min == 0) | (x_min == 1)
however little is missing
    == 1  ->  > 0.9
you multiply by f_max
    f_max - f_min  ->  f_max
do not round
    return round(f_min + rise * float(u.min()), 2), round(f_min + rise * float(u.max()), 2)
cut off at 0 and at 1
    return tuple((f_min + rise * torch.stack([u.min(), u.max()])).clamp(0, 1).tolist())
however little is missing
    (x_max - x_min).abs() == 1  ->  (x_max - x_min).abs() > 0.999
"""


def convex_ceiling__right_in_a_loop(x_min, x, f_min, f_max):
    share = 0.0
    for a, b in zip(x_min.tolist(), x.tolist(), strict=True):
        if b > a:
            share = max(share, (b - a) / (1 - a))
        elif b < a:
            share = max(share, (a - b) / a)
    return (1 - share) * f_min + share * f_max


def convex_ceiling__right_along_the_ray(x_min, x, f_min, f_max):
    step = x - x_min
    moves = step != 0
    times = torch.maximum((1 - x_min) / step, -x_min / step)[moves]
    return f_min + (f_max - f_min) / times.min()


def convex_ceiling__right_where_it_moves(x_min, x, f_min, f_max):
    a, b = x_min[x_min != x].numpy(), x[x_min != x].numpy()
    return np.max(np.abs(b - a) / np.where(b > a, 1 - a, a)) * (f_max - f_min) + f_min


def convex_ceiling__right_with_a_clamp(x_min, x, f_min, f_max):
    room = torch.where(x > x_min, 1 - x_min, x_min).clamp(min=1e-9)
    return torch.lerp(x.new_tensor(f_min), x.new_tensor(f_max), ((x - x_min).abs() / room).max())


convex_ceiling__edits = r"""
.*
    step == 0  ->  step.abs() < 1e-6
.*
    step == 0  ->  torch.isclose(x, x_min)
what does not change, 0 / 0, counts 0.*returned nan
    torch.where(step == 0, 0.0, step.abs() / room)  ->  (step.abs() / room)
0.25 / 1, the largest is 0.25.*however small the room
    step == 0  ->  (x_min <= 0) | (x_min >= 1)
however small the room
    x_min, x_min)  ->  x_min, x_min).clamp(min=0.1)
you take the larger of the two rooms
    torch.where(step > 0, 1 - x_min, x_min)  ->  torch.maximum(x_min, 1 - x_min)
lengths and sums do not
    return f_min + (f_max - f_min) * float((x - x_min).norm() / (1 - x_min).norm())
you start at f_max
    return f_max - (f_max - f_min) * float(share)
you add the shares up
    .max()  ->  .sum().clamp(max=1)
do not round
    return round(f_min + (f_max - f_min) * float(share), 2)
measure the step from x_min
    return f_min + (f_max - f_min) * float(torch.maximum(x, 1 - x).max())
however small the room
    step.abs() / room  ->  step.abs() / room.clamp(min=0.01)
"""


def hat__right_of_two_slopes(t, centre, radius):
    return torch.minimum((t - centre) / radius + 1, (centre - t) / radius + 1).clamp_min(0)


def hat__right_in_numpy(t, centre, radius):
    return np.maximum(0, 1 - np.abs(t.numpy() - centre) / radius)


def hat__right_as_a_layer(t, centre, radius):
    hidden = F.relu(t[:, None] - torch.tensor([centre - radius, centre, centre + radius]).to(t))
    return hidden @ (torch.tensor([1.0, -2.0, 1.0]).to(t) / radius)


def hat__right_in_a_loop(t, centre, radius):
    return torch.tensor([max(0.0, 1 - abs(x - centre) / radius) for x in t.tolist()])


hat__edits = r"""
.*
    return (1 - (t.abs() - abs(centre)).abs() / radius).clamp_min(0)
shape
    kinks = torch.stack([up, turn, end], 1); return kinks * torch.tensor([1, -2, 1]).to(t) / radius
your kinks stay 0.2 from the centre
    s + radius  ->  s + 0.2
    s - radius  ->  s - 0.2
a hat divided by its largest value
    hat = up - 2 * turn + end; return hat / hat.max().clamp_min(1e-12)
A box is flat
    return (s.abs() < radius).to(t.dtype)
you square the distance
    return (1 - (s / radius) ** 2).clamp_min(0)
right of the centre it comes down
    return ((s + radius) / radius).clamp_min(0) * (s <= radius / 2)
that is 1 minus what is due
    return 1 - (up - 2 * turn + end) / radius
0.5 times what is due
    / radius  ->  / (2 * radius)
do not round
    return torch.round((1 - s.abs() / radius).clamp_min(0), decimals=2)
changes t, which it was given
    s = t - centre  ->  t -= centre; s = t
"""


def lipschitz_range__right_in_numpy(to_min, to_max, slope, f_min, f_max):
    return np.clip([f_max - slope * to_max, f_min + slope * to_min], f_min, f_max)


def lipschitz_range__right_with_ifs(to_min, to_max, slope, f_min, f_max):
    low, high = f_max - slope * to_max, f_min + slope * to_min
    if low < f_min:
        low = f_min
    if high > f_max:
        high = f_max
    return [torch.tensor(low), torch.tensor(high)]


def lipschitz_range__right_clamped(to_min, to_max, slope, f_min, f_max):
    return torch.tensor([f_max - slope * to_max, f_min + slope * to_min]).clamp(f_min, f_max)


lipschitz_range__edits = r"""
to -0.6, but not below f_min
    max(f_min, f_max - slope * to_max)  ->  min(f_max, f_max - slope * to_max)
fall from f_max = 1 .* climb from f_min = 0
    f_max - slope * to_max  ->  (f_min + f_max) / 2 - slope * to_min
    f_min + slope * to_min  ->  (f_min + f_max) / 2 + slope * to_max
you divide the distance by the slope
    slope * to_max  ->  to_max / slope
    slope * to_min  ->  to_min / slope
which is which
    return high, low
you fall from 1 and climb from 0
    f_min, f_max -  ->  0.0, 1 -
    f_max, f_min +  ->  1.0,
climbs from 0 and not from f_min
    f_min + slope  ->  slope
do not round
    return round(low, 1), round(high, 1)
those are shares
    return (low - f_min) / (f_max - f_min), (high - f_min) / (f_max - f_min)
both always count
    return (f_min, high) if to_min < to_max else (low, f_max)
"""


def three_answers__right_in_numpy(low, high, f_min, f_max, epsilon):
    ends = np.array([low, high])
    middle = (f_min + f_max) / 2
    side = all(ends >= middle) or all(ends <= middle)
    return np.array([np.ptp(ends) < 1e-9, np.ptp(ends) / 2 <= epsilon, side])


def three_answers__right_as_distances(low, high, f_min, f_max, epsilon):
    guess = (low + high) / 2
    near_min = [abs(v - f_min) <= abs(v - f_max) for v in (low, high)]
    near_max = [abs(v - f_min) >= abs(v - f_max) for v in (low, high)]
    within = max(high - guess, guess - low) <= epsilon
    return [abs(high - low) <= 1e-9, within, all(near_min) or all(near_max)]


def three_answers__right_as_tensors(low, high, f_min, f_max, epsilon):
    known = (high - f_max) + (low - f_min) * 0 <= 0 and not low < (f_min + f_max) / 2 < high
    return torch.tensor([high - low <= 1e-9, (high - low) <= 2 * epsilon, known])


three_answers__edits = r"""
you give within before exact
    return width <= 2 * epsilon, width <= 1e-09, side
within should be True.*the given epsilon
    2 * epsilon + 1e-09  ->  0.1
width is 1.5e-09, and up to 1e-9 counts as exact
    width <= 1e-09  ->  width <= 1e-06
lies on both sides
    return width <= 1e-09, width <= 2 * epsilon, abs(low - f_min) <= abs(high - f_max)
width is 1.5e-09, and up to 1e-9 counts as exact
    width <= 1e-09  ->  bool(np.isclose(low, high))
not even epsilon
    high <= middle + 1e-09 or low  ->  high - epsilon <= middle or low + epsilon
side should be True.*right in the middle
    return width <= 1e-09, width <= 2 * epsilon, not low <= middle <= high
f_max's side only
    return width <= 1e-09, width <= 2 * epsilon, low >= middle
within should be True.*twice as much
    width <= 2 * epsilon + 1e-09  ->  width <= epsilon
True or False is due
    return tuple(("no", "yes")[x] for x in (width <= 1e-09, width <= 2 * epsilon, side))
half the width is 0.054
    width <= 2 * epsilon + 1e-09  ->  round(width / 2, 2) <= epsilon
the width is 2e-08
    (width <= 1e-09,  ->  (bool(np.isclose(low, high, 1e-09, 1e-09)),
"""
