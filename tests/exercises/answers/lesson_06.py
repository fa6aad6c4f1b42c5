"""Lesson 06."""

from __future__ import annotations

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


def affine_range__wrong_first_and_last(x_min, x_max, x, f_min, f_max):
    """the smallest and the largest are the ends"""
    u = (x - x_min).abs()[(x_max - x_min).abs() == 1]
    values = f_min + (f_max - f_min) * torch.stack([u[0], u[-1]])
    return float(values.min()), float(values.max())


def affine_range__wrong_same_slopes_for_both_ends(x_min, x_max, x, f_min, f_max):
    """the smallest and the largest are the ends"""
    u = (x - x_min).abs()[(x_max - x_min).abs() == 1]
    middle = f_min + (f_max - f_min) * float(u.mean())
    half = (f_max - f_min) * float(u.max() - u.min()) / 2
    return middle - half, middle + half


def affine_range__wrong_swapped(x_min, x_max, x, f_min, f_max):
    """which is which"""
    u = (x - x_min).abs()[(x_max - x_min).abs() == 1]
    return f_min + (f_max - f_min) * float(u.max()), f_min + (f_max - f_min) * float(u.min())


def affine_range__wrong_from_x_max(x_min, x_max, x, f_min, f_max):
    """you measure from x_max"""
    u = (x - x_max).abs()[(x_max - x_min).abs() == 1]
    return f_min + (f_max - f_min) * float(u.min()), f_min + (f_max - f_min) * float(u.max())


def affine_range__wrong_starts_at_a_corner(x_min, x_max, x, f_min, f_max):
    """do not look where they end"""
    u = (x - x_min).abs()[(x_min == 0) | (x_min == 1)]
    return f_min + (f_max - f_min) * float(u.min()), f_min + (f_max - f_min) * float(u.max())


def affine_range__wrong_most_of_the_way(x_min, x_max, x, f_min, f_max):
    """however little is missing"""
    u = (x - x_min).abs()[(x_max - x_min).abs() > 0.9]
    return f_min + (f_max - f_min) * float(u.min()), f_min + (f_max - f_min) * float(u.max())


def affine_range__wrong_times_f_max(x_min, x_max, x, f_min, f_max):
    """you multiply by f_max"""
    u = (x - x_min).abs()[(x_max - x_min).abs() == 1]
    return f_min + f_max * float(u.min()), f_min + f_max * float(u.max())


def affine_range__wrong_rounded(x_min, x_max, x, f_min, f_max):
    """do not round"""
    u = (x - x_min).abs()[(x_max - x_min).abs() == 1]
    rise = f_max - f_min
    return round(f_min + rise * float(u.min()), 2), round(f_min + rise * float(u.max()), 2)


def affine_range__wrong_within_0_and_1(x_min, x_max, x, f_min, f_max):
    """cut off at 0 and at 1"""
    u = (x - x_min).abs()[(x_max - x_min).abs() == 1]
    ends = f_min + (f_max - f_min) * torch.stack([u.min(), u.max()])
    return tuple(ends.clamp(0, 1).tolist())


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


def convex_ceiling__wrong_nan_on_the_surface(x_min, x, f_min, f_max):
    """what does not change, 0 / 0, counts 0.*returned nan"""
    room = torch.where(x > x_min, 1 - x_min, x_min)
    return f_min + (f_max - f_min) * float(((x - x_min).abs() / room).max())


def convex_ceiling__wrong_leaves_out_the_surface(x_min, x, f_min, f_max):
    """0.25 / 1, the largest is 0.25.*however small the room"""
    inside = (x_min > 0) & (x_min < 1)
    room = torch.where(x > x_min, 1 - x_min, x_min)
    share = torch.where(inside, (x - x_min).abs() / room, torch.zeros_like(x))
    return f_min + (f_max - f_min) * float(share.max())


def convex_ceiling__wrong_room_kept_from_0(x_min, x, f_min, f_max):
    """however small the room"""
    room = torch.where(x > x_min, 1 - x_min, x_min).clamp(min=0.1)
    return f_min + (f_max - f_min) * float(((x - x_min).abs() / room).max())


def convex_ceiling__wrong_larger_room(x_min, x, f_min, f_max):
    """you take the larger of the two rooms"""
    room = torch.maximum(x_min, 1 - x_min)
    return f_min + (f_max - f_min) * float(((x - x_min).abs() / room).max())


def convex_ceiling__wrong_length(x_min, x, f_min, f_max):
    """lengths and sums do not"""
    return f_min + (f_max - f_min) * float((x - x_min).norm() / (1 - x_min).norm())


def convex_ceiling__wrong_falls(x_min, x, f_min, f_max):
    """you start at f_max"""
    room = torch.where(x > x_min, 1 - x_min, x_min)
    share = torch.where(x == x_min, torch.zeros_like(x), (x - x_min).abs() / room).max()
    return f_max - (f_max - f_min) * float(share)


def convex_ceiling__wrong_sum_of_shares(x_min, x, f_min, f_max):
    """you add the shares up"""
    room = torch.where(x > x_min, 1 - x_min, x_min)
    return f_min + (f_max - f_min) * min(1.0, float(((x - x_min).abs() / room).sum()))


def convex_ceiling__wrong_rounded(x_min, x, f_min, f_max):
    """do not round"""
    room = torch.where(x > x_min, 1 - x_min, x_min)
    share = torch.where(x == x_min, torch.zeros_like(x), (x - x_min).abs() / room).max()
    return round(f_min + (f_max - f_min) * float(share), 2)


def convex_ceiling__wrong_starts_at_0(x_min, x, f_min, f_max):
    """measure the step from x_min"""
    return f_min + (f_max - f_min) * float(torch.maximum(x, 1 - x).max())


def hat__right_of_two_slopes(t, centre, radius):
    return torch.minimum((t - centre) / radius + 1, (centre - t) / radius + 1).clamp_min(0)


def hat__right_in_numpy(t, centre, radius):
    return np.maximum(0, 1 - np.abs(t.numpy() - centre) / radius)


def hat__right_as_a_layer(t, centre, radius):
    hidden = F.relu(t[:, None] - torch.tensor([centre - radius, centre, centre + radius]).to(t))
    return hidden @ (torch.tensor([1.0, -2.0, 1.0]).to(t) / radius)


def hat__right_in_a_loop(t, centre, radius):
    return torch.tensor([max(0.0, 1 - abs(x - centre) / radius) for x in t.tolist()])


def hat__wrong_fixed_radius(t, centre, radius):
    """your kinks stay 0.2 from the centre"""
    s = t - centre
    up, turn, end = (s + 0.2).clamp_min(0), s.clamp_min(0), (s - 0.2).clamp_min(0)
    return (up - 2 * turn + end) / radius


def hat__wrong_divided_by_its_largest(t, centre, radius):
    """a hat divided by its largest value"""
    s = t - centre
    up, turn, end = (s + radius).clamp_min(0), s.clamp_min(0), (s - radius).clamp_min(0)
    hat = up - 2 * turn + end
    return hat / hat.max().clamp_min(1e-12)


def hat__wrong_a_box(t, centre, radius):
    """A box is flat"""
    return ((t - centre).abs() < radius).to(t.dtype)


def hat__wrong_a_bump(t, centre, radius):
    """you square the distance"""
    return (1 - ((t - centre) / radius) ** 2).clamp_min(0)


def hat__wrong_left_half(t, centre, radius):
    """right of the centre it comes down"""
    return ((t - centre + radius) / radius).clamp_min(0) * (t <= centre + radius / 2)


def hat__wrong_upside_down(t, centre, radius):
    """that is 1 minus what is due"""
    s = t - centre
    up, turn, end = (s + radius).clamp_min(0), s.clamp_min(0), (s - radius).clamp_min(0)
    return 1 - (up - 2 * turn + end) / radius


def hat__wrong_diameter(t, centre, radius):
    """0.5 times what is due"""
    s = t - centre
    up, turn, end = (s + radius).clamp_min(0), s.clamp_min(0), (s - radius).clamp_min(0)
    return (up - 2 * turn + end) / (2 * radius)


def hat__wrong_rounded(t, centre, radius):
    """do not round"""
    return torch.round((1 - (t - centre).abs() / radius).clamp_min(0), decimals=2)


def hat__wrong_in_place(t, centre, radius):
    """changes t, which it was given"""
    t -= centre
    return (1 - t.abs() / radius).clamp_min(0)


def hat__wrong_column(t, centre, radius):
    """shape"""
    kinks = torch.tensor([centre - radius, centre, centre + radius]).to(t)
    return (t[:, None] - kinks).clamp_min(0) * torch.tensor([1.0, -2.0, 1.0]).to(t) / radius


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


def lipschitz_range__wrong_clamps_one_way(to_min, to_max, slope, f_min, f_max):
    """to -0.6, but not below f_min"""
    low, high = torch.tensor([f_max - slope * to_max, f_min + slope * to_min]).clamp(max=f_max)
    return float(low), float(high)


def lipschitz_range__wrong_around_the_middle(to_min, to_max, slope, f_min, f_max):
    """fall from f_max = 1 .* climb from f_min = 0"""
    middle = (f_min + f_max) / 2
    return max(f_min, middle - slope * to_min), min(f_max, middle + slope * to_max)


def lipschitz_range__wrong_divides(to_min, to_max, slope, f_min, f_max):
    """you divide the distance by the slope"""
    return max(f_min, f_max - to_max / slope), min(f_max, f_min + to_min / slope)


def lipschitz_range__wrong_swapped(to_min, to_max, slope, f_min, f_max):
    """which is which"""
    return min(f_max, f_min + slope * to_min), max(f_min, f_max - slope * to_max)


def lipschitz_range__wrong_knows_0_and_1(to_min, to_max, slope, f_min, f_max):
    """you fall from 1 and climb from 0"""
    return max(0.0, 1 - slope * to_max), min(1.0, slope * to_min)


def lipschitz_range__wrong_from_0(to_min, to_max, slope, f_min, f_max):
    """climbs from 0 and not from f_min"""
    return max(f_min, f_max - slope * to_max), min(f_max, slope * to_min)


def lipschitz_range__wrong_rounded(to_min, to_max, slope, f_min, f_max):
    """do not round"""
    low, high = max(f_min, f_max - slope * to_max), min(f_max, f_min + slope * to_min)
    return round(low, 1), round(high, 1)


def lipschitz_range__wrong_shares(to_min, to_max, slope, f_min, f_max):
    """those are shares"""
    low, high = max(f_min, f_max - slope * to_max), min(f_max, f_min + slope * to_min)
    return (low - f_min) / (f_max - f_min), (high - f_min) / (f_max - f_min)


def lipschitz_range__wrong_nearer_end_decides(to_min, to_max, slope, f_min, f_max):
    """both always count"""
    if to_min < to_max:
        return f_min, min(f_max, f_min + slope * to_min)
    return max(f_min, f_max - slope * to_max), f_max


def three_answers__right_in_numpy(low, high, f_min, f_max, epsilon):
    ends = np.array([low, high])
    middle = (f_min + f_max) / 2
    return np.array(
        [
            np.ptp(ends) < 1e-9,
            np.ptp(ends) / 2 <= epsilon,
            all(ends >= middle) or all(ends <= middle),
        ]
    )


def three_answers__right_as_distances(low, high, f_min, f_max, epsilon):
    guess = (low + high) / 2
    near_min = [abs(v - f_min) <= abs(v - f_max) for v in (low, high)]
    near_max = [abs(v - f_min) >= abs(v - f_max) for v in (low, high)]
    within = max(high - guess, guess - low) <= epsilon
    return [abs(high - low) <= 1e-9, within, all(near_min) or all(near_max)]


def three_answers__right_as_tensors(low, high, f_min, f_max, epsilon):
    known = (high - f_max) + (low - f_min) * 0 <= 0 and not low < (f_min + f_max) / 2 < high
    return torch.tensor([high - low <= 1e-9, (high - low) <= 2 * epsilon, known])


def three_answers__wrong_order(low, high, f_min, f_max, epsilon):
    """you give within before exact"""
    width, middle = high - low, (f_min + f_max) / 2
    return width <= 2 * epsilon, width <= 1e-9, high <= middle or low >= middle


def three_answers__wrong_own_epsilon(low, high, f_min, f_max, epsilon):
    """within should be True.*the given epsilon"""
    width, middle = high - low, (f_min + f_max) / 2
    return width <= 1e-9, width <= 0.1, high <= middle or low >= middle


def three_answers__wrong_forgives_more(low, high, f_min, f_max, epsilon):
    """width is 1.5e-09, and up to 1e-9 counts as exact"""
    width, middle = high - low, (f_min + f_max) / 2
    return width <= 1e-6, width <= 2 * epsilon, high <= middle or low >= middle


def three_answers__wrong_both_ends_near(low, high, f_min, f_max, epsilon):
    """lies on both sides"""
    width = high - low
    return width <= 1e-9, width <= 2 * epsilon, abs(low - f_min) <= abs(high - f_max)


def three_answers__wrong_close_is_exact(low, high, f_min, f_max, epsilon):
    """width is 1.5e-09, and up to 1e-9 counts as exact"""
    middle = (f_min + f_max) / 2
    exact = bool(np.isclose(low, high))
    return exact, high - low <= 2 * epsilon, high <= middle or low >= middle


def three_answers__wrong_inclusive_everywhere(low, high, f_min, f_max, epsilon):
    """not even epsilon"""
    width, middle = high - low, (f_min + f_max) / 2
    return width <= 1e-9, width <= 2 * epsilon, high - epsilon <= middle or low + epsilon >= middle


def three_answers__wrong_value_in_the_middle_open(low, high, f_min, f_max, epsilon):
    """side should be True.*right in the middle"""
    width, middle = high - low, (f_min + f_max) / 2
    return width <= 1e-9, width <= 2 * epsilon, not low <= middle <= high


def three_answers__wrong_one_condition_short(low, high, f_min, f_max, epsilon):
    """f_max's side only"""
    width, middle = high - low, (f_min + f_max) / 2
    return width <= 1e-9, width <= 2 * epsilon, low >= middle


def three_answers__wrong_guess_at_the_low_end(low, high, f_min, f_max, epsilon):
    """within should be True.*twice as much"""
    middle, guess = (f_min + f_max) / 2, low
    return high - low <= 1e-9, abs(high - guess) <= epsilon, high <= middle or low >= middle


def three_answers__wrong_words(low, high, f_min, f_max, epsilon):
    """True or False is due"""
    yes = ("no", "yes")
    width, middle = high - low, (f_min + f_max) / 2
    return yes[width <= 1e-9], yes[width <= 2 * epsilon], yes[high <= middle or low >= middle]
